from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, TextLine
from lipack_vision.codes.assemble import find_marks
from lipack_vision.codes.lattice import Lattice, of_probabilities
from lipack_vision.codes.understand import understand

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/: .+-"
QUAD = [[0, 0], [200, 0], [200, 20], [0, 20]]


def seen(text: str, doubts: dict[int, tuple[str, float]] | None = None) -> Lattice:
    """What a recogniser sees on a text; at some places a share of its probability falls on another sign."""
    rows = []
    for number, sign in enumerate(text):
        row = np.full(1 + len(ALPHABET), 1e-6)
        other, share = (doubts or {}).get(number, ("", 0.0))
        row[1 + ALPHABET.index(sign)] = 0.998 - share
        if other:
            row[1 + ALPHABET.index(other)] = share
        rows += [row, np.r_[0.9985, np.full(len(ALPHABET), 1e-6)]]
    return of_probabilities(ALPHABET, rows)


def line(text: str, doubts: dict[int, tuple[str, float]] | None = None, y: float = 0.0) -> TextLine:
    lattice = seen(text, doubts)
    confidences = tuple(run.confidence for run in lattice.runs)
    quad = np.array(QUAD, float) + [0, y]
    return TextLine(lattice.text, float(np.mean(confidences)), quad, confidences=confidences, lattice=lattice)


def test_a_clear_mark_is_as_sure_as_all_its_signs() -> None:
    found = understand([[line("4G/Y25/S/25")], [line("CN/C370012 PI:015", y=30)]])
    assert str(found.mark.code) == "4G/Y25/S/25/CN/C370012 PI:015"
    assert found.probability == pytest.approx(0.998**28 * 0.9985**26, rel=0.02)
    assert found.repairs == ()


def test_a_sign_that_was_hardly_seen_is_repaired_and_told() -> None:
    found = understand([[line("4G/V25/S/25/D/BAM 4711", {3: ("Y", 0.4)})]])
    assert str(found.mark.code) == "4G/Y25/S/25/D/BAM 4711"
    assert found.repairs == (("level", "V", "Y"),)
    assert found.probability == pytest.approx(0.4, abs=0.05)


def test_a_mark_that_is_plainly_printed_wrong_stays_wrong() -> None:
    found = understand([[line("4G/V25/S/25/D/BAM 4711", {3: ("Y", 0.002)})]])
    assert found.mark.code is None
    assert "level" in dict(found.mark.problems)
    assert found.suggestion == "4G/Y25/S/25/D/BAM 4711"
    assert found.repairs == ()


@pytest.mark.parametrize("year", ["25", "28", "22"])
def test_a_digit_is_what_was_read_however_near_another_is(year: str) -> None:
    found = understand([[line(f"4G/Y25/S/{year}/D/BAM 4711", {10: ("3", 0.45)})]])
    assert found.mark.code is not None
    assert f"{found.mark.code.year}" == year
    assert found.probability < 0.6


def test_a_letter_among_digits_is_a_digit_only_if_the_picture_bears_it() -> None:
    borne = understand([[line("4G/Y3O/S/25/D/BAM 4711", {5: ("0", 0.3)})]])
    assert str(borne.mark.code) == "4G/Y30/S/25/D/BAM 4711"
    assert borne.repairs == (("gross_mass", "3O", "30"),)
    plain = understand([[line("4G/Y3O/S/25/D/BAM 4711", {5: ("0", 0.001)})]])
    assert plain.mark.code is None
    assert plain.suggestion == "4G/Y30/S/25/D/BAM 4711"


def test_elements_are_placed_on_their_lines() -> None:
    (reading,) = find_marks([line("4G/Y25/S/25"), line("CN/C370012 PI:015", y=26)])
    placed = {element.name: element for element in reading.elements}
    assert list(placed) == [
        "code",
        "level",
        "gross_mass",
        "solid_or_pressure",
        "year",
        "state",
        "maker",
        "batch",
    ]
    assert placed["maker"].text == "C370012"
    assert placed["code"].line == 0
    assert placed["batch"].line == 1
    np.testing.assert_allclose(placed["code"].quad[0], [0, 0], atol=1)
    np.testing.assert_allclose(placed["year"].quad[2], [200, 20], atol=12)
    np.testing.assert_allclose(placed["state"].quad[3], [0, 46], atol=1)
    assert all(element.probability > 0.99 for element in reading.elements)
    assert CodeReading.from_dict(reading.to_dict()) == reading
