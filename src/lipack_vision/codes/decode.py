"""From what a recogniser saw to the mark that it most likely is, and all that had to be changed for it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from lipack_vision.codes.allowed import (
    NUMBERS,
    Group,
    alters_signs,
    changes_protected,
    invents,
    is_lost,
    repairs_of,
)
from lipack_vision.codes.automaton import Path, Step
from lipack_vision.codes.lattice import Floats, Lattice
from lipack_vision.codes.mark_grammar import SEPARATOR, SYMBOL, mark_automaton
from lipack_vision.codes.reading import Repair
from lipack_vision.regulations.grammar import GRAMMARS

_NO_LESS = 1e-6
"""Difference of log probabilities that is none."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The best valid parse of a mark beside the best free reading.

    Attributes:
        text: the valid parse, with line breaks as printed; the free reading where nothing valid can be laid
            on it.
        repairs: ``(element, from, to)`` for every element in which the two differ.
        symbol: what the UN symbol in front was read as, or empty.
        margin: how much likelier the free reading is than the valid one, in log probability; infinite
            without one.
        largest: the same for the element where it is largest.
        digits: the same for the number where it is largest.
        log_probability: of the valid parse with its symbol, over all ways to lay it on the lattice.
        protected: whether a repair touches what the grammar alone must not change.
        sound: whether no sign is taken for two, no digit for another one, and no element made from nothing.
        steps: the signs of ``text`` with their elements and places on the lattice.
    """

    text: str
    repairs: tuple[Repair, ...]
    symbol: str
    margin: float
    largest: float
    digits: float
    log_probability: float
    protected: bool
    sound: bool
    steps: tuple[Step, ...] = ()


def decode(lattice: Lattice) -> Decoded:
    """The likeliest mark of any family on the lattice of a whole mark."""
    path, free_score = None, float(lattice.log.max(axis=1).sum())
    for family in GRAMMARS:
        found = mark_automaton(family).best(lattice)
        if found is not None and (path is None or found.score > path.score):
            path = found
        if path is not None and path.score >= free_score - _NO_LESS:
            break  # nothing is likelier than the free reading
    if path is None:
        free = lattice.text
        never = math.inf
        return Decoded(free, (), "", never, never, never, lattice.log_probability(free), False, False)
    groups = _groups(path, lattice)
    return Decoded(
        text=_text(groups),
        repairs=tuple(repairs_of(groups)),
        symbol=next((group.free for group in groups if group.element == SYMBOL), ""),
        margin=free_score - path.score - path.cost,
        largest=max(group.margin for group in groups),
        digits=max((group.margin for group in groups if group.element in NUMBERS), default=0.0),
        log_probability=lattice.log_probability(path.text),
        protected=any(changes_protected(group) for group in groups),
        sound=not alters_signs(path, lattice) and not invents(groups),
        steps=path.steps,
    )


def _groups(path: Path, lattice: Lattice) -> list[Group]:
    """The elements of a path, each with the signs of the free reading that stand at its place."""
    parts: list[list[Step]] = [list(steps) for _, steps in groupby(path.steps, key=lambda step: step.element)]
    starts = np.array([steps[0].start for steps in parts])
    free = ["" for _ in parts]
    for run in lattice.runs:
        middle = (run.start + run.end - 1) / 2
        free[max(0, int(np.searchsorted(starts, middle, side="right")) - 1)] += run.sign
    missed = _missed(path, lattice)
    edges = [0, *(int(start) for start in starts[1:]), len(lattice)]
    return [
        Group(steps[0].element, _signs(steps), text, float(missed[a:b].sum()))
        for steps, text, (a, b) in zip(parts, free, pairwise(edges), strict=True)
    ]


def _missed(path: Path, lattice: Lattice) -> Floats:
    """At each step, how much likelier what the free reading takes is than what the path takes."""
    columns = np.zeros(len(lattice), np.int64)
    for step in path.steps:
        columns[step.start : step.end] = lattice.index(step.sign)
    taken = lattice.log[np.arange(len(lattice)), columns]
    return np.asarray(lattice.log.max(axis=1) - taken)


def _signs(steps: list[Step]) -> str:
    text = "".join(step.sign for step in steps)
    # A separator that was read twice is one.
    return re.sub("/[/ ]*/", "/", text) if steps[0].element == SEPARATOR else text


def _text(groups: list[Group]) -> str:
    """The mark without its symbol, lost separators put in."""
    groups = [group for group in groups if group.element != SYMBOL]
    while groups and groups[0].element == SEPARATOR:
        groups = groups[1:]
    text = groups[0].text if groups else ""
    for before, group in pairwise(groups):
        text += ("/" if is_lost(before, group) else "") + group.text
    return text
