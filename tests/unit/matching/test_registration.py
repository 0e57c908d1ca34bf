"""Faces that two photos both show are found with their planes; others are not."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.geometry import homography, quad_iou, transform
from lipack_vision.matching.features import Features
from lipack_vision.matching.registration import LEAST_PAIRS, register
from lipack_vision.matching.tilted import tilted_points
from lipack_vision.types import as_quad
from tests.helpers.matching_pictures import ASLANT, PHOTO, STRAIGHT, face, label, photo

LEFT = as_quad([[30, 90], [295, 70], [295, 360], [30, 390]])
RIGHT = as_quad([[295, 70], [570, 110], [570, 370], [295, 360]])
FRONT = as_quad([[40, 110], [310, 130], [310, 430], [40, 390]])
SIDE = as_quad([[310, 130], [560, 60], [560, 330], [310, 430]])


def test_a_face_seen_aslant_is_found_exactly() -> None:
    one, other = photo([(face(1), STRAIGHT)]), photo([(face(1), ASLANT)], light=0.7)
    (found,) = register(one, other, reference_faces=[STRAIGHT], photo_faces=[ASLANT])
    ends = transform(STRAIGHT, found.matrix)
    assert np.abs(ends - ASLANT).max() < 3
    assert quad_iou(found.region, STRAIGHT) > 0.99
    assert np.linalg.norm(transform(found.pairs[:, 0], found.matrix) - found.pairs[:, 1], axis=1).max() <= 3


def test_without_known_faces_only_what_agrees_is_taken() -> None:
    (found,) = register(photo([(face(1), STRAIGHT)]), photo([(face(1), ASLANT)]))
    assert np.abs(transform(STRAIGHT, found.matrix) - ASLANT).max() < 5
    hull = cv2.convexHull(found.pairs[:, 0].copy())
    assert cv2.contourArea(found.region.copy()) < 1.3 * cv2.contourArea(hull)


def test_each_face_has_a_plane_of_its_own() -> None:
    one = photo([(face(1), LEFT), (face(2), RIGHT)])
    other = photo([(face(1), FRONT), (face(2), SIDE)])
    found = register(one, other, reference_faces=[LEFT, RIGHT], photo_faces=[FRONT, SIDE])
    assert len(found) == 2
    for start, end in ((LEFT, FRONT), (RIGHT, SIDE)):
        wanted = homography(start, end)
        (own,) = [plane for plane in found if quad_iou(plane.region, start) > 0.9]
        assert np.abs(transform(start, own.matrix) - transform(start, wanted)).max() < 4


def test_other_print_is_not_found() -> None:
    one = photo([(face(1), STRAIGHT)])
    for seed in range(2, 8):
        assert register(one, photo([(face(seed), ASLANT)])) == []


def test_nothing_printed_is_not_found() -> None:
    plain = np.full((400, 600, 3), (190, 150, 105), np.uint8)
    blank = photo([(plain, STRAIGHT)])
    assert register(blank, photo([(plain, ASLANT)]), reference_faces=[STRAIGHT], photo_faces=[ASLANT]) == []


def test_a_mirrored_face_is_another() -> None:
    mirrored = np.ascontiguousarray(face(1)[:, ::-1])
    assert register(photo([(face(1), STRAIGHT)]), photo([(mirrored, STRAIGHT)])) == []


def test_the_same_label_at_another_place_is_no_face() -> None:
    sticker = cv2.resize(face(9), (170, 120), interpolation=cv2.INTER_AREA)
    plain = np.full((400, 600, 3), (190, 150, 105), np.uint8)
    one, other = plain.copy(), plain.copy()
    one[20:140, 20:190], other[260:380, 400:570] = sticker, sticker
    pictures = photo([(one, STRAIGHT)]), photo([(other, STRAIGHT)])
    assert sum(len(found.pairs) for found in register(*pictures)) >= LEAST_PAIRS
    assert register(*pictures, reference_faces=[STRAIGHT], photo_faces=[STRAIGHT]) == []


def test_a_label_that_was_added_does_not_hinder() -> None:
    one, other = photo([(face(1), STRAIGHT)]), photo([(label(face(1)), ASLANT)])
    (found,) = register(one, other, reference_faces=[STRAIGHT], photo_faces=[ASLANT])
    assert quad_iou(found.region, STRAIGHT) > 0.99


def test_points_found_before_give_the_same_answer_each_time() -> None:
    one, other = photo([(face(1), STRAIGHT)]), photo([(face(1), ASLANT)])
    known = Features.of(one, [STRAIGHT]), Features.of(other, [ASLANT])
    faces = {"reference_faces": [STRAIGHT], "photo_faces": [ASLANT]}
    first, again = register(*known, **faces), register(one, other, **faces)
    assert np.array_equal(first[0].matrix, again[0].matrix)
    assert known[0].size == PHOTO


def test_what_is_seen_very_much_aslant_is_found_when_looked_for() -> None:
    narrow = as_quad([[220, 30], [340, 130], [340, 440], [220, 410]])
    one, other = photo([(face(3), STRAIGHT)]), photo([(face(3), narrow)])
    seen = Features.of(other)
    found = register(one, seen, aslant=lambda: tilted_points(seen))
    assert found
    middle = STRAIGHT.mean(axis=0, keepdims=True)
    off = transform(middle, found[0].matrix) - transform(middle, homography(STRAIGHT, narrow))
    assert np.abs(off).max() < 6
