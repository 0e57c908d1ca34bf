"""Probabilities of the text reader: calibrated for the nets they were fitted for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lipack_vision.artifact import Calibration, load_artifact
from lipack_vision.codes import CodeReading, LineEngine, PackagingCodeReader, TextLine
from lipack_vision.codes.assemble import find_marks
from lipack_vision.codes.calibration import ReaderCalibration, calibration_of, logit
from lipack_vision.inspection.policy import ReleasePolicy
from lipack_vision.regulations.parser import parse_packaging_code
from lipack_vision.types import ImageArray

WHOLE = "4G/Y25/S/25/CN/C370012 PI:015"
QUAD = np.array([[100, 100], [400, 100], [400, 122], [100, 122]], np.float32)
PHOTO = np.full((400, 600, 3), 180, np.uint8)
NUMBERS = {"a": 0.8, "b": 0.5, "positives": 90, "negatives": 10, "most": 0.97}
FIT = Calibration(**NUMBERS)
BOTH = ReaderCalibration(FIT, FIT)


def reading(probability: float = 0.9, **changes: Any) -> CodeReading:
    return replace(CodeReading(WHOLE, WHOLE, probability, QUAD, parse_packaging_code(WHOLE)), **changes)


def line(text: str, *confidences: float) -> TextLine:
    values = confidences or (1.0,) * len(text)
    return TextLine(text, float(np.mean(values)), QUAD, confidences=values)


class Engine:
    """Gives prepared lines for the photo, and says what its probabilities are worth."""

    def __init__(self, *lines: TextLine, calibration: ReaderCalibration | None = BOTH) -> None:
        self.lines, self.calibration = list(lines), calibration

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        found = self.lines if image.shape == PHOTO.shape else []
        return [self.calibration.of_line(one) if self.calibration else one for one in found]


def test_a_plain_reading_is_calibrated() -> None:
    told = BOTH.of_reading(reading(0.9))
    assert told.calibrated
    assert told.probability == pytest.approx(FIT.probability(logit(0.9)))
    assert replace(told, probability=0.9, calibrated=False) == reading(0.9)
    assert BOTH.of_reading(told) is told


def test_higher_raw_probabilities_are_never_told_lower() -> None:
    raw = np.linspace(0, 1, 201)
    told = [BOTH.of_reading(reading(float(value))).probability for value in raw]
    assert told == sorted(told)
    assert told[0] < 0.1
    assert told[-1] == pytest.approx(FIT.most, abs=4e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"repairs": (("level", "V", "Y"),)},
        {"problems": (("state", "contradicts the maker"),)},
        {"code": None, "probability": 0.0},
        {"probability": float("nan")},
    ],
)
def test_a_reading_that_something_speaks_against_stays_raw(changes: dict[str, Any]) -> None:
    doubtful = reading(**changes)
    assert BOTH.of_reading(doubtful) is doubtful
    assert not doubtful.calibrated


@pytest.mark.parametrize(
    "text",
    [
        "4G/V25/S/25/CN/C370012 PI:015",
        "4G/Y25/5/25/CN/C370012 PI:015",
        "4G/Y25S/25/CN/C370012 PI:015",
        "4G/Y25/S/25/CN/C370012 P1:015",
        "AG/Y25/S/25/CN/C370012 PI:015",
    ],
)
def test_a_repaired_reading_never_passes_a_policy(text: str) -> None:
    (raw,) = find_marks([line(text)])
    assert raw.repairs
    assert raw.code is not None
    (told,) = PackagingCodeReader(Engine(line(text))).read(PHOTO, marks=[])
    assert told.repairs
    assert not told.calibrated
    assert told.probability < ReleasePolicy().min_probability


def test_a_line_is_calibrated_by_its_weakest_character() -> None:
    steady, uneven = line("UN3480", *[0.9] * 6), line("UN3480", *[0.99] * 5, 0.5)
    told = [BOTH.of_line(one) for one in (steady, uneven)]
    assert [one.probability for one in told] == [FIT.probability(logit(0.9)), FIT.probability(logit(0.5))]
    assert all(one.calibrated for one in told)
    assert [one.weakest for one in told] == [0.9, 0.5]
    assert told[1].confidences == uneven.confidences
    assert BOTH.of_line(told[0]) is told[0]


def test_without_numbers_nothing_changes() -> None:
    nothing = ReaderCalibration()
    assert not nothing.of_reading(reading()).calibrated
    assert not nothing.of_line(line("UN3480")).calibrated


def test_the_reader_tells_calibrated_probabilities() -> None:
    (raw,) = PackagingCodeReader(Engine(line(WHOLE), calibration=None)).read(PHOTO, marks=[])
    (told,) = PackagingCodeReader(Engine(line(WHOLE))).read(PHOTO, marks=[])
    assert not raw.calibrated
    assert told == replace(raw, probability=FIT.probability(logit(raw.probability)), calibrated=True)


def test_lines_of_another_engine_stay_raw() -> None:
    (told,) = PackagingCodeReader(Engine()).read(PHOTO, marks=[], lines=[line(WHOLE)])
    assert told.text == WHOLE
    assert not told.calibrated
    (own,) = PackagingCodeReader(Engine()).read(PHOTO, marks=[], lines=[BOTH.of_line(line(WHOLE))])
    assert own.calibrated


def test_an_engine_that_says_nothing_is_not_calibrated() -> None:
    class Silent:
        def read_lines(self, image: ImageArray) -> list[TextLine]:
            return [line(WHOLE)]

    assert calibration_of(Silent()) is None
    (told,) = PackagingCodeReader(Silent()).read(PHOTO, marks=[])
    assert not told.calibrated


def test_the_shipped_numbers_promise_no_more_than_they_show() -> None:
    card = load_artifact("codes").card
    assert set(card.calibration) == {"packaging_code", "text_line"}
    # A whole sample without an error supports no more than this.
    for fit in card.calibration.values():
        assert fit.most <= (fit.positives + 1) / (fit.positives + 2)
        assert fit.probability(logit(0.5)) < ReleasePolicy().min_probability
    assert LineEngine(threads=1).calibration == ReaderCalibration.of_card(card)
    assert LineEngine(calibrated=False).calibration is None
