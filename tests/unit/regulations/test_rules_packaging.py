"""R2 to R5: the UN packaging mark of a shipment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rule_cases import BOX, FAIL, GOOD, HIDDEN, MISSING, OPEN, WARN
from rule_cases import judged_marks as judged

from lipack_vision.regulations import (
    Observation,
    SeenMark,
    Shipment,
    check_rules,
    read_mark,
)

LARGE = replace(BOX, packing="large", gross_kg=700, net_kg=600)


# R2


def test_r2_right() -> None:
    assert judged("R2", BOX, "4G/Y25/S/25/D/BAM 1") == {
        "un_mark.code": GOOD,
        "un_mark.level": GOOD,
        "un_mark.solid_or_pressure": GOOD,
        "un_mark.gross_mass": GOOD,
    }


@pytest.mark.parametrize(
    ("mark", "item", "expected"),
    [
        ("4G/Z25/S/25/D/BAM 1", "un_mark.level", FAIL),
        ("4G/X25/S/25/D/BAM 1", "un_mark.level", GOOD),
        ("4G/Y23.5/S/25/D/BAM 1", "un_mark.gross_mass", FAIL),
        ("4G/Y24/S/25/D/BAM 1", "un_mark.gross_mass", GOOD),
        ("1A1/Y25/S/25/D/BAM 1", "un_mark.code", FAIL),
        ("5H4/Y25/S/25/D/BAM 1", "un_mark.code", FAIL),
        ("6HG2/Y25/S/25/D/BAM 1", "un_mark.code", FAIL),
        ("3H2/Y25/S/25/D/BAM 1", "un_mark.code", GOOD),
        ("1A2/Y1.4/150/25/D/BAM 1", "un_mark.solid_or_pressure", FAIL),
        ("1A2T/Y25/S/25/D/BAM 1", "un_mark.suffix", WARN),
        ("4GV/Y25/S/25/D/BAM 1", "un_mark.level", WARN),
        ("4G/Y25/S/25/DE/BAM 1", "un_mark.state", WARN),
        ("31HA1/Y/05 25/D/X/0/2000", "un_mark", FAIL),
        ("50G/Y/05 25/D/X/0/2000", "un_mark", FAIL),
        ("4G/CLASS 6.2/25/D/X", "un_mark", FAIL),
    ],
)
def test_r2_wrong(mark: str, item: str, expected: tuple[str, str]) -> None:
    assert judged("R2", BOX, mark)[item] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, MISSING),
        ({"all_faces_seen": False}, HIDDEN),
        ({"packaging_codes": None}, OPEN),
        ({"un_mark": (SeenMark("front"),)}, HIDDEN),
        ({"incomplete_marks": (read_mark("4G/X1.5/S/\nUSA/+M6229"),)}, HIDDEN),
    ],
)
def test_r2_absent(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert judged("R2", BOX, **changes) == {"un_mark": expected}


def test_r2_says_what_is_hidden_in_an_incomplete_mark() -> None:
    seen = Observation(packaging_codes=(), incomplete_marks=(read_mark("4G/X1.5/S/\nUSA/+M6229"),))
    (found,) = [one for one in check_rules(BOX, seen) if one.rule_id == "R2"]
    assert "year: missing" in found.message
    assert found.found == "4G/X1.5/S/USA/+M6229"


def test_r2_not_declared() -> None:
    assert judged("R2", replace(BOX, gross_kg=None), "4G/Y25/S/25/D/X 1")["un_mark.gross_mass"] == OPEN
    assert judged("R2", replace(BOX, state=None)) == {"declaration": OPEN}
    assert judged("R2", replace(BOX, section=None)) == {"declaration": OPEN}
    assert judged("R2", replace(BOX, un_number=3481)) == {"declaration": OPEN}


EQUIPMENT = replace(BOX, un_number=3481)
STRONG = replace(BOX, impact_resistant_case=True, item_gross_kg=12)


@pytest.mark.parametrize(
    ("shipment", "expected"),
    [
        # P903 (2): strong case of 12 kg and more
        (STRONG, GOOD),
        (replace(BOX, impact_resistant_case=True, item_gross_kg=11.9), MISSING),
        (replace(BOX, impact_resistant_case=False, item_gross_kg=20), MISSING),
        (replace(BOX, impact_resistant_case=True), OPEN),
        (replace(BOX, packing="crate"), OPEN),
        (replace(STRONG, state="damaged"), MISSING),
        # no exemption for damaged batteries
        (replace(BOX, section="SP188", state="critical"), MISSING),
        (replace(BOX, section="PI965 IB", state="damaged"), MISSING),
        (
            replace(EQUIPMENT, with_equipment=True, batteries_in_marked_inner=True, state="critical"),
            MISSING,
        ),
        # what is said of equipment says nothing of batteries alone
        (replace(BOX, in_equipment=True), MISSING),
        (replace(BOX, with_equipment=True, batteries_in_marked_inner=True), MISSING),
        (replace(EQUIPMENT, in_equipment=True, other_un_numbers=(3480,)), MISSING),
        (
            replace(BOX, impact_resistant_case=True, item_gross_kg=12, mode="air", section="PI965 IA"),
            ("missing", "warn"),
        ),
        # P903 (3): packed with equipment
        (replace(EQUIPMENT, with_equipment=True), OPEN),
        (replace(EQUIPMENT, with_equipment=True, batteries_in_marked_inner=True), GOOD),
        (replace(EQUIPMENT, with_equipment=True, batteries_in_marked_inner=False), OPEN),
        # P903 (4): in equipment
        (replace(EQUIPMENT, in_equipment=True), GOOD),
        (replace(EQUIPMENT, section="PI967 I", mode="air"), GOOD),
        (replace(EQUIPMENT, in_equipment=True, state="damaged"), MISSING),
        # an overpack hides the mark
        (replace(BOX, overpack=True), HIDDEN),
    ],
)
def test_r2_what_needs_no_mark(shipment: Shipment, expected: tuple[str, str]) -> None:
    assert judged("R2", shipment)["un_mark"] == expected


@pytest.mark.parametrize("section", ["SP188", "PI966 II"])
def test_r2_small_batteries_need_no_mark(section: str) -> None:
    assert judged("R2", replace(EQUIPMENT, section=section, in_equipment=True)) == {}


def test_r2_one_good_mark_is_enough() -> None:
    found = judged("R2", BOX, "4G/Z10/S/25/D/BAM 1", "4G/Y25/S/25/D/BAM 2")
    assert set(found.values()) == {GOOD}


def test_r2_age_of_plastics_drums_and_month() -> None:
    old = replace(BOX, packing="drum", inspection_date=date(2026, 3, 1))
    found = judged("R2", old, "1H2/Y25/S/20/D/BAM 1")
    assert found["un_mark.year"] == WARN
    assert found["un_mark.month"] == ("not_visible", "info")
    assert "un_mark.year" not in judged("R2", old, "1H2/Y25/S/05 21/D/BAM 1")
    assert judged("R2", old, "4G/Y25/S/27/D/BAM 1")["un_mark.year"] == FAIL


def test_r2_masses_are_compared_as_written() -> None:
    for tenths in (21, 241, 298, 2999):
        exact = replace(BOX, gross_kg=tenths / 10)
        found = judged("R2", exact, f"4G/Y{tenths / 10}/S/25/D/X 1")
        assert found["un_mark.gross_mass"] == GOOD, tenths
    assert judged("R2", replace(BOX, gross_kg=29.9), "4G/Y29.8/S/25/D/X 1")["un_mark.gross_mass"] == FAIL


@pytest.mark.parametrize(
    ("gross", "net", "expected"), [(880, None, OPEN), (400, None, None), (450, 390, None)]
)
def test_r2_net_mass_of_heavy_packages(
    gross: float, net: float | None, expected: tuple[str, str] | None
) -> None:
    heavy = replace(BOX, gross_kg=gross, net_kg=net)
    assert judged("R2", heavy, "4D/Y900/S/25/D/X 1").get("net_kg") == expected


@pytest.mark.parametrize(
    ("mode", "section", "expected"),
    [
        ("sea", "fully regulated", FAIL),
        ("air", "PI965 IA", FAIL),
        ("road", "PI965 IA", FAIL),
        ("road", "fully regulated", None),
        ("rail", "fully regulated", None),
        (None, "fully regulated", OPEN),
    ],
)
def test_r2_rid_adr_in_place_of_the_symbol(mode: Any, section: str, expected: tuple[str, str] | None) -> None:
    goods = replace(BOX, mode=mode, section=section)
    found = judged("R2", goods, "4G/Y25/S/25/D/BAM 1", un_symbol="rid_adr")
    assert found.get("un_mark.symbol") == expected


def test_r2_letters_in_place_of_the_symbol() -> None:
    assert judged("R2", BOX, "4G/Y25/S/25/D/BAM 1", un_symbol="letters")["un_mark.symbol"] == WARN
    assert "un_mark.symbol" not in judged("R2", BOX, "1A2/Y25/S/25/D/BAM 1", un_symbol="letters")
    assert "un_mark.symbol" not in judged("R2", BOX, "4G/Y25/S/25/D/BAM 1", un_symbol="circle")


# R3

PICTOGRAM: dict[str, Any] = {"stacking_pictogram": (SeenMark("front"),)}


def test_r3_right() -> None:
    assert judged("R3", LARGE, "50G/Y/05 25/D/X/2500/800", **PICTOGRAM) == {
        "un_mark.code": GOOD,
        "un_mark.level": GOOD,
        "un_mark.gross_mass": GOOD,
        "stacking_pictogram": GOOD,
    }
    assert judged("R2", LARGE, "50G/Y/05 25/D/X/2500/800") == {}


@pytest.mark.parametrize(
    ("facts", "mark", "changes", "item", "expected"),
    [
        ({}, "50G/Z/05 25/D/X/0/800", {}, "un_mark.level", FAIL),
        ({}, "50G/Y/05 25/D/X/0/699", {}, "un_mark.gross_mass", FAIL),
        ({}, "51H/Y/05 25/D/X/0/800", {}, "un_mark.code", FAIL),
        ({"state": "damaged"}, "50G/Y/05 25/D/X/0/800", {}, "un_mark.code", FAIL),
        ({"state": "damaged"}, "50A/Y/05 25/D/X/0/800", {}, "un_mark.code", GOOD),
        ({"state": "critical"}, "50G/Y/05 25/D/X/0/800", {}, "un_mark.level", FAIL),
        ({"state": "critical"}, "50G/X/05 25/D/X/0/800", {}, "un_mark.level", GOOD),
        ({"state": "prototype"}, "51H/Y/05 25/D/X/0/800", {}, "un_mark.code", WARN),
        ({}, "4G/Y800/S/25/D/X 1", {}, "un_mark", FAIL),
        ({"net_kg": 390}, "4G/Y400/S/25/D/X 1", {}, "un_mark", WARN),
        ({"net_kg": 390}, "4G/Z400/S/25/D/X 1", {}, "un_mark.level", FAIL),
        ({"net_kg": 390}, "4G/Y400/S/25/D/X 1", {}, "un_mark.gross_mass", FAIL),
        ({"net_kg": None}, "4G/Y800/S/25/D/X 1", {}, "un_mark", FAIL),
        ({}, "31HA1/Y/05 25/D/X/0/2000", {}, "un_mark", FAIL),
        ({}, "50G/Y/05 25/D/X/0/800", {"stacking_pictogram": ()}, "stacking_pictogram", MISSING),
        ({}, "50G/Y/05 25/D/X/0/800", {"stacking_pictogram": None}, "stacking_pictogram", OPEN),
        ({}, "50G/Y/05 25/D/X/0/800", {"stacked": True}, "un_mark.stacking_load", WARN),
        ({"packing": "box"}, "50G/Y/05 25/D/X/0/800", {}, "un_mark.code", GOOD),
    ],
)
def test_r3(
    facts: dict[str, Any], mark: str, changes: dict[str, Any], item: str, expected: tuple[str, str]
) -> None:
    assert judged("R3", replace(LARGE, **facts), mark, **(PICTOGRAM | changes))[item] == expected


def test_r3_absent_and_older_than_the_pictogram() -> None:
    assert judged("R3", LARGE) == {"un_mark": MISSING}
    assert judged("R3", LARGE, all_faces_seen=False) == {"un_mark": HIDDEN}
    assert "stacking_pictogram" not in judged("R3", LARGE, "50G/Y/05 14/D/X/0/800")
    assert judged("R3", BOX, "4G/Y25/S/25/D/BAM 1") == {}
    undeclared = replace(BOX, packing=None)
    assert judged("R3", undeclared, "50G/Y/05 25/D/X/0/800", **PICTOGRAM)["un_mark.code"] == GOOD
    assert judged("R2", undeclared, "50G/Y/05 25/D/X/0/800") == {}


# R4, R5

WORDS: dict[str, Any] = {"texts": ("DAMAGED / DEFECTIVE", "LITHIUM-ION BATTERIES")}


def test_r4_critical() -> None:
    critical = replace(BOX, state="critical")
    right = judged("R4", critical, "4G/X25/S/25/D/BAM 1", **WORDS)
    assert right == {"wording": GOOD, "un_mark.level": GOOD}
    assert judged("R4", critical, "4G/Y25/S/25/D/BAM 1")["un_mark.level"] == FAIL
    assert judged("R2", critical, "4G/Y25/S/25/D/BAM 1")["un_mark.level"] == FAIL
    assert judged("R2", critical, "3H2/X25/S/25/D/BAM 1")["un_mark.code"] == FAIL
    assert judged("R4", critical)["wording"] == MISSING
    assert judged("R4", critical, all_faces_seen=False)["wording"] == HIDDEN
    assert judged("R4", critical, texts=None)["wording"] == OPEN
    assert judged("R4", replace(critical, mode="air"))["mode"] == FAIL
    assert judged("R4", replace(critical, mode=None))["declaration"] == OPEN
    assert judged("R4", BOX) == {}


def test_r5_damaged() -> None:
    damaged = replace(BOX, state="damaged")
    right = judged("R5", damaged, "4G/Y25/S/25/D/BAM 1", **WORDS)
    assert right == {"wording": GOOD, "un_mark.level": GOOD}
    assert judged("R5", damaged, "4G/Z25/S/25/D/BAM 1")["un_mark.level"] == FAIL
    assert judged("R5", damaged)["wording"] == MISSING
    assert judged("R5", replace(damaged, section="PI965 IA", mode=None))["mode"] == FAIL
    assert judged("R5", replace(damaged, section="SP188"))["section"] == FAIL
    assert judged("R5", replace(BOX, state=None)) == {"declaration": OPEN}
    assert judged("R4", damaged) == {}
