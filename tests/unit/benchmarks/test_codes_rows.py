"""Figures of the benchmark of packaging codes, from evidence written by hand."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("sklearn")
from benchmarks.codes import certainty_rows, code_rows, line_rows
from lipack_vision.artifact import Calibration
from lipack_vision.codes.calibration import ReaderCalibration
from training.codes.evidence import CodeEvidence, Evidence, LineEvidence

RIGHT = {"text": "4G", "whole": True, "plain": True, "right": True}
WRONG = {"text": "4C", "whole": True, "plain": True, "right": False}
REPAIRED = {"text": "4G", "whole": True, "plain": False, "right": True}
NOTHING = {"text": "", "whole": False, "plain": False, "right": False}


def code(outcome: dict[str, object], px: float = 20.0, truth: str = "4G", **more: object) -> CodeEvidence:
    fields = {
        "seed": 0,
        "way": "photo",
        "kind": "flexo",
        "letter_px": px,
        "truth": truth,
        "seconds": None,
        "valid": True,
    }
    return CodeEvidence(**(fields | {"probability": 0.99} | outcome | more))  # type: ignore[arg-type]


def text_line(truth: str, right: bool, weakest: float = 0.9) -> LineEvidence:
    return LineEvidence(0, 20.0, truth, "UN3480", 0.99, weakest, right)


def table(rows: list[dict[str, object]]) -> dict[tuple[object, object], object]:
    return {(row["data"], row["figure"]): row["value"] for row in rows}


def test_rates_of_marks() -> None:
    marks = [code(RIGHT), code(WRONG, px=8.0), code(REPAIRED, px=10.0), code(NOTHING, px=8.0)]
    stranger = code(WRONG, truth="")
    timed = code(RIGHT, way="crop", seconds=0.25)
    rows = code_rows([*marks, stranger, timed])
    value = table(rows)
    assert value["marks, all marks", "exact"] == pytest.approx(3 / 5)
    assert value["marks, all marks", "exact, nothing repaired"] == pytest.approx(2 / 5)
    assert value["marks, all marks", "wrong but accepted"] == pytest.approx(1 / 5)
    assert value["marks, letters below 9 px", "exact"] == 0
    assert value["marks, letters 9 to 14 px", "exact, nothing repaired"] == 0
    assert value["marks, letters 14 px or more", "exact"] == 1
    assert value["marks, all marks", "readings where no mark is"] == 1
    assert value["marks, place known", "median ms of one processor"] == 250
    assert {row["number"] for row in rows if row["data"] == "marks, print: flexo"} == {5}
    assert not any("dots" in str(row["data"]) for row in rows)


def test_marks_that_are_printed_wrong_are_counted_apart() -> None:
    broken = [code(NOTHING, valid=False), code(WRONG, valid=False), code(REPAIRED, valid=False)]
    value = table(code_rows([code(RIGHT), *broken]))
    assert value["marks, all marks", "exact"] == 1
    assert value["broken marks", "taken for a right one"] == pytest.approx(1 / 3)
    assert value["broken marks", "taken for a right one, and said to be repaired"] == pytest.approx(1 / 3)


def test_rates_of_lines() -> None:
    seen = Evidence((), (text_line("UN3480", True), text_line("UN3481", False), text_line("", False)), 4)
    value = table(line_rows(seen))
    assert value["lines", "found, parts counted"] == 0.5
    assert value["lines, all", "exact"] == 0.5
    assert value["lines, all", "read where nothing is"] == 1


def test_certainty_before_and_after() -> None:
    codes = (*[code(RIGHT)] * 9, code(WRONG), code(REPAIRED, probability=0.8))
    numbers = Calibration(a=0.5, b=-0.1, positives=9, negatives=1, most=0.9)
    seen = Evidence(codes, (text_line("UN3480", True),), 1)
    rows = certainty_rows(seen, ReaderCalibration(code=numbers))
    value = table(rows)
    assert {row["number"] for row in rows if row["figure"] == "ECE"} == {10, 1}
    assert value["accepted marks, raw", "ECE"] == pytest.approx(0.09)
    surprise = -(9 * math.log(0.99) + math.log(0.01)) / 10
    assert value["accepted marks, raw", "log loss"] == pytest.approx(surprise)
    assert value["accepted marks, raw", "wrong, told 0.95 or more"] == 1
    assert value["accepted marks, calibrated", "ECE"] == pytest.approx(0.0, abs=1e-6)
    assert value["accepted marks, calibrated", "told 0.95 or more"] == 0
    assert ("lines, calibrated", "ECE") not in value
    assert certainty_rows(seen, None) == [row for row in rows if "raw" in str(row["data"])]
