"""Draws, batches and loaders: draw number n is the same picture in every run, so runs can be resumed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from lipack_vision.errors import DatasetError
from lipack_vision.geometry import side_lengths
from lipack_vision.types import ImageArray
from training.data.augment import Photometric
from training.data.coco import CocoDataset, Truth
from training.data.warp import WarpSettings, random_view

LEAST_VISIBLE = 0.35
"""Marks of which less can be seen are neither asked for nor forbidden."""
LEAST_SIDE = 7.0
"""Nor are marks whose shorter side has fewer pixels at the net's input."""

Drawn = tuple[npt.NDArray[np.uint8], Truth, npt.NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's data: images ``(N, 3, S, S)`` uint8 and, per image, the marks in it.

    Attributes:
        quads: per image ``(M, 8)`` float32 ordered corners in pixels.
        labels: per image ``(M,)`` int64.
        ignored: per image ``(M,)`` bool: neither positive nor negative.
    """

    images: Tensor
    quads: list[Tensor]
    labels: list[Tensor]
    ignored: list[Tensor]


def ignored_marks(truth: Truth, scale: float = 1.0) -> npt.NDArray[np.bool_]:
    """``(M,)``: too hidden, or too small after scaling by ``scale``, to be asked for."""
    sides = np.array([side_lengths(q) for q in truth.quads], np.float32).reshape(-1, 4)
    # Opposite sides are averaged: perspective shortens one of them without hiding the mark.
    short = np.minimum(sides[:, 0] + sides[:, 2], sides[:, 1] + sides[:, 3]) / 2 * scale
    return np.asarray((truth.visible < LEAST_VISIBLE) | (short < LEAST_SIDE))


class MarksDraws(Dataset[Drawn]):
    """Endless augmented views of a data set, addressed by draw number.

    Args:
        source: photos with ordered corners.
        size: side of the views in pixels.
        seed: of everything random.
        settings: how far pictures are moved.
        photometric: colour, blur, noise, compression.
    """

    def __init__(
        self, source: CocoDataset, size: int, seed: int, settings: WarpSettings, photometric: Photometric
    ) -> None:
        if not len(source) or not source.quads:
            raise DatasetError(
                source.name,
                expected="photos whose marks have ordered corners (quad)",
                found="boxes only" if len(source) else "no photos",
                cure="Train on rendered pictures or annotate the corners.",
            )
        self.source, self.size, self.seed = source, size, seed
        self.settings, self.photometric = settings, photometric

    def _order(self, epoch: int) -> npt.NDArray[np.int64]:
        return np.random.default_rng([self.seed, 1, epoch]).permutation(len(self.source))

    def __getitem__(self, number: int) -> Drawn:
        """View ``uint8 (3, S, S)``, its marks, and which of them are ignored."""
        rng = np.random.default_rng([self.seed, 2, number])
        epoch, place = divmod(number, len(self.source))
        chosen = [int(self._order(epoch)[place])]

        def draw() -> tuple[ImageArray, Truth]:
            sample = self.source.samples[chosen.pop() if chosen else int(rng.integers(len(self.source)))]
            return sample.image(), sample.truth

        image, truth = random_view(rng, draw, self.size, self.settings)
        image = self.photometric(rng, image)
        return np.ascontiguousarray(image.transpose(2, 0, 1)), truth, ignored_marks(truth)


class Numbers(Sampler[list[int]]):
    """Batches of draw numbers from ``first`` on, without end."""

    def __init__(self, size: int, first: int) -> None:
        self.size, self.first = size, first

    def __iter__(self) -> Iterator[list[int]]:
        number = self.first
        while True:
            yield list(range(number, number + self.size))
            number += self.size


def collate(drawn: list[Drawn]) -> Batch:
    """Join views to a `Batch`."""
    return Batch(
        torch.from_numpy(np.stack([image for image, _, _ in drawn])),
        [torch.from_numpy(truth.quads.reshape(-1, 8)) for _, truth, _ in drawn],
        [torch.from_numpy(truth.labels) for _, truth, _ in drawn],
        [torch.from_numpy(ignored) for _, _, ignored in drawn],
    )


def _one_thread(_: int) -> None:
    # The net's threads and the workers share the cores; OpenCV alone would start one thread per core.
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def loader(draws: MarksDraws, batch: int, workers: int, first_step: int = 0) -> DataLoader[Drawn]:
    """An endless loader of `Batch` that starts where a run of ``first_step`` steps stopped."""
    return DataLoader(
        draws,
        batch_sampler=Numbers(batch, first_step * batch),
        num_workers=workers,
        collate_fn=collate,
        worker_init_fn=_one_thread,
        prefetch_factor=4 if workers else None,
        persistent_workers=workers > 0,
    )
