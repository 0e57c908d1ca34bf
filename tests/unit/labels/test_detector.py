from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lipack_vision import ArtifactError, HazardLabelDetector
from lipack_vision.errors import ConfigError
from tests.helpers.marks_artifact import write_colour_artifact


def photo(width: int = 256, height: int = 128) -> np.ndarray:
    image = np.zeros((height, width, 3), np.uint8)
    image[64:128, 128:192] = 255
    return image


def test_marks_come_back_in_pixels_of_the_photo(tmp_path: Path) -> None:
    (mark,) = HazardLabelDetector(write_colour_artifact(tmp_path)).detect(photo())
    assert mark.label == "class9a"
    np.testing.assert_allclose(mark.quad, [[128, 64], [192, 64], [192, 128], [128, 128]], atol=1)
    assert not mark.calibrated


def test_probability_is_calibrated_with_the_cards_numbers(tmp_path: Path) -> None:
    raw = HazardLabelDetector(write_colour_artifact(tmp_path / "raw")).detect(photo())[0].probability
    fit = {"a": 0.5, "b": -1.0, "positives": 9, "negatives": 9}
    artifact = write_colour_artifact(tmp_path / "fit", calibration={"class9a": fit})
    (mark,) = HazardLabelDetector(artifact).detect(photo())
    logit = math.log(raw / (1 - raw))
    assert mark.calibrated
    assert mark.probability == pytest.approx(1 / (1 + math.exp(-(0.5 * logit - 1))), abs=1e-3)


def test_other_classes_are_not_told_where_some_are_looked_for(tmp_path: Path) -> None:
    artifact = write_colour_artifact(tmp_path)
    assert len(HazardLabelDetector(artifact, labels=("class9a", "carton")).detect(photo())) == 1
    assert HazardLabelDetector(artifact, labels=("class9",)).detect(photo()) == []


def test_a_class_that_is_unknown_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ConfigError, match="lithium") as told:
        HazardLabelDetector(labels=("class9a", "lithium"))
    assert "battery_mark" in str(told.value)
    with pytest.raises(ConfigError, match="none"):
        HazardLabelDetector(labels=())


def test_one_label_needs_no_list(tmp_path: Path) -> None:
    assert len(HazardLabelDetector(write_colour_artifact(tmp_path), labels="class9a").detect(photo())) == 1


def test_operating_point_and_threshold_decide_what_is_told(tmp_path: Path) -> None:
    points = {"balanced": {"class9a": 0.5}, "strict": {"class9a": 1.0}}
    artifact = write_colour_artifact(tmp_path, operating_points=points)
    assert HazardLabelDetector(artifact, point="strict").detect(photo()) == []
    assert len(HazardLabelDetector(artifact, threshold=0.1).detect(photo())) == 1
    with pytest.raises(ArtifactError, match="balanced, strict"):
        HazardLabelDetector(artifact, point="lenient")


def test_an_artifact_of_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="task codes"):
        HazardLabelDetector(write_colour_artifact(tmp_path, task="codes"))


def test_threads_give_the_same_answer(tmp_path: Path) -> None:
    detector = HazardLabelDetector(write_colour_artifact(tmp_path))
    once = detector.detect(photo())
    with ThreadPoolExecutor(8) as pool:
        assert all(marks == once for marks in pool.map(detector.detect, [photo()] * 32))
