"""A right package, and what a rule says about it or about a changed one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from lipack_vision.regulations import Observation, SeenMark, Shipment, check_rules, parse_packaging_code

FRONT, BACK, LEFT, RIGHT = (SeenMark(face) for face in ("front", "back", "left", "right"))
FULL = Shipment(
    un_number=3480,
    section="fully regulated",
    state="normal",
    mode="sea",
    packing="box",
    gross_kg=24,
    overpack=False,
    chinese_export=False,
)
SEEN = Observation(
    class9=(),
    class9a=(FRONT,),
    battery_mark=(),
    cargo_aircraft_only=(),
    limited_quantity=(),
    packaging_codes=(parse_packaging_code("4G/Y25/S/25/D/BAM 1234"),),
    un_numbers_printed=(3480,),
    un_numbers_battery_mark=(),
    texts=("UN 3480", "Lithium-ion", "batteries"),
    all_faces_seen=True,
)


def judged(
    rule: str, shipment: Shipment = FULL, seen: Observation = SEEN, **changes: Any
) -> dict[str, tuple[str, str]]:
    """Item -> (verdict, severity) of one rule; ``changes`` go to the observation."""
    found = check_rules(shipment, replace(seen, **changes))
    return {one.item: (one.verdict, one.severity) for one in found if one.rule_id == rule}


GOOD, FAIL, MISSING = ("right", "info"), ("wrong", "fail"), ("missing", "fail")
HIDDEN, OPEN, WARN, NOTE = (
    ("not_visible", "warn"),
    ("not_checked", "warn"),
    ("wrong", "warn"),
    ("not_checked", "info"),
)

BOX = Shipment(
    un_number=3480,
    section="fully regulated",
    state="normal",
    mode="sea",
    packing="box",
    gross_kg=24,
    chinese_export=False,
)


def judged_marks(rule: str, shipment: Shipment, *marks: str, **changes: Any) -> dict[str, tuple[str, str]]:
    """Item -> (verdict, severity) of one rule for the marks read; all faces seen unless changed."""
    codes = tuple(parse_packaging_code(mark) for mark in marks)
    seen = replace(Observation(packaging_codes=codes, all_faces_seen=True, texts=()), **changes)
    found = check_rules(shipment, seen)
    return {one.item: (one.verdict, one.severity) for one in found if one.rule_id == rule}
