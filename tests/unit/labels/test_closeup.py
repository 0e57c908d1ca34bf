from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lipack_vision.geometry import transform
from lipack_vision.labels.closeup import Frame, cut, to_photo
from lipack_vision.labels.corners import corner_pixels, corner_places

SQUARE = np.array([[100, 60], [140, 60], [140, 100], [100, 100]], np.float32)
DIAMOND = np.array([[120, 50], [150, 80], [120, 110], [90, 80]], np.float32)


def turned(quad: np.ndarray, degrees: float) -> np.ndarray:
    """The artwork turned clockwise on the photo about its middle."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return ((quad - quad.mean(axis=0)) @ turn + quad.mean(axis=0)).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 30, -75, 90, 180])
@pytest.mark.parametrize(("quad", "diamond"), [(SQUARE, False), (DIAMOND, True)])
def test_artwork_stands_upright_in_its_frame(quad: np.ndarray, diamond: bool, degrees: float) -> None:
    frame = Frame.upright(turned(quad, degrees), diamond, room=1.0)
    placed = transform(turned(quad, degrees), frame.matrix(81))
    wanted = (quad - quad.min(axis=0)) / np.ptp(quad, axis=0).max() * 81 - 0.5
    np.testing.assert_allclose(placed, wanted, atol=0.01)


def test_a_frame_around_a_quad_holds_it_with_room_to_spare() -> None:
    frame = Frame.around(SQUARE, room=1.5)
    assert (frame.x, frame.y, frame.width) == (120, 80, 60)


@pytest.mark.parametrize("side", [20.0, 90.0, 400.0])
@pytest.mark.parametrize("angle", [0.0, 0.6])
@pytest.mark.parametrize("aspect", [1.0, 3.0, 0.4])
def test_what_is_cut_lies_where_the_matrix_says(side: float, angle: float, aspect: float) -> None:
    photo = np.zeros((500, 700, 3), np.uint8)
    cv2.circle(photo, (327, 232), round(side / max(aspect, 1) / 10), (255, 255, 255), -1)
    frame = Frame(327.0 + side / 20, 232.0 - side / 30, side, angle, aspect)
    picture = np.clip(cut(photo, frame, 96)[..., 0] - 114.0, 0, None)  # without the grey around the photo
    y, x = np.indices(picture.shape)
    middle = np.array([(picture * x).sum(), (picture * y).sum()]) / picture.sum()
    np.testing.assert_allclose(middle, transform([[327, 232]], frame.matrix(96))[0], atol=0.35)


@pytest.mark.parametrize(
    ("width", "height", "aspect"), [(60, 50, 1), (90, 30, 2), (600, 20, 6), (20, 90, 1 / 3)]
)
def test_elongated_marks_are_squeezed_into_their_frame(width: float, height: float, aspect: float) -> None:
    turned = np.array([[0.8, 0.6], [-0.6, 0.8]])
    quad = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ turned + 300
    frame = Frame.upright(quad, False, 1.25)
    assert frame.aspect == pytest.approx(aspect)
    corners = transform(quad, frame.matrix(100))
    assert corners.min() > 5  # all of it, with room
    assert corners.max() < 95
    assert np.ptp(corners, axis=0).max() == pytest.approx(80, abs=0.1)
    np.testing.assert_allclose(corners[0, 1], corners[1, 1], atol=0.1)  # upright
    np.testing.assert_allclose(to_photo(corners, frame, 100), quad, atol=1e-2)
    assert Frame.upright(quad, True).aspect == 1  # diamonds never


def test_beyond_the_photo_is_grey() -> None:
    photo = np.full((40, 40, 3), 255, np.uint8)
    assert (cut(photo, Frame(500, 500, 50), 32) == 114).all()
    beside = cut(photo, Frame(0, 20, 40), 32)
    assert (beside[:, :14] == 114).all()
    assert (beside[4:-4, 18:] == 255).all()


def test_corner_maps_tell_places_between_cells() -> None:
    rng = np.random.default_rng(0)
    square = np.array([[5, 5], [21, 5], [21, 21], [5, 21]])
    places = (square + rng.uniform(-4, 4, (5, 4, 2))).astype(np.float32)
    y, x = np.indices((28, 28))
    apart = (x - places[..., :1, None]) ** 2 + (y - places[..., 1:, None]) ** 2
    heat = (-0.5 * apart / 0.8**2).astype(np.float32)
    found, sure = corner_places(heat)
    np.testing.assert_allclose(found, places, atol=0.05)
    assert sure.min() > 0.9
    pixels, _ = corner_pixels(heat, 112)
    np.testing.assert_allclose(pixels, places * 4 + 1.5, atol=0.2)


def _map(*peaks: tuple[int, int, float]) -> npt.NDArray[np.float32]:
    heat = np.full((28, 28), -6.0, np.float32)
    for x, y, logit in peaks:
        heat[y, x] = logit
    return heat


def test_corners_of_a_mark_whose_turn_is_unclear_are_four_different_ones() -> None:
    # Each map also sees the corner before its own; two of them a little better than their own.
    corners = [(5, 5), (22, 5), (22, 22), (5, 22)]
    heat = [_map((*corners[i], 4.0), (*corners[i - 1], 4.2 if i in (1, 2) else 2.0)) for i in range(4)]
    found, sure = corner_places(np.array(heat)[None])
    np.testing.assert_allclose(found[0], corners, atol=0.5)
    assert sure.min() > 0.3


def test_corners_that_make_no_quad_are_the_highest_ones_not_noise() -> None:
    # The third corner is plainly seen in a wrong place; all around there is a little of everything.
    corners = [(5, 5), (22, 5), (13, 12), (5, 22)]
    noise = np.random.default_rng(0).normal(0, 0.5, (4, 28, 28)).astype(np.float32)
    heat = np.array([_map((*corner, 9.0)) for corner in corners]) + noise
    found, sure = corner_places(heat[None])
    np.testing.assert_allclose(found[0], corners, atol=0.5)
    assert sure.min() > 0.7


def test_a_thin_mark_has_its_own_corners() -> None:
    corners = [(4, 13), (24, 13), (24, 14), (4, 14)]
    found, _ = corner_places(np.array([_map((*corner, 8.0)) for corner in corners])[None])
    np.testing.assert_allclose(found[0], corners, atol=0.6)


def test_no_maps_tell_no_corners() -> None:
    found, sure = corner_places(np.zeros((0, 4, 28, 28), np.float32))
    assert found.shape == (0, 4, 2)
    assert sure.shape == (0, 4)


def test_an_even_map_is_not_sure_of_its_corner() -> None:
    _, sure = corner_places(np.zeros((1, 4, 28, 28), np.float32))
    assert sure.max() < 0.1


def test_corners_go_to_the_picture_and_back() -> None:
    frame = Frame(33.0, 21.0, 70.0, 0.4)
    again = to_photo(transform(SQUARE, frame.matrix(112)), frame, 112)
    np.testing.assert_allclose(again, SQUARE, atol=1e-3)
