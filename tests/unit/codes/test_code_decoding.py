from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lipack_vision.codes.decode import decode
from lipack_vision.codes.lattice import Lattice, of_text
from lipack_vision.codes.mark_grammar import mark_automaton
from lipack_vision.regulations.grammar import GRAMMARS

Repairs = list[tuple[str, str, str]]


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
        ("4G/Y25/S/25\nCN/C370012 Pl:015", "4G/Y25/S/25\nCN/C370012 PI:015", [("batch", "Pl:015", "PI:015")]),
    ],
)
def test_one_misread_element_is_put_right_and_reported(read: str, right: str, repairs: Repairs) -> None:
    done = decode(of_text(read))
    assert (done.text, list(done.repairs)) == (right, repairs)
    assert not done.protected


@pytest.mark.parametrize(
    "text",
    [
        "4G/Y30/S/22/D/BAM 1",
        "4GV/X12/S/15/GB/97949",
        "1A1/Y1.4/150/83/USA/VL82",
        "4G/CLASS 6.2/24/D/BAM 4711",
        "50A/X/05 05/USA/M9399/2500/1000",
        "31HA1/Y/0925/CN/C231211/4038/2027/1060L",
        "4G/Y30/S/22/USA/+MO229",
        "4G/Y25/S/25/CN/321638",
        "3H1/Y1.8/100/01 26/USA/+AA456",
    ],
)
def test_right_marks_are_left_alone(text: str) -> None:
    done = decode(of_text(text))
    assert (done.text, done.repairs) == (text, ())
    assert done.margin == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "4G/Y3O/S/22/D/BAM 1",
        "4G/Y30/S/2Z/D/BAM 1",
        "4G/Y30/S/22/D/8AM 1",
        "4G/Y30/S/227/D/BAM 1",
        "4G/Y30/1S/22/D/BAM 1",
    ],
)
def test_what_the_grammar_alone_must_not_change_is_only_proposed(text: str) -> None:
    done = decode(of_text(text))
    assert done.text == "4G/Y30/S/22/D/BAM 1"
    assert done.protected


@pytest.mark.parametrize("mass", ["30", "80", "89", "311", "1000"])
def test_digits_are_never_other_digits(mass: str) -> None:
    assert f"/Y{mass}/S/" in decode(of_text(f"4G/V{mass}/S/22/0/BAM 1")).text


def test_a_hidden_year_is_left_out() -> None:
    done = decode(of_text("4G/X1.5/5/\nUSA/+M6229"))
    assert done.text == "4G/X1.5/S/\nUSA/+M6229"
    assert done.repairs == (("solid_or_pressure", "5", "S"),)


def test_a_mark_that_was_cut_off_is_a_beginning() -> None:
    assert decode(of_text("4G/V25/S/25")).text == "4G/Y25/S/25"


def test_what_was_plainly_seen_costs_more_than_what_was_hardly_seen() -> None:
    sure, unsure = of_text("4G/V30/S/22/D/BAM 1"), of_text("4G/V30/S/22/D/BAM 1")
    step = 1 + 2 * 3
    for lattice, share in ((sure, 1e-5), (unsure, 0.4)):
        lattice.log[step] = np.log(1e-7)
        lattice.log[step, lattice.index("V")] = np.log(1 - share)
        lattice.log[step, lattice.index("Y")] = np.log(share)
    assert decode(sure).text == decode(unsure).text == "4G/Y30/S/22/D/BAM 1"
    assert decode(sure).margin > 9 > 1 > decode(unsure).margin
    assert decode(unsure).log_probability > decode(sure).log_probability


def test_nothing_is_made_of_nothing() -> None:
    empty = Lattice("AB", np.log(np.full((0, 3), 1 / 3)))
    assert decode(empty).text == ""


def test_families_are_searched_until_nothing_can_be_likelier(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(family: Any) -> Any:
        asked.append(family)
        return mark_automaton(family)

    monkeypatch.setattr("lipack_vision.codes.decode.mark_automaton", counting)

    def decoded(text: str) -> str:
        asked.clear()
        return decode(of_text(text, (0.99,) * len(text))).text

    first, *_, last = GRAMMARS
    assert decoded("4G/Y25/S/25/CN/C370012") == "4G/Y25/S/25/CN/C370012"
    assert asked == [first]
    # What is of another family is found although the first family makes something of it too.
    assert decoded("31HA1/Y/05 19/D/BAM 1234/10800/1200") == "31HA1/Y/05 19/D/BAM 1234/10800/1200"
    assert len(asked) > 1
    assert decoded("4G/Y25/S/2S/CN/C370012")
    assert asked[-1] == last
