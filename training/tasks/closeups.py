"""The close-ups tasks: what a picture around a supposed mark or face shows, and its corners to the pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.errors import DatasetError
from lipack_vision.labels.corners import corner_pixels
from lipack_vision.labels.finder import (
    CLOSEUP_FILE,
    FACES_FILE,
    Closeups,
    Finder,
    load_closeups,
    load_network,
)
from lipack_vision.nets.closeup import CloseupNet
from training import parts, shipping
from training.build import build_as
from training.data.closeups import UNTOLD, Closeup, CloseupDraws, CloseupSettings, collate
from training.data.faces import FaceDraws
from training.infer import torch_network
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.closeups_loss import CloseupsLoss
from training.tasks.marks import ship
from training.tasks.pixels import normalise

BATCH = 64


@dataclass(frozen=True, slots=True)
class CloseupsTask:
    """See `training.tasks.task.Task`. Its net becomes one of a marks artifact.

    Attributes:
        name: ``closeups``, of marks, or ``faces``, of cartons.
        artifact: name of the shipped artifact that its net is part of.
        loss: of one batch.
    """

    name: str
    artifact: str
    loss: CloseupsLoss

    @property
    def of_faces(self) -> bool:
        """Whether its net looks at faces of cartons."""
        return self.name == "faces"

    @property
    def _drawn(self) -> type[CloseupDraws]:
        return FaceDraws if self.of_faces else CloseupDraws

    def net(self, config: DictConfig, *, init: str) -> CloseupNet:
        """The net of ``config.model``."""
        net = build_as(CloseupNet, config.model.net, "model", self.name)
        file = shipping.FACES_WEIGHTS if self.of_faces else shipping.CLOSEUP_WEIGHTS
        start(net, init, self.artifact, file)
        return net

    def draws(self, config: DictConfig) -> CloseupDraws:
        """Augmented pictures of the training part."""
        settings = build_as(CloseupSettings, config.augment, "augment", self.name)
        return self._drawn(parts.source(config, "train"), config.model.train_size, config.seed, settings)

    def losses(self, net: nn.Module, batch: Any) -> dict[str, Tensor]:
        """Weighted parts of the loss."""
        return self.loss(net, batch)

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by its balanced accuracy on pictures of the validation part."""
        settings = CloseupSettings(strength=0.0, fitted=0.0 if self.of_faces else 0.35)
        draws = self._drawn(parts.source(config, "validation"), config.model.input_size, 0, settings)
        closeups = held_out(draws)

        def evaluate(net: nn.Module) -> Evaluation:
            figures = measure(net, closeups, draws.names, self.loss)
            return Evaluation(figures["balanced_accuracy"], figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Put the net beside the marks net of ``config.marks``; calibrate, measure and export all."""
        artifact = load_artifact(config.marks)
        size: int = config.model.input_size
        # Whatever net of its kind is beside it: this one takes its place.
        trained = Closeups(torch_network(net), size)
        closeups = load_closeups(artifact, CLOSEUP_FILE) if self.of_faces else trained
        faces = trained if self.of_faces else load_closeups(artifact, FACES_FILE)
        finder = Finder(load_network(artifact), artifact.card.preprocessing, closeups, faces)
        own = {**training, "data": parts.described(config)}
        licences = {
            **artifact.card.licences,
            "faces weights" if self.of_faces else "close-up weights": shipping.weights_licence(
                training["started_from"]
            ),
        }
        told = {k: v for k, v in artifact.card.training.items() if self.of_faces or k != "calibrated_again"}
        return ship(
            config,
            finder,
            artifact,
            artifact if self.of_faces else (net, size),
            (net, size) if self.of_faces else artifact,
            training={**told, self.name: own},
            licences=licences,
            kept=artifact.card if self.of_faces else None,
        )


def held_out(draws: CloseupDraws) -> list[Closeup]:
    """All that draws of the validation part tell, the same in every run."""
    count = sum(len(dataset) for dataset in draws.source.parts)
    found = [c for number in range(count) for c in draws[number] if c.label != UNTOLD]
    if not found:
        raise DatasetError(
            "data.validation",
            expected="at least one photo to choose the best weights by",
            found="none",
            cure="Give the part photos (data.split), or set trainer.evaluate_steps=null.",
        )
    return found


@torch.no_grad()
def measure(
    net: nn.Module,
    closeups: list[Closeup],
    names: tuple[str, ...],
    fed: CloseupsLoss,
) -> dict[str, float]:
    """Shares of ``names`` and of nothing told rightly; median distance of corners in sides of the picture."""
    device = next(net.parameters()).device
    net.eval()
    right: dict[int, list[bool]] = {}
    errors: list[float] = []
    for first in range(0, len(closeups), BATCH):
        batch = collate(closeups[first : first + BATCH])
        logits, heat = net(normalise(batch.images.to(device), fed.mean, fed.std))
        for label, found in zip(batch.labels.tolist(), logits.argmax(1).tolist(), strict=True):
            right.setdefault(label, []).append(label == found)
        corners, _ = corner_pixels(heat.cpu().numpy(), batch.images.shape[-1])
        apart = np.linalg.norm(corners - batch.corners.numpy(), axis=-1).mean(1) / batch.images.shape[-1]
        errors += apart[np.isfinite(apart)].tolist()
    named = (*names, "nothing")
    figures = {f"right/{named[label]}": float(np.mean(told)) for label, told in sorted(right.items())}
    figures["balanced_accuracy"] = float(np.mean(list(figures.values())))
    figures["corner_error"] = float(np.median(errors)) if errors else float("nan")
    return figures
