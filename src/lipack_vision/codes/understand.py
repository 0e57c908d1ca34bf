"""What the lines of one mark say together: as read, or repaired where the picture bears it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lipack_vision.codes.decode import Decoded, decode
from lipack_vision.codes.lattice import LINE_BREAK, Lattice, joined, of_text
from lipack_vision.codes.mark_grammar import SEPARATOR, SYMBOL
from lipack_vision.codes.places import places
from lipack_vision.codes.reading import ReadElement, Repair
from lipack_vision.codes.spotting import join, normal
from lipack_vision.codes.text import TextLine
from lipack_vision.regulations.grammar import MAX_TEXT
from lipack_vision.regulations.model import MarkReading
from lipack_vision.regulations.parser import read_mark

MOST_SEEN = 4.0
"""How much likelier, in log probability, the free reading may be than the valid one for that to be taken as
what is printed. Beyond it the recogniser plainly saw something else: the mark is printed wrong, or hidden."""
MOST_DIGIT = 2.0
"""The same for a letter among digits, which may be taken for a digit."""
MOST_GUESSED, MOST_LIKE = 16.0, 8.0
"""The same where an engine gave nothing but a text, of which look-alikes are only supposed: for the whole
mark, and for one element, which any sign that is no look-alike exceeds."""
_COSTS = {SYMBOL: 0.8, SEPARATOR: 0.8, "batch": 0.8}
_REPAIR_COST = 0.5
"""Factors on the probability for each change, where nothing but a text is known: whether the engine misread
it or it is printed wrong cannot be told from the text."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What lines say as one mark.

    Attributes:
        mark: by the grammar, after repairs.
        probability: not calibrated, 0..1: that every sign is right, where the engine gave lattices; else of
            the weakest sign, lowered for each repair.
        repairs: ``(element, from, to)``.
        symbol: what the UN symbol in front was read as.
        suggestion: the nearest right mark where the lines are none.
        elements: where each element stands.
    """

    mark: MarkReading
    probability: float
    repairs: tuple[Repair, ...] = ()
    symbol: str = ""
    suggestion: str = ""
    elements: tuple[ReadElement, ...] = ()


def understand(rows: Sequence[Sequence[TextLine]]) -> Understood:
    """The lines of one mark, row by row."""
    lines = [line for row in rows for line in row]
    seen = all(line.lattice is not None for line in lines)
    free = read_mark(join([[line.text for line in row] for row in rows]))
    symbol = free.symbol or ""
    as_read = Understood(free, _probability(lines, seen, symbol, ()), symbol=symbol)
    signs = sum(len(line.text) for line in lines)
    if not signs or signs > MAX_TEXT:
        return as_read
    lattices = [
        of_text(normal(line.text), _confidences(line)) if line.lattice is None else line.lattice
        for line in lines
    ]
    decoded = decode(joined(lattices, _signs(rows)))
    valid = read_mark(decoded.text)
    borne = _is_borne(decoded, seen)
    placed = tuple(places(decoded.steps, lines, lattices)) if borne else ()
    if free.code is not None and valid.code == free.code:
        return replace(as_read, elements=placed)
    if not borne:
        suggestion = str(valid.code) if valid.code is not None and free.code is None else ""
        return replace(as_read, suggestion=suggestion)
    # Of a mark that is right as it was read nothing may change but the fixed word before its batch.
    whole = free.code is not None and any(element != "batch" for element, _, _ in decoded.repairs)
    if whole or _rank(valid) <= _rank(free):
        return as_read
    if seen:
        told = math.exp(min(0.0, decoded.log_probability))
    else:
        told = _probability(lines, seen, decoded.symbol, decoded.repairs)
    return Understood(valid, told, decoded.repairs, decoded.symbol, elements=placed)


def _rank(mark: MarkReading) -> tuple[bool, int, int]:
    """A whole mark is better than a part, more elements than fewer, and values that raise no doubt."""
    return mark.code is not None, len(mark.elements), -len(mark.warnings)


def _is_borne(decoded: Decoded, seen: bool) -> bool:
    if not decoded.sound or (decoded.protected and not seen):
        return False
    if seen:
        return decoded.margin <= MOST_SEEN and decoded.digits <= MOST_DIGIT
    return decoded.margin <= MOST_GUESSED and decoded.largest <= MOST_LIKE


def _signs(rows: Sequence[Sequence[TextLine]]) -> list[str]:
    """What stands between successive lines: blanks between parts of a row, line breaks between rows."""
    return [" " if number else LINE_BREAK for row in rows for number in range(len(row))][1:]


def _confidences(line: TextLine) -> tuple[float, ...]:
    # Signs at the edges may have been stripped.
    count = len(normal(line.text))
    return line.confidences if len(line.confidences) == count else (line.probability,) * count


def _probability(
    lines: Sequence[TextLine],
    seen: bool,
    symbol: str,
    repairs: Sequence[Repair],
) -> float:
    # What the circle of the symbol was read as is no part of the code, however unsure.
    if seen:
        lattices = [line.lattice for line in lines if line.lattice is not None]
        told = [_certainty(lattice, 0 if number else len(symbol)) for number, lattice in enumerate(lattices)]
        return math.exp(min(0.0, sum(told)))
    told_least = min(line.weakest_after(len(symbol) if line is lines[0] else 0) for line in lines)
    for element, _, _ in repairs:
        told_least *= _COSTS.get(element, _REPAIR_COST)
    return told_least


def _certainty(lattice: Lattice, skip: int) -> float:
    """Log probability of a line's free reading after its first signs."""
    runs = lattice.runs
    if not skip or skip >= len(runs):
        return lattice.log_probability(lattice.text)
    rest = Lattice(lattice.alphabet, lattice.log[runs[skip].start :])
    return rest.log_probability(lattice.text[skip:])
