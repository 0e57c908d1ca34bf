"""Packages that must be released, and findings that say plainly what is lacking."""

from __future__ import annotations

from typing import Any

import pytest

from lipack_vision.inspection import Declaration, PhotoEvidence, ReleasePolicy
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.rules import packing_rules
from lipack_vision.regulations import read_mark
from tests.unit.inspection.fakes import ALL_SKIPPED, CODE, partial, reading
from tests.unit.inspection.packages import (
    BOX,
    CHINESE,
    EXPORT,
    GERMAN,
    INSIDE,
    NAME,
    PACKED,
    SMALL,
    Facts,
    facts,
    judge,
    seen,
)

RIGHT: dict[str, tuple[Any, Facts]] = {
    "Chinese box": (CHINESE, EXPORT),
    "German box by road": (BOX, facts(mode="road", packaging_code=GERMAN)),
    "first line declared": (CHINESE, EXPORT | {"packaging_code": "4G/Y25/S/25"}),
    "as heavy as marked": (
        seen("class9a un_mark", NAME, "4G/Y29.8/S/25/D/BAM 1"),
        facts(gross_kg=29.8, packaging_code="4G/Y29.8/S/25/D/BAM 1"),
    ),
    "figures written otherwise": (
        CHINESE,
        EXPORT | {"packaging_code": "4G/Y25.0/S/25", "works_code": "c370012"},
    ),
    "blanks lost in the maker": (
        seen("class9a un_mark", NAME, "4G/Y25/S/25/D/BAM1234-XY"),
        facts(packaging_code=GERMAN),
    ),
    "blanks lost on the better photo": (
        [
            seen("class9a un_mark", NAME, reading(GERMAN, probability=0.3)),
            seen("un_mark", (), "4G/Y25/S/25/D/BAM1234-XY"),
        ],
        facts(packaging_code=GERMAN),
    ),
    "batch hidden on the second photo": (
        [CHINESE, seen("class9a un_mark", ("UN3480",), "4G/Y25/S/25/CN/C370012")],
        EXPORT,
    ),
    "in equipment, P903 (4)": (seen("class9a", INSIDE), facts(un_number=3481, in_equipment=True)),
    "in equipment by air": (
        seen("class9a", INSIDE),
        facts(un_number=3481, section="PI967 I", mode="air", net_kg=4),
    ),
    "strong case in a crate, P903 (2)": (
        seen("class9a", NAME),
        facts(packing="crate", gross_kg=60, item_gross_kg=40, impact_resistant_case=True),
    ),
    "marked inner packaging, P903 (3)": (
        seen("class9a", PACKED),
        facts(un_number=3481, with_equipment=True, in_equipment=False, batteries_in_marked_inner=True),
    ),
    "vehicle that is recognisable": (
        seen("carton", ("SCOOTER",)),
        facts(un_number=3556, packing="unpacked", vehicle_recognisable=True),
    ),
    "vehicle that is hidden": (
        seen("class9a", ("UN3556", "VEHICLE, LITHIUM ION BATTERY POWERED")),
        facts(un_number=3556, vehicle_recognisable=False),
    ),
    "button cells in equipment": (
        seen("carton", ("GOODS",)),
        SMALL | {"un_number": 3481, "in_equipment": True, "button_cells_only": True},
    ),
    "UN 3171 with its label": (seen("class9", ("UN3171",)), facts(un_number=3171)),
    "Section IA by air": (
        seen("class9a cargo_aircraft_only un_mark", NAME, CODE),
        EXPORT | {"section": "PI965 IA", "mode": "air", "net_kg": 20, "charge_percent": 30},
    ),
    "Section IB by air": (
        seen("class9a battery_mark cargo_aircraft_only", (*NAME, ("UN3480", 1))),
        facts(section="PI965 IB", mode="air", gross_kg=9, net_kg=8, charge_percent=30),
    ),
    "Section II, day and charge open": (
        seen("battery_mark", (("UN3481", 0),)),
        facts(un_number=3481, section="PI966 II", mode="air", gross_kg=6, net_kg=3),
    ),
    "battery mark printed for several numbers": (seen("battery_mark", (("UN3480 UN3090", 0),)), SMALL),
    "number in the mark in two lines": (seen("battery_mark", (("UN", 0), ("3480", 0))), SMALL),
    "model 9 beside 9A": (seen("class9a class9 un_mark", NAME, GERMAN), facts(packaging_code=GERMAN)),
    "RID/ADR by road": (
        seen("class9a un_mark", NAME, reading(GERMAN, warnings=read_mark(f"RID/ADR {GERMAN}").warnings)),
        facts(packaging_code=GERMAN, mode="road"),
    ),
    "PI006 in place of PI:006": (
        seen("class9a un_mark", NAME, "4G/Y25/S/25/CN/C370012 PI015"),
        EXPORT,
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_package_is_released(name: str) -> None:
    decision, findings = judge(*RIGHT[name])
    assert (decision, [one.message for one in findings if one.blocks]) == ("release", [])


def messages(photos: PhotoEvidence, fields: Facts) -> dict[tuple[str, str], str]:
    case = Case((photos,), Declaration(**fields), ReleasePolicy(skip=ALL_SKIPPED), all_faces=True)
    return {(one.rule, one.item): one.message for one in packing_rules(case)}


def test_messages_name_the_fields_of_the_declaration() -> None:
    small = messages(seen("carton"), SMALL | {"un_number": 3481, "in_equipment": True})
    message = small["R6", "battery_mark"]
    assert "packages" in message
    assert "n_packages" not in message
    assert "n_cells or n_batteries" in message
    export = messages(CHINESE, facts(chinese_export=True))
    assert (
        export["R12", "declaration"] == "Not checked: packaging_code, sheet_mark or works_code not declared."
    )


def test_messages_are_plain_english() -> None:
    foreign = messages(
        seen("class9a un_mark", NAME, "4G/Y25/S/25/CN/XMPACK"), EXPORT | {"works_code": "C370012"}
    )
    assert foreign["R12", "un_mark.works_code"] == "The declared works code C370012 is missing."


def test_one_unread_code_is_a_reason_once_per_question() -> None:
    half = partial("4G/Y25/S/25", ("state", "missing"))
    _, findings = judge(seen("class9a un_mark", NAME, half), EXPORT)
    assert [one.rule for one in findings if one.blocks] == ["declaration.packaging_code", "R2", "code.whole"]


def test_what_no_photo_can_tell_is_said() -> None:
    large = "50G/Y/0525/CN/C370012 PI:001/1500/900"
    fields = EXPORT | {"packing": "large", "gross_kg": 800, "net_kg": 700, "packaging_code": large}
    said = messages(seen("class9a un_mark", NAME, large), fields)
    for item in (("R3", "stacking_pictogram"), ("R14", "class9a.opposite_sides")):
        assert said[item].endswith("this release cannot tell, look yourself.")


def test_other_blanks_are_named() -> None:
    photos, fields = RIGHT["blanks lost in the maker"]
    _, findings = judge(photos, fields)
    (found,) = [one for one in findings if one.rule == "declaration.packaging_code"]
    assert (found.verdict, found.severity) == ("right", "info")
    assert "Only blanks in the maker differ" in found.message
