from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipack_vision.library.photos import LEAST_CONTRAST, MOST_BLUR
from lipack_vision.library.sharpness import sharpness
from lipack_vision.types import ImageArray
from tests.helpers.library import carton

LARGE = (2048, 1536)


def blurred(image: ImageArray, sigma: float) -> ImageArray:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


@pytest.mark.parametrize("sigma", [2.0, 3.0, 4.0, 6.0])
def test_blur_is_told_in_pixels(sigma: float) -> None:
    measured = sharpness(blurred(carton(1, size=(1024, 768)), sigma)).blur
    assert measured == pytest.approx(sigma, rel=0.35)


def test_blur_does_not_depend_on_contrast_or_the_camera_s_pixels() -> None:
    image = blurred(carton(2, size=LARGE), 6)
    whole = sharpness(image).blur
    assert whole == pytest.approx(3, rel=0.2)
    faint = (image.astype(np.float32) * 0.3 + 90).astype(np.uint8)
    assert sharpness(faint).blur == pytest.approx(whole, rel=0.1)
    half = np.asarray(cv2.resize(image, (1024, 768), interpolation=cv2.INTER_AREA), np.uint8)
    assert sharpness(half).blur == pytest.approx(whole, rel=0.05)


def test_a_shaken_camera_blurs_along_one_direction_and_is_told() -> None:
    image = carton(3, size=(1024, 768))
    shaken = np.asarray(cv2.blur(image, (25, 1)), np.uint8)
    assert sharpness(image).blur < MOST_BLUR < sharpness(shaken).blur


def test_noise_does_not_make_a_blurred_photo_sharp() -> None:
    image = blurred(carton(4, size=LARGE), 12).astype(np.float32)
    noisy = image + np.random.default_rng(0).normal(0, 6, image.shape)
    assert sharpness(np.clip(noisy, 0, 255).astype(np.uint8)).blur > MOST_BLUR


def test_an_empty_photo_has_no_edges() -> None:
    assert sharpness(np.full((400, 400, 3), 90, np.uint8)).contrast == 0
    ramp = np.repeat(np.linspace(0, 255, 1024, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert sharpness(np.repeat(ramp, 600, axis=0)).contrast < LEAST_CONTRAST
