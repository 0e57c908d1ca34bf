from __future__ import annotations

import math

import numpy as np
import pytest

from lipack_vision.codes import TextLine
from lipack_vision.codes.assemble import find_marks, read_all
from lipack_vision.codes.layout import direction, hull


def line(
    text: str, x: float, y: float, height: float = 20, confidence: float = 0.99, turn: float = 0.0
) -> TextLine:
    """A line of 0.6 heights per letter, turned by degrees about the origin."""
    width = 0.6 * height * len(text)
    box = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return TextLine(text, confidence, box @ np.array([[c, s], [-s, c]]))


def only(*lines: TextLine):
    (reading,) = find_marks(lines)
    return reading


@pytest.mark.parametrize("turn", [0.0, 25.0, -40.0, 90.0, 180.0])
@pytest.mark.parametrize(
    "rows",
    [
        ["4G/Y25/S/25/CN/C370012 PI:015"],
        ["4G/Y25/S/25", "CN/C370012 PI:015"],
        ["4G/Y25/S/25", "CN/C370012", "PI:015"],
        ["4G/Y25", "S/25", "CN/C370012", "PI:015"],
        ["4G/Y25/S/25/", "CN/C370012  PI:015"],
    ],
)
def test_one_to_four_rows_make_one_mark(rows: list[str], turn: float) -> None:
    lines = [line(text, 50, 50 + 28 * i, turn=turn) for i, text in enumerate(rows)]
    reading = only(*reversed(lines))
    assert reading.text == "4G/Y25/S/25/CN/C370012 PI:015"
    assert reading.code is not None
    assert reading.problems == ()
    assert reading.repairs == ()
    assert reading.probability == pytest.approx(0.99)


def test_parts_of_a_row_are_joined() -> None:
    reading = only(
        line("4G/Y25", 0, 0), line("/S/25", 90, 1), line("CN/C370012", 0, 30), line("PI:015", 150, 29)
    )
    assert reading.text == "4G/Y25/S/25/CN/C370012 PI:015"


def test_the_symbol_beside_the_lines_is_left_out() -> None:
    reading = only(line("un", -60, 5, 40), line("4G/Y25/S/25", 0, 0), line("CN/C370012", 0, 28))
    assert reading.raw == "4G/Y25/S/25\nCN/C370012"
    assert reading.code is not None


def test_other_print_around_a_mark_stays_out() -> None:
    reading = only(
        line("GROUND AND VESSEL SHIPMENT ONLY", 0, -35, 18),
        line("4G/X1.5/S/16", 0, 0),
        line("USA/+M6229", 0, 26),
        line("DOT-SP 16011", 0, 56, 18),
        line("UN3480", 400, 0, 30),
    )
    assert reading.text == "4G/X1.5/S/16/USA/+M6229"
    assert reading.raw == "4G/X1.5/S/16\nUSA/+M6229"


def test_two_marks_on_one_face() -> None:
    texts = {
        reading.text
        for reading in find_marks(
            [
                line("4G/Y25/S/25", 0, 0),
                line("CN/C370012 PI:015", 0, 28),
                line("4G/X9/S/24", 400, 0),
                line("D/BAM 4711", 400, 28),
            ]
        )
    }
    assert texts == {"4G/Y25/S/25/CN/C370012 PI:015", "4G/X9/S/24/D/BAM 4711"}


def test_one_mark_above_another() -> None:
    lines = [line("4G/Y25/S/25/NL/AB 1", 0, 0), line("4G/X9/S/24/D/BAM 4711", 0, 28)]
    assert {reading.text for reading in find_marks(lines)} == {"4G/Y25/S/25/NL/AB 1", "4G/X9/S/24/D/BAM 4711"}


def test_a_hidden_year_is_named_and_not_guessed() -> None:
    reading = only(
        line("4G/X1.5/5/", 0, 0, confidence=0.64), line("USA/+M6229", 0, 28), line("DOT-SP 1", 0, 70)
    )
    assert reading.code is None
    assert reading.probability == 0.0
    assert reading.text == "4G/X1.5/S"
    assert [element for element, _ in reading.problems] == ["year"]
    assert reading.problems[0][1].startswith("not readable")
    assert reading.repairs == (("solid_or_pressure", "5", "S"),)


def test_a_lost_second_line_is_missing_elements() -> None:
    reading = only(line("4G/Y25/S/25", 0, 0), line("HANDLE WITH CARE", 0, 28))
    assert reading.code is None
    assert reading.text == "4G/Y25/S/25"
    assert {"state", "maker"} <= {element for element, _ in reading.problems}


def test_a_digit_misread_as_a_letter_is_a_problem() -> None:
    reading = only(line("4G/Y3O/S/22/D/BAM 4711", 0, 0))
    assert reading.code is None
    assert reading.text == "4G"
    assert reading.problems


def test_repairs_cost_probability() -> None:
    plain = only(line("4G/Y30/S/22/D/BAM 4711", 0, 0))
    once = only(line("4G/V30/S/22/D/BAM 4711", 0, 0))
    twice = only(line("4G/V30/S/22/0/BAM 4711", 0, 0))
    assert plain.text == once.text == twice.text
    assert plain.probability > 0.9 > 0.5 >= once.probability > twice.probability
    assert len(twice.repairs) == 2


def test_a_chinese_works_code_under_another_state_is_a_problem() -> None:
    reading = only(line("4G/Y15.8/S/22", 0, 0), line("CH/C310320", 0, 28))
    assert [element for element, _ in reading.problems] == ["state"]
    assert reading.probability < 0.5


@pytest.mark.parametrize("maker", ["i C230056", "C230056 Pt: 002"])
def test_more_than_a_works_code_is_a_problem(maker: str) -> None:
    reading = only(line("4G/Y15.8/S/22", 0, 0), line(f"CN/{maker}", 0, 28))
    assert [element for element, _ in reading.problems] == ["maker"]
    assert reading.probability < 0.5


def test_the_weakest_character_counts() -> None:
    weak = TextLine("4G/Y25/S/25", 0.95, [[0, 0], [130, 0], [130, 20], [0, 20]], 0.3)
    assert only(weak, line("CN/C370012", 0, 28)).probability == pytest.approx(0.3)


def test_the_symbol_read_as_a_letter_does_not_count() -> None:
    first = TextLine(
        "Q4G/Y25/S/25", 0.9, [[0, 0], [130, 0], [130, 20], [0, 20]], confidences=(0.1,) + (0.99,) * 11
    )
    reading = only(first, line("CN/C370012", 0, 28))
    assert reading.probability > 0.9
    assert reading.repairs == ()
    assert reading.warnings == (("symbol", "'Q' taken for the UN symbol"),)


@pytest.mark.parametrize("text", ["4G/5G ROUTER", "UN3480", "1A2", "MADE IN CHINA", "4G/Y"])
def test_ordinary_print_is_no_mark(text: str) -> None:
    assert find_marks([line(text, 0, 0), line("LITHIUM ION BATTERIES", 0, 28)]) == []


def test_lines_known_to_be_a_mark_are_read_without_their_beginning() -> None:
    reading = read_all([line("/S/25", 0, 0), line("CN/C370012", 0, 28)])
    assert reading is not None
    assert reading.code is None
    assert "code" in [element for element, _ in reading.problems]


def test_hull_and_direction_follow_the_text() -> None:
    lines = [line("ABCDEF", 0, 0, turn=30), line("AB", 0, 30, turn=30)]
    np.testing.assert_allclose(direction(lines), [math.cos(math.radians(30)), 0.5], atol=1e-5)
    np.testing.assert_allclose(hull(lines)[0], [0, 0], atol=1e-3)
    assert np.linalg.norm(hull(lines)[3] - hull(lines)[0]) == pytest.approx(50, abs=1e-3)


def test_marks_side_by_side_stay_two() -> None:
    lines = [line("4G/Y25/S/25/NL/AB 1", 0, 0), line("4G/X9/S/24/D/BAM 4711", 245, 0)]
    assert {reading.text for reading in find_marks(lines)} == {"4G/Y25/S/25/NL/AB 1", "4G/X9/S/24/D/BAM 4711"}


def test_a_maker_goes_on_in_a_row_set_as_those_above_and_that_is_said() -> None:
    reading = only(line("4G/Y25/S/25", 0, 0), line("NL/PA-49", 0, 28), line("7250", 0, 56))
    assert reading.text == "4G/Y25/S/25/NL/PA-49/7250"
    assert ("maker", "its last line, '7250', may be other print") in reading.warnings


@pytest.mark.parametrize(
    "other",
    [line("7250", 0, 64), line("7250", 14, 56), line("7250", 0, 52, height=28)],
    ids=["farther below", "indented", "larger"],
)
def test_a_maker_that_may_go_on_below_is_doubted(other: TextLine) -> None:
    reading = only(line("4G/Y25/S/25", 0, 0), line("NL/PA-49", 0, 28), other)
    assert reading.text == "4G/Y25/S/25/NL/PA-49"
    assert ("maker", "the line below, '7250', may belong to it") in reading.warnings


@pytest.mark.parametrize(
    "below",
    [
        "UN3480",
        "LOT20250033",
        "LOT 20250033",
        "QTY:12",
        "25KG",
        "24PCS",
        "2025-03-14",
        "1200X800X600",
        "PI966",
        "46/X9/S/24/D/BAM1",
    ],
)
def test_other_print_set_as_the_mark_is_no_part_of_its_maker(below: str) -> None:
    reading = only(line("4G/Y25/S/25", 0, 0), line("NL/PA-49", 0, 28), line(below, 0, 56))
    assert reading.text == "4G/Y25/S/25/NL/PA-49"


def test_nothing_is_added_to_what_stands_behind_a_maker() -> None:
    reading = only(line("31HA1/Y/05 24", 0, 0), line("D/BAM 4711/10800/1200", 0, 28), line("1500", 0, 56))
    assert reading.text == "31HA1/Y/05 24/D/BAM 4711/10800/1200"


def test_two_marks_read_as_one_line_are_no_maker() -> None:
    reading = only(line("4G/Y25/S/25/NL/AB 1 4G/X9/S/24/D/BAM 4711", 0, 0))
    assert [element for element, _ in reading.problems] == ["maker"]


def test_nothing_belongs_to_a_works_code() -> None:
    reading = only(line("4G/Y25/S/25", 0, 0), line("CN/C370012", 0, 28), line("345-XY", 0, 56))
    assert reading.text == "4G/Y25/S/25/CN/C370012"
    assert reading.warnings == ()


@pytest.mark.parametrize("maker", ["MZX", "HENKEL", "A.B.C"])
def test_a_maker_without_digits_may_stand_in_a_row_of_its_own(maker: str) -> None:
    reading = only(line("4G/Y25/S/25/D", 0, 0), line(maker, 0, 28), line("OVERPACK", 0, 56))
    assert reading.text == f"4G/Y25/S/25/D/{maker}"


@pytest.mark.parametrize("first", ["4G/Y25/S/25/D/BAM 4711", "4G/Y25/S/25", "4G/Y25/S"])
def test_other_words_below_a_mark_are_no_maker(first: str) -> None:
    reading = only(line(first, 0, 0), line("OVERPACK", 0, 28))
    assert "OVERPACK" not in reading.raw


def test_a_covered_year_of_which_a_stop_was_read_is_not_readable() -> None:
    reading = read_all([line("4G/Y25/S/./USA/+M6229", 0, 0)])
    assert reading is not None
    assert reading.code is None
    assert reading.problems[0] == ("year", "not readable: missing: '.' stands where it is due")
