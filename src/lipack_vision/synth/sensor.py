"""From a clean picture to a photo: light, blur, noise, tone, sharpening, compression."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.light import exposure, field, glare, sun_patches
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import F32, U8, Rng, noise


def _shake(image: U8, rng: Rng, length: float) -> U8:
    """Smear along a straight line of ``length`` px: each step doubles the taps of the one before."""
    height, width = image.shape[:2]
    angle, steps = rng.uniform(0, np.pi), max(1, int(np.ceil(np.log2(max(length, 1.5)))))
    along = np.array([np.cos(angle), np.sin(angle)]) * length / 2**steps
    for step in range(steps):
        shift = np.eye(2, 3)
        shift[:, 2] = along * 2**step
        moved = cv2.warpAffine(image, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        image = cv2.addWeighted(image, 0.5, moved, 0.5, 0)
    # Half of the way back keeps the middle of the smear where the sharp picture was.
    back = np.eye(2, 3)
    back[:, 2] = -along * (2**steps - 1) / 2
    return cv2.warpAffine(image, back, (width, height), borderMode=cv2.BORDER_REPLICATE)


def blur(image: U8, rng: Rng, severity: float) -> U8:
    """Optics, defocus and shake, in proportion to the photo's size."""
    unit = max(image.shape[:2]) / 640
    sigma = rng.uniform(0.15, 0.6)
    if rng.random() < 0.2 * severity:
        sigma += rng.gamma(1.5, 0.75) * severity * unit
    if rng.random() < 0.14 * severity:
        length = float(min(2 + rng.gamma(1.6, 2.6) * unit * severity, 18 * unit))
        image = _shake(image, rng, length)
    if sigma > 0.35:
        image = cv2.GaussianBlur(image, (0, 0), float(min(sigma, 4.0 * unit)))
    return image


def enlarged(image: U8, rng: Rng, size: tuple[int, int]) -> U8:
    """A photo taken or stored smaller, then enlarged to ``size`` (w, h)."""
    if rng.random() < 0.35:
        image = _jpeg(image, int(rng.integers(50, 92)))[1]
    method = int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST], p=[0.5, 0.46, 0.04]))
    return cv2.resize(image, size, interpolation=method)


def _expose(image: U8, rng: Rng, severity: float) -> U8:
    """Light and noise. Gamma 2 stands for sRGB: then light acts on stored values by its root."""
    height, width = image.shape[:2]
    light = field(rng, (width, height), severity) * np.float32(exposure(rng, severity))
    lit = cv2.multiply(
        image.astype(np.float32),
        cv2.resize(np.sqrt(light), (width, height), interpolation=cv2.INTER_LINEAR),
        scale=1 / _HEADROOM,
    )
    strength = rng.gamma(1.3, 1.9) * severity / _HEADROOM
    if strength <= 0.6:
        return cv2.convertScaleAbs(lit)
    grain = noise("white", rng, (height, width), float(rng.choice([1.0, 1.0, 1.6, 2.4])))
    if rng.random() < 0.4:
        chroma = [grain + noise("white", rng, (height, width), 2.0) * np.float32(0.5) for _ in range(3)]
        grain = cv2.merge(chroma)
    else:
        grain = cv2.cvtColor(grain, cv2.COLOR_GRAY2RGB)
    return cv2.addWeighted(lit, 1.0, grain, float(strength), 0, dtype=cv2.CV_8U)


_HEADROOM = 1.4
"""Between light and tone, values are this many times smaller, so that highlights can roll off."""


def _shoulder(rng: Rng) -> F32:
    """Table ``(256,)`` from values below the headroom to 0..255; highlights roll off or clip."""
    values = np.arange(256, dtype=np.float32) * np.float32(_HEADROOM / 255)
    bend = np.float32(max(rng.uniform(-0.1, 0.2), 0))
    squared = values**2
    rolled = squared * (1 + bend) / (1 + bend * squared)
    return np.asarray(np.sqrt(rolled) * np.float32(255), np.float32)


def _tone(image: U8, rng: Rng, severity: float) -> U8:
    """Contrast, black level, saturation, tint; grey at rare times."""
    changed = rng.random() < 0.9
    amount = severity if changed else 0.0
    contrast = 1.02 + rng.normal(0, 0.11) * amount
    middle = np.float32(rng.uniform(95, 150))
    base = (_shoulder(rng) - middle) * np.float32(contrast) + middle + np.float32(rng.normal(0, 6) * amount)
    tables = [np.clip(base + rng.normal(0, 2) * amount, 0, 255).astype(np.uint8) for _ in range(3)]
    image = cv2.LUT(image, cv2.merge(tables))
    roll = rng.random()
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if roll < 0.025 * severity:
        return grey
    saturation = float(np.clip(0.93 + rng.normal(0, 0.15) * severity, 0.3, 1.35))
    if roll < 0.08:
        saturation *= float(rng.uniform(0.4, 1.3))
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


def take(
    image: U8, rng: Rng, settings: SynthSettings, size: tuple[int, int] | None = None
) -> tuple[bytes, U8]:
    """Photograph a clean RGB picture ``(H, W, 3)``: JPEG bytes and the pixels they decode to.

    ``size`` (w, h) enlarges the photo when it is taken: fewer pixels than it is stored with.
    """
    severity = settings.severity
    size = (image.shape[1], image.shape[0]) if size is None else size
    if rng.random() < 0.10 * severity:
        image = glare(image, rng)
    if rng.random() < 0.14 * severity:
        image = sun_patches(image, rng)
    image = blur(image, rng, severity)
    image = _expose(image, rng, severity)
    image = _tone(image, rng, severity)
    if rng.random() < 0.6 * severity:
        image = _sharpen(image, rng)
    if size != (image.shape[1], image.shape[0]):
        image = enlarged(image, rng, size)
    low = 95 - 65 * severity
    quality = int(rng.uniform(low, 96)) if rng.random() < 0.6 else int(rng.uniform(80, 96))
    return _jpeg(image, quality)
