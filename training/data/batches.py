"""Draws, batches and loaders: draw number n is the same picture in every run, so runs can be resumed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.datasets import PhotoDataset, Truth
from lipack_vision.errors import DatasetError
from lipack_vision.geometry import side_lengths
from lipack_vision.types import ImageArray
from training.data.augment import Augment
from training.data.mixture import Mixture

LEAST_VISIBLE = 0.35
"""Marks of which less can be seen are neither asked for nor forbidden."""
LEAST_SIDE = 7.0
"""Nor are marks whose shorter side has fewer pixels at the net's input."""


View = tuple[str, npt.NDArray[np.uint8], Truth, npt.NDArray[np.bool_]]
"""For people: what it is, picture ``uint8 (3, S, S)``, marks on it, and which are ignored ``(M,)``."""


class Drawn(NamedTuple):
    """One view ``uint8 (3, S, S)``, its marks, which are ignored ``(M,)``, and the classes asked ``(K,)``."""

    image: npt.NDArray[np.uint8]
    truth: Truth
    ignored: npt.NDArray[np.bool_]
    asked: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's data: images ``(N, 3, S, S)`` uint8 and, per image, the marks in it.

    Attributes:
        quads: per image ``(M, 8)`` float32 corners in pixels.
        labels: per image ``(M,)`` int64.
        ignored: per image ``(M,)`` bool: neither positive nor negative.
        ordered: per image ``(M,)`` bool: the corners are the mark's own; else those of its upright box.
        asked: ``(N, K)`` bool: a mark of the class would have been annotated.
    """

    images: Tensor
    quads: list[Tensor]
    labels: list[Tensor]
    ignored: list[Tensor]
    ordered: list[Tensor]
    asked: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> Batch:
        """The same batch on a device."""

        def moved(tensor: Tensor) -> Tensor:
            return tensor.to(device, non_blocking=non_blocking)

        return replace(
            self,
            images=moved(self.images),
            quads=[moved(t) for t in self.quads],
            labels=[moved(t) for t in self.labels],
            ignored=[moved(t) for t in self.ignored],
            ordered=[moved(t) for t in self.ordered],
            asked=moved(self.asked),
        )

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return replace(self, images=self.images.pin_memory())


def ignored_marks(truth: Truth, scale: float = 1.0) -> npt.NDArray[np.bool_]:
    """``(M,)``: too hidden, or too small after scaling by ``scale``, to be asked for."""
    sides = np.array([side_lengths(q) for q in truth.quads], np.float32).reshape(-1, 4)
    # Opposite sides are averaged: perspective shortens one of them without hiding the mark.
    short = np.minimum(sides[:, 0] + sides[:, 2], sides[:, 1] + sides[:, 3]) / 2 * scale
    return np.asarray((truth.visible < LEAST_VISIBLE) | (short < LEAST_SIDE))


class MarksDraws(Dataset[Drawn]):
    """Endless augmented views of data sets, addressed by draw number.

    Args:
        source: photos with marks, one data set or several with weights.
        size: side of the views in pixels.
        seed: of everything random.
        augment: makes a view of a photo.
    """

    def __init__(self, source: PhotoDataset | Mixture, size: int, seed: int, augment: Augment) -> None:
        self.source, self.size, self.seed, self.augment = Mixture.of(source), size, seed, augment
        self._boxed = {part.name for part in self.source.parts if not part.ordered}
        if not self.source.parts:
            raise DatasetError(
                "training data",
                expected="at least one photo",
                found="none",
                cure="Check data.root and data.split.",
            )

    def __getitem__(self, number: int) -> Drawn:
        """View number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 2, number])
        part, index = self.source.pick(self.seed, number)
        first = [part.samples[index]]
        asked = first[0].asked

        def draw() -> tuple[ImageArray, Truth]:
            nonlocal asked
            # A picture put together from several takes them from one data set, which asks the same classes.
            sample = first.pop() if first else part.samples[int(rng.integers(len(part)))]
            asked = asked & sample.asked
            return self.augment.read(sample)

        image, truth = self.augment(rng, draw, self.size, boxed=part.name in self._boxed)
        return Drawn(np.ascontiguousarray(image.transpose(2, 0, 1)), truth, ignored_marks(truth), asked)

    def shown(self, number: int) -> list[View]:
        """The draw for people."""
        image, truth, ignored, _ = self[number]
        title = f"draw {number}, marks: {len(truth)}, ignored: {int(ignored.sum())}"
        return [(title, image, truth, ignored)]

    @staticmethod
    def collate(drawn: list[Drawn]) -> Batch:
        """Join views to a `Batch`."""
        return Batch(
            torch.from_numpy(np.stack([d.image for d in drawn])),
            [torch.from_numpy(d.truth.quads.reshape(-1, 8)) for d in drawn],
            [torch.from_numpy(d.truth.labels) for d in drawn],
            [torch.from_numpy(d.ignored) for d in drawn],
            [torch.from_numpy(d.truth.ordered) for d in drawn],
            torch.from_numpy(np.stack([d.asked for d in drawn])),
        )
