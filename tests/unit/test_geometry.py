from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipack_vision import geometry
from lipack_vision.errors import ShapeError

SQUARE = np.float32([[0, 0], [10, 0], [10, 10], [0, 10]])
SKEWED = np.float32([[40, 30], [160, 50], [150, 170], [30, 140]])


def test_homography_takes_corner_to_corner() -> None:
    matrix = geometry.homography(SKEWED, SQUARE)
    np.testing.assert_allclose(geometry.transform(SKEWED, matrix), SQUARE, atol=1e-4)


def test_degenerate_quads_are_refused() -> None:
    line = np.float32([[0, 0], [5, 0], [10, 0], [0, 10]])
    with pytest.raises(ShapeError, match="convex"):
        geometry.homography(line, SQUARE)
    assert not geometry.is_convex(SKEWED[[0, 2, 1, 3]])
    assert geometry.is_convex(SKEWED[::-1])


def test_iou_of_known_overlaps() -> None:
    assert geometry.quad_iou(SQUARE, SQUARE) == pytest.approx(1)
    assert geometry.quad_iou(SQUARE, SQUARE + (5, 0)) == pytest.approx(1 / 3, abs=1e-4)
    assert geometry.quad_iou(SQUARE, SQUARE + (50, 0)) == 0
    diamond = np.float32([[5, -5], [15, 5], [5, 15], [-5, 5]])
    assert geometry.quad_iou(SQUARE, diamond) == pytest.approx(0.5, abs=1e-3)


def test_rectify_brings_the_first_corner_to_the_top_left() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    cv2.circle(image, tuple(int(v) for v in SKEWED[1]), 9, (255, 0, 0), -1)
    upright = geometry.rectify(image, SKEWED, (100, 100))
    assert upright.shape == (100, 100, 3)
    assert upright[2, 97, 0] > 200
    assert upright[2, 2].max() == 0
    turned = geometry.rectify(image, np.roll(SKEWED, -1, axis=0), (100, 100))
    assert turned[2, 2, 0] > 200


def test_rectify_to_a_small_size_averages() -> None:
    board = np.indices((400, 400)).sum(axis=0) % 2 * 255
    image = np.repeat(board[:, :, None], 3, axis=2).astype(np.uint8)
    small = geometry.rectify(image, geometry.unit_quad(400, 400), (20, 20))
    assert abs(float(small.mean()) - 127.5) < 3
    assert small.std() < 12


def test_millimetres_from_a_label_of_known_size() -> None:
    to_photo = geometry.homography(
        geometry.unit_quad(400, 300), np.float32([[50, 60], [600, 90], [580, 420], [80, 400]])
    )
    label = geometry.transform([[100, 100], [200, 100], [200, 200], [100, 200]], to_photo)
    other = geometry.transform([[250, 50], [370, 50], [370, 160], [250, 160]], to_photo)
    to_mm = geometry.millimetre_map(label, 100, 100)
    assert geometry.size_mm(other, to_mm) == pytest.approx((120, 110), abs=0.1)


def test_boxes_areas_and_growth() -> None:
    assert geometry.bounding_box(SKEWED) == (30, 30, 160, 170)
    assert geometry.area(SQUARE) == 100
    np.testing.assert_allclose(geometry.expand(SQUARE, 0.2), [[-1, -1], [11, -1], [11, 11], [-1, 11]])
    assert geometry.natural_size(SQUARE) == (10, 10)


def test_clockwise_means_convex_and_not_mirrored() -> None:
    assert geometry.is_clockwise(SQUARE)
    assert geometry.is_clockwise(np.roll(SQUARE, 1, axis=0))
    assert not geometry.is_clockwise(SQUARE[::-1])
    assert not geometry.is_clockwise(SQUARE[[0, 2, 1, 3]])


def test_the_share_of_a_polygon_that_others_cover() -> None:
    square = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.float32)
    left, right = square - [10, 0], square + [10, 0]
    assert geometry.covered_share(square, []) == 0
    assert geometry.covered_share(square, [left]) == pytest.approx(0.5, abs=0.03)
    assert geometry.covered_share(square, [left, right]) == 1
    assert geometry.covered_share(square, [square + 100]) == 0
    assert geometry.covered_share(square, [(square - 20) * 1e7]) == 1
    hollow = [[0, 0], [60, 0], [60, 60], [32, 60], [32, 8], [8, 8], [8, 60], [0, 60]]
    assert geometry.covered_share(square, [hollow]) < 0.05
