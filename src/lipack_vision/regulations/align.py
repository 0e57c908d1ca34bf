"""Lay the words of a damaged mark on the elements of a grammar, so that each keeps its right name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lipack_vision.regulations.codes import may_hold_liquid
from lipack_vision.regulations.grammar import GRAMMARS, Grammar

MAX_WORDS = 24
"""Words of a text that are laid on elements; a mark has at most ten."""

_WORD = r"(?:CLASS|Class) ?[0-9.,]+|[XYZ] [0-9][0-9.]*|[^/ ]+|"
# The last two of three pairs of digits: a pressure may stand before month and year.
_DATE = r"[0-9]{2}[/ ][0-9]{2}(?![/ ][0-9]{2}(?:[/ ]|$))"


@dataclass(frozen=True, slots=True)
class Word:
    """One piece of text between separators; empty between two slashes."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which word is which element.

    Attributes:
        grammar: the family's grammar.
        words: all words of the text.
        picks: index of the slot -> index of the word, both rising.
        ambiguous: indices of picked words that an equally good way takes for something else.
    """

    grammar: Grammar
    words: tuple[Word, ...]
    picks: dict[int, int]
    ambiguous: frozenset[int] = frozenset()

    @property
    def score(self) -> tuple[int, int, int, int]:
        """More elements, fewer elements skipped, fewer foreign words, one foreign word per element."""
        slots, words = list(self.picks), list(self.picks.values())
        if not slots:
            return 0, 0, 0, 0
        skipped = slots[-1] + 1 - len(slots)
        foreign = words[-1] - words[0] + 1 - len(words)
        gaps = zip(pairwise(slots), pairwise(words), strict=True)
        uneven = sum(abs((s2 - s1) - (w2 - w1)) for (s1, s2), (w1, w2) in gaps)
        return len(slots), -skipped, -foreign, -uneven

    def word(self, name: str) -> Word | None:
        """The word that is an element, or None."""
        for slot, index in self.picks.items():
            if self.grammar.slots[slot].name == name and index not in self.ambiguous:
                return self.words[index]
        return None


def split_words(line: str, *, dates: bool) -> tuple[Word, ...]:
    """Split a text with canonical separators into words; ``dates`` keeps ``05 25`` and ``05/25`` together."""
    pattern = rf"(?:(?<=[/ ])|^)(?:{_DATE + '|' if dates else ''}{_WORD})(?=[/ ]|$)"
    found = re.finditer(pattern, line)
    return tuple(Word(one.group(), one.start(), one.end()) for one in found)[:MAX_WORDS]


def best_alignment(line: str) -> Alignment:
    """Lay a text on the grammar that its code, the words CLASS 6.2, or else most elements call for."""
    infectious = "class" in line.lower()
    ways = [
        align(line, grammar) for family, grammar in GRAMMARS.items() if (family == "infectious") == infectious
    ]
    begun = [
        way for way in ways if way.words and re.fullmatch(way.grammar.slots[0].pattern, way.words[0].text)
    ]
    # One element alone tells no family apart: the first, 6.1, stays.
    return max(begun or ways, key=lambda way: way.score if len(way.picks) > 1 else (len(way.picks),))


def align(line: str, grammar: Grammar) -> Alignment:
    """The best way to lay a text on a grammar; words on which equally good ways differ are ambiguous."""
    dates = grammar.tail != ("maker",) or bool(re.search(r"(?:^|[/ ])[13]H[12]", line))
    words = split_words(line, dates=dates)
    fits = _fits(words, grammar)
    ways = [Alignment(grammar, words, picks) for picks in _ways(fits, {})]
    if not ways:
        return Alignment(grammar, words, {})
    top = max(way.score for way in ways)
    best = [way for way in ways if way.score == top]
    chosen = best[0]
    unclear = {
        word for slot, word in chosen.picks.items() if any(way.picks.get(slot) != word for way in best)
    }
    return Alignment(grammar, words, chosen.picks, frozenset(unclear))


def _fits(words: tuple[Word, ...], grammar: Grammar) -> list[list[bool]]:
    """``fits[slot][word]``; a code that is never marked for liquids allows only ``S`` as element (d)."""
    table = [[bool(re.fullmatch(slot.pattern, word.text)) for word in words] for slot in grammar.slots]
    codes = [word.text for word, good in zip(words, table[0], strict=True) if good]
    if grammar.family == "packaging" and codes and not any(may_hold_liquid(code) for code in codes):
        table[2] = [word.text == "S" for word in words]
    # S before two digits is element (d), not Sweden.
    table[-1] = [
        good and not (word.text == "S" and re.fullmatch(r"[0-9]{2}", after.text))
        for good, word, after in zip(table[-1], words, [*words[1:], Word("", 0, 0)], strict=True)
    ]
    return table


def _ways(fits: list[list[bool]], picks: dict[int, int]) -> Iterator[dict[int, int]]:
    if picks:
        yield picks
    last_slot, last_word = max(picks.items(), default=(-1, -1))
    for slot in range(last_slot + 1, len(fits)):
        # Between two elements at most one foreign word per skipped element, and one more; not before the
        # state, where that word could be the lost state's maker and the word after it anything.
        spare = 1 if slot < len(fits) - 1 else 0
        reach = len(fits[slot]) if not picks else last_word + 1 + (slot - last_slot) + spare
        for word in range(last_word + 1, min(reach, len(fits[slot]))):
            if fits[slot][word]:
                yield from _ways(fits, {**picks, slot: word})
