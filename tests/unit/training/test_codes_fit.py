"""Fitting what the text reader's probabilities are worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
from lipack_vision.artifact import load_artifact, write_artifact
from lipack_vision.codes.calibration import CODE, LINE, ReaderCalibration, logit
from lipack_vision.regulations.parser import read_mark
from training.calibrate_codes import (
    calibrations,
    fit,
    load_evidence,
    most_supported,
    recalibrate,
    save_evidence,
    separation,
)
from training.calibration import calibration_error
from training.codes.evidence import CodeEvidence, Evidence, LineEvidence, line_is_right, read_picture
from training.codes.pictures import LETTER_PX, PRINTS, render_picture


def sample(count: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Raw probabilities that promise too much, and what came true."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(-2, 5, count)
    right = rng.random(count) < 1 / (1 + np.exp(-truth))
    return 1 / (1 + np.exp(-(2 * truth + 1))), right


def code(seed: int, probability: float, right: bool, plain: bool = True) -> CodeEvidence:
    return CodeEvidence(seed, "photo", "flexo", 20.0, "4G", True, "4G", probability, True, plain, right, None)


def text_line(seed: int, mean: float, weakest: float, right: bool) -> LineEvidence:
    return LineEvidence(seed, 20.0, "UN3480", "UN3480", mean, weakest, right)


def evidence(count: int = 120) -> Evidence:
    raw, right = sample(count)
    codes = tuple(code(i, float(p), bool(r)) for i, (p, r) in enumerate(zip(raw, right, strict=True)))
    noise = np.random.default_rng(2).uniform(0, 1, count)
    lines = tuple(
        text_line(i, float(n), float(p), bool(r))
        for i, (n, p, r) in enumerate(zip(noise, raw, right, strict=True))
    )
    return Evidence(codes, lines, count)


def test_a_fit_mends_probabilities_that_promise_too_much() -> None:
    numbers = fit(*sample())
    assert numbers is not None
    raw, right = sample(4000, seed=2)
    told = np.array([numbers.probability(logit(value)) for value in raw])
    assert calibration_error(told, right) < 0.06 < 0.09 < calibration_error(raw, right)
    assert numbers.a == pytest.approx(0.5, abs=0.15)


def test_the_fit_is_the_likeliest_for_platts_targets() -> None:
    raw, right = sample()
    numbers = fit(raw, right)
    assert numbers is not None
    positives, negatives = right.sum(), (~right).sum()
    assert (numbers.positives, numbers.negatives) == (positives, negatives)
    logits = np.array([logit(value) for value in raw])
    told = 1 / (1 + np.exp(-(numbers.a * logits + numbers.b)))
    excess = told - np.where(right, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    # The slopes of the likelihood in b and a vanish at its top.
    assert excess.mean() == pytest.approx(0, abs=1e-4)
    assert (excess * logits).mean() == pytest.approx(0, abs=1e-3)


def test_no_probability_exceeds_what_the_surer_half_supports() -> None:
    raw = np.linspace(0.2, 1, 100)
    assert most_supported(raw, np.ones(100, bool)) == pytest.approx(51 / 52)
    one_wrong = np.arange(100) != 99
    assert most_supported(raw, one_wrong) == pytest.approx(50 / 52)
    assert most_supported(np.ones(100), one_wrong) == pytest.approx(100 / 102)
    right = raw > 0.5
    numbers = fit(raw, right)
    assert numbers is not None
    assert numbers.probability(logit(1.0)) == pytest.approx(51 / 52, abs=1e-4)


def test_too_little_or_contrary_evidence_gives_no_fit() -> None:
    raw, right = sample(49)
    assert fit(raw, right) is None
    raw, right = sample()
    assert fit(raw, ~right) is None


def test_only_plain_readings_count() -> None:
    seen = evidence()
    repaired = tuple(code(1000 + i, 0.8, False, plain=False) for i in range(200))
    with_repaired = Evidence(seen.codes + repaired, seen.lines, seen.printed)
    assert calibrations(with_repaired) == calibrations(seen)
    assert set(calibrations(seen)) == {CODE, LINE}
    assert set(calibrations(Evidence(seen.codes, (), 0))) == {CODE}


def test_separation_tells_the_better_score() -> None:
    auc = separation(evidence().lines)
    assert auc["weakest"] > 0.7 > auc["mean"]
    assert separation(evidence().lines[:0]) == {}


def test_an_artifact_gets_the_numbers_and_keeps_its_files(tmp_path: Path) -> None:
    (tmp_path / "net").write_bytes(b"weights")
    fields = {"name": "codes", "task": "codes", "classes": (CODE, LINE), "training": {"seed": 1}}
    fields |= {"git_commit": "abc", "licences": {}, "opset": 18, "preprocessing": {"width": 64, "height": 32}}
    artifact = write_artifact(tmp_path / "codes", fields, {"reader.onnx": tmp_path / "net"})
    save_evidence(evidence(), tmp_path / "evidence.json")
    assert load_evidence(tmp_path / "evidence.json") == evidence()
    recalibrate(artifact, artifact.folder, 0, keep=tmp_path / "evidence.json")
    again = load_artifact(artifact.folder)
    assert ReaderCalibration.of_card(again.card).code == calibrations(evidence())[CODE]
    assert again.path("reader.onnx").read_bytes() == b"weights"
    assert again.card.training["seed"] == 1
    assert "120 pictures" in again.card.training["calibrated"]["data"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("UN 3480", True),
        ("UN3480", True),
        ("3480", True),
        ("LITHIUM", False),
        ("N 3480", False),
        ("UN 348", False),
        ("", False),
    ],
)
def test_a_line_is_right_when_all_its_words_are(text: str, right: bool) -> None:
    assert line_is_right(text, "UN 3480") == right


def test_order_and_gaps_of_words_count() -> None:
    assert line_is_right("ION BATTERIES", "LITHIUM ION BATTERIES")
    assert not line_is_right("LITHIUM BATTERIES", "LITHIUM ION BATTERIES")
    assert not line_is_right("BATTERIES LITHIUM ION", "LITHIUM ION BATTERIES")


def test_pictures_are_fixed_by_their_seed_and_hold_what_they_say() -> None:
    first, again, other = render_picture(5), render_picture(5), render_picture(6)
    np.testing.assert_array_equal(first.image, again.image)
    assert first.mark.text == again.mark.text != other.mark.text
    for picture in (first, other):
        height, width = picture.image.shape[:2]
        assert picture.mark.kind in PRINTS
        assert picture.lines
        for printed in (picture.mark, *picture.lines):
            assert (printed.quad.mean(axis=0) > 0).all()
            assert (printed.quad.mean(axis=0) < (width, height)).all()
            # A slanted view makes letters lower, or higher near the camera.
            assert 0.6 * LETTER_PX[0] < printed.letter_px < 1.5 * LETTER_PX[1]


def test_a_picture_is_read_and_compared() -> None:
    (found,) = read_picture(9008).codes
    assert (found.way, found.kind, found.valid) == ("crop", "sticker", True)
    assert found.right == (found.text == found.truth)
    assert found.plain
    assert found.seconds is not None
    assert 0 < found.probability < 1


def test_broken_marks_are_none_and_held_out_fonts_are_used() -> None:
    for seed in range(8):
        assert read_mark(render_picture(seed, broken=1.0).mark.text).code is None
    usual, other = render_picture(5), render_picture(5, held_out=True)
    assert usual.mark.text == other.mark.text
    assert not np.array_equal(usual.image, other.image)
