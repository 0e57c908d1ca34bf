"""Which package needs a UN packaging mark, and which equipment case it is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.instructions import BATTERY_UN, GOODS, MAX_61_NET_KG, STRONG_CASE_MIN_KG
from lipack_vision.regulations.model import PackagingCode
from lipack_vision.regulations.rules.findings import Judge, RuleFinding
from lipack_vision.regulations.shipment import Observation, Shipment

_IN_EQUIPMENT = (967, 970, 978)
_WITH_EQUIPMENT = (966, 969, 977)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether a UN packaging mark is due.

    Attributes:
        kind: ``packaging`` (6.1), ``large`` (6.6), ``none``, or ``unknown``.
        why: the provision that exempts, for ``none``.
        undeclared: facts that decide and are not declared. With ``packaging`` or ``large`` they matter only
            when no mark is seen.
        certainty: of the demand, when it is less than the rule's.
    """

    kind: Literal["packaging", "large", "none", "unknown"]
    why: str = ""
    undeclared: tuple[str, ...] = ()
    certainty: Certainty | None = None


def equipment(shipment: Shipment) -> tuple[bool | None, bool | None]:
    """Whether the batteries are in equipment and packed with equipment, as declared or as the PI implies."""
    inside, beside = shipment.in_equipment, shipment.with_equipment
    section = shipment.rules
    if section is not None and section.pi in _IN_EQUIPMENT + _WITH_EQUIPMENT:
        inside = section.pi in _IN_EQUIPMENT if inside is None else inside
        beside = section.pi in _WITH_EQUIPMENT if beside is None else beside
    if any(un in GOODS and GOODS[un].kind == "batteries" for un in shipment.un_numbers):
        # What is said of equipment cannot be said of batteries that travel alone.
        return False, False
    return inside, beside


def first_of(shipment: Shipment, wanted: Collection[int]) -> int | None:
    """The first declared UN number that a rule is for; the main one stands first."""
    return next((un for un in shipment.un_numbers if un in wanted), None)


def un_mark_scope(shipment: Shipment) -> Scope:
    """Decide whether a UN packaging mark is due under P903 to P911, LP903 to LP906."""
    if shipment.un_number is None:
        return Scope("unknown", undeclared=("un_number",))
    if first_of(shipment, BATTERY_UN) is None:
        return Scope("none")
    section = shipment.rules
    if section is None:
        return Scope("unknown", undeclared=("section",))
    # The exemptions are for sound batteries: SP 376 asks for tested packagings whatever the section says.
    broken = shipment.state in ("damaged", "critical")
    if not section.needs_un_mark and not broken:
        return Scope("none", f"{shipment.section}: strong outer packaging")
    if shipment.state is None:
        return Scope("unknown", undeclared=("state",))
    inside, beside = equipment(shipment)
    if inside is None and not beside:
        return Scope("unknown", undeclared=("in_equipment",))
    if inside and not beside and shipment.state in ("normal", "waste"):
        return Scope("none", "P903 (4): contained in equipment, strong outer packaging")
    if beside and shipment.batteries_in_marked_inner and not broken:
        return Scope("none", "P903 (3): the batteries stand in their own type-tested packaging")
    return _with_strong_case(shipment, inner_decides=bool(beside) and not broken)


def _with_strong_case(shipment: Shipment, *, inner_decides: bool) -> Scope:
    large = shipment.packing == "large" or (shipment.net_kg or 0) > MAX_61_NET_KG
    kind: Literal["packaging", "large"] = "large" if large else "packaging"
    open_facts = ("batteries_in_marked_inner",) if inner_decides else ()
    case, mass = shipment.impact_resistant_case, shipment.item_gross_kg
    if shipment.state != "normal" or case is False or (mass is not None and mass < STRONG_CASE_MIN_KG):
        return Scope(kind, undeclared=open_facts)
    if case and mass is not None:
        if shipment.by_air is False:
            return Scope("none", "P903 (2): 12 kg or more with a strong, impact-resistant case")
        # By air the same exemption asks for an approval that the declaration does not hold.
        return Scope(kind, undeclared=open_facts, certainty=Certainty.UNSURE)
    if case:
        return Scope(kind, undeclared=(*open_facts, "item_gross_kg"))
    if shipment.packing in ("crate", "pallet", "unpacked"):
        return Scope(kind, undeclared=(*open_facts, "impact_resistant_case", "item_gross_kg"))
    return Scope(kind, undeclared=open_facts)


def absent_mark(judge: Judge, shipment: Shipment, seen: Observation, scope: Scope) -> RuleFinding:
    """The finding when no UN packaging mark was read completely."""
    expected = "UN packaging mark"
    if seen.packaging_codes is None:
        return judge.presence("un_mark", None, seen, expected=expected)
    if seen.incomplete_marks or seen.un_mark:
        reading = seen.incomplete_marks[0] if seen.incomplete_marks else None
        notes = [f"{element}: {reason}" for element, reason in reading.problems] if reading else []
        notes += [f"{element}: missing" for element in reading.missing] if reading and not notes else []
        return judge.make(
            "un_mark",
            "not_visible",
            "a UN packaging mark is there and was not read completely"
            + (f" ({'; '.join(notes)})" if notes else ""),
            expected=expected,
            found=reading.text if reading else "not read",
        )
    if shipment.overpack:
        return judge.make(
            "un_mark", "not_visible", "the UN packaging mark may be inside the overpack", expected=expected
        )
    if scope.undeclared:
        return judge.make(
            "un_mark",
            "not_checked",
            f"no UN packaging mark seen; whether one is due depends on {', '.join(scope.undeclared)}",
            expected=expected,
            found="not declared",
        )
    return judge.presence("un_mark", False, seen, expected=expected, certainty=scope.certainty)


def best_of(
    codes: tuple[PackagingCode, ...], check: Callable[[PackagingCode], list[RuleFinding]]
) -> list[RuleFinding]:
    """The findings of the mark that breaks least; a package may carry more than one mark."""
    weight = {"fail": 100, "warn": 1, "info": 0}
    return min((check(code) for code in codes), key=lambda found: sum(weight[one.severity] for one in found))
