"""R6, R7, R8, R11 and R13: battery mark, air, overpack, one UN number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rule_cases import BACK, FAIL, FRONT, FULL, GOOD, HIDDEN, MISSING, NOTE, OPEN, SEEN, WARN, judged

from lipack_vision.regulations import SeenMark, check_rules

# R6

SMALL = replace(FULL, section="SP188")
MARKED: dict[str, Any] = {"battery_mark": (FRONT,), "un_numbers_battery_mark": (3480,), "class9a": ()}


@pytest.mark.parametrize(
    ("changes", "item", "expected"),
    [
        ({}, "battery_mark", GOOD),
        ({}, "battery_mark.un_number", GOOD),
        ({"battery_mark": ()}, "battery_mark", MISSING),
        ({"battery_mark": (), "all_faces_seen": False}, "battery_mark", HIDDEN),
        ({"battery_mark": None}, "battery_mark", OPEN),
        ({"un_numbers_battery_mark": (3090,)}, "battery_mark.un_number", FAIL),
        ({"un_numbers_battery_mark": None}, "battery_mark.un_number", HIDDEN),
        ({"un_numbers_battery_mark": ()}, "battery_mark.un_number", HIDDEN),
        ({"class9": (FRONT,)}, "class9", WARN),
    ],
)
def test_r6_battery_mark(changes: dict[str, Any], item: str, expected: tuple[str, str]) -> None:
    assert judged("R6", SMALL, **(MARKED | changes))[item] == expected


def test_r6_neither_9a_nor_un_mark_is_due() -> None:
    found = check_rules(SMALL, replace(SEEN, **MARKED, packaging_codes=()))
    assert [one for one in found if one.stands_against_release] == []


@pytest.mark.parametrize(("gross", "expected"), [(30, GOOD), (30.1, FAIL), (None, OPEN)])
def test_r6_mass_of_batteries_alone(gross: float | None, expected: tuple[str, str]) -> None:
    assert judged("R6", replace(SMALL, gross_kg=gross), **MARKED)["gross_kg"] == expected
    packed = replace(SMALL, gross_kg=gross, un_number=3481, with_equipment=True)
    assert "gross_kg" not in judged("R6", packed, **MARKED)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"n_cells": 4, "n_packages": 2}, GOOD),
        ({"n_batteries": 2, "n_packages": 1}, GOOD),
        ({"button_cells_only": True}, GOOD),
        ({"n_cells": 5, "n_packages": 2, "button_cells_only": False}, MISSING),
        ({"n_cells": 4, "n_packages": 3, "button_cells_only": False}, MISSING),
        ({"n_cells": 4}, OPEN),
        ({}, OPEN),
        # 0 is what a form holds for what was not counted.
        ({"n_cells": 0, "n_batteries": 20, "n_packages": 2, "button_cells_only": False}, MISSING),
        ({"n_cells": 0, "n_batteries": 2, "n_packages": 2}, GOOD),
        ({"n_cells": 400, "n_batteries": 0, "n_packages": 2, "button_cells_only": False}, MISSING),
        ({"n_cells": 400, "n_batteries": 2, "n_packages": 2, "button_cells_only": False}, OPEN),
        ({"n_cells": 4, "n_batteries": 2, "n_packages": 2}, GOOD),
        ({"n_cells": 0, "n_batteries": 0, "n_packages": 2}, OPEN),
    ],
)
def test_r6_few_cells_in_equipment_need_no_mark(facts: dict[str, Any], expected: tuple[str, str]) -> None:
    installed = replace(SMALL, un_number=3481, in_equipment=True, **facts)
    assert judged("R6", installed, battery_mark=())["battery_mark"] == expected


def test_r6_section_ii() -> None:
    assert judged("R6", replace(SMALL, section="PI965 II", net_kg=4), **MARKED)["section"] == FAIL
    packed = replace(SMALL, un_number=3481, section="PI966 II")
    assert "section" not in judged("R6", packed, **MARKED)
    assert judged("R6", replace(packed, net_kg=5), **MARKED)["net_kg"] == GOOD
    assert judged("R6", replace(packed, net_kg=5.1), **MARKED)["net_kg"] == FAIL
    assert judged("R6", packed, **MARKED)["net_kg"] == OPEN


# R7, R8

IB = replace(FULL, section="PI965 IB", mode="air", net_kg=9)
AIR: dict[str, Any] = {
    "battery_mark": (FRONT,),
    "un_numbers_battery_mark": (3480,),
    "cargo_aircraft_only": (FRONT,),
}


def test_r7_right() -> None:
    assert judged("R7", IB, **AIR) == {
        "battery_mark": GOOD,
        "battery_mark.un_number": GOOD,
        "cargo_aircraft_only": GOOD,
        "net_kg": GOOD,
    }
    assert judged("R2", IB, **AIR, packaging_codes=()) == {
        "un_mark": GOOD
    }  # strong rigid outer packaging without a UN mark


@pytest.mark.parametrize(
    ("facts", "changes", "item", "expected"),
    [
        ({"net_kg": 10.5}, {}, "net_kg", FAIL),
        ({"net_kg": None}, {}, "net_kg", OPEN),
        ({"un_number": 3090, "section": "PI968 IB", "net_kg": 2.6}, {}, "net_kg", FAIL),
        ({"un_number": 3551, "section": "PI976 IB", "net_kg": 11}, {}, "net_kg", WARN),
        ({"section": "PI966 IB"}, {}, "section", FAIL),
        ({}, {"battery_mark": ()}, "battery_mark", MISSING),
        ({}, {"cargo_aircraft_only": ()}, "cargo_aircraft_only", MISSING),
        ({}, {"cargo_aircraft_only": (), "all_faces_seen": False}, "cargo_aircraft_only", HIDDEN),
    ],
)
def test_r7_wrong(
    facts: dict[str, Any], changes: dict[str, Any], item: str, expected: tuple[str, str]
) -> None:
    assert judged("R7", replace(IB, **facts), **(AIR | changes))[item] == expected


FLIGHT = replace(FULL, section="PI965 IA", mode="air", net_kg=20, charge_percent=30)


@pytest.mark.parametrize(
    ("facts", "changes", "item", "expected"),
    [
        ({}, {}, "cargo_aircraft_only", GOOD),
        ({}, {"cargo_aircraft_only": ()}, "cargo_aircraft_only", MISSING),
        ({}, {"cargo_aircraft_only": None}, "cargo_aircraft_only", OPEN),
        ({}, {"cargo_aircraft_only": (BACK,)}, "cargo_aircraft_only.face", WARN),
        ({}, {"cargo_aircraft_only": (SeenMark(),)}, "cargo_aircraft_only.face", NOTE),
        ({"net_kg": 36}, {}, "net_kg", FAIL),
        ({"net_kg": None}, {}, "net_kg", OPEN),
        ({"charge_percent": 31}, {}, "charge_percent", FAIL),
        ({"charge_percent": None}, {}, "charge_percent", OPEN),
        ({"section": "PI968 IA"}, {}, "section", FAIL),
        ({"section": "fully regulated"}, {}, "section", FAIL),
        ({"section": "SP188"}, {}, "section", FAIL),
        ({"state": "waste"}, {}, "state", OPEN),
        ({"state": "prototype"}, {}, "state", OPEN),
        ({"section": None, "mode": None}, {}, "declaration", OPEN),
        (
            {"un_number": 3551, "section": "PI976 IA"},
            {"cargo_aircraft_only": ()},
            "cargo_aircraft_only",
            ("missing", "warn"),
        ),
    ],
)
def test_r8(facts: dict[str, Any], changes: dict[str, Any], item: str, expected: tuple[str, str]) -> None:
    assert judged("R8", replace(FLIGHT, **facts), **(AIR | changes))[item] == expected


@pytest.mark.parametrize(("net", "due"), [(5, False), (5.5, True)])
def test_r8_equipment_above_5_kg_flies_on_cargo_aircraft(net: float, due: bool) -> None:
    packed = replace(FLIGHT, un_number=3481, section="PI966 I", net_kg=net)
    assert ("cargo_aircraft_only" in judged("R8", packed)) is due


@pytest.mark.parametrize(
    ("charge", "day", "expected"),
    [
        (90, None, OPEN),
        (90, date(2025, 12, 31), None),
        (90, date(2026, 1, 1), FAIL),
        (30, None, GOOD),
        (None, date(2026, 1, 1), OPEN),
        (None, None, NOTE),
        (None, date(2025, 12, 31), None),
    ],
)
def test_r8_charge_of_batteries_with_equipment(
    charge: float | None, day: date | None, expected: tuple[str, str] | None
) -> None:
    packed = replace(FLIGHT, un_number=3481, section="PI966 I", net_kg=4)
    facts = replace(packed, charge_percent=charge, inspection_date=day)
    assert judged("R8", facts).get("charge_percent") == expected


def test_every_declared_number_counts() -> None:
    both = replace(SMALL, un_number=3481, other_un_numbers=(3480,), with_equipment=True, gross_kg=50)
    marked: dict[str, Any] = MARKED | {"un_numbers_battery_mark": (3480, 3481)}
    assert judged("R6", both, **marked)["gross_kg"] == FAIL
    flown = replace(both, section="PI966 II", mode="air", net_kg=4)
    assert judged("R8", flown, **marked)["section"] == FAIL
    assert judged("R8", flown, **marked)["cargo_aircraft_only"] == MISSING
    # The batteries that travel alone want a battery mark even beside exempt equipment.
    exempt = replace(both, in_equipment=True, button_cells_only=True)
    assert judged("R6", exempt, battery_mark=())["battery_mark"] == MISSING


def test_r8_only_by_air() -> None:
    assert judged("R8", FULL) == {}


# R11, R13, R14


@pytest.mark.parametrize(
    ("facts", "changes", "expected"),
    [
        ({"overpack": True}, {"texts": ("OVERPACK",)}, {"overpack": GOOD}),
        ({"overpack": True}, {}, {"overpack": MISSING}),
        ({"overpack": True}, {"all_faces_seen": False}, {"overpack": HIDDEN}),
        ({"overpack": True}, {"texts": None}, {"overpack": OPEN}),
        ({"overpack": True, "contents_visible": True}, {}, {"overpack": GOOD}),
        ({"overpack": False}, {}, {}),
        ({"overpack": False}, {"texts": ("Overpack",)}, {"overpack": FAIL}),
        ({"overpack": None}, {}, {"declaration": OPEN}),
    ],
)
def test_r11(facts: dict[str, Any], changes: dict[str, Any], expected: dict[str, tuple[str, str]]) -> None:
    assert judged("R11", replace(FULL, **facts), **changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"un_number.printed": GOOD}),
        ({"un_numbers_printed": (3481,)}, {"un_number.printed": FAIL}),
        (
            {"un_numbers_battery_mark": (3090,)},
            {"un_number.printed": GOOD, "un_number.battery_mark": FAIL},
        ),
        (
            {"un_numbers_battery_mark": (3480, 3481)},
            {"un_number.printed": GOOD, "un_number.battery_mark": WARN},
        ),
        ({"un_numbers_printed": (3090, 3480)}, {"un_number.printed": FAIL}),
        (
            {"un_numbers_battery_mark": (1263, 3480)},
            {"un_number.printed": GOOD, "un_number.battery_mark": FAIL},
        ),
        ({"un_numbers_printed": ()}, {"un_number": HIDDEN}),
        ({"un_numbers_printed": None, "un_numbers_battery_mark": None}, {"un_number": OPEN}),
    ],
)
def test_r13(changes: dict[str, Any], expected: dict[str, tuple[str, str]]) -> None:
    assert judged("R13", **changes) == expected


def test_r13_asks_for_no_number_where_none_is_due() -> None:
    unseen: dict[str, Any] = {"un_numbers_printed": (), "un_numbers_battery_mark": None}
    hidden_note = ("not_visible", "info")
    scooter = replace(FULL, un_number=3556, vehicle_recognisable=True)
    assert judged("R13", scooter, **unseen) == {"un_number": hidden_note}
    assert judged("R13", replace(scooter, vehicle_recognisable=None), **unseen) == {"un_number": HIDDEN}
    cells = replace(SMALL, un_number=3481, in_equipment=True, button_cells_only=True)
    assert judged("R13", cells, **unseen) == {"un_number": hidden_note}
    assert judged("R13", replace(cells, section="fully regulated"), **unseen) == {"un_number": HIDDEN}
    assert judged("R13", replace(cells, other_un_numbers=(3090,)), **unseen) == {"un_number": HIDDEN}
    assert judged("R13", scooter, un_numbers_printed=(3557,)) == {"un_number.printed": FAIL}
