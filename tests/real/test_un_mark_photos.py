"""Two real photos of a lithium-ion carton; they lie outside the project and are only looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, PackagingCodeReader, RapidOcrEngine
from lipack_vision.image import read_image

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "real-dev" / "un_mark_lithium_box" / "images"
CLEAR = FOLDER / "un_4G_X1.5_S_16_USA_a.jpg"
HIDDEN = FOLDER / "un_4G_X1.5_S_16_USA_b_occluded.jpg"

pytestmark = pytest.mark.skipif(not CLEAR.is_file(), reason=f"no real photos at {FOLDER}")


@pytest.fixture(scope="module")
def reader() -> PackagingCodeReader:
    return PackagingCodeReader(threads=1)


def only(readings: list[CodeReading]) -> CodeReading:
    (reading,) = readings
    return reading


def test_a_clear_mark_is_read(reader: PackagingCodeReader) -> None:
    reading = only(reader.read(CLEAR, marks=[]))
    assert reading.text == "4G/X1.5/S/16/USA/+M6229"
    assert reading.probability > 0.9
    assert reading.repairs == ()


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_any_way_up(reader: PackagingCodeReader, quarter_turns: int) -> None:
    photo = np.ascontiguousarray(np.rot90(read_image(CLEAR), quarter_turns))
    assert only(reader.read(photo, marks=[])).text == "4G/X1.5/S/16/USA/+M6229"


def test_a_hidden_year_is_not_guessed(reader: PackagingCodeReader) -> None:
    reading = only(reader.read(HIDDEN, marks=[]))
    assert reading.code is None
    assert reading.probability == 0.0
    assert reading.text == "4G/X1.5/S"
    assert "year" in dict(reading.problems)


def test_other_print_of_the_carton_is_read_by_the_peer() -> None:
    pytest.importorskip("rapidocr", reason="package rapidocr is not installed")
    reader = PackagingCodeReader(RapidOcrEngine(threads=1))
    print_of_carton = " ".join(line.text for line in reader.read_text(CLEAR)).replace(" ", "")
    assert "LITHIUMION" in print_of_carton
    assert "16011" in print_of_carton
