"""The close-ups task: what a small picture around a supposed mark shows, and its corners to the pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig
from torch import Tensor, nn

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.errors import DatasetError
from lipack_vision.labels.closeup import CLOSEUP_LABELS
from lipack_vision.labels.corners import corner_pixels
from lipack_vision.labels.finder import Closeups, Finder, load_network
from lipack_vision.nets.closeup import CloseupNet
from training import parts, shipping
from training.build import build_as
from training.data.closeups import Closeup, CloseupDraws, CloseupSettings, collate
from training.infer import torch_network
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.closeups_loss import CloseupsLoss
from training.tasks.marks import ship
from training.tasks.pixels import normalise

BATCH = 64
_NAMES = (*CLOSEUP_LABELS, "nothing", "")
"""Names of the labels; the last one is of `UNTOLD`, which is -1."""
_FACES = ("no face", "carton", "")


@dataclass(frozen=True, slots=True)
class CloseupsTask:
    """See `training.tasks.task.Task`. Its net becomes the second of a marks artifact.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact that its net is part of.
        loss: of one batch.
    """

    name: str
    artifact: str
    loss: CloseupsLoss

    def net(self, config: DictConfig, *, init: str) -> CloseupNet:
        """The net of ``config.model``."""
        net = build_as(CloseupNet, config.model.net, "model", "closeups")
        start(net, init, self.artifact, shipping.CLOSEUP_WEIGHTS)
        return net

    def draws(self, config: DictConfig) -> CloseupDraws:
        """Augmented pictures of the training part."""
        settings = build_as(CloseupSettings, config.augment, "augment", "closeups")
        return CloseupDraws(parts.source(config, "train"), config.model.train_size, config.seed, settings)

    def losses(self, net: nn.Module, batch: Any) -> dict[str, Tensor]:
        """Weighted parts of the loss."""
        return self.loss(net, batch)

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by its balanced accuracy on pictures of the validation part."""
        closeups = held_out(config, "validation")

        def evaluate(net: nn.Module) -> Evaluation:
            figures = measure(net, closeups, self.loss.mean, self.loss.std)
            return Evaluation(figures["balanced_accuracy"], figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Put the net beside the marks net of ``config.marks``; calibrate, measure and export both."""
        artifact = load_artifact(config.marks)
        size: int = config.model.input_size
        # Whatever close-up net is beside it: this one takes its place.
        finder = Finder(
            load_network(artifact), artifact.card.preprocessing, Closeups(torch_network(net), size)
        )
        own = {**training, "data": parts.described(config)}
        licences = {
            **artifact.card.licences,
            "close-up weights": shipping.weights_licence(training["started_from"]),
        }
        told = {k: v for k, v in artifact.card.training.items() if k != "calibrated_again"}
        return ship(
            config, finder, artifact, (net, size), training={**told, "closeups": own}, licences=licences
        )


def held_out(config: DictConfig, part: str) -> list[Closeup]:
    """Pictures of a part with nothing changed but where they were cut, the same in every run."""
    source = parts.source(config, part)
    settings = CloseupSettings(strength=0.0, fitted=0.35, cartons=0.25)
    draws = CloseupDraws(source, config.model.input_size, 0, settings)
    count = sum(len(dataset) for dataset in draws.source.parts)
    found = [c for number in range(count) for c in draws[number] if c.teaches]
    if not found:
        raise DatasetError(
            f"data.{part}",
            expected="at least one photo to choose the best weights by",
            found="none",
            cure="Give the part photos (data.split), or set trainer.evaluate_steps=null.",
        )
    return found


@torch.no_grad()
def measure(
    net: nn.Module,
    closeups: list[Closeup],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> dict[str, float]:
    """Shares told rightly, and the median distance of corners of marks and faces in sides of the picture."""
    device = next(net.parameters()).device
    net.eval()
    right: dict[str, list[bool]] = {}
    errors: dict[str, list[float]] = {"corner_error": [], "edge_error": []}
    for first in range(0, len(closeups), BATCH):
        batch = collate(closeups[first : first + BATCH])
        logits, heat = net(normalise(batch.images.to(device), mean, std))
        size, heat = batch.images.shape[-1], heat.cpu().numpy()
        for label, found in zip(batch.labels.tolist(), logits[:, :-1].argmax(1).tolist(), strict=True):
            right.setdefault(_NAMES[label], []).append(label == found)
        for carton, found in zip(batch.cartons.tolist(), (logits[:, -1] > 0).tolist(), strict=True):
            right.setdefault(_FACES[carton], []).append(bool(carton) == found)
        for name, maps, wanted in (
            ("corner_error", heat[:, :4], batch.corners),
            ("edge_error", heat[:, 4:], batch.edges),
        ):
            corners, _ = corner_pixels(maps, size)
            apart = np.linalg.norm(corners - wanted.numpy(), axis=-1).mean(1) / size
            errors[name] += apart[np.isfinite(apart)].tolist()
    right.pop("", None)
    figures = {f"right/{name}": float(np.mean(told)) for name, told in sorted(right.items())}
    figures["balanced_accuracy"] = float(np.mean(list(figures.values())))
    return figures | {name: float(np.median(e)) if e else float("nan") for name, e in errors.items()}
