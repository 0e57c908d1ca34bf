"""R4 and R5: damaged batteries."""

from __future__ import annotations

from lipack_vision.regulations.instructions import BATTERY_UN
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Verdict
from lipack_vision.regulations.rules.scope import first_of
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

DAMAGED_WORDING = r"DAMAGED ?/ ?DEFECTIVE"


def critical_batteries(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R4: batteries liable to react dangerously: level X, wording, never by air."""
    return _damaged(Judge(RULES["R4"]), "critical", shipment, seen)


def damaged_batteries(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R5: damaged or defective batteries: level X or Y, wording, never by air."""
    return _damaged(Judge(RULES["R5"]), "damaged", shipment, seen)


def _damaged(judge: Judge, state: str, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    if shipment.un_number is not None and first_of(shipment, BATTERY_UN) is None:
        return []
    if shipment.state is None:
        return [judge.undeclared("state")]
    if shipment.state != state:
        return []
    levels = "X" if state == "critical" else "XY"
    shown = seen.shows(DAMAGED_WORDING)
    out = [
        judge.presence(
            "wording", shown, seen, expected="the words DAMAGED/DEFECTIVE ... BATTERIES", source="SP 376"
        )
    ]
    section = shipment.rules
    if section is not None and not section.fully_regulated:
        note = f"{state} batteries declared under {shipment.section}"
        out.append(judge.make("section", "wrong", note, expected="fully regulated"))
    for code in seen.packaging_codes or ():
        enough = (code.level or "") in levels
        note = f"level {code.level} is {'' if enough else 'not '}enough for {state} batteries"
        wanted = " or ".join(levels)
        verdict: Verdict = "right" if enough else "wrong"
        out.append(judge.make("un_mark.level", verdict, note, expected=wanted, found=code.level or "none"))
    if shipment.by_air is None:
        out.append(judge.undeclared("mode"))
    elif shipment.by_air:
        note = f"{state} batteries are forbidden by air"
        out.append(
            judge.make("mode", "wrong", note, expected="sea, road or rail", found="air", source="SP 376")
        )
    return out
