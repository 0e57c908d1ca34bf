"""The integrity task: where on a carton damage is, and whether the carton has any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from omegaconf import DictConfig
from torch import Tensor, nn
from torchmetrics.functional.classification import binary_auroc, binary_average_precision

from lipack_vision.artifact import Artifact
from lipack_vision.errors import ConfigError
from lipack_vision.image import read_image
from lipack_vision.integrity.maps import ANY, CORE, TOP, WRAPPED
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.nets.damage import DamageNet
from lipack_vision.synth.damage.dataset import DamageFolder
from lipack_vision.types import DAMAGE_TYPES, ImageArray
from training.build import build, build_as
from training.damage.shipping import ship
from training.data.damage import (
    DamageBatch,
    DamageDraws,
    DamagePicture,
    DamageSettings,
    collate,
    own_picture,
)
from training.data.own_cartons import OwnCartons, WithOwn, check_both
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.pixels import normalise

BATCH = 32
_TYPES = len(DAMAGE_TYPES)
_USUAL = 150.0
"""Cells of one type on a picture that count as they are; fewer count more, more less."""


@dataclass(frozen=True, slots=True)
class IntegrityTask:
    """See `training.tasks.task.Task`.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact.
        mean: per channel, of pixel values 0..1.
        std: per channel.
        weight_carton: of the loss of whole cartons.
        validation: photos that the best weights are chosen by.
    """

    name: str
    artifact: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weight_carton: float = 1.0
    validation: int = 300

    def net(self, config: DictConfig, *, init: str) -> DamageNet:
        """The net of ``config.model``."""
        net = build_as(DamageNet, config.model.net, "model", "integrity")
        start(net, init, self.artifact)
        return net

    def draws(self, config: DictConfig) -> DamageDraws:
        """Squares around cartons of the training part."""
        settings = build_as(DamageSettings, config.augment, "augment", "integrity")
        source = _source(config, "train")
        if isinstance(source, OwnCartons):
            raise ConfigError(
                "data.train",
                expected="rendered photos, or own ones beside rendered ones",
                found="own photos alone",
                cure="Set data=folder; the maps of damage are learned from rendered photos.",
            )
        return DamageDraws(source, config.model.train_size, config.seed, settings)

    def losses(self, net: nn.Module, batch: DamageBatch) -> dict[str, Tensor]:
        """Of damage by cell, of which type it is, of cores, of film, and of whole cartons."""
        logits = net(normalise(batch.images, self.mean, self.std))
        on = (batch.owner > 0).float()[:, None]
        wanted = torch.cat([batch.damage, batch.damage.amax(1, keepdim=True)], 1)
        known = (~wanted.isnan()).float()
        wanted = wanted.nan_to_num(0.0)
        # Beside cartons there is no damage, but that matters less than telling it on them.
        weight = (0.25 + 0.75 * on) * known * _small_ones_more(wanted)
        each = F.binary_cross_entropy_with_logits(
            logits[:, : _TYPES + 1], wanted, weight.expand_as(wanted), reduction="none"
        )
        found = logits[:, : _TYPES + 1].sigmoid() * known
        some = wanted.sum((2, 3)) >= 1
        overlap = (2 * (found * wanted).sum((2, 3)) + 1) / ((found + wanted).sum((2, 3)) + 1)
        wrapped = batch.wrapped.nan_to_num(0.0)
        under = (~batch.wrapped.isnan()).float()
        film = F.binary_cross_entropy_with_logits(logits[:, WRAPPED], wrapped, under, reduction="mean")
        inside = F.binary_cross_entropy_with_logits(
            logits[:, CORE], batch.core.nan_to_num(0.0), (~batch.core.isnan()).float()
        )
        return {
            "cells": 3.0 * each.mean(),
            "overlap": 0.5 * (1 - overlap)[some].sum() / some.sum().clamp(min=1),
            "type": 0.3 * type_loss(logits[:, :_TYPES], wanted[:, :_TYPES]),
            "core": inside,
            "film": 0.3 * film,
            "carton": self.weight_carton * _carton_loss(logits[:, ANY], batch),
        }

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by how well it ranks damaged cartons above sound ones (AUROC)."""
        settings = DamageSettings(each=1, whole=0.0, close=(1.1, 1.3), shift=0.05, strength=0.0)
        pictures = held_out(_source(config, "validation"), config.model.train_size, settings, self.validation)

        def evaluate(net: nn.Module) -> Evaluation:
            figures = measure(net, pictures, self.mean, self.std)
            return Evaluation(figures["carton_auroc"], figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Calibrate, measure and export the net."""
        return ship(config, net, self, training)


def _source(config: DictConfig, part: str) -> DamageFolder | WithOwn | OwnCartons:
    made: DamageFolder | WithOwn | OwnCartons = build(config.data[part])
    return made


def held_out(
    source: DamageFolder | WithOwn | OwnCartons, size: int, settings: DamageSettings, most: int
) -> list[DamagePicture]:
    """Pictures that the best weights are chosen by: of own photos alone, where there are some."""
    if isinstance(source, OwnCartons):
        check_both(source, "validation")
        photos = zip(source.paths, source.damaged, strict=True)
        return [own_picture(_whole(read_image(path), size), damaged) for path, damaged in photos]
    draws = DamageDraws(source, size, 0, settings)
    return [p for number in range(min(most, len(draws.source))) for p in draws[number]]


def _whole(image: ImageArray, size: int) -> ImageArray:
    height, width = image.shape[:2]
    return cut(image, Frame((width - 1) / 2, (height - 1) / 2, float(max(width, height))), size)


def carton_logits(logits: Tensor, owner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of each carton the mean of its worst cells, its picture's index, and its number; all ``(M,)``.

    Args:
        logits: ``(N, h, w)`` of damage of any type.
        owner: ``(N, h, w)`` numbers of the cartons.
    """
    found, pictures, numbers = [], [], []
    for index in range(len(logits)):
        for number in torch.unique(owner[index]).tolist():
            if number == 0:
                continue
            cells = logits[index][owner[index] == number]
            worst = cells.topk(min(len(cells), max(3, round(TOP * len(cells))))).values
            found.append(worst.mean())
            pictures.append(index)
            numbers.append(number)
    if not found:
        return logits.new_zeros(0), torch.zeros(0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)
    return torch.stack(found), torch.tensor(pictures), torch.tensor(numbers)


def _carton_loss(logits: Tensor, batch: DamageBatch) -> Tensor:
    found, pictures, numbers = carton_logits(logits, batch.owner)
    wanted = batch.damaged[pictures, numbers]
    known = ~wanted.isnan()
    if not known.any():
        return logits.sum() * 0.0
    return F.binary_cross_entropy_with_logits(found[known], wanted[known])


def _small_ones_more(wanted: Tensor) -> Tensor:
    """Weights of cells: a rip of ten cells must count beside a wall of a thousand that is crushed.

    Args:
        wanted: ``(N, K, h, w)``, shares 0..1.
    """
    cells = wanted.sum((2, 3), keepdim=True).clamp(min=1)
    return 1 + wanted * ((_USUAL / cells).sqrt().clamp(0.5, 6.0) - 1)


def type_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Which of the types it is, where it is one alone; without it frequent ones are told for rare ones.

    Args:
        logits: ``(N, 6, h, w)``.
        wanted: the same, shares 0..1.
    """
    alone = (wanted > 0.5).sum(1) == 1
    if not alone.any():
        return logits.sum() * 0.0
    types = wanted.argmax(1)[alone]
    each = F.cross_entropy(logits.movedim(1, -1)[alone], types, reduction="none")
    # A crushed wall has more cells than all tears together, but counts as much.
    return torch.stack([each[types == one].mean() for one in torch.unique(types)]).mean()


@torch.no_grad()
def measure(
    net: nn.Module,
    pictures: list[DamagePicture],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> dict[str, float]:
    """How well cartons and cells with damage are ranked above those without, and cores are found."""
    device = next(net.parameters()).device
    net.eval()
    told, truth, cells, hurt, core = [], [], [], [], []
    for first in range(0, len(pictures), BATCH):
        batch = collate(pictures[first : first + BATCH]).to(device)
        logits = net(normalise(batch.images, mean, std))
        found, which, numbers = carton_logits(logits[:, ANY], batch.owner)
        wanted = batch.damaged[which, numbers]
        known = ~wanted.isnan()
        told += found[known].tolist()
        truth += wanted[known].tolist()
        on = (batch.owner > 0) & ~batch.damage.amax(1).isnan()
        # One cell of seven will do for a figure.
        cells.append(logits[:, ANY][on][::7].cpu())
        hurt.append((batch.damage.amax(1)[on][::7] > 0.5).cpu())
        right = ((logits[:, CORE] > 0) == (batch.core > 0.5)).float().mean()
        core.append(float(right))
    shown, answers = torch.cat(cells), torch.cat(hurt).long()
    # Of own photos nobody knows which cells are damaged.
    precision = float(binary_average_precision(shown, answers)) if answers.any() else float("nan")
    return {
        "carton_auroc": float(binary_auroc(torch.tensor(told), torch.tensor(truth).long())),
        "cell_precision": precision,
        "core": float(np.mean(core)),
        "cartons": float(len(truth)),
    }
