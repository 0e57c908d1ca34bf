"""Print that lies elsewhere on a face is told from print on another face, and from nothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipack_vision.geometry import homography, transform, unit_quad
from lipack_vision.matching.moved import LEAST_MOVED, moved_print
from lipack_vision.matching.registration import Registered, register
from lipack_vision.types import ImageArray, as_quad
from tests.helpers.matching_pictures import ASLANT, FACE, STICKER, STRAIGHT, face, photo, stuck

PLACE, ELSEWHERE = (30, 270), (330, 270)
UNIT = 1.0
OWN = np.full((20, 2, 2), (150, 400), np.float32)
"""Of the face, some way below the print in question."""


def found(one: ImageArray, other: ImageArray) -> Registered:
    pictures = photo([(one, STRAIGHT)]), photo([(other, ASLANT)])
    (told,) = register(*pictures, reference_faces=[STRAIGHT], photo_faces=[ASLANT])
    return told


def corners(at: tuple[int, int], quad: np.ndarray) -> np.ndarray:
    x, y = at
    w, h = STICKER
    square = np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h]], np.float32)
    return transform(square, homography(unit_quad(*FACE), quad))


def test_a_sticker_that_was_moved_is_told_with_both_places() -> None:
    told = found(stuck(PLACE), stuck(ELSEWHERE))
    assert len(told.moved) >= LEAST_MOVED
    for points, wanted in (
        (told.moved[:, 0], corners(PLACE, STRAIGHT)),
        (told.moved[:, 1], corners(ELSEWHERE, ASLANT)),
    ):
        inside = [cv2.pointPolygonTest(wanted, point, True) > -4 for point in points.tolist()]
        assert np.mean(inside) > 0.9


@pytest.mark.parametrize("at", [PLACE, ELSEWHERE])
def test_where_nothing_was_moved_nothing_is_told(at: tuple[int, int]) -> None:
    assert len(found(stuck(at), stuck(at)).moved) == 0


LEFT, RIGHT = (
    as_quad([[30, 90], [295, 70], [295, 360], [30, 390]]),
    as_quad([[295, 70], [570, 110], [570, 370], [295, 360]]),
)
FRONT, SIDE = (
    as_quad([[40, 110], [310, 130], [310, 430], [40, 390]]),
    as_quad([[310, 130], [500, 60], [500, 330], [310, 430]]),
)


def two_faces(one: ImageArray, other: ImageArray) -> list[Registered]:
    pictures = photo([(one, LEFT), (face(2), RIGHT)]), photo([(other, FRONT), (face(2), SIDE)])
    return register(*pictures, reference_faces=[LEFT, RIGHT], photo_faces=[FRONT, SIDE])


def test_another_face_of_the_carton_is_no_moved_print() -> None:
    told = two_faces(face(1), face(1))
    assert len(told) == 2
    assert all(len(plane.moved) == 0 for plane in told)


def test_moved_print_is_found_beside_another_face() -> None:
    told = two_faces(stuck(PLACE), stuck(ELSEWHERE))
    assert len(told) == 2
    assert sorted(len(plane.moved) >= LEAST_MOVED for plane in told) == [False, True]


def group(count: int, away: tuple[float, float], grown: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    before = rng.uniform(100, 200, (count, 2)).astype(np.float32)
    after = (before - 150) * np.array([grown, 1], np.float32) + 150 + np.array(away, np.float32)
    return np.stack([before, after], axis=1).astype(np.float32)


def meeting(count: int, edge: tuple[float, float]) -> np.ndarray:
    """Points that are stretched away from an edge."""
    pairs = group(count, (0, 0))
    pairs[:, 1, 1] = edge[1] + 1.12 * (pairs[:, 0, 1] - edge[1])
    return pairs


@pytest.mark.parametrize(
    ("pairs", "moved"),
    [
        (group(30, (40, 10)), True),
        (group(LEAST_MOVED, (40, 10)), True),
        (group(LEAST_MOVED - 1, (40, 10)), False),
        (group(30, (6, 4)), False),  # within what a bulging face does
        (group(30, (40, 10), grown=0.6), False),  # seen at another angle: another face
        (meeting(30, (150, 320)), False),  # nothing misses its place at the edge between: another face
        (group(0, (0, 0)), False),
    ],
)
def test_what_counts_as_moved(pairs: np.ndarray, moved: bool) -> None:
    assert (len(moved_print(np.eye(3), OWN, pairs, UNIT)) > 0) == moved


def test_a_sign_that_is_printed_twice_has_not_moved() -> None:
    pairs = group(30, (200, 0))
    there = np.stack([pairs[:, 1], pairs[:, 1]], axis=1)
    assert len(moved_print(np.eye(3), np.concatenate([OWN, there]), pairs, UNIT)) == 0


def test_a_part_of_what_misses_its_place_in_many_ways_has_not_moved() -> None:
    """A part of another face, of which each part misses its place in another way."""
    rng = np.random.default_rng(2)
    before = rng.uniform(100, 300, (150, 2)).astype(np.float32)
    away = np.stack([20 + 0.3 * (before[:, 0] - 200), 0 * before[:, 0]], axis=1)
    pairs = np.stack([before, before + away], axis=1).astype(np.float32)
    assert len(moved_print(np.eye(3), OWN, pairs, UNIT)) == 0


def test_a_group_of_another_face_does_not_hide_what_moved() -> None:
    other = group(60, (0, 60), grown=0.6)
    other += np.array([400, 0], np.float32)
    told = moved_print(np.eye(3), OWN, np.concatenate([other, group(20, (40, 10))]), UNIT)
    assert len(told) == 20
    many = np.random.default_rng(3).uniform(0, 4000, (1600, 2, 2)).astype(np.float32)
    assert len(moved_print(np.eye(3), OWN, np.concatenate([many, group(80, (40, 10))]), UNIT)) >= 30


def test_scattered_pairs_are_none() -> None:
    pairs = np.random.default_rng(1).uniform(0, 600, (200, 2, 2)).astype(np.float32)
    assert len(moved_print(np.eye(3), OWN, pairs, UNIT)) == 0
