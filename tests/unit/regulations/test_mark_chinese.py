"""Batches written in other ways, split signs, lost slashes, and comparison of marks."""

from __future__ import annotations

import pytest

from lipack_vision.regulations import parse_packaging_code, read_mark
from lipack_vision.regulations.compare import Difference, differences

CODE = "4G/Y25/S/25/CN/C370012 PI:015"


@pytest.mark.parametrize(
    "tail",
    [
        "C370012 PI015",
        "C370012 PI 015",
        "C370012 Pi:015",
        "C370012 pi:015",
        "C370012 PI;015",
        "C370012 PI.015",
        "C370012 (PI:015)",
        "C370012 PI:015.",
        "C370012-PI:015",
        "C370012PI015",
        "C370012\nPI 015",
    ],
)
def test_other_ways_to_write_a_batch_are_taken_and_warn(tail: str) -> None:
    found = read_mark(f"4G/Y25/S/25/CN/{tail}")
    assert str(found.code) == CODE
    assert [element for element, _ in found.warnings] == ["batch"]


@pytest.mark.parametrize("tail", ["C370012 PI:015", "C370012PI:015", "C370012/PI : 015", "PI:015 C370012"])
def test_right_ways_to_write_a_batch_do_not_warn(tail: str) -> None:
    found = read_mark(f"4G/Y25/S/25/CN/{tail}")
    assert (str(found.code), found.warnings) == (CODE, ())


@pytest.mark.parametrize("maker", ["PINGAN 12", "PIRA 123", "XPI 123", "API;3"])
def test_a_maker_that_only_looks_like_a_batch_stays(maker: str) -> None:
    found = read_mark(f"4G/Y25/S/25/CN/{maker}")
    assert (found.elements["maker"], found.elements.get("batch")) == (maker, None)


@pytest.mark.parametrize("tail", ["C370012 PI:1 PI:2", "C370012 PI1 PI:2", "C370012/PI:1/1500/900 PI:2"])
def test_two_batches_are_a_problem(tail: str) -> None:
    found = read_mark(f"1A2/Y25/S/25/CN/{tail}")
    assert found.code is None
    assert "batch" in dict(found.problems)


@pytest.mark.parametrize("tail", ["C N/C370012 PI:015", "C/N C370012", "C NC370012"])
def test_a_split_sign_is_refused(tail: str) -> None:
    found = read_mark(f"4G/Y25/S/25/{tail}")
    assert found.code is None
    assert "split" in dict(found.problems)["state"]


@pytest.mark.parametrize("tail", ["C/C370012 PI:015", "D/X C370012", "CH/ABC PI:01"])
def test_chinese_elements_behind_another_sign_warn(tail: str) -> None:
    found = read_mark(f"4G/Y25/S/25/{tail}")
    assert found.status == "complete"
    assert [element for element, _ in found.warnings] == ["state"]


def test_figures_with_a_blank_between_them() -> None:
    found = read_mark("50A/X/0525/USA/M9399\n2500 1000")
    assert str(found.code) == "50A/X/05 25/USA/M9399/2500/1000"
    assert [element for element, _ in found.warnings] == ["stacking_load"]
    assert str(parse_packaging_code("50A/X/0525/USA/M9399/0 900")) == "50A/X/05 25/USA/M9399/0/900"
    # One figure with its thousands set apart, or two separators: not to be told.
    for tail in ("M9399/10 000", "M9399/10 500", "M9399 1500/1000"):
        assert read_mark(f"50A/X/0525/USA/{tail}").code is None, tail


@pytest.mark.parametrize(
    "text", ["4G/Y25/S/٢٥/CN/C370012", "4G/Y25/S/25/CN/C٣٧٠٠١٢", "50G/Y/٠٥ 25/D/X/0/900"]
)
def test_digits_are_those_of_the_mark(text: str) -> None:
    found = read_mark(text)
    assert found.code is None or found.code.works_code is None


def test_an_empty_element_before_the_state_is_called_so() -> None:
    found = read_mark("4G/Y25/S/24//CN/C370012 PI:015")
    assert found.problems == (("state", "an empty element before 'CN'"),)
    assert (found.elements["maker"], found.elements["batch"]) == ("C370012", "015")


@pytest.mark.parametrize(
    ("declared", "read", "elements"),
    [
        (CODE, CODE, []),
        ("4G/Y25.0/S/25", CODE, []),
        ("4G/Y25/S/25", "4GW/Y25/S/25/D/BAM 1", ["suffix"]),
        ("4GW/Y25/S/25", "4G/Y25/S/25/D/BAM 1", ["suffix"]),
        ("4G/Y25/S/25/D/BAM 1234-XY", "4G/Y25/S/25/D/BAM1234-XY", []),
        ("4G/Y25/S/25/D/BAM 1234-XY", "4G/Y25/S/25/D/BAM 1235-XY", ["maker"]),
        ("4G/Y25/S/25/CN/C370012", CODE, []),
        (CODE, "4G/Y25/S/25/CN/C370012", []),
        (CODE, "4G/Y25/S/25/CN/C370012 PI:016", ["batch"]),
        ("1A2/Y25/S/25/D/BAM 1", "1A2/Y25/S/25/D/BAM 1/1.0", ["thickness"]),
        ("1H2/Y25/S/25/D/BAM 1", "1H2/Y25/S/05 25/D/BAM 1", []),
        ("1H2/Y25/S/06 25/D/BAM 1", "1H2/Y25/S/05 25/D/BAM 1", ["month"]),
        ("4G/X26/S/24", CODE, ["gross_mass", "level", "year"]),
    ],
)
def test_differences(declared: str, read: str, elements: list[str]) -> None:
    found = differences(read_mark(declared), parse_packaging_code(read))
    assert [one.element for one in found] == elements


def test_a_difference_says_what_differs() -> None:
    assert str(Difference("gross_mass", "25", "26")) == "gross mass 26 for 25"
    assert str(Difference("suffix", None, "W")) == "suffix W for none"
