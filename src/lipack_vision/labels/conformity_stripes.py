"""The upper half of models 9 and 9A: which way the label stands, its stripes, and where they end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, zip_longest

import numpy as np

from lipack_vision.labels.conformity_view import F32, HALF, SCALE, axis_mm

_TIP = 65.0
"""Beyond this many mm from the middle too little of the upper half is left to see a stripe in."""
_INNER = 55.0
_BAND = 18.0
"""Stripes are counted in a band this high and this far from the middle, and in its corners one by one."""


@dataclass(frozen=True, slots=True)
class Stripes:
    """The stripes as measured, in mm of the model label.

    Attributes:
        count: how many there are.
        unsure: why the count is not to be trusted; empty when it is.
        unevenness: largest departure of a distance or width from the median one, as a share of it.
        foot: height of their lower ends, 0 at the middle, downwards positive.
        covered: share of the worst stripe that shows no ink.
        edge: mm over which a stripe's side goes from paper to ink: what the photo resolves.
        modulation: 0..1, how much darker the stripes are than the gaps.
    """

    count: int
    unsure: str
    unevenness: float
    foot: float
    covered: float
    edge: float
    modulation: float


def upper_turn(ink: F32) -> tuple[int, float]:
    """How many quarter turns counter-clockwise bring the stripes into the upper half.

    Returns:
        The turns 0..3, and by how much the pattern exceeds that of the side quarters. Of two halves that are
        alike the one that needs no turn is taken.
    """
    scores = np.array([_striped(np.rot90(ink, turn)) for turn in range(4)])
    best = int(np.argmax(scores))
    if scores[0] > 0.8 * scores[best]:
        best = 0
    beside = max(scores[(best + 1) % 4], scores[(best + 3) % 4], 0.0)
    return best, float(scores[best] - beside)


def _striped(ink: F32) -> float:
    """Variance across the columns less that within them, above the middle."""
    mm = axis_mm(len(ink))
    total = 0.0
    for high, low, reach in ((-36, -22, 30), (-20, -5, 46)):
        part = ink[(mm > high) & (mm < low)][:, np.abs(mm) < reach]
        total += float(part.mean(axis=0).var() - part.var(axis=0).mean())
    return total


def measure_stripes(ink: F32) -> Stripes:
    """Measure the stripes of an upright label's ink map, `conformity_view.REACH` mm around its middle."""
    mm = axis_mm(len(ink))
    foot = _foot(ink, mm)
    low = min(max(foot, -40.0), 0.5) - 3.0
    reach = min(_INNER, HALF + low - 13.0)
    rows, near = (mm > low - _BAND) & (mm < low), np.abs(mm) < reach
    band = np.where(np.abs(mm[rows])[:, None] + np.abs(mm[near])[None, :] < HALF - 10.5, 1.0, 1e-3)
    profile = ((ink[rows][:, near] * band).sum(axis=0) / band.sum(axis=0)).astype(np.float32)
    high, paper = np.percentile(profile, (88, 12))
    modulation = float(high - paper)
    edge = _edge(ink, mm, low, modulation)
    runs = _runs(profile, mm[near], float(high + paper) / 2)
    ends = float(mm[near][0]), float(mm[near][-1])
    whole = [run for run in runs if run[0] > ends[0] + 0.5 and run[1] < ends[1] - 0.5 and run[1] - run[0] > 2]
    if len(whole) < 2:
        return Stripes(len(whole), "no stripes were seen", 1.0, foot, 1.0, edge, modulation)
    extra, unsure = _outer(ink, mm, whole, low)
    return Stripes(
        len(whole) + extra, unsure, _unevenness(whole), foot, _covered(ink, mm, whole, low), edge, modulation
    )


def _edge(ink: F32, mm: F32, low: float, modulation: float) -> float:
    """Mm from paper to ink at the sides of the middle stripes."""
    steepest = []
    for high in (low - 15, low - 10, low - 5):
        band = ink[(mm > high) & (mm < high + 5)][:, np.abs(mm) < 32].mean(axis=0)
        steepest.append(float(np.sort(np.abs(np.diff(band)))[-6:].mean()) * SCALE)
    return modulation / max(float(np.median(steepest)), 1e-3)


def _foot(ink: F32, mm: F32) -> float:
    """Where the pattern of the middle stripes ends."""
    near = ink[:, np.abs(mm) < 33]
    pattern = near[(mm > -34) & (mm < -22)].mean(axis=0)
    pattern = pattern - pattern.mean()
    strength = float(pattern @ pattern)
    if strength < 1e-3 * len(pattern):
        return 0.0
    alike = (near @ pattern) / strength
    alike = np.convolve(alike, np.ones(3) / 3, mode="same")
    below = np.nonzero((mm > -28) & (alike < 0.5))[0]
    return float(mm[below[0]]) if len(below) else float(mm[-1])


def _runs(profile: F32, columns: F32, level: float) -> list[tuple[float, float]]:
    """Stretches above a level, their ends between pixels."""
    above = profile > level
    changes = np.nonzero(above[1:] != above[:-1])[0]
    crossings = [
        float(
            columns[i] + (level - profile[i]) / (profile[i + 1] - profile[i]) * (columns[i + 1] - columns[i])
        )
        for i in changes
    ]
    if above[0]:
        crossings.insert(0, float(columns[0]))
    if above[-1]:
        crossings.append(float(columns[-1]))
    return list(zip(crossings[::2], crossings[1::2], strict=True))


def _outer(ink: F32, mm: F32, runs: list[tuple[float, float]], low: float) -> tuple[int, str]:
    """Stripes beyond the inner ones, looked for in step with them down in the side corners.

    Returns:
        How many, and why that is unsure if it is.
    """
    width = float(np.median([b - a for a, b in runs]))
    pitch = float(np.median(np.diff([(a + b) / 2 for a, b in runs])))
    gap = pitch - width
    rows = (mm > low - 0.6) & (mm < low + 1.6)
    levels: list[list[float]] = []
    for side in (-1, 1):
        start = (runs[-1][1] if side > 0 else -runs[0][0]) + gap
        levels.append([])
        while start < _TIP:
            end = min(start + width, HALF + low - 2.0)
            columns = (side * mm > start + 0.08 * width) & (side * mm < end - 0.05 * width)
            if end - start < 1.6 or columns.sum() < 2:
                break
            # The median: the inner line crosses here.
            levels[-1].append(float(np.median(np.median(ink[rows][:, columns], axis=0))))
            start += pitch
    extra, unsure = 0, ""
    for left, right in zip_longest(*levels):
        known = [level for level in (left, right) if level is not None]
        if any(0.3 < level < 0.55 for level in known) or (min(known) < 0.5) != (max(known) < 0.5):
            unsure = "what stands in the side corners is unclear"
        extra += sum(level > 0.5 for level in known)
        if max(known) < 0.5:
            break
    return extra, unsure


def _unevenness(runs: list[tuple[float, float]]) -> float:
    """Largest departure of an inner width or gap from the median one, as a share of half the pitch."""
    widths = np.array([b - a for a, b in runs])
    gaps = np.array([b[0] - a[1] for a, b in pairwise(runs)])
    half = (float(np.median(widths)) + float(np.median(gaps))) / 2
    return float(max(np.abs(values - np.median(values)).max() for values in (widths, gaps)) / max(half, 1e-3))


def _covered(ink: F32, mm: F32, runs: list[tuple[float, float]], low: float) -> float:
    """Share of rows without ink in the worst of the inner stripes."""
    worst = 0.0
    for left, right in runs:
        middle, half = (left + right) / 2, max(0.6, (right - left) / 4)
        if abs(middle) > 50:
            continue
        high = max(low - 24.0, -(HALF - abs(middle)) + 9.0)
        part = ink[(mm > high) & (mm < low)][:, np.abs(mm - middle) < half]
        if part.size:
            worst = max(worst, float((part.mean(axis=1) < 0.4).mean()))
    return worst
