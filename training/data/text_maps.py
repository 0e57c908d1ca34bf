"""Training pictures of the text map net: print on board, and photos without any that is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.codes.text_boxes import STRIDE, Floats, kernel
from lipack_vision.datasets import PhotoDataset, Truth
from lipack_vision.labels.closeup import GREY
from lipack_vision.types import ImageArray
from training.codes.text_scenes import LETTER_PX, Quads, text_scene
from training.data.batches import View
from training.data.mixture import Mixture
from training.data.warp import CARTON, read_photo


class TextPicture(NamedTuple):
    """One picture ``uint8 (3, S, S)``, its lines ``(N, 4, 2)`` in pixels, and its maps in cells of `STRIDE`.

    ``middle (S / 4, S / 4)`` is the share of each cell that a line takes, NaN where nobody knows; ``direction
    (2, S / 4, S / 4)`` is the direction of reading where a line is.
    """

    image: npt.NDArray[np.uint8]
    lines: Quads
    middle: Floats
    direction: Floats


@dataclass(frozen=True, slots=True, eq=False)
class TextBatch:
    """Images ``(N, 3, S, S)`` uint8, maps ``(N, h, w)`` and ``(N, 2, h, w)`` float32; see `TextPicture`."""

    images: Tensor
    middle: Tensor
    direction: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> TextBatch:
        """The same batch on a device."""
        return TextBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> TextBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return TextBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.images, self.middle, self.direction


@dataclass(frozen=True, slots=True)
class TextSettings:
    """How pictures are made.

    Attributes:
        photos: share of rendered photos, where print may stand only on marks and other artwork.
        zoom: of these photos, natural logarithm, at most.
        enlarged: share of the other pictures that were smaller, as crops of small marks are enlarged: with
            large, soft letters.
        most_enlarged: how many times.
    """

    photos: float = 0.3
    zoom: float = 1.2
    enlarged: float = 0.4
    most_enlarged: float = 2.6


class TextDraws(Dataset[TextPicture]):
    """Endless pictures, addressed by draw number.

    Args:
        source: photos whose marks and look-alikes are known.
        size: side of the pictures in pixels.
        seed: of everything random.
        settings: how they are made.
    """

    def __init__(self, source: PhotoDataset | Mixture, size: int, seed: int, settings: TextSettings) -> None:
        self.source, self.size, self.seed, self.settings = Mixture.of(source), size, seed, settings

    def __getitem__(self, number: int) -> TextPicture:
        """Draw number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 7, number])
        if rng.random() < self.settings.photos:
            image, hidden = self._photo(number, rng)
            return text_picture(image, np.zeros((0, 4, 2), np.float32), hidden)
        return text_picture(*self._scene(rng))

    def _scene(self, rng: np.random.Generator) -> tuple[ImageArray, Quads, Quads]:
        if rng.random() >= self.settings.enlarged:
            return text_scene(rng, self.size)
        times = math.exp(rng.uniform(0, math.log(self.settings.most_enlarged)))
        image, lines, hidden = text_scene(rng, round(self.size / times), LETTER_PX[1] / times)
        times = self.size / len(image)
        large = cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_LINEAR)
        lines, hidden = ((quads + 0.5) * np.float32(times) - np.float32(0.5) for quads in (lines, hidden))
        return np.asarray(large, np.uint8), lines, hidden

    def _photo(self, number: int, rng: np.random.Generator) -> tuple[ImageArray, Quads]:
        """A part of a photo, and the places on it where print may stand."""
        part, index = self.source.pick(self.seed, number)
        sample = part.samples[index]
        image, truth = read_photo(sample, 1)
        height, width = image.shape[:2]
        scale = self.size / max(height, width) * math.exp(rng.uniform(0, self.settings.zoom))
        room = np.minimum(0.0, self.size - scale * np.array([width, height]))
        shift = rng.uniform(room, np.maximum(room, 0.0) + 1e-6)
        matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=method)
        view = cv2.warpAffine(
            small,
            np.array([[1, 0, shift[0]], [0, 1, shift[1]]]),
            (self.size, self.size),
            borderValue=(GREY,) * 3,
        )
        shown = np.concatenate([truth.quads[truth.labels != CARTON], sample.lookalikes])
        return np.asarray(view, np.uint8), (shown @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)

    def shown(self, number: int) -> list[View]:
        """The picture of a draw for people."""
        picture = self[number]
        count = len(picture.lines)
        truth = Truth(
            picture.lines, np.zeros(count, np.int64), np.ones(count, np.float32), np.ones(count, bool)
        )
        return [(f"draw {number}", picture.image, truth, np.zeros(count, bool))]

    @staticmethod
    def collate(drawn: list[TextPicture]) -> TextBatch:
        """Join draws to a batch."""
        return TextBatch(
            torch.from_numpy(np.stack([picture.image for picture in drawn])),
            torch.from_numpy(np.stack([picture.middle for picture in drawn])),
            torch.from_numpy(np.stack([picture.direction for picture in drawn])),
        )


def text_picture(image: ImageArray, lines: Quads, hidden: Quads) -> TextPicture:
    """A picture with the maps that the net is to give for it."""
    size = image.shape[0]
    side = size // STRIDE
    whole: Floats = np.zeros((size, size), np.float32)
    direction: Floats = np.zeros((2, side, side), np.float32)
    for quad in lines:
        part = _filled(size, kernel(quad))
        whole = np.maximum(whole, part)
        along = (quad[1] - quad[0]) + (quad[2] - quad[3])
        along = along / max(float(np.hypot(*along)), 1e-6)
        direction = np.where(_share(part, side) > 0, along[:, None, None].astype(np.float32), direction)
    middle = _share(whole, side)
    for quad in hidden:
        unknown = (_share(_filled(size, quad), side) > 0) & (middle == 0)
        middle[unknown] = np.nan
    return TextPicture(np.ascontiguousarray(image.transpose(2, 0, 1)), lines, middle, direction)


def _filled(size: int, quad: Floats) -> Floats:
    grid = np.zeros((size, size), np.float32)
    # Sixteenths of a pixel keep the slant of thin lines.
    cv2.fillConvexPoly(grid, np.rint(quad * 16).astype(np.int32), (1.0,), cv2.LINE_8, 4)
    return grid


def _share(grid: Floats, side: int) -> Floats:
    """How much of each cell is covered."""
    return np.asarray(cv2.resize(grid, (side, side), interpolation=cv2.INTER_AREA), np.float32)
