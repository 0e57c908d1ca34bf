"""R12: the packaging is the one that Chinese customs know: works code, batch, performance sheet."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from lipack_vision.regulations import china
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.model import PackagingCode
from lipack_vision.regulations.parser import elements_of, read_mark
from lipack_vision.regulations.rules.findings import Judge, RuleFinding, Verdict
from lipack_vision.regulations.rules.scope import best_of, un_mark_scope
from lipack_vision.regulations.rules.table import RULES
from lipack_vision.regulations.shipment import Observation, Shipment

SHEET_MAX_MONTHS = 18
"""A performance sheet is valid for 12 months from manufacture and may be renewed once for 6."""


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
            out.append(judge.make("un_mark", verdict, "no UN packaging mark was read to compare"))
    if chinese:
        out += _sheet(judge, shipment)
    return out


def _check(judge: Judge, shipment: Shipment, seen: Observation, code: PackagingCode) -> list[RuleFinding]:
    out = _origin(judge, shipment, seen, code) if shipment.chinese_export else []
    for name in ("mark", "sheet_mark"):
        text = getattr(shipment, name)
        if text is not None:
            out.append(_compare(judge, name, text, code))
    if shipment.sheet_valid_until is not None and code.full_year < earliest_year(shipment.sheet_valid_until):
        note = f"made in {code.full_year}, too early for a sheet valid until {shipment.sheet_valid_until}"
        out.append(judge.make("un_mark.year", "wrong", note, found=str(code.full_year), severity="warn"))
    for name, read in {"works_code": code.works_code, "batch": code.batch}.items():
        wanted = getattr(shipment, name)
        if wanted is None:
            continue
        if read is None:
            note = f"{name} {wanted} is declared and not in the mark read"
            out.append(judge.presence(f"un_mark.{name}", False, seen, expected=note))
        else:
            out.append(_equal(judge, f"un_mark.{name}", wanted, read))
    return out


def _origin(judge: Judge, shipment: Shipment, seen: Observation, code: PackagingCode) -> list[RuleFinding]:
    if code.state != "CN":
        note = f"state {code.state} on a packaging under Chinese inspection"
        return [judge.make("un_mark.state", "wrong", note, expected="CN", found=code.state)]
    out = [judge.make("un_mark.state", "right", "state CN", expected="CN", found="CN")]
    error, warning = china.check_maker(code.maker, code.full_year)
    if error:
        sure = Certainty.MEMORY
        out.append(judge.make("un_mark.maker", "wrong", error, found=code.maker, certainty=sure))
    elif code.works_code is None:
        note = warning or f"works code {code.maker!r} of the form before 2019"
        out.append(judge.make("un_mark.maker", "wrong", note, found=code.maker, severity="warn"))
    else:
        district = code.customs_district or ""
        sure = china.district_certainty(code.works_code[1:3])
        note = f"works code {code.works_code} of {district} customs"
        out.append(judge.make("un_mark.maker", "right", note, found=code.works_code, certainty=sure))
    expected = "production batch after PI:"
    # A declared batch is compared in _check; here only its presence counts.
    if shipment.batch is None or code.batch is not None:
        out.append(judge.presence("un_mark.batch", code.batch is not None, seen, expected=expected))
    return out


def _compare(judge: Judge, name: str, text: str, code: PackagingCode) -> RuleFinding:
    """A declared mark may be its first line only; then the elements that it has are compared."""
    item, mark = f"un_mark.{name}", read_mark(text)
    if mark.status not in ("complete", "partial"):
        reasons = (
            "; ".join(f"{element}: {reason}" for element, reason in mark.problems) or "no packaging code"
        )
        note = f"the declared {name} is no UN packaging mark ({reasons})"
        return judge.make(item, "not_checked", note, expected=text, found=str(code))
    read = elements_of(code)
    declared = {key: value for key, value in mark.elements.items() if key not in mark.missing}
    due = set(declared) if mark.status == "partial" else set(declared) | set(read)
    if "code" in due:
        due.add("suffix")
    if "batch" not in declared or "batch" not in read:
        due.discard("batch")  # its presence is a finding of its own
    differ = sorted(key for key in due if not _alike(declared.get(key), read.get(key)))
    if not differ:
        note = f"the mark read is the declared {name}"
        return judge.make(item, "right", note, expected=text, found=str(code))
    parts = ", ".join(f"{key} {read.get(key, 'none')} for {declared.get(key, 'none')}" for key in differ)
    note = f"the mark read is not the declared {name}: {parts}"
    return judge.make(item, "wrong", note, expected=text, found=str(code))


def _alike(one: str | None, other: str | None) -> bool:
    """The same text, or the same figure: 25.0 is 25."""
    if one is None or other is None or one == other:
        return one == other
    try:
        return "." in one + other and Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def _equal(judge: Judge, item: str, wanted: str, read: str) -> RuleFinding:
    same = wanted.strip().upper() == read
    note = f"{read} as declared" if same else f"{read} where {wanted} is declared"
    return judge.make(item, "right" if same else "wrong", note, expected=wanted, found=read)


def _sheet(judge: Judge, shipment: Shipment) -> list[RuleFinding]:
    out: list[RuleFinding] = []
    if shipment.mark is None and shipment.sheet_mark is None and shipment.works_code is None:
        out.append(judge.undeclared("mark, sheet_mark or works_code"))
    until, today = shipment.sheet_valid_until, shipment.inspection_date
    if until is None or today is None:
        note = (
            "validity of the performance sheet not checked: sheet_valid_until or inspection_date not declared"
        )
        out.append(judge.make("sheet_valid_until", "not_checked", note, severity="info"))
    else:
        valid = today <= until
        note = f"performance sheet valid until {until}, inspected on {today}"
        out.append(
            judge.make("sheet_valid_until", "right" if valid else "wrong", note, expected=f"until {until}")
        )
    return out


def earliest_year(valid_until: date) -> int:
    """Earliest year of manufacture that a sheet valid until a day can cover."""
    months = valid_until.year * 12 + valid_until.month - 1 - SHEET_MAX_MONTHS
    return months // 12
