"""Labels as they stick in truth: slack, bubbled, creased, with a corner folded back or torn off.

Every function takes artwork with straight alpha and gives it back with the corners where they have gone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.camera import Points
from lipack_vision.synth.canvas import premultiply, quad_points
from lipack_vision.synth.texture import F32, U8, Rng, with_alpha
from lipack_vision.types import as_quad

CELLS = 48
"""Relief is smooth: it is made on so many cells per side and enlarged."""
STEEPEST = 0.45
"""Largest change of the shift per distance; below 1 the map stays one to one."""


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """How a sheet departs from its plane.

    Attributes:
        shift: ``(CELLS, CELLS, 2)`` float32; what is seen at a place comes from ``place + shift``, as
            fractions of the picture's longer side.
        light: ``(CELLS, CELLS)`` float32, brightness about 1.
    """

    shift: F32
    light: F32


def random_relief(rng: Rng, strength: float = 1.0) -> Relief:
    """Slack paper always; creases and bubbles by chance."""
    steps = np.linspace(0, 1, CELLS, dtype=np.float32)
    x, y = np.meshgrid(steps, steps)
    shift = _slack(rng, strength)
    height = np.zeros((CELLS, CELLS), np.float32)
    if rng.random() < 0.45:
        for _ in range(int(rng.integers(1, 5))):
            height += _crease(rng, x, y)
    if rng.random() < 0.3:
        for _ in range(int(rng.integers(1, 7))):
            centre, width = rng.uniform(0, 1, 2), float(rng.uniform(0.03, 0.16))
            away = (x - np.float32(centre[0])) ** 2 + (y - np.float32(centre[1])) ** 2
            height += np.exp(-away / np.float32(width**2)) * np.float32(width * rng.uniform(0.1, 0.5))
    down, across = np.gradient(height * np.float32(CELLS))
    shift[..., 0] += across * np.float32(0.05 * strength)
    shift[..., 1] += down * np.float32(0.05 * strength)
    steep = max(float(np.abs(np.diff(shift, axis=axis)).max()) for axis in (0, 1)) * CELLS
    if steep > STEEPEST:
        shift *= np.float32(STEEPEST / steep)
    sun = rng.uniform(0, 2 * np.pi)
    slope = across * np.float32(np.cos(sun)) + down * np.float32(np.sin(sun))
    light = 1 + np.clip(slope * np.float32(rng.uniform(0.3, 1.1)), -0.45, 0.6)
    return Relief(shift, light.astype(np.float32))


def _slack(rng: Rng, strength: float) -> F32:
    """Slow bends of a sheet that is not quite flat or was cut askew."""
    coarse = rng.normal(0, 0.006 * strength, (4, 4, 2)).astype(np.float32)
    return np.ascontiguousarray(cv2.resize(coarse, (CELLS, CELLS), interpolation=cv2.INTER_CUBIC))


def _crease(rng: Rng, x: F32, y: F32) -> F32:
    """A ridge or fold along a line, over a part of the sheet at times."""
    turn, width = rng.uniform(0, np.pi), float(rng.uniform(0.008, 0.05))
    centre = rng.uniform(0.1, 0.9, 2).astype(np.float32)
    along = (x - centre[0]) * np.float32(np.cos(turn)) + (y - centre[1]) * np.float32(np.sin(turn))
    across = (y - centre[1]) * np.float32(np.cos(turn)) - (x - centre[0]) * np.float32(np.sin(turn))
    across = across + along**2 * np.float32(rng.normal(0, 0.15))
    ridge: F32 = np.exp(-np.abs(across) / np.float32(width)) * np.float32(width * rng.uniform(-0.7, 0.7))
    if rng.random() < 0.5:
        ridge *= np.exp(-((along / np.float32(rng.uniform(0.1, 0.5))) ** 2))
    return np.asarray(ridge, np.float32)


def bend(art: Artwork, relief: Relief) -> Artwork:
    """The artwork on a sheet with this relief, shaded by it; the raster grows by what it moves."""
    rgba, longest = art.rgba, max(art.rgba.shape[:2])
    pad = int(np.ceil(float(np.abs(relief.shift).max()) * longest)) + 1
    padded = cv2.copyMakeBorder(premultiply(rgba), pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(0,) * 4)
    height, width = padded.shape[:2]
    shift = cv2.resize(relief.shift, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(longest)
    columns = shift[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    rows = shift[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(padded, columns, rows, cv2.INTER_LINEAR)
    grey = cv2.resize(cv2.convertScaleAbs(relief.light, alpha=128.0), (width, height))
    shade = cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
    lit = cv2.multiply(cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB), shade, scale=1 / 128)
    alpha = cv2.extractChannel(moved, 3)
    quad = _destination(np.asarray(art.quad, np.float64) + pad, shift)
    return replace(
        art, rgba=_straight(lit, alpha), quad=as_quad(quad.astype(np.float32), "deform.bend"), lines=None
    )


def _destination(points: Points, shift: F32) -> Points:
    """Where the source points ``(N, 2)`` are seen: solves ``place + shift(place) = point``."""
    places = points.copy()
    for _ in range(14):
        at = places.astype(np.float32)[None]
        there = cv2.remap(shift, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        places = points - np.asarray(there, np.float64).reshape(-1, 2)
    return places


def _straight(colour: U8, alpha: U8) -> U8:
    """Premultiplied colour and alpha -> straight RGBA."""
    inside = cv2.min(colour, cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB))
    return np.asarray(cv2.cvtColor(with_alpha(inside, alpha), cv2.COLOR_mRGBA2RGBA), np.uint8)


def lose_corner(art: Artwork, rng: Rng) -> Artwork:
    """Fold a corner back, showing the paper's back, or tear it off.

    The quad keeps the corner's place on the label; what is gone or covered counts as not visible.
    """
    corners = _sheet_corners(art)
    index = int(rng.integers(4))
    corner, before, after = corners[index], corners[index - 1], corners[(index + 1) % 4]
    first = corner + (before - corner) * rng.uniform(0.1, 0.38)
    second = corner + (after - corner) * rng.uniform(0.1, 0.38)
    along = (second - first) / max(float(np.linalg.norm(second - first)), 1e-6)
    foot = first + along * float((corner - first) @ along)
    mirrored = foot + (foot - corner) * rng.uniform(0.55, 1.0)
    folded = bool(rng.random() < 0.7)
    rgba: U8 = art.rgba.copy()
    # The cut reaches beyond the corner, so that no rim of the sheet is left.
    outer = corner + (corner - foot) * 0.2
    reach = along * float(np.linalg.norm(second - first)) * 0.2
    cv2.fillConvexPoly(rgba, _fixed(first - reach, second + reach, outer + reach, outer - reach), (0,) * 4)
    gone = [np.array([first, second, corner])]
    if folded:
        back = float(rng.uniform(165, 240))
        cv2.line(rgba, *_ends(first, mirrored), (90, 88, 85, 255), max(1, len(rgba) // 120), cv2.LINE_AA)
        flap = _fixed(first, second, mirrored)
        cv2.fillConvexPoly(rgba, flap, (back, back * 0.985, back * 0.95, 255), cv2.LINE_AA, 3)
        gone.append(np.array([first, second, mirrored]))
    points = quad_points(art.quad).astype(np.float32)
    hidden = np.zeros(len(points), bool) if art.hidden is None else art.hidden.copy()
    for triangle in gone:
        outline = triangle.astype(np.float32)
        hidden |= np.array(
            [cv2.pointPolygonTest(outline, (float(x), float(y)), False) >= 0 for x, y in points]
        )
    return replace(art, rgba=rgba, hidden=hidden)


def _sheet_corners(art: Artwork) -> Points:
    """Corners of the paper: the picture's own where they are opaque, else those of the mark."""
    height, width = art.rgba.shape[:2]
    inset = max(2, min(height, width) // 30)
    spots = ((inset, inset), (inset, width - 1 - inset), (height - 1 - inset, inset))
    if all(art.rgba[spot][3] > 200 for spot in spots):
        return np.array([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], np.float64)
    return np.asarray(art.quad, np.float64)


def _fixed(*points: Points) -> U8:
    fixed: U8 = np.rint(np.array(points) * 8).astype(np.int32)
    return fixed


def _ends(first: Points, last: Points) -> tuple[tuple[int, int], tuple[int, int]]:
    return (round(first[0]), round(first[1])), (round(last[0]), round(last[1]))
