"""Walls of pallet racking with cartons on it: what mostly stands behind a package."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.surface import TILE
from lipack_vision.synth.texture import U8, Rng, jitter

_BEAMS = ((214, 106, 40), (226, 150, 50), (120, 122, 125))
_POSTS = ((44, 78, 150), (60, 96, 84), (120, 122, 125))
_LOADS = ((184, 148, 108), (170, 132, 92), (198, 168, 130), (214, 212, 206), (150, 152, 156))


def _colour(values: npt.NDArray[np.float64]) -> list[int]:
    return [int(value) for value in values]


def racks(rng: Rng, px_per_mm: float) -> U8:
    """A wall of pallet racking with cartons on it; the bays span 2 to 3 m."""
    tile: U8 = np.full((TILE, TILE, 3), jitter(rng, (92, 92, 94), 35), np.uint8)
    beam, post = (_colour(jitter(rng, tones[int(rng.integers(3))], 12)) for tones in (_BEAMS, _POSTS))
    bay = max(48.0, min(2400 * px_per_mm, TILE / 1.5))
    level = float(bay * rng.uniform(0.5, 0.8))
    y = float(rng.uniform(0.3, 1.0) * level)
    while y < TILE + level:
        x = float(-rng.uniform(0, bay))
        while x < TILE:
            across, tall = bay * rng.uniform(0.12, 0.45), level * rng.uniform(0.35, 0.86)
            if rng.random() < 0.85:
                _stacked(tile, rng, (x, y - tall, x + across, y))
            x += float(across + bay * rng.exponential(0.03))
        cv2.rectangle(tile, (0, round(y)), (TILE, round(y + bay * 0.045)), beam, -1)
        y += float(level)
    for left in np.arange(rng.uniform(0, bay), TILE, bay):
        cv2.rectangle(tile, (round(left), 0), (round(left + bay * 0.04), TILE), post, -1)
    return tile


def _stacked(tile: U8, rng: Rng, box: tuple[float, float, float, float]) -> None:
    """A block of equal cartons, at times under film, with a paper on some."""
    x0, y0, x1, y1 = (round(v) for v in box)
    colour = jitter(rng, _LOADS[int(rng.choice(5, p=[0.3, 0.25, 0.2, 0.13, 0.12]))], 14)
    colour = colour * rng.uniform(0.55, 1.0)
    cv2.rectangle(tile, (x0, y0), (x1, y1), _colour(colour), -1)
    dark, columns, rows = _colour(colour * 0.62), int(rng.integers(1, 4)), int(rng.integers(1, 5))
    for k in range(1, columns):
        x = x0 + (x1 - x0) * k // columns
        cv2.line(tile, (x, y0), (x, y1), dark, 1)
    for k in range(rows):
        y = y0 + (y1 - y0) * k // rows
        cv2.line(tile, (x0, y), (x1, y), dark, 1)
        if rng.random() < 0.4:
            left = x0 + int(rng.uniform(0.1, 0.6) * (x1 - x0))
            wide, high = max(2, (x1 - x0) // 7), max(2, (y1 - y0) // (rows * 4))
            cv2.rectangle(tile, (left, y + high), (left + wide, y + 2 * high), (226, 226, 222), -1)
