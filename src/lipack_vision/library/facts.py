"""What may be said of a qualified packaging, checked and brought to one form."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime

from lipack_vision.errors import ConfigError
from lipack_vision.regulations import SUFFIXES, PackagingCodeError, meaning, parse_packaging_code

FACTS = ("maker", "packaging_type", "un_code", "performance_sheet", "valid_from", "valid_to", "status")
"""Names of all facts."""
QUALIFIED, WITHDRAWN = STATUSES = ("qualified", "withdrawn")
MAX_LENGTH = 200
"""Characters of a text."""

_DATES = frozenset({"valid_from", "valid_to"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Stored = dict[str, str | None]
"""Facts by name as a library stores them: texts, dates as ``2026-05-31``, None for what is not known."""


def checked_facts(given: Mapping[str, object]) -> Stored:
    """Each given fact in the form in which it is stored.

    Raises:
        ConfigError: an unknown fact, or a wrong value.
    """
    return {name: _checked(name, value) for name, value in given.items()}


def agreed(facts: Stored) -> Stored:
    """All facts of one reference, with the packaging type that its UN code tells when none is given.

    Raises:
        ConfigError: two facts cannot both be true.
    """
    first, last = facts.get("valid_from"), facts.get("valid_to")
    if first and last and last < first:
        raise _wrong("valid_to", f"a day not before valid_from, {first}", last, "Correct one of the two.")
    code, kind = facts.get("un_code"), facts.get("packaging_type")
    if code:
        told = parse_packaging_code(code).code
        if kind and meaning(kind) and kind != told:
            cure = "Correct one of the two, or leave the packaging type out."
            raise _wrong("packaging_type", f"{told} as in un_code", kind, cure)
        return facts | {"packaging_type": kind or told}
    return facts


def plain_type(text: str) -> str:
    """A packaging type in one form: UN packaging codes as ``4G``, capitals without suffix; others as given.

    Raises:
        ConfigError: not a text of 1 to 200 printable characters.
    """
    plain = _text("packaging_type", text)
    code = plain.upper()
    bases = (code, code[:-1]) if code[-1:] in SUFFIXES else (code,)
    return next((base for base in bases if meaning(base)), plain)


def plain_name(text: object, where: str = "reference_id") -> str:
    """A reference's id, or an author, without blanks around it.

    Raises:
        ConfigError: not a text of 1 to 200 printable characters.
    """
    return _text(where, text)


def as_date(value: str | None, where: str) -> date | None:
    """A stored day.

    Raises:
        ConfigError: not a day.
    """
    return None if value is None else date.fromisoformat(_day(where, value))


def day_told(on: date | str | None) -> str:
    """A day as it is stored; today, where this machine stands, for None.

    Raises:
        ConfigError: not a day. A moment is none: it is another day elsewhere.
    """
    return date.today().isoformat() if on is None else _day("on", on)


def _checked(name: str, value: object) -> str | None:
    if name not in FACTS:
        near = difflib.get_close_matches(name, FACTS, n=1)
        cure = f"Did you mean {near[0]}?" if near else f"Known facts: {', '.join(FACTS)}."
        raise _wrong(name, "a known fact", f"the unknown fact {name!r}", cure)
    if name == "status":
        if value not in STATUSES:
            raise _wrong(name, " or ".join(STATUSES), repr(value), "Pass one of these words.")
        return str(value)
    if value is None:
        return None
    if name in _DATES:
        return _day(name, value)
    if name == "un_code":
        return _code(value)
    text = _text(name, value)
    return plain_type(text) if name == "packaging_type" else text


def _code(value: object) -> str:
    # A mark of two lines is one text here.
    text = _text("un_code", " ".join(value.split()) if isinstance(value, str) else value)
    try:
        return str(parse_packaging_code(text))
    except PackagingCodeError as error:
        found = f"{error.element}: {error.found}"
        raise _wrong("un_code", error.expected, found, "Copy it from the performance sheet.") from error


def _day(name: str, value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        try:
            return date.fromisoformat(value.strip()).isoformat()
        except ValueError:
            pass
    raise _wrong(name, "a day such as 2026-05-31", repr(value), "Pass a datetime.date, or text in this form.")


def _text(name: str, value: object) -> str:
    text = unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
    if not text or len(text) > MAX_LENGTH or not text.isprintable():
        found = repr(value) if len(repr(value)) <= 80 else f"{len(repr(value))} characters"
        raise _wrong(name, f"a text of 1 to {MAX_LENGTH} printable characters", found, "Correct it.")
    return text


def _wrong(name: str, expected: str, found: str, cure: str) -> ConfigError:
    where = name if name in {"reference_id", "author", "on"} else f"fact {name}"
    return ConfigError(where, expected=expected, found=found, cure=cure)
