"""Was everything looked at, and is what was declared what the photos show?"""

from __future__ import annotations

from collections import defaultdict

from lipack_vision.inspection.case import Case
from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.finding import Finding, Severity, Verdict
from lipack_vision.inspection.observe import distinct_codes
from lipack_vision.inspection.policy import SKIPPABLE
from lipack_vision.regulations import GOODS, PackagingCode, read_mark
from lipack_vision.regulations.compare import Difference, differences
from lipack_vision.regulations.rules.scope import un_mark_scope

_CHECK_NAMES = {
    "marks": "Marks",
    "form": "Form of labels",
    "text": "Text",
    "code": "Packaging code",
    "integrity": "Condition",
    "reference": "Qualified packaging",
}


def photos_readable(case: Case) -> list[Finding]:
    """Every photo could be decoded."""
    if not case.photos:
        return [case.finding("photo.readable", "photos", "missing", "fail", "No photo was given.")]
    out = []
    for index, photo in enumerate(case.photos):
        if photo.error is not None:
            out.append(
                case.finding(
                    "photo.readable",
                    "photo",
                    "not_checked",
                    "fail",
                    f"{photo.name} could not be read: {photo.error['found']}. {photo.error['cure']}",
                    expected=photo.error["expected"],
                    found=photo.error["found"],
                    photo=index,
                )
            )
    return out


def looked_at(case: Case) -> list[Finding]:
    """Marks, text and codes were looked for on every photo; one finding per cause, not per photo."""
    causes: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, photo in enumerate(case.photos):
        for failure in photo.failures:
            causes[failure.check, failure.message].append(index)
    out = []
    for (check, why), where in causes.items():
        only = where[0] if len(where) == 1 else None
        place = f"{len(where)} photos" if only is None else case.photos[only].name
        item = _CHECK_NAMES.get(check, check)
        message = f"{item} not checked on {place}: {why}"
        out.append(case.finding(f"check.{check}", item, "not_checked", "fail", message, photo=only))
    return out


def switched_off(case: Case) -> list[Finding]:
    """What was switched off is named."""
    out = []
    for name, meaning in SKIPPABLE.items():
        if name in case.policy.skip:
            message = f"Switched off by the caller: {meaning}."
            out.append(case.finding(f"check.{name}", name, "skipped", "info", message))
    return out


def declared(case: Case) -> list[Finding]:
    """There is a declaration, for goods that the rules know, with what photos can be compared with."""
    facts = case.declaration
    if facts is None:
        message = "No declaration was given, so there is nothing to compare the photos with."
        return [case.finding("declaration", "declaration", "not_checked", "fail", message)]
    out = []
    if facts.un_number not in GOODS:
        message = f"UN {facts.un_number} is outside the rules for batteries, so no rule was checked."
        out.append(case.finding("declaration.un_number", "UN number", "not_checked", "fail", message))
    if facts.gross_kg is None:
        message = "The gross mass is not declared, so no limit of mass can be checked."
        out.append(case.finding("declaration.gross_kg", "gross mass", "not_checked", "fail", message))
    if un_mark_scope(facts.shipment()).kind in ("packaging", "large") and facts.packaging_code is None:
        message = "No packaging code is declared, so one on the photos cannot be compared."
        out.append(
            case.finding("declaration.packaging_code", "packaging code", "not_checked", "fail", message)
        )
    return out + _compare_code(case, facts)


def _compare_code(case: Case, facts: Declaration) -> list[Finding]:
    """The declared code (or its first line), works code and batch with each code that was read whole."""
    wanted = [(name, value) for name in ("works_code", "batch") if (value := getattr(facts, name))]
    if not facts.packaging_code and not wanted:
        return []
    text = facts.packaging_code or ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in wanted)
    rule, item, whole = "declaration.packaging_code", "packaging code", distinct_codes(case.photos)
    out = []
    for index, reading in case.readings():
        # A code that another photo shows with its batch is the same mark, seen worse.
        if reading.code is None or reading.code not in whole:
            continue
        differ = _differences(facts, reading.code)
        verdict: Verdict = "wrong" if differ else "right"
        message = f"The code on the photo is not the declared one: {', '.join(map(str, differ))}."
        if not differ:
            message = "The code on the photo has every declared element."
            if _other_blanks(facts, reading.code):
                message += " Only blanks in the maker differ."
        elif all(one.read is None and one.element == "batch" for one in differ):
            verdict = "not_visible"
            message = f"The code on the photo shows no batch, and {differ[0].declared} is declared."
        severity: Severity = "fail" if differ else "info"
        out.append(
            case.finding(
                rule,
                item,
                verdict,
                severity,
                message,
                expected=text,
                found=reading.text,
                photo=index,
                quad=reading.quad,
            )
        )
    if not out:
        message = "The declared packaging code was not read whole on any photo."
        out.append(case.finding(rule, item, "not_visible", "fail", message, expected=text))
    return out


def _differences(facts: Declaration, code: PackagingCode) -> list[Difference]:
    """What the code on a photo says otherwise than declared; the maker once, as works code or in full."""
    mark = read_mark(facts.packaging_code) if facts.packaging_code else None
    out = [] if mark is None else differences(mark, code)
    named = {one.element for one in out}
    batch = facts.batch or (mark.elements.get("batch") if mark else None)
    if "batch" not in named and batch and (code.batch or "").upper() != batch.upper():
        out.append(Difference("batch", batch, code.batch))
    works = facts.works_code
    if "maker" not in named and works and (code.works_code or "").upper() != works.upper():
        out.append(Difference("works_code", works, code.works_code))
    return out


def _other_blanks(facts: Declaration, code: PackagingCode) -> bool:
    mark = read_mark(facts.packaging_code) if facts.packaging_code else None
    return mark is not None and mark.elements.get("maker", code.maker) != code.maker
