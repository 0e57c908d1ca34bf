from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, TextLine
from lipack_vision.codes.assemble import find_marks
from lipack_vision.codes.lattice import Lattice, of_probabilities
from lipack_vision.codes.understand import Understood, understand

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


def text(*rows: str, confidence: float = 0.99) -> list[list[TextLine]]:
    return [[TextLine(row, confidence, np.array(QUAD, float) + [0, 30 * n])] for n, row in enumerate(rows)]


def accepted(found: Understood) -> bool:
    """Whether a policy may release on it: whole, and nothing changed."""
    return found.mark.code is not None and not found.repairs


@pytest.mark.parametrize(
    "printed",
    [
        "1A2/Y1.6/30011/UA/VL78",  # a slash between two numbers was not read
        "1A1/Y1.4/15083/USA/VL82",
        "4G/Y25/S/25D/BAM 4711",
        "50F/Y/05 18A/KIR/M 1/500/900",
        "4G/4G/Y25/S/25/D/BAM 1",  # a code twice
        "4N4G/Y25/S/25/D/BAM 1",
        "X1A2/Y400/S/25/D/BAM 1",
        "4G/Y3O/S/25/D/BAM 1",
        "4G/Y30/S/2/D/BAM 1",
        "4G/Y30/S/225/D/BAM 1",
        "4G/Y1,5/S/25/D/BAM 1",
        "1A1/Y1.4/1O0/25/D/BAM 1",
        "4G/Y025/S/25/D/BAM 1",
        "4G/y25/S/25/D/BAM 1",
    ],
)
def test_a_text_that_is_no_right_mark_is_never_accepted(printed: str) -> None:
    assert not accepted(understand(text(printed)))


@pytest.mark.parametrize(
    "printed", ["4F/X850/S/25/D/BAM 1", "5H3/Z154/S/20/NL/AB 1", "4G/Y1.5/S/16/USA/+M6229"]
)
def test_an_unlikely_value_is_left_as_it_was_read(printed: str) -> None:
    found = understand(text(printed, confidence=0.9))
    assert str(found.mark.code) == printed
    assert found.mark.warnings
    assert found.repairs == ()


@pytest.mark.parametrize(
    ("read", "right"),
    [("4G/V25/S/25/CN/C370012 PI:0A5", "PI:0A5"), ("4G/V25/S/25/CN/C370012 PI:O15", "PI:O15")],
)
def test_a_batch_keeps_its_signs(read: str, right: str) -> None:
    found = understand(text(read))
    assert str(found.mark.code).endswith(right)
    assert found.repairs == (("level", "V", "Y"),)


def wide(printed: str, at: int, shares: list[dict[str, float]]) -> TextLine:
    """A line of which one sign takes several steps, with these shares of signs and of the blank ("")."""
    whole = line(printed)
    assert whole.lattice is not None
    run = whole.lattice.runs[at]
    rows = np.full((len(shares), 1 + len(ALPHABET)), 1e-6)
    for row, told in zip(rows, shares, strict=True):
        for sign, share in told.items():
            row[1 + ALPHABET.index(sign) if sign else 0] = share
    told_all = np.exp(whole.lattice.log)
    lattice = of_probabilities(ALPHABET, np.vstack([told_all[: run.start], rows, told_all[run.end :]]))
    return TextLine(lattice.text, 0.99, QUAD, lattice=lattice)


def test_one_wide_digit_is_not_two() -> None:
    blank = [{"2": 0.99}, {"2": 0.96, "": 0.03}, {"2": 0.99}]
    assert not accepted(understand([[wide("4G/Y25/S/2/D/BAM 1", 9, blank)]]))
    found = understand([[wide("4G/Y25/S/2/D/BAM 1", 9, blank)]])
    assert found.mark.code is None


def test_a_doubtful_digit_is_not_dropped() -> None:
    found = understand([[wide("4G/Y801/S/25/D/BAM 1", 6, [{"1": 0.6, "/": 0.2, "": 0.19}])]])
    assert found.mark.code is None or found.mark.code.gross_mass == 801


@pytest.mark.parametrize(
    "printed",
    [
        "4G/Y25/25/CN/C370012",
        "4G/Y25//25/CN/C370012",
        "4G/Y25/S/25//C370012",
        "4G/Y25/S/25/C370012",
        "3H1/X1.3/60/0 12/DZ/A1",
    ],
)
def test_a_hidden_element_is_not_made_up(printed: str) -> None:
    assert understand([[line(printed)]]).mark.code is None
    assert understand(text(printed)).mark.code is None


def test_an_element_that_is_right_is_not_changed_for_a_likelier_one() -> None:
    found = understand([[line("4D/V25/S/25/D/BAM 1", {1: ("G", 0.07), 3: ("Y", 0.4)})]])
    assert found.mark.code is None or found.mark.code.code == "4D"


def test_very_long_text_is_not_searched() -> None:
    rows = [f"LINE {number} OF PRINT" for number in range(300)]
    assert understand(text(*rows)).mark.code is None


def test_numbers_that_are_none_do_no_harm() -> None:
    rows = np.full((3, 1 + len(ALPHABET)), np.nan)
    assert of_probabilities(ALPHABET, rows).text == ""
    rows[:, 0] = np.inf
    assert of_probabilities(ALPHABET, rows).text == ""


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
