"""Was everything looked at, and is what was declared what the photos show?"""

from __future__ import annotations

from collections import defaultdict

from lipack_vision.inspection.case import Case
from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.policy import SKIPPABLE
from lipack_vision.regulations import GOODS, Section, elements_of, read_mark

_CHECK_NAMES = {"marks": "Marks", "text": "Text", "code": "Packaging code"}


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


def absent_checks(case: Case) -> list[Finding]:
    """Checks that this release cannot do are named, and open unless switched off."""
    out = []
    for name, meaning in SKIPPABLE.items():
        if name in case.policy.skip:
            message = f"Switched off by the caller: {meaning}."
            out.append(case.finding(f"check.{name}", name, "skipped", "info", message))
        else:
            message = f"Not checked: {meaning}. This release cannot; look yourself, or skip it by name."
            out.append(case.finding(f"check.{name}", name, "not_checked", "fail", message))
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
    if Section.parse(facts.section).needs_un_mark and facts.packaging_code is None:
        message = "No packaging code is declared, so one on the photos cannot be compared."
        out.append(
            case.finding("declaration.packaging_code", "packaging code", "not_checked", "fail", message)
        )
    return out + _compare_code(case, facts)


def _compare_code(case: Case, facts: Declaration) -> list[Finding]:
    """The declared code (or its first line), works code and batch with each code that was read whole."""
    expected = dict(read_mark(facts.packaging_code).elements) if facts.packaging_code else {}
    expected |= {name: value for name in ("works_code", "batch") if (value := getattr(facts, name))}
    if not expected:
        return []
    text = facts.packaging_code or ", ".join(f"{name} {value}" for name, value in expected.items())
    out = []
    for index, reading in case.readings():
        if reading.code is None:
            continue
        read = elements_of(reading.code) | {"works_code": reading.code.works_code or "none"}
        differ = [name for name, value in expected.items() if read.get(name) != value]
        parts = ", ".join(f"{name} {read.get(name, 'none')} for {expected[name]}" for name in differ)
        message = f"The code on the photo is not the declared one: {parts}.".replace("_", " ")
        out.append(
            case.finding(
                "declaration.packaging_code",
                "packaging code",
                "wrong" if differ else "right",
                "fail" if differ else "info",
                message if differ else "The code on the photo has every declared element.",
                expected=text,
                found=reading.text,
                photo=index,
                quad=reading.quad,
            )
        )
    if not out:
        message = "The declared packaging code was not read whole on any photo."
        out.append(
            case.finding(
                "declaration.packaging_code", "packaging code", "not_visible", "fail", message, expected=text
            )
        )
    return out
