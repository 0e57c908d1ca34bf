"""Training pictures of the net that looks at faces of cartons."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from lipack_vision.datasets import Sample
from lipack_vision.geometry import transform
from lipack_vision.labels.closeup import FACE_LABELS, Frame
from training.data.batches import ignored_marks
from training.data.closeups import UNTOLD, CloseupDraws, CloseupSettings, choose_frame
from training.data.warp import CARTON

FACE, NO_FACE = 0, len(FACE_LABELS)
"""The labels."""
_MOST_REACH = 1.5
"""Faces that are looked at reach over less than so many widths and heights of the photo."""
_FAR_OFF = 2.0, 5.0
"""Looks that go wrong are off by so many times as much: they show a part of a face, or several."""
_UNLIKE, _LIKE = 0.3, 0.45
"""A frame less like a face's own, as intersection over union, shows no face; one that is more does."""


class FaceDraws(CloseupDraws):
    """As `CloseupDraws`, around faces of cartons.

    Of the settings, ``part`` is the share of looks that go wrong, ``marks`` that of looks at faces where a
    photo has any, and ``shift`` and ``scale`` are standard deviations.
    """

    names = FACE_LABELS

    def frame(self, sample: Sample, rng: np.random.Generator) -> Frame:
        """Where to look: at a face, or elsewhere."""
        faces = _faces(sample)
        if len(faces) and rng.random() < self.settings.marks:
            return _face_frame(faces[int(rng.integers(len(faces)))], rng, self.settings)
        return choose_frame(sample, rng, self.settings)

    def told(self, sample: Sample, frame: Frame) -> tuple[int, npt.NDArray[np.float32]]:
        """See `told_face`."""
        return told_face(sample, frame, self.size)

    def told_leant(self, label: int, corners: npt.NDArray[np.float32]) -> int:
        """Nobody can tell of a picture that is no longer like the frame of the face itself."""
        if label != FACE or not np.isfinite(corners).all():
            return label
        whole = Frame((self.size - 1) / 2, (self.size - 1) / 2, float(self.size))
        return label if _alike(whole, Frame.level(corners)) >= _LIKE else UNTOLD


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
    off = rng.uniform(*_FAR_OFF) if rng.random() < settings.part else 1.0
    x, y = np.array([frame.x, frame.y]) + rng.normal(0, off * settings.shift, 2) * (frame.width, frame.height)
    zoom, aspect = np.exp(rng.normal(0, (off * settings.scale, off * settings.scale / 2)))
    angle = math.radians(rng.normal(0, settings.tilt))
    return Frame(float(x), float(y), float(frame.width * zoom), angle, float(frame.aspect * aspect))


def told_face(sample: Sample, frame: Frame, size: int) -> tuple[int, npt.NDArray[np.float32]]:
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
    if best < 0 or like[best] < _UNLIKE:
        return NO_FACE, unknown
    if like[best] < _LIKE or ignored_marks(truth)[faces[best]]:
        return UNTOLD, unknown
    if not truth.ordered[faces[best]]:
        return FACE, unknown
    return FACE, transform(truth.quads[faces[best]], frame.matrix(size))


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
