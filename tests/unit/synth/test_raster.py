"""The rasteriser: the nearest opaque sheet is seen, holes are looked through, places on sheets are told."""

from __future__ import annotations

import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.damage.raster import Patch, grid_sample, rasterise, sample


def flat(depth: float, low: float, high: float, *, hole: bool = False) -> Patch:
    """A square sheet across the view at ``depth``, between two pixels."""
    x, y = np.meshgrid(np.linspace(low, high, 5), np.linspace(low, high, 5))
    texture = np.full((8, 8, 4), 255, np.uint8)
    if hole:
        texture[2:6, 2:6, 3] = 0
    return Patch(np.stack([x, y, np.full(x.shape, depth)], axis=-1), texture, np.ones((8, 8), np.uint8), 1)


def straight(points: Points) -> tuple[Points, Points]:
    return points[:, :2], -points[:, 2]


def test_the_nearer_sheet_wins_whatever_the_order() -> None:
    near, far = flat(1.0, 10, 29), flat(2.0, 0, 39)
    for patches, front in (([near, far], 0), ([far, near], 1)):
        seen = rasterise(patches, straight, (40, 40)).patch
        assert (seen[12:28, 12:28] == front).all()
        assert (seen[2:8] == 1 - front).all()


def test_every_pixel_inside_is_covered_once_and_none_outside() -> None:
    seen = rasterise([flat(1.0, 5, 30)], straight, (40, 40)).patch
    assert (seen[5:31, 5:31] == 0).all()
    assert (seen == 0).sum() == 26 * 26


def test_a_hole_shows_what_lies_behind_and_remembers_the_sheet() -> None:
    buffers = rasterise([flat(1.0, 0, 39, hole=True), flat(2.0, 0, 39)], straight, (40, 40))
    assert buffers.patch[20, 20] == 1
    assert buffers.patch[2, 2] == 0
    assert buffers.lost[20, 20] == 0
    assert buffers.lost_near[20, 20] > buffers.near[20, 20]


def test_places_on_a_sheet_are_told() -> None:
    buffers = rasterise([flat(1.0, 0, 39)], straight, (40, 40))
    assert np.allclose(buffers.u[7], np.arange(40) / 39, atol=1e-4)
    assert np.allclose(buffers.v[:, 7], np.arange(40) / 39, atol=1e-4)


def test_values_at_vertices_are_interpolated() -> None:
    grid = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32)
    at = np.array([0.0, 1.0, 0.5], np.float32)
    assert np.allclose(grid_sample(grid, at, at), [0, 3, 1.5], atol=0.02)
    texture = np.arange(4, dtype=np.float32)[None].repeat(2, axis=0)
    assert np.allclose(
        sample(texture, np.array([0.125, 0.875], np.float32), np.array([0.5, 0.5], np.float32)), [0, 3]
    )
