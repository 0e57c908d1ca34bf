"""Are the marks, codes and words that speak for a package certain enough to be proof?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lipack_vision.codes import TextLine
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.look import contains
from lipack_vision.inspection.names import LABEL_NAMES, percent
from lipack_vision.inspection.observe import (
    agrees,
    battery_marks,
    distinct_codes,
    partial_readings,
    un_numbers,
    what_it_says,
    without_makers_blanks,
)

PROOFS = ("class9", "class9a", "battery_mark", "cargo_aircraft_only")
"""Labels whose presence can speak for a package. A UN mark speaks by its code, whose reading is judged by
itself: that a mark is there is certain once its code is read."""

_TEXT_ITEMS = frozenset(
    {
        "un_number",
        "un_number.printed",
        "un_number.battery_mark",
        "battery_mark.un_number",
        "proper_shipping_name",
        "wording",
        "overpack",
    }
)
"""Items of rule findings that rest on words read on the package."""

_WORD = re.compile(r"[A-Z]{4,}|[0-9]{4}")


def codes(case: Case) -> list[Finding]:
    """Readings that contradict each other, are not whole, or have problems, repairs or unlikely values."""
    out = []
    whole = distinct_codes(case.photos)
    if len(whole) > 1:
        texts = " and ".join(str(code) for code in whole)
        message = f"The photos show {len(whole)} different packaging codes: {texts}."
        out.append(case.finding("code.one", "packaging code", "uncertain", "fail", message, found=texts))
    for index, reading in partial_readings(case.photos):
        explained = any(agrees(what_it_says(reading), code) for code in whole)
        reasons = "; ".join(f"{element}: {reason}" for element, reason in reading.problems)
        message = f"Packaging code not read completely ({reasons or 'nothing legible'})."
        if explained:
            message += " Another photo shows it whole."
        out.append(
            case.finding(
                "code.whole",
                "packaging code",
                "not_visible",
                "info" if explained else "fail",
                message,
                found=reading.text or reading.raw,
                photo=index,
                quad=reading.quad,
            )
        )
    return out + _notes(case)


def _notes(case: Case) -> list[Finding]:
    """What is odd about readings."""
    out = []
    for index, reading in case.readings():
        notes = [
            ("code.repaired", "uncertain", "warn", f"{element}: {before!r} was taken for {after!r}")
            for element, before, after in reading.repairs
        ]
        if reading.code is not None:
            notes += [("code.problem", "wrong", "fail", f"{a}: {b}") for a, b in reading.problems]
            notes += [("code.unlikely", "uncertain", "warn", f"{a}: {b}") for a, b in reading.warnings]
        for rule, verdict, severity, message in notes:
            out.append(
                case.finding(
                    rule,
                    "packaging code",
                    verdict,  # type: ignore[arg-type]
                    severity,  # type: ignore[arg-type]
                    f"Packaging code, {message}.",
                    found=reading.text or reading.raw,
                    photo=index,
                    quad=reading.quad,
                )
            )
    return out


def marks_certain(case: Case) -> list[Finding]:
    """The best mark of each kind is calibrated and probable enough; no other hazard label is in sight."""
    out = []
    for label in PROOFS:
        best = case.best_mark(label)
        if best is None:
            continue
        index, mark = best
        doubt = _doubt(case, mark.probability, mark.calibrated)
        if doubt:
            message = f"{LABEL_NAMES[label]}: {doubt}."
            out.append(_uncertain(case, LABEL_NAMES[label], message, index, mark.quad))
    other = case.best_mark("other_hazard")
    if other is not None:
        index, mark = other
        shown = percent(mark.probability, mark.calibrated)
        message = f"A hazard label of another class seems to be on the package ({shown}); none is declared."
        item = LABEL_NAMES["other_hazard"]
        out.append(
            case.finding("labels.other", item, "uncertain", "fail", message, photo=index, quad=mark.quad)
        )
    return out


def code_certain(case: Case) -> list[Finding]:
    """The best packaging code is unrepaired, calibrated and probable enough."""
    # A reading that lacks the batch does not vouch for it, however probable the rest is.
    marks = {without_makers_blanks(code) for code in distinct_codes(case.photos)}
    best = case.best_reading(lambda one: one.code is not None and without_makers_blanks(one.code) in marks)
    if best is None:
        return []
    index, reading = best
    doubt = _doubt(case, reading.probability, reading.calibrated)
    if reading.repairs:
        doubt = "read only after repairs" + (f", {doubt}" if doubt else "")
    if not doubt:
        return []
    return [
        _uncertain(case, "Packaging code", f"Packaging code {reading.text}: {doubt}.", index, reading.quad)
    ]


def text_certain(case: Case, rule_findings: Sequence[Finding]) -> list[Finding]:
    """Each word that a met demand rests on was read by a calibrated engine with enough probability."""
    lines = [(line, _in_battery_mark(photo, line)) for photo in case.photos for line in photo.lines]
    weak: dict[str, set[str]] = {}
    for met in rule_findings:
        if met.verdict != "right" or met.item not in _TEXT_ITEMS or not met.expected:
            continue
        words = _WORD.findall(met.expected.upper())
        found = {word: _best_line(word, lines) for word in words}
        if not any(found.values()):
            weak.setdefault("unknown", set()).add(met.expected)
        for word, line in found.items():
            if line is not None and _doubt(case, line.probability, is_calibrated(line)):
                kind = "below the least probability" if is_calibrated(line) else "not calibrated"
                weak.setdefault(kind, set()).add(word)
    return [
        case.finding(
            "certainty",
            "Text",
            "uncertain",
            "fail",
            f"Words on the package read with a certainty that is {kind}: {', '.join(sorted(read))}.",
        )
        for kind, read in weak.items()
    ]


def _best_line(word: str, lines: Sequence[tuple[TextLine, bool]]) -> TextLine | None:
    """The line that says a word best; lines come with whether they stand in a battery mark."""
    saying = [line for line, marked in lines if _says(line.text, word, marked)]
    return max(saying, key=lambda line: (is_calibrated(line), line.probability), default=None)


def _says(text: str, word: str, in_battery_mark: bool) -> bool:
    """Four digits stand in telephone numbers too; only UN before them, or a mark around them, says more."""
    if not word.isdigit():
        return word in text.upper()
    return int(word) in un_numbers(text) or (in_battery_mark and text.strip() == word)


def _in_battery_mark(photo: PhotoEvidence, line: TextLine) -> bool:
    return any(contains(mark, line) for mark in battery_marks(photo))


def is_calibrated(line: TextLine) -> bool:
    """Whether an engine vouches for a line's probability; those that do not say so do not."""
    return bool(getattr(line, "calibrated", False))


def _doubt(case: Case, probability: float, calibrated: bool) -> str | None:
    least = case.policy.min_probability
    if not calibrated:
        return f"its certainty is not calibrated (score {probability:.2f}), so it proves nothing"
    # Written so that a probability that is not a number is doubted too.
    if not probability >= least:
        return f"probability {percent(probability)}, least for release {percent(least)}"
    return None


def _uncertain(case: Case, item: str, message: str, photo: int, quad: object) -> Finding:
    return case.finding(
        "certainty",
        item,
        "uncertain",
        "fail",
        message,
        photo=photo,
        quad=quad,  # type: ignore[arg-type]
    )
