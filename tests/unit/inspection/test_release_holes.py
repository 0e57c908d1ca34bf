"""Packages that must not be released, each for its own fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lipack_vision.regulations import read_mark
from tests.unit.inspection.fakes import CODE, line, reading
from tests.unit.inspection.packages import (
    BOX,
    CHINESE,
    EXPORT,
    GERMAN,
    NAME,
    PACKED,
    SMALL,
    Facts,
    facts,
    judge,
    seen,
)

# name -> photos, declaration, and the rule and item that must block
WRONG: dict[str, tuple[Any, Facts, str, str]] = {
    "SP 188 by air": (
        seen("battery_mark cargo_aircraft_only", (("UN3480", 0),)),
        SMALL | {"mode": "air", "gross_kg": 29, "net_kg": 28, "charge_percent": 30},
        "R8",
        "section",
    ),
    "SP 188 by air, packed with equipment": (
        seen("battery_mark", (("UN3481", 0),)),
        SMALL | {"un_number": 3481, "mode": "air", "gross_kg": 60, "with_equipment": True},
        "R8",
        "section",
    ),
    "fully regulated by air without a section": (
        seen("class9a cargo_aircraft_only un_mark", NAME, CODE),
        EXPORT | {"mode": "air", "net_kg": 20, "charge_percent": 30},
        "R8",
        "section",
    ),
    "critical under SP 188": (
        seen("battery_mark", (("UN3480", 0), "DAMAGED/DEFECTIVE LITHIUM-ION BATTERIES")),
        SMALL | {"state": "critical"},
        "R2",
        "un_mark",
    ),
    "damaged in a marked inner packaging": (
        seen("class9a", (*PACKED, "DAMAGED/DEFECTIVE LITHIUM-ION BATTERIES")),
        facts(
            un_number=3481,
            state="damaged",
            with_equipment=True,
            in_equipment=False,
            batteries_in_marked_inner=True,
        ),
        "R2",
        "un_mark",
    ),
    "twenty batteries and no cells": (
        seen("carton", ("UN3481 GOODS",)),
        SMALL | {"un_number": 3481, "in_equipment": True, "n_cells": 0, "n_batteries": 20, "packages": 2},
        "R6",
        "battery_mark",
    ),
    "400 cells and no batteries": (
        seen("carton", ("UN3481 GOODS",)),
        SMALL
        | {
            "un_number": 3481,
            "in_equipment": True,
            "button_cells_only": False,
            "n_cells": 400,
            "n_batteries": 0,
            "packages": 2,
        },
        "R6",
        "battery_mark",
    ),
    "a light box declared as large": (
        BOX,
        facts(packing="large", gross_kg=2000, packaging_code=GERMAN),
        "R3",
        "un_mark",
    ),
    "net mass open above 400 kg": (
        seen("class9a un_mark", NAME, "4D/Y900/S/25/D/BAM 1"),
        facts(gross_kg=880, packaging_code="4D/Y900/S/25/D/BAM 1"),
        "R2",
        "net_kg",
    ),
    "no works code on a Chinese export": (
        seen("class9a un_mark", NAME, "4G/Y25/S/25/CN/XMPACK PI:015"),
        EXPORT | {"packaging_code": "4G/Y25/S/25/CN/XMPACK PI:015"},
        "R12",
        "un_mark.maker",
    ),
    "an old works code on a box of 2025": (
        seen("class9a un_mark", NAME, "4G/Y25/S/25/CN/4400171 PI:015"),
        EXPORT | {"packaging_code": "4G/Y25/S/25/CN/4400171 PI:015"},
        "R12",
        "un_mark.maker",
    ),
    "a second battery number": (
        seen("class9a un_mark", (*NAME, "UN 3090"), CODE),
        EXPORT,
        "R13",
        "un_number.printed",
    ),
    "paint beside batteries": (
        seen("class9a un_mark", (*NAME, "UN No. 1263"), CODE),
        EXPORT,
        "R13",
        "un_number.printed",
    ),
    "a second number behind a slash": (
        seen("class9a un_mark", ("UN3480/1263", NAME[1]), CODE),
        EXPORT,
        "R13",
        "un_number.printed",
    ),
    "50 kg of batteries beside equipment": (
        seen("battery_mark", (("UN3480 UN3481", 0),)),
        SMALL | {"un_number": 3481, "other_un_numbers": [3480], "gross_kg": 50, "with_equipment": True},
        "R6",
        "gross_kg",
    ),
    "batteries flown as equipment": (
        seen("battery_mark", (("UN3480 UN3481", 0),)),
        facts(
            un_number=3481,
            other_un_numbers=[3480],
            section="PI966 II",
            mode="air",
            gross_kg=6,
            net_kg=4,
            charge_percent=30,
        ),
        "R8",
        "section",
    ),
    "a hidden vehicle beside batteries": (
        seen("class9a un_mark", (*NAME, "UN3556"), GERMAN),
        facts(other_un_numbers=[3556], packaging_code=GERMAN),
        "R9",
        "declaration",
    ),
    "4GW where 4G is declared": (
        seen("class9a un_mark", NAME, GERMAN.replace("4G", "4GW")),
        facts(packaging_code=GERMAN),
        "declaration.packaging_code",
        "packaging code",
    ),
    "1A2T where the first line of 1A2 is declared": (
        seen("class9a un_mark", NAME, GERMAN.replace("4G", "1A2T")),
        facts(packing="drum", packaging_code="1A2/Y25/S/25"),
        "declaration.packaging_code",
        "packaging code",
    ),
    "another batch on one of two photos": (
        [CHINESE, seen("", (), "4G/Y25/S/25/CN/C370012 PI:016")],
        EXPORT,
        "declaration.packaging_code",
        "packaging code",
    ),
    "no batch on any photo": (
        seen("class9a un_mark", NAME, "4G/Y25/S/25/CN/C370012"),
        EXPORT,
        "declaration.packaging_code",
        "packaging code",
    ),
    "the batch read weakly and the rest well": (
        [
            seen("class9a un_mark", NAME, reading(CODE, probability=0.3)),
            seen("un_mark", (), "4G/Y25/S/25/CN/C370012"),
        ],
        EXPORT,
        "certainty",
        "Packaging code",
    ),
    "a vehicle by air": (
        seen("class9a", ("UN3556", "VEHICLE, LITHIUM ION BATTERY POWERED")),
        facts(un_number=3556, section="PI952 I", mode="air", vehicle_recognisable=False),
        "R8",
        "section",
    ),
    "the number proven by a telephone number": (
        replace(
            seen("class9a un_mark", ("TEL 0755-34801234", NAME[1]), CODE),
            lines=(
                line("TEL 0755-34801234"),
                line(NAME[1], at=(200, 40)),
                line("UN3480", 0.3, at=(500, 500)),
            ),
        ),
        EXPORT,
        "certainty",
        "Text",
    ),
    "UN 3171 without a label": (
        seen("carton", ("UN3171",)),
        facts(un_number=3171, section="SP188"),
        "R1",
        "class9",
    ),
    "a sheet that ended before the box was made": (
        CHINESE,
        EXPORT | {"sheet_valid_until": "2020-01-01"},
        "R12",
        "un_mark.year",
    ),
    "a sheet and no day to compare it with": (
        CHINESE,
        EXPORT | {"sheet_valid_until": "2026-01-01"},
        "R12",
        "sheet_valid_until",
    ),
    "state of charge open by air": (
        seen("class9a cargo_aircraft_only un_mark", NAME, CODE),
        EXPORT | {"section": "PI965 IA", "mode": "air", "net_kg": 20},
        "R8",
        "charge_percent",
    ),
    "full batteries with equipment, day open": (
        seen("class9a un_mark", PACKED, CODE),
        EXPORT | {"un_number": 3481, "section": "PI966 I", "mode": "air", "net_kg": 4, "charge_percent": 90},
        "R8",
        "charge_percent",
    ),
    "RID/ADR by sea": (
        seen("class9a un_mark", NAME, reading(GERMAN, warnings=read_mark(f"RID/ADR {GERMAN}").warnings)),
        facts(packaging_code=GERMAN),
        "R2",
        "un_mark.symbol",
    ),
    "an overpack that is not declared": (
        seen("class9a un_mark", (*NAME, "OVERPACK"), GERMAN),
        facts(packaging_code=GERMAN),
        "R11",
        "overpack",
    ),
    "the name of another number": (
        seen("class9a un_mark", ("UN3480", PACKED[1]), GERMAN),
        facts(packaging_code=GERMAN),
        "R1",
        "proper_shipping_name",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_package_is_reviewed_for_its_fault(name: str) -> None:
    photos, fields, rule, item = WRONG[name]
    decision, findings = judge(photos, fields)
    assert decision == "review"
    assert (rule, item) in {(one.rule, one.item) for one in findings if one.blocks}
