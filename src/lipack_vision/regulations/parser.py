"""Read UN packaging marks from text."""

from __future__ import annotations

import re
from decimal import Decimal

from lipack_vision.regulations.codes import Family, needs_month
from lipack_vision.regulations.diagnose import diagnose
from lipack_vision.regulations.grammar import GRAMMARS, canonical_separators, complete, split_symbol
from lipack_vision.regulations.limits import check_limits
from lipack_vision.regulations.model import MarkReading, Note, PackagingCode, PackagingCodeError
from lipack_vision.regulations.tail import Tail, parse_tail

RID_ADR_SYMBOL: Note = ("symbol", "RID/ADR in place of the UN symbol: not valid for sea and air")
"""Warning of a mark that holds for rail and road only; light-gauge packagings are for these anyway."""


def parse_packaging_code(text: str) -> PackagingCode:
    """Read one complete UN packaging mark.

    Separators may be slashes, blanks or line breaks; the UN symbol may stand in front. No character is
    repaired.

    Args:
        text: text of the mark, one or several lines.

    Raises:
        PackagingCodeError: an element is missing or wrong; ``element`` and ``reason`` tell which and why.
    """
    reading = read_mark(text)
    if reading.code is not None:
        return reading.code
    if reading.problems:
        element, reason = reading.problems[0]
    elif reading.missing:
        element, reason = reading.missing[0], "missing"
    else:
        element, reason = "code", "no packaging code"
    raise PackagingCodeError(element, reason, text=text)


def read_mark(text: str, photo_year: int | None = None) -> MarkReading:
    """Read what a text says as a UN packaging mark; never raises on bad text.

    Args:
        text: text of the mark, one or several lines.
        photo_year: full year of the photo, to warn of marks from the future and of old plastics drums.

    Returns:
        Status, the mark when complete, otherwise the elements found, the missing ones and the problems.
    """
    line, cut = canonical_separators(text)
    symbol, line = split_symbol(line)
    for family in GRAMMARS:
        found = None if cut else complete(family).fullmatch(line)
        if found is None or _may_be_month(found):
            continue
        tail = parse_tail(found["rest"], family, _group(found, "code"), found["state"])
        if not tail.missing and not tail.problems:
            return _finish(family, found, tail, line, symbol, photo_year)
    return diagnose(line, symbol, cut=cut)


def _finish(
    family: Family,
    found: re.Match[str],
    tail: Tail,
    line: str,
    symbol: str | None,
    photo_year: int | None,
) -> MarkReading:
    code = _build(family, found, tail)
    errors, warnings = check_limits(code, photo_year)
    if family == "packaging" and code.month is not None and not needs_month(code.code):
        errors.append(("year", f"two digits are due on {code.code}, found month and year"))
    warnings = [*_symbol_warnings(symbol, code), *tail.warnings, *warnings]
    return MarkReading(
        "malformed" if errors else "complete",
        line if errors else str(code),
        code=None if errors else code,
        symbol=symbol,
        elements=elements_of(code),
        missing=("gross_mass",) if ("gross_mass" in dict(errors) and code.gross_mass is None) else (),
        problems=tuple(errors),
        warnings=tuple(warnings),
    )


def _may_be_month(found: re.Match[str]) -> bool:
    """Whether a pressure of 10 kPa, too low for any drum, is the October of a mark whose ``S`` is hidden."""
    groups = found.groupdict()
    return groups.get("form") == "10" and not groups.get("month") and needs_month(_group(found, "code"))


def _group(found: re.Match[str], name: str) -> str:
    """A group's text, or the text of its twin for ``4HW``, or empty."""
    groups = found.groupdict()
    return groups.get(name) or groups.get(f"{name}_w") or ""


def _build(family: Family, found: re.Match[str], tail: Tail) -> PackagingCode:
    groups = found.groupdict()
    value = Decimal(groups["value"]) if groups.get("value") else None
    form = groups.get("form")
    liquid = form is not None and form != "S"
    month = groups.get("month")
    return PackagingCode(
        family=family,
        code=_group(found, "code"),
        suffix=_group(found, "suffix"),
        level=groups.get("level"),
        gross_mass=tail.gross_mass if form is None else None if liquid else value,
        density=value if liquid else None,
        pressure_kpa=int(form) if form is not None and liquid else None,
        month=int(month) if month else None,
        year=int(groups["year"]),
        state=groups["state"],
        maker=tail.maker or "",
        stacking_load=tail.stacking_load,
        thickness=tail.thickness,
        batch=tail.batch,
        reconditioned=tail.reconditioned,
        extra=tail.extra,
    )


def elements_of(code: PackagingCode) -> dict[str, str]:
    """The elements of a mark by name, as printed."""
    form = None
    if code.family == "packaging":
        form = "S" if code.pressure_kpa is None else str(code.pressure_kpa)
    values: dict[str, object] = {
        "code": code.code,
        "suffix": code.suffix or None,
        "class": "6.2" if code.family == "infectious" else None,
        "level": code.level,
        "gross_mass": code.gross_mass,
        "density": code.density,
        "solid_or_pressure": form,
        "month": None if code.month is None else f"{code.month:02d}",
        "year": f"{code.year:02d}",
        "state": code.state,
        "maker": code.maker,
        "batch": code.batch,
        "thickness": code.thickness,
        "reconditioned": code.reconditioned,
        "stacking_load": code.stacking_load,
        "extra": "/".join(code.extra) or None,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _symbol_warnings(symbol: str | None, code: PackagingCode) -> list[Note]:
    if symbol is None:
        return []
    if symbol in ("Q", "8"):
        return [("symbol", f"{symbol!r} taken for the UN symbol")]
    if symbol.startswith("RID") and not code.code.startswith("0"):
        return [RID_ADR_SYMBOL]
    return []
