"""R1, R9, R10 and R14: hazard labels, UN number and name."""

from __future__ import annotations

import re

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.instructions import BATTERY_UN, GOODS, UNIT_UN, VEHICLE_UN, Goods
from lipack_vision.regulations.label_geometry import PLACARD_SIDE_MM
from lipack_vision.regulations.rules.findings import Judge, RuleFinding
from lipack_vision.regulations.rules.scope import first_of
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import OPPOSITE, Observation, Shipment

WASTE_WORDING = r"BATTERIES FOR (DISPOSAL|RECYCLING)"


def hazard_label(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R1: model 9A (not 9), UN number and name; no limited quantity mark; on UN 3171 no 9A."""
    judge = Judge(RULES["R1"])
    un = shipment.un_number
    if un is None:
        return [judge.undeclared("un_number")]
    strange = [
        judge.make("un_number", "not_checked", f"no rules are known for UN {one}", found=f"UN {one}")
        for one in shipment.un_numbers
        if one not in GOODS
    ]
    numbers = [one for one in shipment.un_numbers if one in BATTERY_UN]
    if not numbers:
        return strange + (_model_9(judge, shipment, seen) if 3171 in shipment.un_numbers else [])
    section = shipment.rules
    if section is None:
        return [*strange, judge.undeclared("section")]
    if not section.fully_regulated:
        return strange
    out = [*strange, *_label(judge, seen, GOODS[numbers[0]]), *_numbers(judge, shipment, seen)]
    out += [finding for one in numbers for finding in _name(judge, shipment, seen, GOODS[one])]
    if shipment.state == "waste":
        expected = "the words LITHIUM BATTERIES FOR DISPOSAL or FOR RECYCLING"
        out.append(
            judge.presence("wording", seen.shows(WASTE_WORDING), seen, expected=expected, source="SP 377")
        )
    return [*out, _no_limited_quantity(judge, seen)]


def _label(judge: Judge, seen: Observation, entry: Goods) -> list[RuleFinding]:
    """Model 9A is due. A model 9 in its place is a wrong label, not a missing one."""
    expected, sure = "hazard label model 9A", entry.certainty
    if seen.class9a:
        out = [judge.presence("class9a", True, seen, expected=expected, certainty=sure)]
        if seen.class9:
            note = "model 9 beside model 9A"
            out.append(
                judge.make(
                    "class9",
                    "wrong",
                    note,
                    expected="model 9A only",
                    found="model 9",
                    certainty=Certainty.INFERENCE,
                    severity="warn",
                )
            )
        return out
    if seen.class9:
        note = f"model 9 in place of model 9A on UN {entry.un}"
        return [
            judge.make(
                "class9a", "wrong", note, expected=expected, found="hazard label model 9", certainty=sure
            )
        ]
    there = None if seen.class9a is None else False
    return [judge.presence("class9a", there, seen, expected=expected, certainty=sure)]


def _model_9(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """UN 3171: model 9, never 9A, and the UN number; nothing on a vehicle that is recognisable."""
    out = [_no_9a(judge, seen)]
    if shipment.vehicle_recognisable:
        return out
    there = None if seen.class9 is None else bool(seen.class9)
    expected = "hazard label model 9"
    return [*out, judge.presence("class9", there, seen, expected=expected), *_numbers(judge, shipment, seen)]


def _no_9a(judge: Judge, seen: Observation) -> RuleFinding:
    if seen.class9a is None:
        return judge.presence("class9a", None, seen, expected="no model 9A on UN 3171")
    bad = bool(seen.class9a)
    return judge.make(
        "class9a",
        "wrong" if bad else "right",
        "model 9A on UN 3171, whose label is model 9" if bad else "no model 9A on UN 3171",
        expected="hazard label model 9",
        found="hazard label model 9A" if bad else "no model 9A",
        certainty=Certainty.INFERENCE,
    )


def _numbers(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    printed = seen.un_numbers_printed
    return [
        judge.presence(
            "un_number",
            None if printed is None else un in printed,
            seen,
            expected=f"UN {un}",
            source="5.2.1.1",
        )
        for un in shipment.un_numbers
    ]


def _name(judge: Judge, shipment: Shipment, seen: Observation, entry: Goods) -> list[RuleFinding]:
    """The proper shipping name is due by sea and air; ADR and RID ask for the UN number only."""
    if shipment.by_air is None:
        return [judge.undeclared("mode")]
    if shipment.mode in ("road", "rail"):
        return []
    words = re.sub(r"(IES|Y)$", "(?:IES|Y)", entry.name)
    pattern = re.sub(r",? ", "[ ,-]*", words)
    if entry.kind == "equipment":
        pattern += ".*EQUIPMENT"
    elif entry.kind == "batteries":
        # With these words it is the name of another UN number.
        pattern += r"(?![ ,-]*(?:PACKED ?WITH|CONTAINED ?IN) ?EQUIPMENT)"
    return [
        judge.presence(
            "proper_shipping_name",
            seen.shows(pattern),
            seen,
            expected=f"the name {entry.name}" + (" ... EQUIPMENT" if entry.kind == "equipment" else ""),
            certainty=Certainty.MEMORY,
            source="IMDG 5.2.1.1, IATA DGR 7.1.5.1",
        )
    ]


def _no_limited_quantity(judge: Judge, seen: Observation) -> RuleFinding:
    origin, sure = "3.4 and 3.5: limited quantity 0, excepted quantity E0", Certainty.MEMORY
    if seen.limited_quantity is None:
        note = "whether a limited quantity mark is shown was not judged"
        return judge.make(
            "limited_quantity", "not_checked", note, certainty=sure, source=origin, severity="info"
        )
    bad = bool(seen.limited_quantity)
    note = "limited or excepted quantity mark on batteries" if bad else "no limited quantity mark"
    return judge.make(
        "limited_quantity", "wrong" if bad else "right", note, expected="none", certainty=sure, source=origin
    )


def packed_vehicle(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R9: a vehicle hidden by its packaging carries 9A, UN number and name; a recognisable one nothing."""
    judge = Judge(RULES["R9"])
    if shipment.un_number is None:
        return [judge.undeclared("un_number")]
    un = first_of(shipment, VEHICLE_UN)
    if un is None:
        return []
    if shipment.vehicle_recognisable is None:
        return [judge.undeclared("vehicle_recognisable")]
    if shipment.vehicle_recognisable:
        return [
            judge.make("class9a", "right", "a vehicle that is recognisable needs no label", source="SP 405")
        ]
    entry = GOODS[un]
    return [
        *_label(judge, seen, entry),
        *_numbers(judge, shipment, seen),
        *_name(judge, shipment, seen, entry),
    ]


def transport_unit(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R10: placards of model 9 on two sides (four by sea), UN 3536, no 9A, never by air."""
    judge = Judge(RULES["R10"])
    if shipment.un_number is None:
        return [judge.undeclared("un_number")]
    if UNIT_UN not in shipment.un_numbers:
        return []
    out = [*_placards(judge, shipment, seen), *_numbers(judge, shipment, seen)]
    if seen.class9a:
        note = "model 9A on a cargo transport unit, whose placard is model 9"
        out.append(judge.make("class9a", "wrong", note, expected="placard model 9", found="model 9A"))
    if shipment.by_air is None:
        out.append(judge.undeclared("mode"))
    elif shipment.by_air:
        out.append(judge.make("mode", "wrong", "UN 3536 is forbidden by air", found="air"))
    return out


def _placards(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    item, expected = "placard9", "placards of model 9 on two sides"
    if seen.class9 is None:
        return [judge.presence(item, None, seen, expected=expected)]
    if not seen.class9 and seen.class9a:
        note = "model 9A in place of placards of model 9"
        return [judge.make(item, "wrong", note, expected=expected, found="model 9A")]
    if not seen.class9:
        return [judge.presence(item, False, seen, expected=expected)]
    small = [mark for mark in seen.class9 if mark.size_mm and min(mark.size_mm) < PLACARD_SIDE_MM.value]
    out = []
    if small:
        note = f"a placard is smaller than {PLACARD_SIDE_MM.value:g} mm"
        out.append(judge.make(f"{item}.size", "wrong", note, source=PLACARD_SIDE_MM.source))
    elif any(mark.size_mm is None for mark in seen.class9):
        out.append(judge.make(f"{item}.size", "not_checked", "the size of a placard was not measured"))
    faces = {mark.face for mark in seen.class9}
    if None in faces:
        return [
            *out,
            judge.make(
                item, "not_checked", "on which sides the placards stand is unknown", expected=expected
            ),
        ]
    out.append(judge.presence(item, len(faces) >= 2, seen, expected=expected))
    if shipment.mode == "sea":
        four = "placards of model 9 on all four sides by sea"
        source, sure = "IMDG 5.3.1.1.4", Certainty.MEMORY
        out.append(
            judge.presence(
                item, len(faces) >= 4, seen, expected=four, certainty=sure, source=source, severity="warn"
            )
        )
    return out


def opposite_labels(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R14: large packagings and IBCs above 450 L carry the label on two opposite sides."""
    judge = Judge(RULES["R14"])
    section = shipment.rules
    if first_of(shipment, BATTERY_UN) is None or section is None or not section.fully_regulated:
        return []
    families = {code.family for code in seen.packaging_codes or ()}
    is_ibc = shipment.packing == "ibc" or "ibc" in families
    if is_ibc and shipment.large_ibc is None:
        return [judge.undeclared("large_ibc")]
    if not (shipment.packing == "large" or "large_packaging" in families or (is_ibc and shipment.large_ibc)):
        return []
    item, expected = "class9a.opposite_sides", "hazard label model 9A on two opposite sides"
    if seen.class9a is None:
        return [judge.presence(item, None, seen, expected=expected)]
    faces = {mark.face for mark in seen.class9a}
    sides = {face for face in faces if face not in (None, "top", "bottom")}
    both = any(OPPOSITE[face] in sides for face in sides if face is not None)
    if not both and None in faces:
        return [
            judge.make(item, "not_checked", "on which sides the labels stand is unknown", expected=expected)
        ]
    return [judge.presence(item, both, seen, expected=expected)]
