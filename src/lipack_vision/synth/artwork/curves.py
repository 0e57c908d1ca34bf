"""Outlines as point lists: paths, arcs, splines, clipping. Units are the caller's, y points down."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""Points ``(N, 2)``."""

_TOKEN = re.compile(r"[MLQCZ]|-?\d+(?:\.\d+)?")
_ARITY = {"M": 1, "L": 1, "Q": 2, "C": 3}


def points(*pairs: Sequence[float]) -> Points:
    """Points from ``(x, y)`` pairs."""
    return np.array(pairs, dtype=np.float64)


def _bezier(control: Points, steps: int) -> Points:
    t = np.linspace(0, 1, steps + 1)[1:, None]
    if len(control) == 3:
        a, b, c = control
        return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)
    a, b, c, d = control
    return np.asarray((1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d)


@lru_cache(maxsize=256)
def path(data: str, steps: int = 7) -> tuple[Points, ...]:
    """Contours of a path of absolute ``M L Q C Z`` commands; curves become ``steps`` chords."""
    tokens = _TOKEN.findall(data)
    contours: list[list[Points]] = []
    command, index = "", 0
    while index < len(tokens):
        if tokens[index].isalpha():
            command = tokens[index]
            index += 1
            if command == "Z":
                continue
        count = 2 * _ARITY[command]
        got = np.array([float(v) for v in tokens[index : index + count]]).reshape(-1, 2)
        index += count
        if command == "M":
            contours.append([got])
            command = "L"
        elif command == "L":
            contours[-1].append(got)
        else:
            contours[-1].append(_bezier(np.vstack([contours[-1][-1][-1:], got]), steps))
    result = tuple(np.vstack(parts) for parts in contours)
    for contour in result:
        contour.flags.writeable = False
    return result


def arc(
    x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0, steps: int = 0
) -> Points:
    """Points of an ellipse from ``start`` to ``end`` degrees, clockwise as seen, 0 to the right."""
    count = steps or max(6, int(abs(end - start) / 10))
    angle = np.radians(np.linspace(start, end, count + 1))
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def box(x0: float, y0: float, x1: float, y1: float) -> Points:
    """Corners of a rectangle, clockwise from the top left."""
    return points((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def rounded_box(x0: float, y0: float, x1: float, y1: float, radius: float) -> Points:
    """A rectangle with round corners."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    return np.vstack(
        [
            arc(x1 - r, y0 + r, r, r, -90, 0),
            arc(x1 - r, y1 - r, r, r, 0, 90),
            arc(x0 + r, y1 - r, r, r, 90, 180),
            arc(x0 + r, y0 + r, r, r, 180, 270),
        ]
    )


def diamond(half: float, x: float = 0.0, y: float = 0.0) -> Points:
    """Top, right, bottom, left corner of a square on its corner with this half diagonal."""
    return points((x, y - half), (x + half, y), (x, y + half), (x - half, y))


def rounded_diamond(half: float, radius: float) -> Points:
    """A diamond with round corners; the four tips move inwards by 0.41 of the radius."""
    if radius <= 0:
        return diamond(half)
    inner = half - radius * math.sqrt(2)
    parts = [
        arc(x * inner, y * inner, radius, radius, a - 45, a + 45, 6)
        for x, y, a in ((0, -1, -90), (1, 0, 0), (0, 1, 90), (-1, 0, 180))
    ]
    return np.vstack(parts)


def star(x: float, y: float, outer: float, inner: float, tips: int) -> Points:
    """A star, one tip straight up."""
    angle = np.arange(2 * tips) * math.pi / tips - math.pi / 2
    radius = np.where(np.arange(2 * tips) % 2 == 0, outer, inner)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def band(ax: float, ay: float, bx: float, by: float, width: float, end_width: float | None = None) -> Points:
    """The four corners of a straight bar from A to B, tapering when ``end_width`` is given."""
    length = math.hypot(bx - ax, by - ay) or 1e-9
    nx, ny = -(by - ay) / length / 2, (bx - ax) / length / 2
    w, e = width, width if end_width is None else end_width
    return points(
        (ax + nx * w, ay + ny * w),
        (bx + nx * e, by + ny * e),
        (bx - nx * e, by - ny * e),
        (ax - nx * w, ay - ny * w),
    )


def clip_convex(polygon: Points, window: Points) -> Points:
    """The part of a polygon inside a convex window (Sutherland and Hodgman); may be empty ``(0, 2)``.

    The window runs clockwise as seen.
    """
    output = [tuple(p) for p in polygon]
    for (ax, ay), (bx, by) in zip(window, np.roll(window, -1, axis=0), strict=True):
        if not output:
            break
        side = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x, y in output]
        kept: list[tuple[float, ...]] = []
        for i, (p, s) in enumerate(zip(output, side, strict=True)):
            q, t = output[i - 1], side[i - 1]
            if (s >= 0) != (t >= 0):
                k = t / (t - s)
                kept.append((q[0] + k * (p[0] - q[0]), q[1] + k * (p[1] - q[1])))
            if s >= 0:
                kept.append(p)
        output = kept
    return np.array(output, dtype=np.float64).reshape(-1, 2)
