"""How ink sits on board: coverage masks altered as each way of printing alters them.

Every function takes and gives ink coverage ``(H, W)`` uint8, 255 where the plate meant full ink.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.uint8]
Rng = np.random.Generator


def noise(like: Ink, cell_px: float, rng: Rng) -> Ink:
    """Smooth noise around 128 of the size of ``like``, with grains of about ``cell_px`` pixels."""
    shape = like.shape
    rows, columns = (max(2, int(side / max(cell_px, 1.0)) + 2) for side in shape)
    coarse = rng.integers(0, 256, (rows, columns), dtype=np.uint8)
    return np.asarray(
        cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), dtype=np.uint8
    )


def _levels(image: npt.NDArray[np.floating], low: float, high: float) -> Ink:
    return np.asarray(
        cv2.convertScaleAbs(np.clip(image, low, high) - low, alpha=255 / (high - low)), np.uint8
    )


def flexo(ink: Ink, px_per_mm: float, rng: Rng) -> Ink:
    """Flexographic plate on board: a little fat, with ragged edges."""
    sigma = max(0.35, 0.12 * px_per_mm)
    soft = cv2.GaussianBlur(ink, (0, 0), sigma).astype(np.float32)
    rough = noise(ink, 0.3 * px_per_mm, rng).astype(np.float32) - 128
    gain = float(rng.uniform(-25, 35))
    band = 70 if px_per_mm < 3 else 35
    return _levels(soft + rough * float(rng.uniform(0.05, 0.4)) + gain, 128 - band, 128 + band)


def speckled(ink: Ink, px_per_mm: float, rng: Rng) -> Ink:
    """Starved ink: the fibres of the board show through in small spots."""
    holes = noise(ink, rng.uniform(0.25, 0.7) * px_per_mm, rng)
    threshold = int(rng.integers(25, 75))
    cover = cv2.convertScaleAbs(np.maximum(holes, threshold) - threshold, alpha=6)
    return np.asarray(cv2.min(ink, cover), dtype=np.uint8)


def worn(ink: Ink, px_per_mm: float, rng: Rng) -> Ink:
    """Rubbed in transport: large areas paler, with a few scratches."""
    area = noise(ink, rng.uniform(6, 20) * px_per_mm, rng)
    depth = rng.uniform(0.3, 0.75)
    fade = cv2.convertScaleAbs(area, alpha=depth, beta=255 * (1 - depth))
    for _ in range(int(rng.integers(0, 4))):
        x0, x1 = (int(v) for v in rng.integers(0, ink.shape[1], 2))
        y0, y1 = (int(v) for v in rng.integers(0, ink.shape[0], 2))
        width = max(1, round(rng.uniform(0.15, 0.5) * px_per_mm))
        cv2.line(fade, (x0, y0), (x1, y1), 20.0, width, cv2.LINE_AA)
    return np.asarray(cv2.multiply(ink, fade, scale=1 / 255), dtype=np.uint8)


def smeared(ink: Ink, px_per_mm: float, rng: Rng) -> Ink:
    """Wet ink dragged along the box: a pale tail to one side."""
    length = max(3, round(rng.uniform(1.0, 4.0) * px_per_mm))
    kernel = np.linspace(1, 0, length, dtype=np.float32)[None, :]
    kernel /= kernel.sum()
    # The anchor at an end makes the tail one-sided.
    if rng.random() < 0.5:
        tail = cv2.filter2D(ink, -1, kernel[:, ::-1], anchor=(length - 1, 0))
    else:
        tail = cv2.filter2D(ink, -1, kernel, anchor=(0, 0))
    return np.asarray(
        cv2.max(ink, cv2.convertScaleAbs(tail, alpha=float(rng.uniform(0.35, 0.8)))), dtype=np.uint8
    )


def sprayed(ink: Ink, px_per_mm: float, rng: Rng) -> Ink:
    """Paint sprayed through a stencil: soft edges and a little overspray."""
    soft = cv2.GaussianBlur(ink, (0, 0), max(0.4, rng.uniform(0.1, 0.25) * px_per_mm))
    grain = noise(ink, 0.2 * px_per_mm, rng)
    fog = cv2.GaussianBlur(ink, (0, 0), 1.2 * px_per_mm)
    over = cv2.multiply(fog, grain, scale=float(rng.uniform(0.1, 0.35)) / 255)
    return np.asarray(cv2.max(soft, over), dtype=np.uint8)


def pressed(ink: Ink, px_per_mm: float, rng: Rng) -> tuple[Ink, Ink]:
    """Letters pressed into the material: shadow and light along their edges.

    Returns:
        Coverage of the dark and of the light edges, each ``(H, W)``.
    """
    shift = max(1, round(rng.uniform(0.25, 0.5) * px_per_mm))
    soft = cv2.GaussianBlur(ink, (0, 0), max(0.4, 0.12 * px_per_mm))
    moved = np.zeros_like(soft)
    moved[shift:, shift:] = soft[:-shift, :-shift]
    edges = cv2.subtract(soft, moved), cv2.subtract(moved, soft)
    raised = rng.random() < 0.5
    dark, light = edges if raised else edges[::-1]
    return (
        np.asarray(cv2.convertScaleAbs(dark, alpha=float(rng.uniform(0.45, 0.8))), np.uint8),
        np.asarray(cv2.convertScaleAbs(light, alpha=float(rng.uniform(0.3, 0.7))), np.uint8),
    )
