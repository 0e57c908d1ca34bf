"""Camera geometry: projection, plane homographies and lens distortion."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lipack_vision.synth.camera import Camera, apply, local_scale, look_at
from lipack_vision.synth.lens import Lens


def _camera(squash: float = 1.0, roll: float = 0.2) -> Camera:
    return look_at(np.array([400.0, -1500.0, 700.0]), np.zeros(3), (640, 480), 1.1, roll, squash)


def test_target_is_in_the_middle() -> None:
    assert _camera().project(np.zeros((1, 3)))[0] == pytest.approx([319.5, 239.5])


def test_up_is_up_and_right_is_right() -> None:
    camera = _camera(roll=0.0)
    top, right = camera.project(np.array([[0.0, 0.0, 100.0], [100.0, 0.0, 0.0]]))
    assert top[1] < 239.5
    assert right[0] > 319.5


@pytest.mark.parametrize("squash", [0.7, 1.0, 1.4])
def test_plane_homography_agrees_with_projection(squash: float) -> None:
    camera = _camera(squash)
    origin, right, down = np.array([10.0, 20, 30]), np.array([0.6, 0.8, 0]), np.array([0.0, 0, -1])
    flat = np.array([[0.0, 0], [120, 0], [120, 80], [5, 60]])
    world = origin + flat[:, :1] * right + flat[:, 1:] * down
    assert apply(camera.plane(origin, right, down), flat) == pytest.approx(camera.project(world), abs=1e-6)


def test_squash_stretches_one_axis_only() -> None:
    points = np.array([[100.0, 0, 0], [0.0, 0, 100.0]])
    plain = look_at(np.array([0.0, -1000, 0]), np.zeros(3), (640, 640), 1.0).project(points) - 319.5
    wide = (
        look_at(np.array([0.0, -1000, 0]), np.zeros(3), (640, 640), 1.0, squash=4.0).project(points) - 319.5
    )
    assert wide[0, 0] == pytest.approx(2 * plain[0, 0])
    assert wide[1, 1] == pytest.approx(plain[1, 1] / 2)


def test_local_scale_of_a_plain_scaling() -> None:
    across, down = local_scale(np.diag([3.0, 2.0, 1.0]), np.array([[5.0, 7.0]]))
    assert (across[0], down[0]) == pytest.approx((3.0, 2.0))


@pytest.mark.parametrize("k", [-0.12, -0.05, 0.08, 0.2])
@pytest.mark.parametrize("dot", [(60, 40), (500, 100), (320, 240), (90, 430)])
def test_lens_moves_points_with_the_pixels(k: float, dot: tuple[int, int]) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(image, dot, 6, (255, 255, 255), -1, cv2.LINE_AA)
    warped = Lens(k).warp(image)[..., 0].astype(float)
    rows, columns = np.mgrid[0:480, 0:640]
    seen = np.array([(columns * warped).sum(), (rows * warped).sum()]) / warped.sum()
    assert Lens(k).move([dot], (640, 480))[0] == pytest.approx(seen, abs=0.3)


def test_lens_moves_the_rim_more_than_the_middle() -> None:
    rim, middle = Lens(0.15).move([[620.0, 460.0], [330.0, 245.0]], (640, 480)) - [[620, 460], [330, 245]]
    assert np.linalg.norm(rim - middle) > 2


def test_lens_without_distortion_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    assert Lens().warp(image) is image
    assert Lens().move([[3.0, 4.0]], (60, 40)).tolist() == [[3.0, 4.0]]


def test_lens_shows_nothing_from_outside_of_the_frame() -> None:
    image = np.full((48, 64, 3), 200, np.uint8)
    assert (Lens(-0.1).warp(image) == 200).all()
    assert (Lens(0.2).warp(image) == 200).all()


def test_far_points_stay_finite() -> None:
    assert np.isfinite(Lens(-0.12).move([[-9000.0, 12000.0]], (640, 480))).all()
