from __future__ import annotations

import pytest

from lipack_vision.inspection import CheckFailure, PhotoEvidence
from lipack_vision.inspection.observe import agrees, observe, un_numbers, what_it_says
from lipack_vision.regulations import parse_packaging_code, read_mark
from tests.unit.inspection.fakes import CODE, line, mark, partial, reading


def seen(*lines: object, marks: tuple[object, ...] = (), **more: object) -> PhotoEvidence:
    return PhotoEvidence("p", "00", 320, 240, marks=marks, lines=lines, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("UN3480", [3480]),
        ("UN 3480", [3480]),
        ("un-3481 UN3091", [3481, 3091]),
        ("UN34801", []),
        ("3480", []),
        ("RUN3480", []),
        ("UN", []),
        ("UN: 3551", [3551]),
        ("UN No. 1263", [1263]),
        ("UN-No.1263", [1263]),
        ("UN Nr 1263", [1263]),
        ("UN N° 1263", [1263]),
        ("LITHIUMIONBATTERIESUN3480", [3480]),
        ("UN№1263", [1263]),
        ("UN number: 1263", [1263]),
        ("UN #1263", [1263]),
        ("UN NO WAY 1263", []),
        ("UN：1263", [1263]),
        ("UN/3480", [3480]),
        ("U N 3480", [3480]),
        ("ＵＮ３４８０", [3480]),
        ("UN3480/1263", [3480, 1263]),
        ("UN 3480, 3481 & 3090", [3480, 3481, 3090]),
        ("UN3480UN3481", [3480, 3481]),
        ("UN3480, 2025-08-01", [3480]),
        ("UN3480 4G/Y25/S/25", [3480]),
        ("UN 4G/Y25/S/2025", []),
        ("TEL 0755-34801234", []),
        ("UN ٣٤٨٠", []),
    ],
)
def test_un_numbers_in_text(text: str, numbers: list[int]) -> None:
    assert un_numbers(text) == numbers


def test_numbers_inside_and_outside_the_battery_mark_are_kept_apart() -> None:
    battery = mark("battery_mark", at=(20, 20))
    inside, outside = line("UN3481", at=(22, 30)), line("UN3480", at=(200, 200))
    # The line is 100 px wide; its middle must lie in the mark, 60 px wide.
    inside = type(inside)("UN3481", 0.9, battery.quad)
    found = observe([seen(inside, outside, marks=(battery,))], all_faces=False)
    assert found.un_numbers_battery_mark == (3481,)
    assert found.un_numbers_printed == (3480,)


def test_a_number_split_into_two_lines_inside_the_mark_is_joined() -> None:
    battery = mark("battery_mark", at=(20, 20))
    halves = [type(line(""))(text, 0.9, battery.quad) for text in ("UN", "3480")]
    assert observe([seen(*halves, marks=(battery,))], all_faces=False).un_numbers_battery_mark == (3480,)


def test_a_mark_whose_number_was_not_read_is_not_judged() -> None:
    found = observe([seen(marks=(mark("battery_mark"),))], all_faces=False)
    assert found.un_numbers_battery_mark is None


def test_a_check_that_failed_everywhere_is_not_judged() -> None:
    failures = tuple(CheckFailure(name, "why") for name in ("marks", "text", "code"))
    found = observe([seen(failures=failures)], all_faces=True)
    assert (found.class9a, found.texts, found.packaging_codes) == (None, None, None)
    assert found.un_numbers_printed is None
    assert not found.all_faces_seen


def test_what_was_looked_for_and_not_found_is_empty() -> None:
    found = observe([seen()], all_faces=True)
    assert (found.class9a, found.texts, found.packaging_codes, found.un_numbers_printed) == ((), (), (), ())
    assert found.limited_quantity is None  # the detector knows no such mark
    assert found.all_faces_seen


def test_marks_and_codes_of_all_photos_come_together() -> None:
    first = seen(marks=(mark("class9a"),), readings=(reading(),))
    second = seen(marks=(mark("class9a"), mark("un_mark")), readings=(reading(), partial("4G/Y25/S")))
    found = observe([first, second], all_faces=False)
    assert len(found.class9a or ()) == 2
    assert found.packaging_codes == (parse_packaging_code(CODE),)
    assert found.incomplete_marks == ()


def test_a_reading_that_no_whole_code_explains_stays() -> None:
    found = observe([seen(readings=(reading(), partial("4G/X9/S")))], all_faces=False)
    assert [said.elements["level"] for said in found.incomplete_marks] == ["X"]


def test_the_same_code_seen_worse_is_one_code() -> None:
    bare = "4G/Y25/S/25/CN/C370012"
    both = [seen(readings=(reading(bare),)), seen(readings=(reading(),))]
    assert observe(both, all_faces=False).packaging_codes == (parse_packaging_code(CODE),)
    assert observe(both[:1], all_faces=False).packaging_codes == (parse_packaging_code(bare),)
    spaced, joined = reading("4G/Y25/S/25/D/BAM 1234-XY"), reading("4G/Y25/S/25/D/BAM1234-XY")
    found = observe([seen(readings=(spaced, joined))], all_faces=False)
    assert found.packaging_codes == (spaced.code,)
    others = (reading(), reading("4G/Y25/S/25/CN/C370012 PI:016"), reading("4G/Y26/S/25/CN/C370012"))
    assert len(observe([seen(readings=others)], all_faces=False).packaging_codes or ()) == 3


def test_rid_adr_is_seen_in_the_readings_warnings() -> None:
    assert observe([seen(readings=(reading(),))], all_faces=False).un_symbol is None
    warned = read_mark(f"RID/ADR {CODE}").warnings
    assert observe([seen(readings=(reading(warnings=warned),))], all_faces=False).un_symbol == "rid_adr"


def test_agreement_needs_an_element() -> None:
    code = parse_packaging_code(CODE)
    assert agrees(what_it_says(partial("4G/Y25/S/25")), code)
    assert not agrees(what_it_says(partial("4G/Y25/S/24")), code)
    assert not agrees(what_it_says(partial("hello")), code)
