"""Say why a word is not the element that is due at its place."""

from __future__ import annotations

import re

from lipack_vision.regulations.codes import Family, explain_code, may_hold_liquid
from lipack_vision.regulations.model import Note
from lipack_vision.regulations.states import explain_state


def explain(element: str, word: str, family: Family, code: str) -> Note:
    """Name the element and the reason; a level letter with a wrong figure is named after the figure.

    Args:
        element: name of the slot.
        word: what stands there.
        family: grammar that the mark follows.
        code: packaging code as far as known, else empty.
    """
    if not word:
        return element, "empty"
    if is_nothing(word):
        return element, f"missing: {word!r} stands where it is due"
    if element == "code":
        return element, explain_code(word, family)
    if element == "level":
        return _explain_level(word, family, code)
    if element == "class":
        return element, f"{word!r} is not CLASS 6.2"
    if element == "solid_or_pressure":
        if word.isdigit():
            return element, f"a test pressure is a multiple of 10 kPa, found {word}"
        return element, f"{word!r} is neither S nor a test pressure in kPa"
    if element == "year":
        return _explain_year(word, family)
    return element, explain_state(word)


def is_nothing(word: str) -> bool:
    """Whether a word has neither letters nor digits, as what is read of an element that something covers."""
    return not any(map(str.isalnum, word))


def _explain_level(word: str, family: Family, code: str) -> Note:
    if re.fullmatch(r"[xyz] ?[0-9.]*", word):
        return "level", f"a capital letter is due, found {word!r}"
    if re.fullmatch(r"[0-9.]+ ?[XYZ]", word):
        return "level", f"the letter stands before the figure, found {word!r}"
    if word[0] not in "XYZ":
        return "level", f"{word!r} does not begin with X, Y or Z"
    if re.search(r"[-+,;][XYZ]", word):
        return "level", f"one level is due, found {word!r}"
    if family in ("large_packaging", "ibc"):
        return "level", f"the letter stands alone on {family} marks, found {word!r}"
    name = "gross_mass_or_density" if code and may_hold_liquid(code) else "gross_mass"
    if "," in word:
        return name, f"a decimal point is due, found {word!r}"
    return name, f"{word[1:]!r} is not a figure with at most one decimal"


def _explain_year(word: str, family: Family) -> Note:
    if family in ("large_packaging", "ibc"):
        month = re.fullmatch(r"([0-9]{2})[/ ]?[0-9]{2}", word)
        if month:
            return "month", f"there is no month {month.group(1)} in {word!r}"
        return "year", f"month and year, such as 05 25, are due, found {word!r}"
    if re.fullmatch(r"[0-9]{4}", word):
        return "year", f"the last two digits are due, found {word!r}"
    return "year", f"{word!r} is not two digits"
