"""What scores and change maps are worth: rates of acceptance, ranking, overlap of regions."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

FALSE_RATE = 0.001
"""At which true acceptance is told."""
OVERLAP = 0.5
"""IoU from which a changed region counts as found."""


def accepted(same: npt.ArrayLike, other: npt.ArrayLike, false_rate: float = FALSE_RATE) -> float:
    """Share of scores of the same design above the threshold that this share of other designs passes."""
    ours, others = np.asarray(same, np.float64), np.asarray(other, np.float64)
    if not len(ours) or not len(others):
        return float("nan")
    return float((ours > np.quantile(others, 1 - false_rate)).mean())


def auroc(scores: npt.ArrayLike, right: npt.ArrayLike) -> float:
    """Area under the ROC curve; not a number where all answers are one."""
    truth = np.asarray(right, bool)
    if truth.all() or not truth.any():
        return float("nan")
    return float(roc_auc_score(truth, np.asarray(scores, np.float64)))


def cosines(vectors: Floats, designs: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Cosines of all pairs of one design, and of all pairs of two designs.

    Args:
        vectors: unit rows ``(N, D)``.
        designs: number of the design of each row ``(N,)``.
    """
    numbers = np.asarray(designs)
    first, second = np.triu_indices(len(numbers), 1)
    told = (vectors @ vectors.T)[first, second]
    same = numbers[first] == numbers[second]
    return told[same], told[~same]


def overlaps(found: Cells, changed: Cells) -> list[float]:
    """Of each changed region the IoU with the found regions that meet it.

    Args:
        found: ``(h, w)`` cells told changed.
        changed: ``(h, w)`` cells that are.
    """
    count, regions = cv2.connectedComponents(changed.astype(np.uint8), connectivity=8)
    _, blobs = cv2.connectedComponents(found.astype(np.uint8), connectivity=8)
    values = []
    for number in range(1, count):
        region = regions == number
        touching = np.unique(blobs[region & found])
        blob = np.isin(blobs, touching[touching > 0])
        # A blob over two regions is judged by both together.
        met = np.unique(regions[blob & changed])
        whole = region | np.isin(regions, met[met > 0])
        values.append(float((blob & whole).sum() / max(int((blob | whole).sum()), 1)))
    return values


def found_share(values: Sequence[float]) -> float:
    """Share of regions with an overlap of `OVERLAP`."""
    return float(np.mean(np.asarray(values) >= OVERLAP)) if len(values) else float("nan")
