"""Training pictures of the line net: lines of print, rendered as they are drawn."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.codes.line_image import STEP
from lipack_vision.datasets import Truth
from lipack_vision.labels.closeup import GREY
from training.codes.line_pictures import render_line
from training.codes.line_text import ALPHABET, random_line
from training.data.batches import View

_LENGTHS = 4
"""Texts are drawn for so many draws at once, and sorted by length among them."""


class Line(NamedTuple):
    """One line ``uint8 (3, LINE_HEIGHT, W)`` and what it says."""

    image: npt.NDArray[np.uint8]
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class LineBatch:
    """Lines side by side.

    Attributes:
        images: ``(N, 3, LINE_HEIGHT, W)`` uint8, grey beyond the end of each.
        steps: ``(N,)`` steps of the net's answer that show the line.
        signs: ``(sum of lengths,)`` columns of the net's answer, line after line.
        lengths: ``(N,)`` signs of each line.
    """

    images: Tensor
    steps: Tensor
    signs: Tensor
    lengths: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> LineBatch:
        """The same batch on a device."""
        return LineBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> LineBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return LineBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.images, self.steps, self.signs, self.lengths


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How lines are drawn.

    Attributes:
        each: lines of each draw, of about one length, so that a batch of one draw is filled up little.
    """

    each: int = 64


class LineDraws(Dataset[list[Line]]):
    """Endless lines, addressed by draw number.

    Args:
        seed: of everything random.
        settings: how they are drawn.
    """

    def __init__(self, seed: int, settings: LineSettings) -> None:
        self.seed, self.settings = seed, settings

    def __getitem__(self, number: int) -> list[Line]:
        """Draw number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 5, number])
        each = self.settings.each
        texts = sorted((random_line(rng) for _ in range(_LENGTHS * each)), key=len)
        first = each * int(rng.integers(_LENGTHS))
        return [_drawn(text, rng) for text in texts[first : first + each]]

    def shown(self, number: int) -> list[View]:
        """The lines of a draw for people."""
        none = Truth(*(np.zeros((0, *shape), kind) for shape, kind in _NO_MARKS))
        return [(line.text, line.image, none, np.zeros(0, bool)) for line in self[number]]

    @staticmethod
    def collate(drawn: list[list[Line]]) -> LineBatch:
        """Join draws to a batch."""
        return collate([line for lines in drawn for line in lines])


_NO_MARKS = (((4, 2), np.float32), ((), np.int64), ((), np.float32), ((), bool))


def _drawn(text: str, rng: np.random.Generator) -> Line:
    while True:
        image, printed = render_line(text, rng)
        # A line with more signs than steps cannot be taught: equal neighbours need a step between them.
        twins = sum(a == b for a, b in itertools.pairwise(printed))
        if len(printed) + twins <= image.shape[1] // STEP:
            return Line(np.ascontiguousarray(image.transpose(2, 0, 1)), printed)


def collate(lines: list[Line]) -> LineBatch:
    """Join lines to a batch as wide as the widest of them."""
    width = max(line.image.shape[2] for line in lines)
    images = np.full((len(lines), *lines[0].image.shape[:2], width), GREY, np.uint8)
    for row, line in zip(images, lines, strict=True):
        row[..., : line.image.shape[2]] = line.image
    columns = [1 + ALPHABET.index(sign) for line in lines for sign in line.text]
    return LineBatch(
        torch.from_numpy(images),
        torch.tensor([line.image.shape[2] // STEP for line in lines], dtype=torch.int64),
        torch.tensor(columns, dtype=torch.int64),
        torch.tensor([len(line.text) for line in lines], dtype=torch.int64),
    )
