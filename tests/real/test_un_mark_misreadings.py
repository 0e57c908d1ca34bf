"""Real misreadings of one print in ``../shared/data/un_marks``, decoded as text alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lipack_vision.codes.decode import decode
from lipack_vision.codes.lattice import of_text

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "un_marks" / "un_marks_ocr_readings.csv"


@pytest.mark.skipif(not FILE.is_file(), reason=f"{FILE} is not there")
def test_the_printed_code_is_proposed_for_most_misreadings_and_always_as_repaired() -> None:
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["read_text"] and int(row["edit_distance"]) <= 6]
    proposed = [row for row in rows if decode(of_text(row["read_text"])).text == row["ground_truth"]]
    assert len(proposed) / len(rows) >= 0.6
    for row in proposed:
        assert bool(decode(of_text(row["read_text"])).repairs) == (row["read_text"] != row["ground_truth"])
