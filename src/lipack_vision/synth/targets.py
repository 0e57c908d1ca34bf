"""Printed things that are no marks: rings, colour fields, checks, arrows, discs and cups."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.texture import U8, Rng, jitter, with_alpha

SIDE = 160


def _ring(picture: U8, rng: Rng) -> None:
    """Concentric rings with a gap each, as in eye charts and the targets of robot contests."""
    dark = rng.random() < 0.7
    picture[:] = 235 if dark else 30
    colour = (25, 25, 25) if dark else (230, 230, 230)
    radius = SIDE * float(rng.uniform(0.3, 0.45))
    while radius > 6:
        start = float(rng.integers(8) * 45)
        axes, thick = (int(radius), int(radius)), int(radius / 4)
        cv2.ellipse(picture, (SIDE // 2, SIDE // 2), axes, start, 25, 335, colour, thick, cv2.LINE_AA)
        radius *= 0.42


def _fields(picture: U8, rng: Rng) -> None:
    """Fields of plain colours."""
    count = int(rng.integers(2, 5))
    warm = [(210, 40, 40), (240, 200, 40), (240, 130, 40)]
    palette = np.array([*warm, (40, 90, 190), (50, 150, 80), (240, 240, 240), (30, 30, 30)])
    cells = palette[rng.integers(len(palette), size=(count, count))].astype(np.uint8)
    picture[:] = cv2.resize(cells, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)


def _checks(picture: U8, rng: Rng) -> None:
    count = int(rng.integers(4, 10))
    cells = (rng.random((count, count)) < 0.5).astype(np.uint8) * 220 + 20
    cells[0] = cells[-1] = cells[:, 0] = cells[:, -1] = 20
    grey = cv2.resize(cells, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    picture[:] = grey[..., None]


def _stripes(picture: U8, rng: Rng) -> None:
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    period = float(rng.uniform(8, 40))
    slope = float(rng.choice([0.0, 1.0, -1.0]))
    first, second = rng.integers(0, 255, 3), rng.integers(0, 255, 3)
    if rng.random() < 0.5:
        first, second = np.array([25, 25, 25]), np.array([235, 235, 235])
    inside = ((x + slope * y) / period) % 1 < rng.uniform(0.3, 0.7)
    picture[:] = np.where(inside[..., None], first, second).astype(np.uint8)


def _sign(picture: U8, rng: Rng) -> None:
    """A sign with a border and a simple black shape."""
    grounds = ((240, 240, 238), (240, 200, 40), (40, 130, 80), (40, 90, 180))
    picture[:] = jitter(rng, grounds[int(rng.integers(4))], 8)
    edge = int(rng.integers(2, 14))
    cv2.rectangle(picture, (edge, edge), (SIDE - edge, SIDE - edge), (30, 30, 30), max(1, edge // 2))
    points = rng.uniform(0.25, 0.75, (int(rng.integers(3, 8)), 2)) * SIDE
    cv2.fillPoly(picture, [np.rint(points).astype(np.int32)], (30, 30, 30), cv2.LINE_AA)


def random_target(rng: Rng) -> U8:
    """One of them as premultiplied RGBA ``(SIDE, SIDE, 4)``; square, or round with a clear outside."""
    picture: U8 = np.zeros((SIDE, SIDE, 3), np.uint8)
    (_ring, _fields, _checks, _stripes, _sign)[int(rng.integers(5))](picture, rng)
    alpha = np.full((SIDE, SIDE), 255, np.uint8)
    if rng.random() < 0.25:
        alpha[:] = 0
        cv2.circle(alpha, (SIDE // 2, SIDE // 2), SIDE // 2 - 2, 255, -1, cv2.LINE_AA)
        picture = cv2.multiply(picture, cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB), scale=1 / 255)
    return with_alpha(picture, alpha)
