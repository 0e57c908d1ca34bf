"""Which lines of print may be part of a UN mark, misread as they may be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lipack_vision.codes.mark_grammar import ALL_CODES
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

_WIDTHS = str.maketrans(
    {"：": ":", "／": "/", "＋": "+", "－": "-", "．": ".", "（": "(", "）": ")", "∕": "/"}
)


def _looks(code: str) -> str:
    """A pattern for a code and its allowed misreadings."""
    first = "[4A]" if code[0] == "4" else re.escape(code[0]).replace("1", "[1IlL]")
    return first + "".join("[1IlL]" if c == "1" else re.escape(c) for c in code[1:])


_ANY_CODE = "|".join(_looks(code) for code in sorted(ALL_CODES, key=lambda c: (-len(c), c)))
_LEVEL = r"(?:[XYZ](?![A-Za-z])|[VK](?=\s?\d)|2(?=[1-9]))"
# What the circle with u and n is read as, alone or stuck to the code.
_SYMBOL = r"(?:\(?[Uu][ /.]?[Nn]\)?|[84QWKG®⊕ⓤ©@O0Uun]{1,2}|[⊕®ⓤ©])"
# A lost separator is accepted only before a level that was read as such: `4GV30` may be 4GV or 4G/Y30.
_SEPARATOR = r"(?:\s*[/|]\s*|\s+|(?<=[A-Z])[Il1](?=[XYZV])|(?=[XYZ]))"

_HEAD = re.compile(rf"{_SYMBOL}?[\s/]*(?:{_ANY_CODE})(?:{_SEPARATOR})(?:{_LEVEL}|CLASS|Class)")
_CODE_ALONE = re.compile(rf"(?:{_SYMBOL}[\s/]*)?(?:{_ANY_CODE})[\s/]*$")


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


def is_state(text: str) -> bool:
    """Whether a text is the sign of a state."""
    return text in STATE_SIGNS or text in ISO_FORMS
