"""Light on the whole photo: gradients, hot spots, cast shadows, colour temperature, exposure."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.texture import F32, U8, Rng

CELLS = 80
"""Light is smooth: it is made this small and enlarged."""


def shadows(rng: Rng, shape: tuple[int, ...]) -> F32:
    """Soft shadows of things outside the frame: window bars, people, cables; factors 0..1."""
    height, width = shape[:2]
    mask = np.zeros(shape, np.uint8)
    if rng.random() < 0.25:
        step, angle = rng.uniform(0.1, 0.35) * width, rng.uniform(-0.6, 0.6)
        for i in range(-3, 9):
            x = i * step
            ends = [(int(x), -height), (int(x + np.tan(angle) * 3 * height), 2 * height)]
            cv2.line(mask, ends[0], ends[1], 255, max(1, int(step * 0.35)))
    for _ in range(int(rng.integers(1, 4))):
        centre = rng.uniform(-0.2, 1.2, 2) * (width, height)
        points = centre + rng.normal(0, 1, (int(rng.integers(3, 7)), 2)) * rng.uniform(0.1, 0.5) * width
        hull = cv2.convexHull(np.rint(points).astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 255)
    soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.6, 9.0)))
    return (1 - soft * np.float32(rng.uniform(0.15, 0.65) / 255)).astype(np.float32)


def field(rng: Rng, size: tuple[int, int], severity: float) -> F32:
    """Linear light factors ``(h, w, 3)`` at low resolution, about 1 in the mean before exposure."""
    width, height = size
    factor = CELLS / max(width, height)
    w, h = max(8, round(width * factor)), max(8, round(height * factor))
    x, y = np.meshgrid(np.linspace(-1, 1, w, dtype=np.float32), np.linspace(-1, 1, h, dtype=np.float32))
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.float32(rng.gamma(1.5, 0.16) * severity)
    light = np.exp((np.float32(np.cos(angle)) * x + np.float32(np.sin(angle)) * y) * slope)
    if rng.random() < 0.3 * severity:
        centre, spread = rng.uniform(-0.8, 0.8, 2), rng.uniform(0.25, 1.1)
        spot = np.exp(
            -((x - np.float32(centre[0])) ** 2 + (y - np.float32(centre[1])) ** 2) / np.float32(spread**2)
        )
        gain = rng.gamma(1.5, 0.5)
        light *= (1 + np.float32(gain) * spot) / np.float32(1 + 0.5 * gain)
    if rng.random() < 0.5 * severity:
        light *= 1 - np.float32(rng.uniform(0.05, 0.45) * severity) * np.minimum((x**2 + y**2) / 2, 1)
    if rng.random() < 0.08 * severity:
        # Flash: bright in the middle, dark soon beside it.
        near, fall = rng.uniform(-0.3, 0.3, 2), np.float32(rng.uniform(0.5, 2.5))
        light *= np.float32(1.3) / (
            1 + fall * ((x - np.float32(near[0])) ** 2 + (y - np.float32(near[1])) ** 2)
        )
    if rng.random() < 0.3 * severity:
        light *= shadows(rng, light.shape)
    warm = rng.normal(0.01, 0.075) * severity
    green = rng.normal(0.01, 0.025) * severity
    gains = np.array([np.exp(warm), np.exp(green), np.exp(-warm)], np.float32)
    if rng.random() < 0.2 * severity:
        # Mixed light: one side warmer than the other.
        mixed = np.float32(rng.normal(0, 0.2)) * (x if rng.random() < 0.5 else y)
        tint = np.stack([np.exp(mixed), np.ones_like(mixed), np.exp(-mixed)], axis=2)
    else:
        tint = np.ones((1, 1, 3), np.float32)
    coloured: F32 = light[..., None] * gains * tint
    return coloured


def exposure(rng: Rng, severity: float) -> float:
    """Linear gain: near right mostly, seldom far off."""
    roll = rng.random()
    stops = rng.normal(0.05, 0.25)
    if roll < 0.07:
        stops = -rng.uniform(0.7, 2.1)
    elif roll < 0.12:
        stops = rng.uniform(0.35, 0.9)
    return float(2.0 ** (stops * severity))


def sun_patches(image: U8, rng: Rng) -> U8:
    """Direct sun: hard edges between lit and shaded parts, the shade bluish."""
    height, width = image.shape[:2]
    mask: U8 = np.zeros((max(8, height // 2), max(8, width // 2)), np.uint8)
    h, w = mask.shape
    angle = rng.uniform(0, np.pi)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    for _ in range(int(rng.integers(1, 5))):
        centre = rng.uniform(0, 1, 2) * (w, h)
        a, b = rng.uniform(0.2, 1.6) * w * along, rng.uniform(0.04, 0.5) * w * across
        lean = along * rng.normal(0, 0.15) * w
        quad = np.array([centre - a - b + lean, centre + a - b + lean, centre + a + b, centre - a + b])
        cv2.fillConvexPoly(mask, np.rint(quad).astype(np.int32), 255, cv2.LINE_AA)
    if rng.random() < 0.5:
        mask = 255 - mask
    mask = cv2.blur(mask, (3, 3)) if rng.random() < 0.7 else cv2.GaussianBlur(mask, (0, 0), 4.0)
    full = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    depth = float(rng.uniform(0.25, 0.62))
    shade = [
        cv2.convertScaleAbs(full, alpha=-depth * part, beta=255.0)
        for part in (1.0, 0.97, float(rng.uniform(0.8, 0.95)))
    ]
    return cv2.multiply(image, cv2.merge(shade), scale=1.12 / 255)


def glare(image: U8, rng: Rng) -> U8:
    """A blown-out patch: a window or lamp mirrored by film, tape or a polished floor."""
    height, width = image.shape[:2]
    w, h = max(8, width // 8), max(8, height // 8)
    mask: U8 = np.zeros((h, w), np.uint8)
    for _ in range(int(rng.integers(1, 6))):
        centre = (int(rng.integers(w)), int(rng.integers(h)))
        axes = (int(rng.exponential(0.025) * w) + 1, int(rng.exponential(0.02) * h) + 1)
        cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(90, 255)), -1)
    mask = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.6, 3.0)))
    full = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.add(image, cv2.cvtColor(full, cv2.COLOR_GRAY2RGB))
