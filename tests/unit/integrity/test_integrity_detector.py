"""The integrity detector with a net that knows colours: what it finds, where, and what it cannot judge."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import ArtifactError, ImageError
from lipack_vision.integrity import Integrity, IntegrityDetector
from tests.helpers.integrity_artifact import integrity_artifact

BLUE, GREEN, RED, PALE = (0, 0, 255), (60, 200, 40), (255, 0, 0), (200, 255, 150)
Rectangle = tuple[int, int, int, int]


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> IntegrityDetector:
    return IntegrityDetector(integrity_artifact(tmp_path_factory.mktemp("models") / "integrity"))


def scene(
    *boxes: Rectangle, red: tuple[Rectangle, ...] = (), size: tuple[int, int] = (640, 480)
) -> np.ndarray:
    """Green cartons on blue, with red holes."""
    image = np.full((size[1], size[0], 3), BLUE, np.uint8)
    for colour, rectangles in ((GREEN, boxes), (RED, red)):
        for x0, y0, x1, y1 in rectangles:
            image[y0:y1, x0:x1] = colour
    return image


BOX, HOLE = (150, 100, 450, 350), (200, 150, 240, 190)


def test_a_sound_carton_is_sound(detector: IntegrityDetector) -> None:
    told = detector.assess(scene(BOX))
    (box,) = told.boxes
    assert (told.verdict, box.doubts, told.regions, told.calibrated) == ("sound", (), [], True)
    assert told.probability_damaged < 0.01
    # This net takes the whole carton for its core, so the outline is a tenth too large.
    assert np.allclose(box.outline.min(axis=0), (150, 100), atol=30)
    assert np.allclose(box.outline.max(axis=0), (450, 350), atol=30)


def test_damage_is_told_with_type_place_and_heat(detector: IntegrityDetector) -> None:
    told = detector.assess(scene(BOX, red=(HOLE,)))
    (region,) = told.regions
    assert told.verdict == "damaged"
    assert told.probability_damaged > 0.99
    assert region.type == "hole"
    assert np.allclose(region.polygon.min(axis=0), (200, 150), atol=6)
    assert np.allclose(region.polygon.max(axis=0), (240, 190), atol=6)
    heat = told.heatmap
    assert heat.shape == (480, 640)
    assert heat[170, 220] > 0.9
    assert heat[300, 400] < 0.1
    assert heat[20, 20] == 0


def test_each_carton_is_judged_on_its_own(detector: IntegrityDetector) -> None:
    told = detector.assess(scene((30, 100, 330, 400), (380, 150, 600, 400), red=((420, 200, 460, 240),)))
    assert [box.verdict for box in told.boxes] == ["sound", "damaged"]
    assert told.probability_damaged == told.boxes[1].probability_damaged


def test_red_beside_the_carton_is_no_damage_of_it(detector: IntegrityDetector) -> None:
    assert detector.assess(scene(BOX, red=((520, 30, 600, 90),))).verdict == "sound"


def test_no_carton_cannot_be_judged(detector: IntegrityDetector) -> None:
    told = detector.assess(scene())
    assert told.verdict == "cannot_judge"
    assert told.boxes[0].doubts == ("no_box",)
    assert told.probability_damaged == 0.5
    assert told.boxes[0].seen_probability < 0.01


def test_what_hides_damage_is_named(detector: IntegrityDetector) -> None:
    dark = scene(BOX).astype(np.float32)
    dark[dark[..., 1] == 200] = (0, 85, 0)
    wrapped = scene(BOX)
    wrapped[100:350, 150:450] = PALE
    for image, doubt in (
        (dark.astype(np.uint8), "too_dark"),
        (wrapped, "wrapped"),
        (scene((0, 0, 640, 400)), "cut_off"),
        (scene((300, 200, 340, 240)), "too_small"),
    ):
        told = detector.assess(image)
        assert told.verdict == "cannot_judge", doubt
        assert doubt in told.boxes[0].doubts
        assert told.probability_damaged >= 0.5


def test_damage_that_is_seen_counts_in_spite_of_doubts(detector: IntegrityDetector) -> None:
    told = detector.assess(scene((0, 0, 640, 400), red=(HOLE,)))
    assert told.verdict == "damaged"
    assert "cut_off" in told.boxes[0].doubts


def test_a_small_carton_on_a_large_jpeg_is_seen_at_full_size(detector: IntegrityDetector) -> None:
    image = scene((1500, 900, 1740, 1100), red=((1560, 950, 1590, 980),), size=(4000, 3000))
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    told = detector.assess(data.tobytes())
    assert told.size == (4000, 3000)
    (region,) = told.regions
    assert np.allclose(region.polygon.mean(axis=0), (1575, 965), atol=12)
    assert np.allclose(told.boxes[0].outline.mean(axis=0), (1620, 1000), atol=60)


def test_results_survive_json(detector: IntegrityDetector) -> None:
    told = detector.assess(scene(BOX, red=(HOLE,)))
    assert Integrity.from_dict(told.to_dict()) == told


def test_thresholds_and_points(tmp_path: Path) -> None:
    artifact = integrity_artifact(tmp_path / "a")
    assert IntegrityDetector(artifact).threshold == 0.5
    assert IntegrityDetector(artifact, point="sensitive").threshold == 0.1
    assert IntegrityDetector(artifact, threshold=0.0).assess(scene(BOX)).verdict == "damaged"
    with pytest.raises(ArtifactError, match="balanced, sensitive"):
        IntegrityDetector(artifact, point="strict")


def test_without_calibration_it_says_so(tmp_path: Path) -> None:
    told = IntegrityDetector(integrity_artifact(tmp_path / "a", calibration={})).assess(scene(BOX))
    assert not told.calibrated


def test_another_artifact_is_refused() -> None:
    with pytest.raises(ArtifactError, match="experiment=integrity"):
        IntegrityDetector("marks")


def test_a_broken_photo_is_named(detector: IntegrityDetector) -> None:
    with pytest.raises(ImageError):
        detector.assess(b"no photo")
