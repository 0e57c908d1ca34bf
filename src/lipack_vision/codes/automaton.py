"""Texts that follow a grammar, as paths through a net of states, and the likeliest of them on a lattice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from lipack_vision.codes.lattice import Floats, Lattice

Kind = Literal["free", "digit", "exact"]
"""How an arc may read the lattice: any sign that it allows, by its probability; the same, but a digit of the
free reading stays that digit, and one appears only where the free reading has a letter; only the free
reading."""
ANY = ""
"""An arc for every sign of the alphabet."""
_NEVER = -1e9
_KINDS = ("free", "digit", "exact")
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Arc:
    """From a state to a state by one sign, as part of an element of the mark, at a cost: what it adds to the
    log probability, at most 0."""

    start: int
    end: int
    sign: str
    element: str
    kind: Kind = "free"
    cost: float = 0.0


@dataclass(slots=True)
class Builder:
    """Puts an automaton together; states are numbers."""

    count: int = 0
    arcs: list[Arc] = field(default_factory=list)
    jumps: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    finals: dict[int, float] = field(default_factory=dict)

    def state(self) -> int:
        """A new state."""
        self.count += 1
        return self.count - 1

    def arc(self, start: int, end: int, signs: Iterable[str], element: str, kind: Kind = "free") -> int:
        """Arcs for each of some signs; gives ``end``."""
        self.arcs += [Arc(start, end, sign, element, kind) for sign in signs]
        return end

    def jump(self, start: int, end: int, cost: float = 0.0) -> None:
        """Go on without reading anything, at a cost: what it adds to the log probability, at most 0."""
        self.jumps.setdefault(start, []).append((end, cost))

    def end(self, state: int, cost: float = 0.0) -> None:
        """A text may end here, at a cost."""
        self.finals[state] = cost

    def words(self, start: int, words: Iterable[str], element: str, end: int | None = None) -> int:
        """One of some words, which share their beginnings; gives the state after them."""
        end = self.state() if end is None else end
        tree: dict[tuple[int, str], int] = {}
        for word in words:
            here = start
            for sign in word[:-1]:
                if (here, sign) not in tree:
                    tree[here, sign] = self.arc(here, self.state(), sign, element)
                here = tree[here, sign]
            self.arc(here, end, word[-1], element)
        return end

    def chain(self, start: int, signs: Sequence[str], element: str, kind: Kind = "free") -> int:
        """One sign of each set after the other; gives the state after them."""
        for allowed in signs:
            start = self.arc(start, self.state(), allowed, element, kind)
        return start


@dataclass(frozen=True, slots=True)
class Step:
    """One sign of a path: what it is, of which element, and the steps of the lattice that it took."""

    sign: str
    element: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Path:
    """The likeliest text of an automaton on a lattice; ``score`` is its log probability, lowered by
    ``cost``."""

    steps: tuple[Step, ...]
    score: float
    cost: float

    @property
    def text(self) -> str:
        """What the path reads."""
        return "".join(step.sign for step in self.steps)


class Automaton:
    """A finished net of states that finds the likeliest of its texts on a lattice."""

    def __init__(self, built: Builder, start: int = 0) -> None:
        closures = [_closure(built, state) for state in range(built.count)]
        self.states, self.start = built.count, start
        leaving: dict[int, list[Arc]] = {}
        for arc in built.arcs:
            leaving.setdefault(arc.start, []).append(arc)
        self.arcs = [
            Arc(state, arc.end, arc.sign, arc.element, arc.kind, arc.cost + cost)
            for state in range(built.count)
            for other, cost in closures[state].items()
            for arc in leaving.get(other, ())
        ]
        # Texts with unusual signs have alphabets of their own; only the last ones are kept.
        self._laid = lru_cache(maxsize=8)(partial(_Laid, self.arcs))
        self.finals = {
            state: max(cost + built.finals[other] for other, cost in closure.items() if other in built.finals)
            for state, closure in enumerate(closures)
            if closure.keys() & built.finals
        }

    def best(self, lattice: Lattice) -> Path | None:
        """The likeliest text, or None where no text can be laid on the lattice."""
        if not len(lattice):
            return None
        laid = self._laid(lattice.alphabet)
        return _Search(self, laid, lattice).run() if laid.arcs else None


def _closure(built: Builder, state: int) -> dict[int, float]:
    """Every state that jumps lead to, with the least costly way's cost."""
    reached = {state: 0.0}
    waiting = [state]
    while waiting:
        here = waiting.pop()
        for end, cost in built.jumps.get(here, ()):
            if reached[here] + cost > reached.get(end, -np.inf):
                reached[end] = reached[here] + cost
                waiting.append(end)
    return reached


class _Laid:
    """The arcs of an automaton for the signs of one alphabet, as arrays.

    Arcs that read the same sign in the same way into the same state share a slot: how far it was read there
    is the same for all of them, and which of them came in best is asked only backwards.
    """

    def __init__(self, given: Sequence[Arc], alphabet: str) -> None:
        arcs: list[tuple[Arc, str]] = []
        for arc in given:
            signs = alphabet if arc.sign == ANY else arc.sign
            arcs += [(arc, sign) for sign in signs if sign in alphabet]
        # What is compared stands together, so that numpy can take the best of it in one call; else in order.
        slots: dict[tuple[int, str, str], int] = {}
        for arc, sign in arcs:
            slots.setdefault((arc.end, sign, arc.kind), len(slots))
        self.arcs = sorted(arcs, key=lambda pair: (pair[0].end, slots[pair[0].end, pair[1], pair[0].kind]))
        self.start = np.array([arc.start for arc, _ in self.arcs], np.int64)
        self.sign = np.array([1 + alphabet.index(sign) for _, sign in self.arcs], np.int64)
        self.cost = np.array([arc.cost for arc, _ in self.arcs])
        keys = np.array([(arc.end, _KINDS.index(arc.kind)) for arc, _ in self.arcs], np.int64).reshape(-1, 2)
        new = np.any(np.diff(np.column_stack([keys, self.sign]), axis=0, prepend=-1) != 0, axis=1)
        self.first_arc = np.flatnonzero(new)
        self.end, self.kind = keys[new].T
        self.column = self.sign[new]
        self.entered, self.first = np.unique(self.end, return_index=True)
        self.group = np.searchsorted(self.entered, self.end)

    def arcs_of(self, slot: int) -> range:
        """Numbers of the arcs of a slot."""
        after = self.first_arc[slot + 1] if slot + 1 < len(self.first_arc) else len(self.arcs)
        return range(int(self.first_arc[slot]), int(after))


class _Came(NamedTuple):
    """What the search knows after a step: the best log probability of each state, where blanks are read, and
    of each slot, where signs are; which states were come into by a sign; what each arc offered its slot."""

    states: Floats
    moving: Floats
    fresh: npt.NDArray[np.bool_]
    ways: Floats


class _Search:
    """Viterbi over states and slots; all of a step at once."""

    def __init__(self, automaton: Automaton, laid: _Laid, lattice: Lattice) -> None:
        self.automaton, self.laid, self.lattice = automaton, laid, lattice
        self.sound = self._sound()

    def run(self) -> Path | None:
        """Search forwards, then read the best way backwards."""
        states: Floats = np.full(self.automaton.states, _NEVER)
        states[self.automaton.start] = 0.0
        nothing = np.zeros(self.automaton.states, bool)
        history = [_Came(states, np.full(len(self.laid.end), _NEVER), nothing, np.zeros(0))]
        for blank, row in zip(self.lattice.log[:, 0].tolist(), self.sound, strict=True):
            history.append(self._step(history[-1], blank, row))
        return self._read(history)

    def _sound(self) -> Floats:
        """Log probability ``(T, slots)`` of each slot's sign at each step, under what its kind allows."""
        log = self.lattice.log
        digits, exact = np.full_like(log, _NEVER), np.full_like(log, _NEVER)
        numbers = [column for column in map(self.lattice.index, _DIGITS + ".") if column > 0]
        for run in self.lattice.runs:
            steps, own = slice(run.start, run.end), self.lattice.index(run.sign)
            exact[steps, own] = log[steps, own]
            if own in numbers:
                digits[steps, own] = log[steps, own]
            elif run.sign.isalpha():
                digits[steps, numbers] = log[steps, numbers]
        return np.ascontiguousarray(np.stack([log, digits, exact])[self.laid.kind, :, self.laid.column].T)

    def _step(self, before: _Came, blank: float, sound: Floats) -> _Came:
        laid, states, moving = self.laid, before.states, before.moving
        best = np.maximum.reduceat(moving, laid.first)
        leading = np.where(moving == best[laid.group], laid.column, np.iinfo(np.int64).max)
        sign = np.minimum.reduceat(leading, laid.first)
        second = np.maximum.reduceat(np.where(laid.column == sign[laid.group], _NEVER, moving), laid.first)
        reach, other, top = states.copy(), states.copy(), np.full(len(states), -1)
        reach[laid.entered] = np.maximum(reach[laid.entered], best)
        other[laid.entered] = np.maximum(other[laid.entered], second)
        top[laid.entered] = sign
        # After itself a sign comes only with a blank between.
        ways = np.where(top[laid.start] == laid.sign, other[laid.start], reach[laid.start]) + laid.cost
        enter = np.maximum.reduceat(ways, laid.first_arc)
        return _Came(reach + blank, np.maximum(moving, enter) + sound, reach > states, ways)

    def _read(self, history: list[_Came]) -> Path | None:
        states, moving = history[-1].states, history[-1].moving
        into = np.full(len(states), _NEVER)
        into[self.laid.entered] = np.maximum.reduceat(moving, self.laid.first)
        ends = {s: max(states[s], into[s]) + cost for s, cost in self.automaton.finals.items()}
        last = max(ends, key=lambda state: ends[state], default=-1)
        if last < 0 or ends[last] < _NEVER / 2:
            return None
        steps: list[Step] = []
        state, slot, end, cost = last, self._slot_into(last, history[-1], -1), 0, self.automaton.finals[last]
        for time in range(len(history) - 1, 0, -1):
            before = history[time - 1]
            if slot < 0:
                if history[time].fresh[state]:
                    slot = self._slot_into(state, before, -1)
                continue
            end = end or time
            arc = self._best_way(slot, history[time])
            if before.moving[slot] >= history[time].ways[arc]:
                continue
            made, sign = self.laid.arcs[arc]
            slot = self._slot_into(made.start, before, int(self.laid.sign[arc]))
            steps.append(Step(sign, made.element, time - 1, end))
            cost += made.cost
            state, end = made.start, 0
        return Path(tuple(reversed(steps)), float(ends[last]), -cost)

    def _best_way(self, slot: int, came: _Came) -> int:
        """The arc that offered its slot most."""
        arcs = self.laid.arcs_of(slot)
        return arcs.start + int(came.ways[arcs.start : arcs.stop].argmax())

    def _slot_into(self, state: int, came: _Came, but: int) -> int:
        """The slot with which the best way came into a state, or -1 where a blank was read in it."""
        low, high = np.searchsorted(self.laid.end, [state, state + 1])
        scores = np.where(self.laid.column[low:high] == but, _NEVER, came.moving[low:high])
        best = int(low + scores.argmax()) if high > low else -1
        return best if high > low and scores.max() > came.states[state] else -1
