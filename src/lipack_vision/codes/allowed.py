"""What a decoder may take for read, and what it may only suggest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lipack_vision.codes.automaton import Path, Step
from lipack_vision.codes.lattice import Lattice
from lipack_vision.codes.mark_grammar import ALL_CODES, JUNK, SEPARATOR, SYMBOL, UN_FORMS
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

NUMBERS = frozenset({"gross_mass", "density", "month", "year"})
PROTECTED = NUMBERS | {"maker"}
"""Elements that the grammar alone must never change."""
TOGETHER = {("level", "gross_mass"), ("level", "density"), ("month", "year"), (SYMBOL, "code")}
"""Elements between which no separator is due."""
_BATCH_WORD = re.compile(r"^P.?\s*[:;.,]?\s*")
_STATES = frozenset({*STATE_SIGNS, *ISO_FORMS})


@dataclass(frozen=True, slots=True)
class Group:
    """Successive steps of one element.

    Attributes:
        element: its name, or `SEPARATOR` or `SYMBOL`.
        text: what the valid parse reads there.
        free: what the free reading shows there.
        margin: how much likelier the free reading is there, in log probability.
    """

    element: str
    text: str
    free: str
    margin: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the two read otherwise, blanks aside."""
        return self.free.strip() != self.text.strip()


def is_lost(before: Group, group: Group) -> bool:
    """Whether a separator is due between two successive groups and none was laid on the lattice."""
    pair = before.element, group.element
    return SEPARATOR not in pair and pair not in TOGETHER


def changes_protected(group: Group) -> bool:
    """Whether a group changes what the text alone gives no right to: numbers, makers, batches."""
    if not group.changed:
        return False
    digits = [sign for sign in group.free if sign.isdigit()]
    if group.element == SEPARATOR:
        # A sign that vanished beside a separator, or a digit that was made one, belonged to an element.
        signs = [sign for sign in group.free if sign.isalnum()]
        return bool(digits) or bool(signs and len(group.free) > len(signs))
    if group.element == "batch":
        return _BATCH_WORD.sub("", group.free) != _BATCH_WORD.sub("", group.text)
    if group.element == "solid_or_pressure":
        return group.text != "S"
    return group.element in PROTECTED or (group.element == "level" and bool(digits))


def alters_signs(path: Path, lattice: Lattice) -> bool:
    """Whether the path takes one sign of the free reading for two, or a digit for another, a separator or
    nothing."""
    for run in lattice.runs:
        over = [step for step in path.steps if run.start < step.end and step.start < run.end]
        if len(over) > 1 or (not over and run.sign in "0123456789.,"):
            return True
        if over and run.sign.isdigit() and _is_other(over[0], run.sign):
            return True
    return False


def _is_other(step: Step, digit: str) -> bool:
    other_digit = step.sign.isdigit() and step.sign != digit and step.element not in ("code", SYMBOL)
    return other_digit or step.element == SEPARATOR


def invents(groups: Sequence[Group]) -> bool:
    """Whether elements are made from nothing, cut where nothing shows it, or changed though they were
    right."""
    kept = [group for group in groups if group.element != SYMBOL]
    for number, group in enumerate(kept):
        if group.element != SEPARATOR and not group.free.strip():
            return True
        if group.changed and group.free in {"code": ALL_CODES, "state": _STATES}.get(group.element, ()):
            return True
        beside = _beside_a_cut(kept, number)
        if beside is not None and not _shows_where(*beside):
            return True
    return False


def _beside_a_cut(groups: Sequence[Group], number: int) -> tuple[Group, Group] | None:
    """The elements on both sides of a separator that was not read."""
    group = groups[number]
    if number and is_lost(groups[number - 1], group):
        return groups[number - 1], group
    if group.element == SEPARATOR and not group.free and 0 < number < len(groups) - 1:
        return groups[number - 1], groups[number + 1]
    return None


def _shows_where(before: Group, after: Group) -> bool:
    """Whether two elements that touch tell by themselves where one ends."""
    if before.changed or after.changed or (before.text[-1:].isdigit() and after.text[:1].isdigit()):
        return False
    works = re.match(r"C[0-9]{6}", after.text)
    return before.element != "state" or (before.text == "CN" and works is not None)


def is_strange(symbol: str) -> bool:
    """Whether what stood in front of the code can hardly have been the UN symbol."""
    return bool(symbol) and symbol not in UN_FORMS and not set(symbol) <= set(JUNK)


def repairs_of(groups: Sequence[Group]) -> list[tuple[str, str, str]]:
    """``(element, from, to)`` for everything in which the valid parse differs from the free reading."""
    made: list[tuple[str, str, str]] = []
    for before, group in pairwise([Group(SEPARATOR, "", ""), *groups]):
        if is_lost(before, group) or (group.element == SEPARATOR and not group.free and before.text):
            made.append((SEPARATOR, "", "/"))
        elif group.element == SYMBOL:
            # A digit stuck to the code may belong to it.
            if any(sign.isdigit() for sign in group.free) or is_strange(group.free):
                made.append((SYMBOL, group.free, ""))
        elif group.changed:
            made.append((group.element, group.free.strip(), group.text.strip()))
    return made
