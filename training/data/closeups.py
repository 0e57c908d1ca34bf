"""Training pictures of the close-up net: frames around marks, look-alikes and other places of photos."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.datasets import PhotoDataset, Sample, Truth
from lipack_vision.geometry import Homography, homography, transform, unit_quad
from lipack_vision.labels.closeup import CLOSEUP_LABELS, GREY, ROOM, Frame, cut
from lipack_vision.types import DIAMONDS, LABELS, ImageArray, as_quad
from training.data.augment import Photometric
from training.data.batches import View, ignored_marks
from training.data.hiding import covered, cut_off, misexposed
from training.data.mixture import Mixture
from training.data.warp import CARTON, read_photo

NOTHING = len(CLOSEUP_LABELS)
"""The class of a picture that shows no mark in its middle."""
UNTOLD = -1
"""Nobody can tell: a mark or face is neither in the middle nor far from it, or is mostly hidden."""

_MIDDLE = 0.27
"""A mark in the middle lies within so many sides of the picture's centre."""
_EXTENT = (0.33, 1.25)
"""And takes so much of the picture's side."""
_UPSIDE_DOWN = 0.1
"""Share of second looks from the wrong end."""
_NEAR, _SIMILAR = 0.5, (0.2, 2.2)
"""Marks beyond the first but within these make a picture untold."""


class Closeup(NamedTuple):
    """One picture ``uint8 (3, S, S)``, its class, and its corners ``(4, 2)`` in pixels; NaN: not known."""

    image: npt.NDArray[np.uint8]
    label: int
    corners: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class CloseupBatch:
    """Images ``(N, 3, S, S)`` uint8, labels ``(N,)`` int64, corners ``(N, 4, 2)`` float32, NaN: not known."""

    images: Tensor
    labels: Tensor
    corners: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> CloseupBatch:
        """The same batch on a device."""
        return CloseupBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> CloseupBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return CloseupBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.images, self.labels, self.corners


@dataclass(frozen=True, slots=True)
class CloseupSettings:
    """How pictures are cut.

    Attributes:
        each: pictures of each photo that is read.
        marks: share of marks among marks and look-alikes, where a photo has both.
        elsewhere: share of pictures at a random place.
        part: share of pictures that show only a part of a mark, or a mark among much else.
        shift: of the frame, in lengths of the mark's frame, at most.
        scale: of the frame's side, natural logarithm, at most.
        tilt: degrees, standard deviation.
        any_angle: share turned by any angle.
        lean: share seen from further aside than in the photo.
        squeeze: least width that leaning leaves, as a share.
        fitted: share of marks that stand upright in a frame of their own shape, as at the second look.
        covered: share with something in front of it.
        ended: share in which the photo ends.
        misexposed: share that is washed out, or nearly black.
        strength: of the changes of colour, blur, noise and compression.
    """

    each: int = 4
    marks: float = 0.7
    elsewhere: float = 0.1
    part: float = 0.08
    shift: float = 0.2
    scale: float = 0.35
    tilt: float = 8.0
    any_angle: float = 0.4
    lean: float = 0.4
    squeeze: float = 0.55
    fitted: float = 0.0
    covered: float = 0.0
    ended: float = 0.0
    misexposed: float = 0.0
    strength: float = 0.7


class CloseupDraws(Dataset[list[Closeup]]):
    """Endless pictures, addressed by draw number; a draw gives `CloseupSettings.each` of one photo.

    Args:
        source: photos with marks, one data set or several with weights.
        size: side of the pictures in pixels.
        seed: of everything random.
        settings: how they are cut.

    Attributes:
        names: of the labels; one more says that there is nothing in the middle.
    """

    names: tuple[str, ...] = CLOSEUP_LABELS

    def __init__(
        self, source: PhotoDataset | Mixture, size: int, seed: int, settings: CloseupSettings
    ) -> None:
        self.source, self.size, self.seed, self.settings = Mixture.of(source), size, seed, settings
        self.photometric = Photometric(settings.strength)

    def __getitem__(self, number: int) -> list[Closeup]:
        """Draw number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 3, number])
        part, index = self.source.pick(self.seed, number)
        sample = part.samples[index]
        image, sample = read_reduced(sample, self.size)
        return [self._draw(image, sample, rng) for _ in range(self.settings.each)]

    def _draw(self, image: ImageArray, sample: Sample, rng: np.random.Generator) -> Closeup:
        frame = self.frame(sample, rng)
        label, corners = self.told(sample, frame)
        picture = cut(image, frame, self.size)
        if rng.random() < self.settings.lean:
            picture, corners = leant(picture, corners, rng, self.settings.squeeze)
            label = self.told_leant(label, corners)
        hidden = rng.random() < self.settings.covered
        if hidden:
            picture = covered(picture, corners, rng)
        if rng.random() < self.settings.misexposed:
            picture = misexposed(picture, rng)
        picture = self.photometric(rng, picture)
        # Never both: together they would hide too much.
        if not hidden and rng.random() < self.settings.ended:
            picture = cut_off(picture, corners, frame, rng)
        return Closeup(np.ascontiguousarray(picture.transpose(2, 0, 1)), label, corners)

    def frame(self, sample: Sample, rng: np.random.Generator) -> Frame:
        """Where to look."""
        return choose_frame(sample, rng, self.settings)

    def told(self, sample: Sample, frame: Frame) -> tuple[int, npt.NDArray[np.float32]]:
        """What a frame shows: a label, and corners ``(4, 2)`` in pixels of the picture or NaN."""
        return told(sample, frame, self.size)

    def told_leant(self, label: int, corners: npt.NDArray[np.float32]) -> int:  # noqa: ARG002 - for FaceDraws
        """The label of a picture that was leant."""
        return label

    def shown(self, number: int) -> list[View]:
        """The pictures of a draw for people."""
        views: list[View] = []
        for closeup in self[number]:
            name = {UNTOLD: "nobody can tell", len(self.names): "nothing"}.get(closeup.label, "")
            known = not name and bool(np.isfinite(closeup.corners).all())
            own = "" if name else self.names[closeup.label]
            labels = np.array([LABELS.index(own)] if known else [], np.int64)
            quads = closeup.corners[None] if known else np.zeros((0, 4, 2), np.float32)
            truth = Truth(quads, labels, np.ones(len(labels), np.float32), np.ones(len(labels), bool))
            title = f"draw {number}: {name or own}"
            views.append((title, closeup.image, truth, np.zeros(len(labels), bool)))
        return views

    @staticmethod
    def collate(drawn: list[list[Closeup]]) -> CloseupBatch:
        """Join draws to a batch; pictures of which nobody can tell what they show are left out."""
        return collate([c for closeups in drawn for c in closeups if c.label != UNTOLD])


def collate(closeups: list[Closeup]) -> CloseupBatch:
    """Join pictures to a batch."""
    return CloseupBatch(
        torch.from_numpy(np.stack([c.image for c in closeups])),
        torch.tensor([c.label for c in closeups], dtype=torch.int64),
        torch.from_numpy(np.stack([c.corners for c in closeups])),
    )


def read_reduced(sample: Sample, size: int) -> tuple[ImageArray, Sample]:
    """The photo, decoded no larger than its smallest mark needs, and all about it in its pixels."""
    reduce = 8
    while reduce > 1 and _least_frame(sample) < reduce * size:
        reduce //= 2
    image, truth = read_photo(sample, reduce)
    factor = np.float32(image.shape[1] / sample.size[0])
    moved = (sample.lookalikes + np.float32(0.5)) * factor - np.float32(0.5)
    size_of = image.shape[1], image.shape[0]
    return image, replace(sample, truth=truth, lookalikes=moved, size=size_of)


def _least_frame(sample: Sample) -> float:
    shown = np.concatenate([sample.truth.quads, sample.lookalikes])
    return float(np.ptp(shown, axis=1).max(axis=1).min()) if len(shown) else float(min(sample.size))


def choose_frame(sample: Sample, rng: np.random.Generator, settings: CloseupSettings) -> Frame:
    """Where to look: at a mark or look-alike, more or less well centred, at a part of it, or elsewhere."""
    truth = sample.truth
    own = np.flatnonzero((truth.labels != CARTON) & ~ignored_marks(truth))
    marks = truth.quads[own]
    shown = marks if len(marks) and rng.random() < settings.marks else sample.lookalikes
    shown = shown if len(shown) else marks
    angle = math.radians(rng.normal(0.0, settings.tilt))
    if rng.random() < settings.any_angle:
        angle = rng.uniform(-math.pi, math.pi)
    if not len(shown) or rng.random() < settings.elsewhere:
        side = math.exp(rng.uniform(math.log(16), math.log(0.9 * min(sample.size))))
        x, y = rng.uniform(0, 1, 2) * sample.size
        return Frame(float(x), float(y), float(side), angle)
    chosen = int(rng.integers(len(shown)))
    if rng.random() < settings.fitted:
        frame = _second_look(sample, shown[chosen], int(own[chosen]) if shown is marks else None, rng)
        # Upright, but for what the first look errs by; at times it takes a mark upside down.
        angle = frame.angle + math.radians(rng.normal(0.0, settings.tilt / 2))
        angle += math.pi if rng.random() < _UPSIDE_DOWN else 0.0
    else:
        frame = Frame.around(shown[chosen])
    if rng.random() < settings.part:
        shift, zoom = rng.uniform(-0.5, 0.5, 2), math.exp(rng.uniform(-1.6, 1.2))
    else:
        shift = rng.uniform(-settings.shift, settings.shift, 2)
        zoom = math.exp(rng.uniform(-settings.scale, settings.scale))
    shift = shift * (frame.width / ROOM, frame.height / ROOM)
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = frame.x + shift[0] * cos - shift[1] * sin, frame.y + shift[0] * sin + shift[1] * cos
    return Frame(float(x), float(y), frame.width * zoom, angle, frame.aspect)


def _second_look(
    sample: Sample, quad: npt.NDArray[np.float32], number: int | None, rng: np.random.Generator
) -> Frame:
    """The frame of a second look at a mark, or at a look-alike, which may be taken for a diamond."""
    if number is None:
        return Frame.upright(quad, bool(rng.random() < 0.5))
    if not sample.truth.ordered[number]:
        return Frame.around(quad)
    return Frame.upright(quad, LABELS[sample.truth.labels[number]] in DIAMONDS)


def told(sample: Sample, frame: Frame, size: int) -> tuple[int, npt.NDArray[np.float32]]:
    """What a picture is about: its class or `UNTOLD`, and corners ``(4, 2)`` in its pixels or NaN."""
    truth, matrix = sample.truth, frame.matrix(size)
    unknown: npt.NDArray[np.float32] = np.full((4, 2), np.nan, np.float32)
    chosen = unknown
    best, label, untold = math.inf, NOTHING, not bool(sample.asked[:CARTON].all())
    hidden = ignored_marks(truth)
    for number in np.flatnonzero(truth.labels != CARTON):
        apart, extent, corners = _seen(truth.quads[number], matrix, size)
        if apart < _MIDDLE and _EXTENT[0] < extent < _EXTENT[1]:
            if hidden[number]:
                untold = True
            elif apart < best:
                best, label = apart, CLOSEUP_LABELS.index(LABELS[truth.labels[number]])
                chosen = np.asarray(corners if truth.ordered[number] else unknown, np.float32)
        elif apart < _NEAR and _SIMILAR[0] < extent < _SIMILAR[1]:
            untold = True
    for quad in sample.lookalikes:
        apart, extent, _ = _seen(quad, matrix, size)
        if apart < best and apart < _MIDDLE and _EXTENT[0] < extent < _EXTENT[1]:
            # Beside a mark that is almost as central, nobody can tell which of both is meant.
            return (NOTHING if label == NOTHING else UNTOLD), unknown
    return (UNTOLD if label == NOTHING and untold else label), chosen


def leant(
    picture: ImageArray, corners: npt.NDArray[np.float32], rng: np.random.Generator, least: float = 0.55
) -> tuple[ImageArray, npt.NDArray[np.float32]]:
    """The picture as if it had been taken from further aside: squeezed along any direction, and tilted.

    Args:
        picture: ``uint8 (S, S, 3)``.
        corners: ``(4, 2)`` in its pixels, or NaN; they move along.
        least: width that squeezing leaves, as a share.
    """
    size = len(picture)
    frame = unit_quad(size, size) - np.float32(0.5)
    middle = frame.mean(axis=0)
    angle, squeeze = rng.uniform(0, math.pi), math.exp(rng.uniform(math.log(least), 0.0))
    along = np.array([math.cos(angle), math.sin(angle)])
    moved = (frame - middle) @ (np.eye(2) - (1 - squeeze) * np.outer(along, along)) + middle
    moved += rng.uniform(-0.06, 0.06, (4, 2)) * size
    matrix = homography(frame, as_quad(moved))
    out = cv2.warpPerspective(picture, matrix, (size, size), borderValue=(GREY, GREY, GREY))
    known = np.isfinite(corners).all()
    return np.asarray(out, np.uint8), transform(corners, matrix) if known else corners


def _seen(
    quad: npt.NDArray[np.float32], matrix: Homography, size: int
) -> tuple[float, float, npt.NDArray[np.float32]]:
    """How far a quad's frame is from the picture's centre and how long, in sides of it; and its corners."""
    corners = transform(quad, matrix)
    low, high = corners.min(axis=0), corners.max(axis=0)
    apart = float(np.abs((low + high) / 2 - (size - 1) / 2).max()) / size
    return apart, float((high - low).max()) / size, corners
