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

    def read_quads(
        self, image: ImageArray, quads: Sequence[Quad], lifts: Sequence[float] = (0.0,)
    ) -> list[TextLine]:
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


class Seeing(LineEngine):
    """Sees `0` or `O` with the given probabilities of `0`, look after look."""

    def __init__(self, *zero: float) -> None:
        super().__init__("codes", calibrated=False)
        self.zero = zero
        self.pictures: list[ImageArray] = []

    def find(self, image: ImageArray) -> list[Quad]:
        return [quad(20, 20, 60)]

    def _see_batch(self, pictures: Sequence[ImageArray]) -> list[np.ndarray]:
        alphabet = self.artifact.card.alphabet or ""
        seen = []
        for picture in pictures:
            told = np.full((4, 1 + len(alphabet)), 1e-6, np.float32)
            told[:, 0] = 1
            zero = self.zero[len(self.pictures) % len(self.zero)]
            told[1] = 1e-6
            told[1, 1 + alphabet.index("0")], told[1, 1 + alphabet.index("O")] = zero, 1 - zero
            seen.append(told / told.sum(axis=1, keepdims=True))
            self.pictures.append(picture)
        return seen


@pytest.mark.parametrize(("looks", "text"), [((0.3, 0.6, 0.95), "0"), ((0.1, 0.6, 0.3), "O")])
def test_several_looks_at_a_line_are_joined(looks: tuple[float, float, float], text: str) -> None:
    (line,) = Seeing(*looks).read_quads(PHOTO, [quad(20, 20, 60)], (-0.05, 0.0, 0.05))
    assert line.text == text
    odds = np.prod([zero / (1 - zero) for zero in looks]) ** (1 / 3)
    told = max(odds, 1 / odds) / (1 + max(odds, 1 / odds))
    assert line.probability == pytest.approx(told, abs=1e-3)


def test_a_doubtful_line_is_looked_at_again_higher_and_lower_and_a_sure_one_is_not() -> None:
    sure, doubtful = Seeing(0.99), Seeing(0.8)
    picture = PHOTO.copy()
    picture[:, :, 0] = np.arange(len(PHOTO))[:, None]
    assert [engine.read_lines(picture)[0].text for engine in (sure, doubtful)] == ["0", "0"]
    assert len(sure.pictures) == 1
    heights = [float(one[..., 0].mean()) for one in doubtful.pictures[-3:]]
    assert heights[0] > heights[1] > heights[2]
