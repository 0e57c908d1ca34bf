"""The packing rules applied to what was seen, each finding with the place on the photo that it rests on."""

from __future__ import annotations

import re

from lipack_vision.inspection.case import Case
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.observe import observe
from lipack_vision.regulations import RuleFinding, check_rules
from lipack_vision.types import LABELS, Quad

_COMPARED_ELSEWHERE = "un_mark.mark"
"""The declared mark is compared with every reading, not only the best, in `checks.declared`."""

_FIELDS = {"n_packages": "packages", "mark": "packaging_code"}
"""Fact of a `Shipment` -> the field of a `Declaration` that declares it, where the two differ."""

_BLIND = frozenset({"stacking_pictogram", "class9a.opposite_sides", "placard9", "placard9.size"})
"""Items that need a label this release does not know, or the face and scale of one."""


def packing_rules(case: Case) -> list[Finding]:
    """R1 to R14; empty without a declaration, which another check reports."""
    if case.declaration is None:
        return []
    seen = observe(case.photos, all_faces=case.all_faces)
    found = check_rules(case.declaration.shipment(), seen)
    return [_to_finding(case, one) for one in found if one.item != _COMPARED_ELSEWHERE]


def _to_finding(case: Case, found: RuleFinding) -> Finding:
    photo, quad = _place(case, found)
    message, expected = found.message, found.expected
    if found.verdict == "not_checked":
        message, expected = _in_fields(found.item, message), _in_fields(found.item, expected)
        if found.item in _BLIND:
            message += "; this release cannot tell, look yourself"
    return case.finding(
        found.rule_id,
        found.item,
        found.verdict,
        found.severity,
        message[:1].upper() + message[1:] + ".",
        expected=expected or None,
        found=found.found or None,
        source=found.source or None,
        certainty=found.certainty.value,
        photo=photo,
        quad=quad,
    )


def _in_fields(item: str, text: str) -> str:
    """Names of facts as the declaration calls them. Only messages about the declaration name a ``mark``."""
    for fact, field in _FIELDS.items():
        if fact != "mark" or item == "declaration":
            text = re.sub(rf"\b{fact}\b", field, text)
    return text


def _place(case: Case, found: RuleFinding) -> tuple[int | None, Quad | None]:
    """Where on the photos the item of a finding is, if it was seen and has a place."""
    if found.verdict not in {"right", "wrong"}:
        return None, None
    label = found.item.partition(".")[0]
    if label == "un_mark":
        best = case.best_reading()
        if best is not None:
            return best[0], best[1].quad
    if label not in LABELS:
        return None, None
    if label == "class9a" and found.found.endswith("model 9"):
        label = "class9"
    mark = case.best_mark(label)
    return (None, None) if mark is None else (mark[0], mark[1].quad)
