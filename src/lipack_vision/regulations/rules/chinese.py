"""R12: the packaging is the one that Chinese customs know: works code, batch, performance sheet."""

from __future__ import annotations

from datetime import date

from lipack_vision.regulations import china
from lipack_vision.regulations.compare import differences
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.model import PackagingCode
from lipack_vision.regulations.parser import read_mark
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Verdict
from lipack_vision.regulations.rules.scope import best_of, un_mark_scope
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

SHEET_MAX_MONTHS = 18
"""A performance sheet is valid for 12 months from manufacture and may be renewed once for 6."""

_MARKS = {"mark": "declared mark", "sheet_mark": "mark on the performance sheet"}
"""Fact of a `Shipment` -> what it is called."""


def chinese_packaging(shipment: Shipment, seen: Observation) -> list[RuleFinding]:
    """R12: state CN, works code of a known district, ``PI:`` batch, all as declared and on the sheet.

    A declared mark is compared with the mark read for packagings of any country.
    """
    judge = Judge(RULES["R12"])
    if un_mark_scope(shipment).kind == "none":
        return []
    codes = seen.packaging_codes
    chinese = shipment.chinese_export
    out: list[RuleFinding] = []
    if chinese is None:
        out.append(judge.undeclared("chinese_export"))
    if chinese or shipment.mark is not None:
        if codes:
            out += best_of(codes, lambda code: _check(judge, shipment, seen, code))
        else:
            there = None if codes is None else False
            verdict: Verdict = "not_checked" if there is None else "not_visible"
            # R2 or R3 asks for the mark itself; here it is only lacking to compare with.
            note = "no UN packaging mark was read to compare"
            out.append(judge.make("un_mark", verdict, note, severity="info"))
    if chinese:
        out += _sheet(judge, shipment)
    return out


def _check(judge: Judge, shipment: Shipment, seen: Observation, code: PackagingCode) -> list[RuleFinding]:
    out = _origin(judge, shipment, seen, code) if shipment.chinese_export else []
    for name, words in _MARKS.items():
        text = getattr(shipment, name)
        if text is not None:
            out.append(_compare(judge, f"un_mark.{name}", words, text, code))
    if shipment.sheet_valid_until is not None:
        out += _age(judge, shipment.sheet_valid_until, code)
    for name, read in {"works_code": code.works_code, "batch": code.batch}.items():
        wanted = getattr(shipment, name)
        if wanted is None:
            continue
        if read is None:
            expected = f"the declared {name.replace('_', ' ')} {wanted}"
            out.append(judge.presence(f"un_mark.{name}", False, seen, expected=expected))
        else:
            out.append(_equal(judge, f"un_mark.{name}", wanted, read))
    return out


def _age(judge: Judge, valid_until: date, code: PackagingCode) -> list[RuleFinding]:
    item, made = "un_mark.year", f"made in {code.full_year}"
    if code.full_year > valid_until.year:
        note = f"{made}, after the end of the performance sheet on {valid_until}"
        return [judge.make(item, "wrong", note, found=str(code.full_year))]
    if code.full_year < earliest_year(valid_until):
        note = f"{made}, too early for a performance sheet valid until {valid_until}"
        return [judge.make(item, "wrong", note, found=str(code.full_year), severity="warn")]
    return []


def _origin(judge: Judge, shipment: Shipment, seen: Observation, code: PackagingCode) -> list[RuleFinding]:
    if code.state != "CN":
        note = f"state {code.state} on a packaging under Chinese inspection"
        return [judge.make("un_mark.state", "wrong", note, expected="CN", found=code.state)]
    out = [judge.make("un_mark.state", "right", "state CN", expected="CN", found="CN"), _works(judge, code)]
    expected = "production batch after PI:"
    # A declared batch is compared in _check; here only its presence counts.
    if shipment.batch is None or code.batch is not None:
        out.append(judge.presence("un_mark.batch", code.batch is not None, seen, expected=expected))
    return out


def _works(judge: Judge, code: PackagingCode) -> RuleFinding:
    """The works code: of a known district; an old one warns; no works code at all fails."""
    item, works = "un_mark.maker", code.works_code
    error, warning = china.check_maker(code.maker, code.full_year)
    if works is None and china.OLD_WORKS_CODE.match(code.maker):
        note = warning or f"works code {code.maker!r} of the form before 2019"
        return judge.make(item, "wrong", note, found=code.maker, severity="warn")
    if works is None or error or code.customs_district is None:
        note = error or warning or f"no works code: {code.maker!r}"
        return judge.make(item, "wrong", note, found=code.maker, certainty=Certainty.MEMORY)
    others = china.works_codes(code.maker) - {works}
    if others:
        note = f"two works codes, {works} and {', '.join(sorted(others))}"
        return judge.make(item, "wrong", note, expected="one works code", found=code.maker)
    note = f"works code {works} of {code.customs_district} customs"
    return judge.make(item, "right", note, found=works, certainty=china.district_certainty(works[1:3]))


def _compare(judge: Judge, item: str, words: str, text: str, code: PackagingCode) -> RuleFinding:
    mark = read_mark(text)
    if mark.status not in ("complete", "partial"):
        reasons = (
            "; ".join(f"{element}: {reason}" for element, reason in mark.problems) or "no packaging code"
        )
        note = f"the {words} is no UN packaging mark ({reasons})"
        return judge.make(item, "not_checked", note, expected=text, found=str(code))
    differ = differences(mark, code)
    note = f"the mark read is {'not ' if differ else ''}the {words}"
    if differ:
        note += ": " + ", ".join(map(str, differ))
    return judge.make(item, "wrong" if differ else "right", note, expected=text, found=str(code))


def _equal(judge: Judge, item: str, wanted: str, read: str) -> RuleFinding:
    same = wanted.strip().upper() == read
    note = f"{read} as declared" if same else f"{read} where {wanted} is declared"
    return judge.make(item, "right" if same else "wrong", note, expected=wanted, found=read)


def _sheet(judge: Judge, shipment: Shipment) -> list[RuleFinding]:
    out: list[RuleFinding] = []
    if shipment.mark is None and shipment.sheet_mark is None and shipment.works_code is None:
        out.append(judge.undeclared("mark, sheet_mark or works_code"))
    item, until, today = "sheet_valid_until", shipment.sheet_valid_until, shipment.inspection_date
    if until is None:
        note = "validity of the performance sheet not checked: sheet_valid_until not declared"
        out.append(judge.make(item, "not_checked", note, severity="info"))
    elif today is None:
        note = f"performance sheet valid until {until}, not checked: inspection_date not declared"
        out.append(judge.make(item, "not_checked", note, expected=f"until {until}"))
    else:
        valid = today <= until
        note = f"performance sheet valid until {until}, inspected on {today}"
        out.append(judge.make(item, "right" if valid else "wrong", note, expected=f"until {until}"))
    return out


def earliest_year(valid_until: date) -> int:
    """Earliest year of manufacture that a sheet valid until a day can cover."""
    months = valid_until.year * 12 + valid_until.month - 1 - SHEET_MAX_MONTHS
    return months // 12
