"""The packing rules R1 to R14: `check_rules` turns a declaration and an observation into findings."""

from __future__ import annotations

from collections.abc import Callable

from lipack_vision.regulations.rules.air import air, section_ib
from lipack_vision.regulations.rules.chinese import chinese_packaging
from lipack_vision.regulations.rules.damaged import critical_batteries, damaged_batteries
from lipack_vision.regulations.rules.findings import Rule, RuleFinding, Severity, Verdict
from lipack_vision.regulations.rules.labels import (
    hazard_label,
    opposite_labels,
    packed_vehicle,
    transport_unit,
)
from lipack_vision.regulations.rules.marks import one_un_number, overpack, small_batteries
from lipack_vision.regulations.rules.packaging import large_packaging_mark, un_packaging_mark
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

Check = Callable[[Shipment, Observation], list[RuleFinding]]

CHECKS: dict[str, Check] = {
    "R1": hazard_label,
    "R2": un_packaging_mark,
    "R3": large_packaging_mark,
    "R4": critical_batteries,
    "R5": damaged_batteries,
    "R6": small_batteries,
    "R7": section_ib,
    "R8": air,
    "R9": packed_vehicle,
    "R10": transport_unit,
    "R11": overpack,
    "R12": chinese_packaging,
    "R13": one_un_number,
    "R14": opposite_labels,
}
"""Rule id -> its check, in order."""


def check_rules(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """Check one package against all rules that apply to it.

    Args:
        shipment: what is declared; None means not declared.
        seen: what was seen on all photos of the package; None means not judged.

    Returns:
        Findings in the order of the rules. A rule that does not apply gives none; a rule whose facts are not
        declared or not judged gives ``not_checked``. A UN number outside the rules gives one ``not_checked``.
    """
    return [finding for check in CHECKS.values() for finding in check(shipment, seen)]


__all__ = ["CHECKS", "RULES", "Check", "Rule", "RuleFinding", "Severity", "Verdict", "check_rules"]
