"""The four grammars of UN packaging marks as regular expressions, one line per element.

Source: 6.1.3.1 (packagings), 6.3.4 (infectious substances), 6.6.3.1 (large packagings), 6.5.2.1 (IBCs).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lipack_vision.regulations.codes import FAMILY_CODES, FAMILY_SUFFIXES, Family
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

MAX_TEXT = 400
"""Characters of a text that are looked at; a mark has less than a hundred."""

_FORMS = str.maketrans({"：": ":", "／": "/", "∕": "/", "⁄": "/", "\u00a0": " ", "\u3000": " ", "\t": " "})
_LINE_BREAK = re.compile(r" */? *\n[ \n]*/? *")
_CUT = re.compile(r"[/ ]*(?:\.{2,}|…)$")

SYMBOL = re.compile(
    r"""(?P<adr>RID\ ?/\ ?ADR)(?=[/ ])              # rail and road, light-gauge metal
      | (?P<un>\(?[Uu][ /]?[Nn]\)?(?=[/ 0-9]))       # letters in place of the symbol
      | (?P<drawn>[⊕®ⓤ])                            # the circle read as another sign
      | (?P<guess>[Q8])(?=[/ ])                     # what OCR makes of the circle
    """,
    re.VERBOSE,
)


def _any_of(words: list[str]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=lambda word: (-len(word), word)))


def _code(family: Family) -> str:
    codes = [code for code in FAMILY_CODES[family] if code != "4H"]
    return rf"(?:(?P<code>{_any_of(codes)})(?P<suffix>[{FAMILY_SUFFIXES[family]}])?)"


_SIGNS = _any_of([*STATE_SIGNS, *ISO_FORMS])
# 4H without a digit exists only as 4HW.
_CODE_61 = rf"(?:{_code('packaging')}|(?P<code_w>4H)(?P<suffix_w>W))"
_CODE_62 = rf"(?:{_code('infectious')}|(?P<code_w>4H)(?P<suffix_w>W))"
_MASS = r"(?P<value>(?:0|[1-9][0-9]{0,3})(?:\.[0-9])?)"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_YEAR = r"(?P<year>[0-9]{2})"
_STATE = rf"(?P<state>{_SIGNS})"


@dataclass(frozen=True, slots=True)
class Slot:
    """One element of a grammar up to the state: its name and the pattern that its whole text must follow."""

    name: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """The elements of one family in order; after the state follows free text."""

    family: Family
    slots: tuple[Slot, ...]
    tail: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every element that a complete mark of the family must have."""
        return tuple(slot.name for slot in self.slots) + self.tail


GRAMMARS: dict[Family, Grammar] = {
    "packaging": Grammar(
        "packaging",
        (
            Slot("code", _CODE_61),
            Slot("level", rf"(?P<level>[XYZ])(?:\ ?{_MASS})?"),
            Slot("solid_or_pressure", r"(?P<form>S|[1-9][0-9]{0,2}0)"),
            Slot("year", rf"(?:{_MONTH}[/ ]?)?{_YEAR}"),
            Slot("state", _STATE),
        ),
        ("maker",),
    ),
    "infectious": Grammar(
        "infectious",
        (
            Slot("code", _CODE_62),
            Slot("class", r"(?:CLASS|Class) ?6\.2"),
            Slot("year", _YEAR),
            Slot("state", _STATE),
        ),
        ("maker",),
    ),
    "large_packaging": Grammar(
        "large_packaging",
        (
            Slot("code", _code("large_packaging")),
            Slot("level", r"(?P<level>[XYZ])"),
            Slot("year", rf"{_MONTH}[/ ]?{_YEAR}"),
            Slot("state", _STATE),
        ),
        ("maker", "stacking_load", "gross_mass"),
    ),
    "ibc": Grammar(
        "ibc",
        (
            Slot("code", _code("ibc")),
            Slot("level", r"(?P<level>[XYZ])"),
            Slot("year", rf"{_MONTH}[/ ]?{_YEAR}"),
            Slot("state", _STATE),
        ),
        ("maker", "stacking_load", "gross_mass"),
    ),
}

# The regulation's example 6.3.4 sets a hyphen between the state and the maker of the mark.
_LAST_SEPARATOR: dict[Family, str] = {
    "packaging": "[/ ]",
    "infectious": "[/ -]",
    "large_packaging": "[/ ]",
    "ibc": "[/ ]",
}


@cache
def complete(family: Family) -> re.Pattern[str]:
    """A whole mark in canonical separators: elements, a slash or blank between two, then the maker's text."""
    slots = "[/ ]".join(slot.pattern for slot in GRAMMARS[family].slots)
    return re.compile(slots + _LAST_SEPARATOR[family] + r"(?P<rest>[^/ ].*)")


def canonical_separators(text: str) -> tuple[str, bool]:
    """Put separators in order and touch nothing else.

    Line breaks become slashes, runs of blanks one blank, blanks beside a slash vanish, full-width colons and
    slashes become plain ones. An empty element (two slashes on one line) stays visible.

    Returns:
        The text on one line, and whether it ends with dots that show that it was cut short.
    """
    line = "\n".join(text[:MAX_TEXT].translate(_FORMS).splitlines())
    line = _LINE_BREAK.sub("/", line.strip())
    line = re.sub(r" +", " ", line)
    line = re.sub(r" ?/ ?", "/", line)
    shortened = _CUT.sub("", line)
    return shortened.strip("/ "), shortened != line or len(text) > MAX_TEXT


def split_symbol(line: str) -> tuple[str | None, str]:
    """Split the UN symbol in front from the rest of a text with canonical separators."""
    found = SYMBOL.match(line)
    if found is None:
        return None, line
    return found.group(), line[found.end() :].lstrip("/ ")
