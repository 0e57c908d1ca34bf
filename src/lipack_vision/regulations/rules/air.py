"""R7 and R8: what air transport asks for beyond the marks of the surface."""

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
)
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Severity, Verdict
from lipack_vision.regulations.rules.marks import battery_mark
from lipack_vision.regulations.rules.scope import first_of
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

_M, _U = Certainty.MEMORY, Certainty.UNSURE
_VEHICLES = frozenset(un for un, entry in GOODS.items() if entry.kind == "vehicle")

CHARGE_LIMIT_966_SINCE = 2026
"""Year from which PI 966 limits the state of charge; before, it only recommends the limit."""


def section_ib(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R7: Section IB: battery mark and Cargo Aircraft Only beside the label of R1, net mass limit."""
    judge = Judge(RULES["R7"])
    section = shipment.rules
    if section is None:
        return [] if first_of(shipment, BATTERY_UN) is None else [judge.undeclared("section")]
    if section.part != "IB":
        return []
    out = [*battery_mark(judge, shipment, seen), *_cargo_aircraft_only(judge, seen)]
    limit, sure = AIR_IB_MAX_NET_KG.get(section.pi or 0, (None, _M))
    if limit is None:
        note = f"PI {section.pi} has no Section IB"
        return [*out, judge.make("section", "wrong", note, found=shipment.section or "", certainty=_M)]
    out.append(judge.limit("net_kg", shipment.net_kg, limit, f"IATA PI {section.pi} Section IB", sure))
    return out


def air(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R8: Cargo Aircraft Only, net mass, state of charge and fitting packing instruction by air."""
    judge = Judge(RULES["R8"])
    if shipment.un_number is None:
        return [judge.undeclared("un_number")]
    numbers = [un for un in shipment.un_numbers if un in BATTERY_UN]
    vehicle = first_of(shipment, _VEHICLES)
    if not numbers and vehicle is None:
        return []
    if shipment.by_air is None:
        return [judge.undeclared("mode")]
    if not shipment.by_air:
        return []
    out: list[RuleFinding] = []
    if vehicle is not None:
        note = f"what PI 952 asks of UN {vehicle} by air is not checked here"
        out.append(judge.make("section", "not_checked", note, certainty=_M, source="IATA PI 952"))
    if not numbers:
        return out
    section = shipment.rules
    out += [*_fitting_section(judge, shipment, numbers), *_charge(judge, shipment)]
    out += _approval(judge, shipment)
    if section is not None and section.part == "IB":
        return out  # R7 asks for the label and has its own limit
    if section is None or section.fully_regulated:
        source = "IATA PI 965 to 970: cargo aircraft"
        out.append(judge.limit("net_kg", shipment.net_kg, AIR_MAX_NET_KG, source))
    alone = [un for un in numbers if GOODS[un].kind == "batteries"]
    if alone:
        sure = Certainty.VERIFIED if set(alone) & AIRCRAFT_ONLY_UN else _U
        out += _cargo_aircraft_only(judge, seen, sure)
    elif shipment.net_kg is not None and shipment.net_kg > AIR_PASSENGER_MAX_NET_KG:
        out += _cargo_aircraft_only(judge, seen)
    return out


def _fitting_section(judge: Judge, shipment: Shipment, numbers: list[int]) -> list[RuleFinding]:
    """One section is declared; it must be an air section, and one of each UN number in the package."""
    section = shipment.rules
    if section is None:
        return [judge.undeclared("section")]
    out = []
    for un in numbers:
        fitting = AIR_INSTRUCTIONS[un]
        expected = " or ".join(f"PI {pi}" for pi in fitting)
        if section.pi is None:
            note = f"{shipment.section} is declared for air, where a section of {expected} is due"
            out.append(judge.make("section", "wrong", note, expected=expected, found=shipment.section or ""))
        elif section.pi not in fitting:
            note = f"PI {section.pi} is not for UN {un}"
            out.append(judge.make("section", "wrong", note, expected=expected, found=f"PI {section.pi}"))
    return out


def _charge(judge: Judge, shipment: Shipment) -> list[RuleFinding]:
    """The limit of PI 965 holds always, that of PI 966 from a year on."""
    section, year = shipment.rules, shipment.photo_year
    packed = section is not None and section.pi == 966
    bound = 3480 in shipment.un_numbers or (packed and year is not None and year >= CHARGE_LIMIT_966_SINCE)
    if not bound and not (packed and year is None):
        return []
    item, expected, source = "charge_percent", f"at most {AIR_MAX_CHARGE_PERCENT} %", "IATA PI 965, PI 966"
    charge = shipment.charge_percent
    if charge is None:
        note = "the state of charge (charge_percent) is not declared and cannot be seen"
        severity: Severity | None = None if bound else "info"
        return [judge.make(item, "not_checked", note, expected=expected, source=source, severity=severity)]
    fits = charge <= AIR_MAX_CHARGE_PERCENT
    note = f"state of charge {charge:g} % is {'within' if fits else 'above'} {AIR_MAX_CHARGE_PERCENT} %"
    verdict: Verdict = "right" if fits else "wrong"
    if not fits and not bound:
        note += f", the limit of PI 966 from {CHARGE_LIMIT_966_SINCE}: inspection_date not declared"
        verdict = "not_checked"
    return [judge.make(item, verdict, note, expected=expected, found=f"{charge:g} %", source=source)]


def _approval(judge: Judge, shipment: Shipment) -> list[RuleFinding]:
    if shipment.state not in ("waste", "prototype"):
        return []
    note = f"{shipment.state} batteries fly only with an approval that no declaration here holds"
    return [
        judge.make("state", "not_checked", note, certainty=_M, source="IATA DGR special provisions A88, A183")
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
