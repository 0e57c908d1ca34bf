"""R12: the packaging that Chinese customs know."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rule_cases import BOX, FAIL, GOOD, HIDDEN, MISSING, NOTE, OPEN, WARN
from rule_cases import judged_marks as judged

from lipack_vision.regulations import Certainty, Observation, check_rules, parse_packaging_code

EXPORT = replace(
    BOX,
    chinese_export=True,
    works_code="C370012",
    batch="015",
    sheet_valid_until=date(2026, 6, 30),
    inspection_date=date(2026, 1, 5),
)
MARK = "4G/Y25/S/25/CN/C370012 PI:015"


def test_r12_right() -> None:
    found = judged("R12", replace(EXPORT, mark=MARK, sheet_mark=MARK), MARK)
    assert found == {
        "un_mark.state": GOOD,
        "un_mark.maker": GOOD,
        "un_mark.batch": GOOD,
        "un_mark.mark": GOOD,
        "un_mark.sheet_mark": GOOD,
        "un_mark.works_code": GOOD,
        "sheet_valid_until": GOOD,
    }


@pytest.mark.parametrize(
    ("facts", "mark", "item", "expected"),
    [
        ({}, "4G/Y25/S/25/D/BAM 1", "un_mark.state", FAIL),
        ({}, "4G/Y25/S/25/CN/C370013 PI:015", "un_mark.works_code", FAIL),
        ({}, "4G/Y25/S/25/CN/C370012 PI:016", "un_mark.batch", FAIL),
        ({}, "4G/Y25/S/25/CN/C370012", "un_mark.batch", MISSING),
        ({"batch": None}, "4G/Y25/S/25/CN/C370012", "un_mark.batch", MISSING),
        ({}, "4G/Y25/S/21/CN/321638", "un_mark.maker", WARN),
        ({}, "4G/Y25/S/21/CN/321638", "un_mark.works_code", MISSING),
        ({}, "4G/Y25/S/23/CN/C370012 PI:015", "un_mark.year", WARN),
        ({"sheet_valid_until": date(2026, 1, 4)}, MARK, "sheet_valid_until", FAIL),
        ({"sheet_valid_until": date(2026, 1, 5)}, MARK, "sheet_valid_until", GOOD),
        ({"sheet_valid_until": None}, MARK, "sheet_valid_until", NOTE),
        ({"inspection_date": None}, MARK, "sheet_valid_until", OPEN),
        ({"sheet_valid_until": date(2024, 12, 31)}, MARK, "un_mark.year", FAIL),
        ({}, "4G/Y25/S/25/CN/XMPACK PI:015", "un_mark.maker", FAIL),
        ({}, "4G/Y25/S/25/CN/C990001 PI:015", "un_mark.maker", FAIL),
        ({}, "4G/Y25/S/25/CN/C370012 C370013 PI:015", "un_mark.maker", FAIL),
        ({}, "4G/Y25/S/25/CN/C370012 BOX PI:015", "un_mark.maker", GOOD),
        ({"works_code": "c370012"}, MARK, "un_mark.works_code", GOOD),
        ({"mark": "4GW/Y25/S/25"}, MARK, "un_mark.mark", FAIL),
        ({"mark": "4G/Y30/S/25/CN/C370012 PI:015"}, MARK, "un_mark.mark", FAIL),
        ({"mark": "4GV/Y25/S/25/CN/C370012 PI:015"}, MARK, "un_mark.mark", FAIL),
        ({"mark": "4G/Y25.0/S/25/CN/C370012"}, MARK, "un_mark.mark", GOOD),
        ({"mark": "4G/Y25/S/25"}, MARK, "un_mark.mark", GOOD),
        ({"mark": "4G/Y25/S/24"}, MARK, "un_mark.mark", FAIL),
        ({"mark": "4G"}, MARK, "un_mark.mark", OPEN),
        ({"works_code": None}, MARK, "declaration", OPEN),
        ({"chinese_export": None}, MARK, "declaration", OPEN),
    ],
)
def test_r12(facts: dict[str, Any], mark: str, item: str, expected: tuple[str, str]) -> None:
    assert judged("R12", replace(EXPORT, **facts), mark)[item] == expected


def test_r12_nothing_to_compare() -> None:
    # R2 asks for the mark itself, so that one cause is one reason.
    assert judged("R12", EXPORT)["un_mark"] == ("not_visible", "info")
    assert judged("R12", EXPORT, packaging_codes=None)["un_mark"] == NOTE
    assert judged("R2", EXPORT, packaging_codes=None)["un_mark"] == OPEN
    assert judged("R12", EXPORT, "4G/Y25/S/25/CN/C370012", all_faces_seen=False)["un_mark.batch"] == HIDDEN


def test_r12_packages_without_a_un_mark() -> None:
    assert judged("R12", replace(EXPORT, section="SP188")) == {}
    assert judged("R12", BOX, "4G/Y25/S/25/D/BAM 1") == {}
    foreign = replace(BOX, mark="4G/Y25/S/25/D/BAM 1")
    assert judged("R12", foreign, "4G/Y25/S/25/D/BAM 1") == {"un_mark.mark": GOOD}
    assert judged("R12", foreign, "4G/Y25/S/25/D/BAM 2") == {"un_mark.mark": FAIL}


def test_a_district_from_memory_says_so() -> None:
    seen = Observation(packaging_codes=(parse_packaging_code(MARK),))
    (found,) = [one for one in check_rules(EXPORT, seen) if one.item == "un_mark.maker"]
    assert (found.message, found.certainty) == ("works code C370012 of Xiamen customs", Certainty.MEMORY)
