from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from lipack_vision.artifact import SCHEMA_VERSION, Calibration, load_artifact, write_artifact
from lipack_vision.errors import ArtifactError

FIELDS: dict[str, Any] = {
    "name": "toy",
    "task": "marks",
    "classes": ("class9",),
    "preprocessing": {"width": 64, "height": 32},
    "calibration": {"class9": {"a": 1.5, "b": -0.5, "positives": 10, "negatives": 20}},
    "operating_points": {"balanced": {"class9": 0.4}},
    "metrics": [{"name": "AP50", "value": 0.5, "data": "rendered seeds 1-9"}],
    "training": {"command": "python -m training.train task=marks"},
    "git_commit": "abc",
    "licences": {"weights": "Apache-2.0"},
    "opset": 17,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "net"
    source.write_bytes(b"weights")
    write_artifact(tmp_path / "toy", FIELDS, {"model.onnx": source})
    return tmp_path / "toy"


def test_written_artifact_loads(folder: Path) -> None:
    artifact = load_artifact(folder)
    assert artifact.path("model.onnx").read_bytes() == b"weights"
    assert artifact.card.calibration["class9"].a == 1.5
    assert artifact.card.schema_version == SCHEMA_VERSION
    with pytest.raises(ArtifactError, match=r"model\.onnx"):
        artifact.path("other.onnx")


def test_altered_and_missing_files_are_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"weighty")
    with pytest.raises(ArtifactError, match="SHA-256"):
        load_artifact(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(ArtifactError, match="no such file"):
        load_artifact(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema_version": 99}, "schema version 1"),
        ({"colour": "red"}, "colour"),
        ({"files": {"model.onnx": "123"}}, r"files\.model\.onnx"),
        ({"preprocessing": {"width": 65, "height": 32}}, "width"),
        ({"calibration": {"class9": {"a": 1, "b": math.nan, "positives": 1, "negatives": 1}}}, "finite"),
        ({"preprocessing": None}, "preprocessing"),
        ({"opset": None}, "opset"),
        ({"calibration": {"class9": {"a": 1, "b": 0, "positives": 1, "negatives": 1, "most": 1.5}}}, "most"),
    ],
)
def test_wrong_cards_are_named(folder: Path, change: dict[str, Any], words: str) -> None:
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | change))
    with pytest.raises(ArtifactError, match=words):
        load_artifact(folder)


def test_a_calibration_rises_and_stops_at_what_it_supports() -> None:
    free = Calibration(a=2.0, b=-1.0, positives=9, negatives=9)
    held = free.model_copy(update={"most": 0.9})
    logits = [-1e9, -3.0, 0.0, 0.5, 3.0, 1e9]
    told = [free.probability(logit) for logit in logits]
    assert told == sorted(told)
    assert told[3] == 0.5
    assert (told[0], told[-1]) == (pytest.approx(0), pytest.approx(1))
    kept = [held.probability(logit) for logit in logits]
    assert kept == pytest.approx([min(0.9, value) for value in told], abs=1e-4)
    assert math.isnan(held.probability(math.nan))


def test_missing_card_and_broken_json(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no such file"):
        load_artifact(tmp_path)
    (tmp_path / "card.json").write_text("{")
    with pytest.raises(ArtifactError, match="JSON"):
        load_artifact(tmp_path)


def test_writing_again_replaces_and_changes_the_version(folder: Path, tmp_path: Path) -> None:
    before = load_artifact(folder).version
    (tmp_path / "net").write_bytes(b"better weights")
    after = write_artifact(folder, FIELDS, {"model.onnx": tmp_path / "net"})
    assert after.version != before
    assert sorted(p.name for p in folder.iterdir()) == ["card.json", "model.onnx"]


def test_beyond_what_findings_support_the_surer_one_still_comes_first() -> None:
    fit = Calibration(a=1.0, b=0.0, positives=5, negatives=5, most=0.9, least=0.2)
    told = [fit.probability(logit) for logit in (-9.0, -5.0, -2.0, 0.0, 2.5, 5.0, 9.0)]
    assert told == sorted(told)
    assert len(set(told)) == len(told)
    assert told[0] >= 0.1998
    assert told[-1] <= 0.9001


def test_a_probability_stays_between_what_its_findings_support() -> None:
    fit = Calibration(a=1.0, b=0.0, positives=5, negatives=5, most=0.9, least=0.2)
    told = [fit.probability(logit) for logit in (-9.0, 0.0, 9.0)]
    assert told == pytest.approx([0.2, 0.5, 0.9], abs=2e-4)
    assert math.isnan(fit.probability(math.nan))
