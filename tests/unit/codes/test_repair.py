from __future__ import annotations

import pytest

from lipack_vision.codes.repair import begins_batch, begins_mark, repair


@pytest.mark.parametrize(
    ("read", "right", "repairs"),
    [
        ("4G/V30/S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("level", "V", "Y")]),
        ("4G/K30/S/22/D/BAM 1", "4G/X30/S/22/D/BAM 1", [("level", "K", "X")]),
        ("4G/Y30/S/22/0/BAM 1", "4G/Y30/S/22/D/BAM 1", [("state", "0", "D")]),
        ("4G/Y30/5/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("solid_or_pressure", "5", "S")]),
        ("4G/Y30/$/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("solid_or_pressure", "$", "S")]),
        ("AG/Y30/S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("code", "AG", "4G")]),
        ("4HI/Y30/S/22/D/BAM 1", "4H1/Y30/S/22/D/BAM 1", [("code", "4HI", "4H1")]),
        ("4GIY30/S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("separator", "I", "/")]),
        ("4G/Y30S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("separator", "", "/")]),
        ("W 4G/Y30/S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", []),
        ("84G/Y30/S/22/D/BAM 1", "4G/Y30/S/22/D/BAM 1", [("symbol", "8", "")]),
        ("4G/Y25/S/25\nCN/C370012 Pl:015", "4G/Y25/S/25\nCN/C370012 PI:015", [("batch", "Pl:", "PI:")]),
    ],
)
def test_one_misread_element_is_put_right_and_reported(
    read: str, right: str, repairs: list[tuple[str, str, str]]
) -> None:
    done = repair(read)
    assert (done.text, done.repairs) == (right, repairs)


@pytest.mark.parametrize(
    "text",
    [
        "4G/Y30/S/22/D/BAM 1",
        "4GV/X12/S/15/GB/97949",
        "1A1/Y1.4/150/83/USA/VL82",
        "4G/CLASS 6.2/24/D/BAM 4711",
        "50A/X/05 05/USA/M9399/2500/1000",
        "4G/Y3O/S/22/D/BAM 1",  # a letter in the mass
        "4G/Y30/S/2Z/D/BAM 1",  # a letter in the year
        "4G/Y30/S/22/D/8AM 1",  # the maker is free text
        "4G/Y30/S/22/USA/+MO229",
        "FRAGILE 4 x 50 kg",
    ],
)
def test_right_elements_digits_and_makers_are_left_alone(text: str) -> None:
    done = repair(text)
    assert (done.text, done.repairs) == (text, [])


def test_a_state_is_not_repaired_when_the_year_is_hidden() -> None:
    assert repair("4G/Y30/S/0/BAM 1").text == "4G/Y30/S/0/BAM 1"


def test_suffix_v_is_not_taken_for_a_level() -> None:
    assert repair("4GV/16/S/24").repairs == []


@pytest.mark.parametrize("text", ["4G/Y25/S", "un 4G Y25", "Q 1A2/X400/S", "4H2", "50A/X/05 05"])
def test_beginnings_are_known(text: str) -> None:
    assert begins_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "N4G / Yahoo Finance",
        "4G / Yahoo Finance",
        "y_4G / y_5G",
        "UN3480",
        "CN/C370012 PI:015",
        "1G/10G/25G",
        "",
    ],
)
def test_other_print_begins_no_mark(text: str) -> None:
    assert not begins_mark(text)


def test_batches_are_known() -> None:
    assert begins_batch("PI:006")
    assert begins_batch("P1 : 006")
    assert not begins_batch("PICK UP")
