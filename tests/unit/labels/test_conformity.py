"""The form of labels and marks: each fault is named on rendered labels, right ones conform."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from lipack_vision.errors import ConfigError, ShapeError
from lipack_vision.geometry import Homography, homography, transform, unit_quad
from lipack_vision.labels.conformity import CHECKED, FAULTS, Conformity, check_label
from lipack_vision.synth.artwork.faults import draw_checked, faults_of
from lipack_vision.types import ImageArray, Mark, Quad, as_quad

SIDE = 220.0
BOARD = (186, 150, 110)


def shot(
    kind: str, fault: str | None = None, *, seed: int = 3, side: float = SIDE, jitter: float = 0.008
) -> tuple[ImageArray, Quad, Homography]:
    """A label on board seen a little from the side: photo, corners as a detector gives them, map to mm."""
    rng = np.random.default_rng([seed, 1])
    width = draw_checked(kind, fault, np.random.default_rng(seed), 0.2).size_mm[0]
    art = draw_checked(kind, fault, np.random.default_rng(seed), 1.25 * side / width)
    size = round(2.4 * side)
    height, across = art.rgba.shape[:2]
    scale = side / width / art.px_per_mm
    ends = (unit_quad(across, height) - (across / 2, height / 2)) * scale + size / 2
    lean = side * np.array([[0.02, 0.05], [-0.05, -0.02], [-0.06, 0.04], [0.03, -0.02]])
    to_photo = homography(unit_quad(across, height), as_quad(ends + lean))
    rgba = art.rgba.astype(np.float32)
    rgba[..., :3] *= rgba[..., 3:] / 255
    laid = cv2.warpPerspective(rgba, to_photo, (size, size), flags=cv2.INTER_LINEAR)
    photo = np.array(BOARD) * (1 - laid[..., 3:] / 255) + laid[..., :3] + rng.normal(0, 3, (size, size, 1))
    image = cv2.GaussianBlur(np.clip(photo, 0, 255).astype(np.uint8), (0, 0), 0.6)
    quad = transform(art.quad, to_photo)
    given = quad + rng.uniform(-jitter, jitter, (4, 2)) * side
    to_mm = np.diag([1 / art.px_per_mm, 1 / art.px_per_mm, 1.0]) @ np.linalg.inv(to_photo)
    return np.asarray(image, np.uint8), as_quad(given), to_mm


def check(kind: str, fault: str | None = None, **how: float) -> Conformity:
    image, quad, to_mm = shot(kind, fault, **how)  # type: ignore[arg-type]
    return check_label(image, Mark(kind, 0.99, quad), to_mm=to_mm)


@pytest.mark.parametrize("kind", CHECKED)
def test_right_labels_conform(kind: str) -> None:
    answers = [check(kind, seed=seed) for seed in range(10, 22)]
    assert not [(one.answer, one.faults) for one in answers if one.answer == "faulty"]
    assert sum(one.answer == "conforming" for one in answers) >= 10


@pytest.mark.parametrize(("kind", "fault"), [(kind, fault) for kind in CHECKED for fault in faults_of(kind)])
def test_each_fault_is_named(kind: str, fault: str) -> None:
    results = [check(kind, fault, seed=seed) for seed in (41, 42, 43)]
    # A mark that is far too low is too small as well.
    extra = {"too_small"} if fault == "aspect" else set()
    named = [one for one in results if fault in one.faults and set(one.faults) <= {fault} | extra]
    assert len(named) >= 2, [(one.answer, one.faults) for one in results]
    assert all(one.answer in ("faulty", "cannot_tell") for one in results)
    element = next(element for element in named[0].elements if element.fault == fault)
    assert element.verdict == "wrong"
    assert element.reason
    assert element.required
    assert element.source


def test_every_fault_has_words() -> None:
    drawn = {fault for kind in CHECKED for fault in faults_of(kind)}
    assert drawn | {"angle"} == set(FAULTS)


@pytest.mark.parametrize("kind", CHECKED)
def test_tiny_labels_cannot_be_told(kind: str) -> None:
    result = check(kind, side=26)
    assert result.answer == "cannot_tell"
    assert result.faults == ()
    assert any("px would do" in element.reason for element in result.elements)


@pytest.mark.parametrize("kind", CHECKED)
def test_a_blurred_label_is_never_faulty(kind: str) -> None:
    image, quad, _ = shot(kind)
    smeared = np.asarray(cv2.GaussianBlur(image, (0, 0), 12), np.uint8)
    result = check_label(smeared, Mark(kind, 0.99, quad))
    assert (result.answer, result.faults) == ("cannot_tell", ())


def test_a_covered_label_cannot_be_told() -> None:
    image, quad, _ = shot("class9a")
    top, right, _, left = quad
    low, high = 0.72, 0.88
    tape = [top * (1 - t) + end * t for t, end in ((low, left), (low, right), (high, right), (high, left))]
    cv2.fillPoly(image, [np.rint(tape).astype(np.int32)], (240, 240, 235))
    assert check_label(image, Mark("class9a", 0.99, quad)).answer != "conforming"


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_the_artwork_settles_the_turn(turn: int) -> None:
    image, quad, _ = shot("class9a", jitter=0.0)
    result = check_label(image, Mark("class9a", 0.99, np.roll(quad, turn, axis=0)))
    assert result.answer == "conforming"
    assert np.abs(result.quad - quad).max() < 0.03 * SIDE


def test_corners_may_be_off_and_run_the_other_way() -> None:
    image, quad, _ = shot("class9", jitter=0.018)
    assert check_label(image, Mark("class9", 0.99, quad[::-1])).answer == "conforming"


def test_symbol_tells_9_from_9a() -> None:
    image, quad, _ = shot("class9", seed=14)
    assert check_label(image, Mark("class9a", 0.99, quad)).faults == ("symbol_missing",)
    image, quad, _ = shot("class9a", seed=14)
    assert check_label(image, Mark("class9", 0.99, quad)).faults == ("symbol_present",)


def test_size_needs_a_scale_and_says_so() -> None:
    image, quad, to_mm = shot("class9a")
    without = check_label(image, Mark("class9a", 0.99, quad)).element("size")
    assert without is not None
    assert (without.verdict, without.counts) == ("cannot_tell", False)
    shrunk = np.diag([0.3, 0.3, 1.0]) @ to_mm
    mark = Mark("class9a", 0.99, quad)
    big, small = (check_label(image, mark, to_mm=scale).element("size") for scale in (to_mm, shrunk))
    assert big is not None
    assert small is not None
    assert (big.verdict, small.fault) == ("right", "too_small")
    assert small.value == pytest.approx(0.3 * (big.value or 0), rel=0.001)


def test_small_labels_are_right_on_small_packages() -> None:
    image, quad, to_mm = shot("class9a", seed=14)
    centre = quad.mean(axis=0)
    face = as_quad(unit_quad(1.9 * SIDE, 1.9 * SIDE) - 0.95 * SIDE + centre)
    side_mm = check_label(image, Mark("class9a", 0.99, quad), to_mm=to_mm).element("size")
    assert side_mm is not None
    assert side_mm.value is not None
    reduce = np.diag([60 / side_mm.value, 60 / side_mm.value, 1.0]) @ to_mm
    element = check_label(image, Mark("class9a", 0.99, quad), to_mm=reduce, face=face).element("size")
    assert element is not None
    assert (element.verdict, round(element.value or 0)) == ("right", 60)


@pytest.mark.parametrize(
    ("lean", "verdict"), [(0, "right"), (10, "right"), (22, "cannot_tell"), (45, "wrong")]
)
def test_stance_is_measured_against_the_face(lean: float, verdict: str) -> None:
    image, quad, _ = shot("class9a", jitter=0.0)
    centre = quad.mean(axis=0)
    c, s = np.cos(np.radians(lean)), np.sin(np.radians(lean))
    face = as_quad((unit_quad(500, 500) - 250) @ np.array([[c, s], [-s, c]]) + centre)
    element = check_label(image, Mark("class9a", 0.99, quad), face=face).element("angle")
    assert element is not None
    assert element.verdict == verdict


def test_nothing_in_particular_is_neither_faulty_nor_conforming() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    plain = np.full((300, 300, 3), 200, np.uint8)
    quad = as_quad([[150, 40], [260, 150], [150, 260], [40, 150]])
    for image in (noise, plain):
        for kind in ("class9", "class9a"):
            assert check_label(image, Mark(kind, 0.9, quad)).answer == "cannot_tell"


def test_results_survive_json() -> None:
    result = check("class9a", "underline_missing", seed=31)
    assert Conformity.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_other_marks_and_impossible_corners_are_refused() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    square = unit_quad(50, 50)
    with pytest.raises(ConfigError, match="carton"):
        check_label(image, Mark("carton", 0.9, square))
    with pytest.raises(ShapeError):
        check_label(image, Mark("class9", 0.9, square + 500))
    with pytest.raises(ShapeError):
        check_label(image, Mark("class9", 0.9, as_quad([[0, 0], [50, 50], [50, 0], [0, 50]])))
