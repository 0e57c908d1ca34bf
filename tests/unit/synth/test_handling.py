"""Labels as they are handled: bent, aged, peeled, folded over an edge; the truth stays on the pixels."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from lipack_vision.synth import ageing
from lipack_vision.synth.artwork import Artwork, draw
from lipack_vision.synth.camera import apply, look_at
from lipack_vision.synth.canvas import Canvas, quad_points
from lipack_vision.synth.carton import Box, touching
from lipack_vision.synth.deform import bend, lose_corner, random_relief
from lipack_vision.synth.lens import Lens, Wave
from lipack_vision.synth.marks import make
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.wrapped import choose_pair, paint_wrapped
from lipack_vision.types import as_quad


def plate(side: int = 160) -> Artwork:
    """A white plate with a black dot on each of the corners of its quad."""
    rgba = np.full((side, side, 4), 255, np.uint8)
    quad = as_quad([[30, 30], [side - 30, 30], [side - 30, side - 30], [30, side - 30]])
    for x, y in quad:
        cv2.circle(rgba, (int(x), int(y)), 5, (0, 0, 0, 255), -1, cv2.LINE_AA)
    return Artwork(rgba, "class9a", "class9a", quad, (100.0, 100.0), None, 1.0)


def dots(
    image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    quad: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> list[float]:
    """How far the middle of the dark dot nearest to each corner is from that corner."""
    off = []
    for x, y in quad:
        low_x, low_y = round(float(x)) - 9, round(float(y)) - 9
        part = 255.0 - image[low_y : low_y + 19, low_x : low_x + 19].astype(float)
        part[part < 140] = 0
        rows, columns = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
        found = np.array([(columns * part).sum(), (rows * part).sum()]) / part.sum() + (low_x, low_y)
        off.append(float(np.linalg.norm(found - (x, y))))
    return off


@pytest.mark.parametrize("seed", range(8))
def test_corners_go_where_the_bent_paper_goes(seed: int) -> None:
    art = plate()
    relief = random_relief(np.random.default_rng(seed), 1.5)
    bent = bend(art, replace(relief, light=np.ones_like(relief.light)))
    assert max(dots(bent.rgba[..., 1], bent.quad)) < 1.2
    grown = (bent.rgba.shape[0] - art.rgba.shape[0]) / 2
    assert np.abs(bent.quad - art.quad - grown).max() > 0.05


def test_a_sheet_is_shaded_by_its_relief() -> None:
    flat, bent = plate(), bend(plate(), random_relief(np.random.default_rng(3), 1.0))
    inside = bent.rgba[40:120, 40:120, :3]
    assert np.ptp(inside) > np.ptp(flat.rgba[40:120, 40:120, :3])


@pytest.mark.parametrize("seed", range(6))
def test_a_lost_corner_is_not_visible(seed: int) -> None:
    art = lose_corner(draw("battery_mark", np.random.default_rng(seed), 1.0), np.random.default_rng(seed))
    assert art.hidden is not None
    assert 0.0 < art.hidden.mean() < 0.35
    sheet = Sheet(np.full((300, 300, 3), 120, np.uint8), 1.0)
    sheet.stamp(art, (150.0, 150.0), 0.3, np.random.default_rng(0), ink=False)
    canvas = Canvas.blank((300, 300))
    sheet.place(canvas, np.eye(3))
    assert canvas.truth(Lens())[0].visible == pytest.approx(1 - art.hidden.mean())


@pytest.mark.parametrize(
    "fault", ["faded", "shifted", "copied", "scratched", "dirty", "banded", "coarse_print", "scribbled"]
)
def test_every_fault_changes_the_print_and_leaves_it_legible(fault: str) -> None:
    rgba = draw("class9a", np.random.default_rng(1), 2.0).rgba
    colour = np.ascontiguousarray(rgba[..., :3])
    before = colour.copy()
    worn = getattr(ageing, fault)(colour, np.random.default_rng(2))
    assert worn.shape == colour.shape
    assert worn.dtype == np.uint8
    assert (colour == before).all()
    inside = rgba[..., 3] == 255
    assert (worn[inside] != colour[inside]).mean() > 0.002
    grey, was = worn[inside].mean(axis=1), colour[inside].mean(axis=1)
    assert np.corrcoef(grey, was)[0, 1] > 0.5


def test_settings_switch_handling_off() -> None:
    off = SynthSettings(ageing=0, relief=0, lost_corner=0)
    art = make("class9", np.random.default_rng(5), 1.0, off)
    plain = draw("class9", np.random.default_rng(5), 1.0)
    assert (art.rgba == plain.rgba).all()
    np.testing.assert_allclose(art.quad, plain.quad - 0.5, atol=1e-4)
    on = SynthSettings(ageing=1, relief=1)
    other = make("class9", np.random.default_rng(5), 1.0, on)
    assert other.rgba.shape != plain.rgba.shape


def test_placards_are_no_larger_than_any_photo_shows() -> None:
    settings = SynthSettings(ageing=0, relief=0, lost_corner=0)
    arts = [make("3", np.random.default_rng(seed), 6.0, settings) for seed in range(12)]
    assert max(max(art.rgba.shape) for art in arts) <= 900
    for art in arts:
        side = float(np.linalg.norm(art.quad[1] - art.quad[0]))
        assert side / art.px_per_mm == pytest.approx(art.size_mm[0], rel=0.01)


def test_waves_move_points_with_the_pixels() -> None:
    lens = Lens(0.1, (Wave(0.01, 3.0, 0.4, 2.0, 1.0),), (Wave(0.011, 1.5, 2.0, 4.0, 0.3),))
    for dot in ((150, 100), (320, 240), (520, 330)):
        image = np.zeros((480, 640, 3), np.uint8)
        cv2.circle(image, dot, 6, (255, 255, 255), -1, cv2.LINE_AA)
        warped = lens.warp(image)[..., 0].astype(float)
        rows, columns = np.mgrid[0:480, 0:640]
        seen = np.array([(columns * warped).sum(), (rows * warped).sum()]) / warped.sum()
        moved = lens.move([dot], (640, 480))[0]
        assert moved == pytest.approx(seen, abs=0.3)
        assert np.linalg.norm(moved - Lens(0.1).move([dot], (640, 480))[0]) > 0.3


def test_a_wrapped_label_lies_on_both_faces() -> None:
    box = Box(np.zeros(3), (300.0, 200.0, 200.0), 0.0)
    camera = look_at(np.array([500.0, -500.0, 260.0]), box.middle(), (640, 640), 1.0)
    faces = {face.name: face for face in box.visible_faces(camera)}
    pair = choose_pair({name: faces[name] for name in ("front", "right")}, np.random.default_rng(0))
    assert pair is not None
    art = plate()
    canvas = Canvas.blank((640, 640))
    paint_wrapped(canvas, camera, pair, (1.0, 0.7), art, np.random.default_rng(4))
    mark = canvas.truth(Lens())[0]
    assert mark.visible == pytest.approx(1.0, abs=0.05)
    assert len(np.unique(canvas.owner)) == 3
    assert max(dots(canvas.rgb[..., 1], mark.quad)) < 3.0
    front = camera.plane(pair[0].origin, pair[0].right, pair[0].down)
    flat = apply(np.linalg.inv(front), mark.quad)
    # On one plane alone the two right corners would be as far from the left ones as the plate is wide.
    assert abs(np.linalg.norm(flat[1] - flat[0]) - 100) > 5


def test_hidden_points_belong_to_the_grid_of_the_quad() -> None:
    art = lose_corner(plate(), np.random.default_rng(1))
    assert art.hidden is not None
    assert art.hidden.shape == (len(quad_points(art.quad)),)


def test_faces_between_the_boxes_of_a_pile_are_not_painted() -> None:
    left, right = (Box(np.array([x, 0.0, 0.0]), (300.0, 200.0, 200.0), 0.0) for x in (-152.0, 152.0))
    faces = {face.name: face for face in left.faces()}
    assert touching(faces["right"], [left, right])
    assert not any(touching(faces[name], [left, right]) for name in ("front", "left", "top"))
    assert not touching(faces["right"], [left, Box(np.array([500.0, 0, 0]), (300.0, 200.0, 200.0), 0.0)])
