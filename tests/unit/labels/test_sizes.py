"""Pictures cut from the smaller or the larger one of two sizes of a photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipack_vision.artifact import Preprocessing
from lipack_vision.image import ReducedPhoto
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.labels.decode import letterbox
from lipack_vision.labels.sizes import Sizes

PRE = Preprocessing(width=320, height=320)


def sizes(photo: ReducedPhoto) -> Sizes:
    small, box = letterbox(photo.image, PRE)
    return Sizes(photo, small, box.scale)


def picture(width: int, height: int) -> np.ndarray:
    """Soft blobs, which look alike however they are averaged."""
    noise = np.random.default_rng(3).uniform(0, 255, (height // 80, width // 80, 3)).astype(np.float32)
    return np.clip(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("aspect", [1.0, 1.6, 0.6])
def test_a_large_frame_shows_the_same_when_cut_from_the_small_picture(aspect: float) -> None:
    image = picture(1280, 960)
    frame = Frame(700.0, 420.0, 600.0 * max(aspect, 1), 0.0, aspect)
    found = sizes(ReducedPhoto(image, 1, lambda: image)).cut(frame, 112)
    expected = cut(image, frame, 112)
    assert not np.array_equal(found, expected)
    assert np.abs(found.astype(float) - expected).mean() < 1.5


def test_a_small_frame_is_cut_from_the_photo() -> None:
    image = picture(1280, 960)
    frame = Frame(700.0, 420.0, 300.0)
    np.testing.assert_array_equal(
        sizes(ReducedPhoto(image, 1, lambda: image)).cut(frame, 112), cut(image, frame, 112)
    )


def test_a_photo_that_was_enlarged_for_the_net_is_cut_as_it_is() -> None:
    image = picture(240, 160)
    frame = Frame(100.0, 80.0, 150.0)
    np.testing.assert_array_equal(
        sizes(ReducedPhoto(image, 1, lambda: image)).cut(frame, 112), cut(image, frame, 112)
    )


def test_what_is_small_on_the_reduced_photo_is_cut_finely_from_the_whole_one() -> None:
    whole = picture(1280, 960)
    reduced = cv2.resize(whole, (640, 480), interpolation=cv2.INTER_AREA)
    photo = sizes(ReducedPhoto(reduced, 2, lambda: whole))
    small, large = Frame(200.0, 120.0, 60.0), Frame(200.0, 120.0, 100.0)
    np.testing.assert_array_equal(photo.cut_finely(small, 112), cut(whole, small.enlarged(2), 112))
    np.testing.assert_array_equal(photo.cut_finely(large, 112), cut(reduced, large, 112))
