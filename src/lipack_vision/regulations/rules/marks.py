"""R6, R11 and R13: battery mark, overpack, one UN number."""

from __future__ import annotations

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.instructions import (
    AIR_PASSENGER_MAX_NET_KG,
    BATTERY_UN,
    GOODS,
    SP188_MAX_GROSS_KG,
    VEHICLE_UN,
)
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Severity, Verdict
from lipack_vision.regulations.rules.scope import equipment, first_of
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Section, Shipment

_M, _I = Certainty.MEMORY, Certainty.INFERENCE

MAX_FEW_CELLS, MAX_FEW_BATTERIES, MAX_FEW_PACKAGES = 4, 2, 2
"""SP 188 (f): so many in equipment, in so many packages of the consignment, need no battery mark."""


def small_batteries(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R6: SP 188 and Section II: battery mark with the UN number, mass limits; 9A and UN mark are not due."""
    judge = Judge(RULES["R6"])
    if shipment.un_number is None:
        return [judge.undeclared("un_number")]
    if first_of(shipment, BATTERY_UN) is None:
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
    if seen.battery_mark:
        return battery_mark(judge, shipment, seen)
    if _is_exempt(shipment):
        note = "no battery mark is due: only button cells, or few cells in equipment and at most two packages"
        return [judge.make("battery_mark", "right", note, certainty=_M, source="SP 188 (f)")]
    lacking = _undecided(shipment)
    if seen.battery_mark is not None and lacking:
        note = f"no battery mark seen; whether one is due depends on {', '.join(lacking)}"
        wanted = ", ".join(lacking)
        return [judge.make("battery_mark", "not_checked", note, expected=wanted, found="not declared")]
    return battery_mark(judge, shipment, seen)


def _is_exempt(shipment: Shipment) -> bool:
    """Whether SP 188 (f) frees the package from the battery mark."""
    inside, _ = equipment(shipment)
    return bool(inside) and (bool(shipment.button_cells_only) or _few_in_equipment(shipment) is True)


def _undecided(shipment: Shipment) -> list[str]:
    """What would have to be declared to know whether the battery mark is due; empty when it is due."""
    inside, _ = equipment(shipment)
    few = _few_in_equipment(shipment)
    if inside is False or (few is False and shipment.button_cells_only is False):
        return []
    lacking = ["in_equipment"] if inside is None else []
    if shipment.button_cells_only is None:
        lacking.append("button_cells_only")
    if few is None and shipment.n_packages is None:
        lacking.append("n_packages")
    if few is None and bool(shipment.n_cells) == bool(shipment.n_batteries):
        both = bool(shipment.n_cells)
        lacking.append("one of n_cells and n_batteries, which disagree" if both else "n_cells or n_batteries")
    return lacking


def _few_in_equipment(shipment: Shipment) -> bool | None:
    """At most 4 cells or 2 batteries in at most 2 packages; None when not enough is declared.

    The number that is not counted stands as 0 in a form. Cells inside batteries may be counted too, so when
    cells and batteries say different things nothing is known.
    """
    cells, batteries, packages = shipment.n_cells, shipment.n_batteries, shipment.n_packages
    if packages is not None and packages > MAX_FEW_PACKAGES:
        return False
    said = {cells <= MAX_FEW_CELLS} if cells else set()
    said |= {batteries <= MAX_FEW_BATTERIES} if batteries else set()
    if len(said) != 1:
        return None
    return False if False in said else None if packages is None else True


def battery_mark(judge: Judge, shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """The battery mark is there, with every declared UN number."""
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
    if any(un in GOODS and GOODS[un].kind == "batteries" for un in shipment.un_numbers):
        source = "SP 188 (g): gross mass of a package"
        out.append(judge.limit("gross_kg", shipment.gross_kg, SP188_MAX_GROSS_KG, source))
    if section.part == "II":
        source = f"IATA PI {section.pi} Section II: net mass of batteries"
        out.append(judge.limit("net_kg", shipment.net_kg, AIR_PASSENGER_MAX_NET_KG, source))
    return out


def overpack(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R11: the word OVERPACK unless the contents' marks are visible; R1 and R6 look at the same photos."""
    judge = Judge(RULES["R11"])
    word = seen.shows(r"\bOVERPACK\b")
    if shipment.overpack is None:
        return [judge.undeclared("overpack")]
    if not shipment.overpack:
        if not word:
            return []
        # Then the masses declared are those of another thing than the one on the photos.
        note = "the word OVERPACK on a package that is not declared as an overpack"
        return [judge.make("overpack", "wrong", note, found="OVERPACK", certainty=_I)]
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
    verdict: Verdict = "not_visible" if judged else "not_checked"
    severity: Severity | None = None if _number_is_due(shipment) else "info"
    return [judge.make("un_number", verdict, note, expected=_list(declared), severity=severity)]


def _number_is_due(shipment: Shipment) -> bool:
    """Whether another rule asks for a UN number on the package: all do but those that ask for nothing."""
    section = shipment.rules
    free = set(VEHICLE_UN) if shipment.vehicle_recognisable else set()
    if section is not None and not section.fully_regulated and _is_exempt(shipment):
        free |= BATTERY_UN
    return not set(shipment.un_numbers) <= free


def _same(judge: Judge, place: str, declared: set[int], read: set[int]) -> RuleFinding:
    item, expected, found = f"un_number.{place}", _list(declared), _list(read)
    if read <= declared:
        return judge.make(item, "right", f"{found} as declared", expected=expected, found=found)
    note = f"{found} where {expected} is declared"
    # Battery marks are printed beforehand with the numbers of several kinds of battery, the right one among
    # them; a second number anywhere else names goods that are not declared.
    preprinted = place == "battery_mark" and bool(read & declared) and read <= BATTERY_UN
    severity: Severity | None = "warn" if preprinted else None
    return judge.make(item, "wrong", note, expected=expected, found=found, severity=severity)


def _list(numbers: set[int]) -> str:
    return ", ".join(f"UN {un}" for un in sorted(numbers))
