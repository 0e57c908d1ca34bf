"""Training pictures of the close-up net: frames around marks, cartons, look-alikes and other places."""

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
_MOST_REACH = 1.5
"""Faces that are looked at reach over less than so many widths and heights of the photo."""
_FACE_SHIFT, _FACE_SCALE = 0.08, 0.2
"""How far off faces are supposed, in sides of their frames and a natural logarithm: standard deviations."""
_WRONG, _FAR_OFF = 0.35, (2.0, 5.0)
"""Share of looks that are off by so many times as much: a part of a face, or several."""
_NO_FACE, _FACE = 0.3, 0.45
"""A frame less like a face's own, as intersection over union, shows no face; one that is more does."""
_NEAR, _SIMILAR = 0.5, (0.2, 2.2)
"""Marks beyond the first but within these make a picture untold."""


class Closeup(NamedTuple):
    """One picture and what it shows in its middle.

    Attributes:
        image: ``uint8 (3, S, S)``.
        label: of the mark, `NOTHING` or `UNTOLD`.
        corners: of the mark, ``(4, 2)`` in pixels; NaN: not known.
        carton: 1: the face of a carton, 0: none, or `UNTOLD`.
        edges: corners of that face, ``(4, 2)`` in pixels; NaN: not known.
    """

    image: npt.NDArray[np.uint8]
    label: int
    corners: npt.NDArray[np.float32]
    carton: int
    edges: npt.NDArray[np.float32]

    @property
    def teaches(self) -> bool:
        """Whether anything about it is told."""
        return self.label != UNTOLD or self.carton != UNTOLD


@dataclass(frozen=True, slots=True, eq=False)
class CloseupBatch:
    """The parts of `Closeup`, joined: labels and cartons ``(N,)`` int64, corners and edges ``(N, 4, 2)``."""

    images: Tensor
    labels: Tensor
    corners: Tensor
    cartons: Tensor
    edges: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> CloseupBatch:
        """The same batch on a device."""
        return CloseupBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> CloseupBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return CloseupBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, ...]:
        return self.images, self.labels, self.corners, self.cartons, self.edges


@dataclass(frozen=True, slots=True)
class CloseupSettings:
    """How pictures are cut.

    Attributes:
        each: pictures of each photo that is read.
        marks: share of marks among marks and look-alikes, where a photo has both.
        cartons: share of pictures around the face of a carton, where a photo has one.
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
    cartons: float = 0.0
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
    """

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
        frame = choose_frame(sample, rng, self.settings)
        label, corners = told(sample, frame, self.size)
        carton, edges = told_carton(sample, frame, self.size)
        picture = cut(image, frame, self.size)
        if rng.random() < self.settings.lean:
            picture, both = leant(picture, np.concatenate([corners, edges]), rng, self.settings.squeeze)
            corners, edges = both[:4], both[4:]
            whole = Frame((self.size - 1) / 2, (self.size - 1) / 2, float(self.size))
            if carton == 1 and np.isfinite(edges).all() and _alike(whole, Frame.level(edges)) < _FACE:
                carton = UNTOLD  # a frame of its own would be another one by now
        shown = corners if np.isfinite(corners).all() else edges
        hidden = rng.random() < self.settings.covered
        if hidden:
            picture = covered(picture, shown, rng)
        if rng.random() < self.settings.misexposed:
            picture = misexposed(picture, rng)
        picture = self.photometric(rng, picture)
        # Never both: together they would hide too much.
        if not hidden and rng.random() < self.settings.ended:
            picture = cut_off(picture, shown, frame, rng)
        return Closeup(np.ascontiguousarray(picture.transpose(2, 0, 1)), label, corners, carton, edges)

    def shown(self, number: int) -> list[View]:
        """The pictures of a draw for people."""
        views: list[View] = []
        for closeup in self[number]:
            name = {UNTOLD: "nobody can tell", NOTHING: "nothing"}.get(closeup.label)
            carton = {UNTOLD: "a face or not", 0: "no face", 1: "a face"}[closeup.carton]
            told_of = ((closeup.corners, closeup.label), (closeup.edges, CARTON))
            known = [(quad, label) for quad, label in told_of if np.isfinite(quad).all()]
            count = len(known)
            quads = np.array([quad for quad, _ in known], np.float32).reshape(-1, 4, 2)
            labels = np.array([label for _, label in known], np.int64)
            truth = Truth(quads, labels, np.ones(count, np.float32), np.ones(count, bool))
            title = f"draw {number}: {name or CLOSEUP_LABELS[closeup.label]}, {carton}"
            views.append((title, closeup.image, truth, np.zeros(count, bool)))
        return views

    @staticmethod
    def collate(drawn: list[list[Closeup]]) -> CloseupBatch:
        """Join draws to a batch; pictures of which nobody can tell what they show are left out."""
        return collate([c for closeups in drawn for c in closeups if c.teaches])


def collate(closeups: list[Closeup]) -> CloseupBatch:
    """Join pictures to a batch."""
    return CloseupBatch(
        torch.from_numpy(np.stack([c.image for c in closeups])),
        torch.tensor([c.label for c in closeups], dtype=torch.int64),
        torch.from_numpy(np.stack([c.corners for c in closeups])),
        torch.tensor([c.carton for c in closeups], dtype=torch.int64),
        torch.from_numpy(np.stack([c.edges for c in closeups])),
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
    """Where to look: at a mark, face or look-alike, more or less centred, at a part of it, or elsewhere."""
    truth = sample.truth
    faces = _faces(sample)
    if len(faces) and rng.random() < settings.cartons:
        return _face_frame(faces[int(rng.integers(len(faces)))], rng, settings)
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


def _faces(sample: Sample) -> npt.NDArray[np.float32]:
    """The faces of cartons that the photo shows well enough to look at, ``(N, 4, 2)``."""
    truth = sample.truth
    quads = truth.quads[(truth.labels == CARTON) & ~ignored_marks(truth)]
    # What reaches far beyond the photo is never supposed there.
    near = (np.ptp(quads, axis=1) < _MOST_REACH * np.array(sample.size)).all(axis=1)
    return np.asarray(quads[near], np.float32)


def _face_frame(quad: npt.NDArray[np.float32], rng: np.random.Generator, settings: CloseupSettings) -> Frame:
    """The frame of a look at a face, off by what the marks net's corners err."""
    frame = Frame.level(quad)
    off = rng.uniform(*_FAR_OFF) if rng.random() < _WRONG else 1.0
    x, y = np.array([frame.x, frame.y]) + rng.normal(0, off * _FACE_SHIFT, 2) * (frame.width, frame.height)
    zoom, aspect = np.exp(rng.normal(0, (off * _FACE_SCALE, off * _FACE_SCALE / 2)))
    angle = math.radians(rng.normal(0, settings.tilt / 2))
    return Frame(float(x), float(y), float(frame.width * zoom), angle, float(frame.aspect * aspect))


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


def told_carton(sample: Sample, frame: Frame, size: int) -> tuple[int, npt.NDArray[np.float32]]:
    """Whether a picture is about a carton face, or `UNTOLD`; and the face's corners ``(4, 2)`` or NaN.

    It is where the frame is much like the one around the face. A part of a face and two faces together are
    none.
    """
    truth = sample.truth
    unknown: npt.NDArray[np.float32] = np.full((4, 2), np.nan, np.float32)
    if not sample.asked[CARTON]:
        return UNTOLD, unknown
    faces = np.flatnonzero(truth.labels == CARTON)
    like = [_alike(frame, Frame.level(truth.quads[number])) for number in faces]
    best = int(np.argmax(like)) if like else -1
    if best < 0 or like[best] < _NO_FACE:
        return 0, unknown
    if like[best] < _FACE or ignored_marks(truth)[faces[best]]:
        return UNTOLD, unknown
    if not truth.ordered[faces[best]]:
        return 1, unknown
    return 1, transform(truth.quads[faces[best]], frame.matrix(size))


def _alike(one: Frame, other: Frame) -> float:
    """Intersection over union of the upright boxes around two frames."""
    apart = np.abs([one.x - other.x, one.y - other.y])
    first, second = (_extent(frame) for frame in (one, other))
    shared = np.clip(np.minimum(np.minimum(first, second), (first + second) / 2 - apart), 0, None).prod()
    return float(shared / (first.prod() + second.prod() - shared))


def _extent(frame: Frame) -> npt.NDArray[np.float64]:
    """Width and height of the upright box around a frame."""
    cos, sin = abs(math.cos(frame.angle)), abs(math.sin(frame.angle))
    across, down = frame.width * cos + frame.height * sin, frame.width * sin + frame.height * cos
    return np.array([across, down])


def leant(
    picture: ImageArray, corners: npt.NDArray[np.float32], rng: np.random.Generator, least: float = 0.55
) -> tuple[ImageArray, npt.NDArray[np.float32]]:
    """The picture as if it had been taken from further aside: squeezed along any direction, and tilted.

    Args:
        picture: ``uint8 (S, S, 3)``.
        corners: ``(N, 2)`` in its pixels, moved along; NaN stays NaN.
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
    moved_corners = np.where(np.isfinite(corners), transform(corners, matrix), np.nan)
    return np.asarray(out, np.uint8), moved_corners.astype(np.float32)


def _seen(
    quad: npt.NDArray[np.float32], matrix: Homography, size: int
) -> tuple[float, float, npt.NDArray[np.float32]]:
    """How far a quad's frame is from the picture's centre and how long, in sides of it; and its corners."""
    corners = transform(quad, matrix)
    low, high = corners.min(axis=0), corners.max(axis=0)
    apart = float(np.abs((low + high) / 2 - (size - 1) / 2).max()) / size
    return apart, float((high - low).max()) / size, corners
