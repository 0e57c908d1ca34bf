"""How well damage is told on rendered photos: whole cartons, cells, and types."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torchmetrics.functional.classification import binary_auroc, binary_calibration_error

from lipack_vision.integrity import IntegrityDetector
from lipack_vision.integrity.detector import CLASS
from lipack_vision.integrity.maps import ANY, carton_logit, sigmoid
from lipack_vision.synth.damage.dataset import DamageFolder
from lipack_vision.types import DAMAGE_TYPES
from training.damage.evidence import found_cartons, gather
from training.data.own_cartons import OwnCartons

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]
MOST_FALSE = 0.3
"""Share of sound cells falsely told damaged up to which the overlap with regions is integrated (Bergmann et
al. 2021)."""
_LEVELS = 200
_LEAST_CELLS = 6
"""Cells of a true damaged place from which it is asked for."""


def measures(detector: IntegrityDetector, folder: DamageFolder | OwnCartons) -> dict[str, float]:
    """Figures of cartons that are found, and of those of them that can be judged: AUROC, balanced accuracy at
    the detector's threshold, calibration error; area under the curve of overlap per region (AU-PRO), share of
    places whose type is told.
    """
    if isinstance(folder, OwnCartons):
        evidence = gather(detector, folder)
        return whole_cartons(detector, evidence.logits, evidence.damaged)
    logits: list[float] = []
    damaged: list[bool] = []
    judged: list[bool] = []
    heat: list[Floats] = []
    hurt: list[Cells] = []
    typed: list[bool] = []
    for index in range(len(folder)):
        photo = folder[index]
        for seen, truth, number in found_cartons(detector, photo):
            own = truth.owner == number
            logits.append(carton_logit(seen.told[ANY], seen.cells))
            damaged.append(bool(truth.damaged[number]))
            judged.append(not detector.doubts(photo.image, seen))
            heat.append(np.where(own, seen.told[ANY], np.nan).astype(np.float32))
            hurt.append((truth.damage.max(axis=0) > 0.5) & own)
            typed += type_told(truth.damage * own, seen.told)
    every = whole_cartons(detector, logits, damaged)
    clear = whole_cartons(detector, list(compress(logits, judged)), list(compress(damaged, judged)))
    return (
        every
        | {f"judged_{name}": value for name, value in clear.items()}
        | {
            "au_pro": au_pro(heat, hurt),
            "type_accuracy": float(np.mean(typed)) if typed else float("nan"),
        }
    )


def whole_cartons(
    detector: IntegrityDetector, logits: Sequence[float], damaged: Sequence[bool]
) -> dict[str, float]:
    """Figures of cartons with these logits; NaN where a figure needs damaged or sound ones and has none."""
    fit = detector.artifact.card.calibration.get(CLASS)
    raw, truth = np.array(logits), np.array(damaged, bool)
    score = sigmoid(raw) if fit is None else np.array([fit.probability(logit) for logit in logits])
    answers = torch.from_numpy(truth).long()
    both = bool(truth.any() and (~truth).any())
    caught = float((score[truth] >= detector.threshold).mean()) if truth.any() else float("nan")
    passed = float((score[~truth] < detector.threshold).mean()) if (~truth).any() else float("nan")
    out = {
        "cartons": float(len(logits)),
        "auroc": float(binary_auroc(torch.from_numpy(raw), answers)) if both else float("nan"),
        "damaged_told": caught,
        "sound_told": passed,
        "balanced_accuracy": (caught + passed) / 2,
    }
    if fit is not None and len(truth):
        error = binary_calibration_error(torch.from_numpy(score), answers, n_bins=10, norm="l1")
        out["calibration_error"] = float(error)
    return out


def type_told(damage: Floats, told: Floats) -> list[bool]:
    """Of each true place with damage of one type alone, whether that type's map is the highest there."""
    several = (damage > 0.5).sum(axis=0) > 1
    out = []
    for index in range(len(DAMAGE_TYPES)):
        for cells in places((damage[index] > 0.5) & ~several):
            means = told[: len(DAMAGE_TYPES)][:, cells].mean(axis=1)
            out.append(int(means.argmax()) == index)
    return out


def places(cells: Cells) -> list[Cells]:
    """The connected places of `_LEAST_CELLS` cells and more."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    wide = [part for part in range(1, count) if stats[part, cv2.CC_STAT_AREA] >= _LEAST_CELLS]
    return [labels == part for part in wide]


def au_pro(heat: Sequence[Floats], hurt: Sequence[Cells], most_false: float = MOST_FALSE) -> float:
    """Area under the curve of per-region overlap over false cells, up to ``most_false``, scaled to 0..1.

    Args:
        heat: of each picture how damaged each cell looks, any scale; NaN where nobody asks.
        hurt: of each picture which cells are damaged.
    """
    asked = [~np.isnan(one) for one in heat]
    sound = np.sort(np.concatenate([h[a & ~d] for h, a, d in zip(heat, asked, hurt, strict=True)]))
    regions = [np.sort(h[part]) for h, d in zip(heat, hurt, strict=True) for part in places(d)]
    if not len(sound) or not regions:
        return float("nan")
    false = np.linspace(0, most_false, _LEVELS)
    levels = np.quantile(sound, 1 - false)
    overlap = np.array(
        [np.mean([1 - np.searchsorted(r, level) / len(r) for r in regions]) for level in levels]
    )
    return float(np.trapezoid(overlap, false) / most_false)
