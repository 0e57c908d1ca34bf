"""Noise for surfaces, from a small bank that is made once per process and cut anew for every photo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
# OpenCV's own hints give each result a union of dtypes; these names say which one it is in truth.
F32 = npt.NDArray[Any]
"""float32"""
U8 = npt.NDArray[Any]
"""uint8"""

BANK = 512
VARIANTS = 6


def _unit(field: F32) -> F32:
    field = field - field.mean()
    return (field / max(float(field.std()), 1e-6)).astype(np.float32)


def _cloud(rng: Rng) -> F32:
    total = np.zeros((BANK, BANK), np.float32)
    for cells, weight in ((4, 1.0), (8, 0.7), (16, 0.5), (32, 0.35), (64, 0.25), (128, 0.18)):
        layer = rng.standard_normal((cells, cells)).astype(np.float32)
        total += weight * cv2.resize(layer, (BANK, BANK), interpolation=cv2.INTER_CUBIC)
    return total


def _fibre(rng: Rng) -> F32:
    total = np.zeros((BANK, BANK), np.float32)
    for _ in range(6):
        length = int(rng.integers(7, 25))
        kernel = np.zeros((length, length), np.float32)
        angle, half = rng.uniform(0, np.pi), length / 2
        shift = np.array([np.cos(angle), np.sin(angle)]) * half * 0.9
        ends = [tuple(int(v) for v in half + sign * shift) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
        sparse = (rng.random((BANK, BANK)) < 0.02).astype(np.float32) * rng.choice([-1.0, 1.0])
        total += np.asarray(cv2.filter2D(sparse, -1, kernel), np.float32)
    return total + 0.4 * rng.standard_normal((BANK, BANK)).astype(np.float32)


def _grain(rng: Rng) -> F32:
    noise = cv2.GaussianBlur(
        rng.standard_normal((BANK, BANK)).astype(np.float32), (0, 0), sigmaX=40, sigmaY=1.2
    )
    bend = cv2.GaussianBlur(
        rng.standard_normal((BANK, BANK)).astype(np.float32), (0, 0), sigmaX=60, sigmaY=30
    )
    rows, columns = np.mgrid[0:BANK, 0:BANK].astype(np.float32)
    return cv2.remap(noise, columns, rows + _unit(bend) * 6, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _speckle(rng: Rng) -> F32:
    spots = np.zeros((BANK, BANK), np.float32)
    for _ in range(1500):
        centre = (int(rng.integers(BANK)), int(rng.integers(BANK)))
        cv2.circle(spots, centre, int(rng.integers(1, 5)), float(rng.normal()), -1, cv2.LINE_AA)
    return cv2.GaussianBlur(spots, (0, 0), 0.7)


def _white(rng: Rng) -> F32:
    return rng.standard_normal((BANK, BANK)).astype(np.float32)


def _wrinkle(rng: Rng) -> F32:
    """Ridges: where two smooth fields cross zero; film and crumpled paper."""
    smooth = [
        _unit(cv2.GaussianBlur(rng.standard_normal((BANK, BANK)).astype(np.float32), (0, 0), sigma))
        for sigma in (26.0, 12.0, 6.0)
    ]
    return sum((np.exp(-np.abs(field) * 7.0) for field in smooth), np.zeros((BANK, BANK), np.float32))


_MAKERS = {
    "cloud": _cloud,
    "fibre": _fibre,
    "grain": _grain,
    "speckle": _speckle,
    "white": _white,
    "wrinkle": _wrinkle,
}


@cache
def bank(kind: str, variant: int) -> F32:
    """Noise of zero mean and unit deviation, ``(BANK, BANK)``; the same in every process."""
    rng = np.random.default_rng([sum(kind.encode()), variant, 71])
    field = _unit(_MAKERS[kind](rng))
    field.flags.writeable = False
    return field


def noise(kind: str, rng: Rng, shape: tuple[int, ...], scale: float = 1.0, stretch: float = 1.0) -> F32:
    """A random cut of the bank.

    Args:
        shape: ``(height, width)`` wanted.
        scale: output pixels per pixel of the bank; above 1 gives coarser noise.
        stretch: extra factor along x.
    """
    height, width = shape[:2]
    field = bank(kind, int(rng.integers(VARIANTS)))
    rows = int(np.clip(round(height / scale), 4, BANK))
    columns = int(np.clip(round(width / (scale * stretch)), 4, BANK))
    top, left = int(rng.integers(BANK - rows + 1)), int(rng.integers(BANK - columns + 1))
    cut = field[top : top + rows, left : left + columns]
    flip = int(rng.integers(4))
    if flip:
        cut = cv2.flip(cut, flip - 2)
    if cut.shape == (height, width):
        return np.ascontiguousarray(cut)
    method = cv2.INTER_AREA if rows > height and columns > width else cv2.INTER_LINEAR
    return cv2.resize(cut, (width, height), interpolation=method)


def tint(luminance: F32, colour: Sequence[float] | npt.NDArray[Any]) -> U8:
    """Luminance around 1 times an RGB colour (0..255) -> RGB uint8."""
    light = np.maximum(luminance, 0)
    return cv2.merge([cv2.convertScaleAbs(light, alpha=float(value)) for value in colour])


def jitter(rng: Rng, colour: Sequence[float], amount: float = 12.0) -> npt.NDArray[np.float64]:
    """A colour moved by common and per-channel random amounts, inside 0..255."""
    moved = np.array(colour) + rng.normal(0, amount) + rng.normal(0, amount * 0.16, 3)
    return np.clip(moved, 4, 252)


def with_alpha(rgb: U8, alpha: U8) -> U8:
    """RGB ``(h, w, 3)`` and alpha ``(h, w)`` as one RGBA picture."""
    rgba: U8 = np.empty((*alpha.shape, 4), np.uint8)
    cv2.mixChannels([rgb, alpha], [rgba], [0, 0, 1, 1, 2, 2, 3, 3])
    return rgba
