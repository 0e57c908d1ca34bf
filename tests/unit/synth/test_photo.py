"""The renderer: the same photo from the same seed, and truth that lies on the pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.backdrop import user_photo
from lipack_vision.synth.camera import apply, look_at
from lipack_vision.synth.canvas import Canvas, premultiply
from lipack_vision.synth.carton import Box
from lipack_vision.synth.lens import Lens
from lipack_vision.synth.photo import render_jpeg, render_photo
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.types import Photo
from lipack_vision.types import LABELS, as_quad

SIZE = (192, 160)


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return [render_photo(seed, SIZE) for seed in range(60)]


def _art(width: int = 60, height: int = 40, px_per_mm: float = 1.0) -> Artwork:
    """A red rectangle whose first corner is blue, inside a clear rim of 4 px."""
    rgba = np.zeros((height + 8, width + 8, 4), np.uint8)
    rgba[4:-4, 4:-4] = (255, 0, 0, 255)
    rgba[4:14, 4:14] = (0, 0, 255, 255)
    quad = as_quad([[3.5, 3.5], [width + 3.5, 3.5], [width + 3.5, height + 3.5], [3.5, height + 3.5]])
    return Artwork(
        rgba, "class9", "class9", quad, (width / px_per_mm, height / px_per_mm), "UN3480", px_per_mm
    )


def _sheet(size: tuple[int, int] = (200, 150), px_per_mm: float = 1.0) -> Sheet:
    return Sheet(np.full((size[1], size[0], 3), 120, np.uint8), px_per_mm)


def test_same_seed_same_photo() -> None:
    first, second = render_photo(7, SIZE), render_photo(7, SIZE)
    assert (first.image == second.image).all()
    assert len(first.marks) == len(second.marks)
    for one, other in zip(first.marks, second.marks, strict=True):
        assert (one.label, one.kind, one.text, one.visible) == (
            other.label,
            other.kind,
            other.text,
            other.visible,
        )
        assert (one.quad == other.quad).all()


def test_other_seed_other_photo() -> None:
    assert (render_photo(7, SIZE).image != render_photo(8, SIZE).image).mean() > 0.3


@pytest.mark.parametrize("size", [(64, 64), (320, 180), (180, 320), (641, 333)])
def test_size_is_width_and_height(size: tuple[int, int]) -> None:
    photo = render_photo(3, size)
    assert photo.image.shape == (size[1], size[0], 3)
    assert photo.image.dtype == np.uint8


def test_jpeg_holds_exactly_the_photo() -> None:
    data, photo = render_jpeg(11, SIZE)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert (decoded == photo.image).all()


def test_every_label_occurs_and_nothing_else(photos: list[Photo]) -> None:
    seen = {mark.label for photo in photos for mark in photo.marks}
    assert seen >= set(LABELS)
    assert seen <= {*LABELS, None}


def test_truth_is_well_formed(photos: list[Photo]) -> None:
    for mark in (mark for photo in photos for mark in photo.marks):
        assert mark.quad.shape == (4, 2)
        assert np.isfinite(mark.quad).all()
        assert 0 <= mark.visible <= 1
        assert min(mark.size_mm) > 0
        assert mark.label != "un_mark" or mark.text


def test_corners_are_clockwise_where_the_mark_is_seen(photos: list[Photo]) -> None:
    seen = [mark.quad for photo in photos for mark in photo.marks if mark.visible > 0.5]
    areas = np.array([cv2.contourArea(quad, oriented=True) for quad in seen])
    assert len(areas) > 60
    assert (areas > 0).all()


def test_scenes_without_marks_have_none() -> None:
    settings = SynthSettings(cartons=0, surfaces=0, negatives=1)
    labels = {mark.label for seed in range(25) for mark in render_photo(seed, SIZE, settings).marks}
    assert labels <= {"carton", None}


def test_kind_weights_choose_the_kinds() -> None:
    settings = SynthSettings(
        cartons=0, surfaces=1, negatives=0, kind_weights={"battery_mark": 1.0}, other_weight=0
    )
    labels = {mark.label for seed in range(12) for mark in render_photo(seed, SIZE, settings).marks}
    assert labels == {"battery_mark"}


@pytest.mark.parametrize("angle", [0.0, 0.7, 2.4])
@pytest.mark.parametrize("px_per_mm", [0.4, 1.0, 1.7])
def test_quad_lies_on_the_stamped_artwork(angle: float, px_per_mm: float) -> None:
    sheet = _sheet((int(200 * px_per_mm), int(150 * px_per_mm)), px_per_mm)
    sheet.rgb[:] = 0
    sheet.stamp(_art(px_per_mm=1.0), (100.0, 75.0), angle, np.random.default_rng(0), ink=False)
    canvas = Canvas.blank((640, 480))
    to_photo = np.array([[2.4, 0.5, 40], [-0.3, 2.2, 100], [2e-4, 6e-4, 1]])
    sheet.place(canvas, to_photo)
    mark = canvas.truth(Lens())[0]
    _, drawn = cv2.threshold(canvas.rgb.max(axis=2), 100, 255, cv2.THRESH_BINARY)
    expected = np.zeros_like(drawn)
    cv2.fillConvexPoly(expected, np.rint(mark.quad * 16).astype(np.int32), 255, cv2.LINE_8, 4)
    common = ((drawn > 0) & (expected > 0)).sum() / ((drawn > 0) | (expected > 0)).sum()
    assert common > 0.95
    inner = mark.quad[0] * 0.9 + mark.quad[2] * 0.1
    red, _, blue = canvas.rgb[round(float(inner[1])), round(float(inner[0]))]
    assert blue > red
    assert mark.visible == 1.0


def test_minified_artwork_keeps_its_place() -> None:
    canvas = Canvas.blank((300, 200))
    rgba = np.zeros((400, 600, 4), np.uint8)
    rgba[100:300, 100:500] = 255
    canvas.paste(premultiply(rgba), np.array([[0.11, 0, 50], [0, 0.07, 60], [0, 0, 1.0]]), None)
    rows, columns = np.nonzero(canvas.rgb[..., 0] > 127)
    assert columns.min() == pytest.approx(50 + 0.11 * 100, abs=1)
    assert columns.max() == pytest.approx(50 + 0.11 * 500, abs=1)
    assert rows.min() == pytest.approx(60 + 0.07 * 100, abs=1)
    assert rows.max() == pytest.approx(60 + 0.07 * 300, abs=1)


def test_visible_counts_the_frame() -> None:
    sheet = _sheet()
    sheet.stamp(_art(), (100.0, 75.0), 0.0, np.random.default_rng(0), ink=False)
    canvas = Canvas.blank((100, 150))
    sheet.place(canvas, np.eye(3))
    assert canvas.truth(Lens())[0].visible == pytest.approx(0.5, abs=0.08)


def test_visible_counts_what_lies_in_front() -> None:
    sheet = _sheet()
    sheet.stamp(_art(), (100.0, 75.0), 0.0, np.random.default_rng(0), ink=False)
    canvas = Canvas.blank((200, 150))
    sheet.place(canvas, np.eye(3))
    canvas.paste(np.full((150, 85, 4), 255, np.uint8), np.eye(3), canvas.new_layer())
    assert canvas.truth(Lens())[0].visible == pytest.approx(0.75, abs=0.06)


def test_visible_counts_tape_above_but_not_below() -> None:
    sheet = _sheet()
    half = np.array([[0.0, 0], [100, 0], [100, 150], [0, 150]])
    sheet.covers.append(half)
    sheet.stamp(_art(), (100.0, 75.0), 0.0, np.random.default_rng(0), ink=False)
    canvas = Canvas.blank((200, 150))
    sheet.place(canvas, np.eye(3))
    assert canvas.truth(Lens())[0].visible == 1.0
    sheet.covers.append(half)
    sheet.place(canvas, np.eye(3))
    assert canvas.truth(Lens())[1].visible == pytest.approx(0.5, abs=0.08)


def test_a_box_shows_the_faces_turned_to_the_camera() -> None:
    box = Box(np.zeros(3), (300.0, 200.0, 150.0), 0.0)
    camera = look_at(np.array([600.0, -900.0, 500.0]), box.middle(), (640, 640), 1.0)
    faces = {face.name: face for face in box.visible_faces(camera)}
    assert set(faces) == {"front", "right", "top"}
    for face in faces.values():
        quad = camera.project(face.corners())
        assert cv2.contourArea(quad.astype(np.float32), oriented=True) > 0
        assert apply(camera.plane(face.origin, face.right, face.down), face.flat()) == pytest.approx(quad)


def test_user_photos_become_backgrounds(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "green.png"), np.full((50, 70, 3), (0, 255, 0), np.uint8))
    settings = SynthSettings(
        cartons=0, surfaces=0, negatives=1, backgrounds=tmp_path, severity=0, occlusion=0
    )
    means = [render_photo(seed, SIZE, settings).image.reshape(-1, 3).mean(axis=0) for seed in range(12)]
    assert any(green > 2 * max(red, blue) for red, green, blue in means)


def test_a_folder_without_photos_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected photos"):
        user_photo(tmp_path, np.random.default_rng(0), SIZE)


@pytest.mark.parametrize(("seed", "size"), [(-1, SIZE), (0, (10, 100)), (0, (100, 9000))])
def test_bad_arguments_are_refused(seed: int, size: tuple[int, int]) -> None:
    with pytest.raises(ConfigError):
        render_photo(seed, size)


@pytest.mark.parametrize(
    "change",
    [
        {"cartons": -1.0},
        {"cartons": 0, "surfaces": 0, "negatives": 0},
        {"kind_weights": {"class9": -1.0}},
        {"severity": 1.5},
        {"backgrounds": Path("/does/not/exist")},
    ],
)
def test_bad_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        SynthSettings(**change)  # type: ignore[arg-type]
