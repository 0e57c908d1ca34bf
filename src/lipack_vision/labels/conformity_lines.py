"""The lower half of models 9 and 9A: inner line and symbol."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.labels.conformity_view import F32, HALF, REACH, SCALE, axis_mm

_PAD = 8
"""mm around the square that is turned out of the diamond."""
_PALE = 0.28
"""Drawings in outline blur to so little ink."""
_LINE_FROM = 2.2
"""The inner line is looked for from so many mm inside the given border."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line inside a side of the label.

    Attributes:
        offset: mm from the edge to its middle; from a line along the edge where there is one.
        strength: how much darker it is than beside it, 0..1.
        corner: mm from the given border to its middle at the bottom corner.
        at_edge: strength of another line, outside of it, along the edge.
    """

    offset: float
    strength: float
    corner: float
    at_edge: float


def lower_lines(ink: F32) -> tuple[Line, Line]:
    """The line inside the right and the left lower side."""
    size = (100 + 2 * _PAD) * SCALE
    # The square whose first corner is the diamond's top.
    turn = np.sqrt(0.5)
    middle = REACH * SCALE - 0.5
    to_diamond = np.array([[turn, -turn], [turn, turn]])
    centre = np.full(2, size / 2 - 0.5)
    matrix = np.hstack([to_diamond, (np.full(2, middle) - to_diamond @ centre)[:, None]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    square = np.asarray(cv2.warpAffine(ink, matrix, (size, size), flags=flags), np.float32)
    right, left = np.rot90(square, 1), np.rot90(square, 2)
    return _line(right, 12, 79, 1), _line(left, 21, 88, -1)


def _line(square: F32, start_mm: float, end_mm: float, bottom: int) -> Line:
    """The strongest dark line between 2 and 15 mm below the upper side of a square picture.

    ``bottom`` says towards which end, 1 or -1, the bottom corner lies.
    """
    beside = round(2.4 * SCALE)
    band = square[: (_PAD + 19) * SCALE]
    ridge = band.copy()
    ridge[beside:-beside] -= np.maximum(band[: -2 * beside], band[2 * beside :])
    columns = np.arange(round((start_mm + _PAD) * SCALE), round((end_mm + _PAD) * SCALE), 2)
    depths = np.arange(-4.0, 15.2, 0.5)
    along = np.linspace(0, 1, len(columns))
    tilt = np.array([-1.5, -0.75, 0.0, 0.75, 1.5])
    at = depths[:, None, None] + tilt[None, :, None] * (along - 0.5)
    rows = np.rint((at + _PAD) * SCALE - 0.5).astype(int)
    values = ridge[rows, columns]
    quarters = np.stack([part.mean(axis=2) for part in np.array_split(values, 4, axis=2)])
    # The second weakest quarter: a line goes on, letters and tape do not; one quarter may be covered.
    score = np.sort(quarters, axis=0)[1]
    at_depth = score.max(axis=1)
    inner = np.where(depths < _LINE_FROM, 0.0, at_depth)
    best = int(np.argmax(inner))
    strength = float(max(0.0, inner[best]))
    edge_at, at_edge = 0.0, 0.0
    outside = np.nonzero((depths < depths[best] - 2.6) & (depths < 3.0))[0]
    if len(outside):
        first = outside[int(np.argmax(at_depth[outside]))]
        at_edge = float(max(0.0, at_depth[first]))
        edge_at = float(depths[first]) - 0.5 if at_edge > 0.25 else 0.0
    lean = float(tilt[int(np.argmax(score[best]))])
    return Line(float(depths[best]) - edge_at, strength, float(depths[best]) + bottom * lean * 0.75, at_edge)


def row_runs(dark: npt.NDArray[np.bool_], heights: F32) -> list[tuple[float, float]]:
    """Stretches of dark rows from the bottom up."""
    edges = np.diff(np.concatenate([[0], dark.astype(np.int8), [0]]))
    starts, ends = np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0] - 1
    half = 0.5 / SCALE
    runs = [(float(heights[a]) - half, float(heights[b]) + half) for a, b in zip(starts, ends, strict=True)]
    return [run for run in reversed(runs) if run[1] - run[0] > 0.3]


@dataclass(frozen=True, slots=True)
class Middle:
    """What stands in the middle of the lower half.

    Attributes:
        height, width: in mm of the model label.
        fill: share 0..1 of ink in that box.
        mean: mean ink 0..1 where a symbol stands.
    """

    height: float
    width: float
    fill: float
    mean: float


def measure_symbol(ink: F32) -> Middle:
    """The tallest connected stretch of inked rows in the middle of the lower half."""
    mm = axis_mm(len(ink))
    rows = (mm > 3.5) & (mm < 36)
    columns = np.abs(mm) < 31
    # Inside of the inner line.
    clear = np.abs(mm[columns])[None, :] + mm[rows][:, None] < HALF - 15
    part = np.where(clear, ink[rows][:, columns], 0)
    mean = float(ink[(mm > 10) & (mm < 28)][:, np.abs(mm) < 17].mean())
    share = (part > _PALE).sum(axis=1) / (62 * SCALE)
    runs = row_runs(share > 0.07, mm[rows])
    if not runs:
        return Middle(0.0, 0.0, 0.0, mean)
    top, bottom = max(runs, key=lambda run: run[1] - run[0])
    box = part[(mm[rows] >= top) & (mm[rows] <= bottom)] > _PALE
    inked = np.nonzero(box.any(axis=0))[0]
    if not len(inked):
        return Middle(0.0, 0.0, 0.0, mean)
    width = (inked[-1] - inked[0] + 1) / SCALE
    return Middle(bottom - top, float(width), float(box[:, inked[0] : inked[-1] + 1].mean()), mean)
