"""What a recogniser saw on a line of text: for each step the probability of every sign, and of none (CTC)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LINE_BREAK = "\n"
_NEVER = -1e9
_FLOOR = 1e-7
"""Least probability of a sign: a recogniser that is wholly sure may still be wrong."""
_EMPTY = 0.999
"""Probability of the blank from which a step surely shows no sign."""
_BESIDE = 0.02
"""Of a text without a lattice: share of probability for any sign that was lost between two others."""
_NOTHING, _ANYTHING = 0.12, 0.15
"""And of what a doubtful sign leaves: that nothing was printed there, or any sign; the rest is for
look-alikes."""
_LOOKALIKES = (
    "0OQD",
    "1Il|/7\\",
    "2Z",
    "3S8B",
    "4A",
    "5S$",
    "6G",
    "8BS&",
    "VY",
    "KX",
    "UV",
    "CG",
    "MN",
    "NVY",
    "EF",
    "PR",
    ".,",
    ":;",
)
"""Signs that text engines take for each other."""


@dataclass(frozen=True, slots=True)
class Run:
    """One sign of the free reading: which steps it took, and the confidence of the surest of them."""

    sign: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, eq=False)
class Lattice:
    """What was seen at ``T`` steps along the writing.

    Attributes:
        alphabet: signs that the recogniser knows.
        log: log probabilities ``(T, 1 + len(alphabet))`` of the blank and of each sign.
        edges: ``(T + 1,)`` where each step begins and the last one ends, 0..1 of the width; None: evenly.
    """

    alphabet: str
    log: Floats
    edges: Floats | None = None

    def __len__(self) -> int:
        return len(self.log)

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The signs of the free reading: the likeliest of each step, repetitions joined, blanks dropped."""
        best = self.log.argmax(axis=1) if len(self.log) else np.zeros(0, np.int64)
        edges = np.flatnonzero(np.r_[True, best[1:] != best[:-1], True]) if len(best) else best
        return tuple(
            Run(self.alphabet[best[a] - 1], int(a), int(b), math.exp(min(0.0, self.log[a:b, best[a]].max())))
            for a, b in itertools.pairwise(edges)
            if best[a] > 0
        )

    def place(self, start: int, end: int) -> tuple[float, float]:
        """Where steps ``start`` to ``end`` lie, 0..1 of the line's width."""
        if self.edges is None:
            return start / max(len(self), 1), end / max(len(self), 1)
        return float(self.edges[start]), float(self.edges[end])

    @property
    def text(self) -> str:
        """The free reading."""
        return "".join(run.sign for run in self.runs)

    def index(self, sign: str) -> int:
        """Column of a sign, or -1 when the recogniser does not know it."""
        return self.alphabet.find(sign) + 1 or -1

    def log_probability(self, text: str) -> float:
        """Log probability of a text over all ways to lay it on the steps (CTC's forward sum)."""
        if not text:
            return float(self.log[:, 0].sum())
        columns = [self.index(sign) for sign in text]
        if -1 in columns:
            return -math.inf
        labels = np.zeros(2 * len(text) + 1, np.int64)
        labels[1::2] = columns
        skips = np.zeros(len(labels), bool)
        skips[3::2] = labels[3::2] != labels[1:-2:2]
        alpha = np.full(len(labels), -np.inf)
        alpha[:2] = self.log[0, labels[:2]]
        for step in self.log[1:]:
            one = np.r_[-np.inf, alpha[:-1]]
            two = np.where(skips, np.r_[-np.inf, -np.inf, alpha[:-2]], -np.inf)
            alpha = np.logaddexp(np.logaddexp(alpha, one), two) + step[labels]
        return float(np.logaddexp(alpha[-1], alpha[-2]))


def of_probabilities(alphabet: str, probabilities: npt.ArrayLike) -> Lattice:
    """A lattice from a recogniser's softmax ``(T, 1 + len(alphabet))``.

    Of successive steps that surely show nothing one is kept: half of all steps are gone, and nothing is lost.
    """
    told = np.nan_to_num(np.asarray(probabilities, np.float64), nan=0.0, posinf=1.0).clip(0.0, 1.0)
    empty = told[:, 0] > _EMPTY
    kept = np.flatnonzero(~(empty & np.r_[False, empty[:-1]]))
    edges = np.r_[kept, len(told)] / max(len(told), 1)
    return Lattice(alphabet, np.log(np.maximum(told[kept], _FLOOR)), edges)


def of_text(text: str, confidences: Sequence[float] = ()) -> Lattice:
    """A lattice for a text of which only the signs are known, and perhaps how sure each is.

    What is left of a sign's probability falls on signs that are often taken for it, and a little on all
    others; so does that of the gap between two signs, where one may have been lost.

    Args:
        text: as read.
        confidences: of each sign, 0..1; 0.9 without.
    """
    alphabet = "".join(sorted(set(text) | _SIGNS))
    log = np.full((2 * len(text) + 1, 1 + len(alphabet)), math.log(_BESIDE / len(alphabet)))
    log[::2, 0] = math.log(1 - _BESIDE)
    for number, sign in enumerate(text):
        sure = min(max(confidences[number] if confidences else 0.9, 0.5), 0.99)
        step = log[2 * number + 1]
        like = {other for group in _LOOKALIKES if sign in group for other in group} - {sign}
        anything = _ANYTHING if like else 1 - _NOTHING
        step[:] = math.log((1 - sure) * anything / len(alphabet))
        step[0] = math.log((1 - sure) * _NOTHING)
        for other in like:
            share = (1 - _ANYTHING - _NOTHING) / len(like)
            step[alphabet.index(other) + 1] = math.log((1 - sure) * share)
        step[alphabet.index(sign) + 1] = math.log(sure)
    return Lattice(alphabet, log)


_SIGNS = {sign for group in _LOOKALIKES for sign in group} | set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/ .-:+\n"
)


def joined(lattices: Sequence[Lattice], signs: Sequence[str]) -> Lattice:
    """Several lattices one after the other, with a sign that is certain between each two.

    Args:
        lattices: at least one.
        signs: one fewer: a blank between parts of a row, `LINE_BREAK` between rows.
    """
    alphabet = "".join(sorted({sign for lattice in lattices for sign in lattice.alphabet} | set(signs)))
    parts: list[Floats] = []
    for number, lattice in enumerate(lattices):
        if number:
            parts.append(_certain(alphabet, signs[number - 1]))
        wide = np.full((len(lattice), 1 + len(alphabet)), _NEVER)
        wide[:, [0, *(alphabet.index(sign) + 1 for sign in lattice.alphabet)]] = lattice.log
        parts.append(wide)
    return Lattice(alphabet, np.concatenate(parts))


def _certain(alphabet: str, sign: str) -> Floats:
    row = np.full((1, 1 + len(alphabet)), _NEVER)
    row[0, alphabet.index(sign) + 1] = 0.0
    return row
