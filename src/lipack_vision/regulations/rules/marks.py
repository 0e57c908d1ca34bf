"""R6, R7, R8, R11 and R13: battery mark, Cargo Aircraft Only, overpack, one UN number."""

from __future__ import annotations

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.instructions import (
    AIR_IB_MAX_NET_KG,
    AIR_INSTRUCTIONS,
    AIR_MAX_CHARGE_PERCENT,
    AIR_MAX_NET_KG,
    AIR_PASSENGER_MAX_NET_KG,
    AIRCRAFT_ONLY_UN,
    BATTERY_UN,
    GOODS,
    SP188_MAX_GROSS_KG,
)
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Verdict
from lipack_vision.regulations.rules.scope import equipment
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Section, Shipment

_M, _U, _I = Certainty.MEMORY, Certainty.UNSURE, Certainty.INFERENCE


def small_batteries(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R6: SP 188 and Section II: battery mark with the UN number, mass limits; 9A and UN mark are not due."""
    judge = Judge(RULES["R6"])
    if shipment.un_number is None:
        return [judge.undeclared("un_number")]
    if shipment.un_number not in BATTERY_UN:
        return []
    section = shipment.rules
    if section is None:
        return [judge.undeclared("section")]
    if section.fully_regulated:
        return []
    out: list[RuleFinding] = []
    if section.part == "II" and section.pi in (965, 968):
        note = f"Section II of PI {section.pi} was abolished on 1 April 2022"
        out.append(judge.make("section", "wrong", note, found=shipment.section or "", certainty=_M))
    out += [*_battery_mark_or_exempt(judge, shipment, seen), *_small_masses(judge, shipment, section)]
    if seen.class9:
        note = "model 9 on a package of batteries, whose label is model 9A"
        out.append(
            judge.make("class9", "wrong", note, found="hazard label model 9", certainty=_I, severity="warn")
        )
    return out


def _battery_mark_or_exempt(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    inside, _ = equipment(shipment)
    few = _few_in_equipment(shipment)
    exempt = bool(inside) and (bool(shipment.button_cells_only) or few is True)
    if seen.battery_mark:
        return _battery_mark(judge, shipment, seen)
    if exempt:
        note = "no battery mark is due: only button cells, or few cells in equipment and at most two packages"
        return [judge.make("battery_mark", "right", note, certainty=_M, source="SP 188 (f)")]
    undecided = inside is None or (inside and (shipment.button_cells_only is None or few is None))
    if seen.battery_mark is not None and undecided and GOODS[shipment.un_number or 0].kind == "equipment":
        note = "no battery mark seen; whether one is due depends on the equipment and the number of batteries"
        wanted = "in_equipment, button_cells_only, n_cells or n_batteries, n_packages"
        return [judge.make("battery_mark", "not_checked", note, expected=wanted, found="not declared")]
    return _battery_mark(judge, shipment, seen)


def _few_in_equipment(shipment: Shipment) -> bool | None:
    """At most 4 cells or 2 batteries in at most 2 packages; None when not enough is declared."""
    cells, batteries, packages = shipment.n_cells, shipment.n_batteries, shipment.n_packages
    if packages is not None and packages > 2:
        return False
    if cells is None and batteries is None:
        return None
    few = (cells is not None and cells <= 4) or (batteries is not None and batteries <= 2)
    if not few:
        return False
    return None if packages is None else True


def _battery_mark(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    there = None if seen.battery_mark is None else bool(seen.battery_mark)
    out = [judge.presence("battery_mark", there, seen, expected="battery mark", source="5.2.1.9")]
    if not there:
        return out
    item, origin = "battery_mark.un_number", "5.2.1.9.2"
    read = seen.un_numbers_battery_mark
    wanted = ", ".join(f"UN {un}" for un in shipment.un_numbers)
    if not read:
        note = "the UN number on the battery mark was not read"
        return [*out, judge.make(item, "not_visible", note, expected=wanted, found="not read", source=origin)]
    lacking = [un for un in shipment.un_numbers if un not in read]
    shown = ", ".join(f"UN {un}" for un in read)
    note = f"the battery mark shows {shown}" + (f", not UN {lacking[0]}" if lacking else "")
    verdict: Verdict = "wrong" if lacking else "right"
    return [*out, judge.make(item, verdict, note, expected=wanted, found=shown, source=origin)]


def _small_masses(judge: Judge, shipment: Shipment, section: Section) -> list[RuleFinding]:
    out: list[RuleFinding] = []
    if GOODS[shipment.un_number or 0].kind == "batteries":
        source = "SP 188 (g): gross mass of a package"
        out.append(_limit(judge, "gross_kg", shipment.gross_kg, SP188_MAX_GROSS_KG, source))
    if section.part == "II":
        source = f"IATA PI {section.pi} Section II: net mass of batteries"
        out.append(_limit(judge, "net_kg", shipment.net_kg, AIR_PASSENGER_MAX_NET_KG, source))
    return out


def _limit(
    judge: Judge,
    name: str,
    value: float | None,
    limit: float,
    source: str,
    certainty: Certainty | None = None,
) -> RuleFinding:
    if value is None:
        note = f"not checked: {name} not declared"
        return judge.make(name, "not_checked", note, expected=f"at most {limit:g} kg", found="not declared")
    fits = value <= limit
    return judge.make(
        name,
        "right" if fits else "wrong",
        f"{value:g} kg is {'within' if fits else 'above'} {limit:g} kg",
        expected=f"at most {limit:g} kg",
        found=f"{value:g} kg",
        certainty=certainty,
        source=source,
    )


def section_ib(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R7: Section IB: battery mark and Cargo Aircraft Only beside the label of R1, net mass limit."""
    judge = Judge(RULES["R7"])
    section = shipment.rules
    if section is None:
        return [judge.undeclared("section")] if shipment.un_number in BATTERY_UN else []
    if section.part != "IB":
        return []
    out = [*_battery_mark(judge, shipment, seen), *_cargo_aircraft_only(judge, seen)]
    limit, sure = AIR_IB_MAX_NET_KG.get(section.pi or 0, (None, _M))
    if limit is None:
        note = f"PI {section.pi} has no Section IB"
        return [*out, judge.make("section", "wrong", note, found=shipment.section or "", certainty=_M)]
    out.append(_limit(judge, "net_kg", shipment.net_kg, limit, f"IATA PI {section.pi} Section IB", sure))
    return out


def air(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R8: Cargo Aircraft Only, net mass, state of charge and fitting packing instruction by air."""
    judge = Judge(RULES["R8"])
    un = shipment.un_number
    if un is None:
        return [judge.undeclared("un_number")]
    if un not in BATTERY_UN:
        return []
    if shipment.by_air is None:
        return [judge.undeclared("mode")]
    section = shipment.rules
    if not shipment.by_air:
        return []
    out = [*_fitting_section(judge, shipment, un, section), *_charge(judge, shipment, section)]
    if section is not None and section.part == "IB":
        return out  # R7 asks for the label and has its own limit
    if section is None or section.fully_regulated:
        out.append(
            _limit(judge, "net_kg", shipment.net_kg, AIR_MAX_NET_KG, "IATA PI 965 to 970: cargo aircraft")
        )
    if GOODS[un].kind == "batteries":
        sure = Certainty.VERIFIED if un in AIRCRAFT_ONLY_UN else _U
        out += _cargo_aircraft_only(judge, seen, sure)
    elif shipment.net_kg is not None and shipment.net_kg > AIR_PASSENGER_MAX_NET_KG:
        out += _cargo_aircraft_only(judge, seen)
    return out


def _fitting_section(judge: Judge, shipment: Shipment, un: int, section: Section | None) -> list[RuleFinding]:
    if section is None:
        return [judge.undeclared("section")]
    fitting = AIR_INSTRUCTIONS[un]
    if section.pi in fitting:
        return []
    expected = " or ".join(f"PI {pi}" for pi in fitting)
    if section.pi is None:
        note = f"{shipment.section} is declared for air, where a section of {expected} is due"
        return [
            judge.make(
                "section", "wrong", note, expected=expected, found=shipment.section or "", severity="warn"
            )
        ]
    note = f"PI {section.pi} is not for UN {un}"
    return [judge.make("section", "wrong", note, expected=expected, found=f"PI {section.pi}")]


def _charge(judge: Judge, shipment: Shipment, section: Section | None) -> list[RuleFinding]:
    from_2026 = section is not None and section.pi == 966 and (shipment.photo_year or 0) >= 2026
    if shipment.un_number != 3480 and not from_2026:
        return []
    if shipment.charge_percent is None:
        note = "the state of charge is not declared and cannot be seen"
        return [judge.make("charge_percent", "not_checked", note, expected="at most 30 %", severity="info")]
    fits = shipment.charge_percent <= AIR_MAX_CHARGE_PERCENT
    note = f"state of charge {shipment.charge_percent:g} % is {'within' if fits else 'above'} 30 %"
    verdict: Verdict = "right" if fits else "wrong"
    return [
        judge.make("charge_percent", verdict, note, expected="at most 30 %", source="IATA PI 965, PI 966")
    ]


def _cargo_aircraft_only(
    judge: Judge, seen: Observation, certainty: Certainty | None = None
) -> list[RuleFinding]:
    marks = seen.cargo_aircraft_only
    item, expected = "cargo_aircraft_only", "Cargo Aircraft Only label"
    there = None if marks is None else bool(marks)
    out = [judge.presence(item, there, seen, expected=expected, certainty=certainty)]
    if not marks or not seen.class9a:
        return out
    here, label = {mark.face for mark in marks}, {mark.face for mark in seen.class9a}
    if here & label - {None}:
        return out
    if None in here | label:
        note = "whether Cargo Aircraft Only stands on the face of the hazard label is unknown"
        return [*out, judge.make(f"{item}.face", "not_checked", note, certainty=_M, severity="info")]
    note = "Cargo Aircraft Only stands on another face than the hazard label"
    return [
        *out,
        judge.make(f"{item}.face", "wrong", note, certainty=_M, source="IATA DGR 7.2.6", severity="warn"),
    ]


def overpack(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R11: the word OVERPACK unless the contents' marks are visible; R1 and R6 look at the same photos."""
    judge = Judge(RULES["R11"])
    word = seen.shows(r"\bOVERPACK\b")
    if shipment.overpack is None:
        return [judge.undeclared("overpack")]
    if not shipment.overpack:
        if not word:
            return []
        note = "the word OVERPACK on a package that is not declared as an overpack"
        return [judge.make("overpack", "wrong", note, found="OVERPACK", certainty=_I, severity="warn")]
    if shipment.contents_visible and not word:
        note = "marks and labels of the contents are visible from outside"
        return [judge.make("overpack", "right", note, certainty=_M)]
    return [judge.presence("overpack", word, seen, expected="the word OVERPACK")]


def one_un_number(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R13: declared UN numbers, those on the battery mark and those printed are the same."""
    judge = Judge(RULES["R13"])
    declared = set(shipment.un_numbers)
    if not declared:
        return [judge.undeclared("un_number")]
    places = {"battery_mark": seen.un_numbers_battery_mark, "printed": seen.un_numbers_printed}
    out = [_same(judge, place, declared, set(read)) for place, read in places.items() if read]
    if out:
        return out
    judged = any(read is not None for read in places.values())
    note = "no UN number was read" if judged else "UN numbers were not judged"
    return [
        judge.make("un_number", "not_visible" if judged else "not_checked", note, expected=_list(declared))
    ]


def _same(judge: Judge, place: str, declared: set[int], read: set[int]) -> RuleFinding:
    item, expected, found = f"un_number.{place}", _list(declared), _list(read)
    if read <= declared:
        return judge.make(item, "right", f"{found} as declared", expected=expected, found=found)
    note = f"{found} where {expected} is declared"
    # Marks printed beforehand with several numbers include the right one; that is for a person to judge.
    return judge.make(
        item, "wrong", note, expected=expected, found=found, severity="warn" if read & declared else None
    )


def _list(numbers: set[int]) -> str:
    return ", ".join(f"UN {un}" for un in sorted(numbers))
