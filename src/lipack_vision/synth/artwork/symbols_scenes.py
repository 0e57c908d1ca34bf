"""Hazard symbols that show a small scene: blast, corrosion, nature, health. Same box as `symbols`."""

from __future__ import annotations

import math

import numpy as np

from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import Points, arc, band, path, points, rounded_box, star
from lipack_vision.synth.artwork.styles import Rng, between, chance


def exploding_bomb(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A bursting ball with rays and splinters flying to all sides."""
    cx, cy = between(rng, -8, 2), between(rng, 4, 12)
    count = int(rng.integers(22, 36))
    squash = between(rng, 0.68, 0.95)
    for turn in np.sort(rng.uniform(0, 2 * math.pi, count)):
        near, far = between(rng, 14, 20), between(rng, 28, 60)
        x, y = math.cos(turn), math.sin(turn) * squash
        width = between(rng, 0.8, 3.8)
        if chance(rng, 0.65):
            c.fill(band(cx + near * x, cy + near * y, cx + far * x, cy + far * y, width, width * 0.3), ink)
        else:
            at = c.placed(cx + far * 0.85 * x, cy + far * 0.85 * y, between(rng, 2, 4.5), between(rng, 0, 90))
            at.fill(points((-1, -0.8), (0.9, -1), (1.1, 0.5), (-0.4, 1.1)), ink)
    ball = between(rng, 13, 17)
    c.circle(cx, cy, ball, ink)
    for turn in rng.uniform(0, 360, 3):
        at = c.placed(cx, cy, ball, turn)
        at.fill(points((0.15, -0.05), (1.1, -0.35), (0.75, 0.0), (1.1, 0.25)), ground)


_HAND = (
    "M -44 8 C -34 0 -26 -2 -16 -2 L 8 -2 C 14 -2 14 5 8 5 L -6 5 L 30 6 C 37 6 37 13 30 13"
    " L 36 14 C 42 15 41 21 35 21"
    " L 28 21 C 33 22 32 28 26 28 L 16 28 C 20 30 18 34 14 34 L -16 33 C -26 32 -36 28 -44 28 Z"
)


def _drops(c: Canvas, x: float, y: float, ink: Paint) -> None:
    for k in range(3):
        dy = y + k * 6.5
        c.fill(points((x, dy - 3), (x + 1.9, dy + 1), (x, dy + 2.6), (x - 1.9, dy + 1)), ink)


def _fumes(c: Canvas, rng: Rng, x: float, y: float, ink: Paint) -> None:
    for k in (-1, 0, 1):
        s = between(rng, 1.5, 3)
        base = x + 6 * k
        c.stroke(
            points((base, y), (base + s, y - 4), (base - s * 0.6, y - 8), (base + s * 0.6, y - 12)), 1.3, ink
        )


def corrosion(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """Two vessels drip on a bar and on a hand."""
    line = between(rng, 1.6, 2.6)
    tilt = between(rng, 8, 22)
    for side in (-1, 1):
        tube = c.placed(side * between(rng, 18, 24), -22, angle=side * tilt, flip=side > 0)
        tube.outline(rounded_box(-20, -6, 16, 6, 5), line, ink, ground)
        tube.fill(points((-17, 3), (13, 3), (15, 5.5), (-15, 5.5)), ink)
    for side in (-1, 1):
        _drops(c, side * 24 - 2, -8, ink)
    thick = between(rng, 6, 10)
    bar = points(
        (-50, 20), (-33, 20), (-28, 24), (-22, 21), (-18, 20), (-4, 20), (-4, 20 + thick), (-50, 20 + thick)
    )
    c.fill(bar, ink)
    _fumes(c, rng, -26, 17, ink)
    _fumes(c, rng, 24, 9, ink)
    hand = c.placed(26, 15, 0.55, flip=chance(rng, 0.5))
    if chance(rng, 0.6):
        hand.outline(path(_HAND)[0], line * 1.6, ink, ground)
        for y in (13, 21):
            hand.stroke(points((10, y), (28, y)), line, ink)
    else:
        hand.fill(path(_HAND)[0], ink)
    hand.fill(points((-8, -4), (-3, 4), (2, -1), (7, 5), (10, -4)), ground)


_FISH = "M -46 30 C -38 16 -14 12 4 22 L 20 30 L 36 18 C 34 28 34 34 38 44 L 20 36 C 2 46 -36 48 -46 30 Z"
_TREE = (
    "M -2 34 L 2 -4 L -14 -18 L -22 -18 L -23 -21 L -15 -22 L -22 -34 L -19 -36 L -11 -22"
    " L 2 -12 L 3 -28 L -6 -42"
    " L -3 -44 L 5 -34 L 10 -48 L 14 -47 L 9 -28 L 10 -14 L 24 -26 L 26 -38 L 29 -38"
    " L 29 -28 L 38 -30 L 39 -27"
    " L 28 -22 L 13 -6 L 12 14 L 15 34 Z"
)


def fish_and_tree(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A dead fish before a bare tree: dangerous for the environment."""
    tree = c.placed(between(rng, -12, -4), -2, between(rng, 0.92, 1.05), flip=chance(rng, 0.1))
    tree.fill(path(_TREE)[0], ink)
    water = np.vstack(
        [points((-50, 36)), path("M -50 36 C -30 26 -20 32 -4 34 L 44 34 L 46 38 L -30 39 Z")[0]]
    )
    c.fill(water, ink)
    fish = c.placed(between(rng, 8, 14), between(rng, -2, 3), between(rng, 0.78, 0.9), between(rng, -8, 4))
    body = path(_FISH)[0]
    fish.stroke(body, 6, ground, closed=True)
    if chance(rng, 0.6):
        fish.outline(body, 3, ink, ground)
        eye: Paint = ink
    else:
        fish.fill(body, ink)
        eye = ground
    fish.stroke(points((-38, 24), (-31, 31)), 2.2, eye)
    fish.stroke(points((-31, 24), (-38, 31)), 2.2, eye)
    fish.stroke(arc(-34, 29, 10, 14, -50, 50), 2, eye)


def exclamation(c: Canvas, rng: Rng, ink: Paint, _ground: Paint) -> None:
    """The exclamation mark of GHS07."""
    top = between(rng, 9, 12)
    c.fill(np.vstack([arc(0, -38, top, 10, 180, 360), points((5, 18), (-5, 18))]), ink)
    c.circle(0, 34, between(rng, 8.5, 11), ink)


def health_hazard(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A torso with a bursting star in the chest (GHS08)."""
    c.fill(arc(0, -33, 14, 17), ink)
    c.fill(
        path(
            "M -44 50 L -42 10 C -40 -4 -24 -10 -10 -14 L -8 -22 L 8 -22 L 10 -14 C 24 -10 40 -4 42 10"
            " L 44 50 Z"
        )[0],
        ink,
    )
    burst: Points = star(
        between(rng, -3, 3), 14, between(rng, 27, 31), between(rng, 7, 10), int(rng.integers(6, 9))
    )
    c.fill(burst, ground)
