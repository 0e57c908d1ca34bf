"""Which square is embedded, and which faces are relied on; light that is put right hides no change."""

from __future__ import annotations

from typing import Any

import numpy as np

from lipack_vision.matching.light import matched_light
from lipack_vision.matching.view import SURE, faces_frame, find_carton
from lipack_vision.types import Mark, as_quad
from tests.helpers.matching_pictures import face, label


def quad(x: float, y: float, width: float, height: float) -> Any:
    return as_quad([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


class Fixed:
    def __init__(self, *marks: Mark) -> None:
        self.marks = list(marks)

    def detect(self, image: np.ndarray) -> list[Mark]:
        return self.marks


BLANK = np.zeros((480, 640, 3), np.uint8)


def test_without_a_carton_the_whole_photo_is_embedded() -> None:
    carton = find_carton(BLANK, Fixed(Mark("class9a", 0.99, quad(10, 10, 50, 50))))
    assert carton.shows_packaging
    assert not find_carton(BLANK, Fixed()).shows_packaging
    frame = faces_frame(carton.faces, (640, 480))
    assert (frame.x, frame.y, frame.width) == (319.5, 239.5, 640)


def test_faces_that_touch_are_one_carton_and_the_largest_one_counts() -> None:
    front, side, other = quad(100, 100, 200, 150), quad(302, 100, 80, 150), quad(500, 300, 60, 60)
    carton = find_carton(BLANK, Fixed(*(Mark("carton", 0.4, one) for one in (other, front, side))))
    frame = faces_frame(carton.faces, (640, 480))
    assert frame == faces_frame([front, side], (640, 480))
    assert (frame.x, frame.y) == (241, 175)
    assert np.isclose(frame.width, 282 * 1.1)


def test_only_probable_faces_are_relied_on_and_none_twice() -> None:
    front, again, side = quad(100, 100, 200, 150), quad(110, 105, 190, 140), quad(302, 100, 80, 150)
    marks = Mark("carton", 0.8, front), Mark("carton", 0.9, again), Mark("carton", SURE - 0.01, side)
    carton = find_carton(BLANK, Fixed(*marks))
    assert len(carton.faces) == 3
    assert len(carton.sure) == 1
    assert np.array_equal(carton.sure[0], again)


def test_light_is_put_right_where_it_changes_evenly() -> None:
    reference = face(1)
    slope = np.linspace(0.5, 0.9, 600)[None, :, None] * np.array([1.0, 0.9, 0.8])
    photo = np.clip(reference * slope, 0, 255).astype(np.uint8)
    mask = np.ones(reference.shape[:2], bool)
    lit = matched_light(photo, reference, mask)
    assert np.abs(photo.astype(int) - reference).mean() > 25
    assert np.abs(lit.astype(int) - reference).mean() < 5


def test_light_does_not_follow_a_label() -> None:
    reference = face(1)
    photo = label(reference, side=150)
    lit = matched_light(photo, reference, np.ones(reference.shape[:2], bool))
    assert np.abs(lit[:200, :200].astype(int) - reference[:200, :200]).mean() < 3
    assert np.abs(lit[260:380, 420:540].astype(int) - reference[260:380, 420:540]).mean() > 30


def test_light_of_what_is_hardly_shared_stays() -> None:
    reference, photo = face(1), face(2)
    assert np.array_equal(matched_light(photo, reference, np.zeros(reference.shape[:2], bool)), photo)
