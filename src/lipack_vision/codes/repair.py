"""Undo what text engines do to UN marks, inside the alphabet of one element only.

A misread character is put right only where the element can hold nothing else: the level is X, Y or Z, the
state Germany's D was measured to be read as 0, the S of solids as 3, 5, 8 or $. Digits of mass, year and
pressure, and the maker's identification are never changed. Every change is reported, so that a mark that is
really printed wrong cannot pass silently for a right one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from lipack_vision.codes.reading import Repair
from lipack_vision.regulations.codes import FAMILY_CODES, FAMILY_SUFFIXES, Family
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

_LEVELS = {"V": "Y", "K": "X", "2": "Z"}
_SOLIDS = {"3": "S", "5": "S", "8": "S", "$": "S", "s": "S"}
_STATES = {"0": "D"}
_CODE_LETTERS = {"A": "A4", "I": "1", "l": "1", "L": "L1"}

_WIDTHS = str.maketrans(
    {"：": ":", "／": "/", "＋": "+", "－": "-", "．": ".", "（": "(", "）": ")", "∕": "/", "\\": "/"}
)


def _code_table() -> dict[str, Family]:
    table: dict[str, Family] = {}
    for family, codes in FAMILY_CODES.items():
        suffixes = ["", *FAMILY_SUFFIXES[family]]
        for code, suffix in product(codes, suffixes):
            if code != "4H" or suffix == "W":
                table.setdefault(code + suffix, family)
    return table


_CODES = _code_table()


def _looks(code: str) -> str:
    """A pattern for a code and its allowed misreadings."""
    first = "[4A]" if code[0] == "4" else re.escape(code[0]).replace("1", "[1IlL]")
    return first + "".join("[1IlL]" if c == "1" else re.escape(c) for c in code[1:])


_ANY_CODE = "|".join(_looks(code) for code in sorted(_CODES, key=lambda c: (-len(c), c)))
_LEVEL = r"(?:[XYZ](?![A-Za-z])|[VK](?=\s?\d)|2(?=[1-9]))"
# What the circle with u and n is read as, alone or stuck to the code.
_SYMBOL = r"(?:\(?[Uu][ /.]?[Nn]\)?|[84QWKG®⊕ⓤ©@O0Uun]{1,2}|[⊕®ⓤ©])"
# A lost separator is accepted only before a level that was read as such: `4GV30` may be 4GV or 4G/Y30.
_SEPARATOR = r"(?:\s*[/|]\s*|\s+|(?<=[A-Z])[Il1](?=[XYZV])|(?=[XYZ]))"

_BODY = rf"(?P<code>{_ANY_CODE})(?P<gap>{_SEPARATOR})(?P<rest>(?:{_LEVEL}|CLASS|Class).*)$"
_PLAIN_HEAD = re.compile(rf"^(?P<junk>){_BODY}", re.DOTALL)
_HEAD = re.compile(rf"^(?P<junk>{_SYMBOL}?)[\s/]*{_BODY}", re.DOTALL)

_CODE_ALONE = re.compile(rf"^(?:{_SYMBOL}[\s/]*)?(?P<code>{_ANY_CODE})[\s/]*$")
_BATCH_WORD = re.compile(r"(?P<before>[ /]?)(?P<word>P[Il1|]\s*[:;.,]?\s*)(?P<number>\d{2,4})$")


@dataclass(slots=True)
class Repaired:
    """A text after repair, what was changed in it, and what the symbol's circle was read as."""

    text: str
    repairs: list[Repair] = field(default_factory=list)
    symbol: str = ""


def normal(text: str) -> str:
    """Full-width and typographic signs as their plain forms."""
    return text.translate(_WIDTHS).strip()


def begins_mark(text: str) -> bool:
    """Whether a line begins with a packaging code and a level, or is a packaging code alone."""
    text = normal(text)
    return bool(_HEAD.match(text) or _CODE_ALONE.match(text))


def begins_batch(text: str) -> bool:
    """Whether a line is the production batch of a Chinese mark."""
    return bool(re.match(r"P[Il1|]\s*[:;.,]?\s*\d", normal(text)))


def join(rows_of_texts: Sequence[Sequence[str]]) -> str:
    """One text of rows: blanks between parts of a row, line breaks between rows."""
    return "\n".join(" ".join(normal(part) for part in row) for row in rows_of_texts if row)


def repair(text: str) -> Repaired:
    """Repair a text element by element; elements that are right are left alone.

    Args:
        text: rows divided by line breaks.
    """
    done = Repaired(normal(text))
    # Without a symbol first: `44G` aside, a leading 4 is the code's own and not a symbol read as 4.
    found = _PLAIN_HEAD.match(done.text) or _HEAD.match(done.text)
    if found is None:
        return done
    done.symbol = found["junk"]
    if found["junk"].isdigit() and found.end("junk") == found.start("code"):
        # A digit stuck to the code may belong to it.
        done.repairs.append(("symbol", found["junk"], ""))
    code = _repair_code(found["code"], done)
    gap = found["gap"]
    if not gap or gap.strip() in ("I", "l", "1", "|"):
        done.repairs.append(("separator", gap.strip(), "/"))
    elements = re.split(r"(\s*/\s*|\s*\n\s*/?\s*)", found["rest"])
    _repair_elements(elements, _CODES.get(code, "packaging"), done)
    done.text = f"{code}/{''.join(elements)}"
    _repair_batch(done)
    return done


def _repair_code(code: str, done: Repaired) -> str:
    if code in _CODES:
        return code
    choices = [_CODE_LETTERS.get(character, character) for character in code]
    for letters in product(*choices):
        right = "".join(letters)
        if right in _CODES:
            done.repairs.append(("code", code, right))
            return right
    return code


def _repair_elements(elements: list[str], family: Family, done: Repaired) -> None:
    """Repair in place; ``elements`` alternate with the separators between them."""
    level = elements[0]
    if level[:1] in _LEVELS and re.fullmatch(r".\s?(?:\d{1,4}(?:\.\d)?)?(?:\s.*|[S$]?)", level):
        elements[0] = _LEVELS[level[0]] + level[1:]
        done.repairs.append(("level", level[0], elements[0][0]))
    if family == "packaging" and not level.upper().startswith("CLASS"):
        _split_glued(elements, done)
        _swap(elements, 1, _SOLIDS, "solid_or_pressure", done)
        _swap_state(elements, 3, done)
    elif family == "packaging":
        _swap_state(elements, 2, done)


def _split_glued(elements: list[str], done: Repaired) -> None:
    """Set a lost slash between a mass and S, or S and the year, where no digit could be meant instead."""
    glued = re.fullmatch(r"([XYZ]\s?\d{1,4}(?:\.\d)?)S", elements[0])
    if glued:
        elements[0:1] = [glued[1], "/", "S"]
        done.repairs.append(("separator", "", "/"))
    if len(elements) > 2:
        glued = re.fullmatch(r"S(\d\d)", elements[2])
        if glued:
            elements[2:3] = ["S", "/", glued[1]]
            done.repairs.append(("separator", "", "/"))


def _swap(elements: list[str], index: int, table: dict[str, str], name: str, done: Repaired) -> None:
    place = 2 * index
    if place < len(elements) and elements[place] in table:
        done.repairs.append((name, elements[place], table[elements[place]]))
        elements[place] = table[elements[place]]


def _swap_state(elements: list[str], index: int, done: Repaired) -> None:
    # The state stands after the year only; with the year hidden, a 0 there may be part of it.
    year = 2 * (index - 1)
    if year < len(elements) and re.fullmatch(r"\d\d", elements[year]):
        _swap(elements, index, _STATES, "state", done)


def _repair_batch(done: Repaired) -> None:
    """Put the fixed word ``PI:`` in front of a Chinese batch right; works code and batch stay as read."""
    if "CN" not in re.split(r"[/\s]", done.text):
        return
    found = _BATCH_WORD.search(done.text)
    if found is None or re.fullmatch(r"PI\s*:\s*", found["word"]):
        return
    word = found["word"].strip()
    done.text = done.text[: found.start()] + f" PI:{found['number']}"
    done.repairs.append(("batch", word, "PI:"))


def is_state(text: str) -> bool:
    """Whether a text is the sign of a state."""
    return text in STATE_SIGNS or text in ISO_FORMS
