"""Where on the photo each element of a mark stands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from lipack_vision.codes.automaton import Step
from lipack_vision.codes.lattice import Lattice
from lipack_vision.codes.mark_grammar import SEPARATOR
from lipack_vision.codes.reading import ReadElement
from lipack_vision.codes.text import TextLine
from lipack_vision.types import Quad, as_quad


def places(
    steps: Sequence[Step], lines: Sequence[TextLine], lattices: Sequence[Lattice]
) -> Iterator[ReadElement]:
    """Every element once for each line that it stands on, in the order of reading.

    Args:
        steps: on the lattices of all lines, one sign between each two of them.
        lines: as they were joined.
        lattices: of the lines.
    """
    starts = np.cumsum([0, *(len(lattice) + 1 for lattice in lattices)])

    def line_of(step: Step) -> int:
        return int(np.searchsorted(starts, step.start, side="right")) - 1

    printed = [step for step in steps if step.element != SEPARATOR]
    for (element, number), group in groupby(printed, key=lambda step: (step.element, line_of(step))):
        signs = [step for step in group if step.start - starts[number] < len(lattices[number])]
        if not signs:
            continue
        lattice, first = lattices[number], int(starts[number])
        sure = min(_probability(lattice, step, first) for step in signs)
        span = lattice.place(signs[0].start - first, signs[-1].end - first)
        text = "".join(step.sign for step in signs)
        yield ReadElement(element, text, sure, _part(lines[number].quad, *span), number)


def _probability(lattice: Lattice, step: Step, first: int) -> float:
    seen = lattice.log[step.start - first : step.end - first, lattice.index(step.sign)]
    return math.exp(min(0.0, float(seen.max()))) if seen.size else 0.0


def _part(quad: Quad, start: float, end: float) -> Quad:
    """The part of a line from one share of its width to another."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    return as_quad(
        [quad[0] + start * top, quad[0] + end * top, quad[3] + end * bottom, quad[3] + start * bottom]
    )
