"""From a clean picture to a photo: light, blur, noise, tone, sharpening, compression."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.light import exposure, field, glare
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import F32, U8, Rng, noise


def _motion_kernel(rng: Rng, length: float) -> F32:
    side = int(np.ceil(length)) | 1
    kernel = np.zeros((side, side), np.float32)
    angle, middle = rng.uniform(0, np.pi), (side - 1) / 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    ends = [tuple(round(v * 16) for v in middle + sign * reach) for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    return kernel / max(float(kernel.sum()), 1e-6)


def blur(image: U8, rng: Rng, severity: float) -> U8:
    """Optics, defocus and shake, in proportion to the photo's size."""
    unit = max(image.shape[:2]) / 640
    sigma = rng.uniform(0.2, 0.65)
    if rng.random() < 0.28 * severity:
        sigma += rng.gamma(1.5, 0.75) * severity * unit
    if rng.random() < 0.16 * severity:
        length = float(min(2 + rng.gamma(1.6, 2.6) * unit * severity, 18 * unit))
        image = cv2.filter2D(image, -1, _motion_kernel(rng, length))
    if sigma > 0.35:
        image = cv2.GaussianBlur(image, (0, 0), float(min(sigma, 4.0 * unit)))
    return image


def coarse(image: U8, rng: Rng) -> U8:
    """A photo taken or stored smaller, then enlarged again."""
    height, width = image.shape[:2]
    part = rng.uniform(0.3, 0.9)
    small = cv2.resize(
        image, (max(8, int(width * part)), max(8, int(height * part))), interpolation=cv2.INTER_AREA
    )
    if rng.random() < 0.5:
        small = _jpeg(small, int(rng.integers(40, 90)))[1]
    method = int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST], p=[0.5, 0.45, 0.05]))
    return cv2.resize(small, (width, height), interpolation=method)


def _expose(image: U8, rng: Rng, severity: float) -> U8:
    """Light and noise in linear space (gamma 2 stands for sRGB: its inverse is one fast root)."""
    height, width = image.shape[:2]
    linear: F32 = cv2.LUT(image, _LINEAR)
    light = field(rng, (width, height), severity) * np.float32(exposure(rng, severity))
    linear *= cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)
    # Highlights roll off instead of clipping hard.
    shoulder = np.float32(rng.uniform(-0.1, 0.2))
    if shoulder > 0.05:
        linear = linear * (1 + shoulder) / (1 + shoulder * linear)
    encoded: F32 = cv2.sqrt(np.maximum(linear, 0))
    strength = rng.gamma(1.3, 2.2) * severity
    if strength > 0.7:
        size = float(rng.choice([1.0, 1.0, 1.6, 2.4]))
        grain = noise("white", rng, (height, width), size) * np.float32(strength / 255)
        if rng.random() < 0.5:
            chroma = [
                grain + noise("white", rng, (height, width), 2.0) * np.float32(strength * 0.5 / 255)
                for _ in range(3)
            ]
            encoded += cv2.merge(chroma)
        else:
            encoded += cv2.cvtColor(grain, cv2.COLOR_GRAY2RGB)
    return cv2.convertScaleAbs(np.maximum(encoded, 0), alpha=255.0)


_LINEAR = ((np.arange(256, dtype=np.float32) / 255) ** 2).reshape(256, 1)


def _tone(image: U8, rng: Rng, severity: float) -> U8:
    """Contrast, black level, saturation, tint; grey at rare times."""
    contrast = 1.04 + rng.normal(0, 0.12) * severity
    levels = np.arange(256, dtype=np.float32)
    middle = np.float32(rng.uniform(95, 150))
    base = (levels - middle) * np.float32(contrast) + middle + np.float32(rng.normal(0, 6) * severity)
    tables = [np.clip(base + rng.normal(0, 2) * severity, 0, 255).astype(np.uint8) for _ in range(3)]
    image = cv2.LUT(image, cv2.merge(tables))
    roll = rng.random()
    if roll < 0.025 * severity:
        return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    saturation = float(np.clip(1.05 + rng.normal(0, 0.16) * severity, 0.3, 1.6))
    if roll < 0.08:
        saturation *= float(rng.uniform(0.4, 1.4))
    return cv2.addWeighted(image, saturation, grey, 1 - saturation, 0)


def _sharpen(image: U8, rng: Rng) -> U8:
    amount, sigma = float(rng.uniform(0.3, 1.6)), float(rng.uniform(0.7, 2.0))
    return cv2.addWeighted(image, 1 + amount, cv2.GaussianBlur(image, (0, 0), sigma), -amount, 0)


def _jpeg(image: U8, quality: int) -> tuple[bytes, U8]:
    _, packed = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    decoded = cv2.imdecode(packed, cv2.IMREAD_COLOR_RGB)
    return packed.tobytes(), np.asarray(decoded, np.uint8)


def take(image: U8, rng: Rng, settings: SynthSettings) -> tuple[bytes, U8]:
    """Photograph a clean RGB picture ``(H, W, 3)``: JPEG bytes and the pixels they decode to."""
    severity = settings.severity
    if rng.random() < 0.10 * severity:
        image = glare(image, rng)
    image = blur(image, rng, severity)
    image = _expose(image, rng, severity)
    if rng.random() < 0.9:
        image = _tone(image, rng, severity)
    if rng.random() < 0.3 * severity:
        image = _sharpen(image, rng)
    if rng.random() < 0.15 * severity:
        image = coarse(image, rng)
    low = 95 - 65 * severity
    quality = int(rng.uniform(low, 96)) if rng.random() < 0.6 else int(rng.uniform(80, 96))
    return _jpeg(image, quality)
