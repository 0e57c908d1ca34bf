"""One photo beside one photo of a reference: faces that both show, and what differs on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import transform
from lipack_vision.integrity.types import as_polygon
from lipack_vision.matching.change import Comparison
from lipack_vision.matching.compared import ComparedFace
from lipack_vision.matching.judge import Judge, difference_logit
from lipack_vision.matching.picture import Picture
from lipack_vision.matching.region import enlarged, hull_of, within, without_strays
from lipack_vision.matching.registration import Registered, register
from lipack_vision.matching.types import Change, FacePair, Heat, HiddenPlace, ReferenceFace

Floats = npt.NDArray[np.float32]

_OWN = 0.5
"""Share of the points of moved print that must lie on the carton."""
_AROUND = 0.2
"""By which part the hull of points of print is enlarged: print reaches beyond its points."""
_COARSE = 256
"""Longer side in pixels at which shares of faces are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class PairResult:
    """What comparing two photos gave.

    Attributes:
        pairs, reference_faces, heat: see `Match`.
        differences: of each compared face its `judge.difference_logit`. Faces are judged one by one: the
            worst of many cells would hide a small place on one of them.
    """

    pairs: tuple[FacePair, ...]
    reference_faces: tuple[ReferenceFace, ...]
    heat: tuple[Heat, ...]
    differences: tuple[float, ...]

    @property
    def difference(self) -> float:
        """That of the face that differs most; infinite where none was compared."""
        return _most(self.differences)

    @staticmethod
    def joined(results: Sequence[PairResult]) -> PairResult:
        """The results of one photo beside several photos of a reference."""
        return PairResult(
            tuple(pair for one in results for pair in one.pairs),
            tuple(face for one in results for face in one.reference_faces),
            tuple(heat for one in results for heat in one.heat),
            tuple(logit for one in results for logit in one.differences),
        )


def registered_pictures(reference: Picture, photo: Picture, *, thorough: bool = False) -> list[Registered]:
    """The faces of the carton that both pictures show; see `registration.register`.

    What is no part of the carton does not count, neither another carton behind it nor the floor that both
    stand on; nor does anything that moved there. Where no carton was found, a face must surround a mark.

    Args:
        reference, photo: the pictures.
        thorough: look at the photo from aslant, too, where little is found; takes a second.
    """
    found = register(
        reference.features,
        photo.features,
        reference_faces=reference.faces,
        photo_faces=photo.faces,
        aslant=(lambda: photo.aslant) if thorough else None,
        counts=lambda pairs: reference.on_carton(pairs[:, 0]) & photo.on_carton(pairs[:, 1]),
    )
    sides = tuple(enumerate((reference, photo)))
    own = [face for face in found if all(_belongs(face.pairs[:, side], one) for side, one in sides)]
    # Print that moved onto another carton is no print of this one; unsure faces do not tell that.
    stray = [bool(photo.faces and len(face.moved)) and _strays(face.moved, photo) for face in own]
    return [
        replace(face, moved=face.moved[:0]) if off else face for face, off in zip(own, stray, strict=True)
    ]


def _strays(pairs: Floats, photo: Picture) -> bool:
    """Whether most of the points of the photo among pairs ``(N, 2, 2)`` lie beside its carton."""
    return bool(photo.on_carton(pairs[:, 1]).mean() < _OWN)


def _belongs(points: Floats, picture: Picture) -> bool:
    """Whether points that agree ``(N, 2)`` are of a carton: of one that was found, or around a mark."""
    if picture.carton.faces:
        return True
    around = enlarged(hull_of(without_strays(points)), _AROUND)
    middles = np.array([mark.mean(axis=0) for mark in picture.carton.marks]).reshape(-1, 2)
    return bool(within(around, middles).any())


def inliers(faces: Sequence[Registered]) -> int:
    """Points that agree on all faces."""
    return sum(len(face.pairs) for face in faces)


def compare_pictures(
    comparison: Comparison,
    judge: Judge,
    name: str,
    reference: Picture,
    photo: Picture,
    faces: Sequence[Registered],
) -> PairResult:
    """Compare all registered faces of two pictures.

    Args:
        comparison, judge: of the artifact.
        name: of the photo of the reference; see `FacePair.reference_photo`.
        reference, photo: the pictures.
        faces: how the one lies on the other, the best supported first.
    """
    found = compared_faces(comparison, reference, photo, faces)
    compared = [told for _, told in found]
    return PairResult(
        tuple(_face_pair(judge, name, reference, photo, face, told) for face, told in found),
        _reference_faces(name, reference, compared),
        tuple(_heat(photo, told) for told in compared),
        tuple(difference(face, told) for face, told in found),
    )


def compared_faces(
    comparison: Comparison, reference: Picture, photo: Picture, faces: Sequence[Registered]
) -> list[tuple[Registered, ComparedFace]]:
    """The faces that are large enough to compare, each place of the reference on one of them only."""
    found = []
    for index, face in enumerate(faces):
        taken = [other.region for other in faces[:index]]
        told = comparison.compare(reference.image, photo.image, face, taken)
        if told is not None:
            found.append((face, told))
    return found


def difference(face: Registered, told: ComparedFace) -> float:
    """How much a compared face differs; see `judge.difference_logit`."""
    return difference_logit(told.logits[told.cells], len(face.moved))


def most_different(found: Sequence[tuple[Registered, ComparedFace]]) -> float:
    """How much two pictures differ: `difference` of the face that differs most; infinite without faces."""
    return _most([difference(*one) for one in found])


def _most(differences: Sequence[float]) -> float:
    # Written so that what is not a number differs.
    return max((one if math.isfinite(one) else math.inf for one in differences), default=math.inf)


def _face_pair(
    judge: Judge, name: str, reference: Picture, photo: Picture, face: Registered, told: ComparedFace
) -> FacePair:
    changes = [
        Change(as_polygon(photo.on_photo(polygon)), judge.changed(logit))
        for polygon, logit in told.places(judge.level)
    ]
    if len(face.moved):
        score = judge.changed(difference(face, told))
        changes += [
            Change(as_polygon(photo.on_photo(enlarged(hull_of(place), _AROUND))), score)
            for place in (transform(face.moved[:, 0], face.matrix), face.moved[:, 1])
        ]
    # Written so that a score that is not a number is told.
    sure = [change for change in changes if not change.score < judge.changed_threshold]
    return FacePair(
        name,
        as_polygon(photo.on_photo(transform(face.region, face.matrix))),
        as_polygon(reference.on_photo(face.region)),
        np.hstack([photo.on_photo(face.pairs[:, 1]), reference.on_photo(face.pairs[:, 0])]),
        tuple(sorted(sure, key=lambda change: -change.score)),
        tuple(
            HiddenPlace(as_polygon(photo.on_photo(ours)), as_polygon(reference.on_photo(theirs)))
            for ours, theirs in told.hidden_places()
        ),
        tuple(as_polygon(reference.on_photo(part)) for part in told.compared_outlines()),
    )


def _heat(photo: Picture, told: ComparedFace) -> Heat:
    shift = (photo.factor - 1) / 2
    enlarge = np.array([[photo.factor, 0, shift], [0, photo.factor, shift], [0, 0, 1.0]])
    scores = 1 / (1 + np.exp(-np.clip(told.logits, -30, 30)))
    return Heat(enlarge @ told.to_photo, np.asarray(scores * told.cells, np.float32))


def _reference_faces(
    name: str, reference: Picture, compared: Sequence[ComparedFace]
) -> tuple[ReferenceFace, ...]:
    """Each face of the reference with the share of it that was compared."""
    height, width = reference.image.shape[:2]
    zoom = _COARSE / max(height, width)
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    shrink = np.diag([size[0] / width, size[1] / height, 1.0])
    covered = np.zeros(size[::-1], np.uint8)
    for told in compared:
        laid = cv2.warpPerspective(told.cells.astype(np.uint8), shrink @ told.to_reference, size)
        covered |= np.asarray(laid, np.uint8)
    out = []
    for face in reference.outlines:
        corners = np.rint(transform(face, shrink)).astype(np.int32)
        own = cv2.fillConvexPoly(np.zeros(size[::-1], np.uint8), corners, 1)
        share = float((covered & own).sum() / max(int(own.sum()), 1))
        out.append(ReferenceFace(name, as_polygon(reference.on_photo(face)), share))
    return tuple(out)
