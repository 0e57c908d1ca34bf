"""The matching task: which cartons are of one design, and where one face differs from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from omegaconf import DictConfig
from pytorch_metric_learning.losses import NTXentLoss
from torch import Tensor, nn

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.matching.compared import changed_logit
from lipack_vision.nets.siamese import SiameseNet
from lipack_vision.synth.designs.dataset import DesignFolder
from training.build import build, build_as
from training.data.designs import DesignBatch, DesignDrawing, DesignDraws, design_squares, whole_pair
from training.loop import Evaluate, Evaluation
from training.matching.figures import Floats, accepted, auroc, cosines, found_share, overlaps
from training.matching.shipping import ship
from training.pretrained import load_path, start
from training.shipping import FINDER_WEIGHTS
from training.tasks.pixels import normalise

BATCH = 16
_TOP = 0.002
"""Share of the cells of a cut, the most changed ones, that its verdict is learned from."""
_LEAST_CHANGED = 1.0
"""Changed cells from which a cut shows a change; of less nobody can tell."""


_LIKENESS = NTXentLoss(temperature=0.1)
"""Of vectors of one design, beside others: only among the pictures of one step. A memory of earlier vectors
(CrossBatchMemory) fell while nothing was learned: the net moved all vectors of a step away from those before
it, alike or not."""


@dataclass(frozen=True, slots=True)
class MatchingTask:
    """See `training.tasks.task.Task`.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact.
        mean: per channel, of pixel values 0..1.
        std: per channel.
        weight_identity: of the loss of vectors.
        weight_overlap: of the loss of changed regions' overlap.
        weight_verdict: of the loss of whole cuts.
        validation: designs that the best weights are chosen by.
        discriminant: designs whose photos the last layer of vectors is fitted to after training; 0: none.
        hidden: score of a cell from which it counts as hidden, for the card.
        path: with ``init=imagenet`` the artifact whose finder of text lends the way to the finest map: what
            differs between two faces is mostly print. None: as `init` leaves it.
    """

    name: str
    artifact: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weight_identity: float = 0.5
    weight_overlap: float = 0.5
    weight_verdict: float = 0.2
    validation: int = 60
    discriminant: int = 2200
    hidden: float = 0.5
    path: str | None = None

    def net(self, config: DictConfig, *, init: str) -> SiameseNet:
        """The net of ``config.model``."""
        net = build_as(SiameseNet, config.model.net, "model", "matching")
        start(net, init, self.artifact)
        if init == "imagenet" and self.path is not None:
            load_path(net, load_artifact(self.path), FINDER_WEIGHTS)
        return net

    def draws(self, config: DictConfig) -> DesignDraws:
        """Designs of the training part."""
        settings = build_as(DesignDrawing, config.augment, "augment", "matching")
        return DesignDraws(build(config.data.train), config.model.train_size, config.seed, settings)

    def losses(self, net: nn.Module, batch: DesignBatch) -> dict[str, Tensor]:
        """Of vectors, of changed and hidden cells, of the overlap with changed regions, and of whole cuts."""
        vectors, maps = net(normalise(batch.images, self.mean, self.std), len(batch.compared))
        vectors, logits, hidden = vectors.float(), maps[:, 0].float(), maps[:, 1].float()
        # What is hidden is not compared later, so whatever is told of change there does no harm, as long as
        # it is also told to be hidden: a higher score of `hidden` gives up some of that.
        wanted, known = batch.changed, batch.compared * (1 - batch.hidden)
        each = F.binary_cross_entropy_with_logits(logits, wanted, known, reduction="none")
        seen = F.binary_cross_entropy_with_logits(hidden, batch.hidden, batch.compared, reduction="none")
        told = logits.sigmoid() * known
        some = wanted.sum((1, 2)) >= _LEAST_CHANGED
        overlap = (2 * (told * wanted).sum((1, 2)) + 1) / ((told + wanted).sum((1, 2)) + 1)
        return {
            "identity": self.weight_identity * _LIKENESS(vectors, batch.designs),
            "cells": 5.0 * each.sum() / known.sum().clamp(min=1),
            "hidden": 2.0 * seen.sum() / batch.compared.sum().clamp(min=1),
            "overlap": self.weight_overlap * (1 - overlap)[some].sum() / some.sum().clamp(min=1),
            "verdict": self.weight_verdict * _verdicts(logits, wanted, known),
        }

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by its acceptance of the same designs, its ranking of faces, and regions found."""
        source: DesignFolder = build(config.data.validation)

        def evaluate(net: nn.Module) -> Evaluation:
            figures = measure(net, source, self, config.model.train_size, self.validation)
            score = (figures["accepted"] + figures["changed_auroc"] + figures["regions"]) / 3
            return Evaluation(score, figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Calibrate, measure and export the net."""
        return ship(config, net, self, training)


def _verdicts(logits: Tensor, wanted: Tensor, known: Tensor) -> Tensor:
    """Whether the most changed cells of each cut ``(P, h, w)`` tell rightly that anything is changed."""
    count = max(3, round(_TOP * logits[0].numel()))
    hidden = logits.masked_fill(known < 0.5, -20.0).flatten(1)
    worst = hidden.topk(count).values.mean(1)
    cells = wanted.sum((1, 2))
    clear = ((cells >= _LEAST_CHANGED) | (cells == 0)) & (known.sum((1, 2)) > count)
    right = F.binary_cross_entropy_with_logits(worst, (cells > 0).float(), clear.float(), reduction="sum")
    return right / clear.sum().clamp(min=1)


@torch.no_grad()
def measure(
    net: nn.Module, source: DesignFolder, task: MatchingTask, size: int, most: int
) -> dict[str, float]:
    """How well a net tells designs apart, and finds what is changed and hidden; one pair of each design."""
    net.eval()
    count = min(most, len(source))
    told_apart = list(design_squares(source, count, size))
    squares, numbers = [square for square, _ in told_apart], [number for _, number in told_apart]
    vectors = np.concatenate(
        [_looked_at(net, squares[i : i + BATCH], task)[0] for i in range(0, len(squares), BATCH)]
    )
    same, other = cosines(vectors, numbers)
    told, truth, found, hidden = [], [], [], []
    for index in range(count):
        pair = whole_pair(source.pair(index, index % len(source.designs[index].edits)))
        pictures = [p.transpose(1, 2, 0) for p in (pair.reference, pair.photo)]
        logits, lost = change_logits(net, pictures, task)
        hidden.append(np.stack([lost[pair.compared > 0], pair.hidden[pair.compared > 0]]))
        cells = (pair.compared > 0) & (lost <= 0)
        told.append(changed_logit(logits[cells]))
        truth.append(pair.changed.sum() >= _LEAST_CHANGED)
        if truth[-1]:
            found += overlaps((logits > 0) & cells, pair.changed > 0.5)
    return {
        "accepted": accepted(same, other),
        "identity_auroc": auroc(np.concatenate([same, other]), np.arange(len(same) + len(other)) < len(same)),
        "changed_auroc": auroc(told, truth),
        "regions": found_share(found),
        "hidden_auroc": auroc(*np.concatenate(hidden, axis=1)),
    }


def _looked_at(net: nn.Module, pictures: list[Any], task: MatchingTask) -> tuple[Floats, Tensor]:
    device = next(net.parameters()).device
    images = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy()).to(device)
    vectors, features = net(normalise(images, task.mean, task.std))
    return np.asarray(vectors.float().cpu().numpy(), np.float32), features


def change_logits(net: nn.Module, pictures: list[Any], task: MatchingTask) -> Floats:
    """Logits ``(2, h, w)`` of what is changed and hidden of a reference and a photo, ``uint8 (H, W, 3)``."""
    _, features = _looked_at(net, pictures, task)
    comparison: Any = net.comparison
    return np.asarray(comparison(features[:1], features[1:])[0].float().cpu().numpy(), np.float32)
