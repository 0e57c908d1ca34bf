"""Hazard symbols, each drawn in a box from -50 to 50 around the origin of the canvas view.

Every symbol takes ``ink`` for its body and ``ground`` for the parts that are left open in it.
"""

from __future__ import annotations

import math

import numpy as np

from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import Points, arc, band, box, path, points, rounded_box
from lipack_vision.synth.artwork.styles import Rng, between, chance, pick

# Tips of the tongues from left to right and the valleys between them, as (x, y) in the symbol's box.
_FLAMES: tuple[tuple[tuple[tuple[float, float], ...], tuple[tuple[float, float], ...]], ...] = (
    (
        ((-44, -8), (-27, -27), (4, -50), (25, -29), (43, -10)),
        ((-31, 2), (-14, -8), (15, -10), (30, 0)),
    ),
    (
        ((-40, -12), (-14, -50), (22, -33), (40, -8)),
        ((-25, -4), (8, -12), (28, 0)),
    ),
    (
        ((-33, -22), (8, -50), (35, -16)),
        ((-14, -6), (20, -2)),
    ),
    (
        ((-45, -2), (-33, -24), (-12, -34), (9, -50), (28, -30), (45, -6)),
        ((-36, 4), (-21, -6), (-5, -14), (16, -16), (32, -2)),
    ),
)


def _tongue(start: Points, tip: Points, end: Points, lean: float) -> Points:
    """One tongue of a flame: an S-shaped rise to the tip and a hollow fall to the next valley."""
    t = np.linspace(0, 1, 8)[:, None]
    height = abs(tip[1] - start[1])
    first = (
        start + (-0.35 * height, -0.28 * height) if tip[0] < 0 else start + (0.20 * height, -0.35 * height)
    )
    second = tip + (lean, 0.42 * height)
    rise = (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * first + 3 * t**2 * (1 - t) * second + t**3 * tip
    side = 0.30 * (end - tip)[1]
    bend = tip + (lean * 0.8 + (0.1 * side if tip[0] < 0 else 0.5 * side), 0.62 * (end - tip)[1])
    fall = (1 - t) ** 2 * tip + 2 * t * (1 - t) * bend + t**2 * end
    return np.vstack([rise, fall[1:]])


def _bowl(foot: float) -> Points:
    """The round lower left side of a fire, from its foot up to the outermost tongue."""
    return path(f"M {-foot:.1f} 50 C {-foot - 16:.1f} 48 -44 36 -44 20", 6)[0]


def _blaze(tips: Points, valleys: Points, foot: float, lean: float) -> Points:
    left = _bowl(foot)
    right = left[::-1] * (-1, 1)
    ends = np.vstack([valleys, right[:1]])
    begin = left[-1]
    parts = [left[:-1]]
    for tip, end in zip(tips, ends, strict=True):
        parts.append(_tongue(begin, tip, end, lean))
        begin = end
    parts.append(right[1:])
    return np.vstack(parts)


def flame(c: Canvas, rng: Rng, ink: Paint, ground: Paint, bar: bool = True) -> None:
    """A fire with several tongues; mostly with a bar under it as on labels of classes 2 to 5."""
    tips_data, valleys_data = pick(rng, _FLAMES)
    tips = np.array(tips_data) + rng.normal(0, 1.8, (len(tips_data), 2))
    valleys = np.array(valleys_data) + rng.normal(0, 1.8, (len(valleys_data), 2)) + (0, between(rng, 2, 12))
    lean, foot = between(rng, -6, 7), between(rng, 8, 20)
    body = c.placed(0, -8, 0.84, flip=chance(rng, 0.3), squeeze=between(rng, 0.8, 1.05)) if bar else c
    body.fill(_blaze(tips, valleys, foot, lean), ink)
    hollow = int(rng.integers(4)) if len(tips) > 3 else int(rng.integers(3))
    if hollow < 3:
        inner = body.placed(
            between(rng, -4, 4), 50 - between(rng, 20, 27), between(rng, 0.42, 0.6), squeeze=0.8
        )
        inner_tips, inner_valleys = (np.array(v, float) for v in _FLAMES[(hollow + 1) % 3])
        inner.fill(_blaze(inner_tips, inner_valleys, foot, lean), ground)
        if hollow == 1:
            inner.placed(0, 22, 0.55, squeeze=0.8).fill(_blaze(inner_tips, inner_valleys, foot, lean), ink)
    if bar:
        thick, wide = between(rng, 3, 7), between(rng, 26, 44)
        c.fill(box(-wide, 50 - thick, wide, 50), ink)


def oxidizer(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A flame over a circle over a bar."""
    radius, ring = between(rng, 18, 22), between(rng, 5, 8)
    fire = c.placed(0, -22, 0.56, flip=chance(rng, 0.3), squeeze=between(rng, 1.0, 1.25))
    tips_data, valleys_data = pick(rng, _FLAMES)
    fire.fill(_blaze(np.array(tips_data, float), np.array(valleys_data, float), 24, 3), ink)
    if chance(rng, 0.7):
        c.fill(_flame_sides(radius), ink)
    c.circle(0, 18, radius + ring / 2, ink)
    c.circle(0, 18, radius - ring / 2, ground)
    c.fill(box(-between(rng, 26, 36), 50 - between(rng, 4, 6), between(rng, 26, 36), 50), ink)


def _flame_sides(radius: float) -> Points:
    """Flames that lick down both sides of the oxidizer's circle."""
    return points(
        (-radius - 9, -14), (-radius - 3, 0), (-radius - 5, 20), (-radius + 8, 36), (radius - 8, 36),
        (radius + 5, 20), (radius + 3, 0), (radius + 9, -14), (0, -4),
    )  # fmt: skip


_CRANIUM = (
    "M 0 -46 C 22 -46 33 -30 31 -14 C 30 -6 27 0 22 4 C 21 12 20 18 14 20 L -14 20 C -20 18 -21 12 -22 4"
    " C -27 0 -30 -6 -31 -14 C -33 -30 -22 -46 0 -46 Z"
)


def skull(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """Skull and crossbones: white bone with dark outlines, or solid."""
    solid = chance(rng, 0.45)
    bone, hole, line = (ink, ground, 4.0) if solid else (ground, ink, between(rng, 4, 6.5))
    tilt, reach = between(rng, 20, 30), between(rng, 38, 43)
    high = pick(rng, (24.0, 14.0))
    for turn in (tilt, -tilt):
        limb = c.placed(0, high, angle=turn)
        shapes = [band(-reach, 0, reach, 0, 9)]
        shapes += [arc(s * reach, k * 5, 6.5, 6.5) for s in (-1, 1) for k in (-1, 1)]
        for shape in shapes:
            limb.stroke(shape, 2 * line if not solid else line, ground if solid else ink, closed=True)
        for shape in shapes:
            limb.fill(shape, bone)
    head = c.placed(0, -4 if high > 20 else -2, between(rng, 0.86, 0.98), squeeze=between(rng, 0.88, 1.05))
    shape = path(_CRANIUM)[0]
    head.stroke(shape, 2 * line if not solid else 1.6 * line, ground if solid else ink, closed=True)
    head.fill(shape, bone)
    eye = between(rng, 7, 9.5)
    for side in (-1, 1):
        head.fill(arc(side * 13, -12, eye, eye * 0.9), hole)
        head.fill(points((side * 1, 0), (side * 5, 7), (side * 0.8, 8)), hole)
    for x in (-8, 0, 8):
        head.stroke(points((x, 11), (x, 19)), 2.4, hole)


def gas_cylinder(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A gas bottle, lying aslant or standing."""
    angle = pick(rng, (-15.0, -15.0, -20.0, -25.0, 18.0, 24.0, 30.0))
    fat = between(rng, 8, 11)
    view = c.placed(0, 0, angle=angle, flip=chance(rng, 0.15))
    bottle = path(
        f"M -47 {-fat} L 18 {-fat} C 27 {-fat} 27 -4 34 -4 L 34 4 C 27 4 27 {fat} 18 {fat} L -47 {fat} Z"
    )
    if chance(rng, 0.25):
        view.outline(bottle[0], 3, ink, ground)
    else:
        view.fill(np.vstack([bottle[0], arc(-45, 0, 5, fat, 90, 270)]), ink)
    view.fill(rounded_box(33, -5.5, 44, 5.5, 2), ink)
    if chance(rng, 0.5):
        view.stroke(points((34, -5), (34, 5)), 1.5, ground)


def trefoil(c: Canvas, rng: Rng, ink: Paint, _ground: Paint) -> None:
    """The radiation sign: three blades around a disc."""
    inner, hub = between(rng, 13, 15), between(rng, 8.5, 10.5)
    for middle in (30, 150, 270):
        # Two blades above, one below, as on the labels of class 7.
        blade = middle + 180
        c.fill(
            np.vstack(
                [arc(0, 0, 50, 50, blade - 30, blade + 30), arc(0, 0, inner, inner, blade + 30, blade - 30)]
            ),
            ink,
        )
    c.circle(0, 0, hub, ink)


def biohazard(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """Three crescents around a hub, crossed by a ring."""
    view = c.placed(0, 6, 1.9)
    bite = between(rng, 10.2, 11.2)
    directions = [(math.cos(math.radians(a)), math.sin(math.radians(a)), a) for a in (-90, 30, 150)]
    for x, y, _ in directions:
        view.circle(11 * x, 11 * y, 15, ink)
    for x, y, _ in directions:
        view.circle(15 * x, 15 * y, bite, ground)
        view.fill(band(15 * x, 15 * y, 28 * x, 28 * y, 4, 6), ground)
    view.circle(0, 0, 3, ground)
    for x, y, _ in directions:
        view.fill(band(0, 0, -8 * x, -8 * y, 0.2, 0.2), ground)
        view.fill(band(2 * x, 2 * y, 7 * x, 7 * y, 1.2), ground)
    width, spread = between(rng, 2.8, 4), math.degrees(math.acos(0.80))
    for _, _, a in directions:
        view.stroke(arc(0, 0, 11.9, 11.9, a - spread, a + spread, 12), width, ink)
