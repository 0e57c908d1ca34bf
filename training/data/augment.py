"""What printing, light, lens, sensor and file do to a picture. The only file that imports albumentations."""

from __future__ import annotations

import os

import numpy as np

from lipack_vision.types import ImageArray

# Set before the import, which otherwise asks PyPI for a newer release.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations as alb


class Photometric:
    """Colour, blur, noise and compression; places stay where they are.

    Args:
        strength: 0 changes nothing, 1 is the usual amount.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self.strength = strength
        self._chain = alb.Compose(_chain(strength)) if strength > 0 else None

    def __call__(self, rng: np.random.Generator, image: ImageArray) -> ImageArray:
        """Change RGB ``uint8 (H, W, 3)``; the same ``rng`` state gives the same result."""
        if self._chain is None:
            return image
        self._chain.set_random_seed(int(rng.integers(2**31)))
        return np.ascontiguousarray(self._chain(image=image)["image"], np.uint8)


def _chain(strength: float) -> list[alb.BasicTransform | alb.BaseCompose]:
    def often(share: float) -> float:
        return min(1.0, share * strength)

    blur = [
        alb.MotionBlur(blur_limit=(3, 9), p=1.0),
        alb.GaussianBlur(blur_limit=(3, 5), p=1.0),
        alb.Defocus(radius=(1, 3), p=0.5),
    ]
    return [
        alb.RandomBrightnessContrast(brightness_limit=0.25, contrast_limit=0.3, p=often(0.5)),
        alb.RandomGamma(gamma_limit=(65, 150), p=often(0.25)),
        alb.HueSaturationValue(hue_shift_limit=8, sat_shift_limit=30, val_shift_limit=12, p=often(0.4)),
        alb.RGBShift(r_shift_limit=18, g_shift_limit=12, b_shift_limit=18, p=often(0.25)),
        alb.ToGray(p=often(0.03)),
        alb.OneOf(blur, p=often(0.25)),
        alb.Downscale(scale_range=(0.4, 0.85), p=often(0.12)),
        alb.OneOf([alb.GaussNoise(std_range=(0.01, 0.06)), alb.ISONoise()], p=often(0.2)),
        alb.ImageCompression(quality_range=(30, 95), p=often(0.4)),
    ]
