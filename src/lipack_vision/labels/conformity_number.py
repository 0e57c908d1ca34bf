"""The class number of models 9 and 9A: its place, its underline, and whether it is a 9."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.labels.conformity_lines import row_runs
from lipack_vision.labels.conformity_view import F32, HALF, SCALE, axis_mm

MIN_GAP = 0.1
"""By how much a row is paler than those about it where paper shows between number and bar."""

_NINE = np.array(
    (
        (0.1, 0.1, 0.6, 0.1, -0.5, -0.2),
        (0.3, 0.0, -0.6, -0.7, 0.1, 0.5),
        (1.9, 1.3, -0.5, -0.1, 1.8, 1.8),
        (2.3, 1.0, -2.2, -1.7, 1.0, 2.7),
        (0.9, 1.1, 0.0, 0.1, 0.3, 1.5),
        (-2.1, -1.2, 1.6, 1.3, -1.1, -1.6),
        (-3.1, -1.1, 1.1, 1.0, -0.8, -2.3),
        (-1.6, -0.5, 1.0, 0.9, -0.4, -0.9),
        (-0.7, -0.1, 0.7, 0.2, -0.4, 0.0),
    ),
    np.float32,
)  # fmt: skip
_NINE_BIAS = -3.0
"""Logistic regression of `glyph` cells, 9 or another, fitted by ``python -m benchmarks.conformity_fit``."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """What stands in the bottom corner, heights in mm of the model label from its middle.

    Attributes:
        top, bottom: rows of the number; both 0 when none was seen.
        underline: width in mm of the bar below; 0 without.
        gap: how far the ink falls between number and bar: 1 is clean paper, 0 no paler row.
        bar_above: a bar stands above the number and none below it.
        aside: ink like a number stands in a side corner.
        trace: the darkest below the number, or where it would stand when none was seen, 0..1.
        strength: its darkest stroke, 0..1.
        shape: the number's ink in cells, see `glyph`; None where too little is there.
    """

    top: float = 0.0
    bottom: float = 0.0
    underline: float = 0.0
    gap: float = 0.0
    bar_above: bool = False
    aside: bool = False
    trace: float = 0.0
    shape: F32 | None = None
    strength: float = 0.0


def measure_number(ink: F32, insets: tuple[float, float]) -> Number:
    """Look for the class number and its bar in the bottom corner of an upright label's ink map.

    ``insets`` are the mm from the right and the left lower border that the inner line or the edge takes up.
    """
    mm = axis_mm(len(ink))
    right, left = (HALF - inset * np.sqrt(2) for inset in insets)
    x, y = np.meshgrid(mm, mm)
    clear = (x + y < right) & (y - x < left) & (np.abs(x) < 9.5)
    corner = np.where(clear, ink, 0).astype(np.float32)
    rows = (mm > 27) & (mm < min(60.0, min(right, left) - 2.0))
    heights = mm[rows]
    part = corner[rows]
    # A stroke of the number is dark somewhere in each row, paper is dark nowhere.
    stroke = cv2.blur(part, (3, 1)).max(axis=1)
    full = max(0.35, float(np.percentile(stroke, 85)))
    runs = row_runs(stroke > max(0.2, 0.36 * full), heights)
    number, bar = _number_and_bar(runs)
    aside = _aside(ink, mm)
    if number is None:
        return Number(aside=aside, trace=float(stroke[heights > 36].max(initial=0.0)))
    top, bottom = number
    if bar is not None:
        between = (heights > bottom - 0.5) & (heights < bar[0] + 0.5)
        gap = 1 - float(stroke[between].min()) / full if between.any() else 0.0
        least, end = 0.65, bar[1]
    else:
        gap, bottom, end = _joined_below(stroke, heights, top, bottom)
        least = 0.85
    middle, width = _extent(part[(heights >= top) & (heights <= bottom)])
    bar_middle, bar_width = _extent(part[(heights > bottom) & (heights <= end + 0.3)])
    fits = least * width < bar_width < 2.1 * width and abs(bar_middle - middle) < 0.45 * width
    underline = bar_width if fits else 0.0
    below = float(stroke[(heights > bottom + 0.6) & (heights < bottom + 4.5)].max(initial=0.0))
    above = False
    if bar is None or underline == 0:
        above = _bar_above(ink, mm, runs, top)
        cut = _joined_above(stroke, heights, top, bottom)
        if cut is not None and not above:
            above, top = True, cut
    shape = glyph(part[(heights >= top) & (heights <= bottom)])
    return Number(top, bottom, underline, gap, above, aside, below, shape, float(stroke.max()))


def _number_and_bar(
    runs: list[tuple[float, float]],
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    """Which stretch is the number and which the bar below it."""
    for k, run in enumerate(runs[:4]):
        height = run[1] - run[0]
        if height < 5.2 or run[1] < 39:
            continue
        below = [other for other in runs[:k] if other[0] - run[1] < 6 and other[1] - other[0] < 4.6]
        return run, below[-1] if below else None
    return None, None


def _extent(rows: F32) -> tuple[float, float]:
    """Middle and width in mm of the ink in some rows."""
    columns = rows.max(axis=0, initial=0.0)
    first, last = _together(rows, columns > 0.4 * max(0.3, float(columns.max())))
    return float(first + last - 1) / 2 / SCALE, float(last - first) / SCALE


def _together(rows: F32, inked: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The stretch of inked columns with most ink; the inner line's ends may show beside it."""
    edges = np.diff(np.concatenate([[0], inked.astype(np.int8), [0]]))
    stretches = zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True)
    first, last = max(stretches, key=lambda ends: float(rows[:, ends[0] : ends[1]].sum()), default=(0, 0))
    return int(first), int(last)


def _joined_below(stroke: F32, heights: F32, top: float, bottom: float) -> tuple[float, float, float]:
    """A bar that blur has joined to the number: a paler row in the lower part.

    Returns:
        How much paler it is, where the number ends, and where the bar ends.
    """
    inside = np.nonzero((heights >= bottom - 7.0) & (heights <= bottom) & (heights > top + 4.5))[0]
    if len(inside) < 4:
        return 0.0, bottom, bottom
    values = stroke[inside]
    dips = [1 - values[k] / max(1e-3, min(values[:k].max(), values[k:].max())) for k in range(1, len(values))]
    k = int(np.argmax(dips)) + 1
    if dips[k - 1] < MIN_GAP:
        return float(max(0.0, dips[k - 1])), bottom, bottom
    return float(dips[k - 1]), float(heights[inside[k]]), bottom


def _joined_above(stroke: F32, heights: F32, top: float, bottom: float) -> float | None:
    """Where a bar above the number ends that blur has joined to it."""
    inside = np.nonzero((heights >= top) & (heights <= top + 4.5) & (heights < bottom - 5))[0]
    if len(inside) < 4:
        return None
    values, below = (
        stroke[inside],
        float(stroke[(heights > top + 4.5) & (heights <= bottom)].max(initial=0.0)),
    )
    dips = [1 - values[k] / max(1e-3, min(values[:k].max(), below)) for k in range(1, len(values))]
    k = int(np.argmax(dips))
    return float(heights[inside[k + 1]]) if dips[k] > 0.42 else None


def _bar_above(ink: F32, mm: F32, runs: list[tuple[float, float]], top: float) -> bool:
    """Whether a thin wide stretch stands just above the number."""
    above = [run for run in runs if run[1] <= top and top - run[1] < 4 and run[1] - run[0] < 4]
    if not above:
        return False
    rows = (mm >= above[0][0]) & (mm <= above[0][1])
    row = ink[rows][:, np.abs(mm) < 20].max(axis=0)
    width = float((row > 0.5 * max(0.2, float(row.max()))).sum()) / SCALE
    return 3.5 < width < 16


def _aside(ink: F32, mm: F32) -> bool:
    """Whether one of the side corners of the lower half holds a compact dark thing of a number's size."""
    for side in (-1, 1):
        part = ink[(mm > 3) & (mm < 20)][:, (side * mm > 33) & (side * mm < 52)]
        x, y = np.meshgrid(np.abs(mm[(side * mm > 33) & (side * mm < 52)]), mm[(mm > 3) & (mm < 20)])
        dark = (part > 0.5) & (x + y < HALF - 13)
        if dark.sum() < 8 * SCALE**2:
            continue
        height = dark.any(axis=1).sum() / SCALE
        if height >= 6:
            return True
    return False


def glyph(number: F32) -> F32 | None:
    """The number's ink in a grid of 9 x 6 cells, its darkest 1; None where too little is there."""
    if number.shape[0] < 6:
        return None
    strongest = float(number.max(initial=0.0))
    first, last = _together(number, number.max(axis=0) > 0.4 * strongest)
    if strongest < 0.15 or last - first < 4:
        return None
    box = number[:, first:last]
    return np.asarray(cv2.resize(box, (6, 9), interpolation=cv2.INTER_AREA) / strongest, np.float32)


def nine_logit(shape: F32) -> float:
    """How surely a `glyph` is a 9: log odds, on rendered numbers of other fonts and sizes."""
    return float((shape * _NINE).sum()) + _NINE_BIAS
