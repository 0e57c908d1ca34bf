"""Annotated photos, whatever format they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import DatasetError
from lipack_vision.types import ImageArray

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The marks of one photo.

    Attributes:
        quads: corners ``(M, 4, 2)`` float32 in pixels.
        labels: indices ``(M,)`` int64 into the data set's classes.
        visible: fraction ``(M,)`` float32 of each mark that can be seen, 0..1.
        ordered: ``(M,)`` bool: the corners are the mark's own, in the order of the artwork. False: only the
            upright box around the mark is known, and the corners are those of that box.
    """

    quads: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    visible: npt.NDArray[np.float32]
    ordered: Bools

    def __len__(self) -> int:
        return len(self.labels)

    def keep(self, chosen: Bools) -> Truth:
        """Only the chosen ``(M,)`` marks."""
        return Truth(self.quads[chosen], self.labels[chosen], self.visible[chosen], self.ordered[chosen])

    def moved(self, quads: npt.NDArray[np.float32], visible: npt.NDArray[np.float32]) -> Truth:
        """The same marks at other places."""
        return replace(self, quads=quads, visible=visible)

    @staticmethod
    def joined(parts: Sequence[Truth]) -> Truth:
        """The marks of several pictures as those of one."""
        return Truth(
            np.concatenate([p.quads for p in parts]),
            np.concatenate([p.labels for p in parts]),
            np.concatenate([p.visible for p in parts]),
            np.concatenate([p.ordered for p in parts]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One photo of a data set.

    Attributes:
        path: its file.
        size: width and height in pixels, as `image` returns it.
        truth: what it shows.
        asked: ``(K,)`` bool per class: its annotations would show a mark of this class if there were one.
            Where False, the photo says nothing about the class: a carton that nobody was asked to draw is no
            empty place.
        turned: the annotations count pixels of the photo after its EXIF turn, not of the stored picture.
        lookalikes: corners ``(L, 4, 2)`` of things that look like marks and are none, where they are known.
    """

    path: Path
    size: tuple[int, int]
    truth: Truth
    asked: Bools
    turned: bool = False
    lookalikes: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4, 2), np.float32))

    def image(self) -> ImageArray:
        """The photo as RGB ``uint8 (H, W, 3)``, in the orientation that its annotations count in.

        Raises:
            DatasetError: the file is missing or no picture.
        """
        flags = cv2.IMREAD_COLOR if self.turned else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        found = cv2.imread(str(self.path), flags)
        if found is None:
            raise DatasetError(
                str(self.path),
                expected="a picture",
                found="a missing or unreadable file",
                cure="Put the file back, or make the data set again.",
            )
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoDataset:
    """Annotated photos.

    Attributes:
        name: for people, such as ``photos/train``.
        samples: the photos.
        manifest: SHA-256 over the names and contents of all files and over all annotations; the same data
            give the same number on every machine.
    """

    name: str
    samples: Sequence[Sample]
    manifest: str

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def marks(self) -> int:
        """Number of marks on all photos."""
        return sum(len(sample.truth) for sample in self.samples)

    @property
    def ordered(self) -> bool:
        """Whether every mark has its own corners, not only a box."""
        return all(bool(sample.truth.ordered.all()) for sample in self.samples)
