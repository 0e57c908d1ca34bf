"""Which end lines are read from, with what is read of them made up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lipack_vision.codes.line_engine import LineEngine
from lipack_vision.codes.text import TextLine
from lipack_vision.types import ImageArray, Quad, as_quad

PHOTO = np.zeros((200, 400, 3), np.uint8)


def quad(x: float, y: float, width: float) -> Quad:
    return as_quad([[x, y], [x + width, y], [x + width, y + 20], [x, y + 20]])


def turned(given: Quad) -> Quad:
    return as_quad(np.roll(given, 2, axis=0))


class Told(LineEngine):
    """Finds the given lines, and reads each from either end as it was told."""

    def __init__(self, *lines: tuple[Quad, tuple[str, float], tuple[str, float]]) -> None:
        super().__init__(calibrated=False, threads=1)
        self.lines = lines

    def find(self, image: ImageArray) -> list[Quad]:
        return [line[0] for line in self.lines]

    def read_quads(self, image: ImageArray, quads: Sequence[Quad]) -> list[TextLine]:
        return [self._told(one) for one in quads]

    def _told(self, asked: Quad) -> TextLine:
        for found, text, other in self.lines:
            if np.array_equal(asked, found):
                return TextLine(*text, asked)
            if np.array_equal(asked, turned(found)):
                return TextLine(*other, asked)
        raise AssertionError("no such line")


LONG = quad(20, 20, 200), ("4GV/X2.5/S/20", 0.98), ("OZ/S/9.ZX/ASV", 0.1)


@pytest.mark.parametrize(
    ("upright", "on_its_head", "expected"),
    [
        (("975", 0.89), ("S/6", 0.92), "975"),
        (("975", 0.6), ("S/6", 0.92), "975"),
        # Print that stands on its head after all, on another carton.
        (("OZ/S", 0.2), ("S/20", 0.97), "S/20"),
        # Hardly read at all from the other end.
        (("Q7G", 0.38), ("S/6", 0.7), "S/6"),
        # Longer print does not look like other print from its other end.
        (("OZ/S/9.ZX", 0.7), ("X2.6/S/20", 0.9), "X2.6/S/20"),
    ],
)
def test_hardly_any_line_stands_on_its_head_among_others(
    upright: tuple[str, float], on_its_head: tuple[str, float], expected: str
) -> None:
    short = quad(20, 50, 40)
    for line in ((short, upright, on_its_head), (turned(short), on_its_head, upright)):
        _, found = Told(LONG, line).read_lines(PHOTO)
        assert found.text == expected


def test_a_line_alone_is_read_from_the_end_from_which_it_is_surer() -> None:
    (found,) = Told((quad(20, 50, 40), ("975", 0.6), ("S/6", 0.92))).read_lines(PHOTO)
    assert found.text == "S/6"
