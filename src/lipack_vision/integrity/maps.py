"""What the damage net tells of a square picture, in NumPy."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.types import DAMAGE_TYPES

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

STRIDE = 4
"""Pixels of a picture per cell of the net's maps."""
CHANNELS = (*DAMAGE_TYPES, "damaged", "core", "wrapped")
"""What the maps tell of each cell: its damage, whether there is any, whether it lies well inside a carton,
and whether film covers it."""
ANY, CORE, WRAPPED = (CHANNELS.index(name) for name in ("damaged", "core", "wrapped"))
CORE_DEPTH = 0.08
"""How far inside a carton its core begins, in square roots of its area."""
TOP = 0.005
"""Share of a carton's cells that decide whether it is damaged: the worst ones. As small as the least damage
that counts."""
LEAST_CORE = 12
"""Cells of a core from which it is one of a carton."""
SURE_CORE = 0.75
"""Mean score of a core from which it is one of a carton."""
SMALLEST = 0.1
"""Share of the largest core from which a further one is judged: what is far behind is not the package."""
_SAME_PLACE = 0.5
"""Share of a damaged place that lies on a more probable one, from which it is the same place."""
_LEAST_REGION = 4
"""Cells of a damaged place from which it is told."""


def sigmoid(logits: Floats) -> Floats:
    """Logits as scores 0..1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def cartons(core: Floats) -> list[Cells]:
    """Cells ``(h, w)`` of each carton, the largest first, from logits of their cores."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((core > 0).astype(np.uint8), connectivity=4)
    score = sigmoid(core)
    areas = {
        index: int(stats[index, cv2.CC_STAT_AREA])
        for index in range(1, count)
        if stats[index, cv2.CC_STAT_AREA] >= LEAST_CORE and score[labels == index].mean() >= SURE_CORE
    }
    least = SMALLEST * max(areas.values(), default=0)
    order = sorted((index for index in areas if areas[index] >= least), key=lambda index: -areas[index])
    return [grown(labels == index) & ((labels == 0) | (labels == index)) for index in order]


def grown(core: Cells) -> Cells:
    """A carton from its core: what `CORE_DEPTH` took away from a square is put on again."""
    reach = max(1, round(CORE_DEPTH / (1 - 2 * CORE_DEPTH) * math.sqrt(float(core.sum()))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(core.astype(np.uint8), kernel), bool)


def carton_logit(damaged: Floats, cells: Cells) -> float:
    """How damaged a carton looks: the mean of its worst cells."""
    told = np.sort(damaged[cells])[::-1]
    return float(told[: max(3, round(TOP * len(told)))].mean()) if len(told) else 0.0


def damaged_places(maps: Floats, cells: Cells) -> list[tuple[str, Cells, float]]:
    """Places of a carton with damage of one type each: the type, its cells, and their mean score."""
    found = []
    for index, name in enumerate(DAMAGE_TYPES):
        seen = (maps[index] > 0) & cells
        count, labels, stats, _ = cv2.connectedComponentsWithStats(seen.astype(np.uint8), connectivity=8)
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] >= _LEAST_REGION:
                own = labels == part
                found.append((name, own, float(sigmoid(maps[index][own]).mean())))
    return found


def single_places(places: list[tuple[str, Cells, float]]) -> list[tuple[str, Cells, float]]:
    """Damaged places (type, cells, probability), the most probable first, without those that mostly lie on
    more probable ones: a person is told one type for each place.
    """
    kept: list[tuple[str, Cells, float]] = []
    for one in sorted(places, key=lambda place: -place[2]):
        cells = one[1]
        if not any((cells & other).sum() > _SAME_PLACE * cells.sum() for _, other, _ in kept):
            kept.append(one)
    return kept


def outline(cells: Cells) -> Floats:
    """The outer outline ``(N, 2)`` of cells, in pixels of the picture."""
    # Four times finer, so that a place of a few cells has an area of its own.
    fine = cv2.resize(cells.astype(np.uint8), None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    largest = max(contours, key=cv2.contourArea)
    simple = cv2.approxPolyDP(largest, 1.5, True)
    points = simple if len(simple) >= 3 else largest
    return np.asarray(points.reshape(-1, 2), np.float32)
