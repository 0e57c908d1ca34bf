"""From what a recogniser saw to the mark that it most likely is, and all that had to be changed for it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from lipack_vision.codes.automaton import Path, Step
from lipack_vision.codes.lattice import Lattice
from lipack_vision.codes.mark_grammar import SEPARATOR, SYMBOL, mark_automaton
from lipack_vision.codes.reading import Repair
from lipack_vision.regulations.grammar import GRAMMARS

PROTECTED = frozenset({"gross_mass", "density", "month", "year", "maker"})
"""Elements that the grammar alone must never change."""
_TOGETHER = {("level", "gross_mass"), ("level", "density"), ("month", "year"), (SYMBOL, "code")}
"""Elements between which no separator is due."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The best valid parse of a mark beside the best free reading.

    Attributes:
        text: the valid parse, with line breaks as printed; the free reading where nothing valid can be laid
            on it.
        free: what the recogniser reads without a grammar.
        repairs: ``(element, from, to)`` for every element in which the two differ.
        symbol: what the UN symbol in front was read as, or empty.
        margin: how much likelier the free reading is than the valid one, in log probability; infinite
            without one.
        log_probability: of exactly ``text``, over all ways to lay it on the lattice.
        protected: whether a repair touches what the grammar alone must not change.
        steps: the signs of ``text`` with their elements and places on the lattice.
    """

    text: str
    free: str
    repairs: tuple[Repair, ...]
    symbol: str
    margin: float
    log_probability: float
    protected: bool
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """Successive steps of one element."""

    element: str
    text: str
    free: str
    start: int


def decode(lattice: Lattice) -> Decoded:
    """The likeliest mark of any family on the lattice of a whole mark."""
    found = [path for family in GRAMMARS if (path := mark_automaton(family).best(lattice))]
    path = max(found, key=lambda path: path.score, default=None)
    free = lattice.text
    if path is None:
        return Decoded(free, free, (), "", math.inf, lattice.log_probability(free), False)
    groups = _groups(path, lattice)
    repairs = tuple(_repairs(groups))
    return Decoded(
        text=_text(groups),
        free=free,
        repairs=repairs,
        symbol=next((g.free for g in groups if g.element == SYMBOL), ""),
        margin=float(lattice.log.max(axis=1).sum()) - path.score - path.cost,
        log_probability=lattice.log_probability(path.text),
        protected=any(_is_protected(repair) for repair in repairs),
        steps=path.steps,
    )


def _groups(path: Path, lattice: Lattice) -> list[_Group]:
    """The elements of a path, each with the signs of the free reading that stand at its place."""
    parts: list[list[Step]] = [list(steps) for _, steps in groupby(path.steps, key=lambda step: step.element)]
    starts = np.array([steps[0].start for steps in parts])
    free = ["" for _ in parts]
    for run in lattice.runs:
        middle = (run.start + run.end - 1) / 2
        free[max(0, int(np.searchsorted(starts, middle, side="right")) - 1)] += run.sign
    return [
        _Group(steps[0].element, _signs(steps), text, steps[0].start)
        for steps, text in zip(parts, free, strict=True)
    ]


def _signs(steps: list[Step]) -> str:
    text = "".join(step.sign for step in steps)
    # A separator that was read twice is one.
    return re.sub("/[/ ]*/", "/", text) if steps[0].element == SEPARATOR else text


def _text(groups: list[_Group]) -> str:
    """The mark without its symbol, lost separators put in."""
    groups = [group for group in groups if group.element != SYMBOL]
    while groups and groups[0].element == SEPARATOR:
        groups = groups[1:]
    text = groups[0].text if groups else ""
    for before, group in pairwise(groups):
        text += ("/" if _is_lost(before, group) else "") + group.text
    return text


def _is_lost(before: _Group, group: _Group) -> bool:
    pair = before.element, group.element
    return SEPARATOR not in pair and pair not in _TOGETHER


def _repairs(groups: list[_Group]) -> list[Repair]:
    made: list[Repair] = []
    for before, group in pairwise([_Group(SEPARATOR, "", "", 0), *groups]):
        if _is_lost(before, group):
            made.append((SEPARATOR, "", "/"))
        if group.element == SYMBOL:
            # A digit stuck to the code may belong to it.
            if group.free.isdigit():
                made.append((SYMBOL, group.free, ""))
        elif group.free.strip() != group.text.strip():
            made.append((group.element, group.free.strip(), group.text.strip()))
    return made


def _is_protected(repair: Repair) -> bool:
    element, before, after = repair
    if element in PROTECTED:
        return True
    if element == SEPARATOR:
        # A sign that vanished beside a separator, or a digit that was made one, belonged to an element.
        signs = [sign for sign in before if sign.isalnum()]
        return any(sign.isdigit() for sign in signs) or bool(signs and len(before) > len(signs))
    return element == "batch" and before[-1:] != after[-1:]
