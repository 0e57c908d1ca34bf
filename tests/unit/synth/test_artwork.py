"""Artwork: what every kind promises, and the geometry of the marks that the models look for."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from lipack_vision.errors import ConfigError
from lipack_vision.synth.artwork import KINDS, UN_NUMBERS, Artwork, draw
from lipack_vision.synth.artwork.battery import DRAWING_STYLES, battery_group
from lipack_vision.synth.artwork.canvas import Canvas
from lipack_vision.synth.artwork.curves import box, clip_convex, diamond, points
from lipack_vision.synth.artwork.hazards import HAZARDS
from lipack_vision.types import LABELS

HAZARD_KINDS = {
    "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "2.1", "2.2", "2.3", "3", "4.1", "4.2", "4.3", "5.1", "5.2",
    "6.1", "6.2", "7a", "7b", "7c", "7e", "8",
}  # fmt: skip
OWN_LABEL = {"class9", "class9a", "battery_mark", "cargo_aircraft_only", "orientation_arrows"}
RECTANGLES = {
    "battery_mark", "cargo_aircraft_only", "orientation_arrows", "fragile", "keep_dry", "stack_limit",
    "no_hooks", "temperature_limits", "recycling", "weee_bin", "excepted_quantity", "barcode", "qr", "zebra",
    "shipping_label", "brand_print",
    "ring_print", "carton_data", "framed_notice", "battery_picture", "chemical_label",
    "safety_sign", "box_certificate", "text_panel",
}  # fmt: skip


def art(kind: str, seed: int = 0, px_per_mm: float = 1.0) -> Artwork:
    return draw(kind, np.random.default_rng(seed), px_per_mm)


def on_white(artwork: Artwork) -> npt.NDArray[np.float64]:
    """Grey picture of the artwork laid on white."""
    alpha = artwork.rgba[..., 3:] / 255
    grey = (artwork.rgba[..., :3] * alpha + 255 * (1 - alpha)).mean(axis=2)
    return np.asarray(grey, np.float64)


def dark_runs(row: npt.NDArray[np.bool_], least: float) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
    return int(((edges[1::2] - edges[::2]) >= least).sum())


@pytest.mark.parametrize("unit_px", [0.8, 3.0, 9.0])
@pytest.mark.parametrize("room", [None, 40.0])
def test_a_line_of_text_has_its_place_tight_around_its_capitals(unit_px: float, room: float | None) -> None:
    canvas = Canvas((0, 0, 100, 40), unit_px)
    canvas.text(50, 20, "UN3480", 16, "roboto-bold", (0, 0, 0), max_width=room)
    rows, columns = np.nonzero(canvas.image()[..., 3] > 60)
    (line,) = canvas.lines
    ink = [[columns.min(), rows.min()], [columns.max() + 1, rows.max() + 1]]
    # Fonts leave some room beside their letters.
    np.testing.assert_allclose(line[[0, 2]], ink, atol=1.5 + 1.5 * unit_px)
    assert line.shape == (4, 2)


def test_what_hangs_below_the_baseline_is_no_part_of_a_line() -> None:
    canvas = Canvas((0, 0, 100, 40), 4.0)
    for y, word in ((10, "HEH"), (30, "HgH")):
        canvas.text(50, y, word, 10, "roboto-bold", (0, 0, 0))
    without, hanging = canvas.lines
    assert np.ptp(hanging[:, 1]) == pytest.approx(np.ptp(without[:, 1]), abs=1.5)


@pytest.mark.parametrize("kind", ["battery_mark", "cargo_aircraft_only", "carton_data"])
def test_artwork_knows_where_its_lines_of_text_stand(kind: str) -> None:
    for seed in range(4):
        artwork = art(kind, seed, 3.0)
        assert artwork.lines is not None
        assert len(artwork.lines) > 0 or not artwork.text
        grey = on_white(artwork)
        for line in artwork.lines:
            left, top, right, bottom = (round(float(v)) for v in (*line[0], *line[2]))
            # Letters change along the line, and nothing does just above them.
            ink = np.abs(np.diff(grey[top:bottom, left:right], axis=1)).mean()
            above = np.abs(np.diff(grey[top - 3 : top - 1, left:right], axis=1)).mean()
            assert ink > 10 + 2 * above


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_its_promises(kind: str) -> None:
    for seed in range(4):
        artwork = art(kind, seed, 0.8)
        height, width = artwork.rgba.shape[:2]
        assert artwork.rgba.dtype == np.uint8
        assert artwork.rgba.shape[2] == 4
        assert artwork.kind == kind
        assert artwork.px_per_mm == 0.8
        assert artwork.rgba[..., 3].max() > 200
        assert np.ptp(on_white(artwork)) > 60
        x, y = artwork.quad[:, 0], artwork.quad[:, 1]
        assert x.min() >= 0
        assert y.min() >= 0
        assert x.max() <= width
        assert y.max() <= height


@pytest.mark.parametrize("kind", KINDS)
def test_corners_are_in_order_and_fit_the_size(kind: str) -> None:
    for seed in range(3):
        artwork = art(kind, seed)
        quad, (wide, tall) = artwork.quad, artwork.size_mm
        assert 10 <= wide <= 310
        assert 5 <= tall <= 310
        sides = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
        assert sides == pytest.approx([wide, tall, wide, tall], rel=1e-3)
        if kind in RECTANGLES:
            (x0, y0), (x1, _), (_, y2), _ = quad
            assert x0 < x1
            assert y0 < y2
            assert quad[0, 1] == pytest.approx(quad[1, 1], abs=0.01)
        else:
            top, right, bottom, left = quad
            assert top[1] < right[1] < bottom[1]
            assert left[0] < top[0] < right[0]
            assert top[0] == pytest.approx(bottom[0], abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_artwork(kind: str) -> None:
    first, again, other = art(kind, 7), art(kind, 7), art(kind, 8)
    assert np.array_equal(first.rgba, again.rgba)
    assert np.array_equal(first.quad, again.quad)
    assert (first.text, first.size_mm) == (again.text, again.size_mm)
    assert first.rgba.shape != other.rgba.shape or not np.array_equal(first.rgba, other.rgba)


def test_scale_changes_the_raster_not_the_style() -> None:
    for kind in ("class9a", "battery_mark", "3"):
        small, large = art(kind, 5, 1.0), art(kind, 5, 2.0)
        assert small.size_mm == large.size_mm
        assert small.text == large.text
        assert large.quad == pytest.approx(2 * small.quad, abs=0.01)
        shrunk = cv2.resize(on_white(large), on_white(small).shape[::-1], interpolation=cv2.INTER_AREA)
        assert np.abs(shrunk - on_white(small)).mean() < 12


def test_labels() -> None:
    assert set(HAZARDS) == HAZARD_KINDS
    for kind in KINDS:
        label = art(kind, 1, 0.5).label
        if kind in OWN_LABEL:
            assert label == kind
        elif kind in HAZARD_KINDS:
            assert label == "other_hazard"
        else:
            assert label is None
        assert label is None or label in LABELS


def test_battery_marks_carry_their_numbers() -> None:
    texts = [art("battery_mark", seed, 0.4).text or "" for seed in range(60)]
    for text in texts:
        numbers = text.split(" ")
        assert numbers
        assert set(numbers) <= set(UN_NUMBERS)
        assert len(set(numbers)) == len(numbers)
    assert any(" " in text for text in texts)
    assert {number for text in texts for number in text.split(" ")} == set(UN_NUMBERS)


def test_battery_marks_come_in_the_sizes_of_the_rules() -> None:
    sizes = {art("battery_mark", seed, 0.4).size_mm for seed in range(60)}
    assert {(100.0, 100.0), (100.0, 70.0), (120.0, 110.0), (105.0, 74.0)} <= sizes


def test_battery_mark_has_a_red_hatched_border() -> None:
    artwork = art("battery_mark", 2, 2.0)
    x0, y0, x1 = artwork.quad[0, 0], artwork.quad[0, 1], artwork.quad[1, 0]
    strip = artwork.rgba[int(y0) + 5, int(x0) + 2 : int(x1) - 2].astype(int)
    red = (strip[:, 0] - strip[:, 1]) > 70
    assert 0.25 < red.mean() < 0.85
    assert dark_runs(red, 2) >= 8


@pytest.mark.parametrize("kind", ["class9", "class9a"])
def test_seven_stripes_above_and_none_below(kind: str) -> None:
    for seed in range(25):
        artwork = art(kind, seed, 3.0)
        grey = on_white(artwork)
        top, bottom = artwork.quad[0, 1], artwork.quad[2, 1]
        scale = artwork.size_mm[0] / 100 * 3.0
        counts = []
        for share in np.linspace(0.45, 0.48, 7):
            row = grey[int(top + share * (bottom - top))]
            # Stripes are wider than the slanting inner and cut lines as cut by a row.
            counts.append(dark_runs(row < 150, 4.6 * scale))
        assert np.median(counts) == 7, (seed, counts)
        below = grey[int(top + 0.512 * (bottom - top))]
        assert dark_runs(below < 150, 4.6 * scale) <= 2, seed


def test_class9_and_class9a_differ_only_in_the_middle_of_the_lower_half() -> None:
    for seed in range(12):
        plain, lithium = art("class9", seed, 2.0), art("class9a", seed, 2.0)
        assert np.array_equal(plain.quad, lithium.quad)
        rows, columns = np.nonzero(np.any(plain.rgba != lithium.rgba, axis=2))
        (_, top), (right, _), (_, bottom), (left, _) = plain.quad
        assert len(rows) > 50
        assert rows.min() > top + 0.5 * (bottom - top)
        assert rows.max() < top + 0.78 * (bottom - top)
        assert columns.min() > left + 0.15 * (right - left)
        assert columns.max() < right - 0.15 * (right - left)


def test_class9a_has_a_dark_mass_in_the_middle_and_a_nine_below() -> None:
    for seed in range(12):
        artwork = art("class9a", seed, 2.0)
        grey = on_white(artwork)
        (middle, top), _, (_, bottom), _ = artwork.quad
        half = 0.12 * (bottom - top)
        rows = (np.array([0.55, 0.72, 0.74, 0.88]) * (bottom - top) + top).astype(int)
        dark = grey[:, int(middle - half) : int(middle + half)] < 150
        assert dark[rows[0] : rows[1]].mean() > 0.1
        assert dark[rows[2] : rows[3]].mean() > 0.03


def test_battery_drawings_differ_clearly() -> None:
    pictures = []
    for name in DRAWING_STYLES:
        c = Canvas((-90, -60, 90, 60), 1.0, (255, 255, 255))
        battery_group(c, np.random.default_rng(1), (0, 0, 0), (255, 255, 255), name)
        pictures.append(c.image()[..., 0] < 128)
    assert len(pictures) >= 3
    for i, one in enumerate(pictures):
        assert 0.05 < one.mean() < 0.6
        for other in pictures[i + 1 :]:
            assert (one ^ other).sum() > 0.15 * (one | other).sum()


def test_direct_print_has_no_ground() -> None:
    clear = 0
    for seed in range(60):
        artwork = art("class9a", seed, 0.5)
        y = int(artwork.quad[:, 1].mean() + 2)
        x = int(artwork.quad[3, 0] + 0.25 * (artwork.quad[1, 0] - artwork.quad[3, 0]))
        clear += int(artwork.rgba[y, x, 3] == 0)
    assert 1 <= clear <= 20


@pytest.mark.parametrize("kind", ["3", "5.1", "4.3", "2.2"])
def test_grounds_have_the_colour_of_the_class(kind: str) -> None:
    hue = {"3": 0, "5.1": 26, "4.3": 105, "2.2": 73}[kind]
    hits = 0
    for seed in range(10):
        rgba = art(kind, seed, 1.0).rgba
        hsv = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2HSV)
        strong = hsv[(rgba[..., 3] == 255) & (hsv[..., 1] > 100) & (hsv[..., 2] > 90)]
        if len(strong):
            off = np.abs(strong[:, 0].astype(int) - hue)
            hits += int(np.median(np.minimum(off, 180 - off)) < 14)
    assert hits >= 8


def test_unknown_kind_and_bad_scale_are_refused() -> None:
    with pytest.raises(ConfigError, match="class9a"):
        art("class10")
    for scale in (0.0, -1.0, float("nan")):
        with pytest.raises(ConfigError, match="px_per_mm"):
            art("class9", 0, scale)


def test_clipping_keeps_what_is_inside() -> None:
    clipped = clip_convex(box(-10, -10, 10, 0), diamond(5))
    assert cv2.contourArea(clipped.astype(np.float32)) == pytest.approx(25)
    assert len(clip_convex(box(20, 20, 30, 30), diamond(5))) == 0


def test_canvas_erases_and_keeps_straight_alpha() -> None:
    c = Canvas((0, 0, 40, 40), 1.0)
    c.fill(box(5, 5, 35, 35), (200, 40, 10))
    c.fill(points((10, 10), (30, 10), (30, 30), (10, 30)), None)
    rgba = c.image()
    assert tuple(rgba[7, 7]) == (200, 40, 10, 255)
    assert rgba[20, 20, 3] == 0
    edge = rgba[(rgba[..., 3] > 40) & (rgba[..., 3] < 255)]
    assert len(edge)
    assert np.abs(edge[:, :3].astype(int) - (200, 40, 10)).max() <= 8
