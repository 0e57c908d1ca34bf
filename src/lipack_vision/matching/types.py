"""What can be said of a photo beside the photos of qualified packagings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography
from lipack_vision.integrity.types import Polygon, as_polygon

Floats = npt.NDArray[np.float32]


class Change(NamedTuple):
    """A place of the photo that differs from the reference.

    Attributes:
        polygon: its outline ``(N, 2)`` in pixels of the photo.
        score: 0..1 that something differs there; a probability where `Match.calibrated`.
    """

    polygon: Polygon
    score: float


class HiddenPlace(NamedTuple):
    """A place of a face that one of the photos does not show, so that it was not compared.

    Something stands before it, a lamp is mirrored, or the face is thought to reach further than it does.

    Attributes:
        polygon: its outline ``(N, 2)`` in pixels of the photo.
        reference_polygon: the same in pixels of the photo of the reference.
    """

    polygon: Polygon
    reference_polygon: Polygon


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reference that the photo may show.

    Attributes:
        reference_id: in the library.
        probability: 0..1 that the photo shows this packaging, changed or not.
        cosine: of the embeddings of the photo and of the most similar photo of the reference.
    """

    reference_id: str
    probability: float
    cosine: float

    def to_dict(self) -> dict[str, Any]:
        """The candidate as plain JSON values."""
        return {
            "reference_id": self.reference_id,
            "probability": self.probability,
            "cosine": self.cosine,
        }


@dataclass(frozen=True, slots=True, eq=False)
class FacePair:
    """A flat part of the carton that the photo and a photo of the reference both show.

    Attributes:
        reference_photo: SHA-256 of the photo of the reference; empty where it was given to `compare`.
        outline: ``(N, 2)`` on the photo.
        reference_outline: ``(N, 2)`` on the photo of the reference.
        keypoints: ``(N, 4)`` x, y on the photo and x, y on the photo of the reference of points that agree.
        changes: what differs, the most probable first.
        hidden: places that one of the photos does not show.
        compared: outlines ``(N, 2)`` on the photo of the reference of what was compared, but for what is
            hidden within; less than ``reference_outline`` where the photo ends or another face begins.
    """

    reference_photo: str
    outline: Polygon
    reference_outline: Polygon
    keypoints: Floats
    changes: tuple[Change, ...]
    hidden: tuple[HiddenPlace, ...] = ()
    compared: tuple[Polygon, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The pair as plain JSON values."""
        return {
            "reference_photo": self.reference_photo,
            "outline": self.outline.tolist(),
            "reference_outline": self.reference_outline.tolist(),
            "keypoints": self.keypoints.tolist(),
            "changes": [
                {"polygon": change.polygon.tolist(), "score": change.score} for change in self.changes
            ],
            "hidden": [
                {"polygon": one.polygon.tolist(), "reference_polygon": one.reference_polygon.tolist()}
                for one in self.hidden
            ],
            "compared": [polygon.tolist() for polygon in self.compared],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> FacePair:
        """The pair that `to_dict` wrote."""
        return cls(
            data["reference_photo"],
            as_polygon(data["outline"]),
            as_polygon(data["reference_outline"]),
            np.array(data["keypoints"], np.float32).reshape(-1, 4),
            tuple(Change(as_polygon(one["polygon"]), one["score"]) for one in data["changes"]),
            tuple(
                HiddenPlace(as_polygon(one["polygon"]), as_polygon(one["reference_polygon"]))
                for one in data.get("hidden", ())
            ),
            tuple(as_polygon(polygon) for polygon in data.get("compared", ())),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceFace:
    """A face of the carton on a photo of the reference.

    Attributes:
        reference_photo: SHA-256 of that photo; empty where it was given to `compare`.
        outline: ``(N, 2)`` on that photo; the whole photo where no carton was found on it.
        compared: share 0..1 of it that the photo shows, too, and that was compared.
    """

    reference_photo: str
    outline: Polygon
    compared: float

    def to_dict(self) -> dict[str, Any]:
        """The face as plain JSON values."""
        return {
            "reference_photo": self.reference_photo,
            "outline": self.outline.tolist(),
            "compared": self.compared,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ReferenceFace:
        """The face that `to_dict` wrote."""
        return cls(data["reference_photo"], as_polygon(data["outline"]), data["compared"])


class Heat(NamedTuple):
    """How changed a face looks.

    Attributes:
        matrix: 3 x 3, from its cells to pixels of the photo.
        scores: ``float32 (h, w)`` of 0..1, zero outside the face.
    """

    matrix: Homography
    scores: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Whether a photo shows a qualified packaging, and what changed.

    Attributes:
        reference_id: the packaging, or None where none is probable enough.
        probability: 0..1 that the photo shows ``reference_id``, changed or not; of the best candidate where
            that is None.
        calibrated: whether probabilities are calibrated; else they are raw scores.
        size: width and height of the photo in pixels.
        candidates: the most probable references, the best first. Where several are probable enough, as of two
            packagings that differ in one label, that is the one that the photo differs least from.
        reason: why the pictures could not be compared, or None where they were.
        probability_changed: 0..1 that anything differs in what was compared; None where nothing was.
        changed: whether that is enough to call it changed; None where nothing was compared.
        pairs: the faces that were compared.
        reference_faces: every face of the carton on the photos of the reference.
        heat: how changed each of ``pairs`` looks.
        un_code: UN packaging mark that the library states for ``reference_id``, or None.
        alike: ids of other references that the photo shows as well and from which nothing was told to differ.
    """

    reference_id: str | None
    probability: float
    calibrated: bool
    size: tuple[int, int]
    candidates: tuple[Candidate, ...] = ()
    reason: str | None = None
    probability_changed: float | None = None
    changed: bool | None = None
    pairs: tuple[FacePair, ...] = ()
    reference_faces: tuple[ReferenceFace, ...] = ()
    heat: tuple[Heat, ...] = field(default=(), repr=False)
    un_code: str | None = None
    alike: tuple[str, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether anything was compared. Something may differ in what was not: see `compared`."""
        return self.reason is None and bool(self.pairs)

    @property
    def compared(self) -> float:
        """Share 0..1 of the reference that was compared, by area on its photos."""
        areas = [abs(float(cv2.contourArea(face.outline.copy()))) for face in self.reference_faces]
        shares = [face.compared for face in self.reference_faces]
        return float(np.dot(areas, shares) / sum(areas)) if sum(areas) > 0 else 0.0

    @property
    def changes(self) -> list[Change]:
        """What differs on all faces, the most probable first."""
        every = [change for pair in self.pairs for change in pair.changes]
        return sorted(every, key=lambda change: -change.score)

    @property
    def hidden(self) -> list[HiddenPlace]:
        """Places on all faces that one of the photos does not show: something may differ there."""
        return [place for pair in self.pairs for place in pair.hidden]

    @property
    def keypoints(self) -> Floats:
        """``(N, 4)`` x, y on the photo and x, y on the reference of points that agree."""
        return np.concatenate([np.zeros((0, 4), np.float32), *(pair.keypoints for pair in self.pairs)])

    @property
    def heatmap(self) -> Floats:
        """How much each pixel of the photo differs, 0..1, ``float32 (H, W)``; made anew each time.

        Zero, too, where nothing was compared.
        """
        width, height = self.size
        heat: Floats = np.zeros((height, width), np.float32)
        for matrix, scores in self.heat:
            placed = cv2.warpPerspective(scores, matrix, (width, height), flags=cv2.INTER_LINEAR)
            np.maximum(heat, placed, out=heat)
        return heat

    def to_dict(self) -> dict[str, Any]:
        """Everything but the heat map as plain JSON values."""
        return {
            "reference_id": self.reference_id,
            "probability": self.probability,
            "calibrated": self.calibrated,
            "size": list(self.size),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "comparable": self.comparable,
            "reason": self.reason,
            "compared": self.compared,
            "probability_changed": self.probability_changed,
            "changed": self.changed,
            "pairs": [pair.to_dict() for pair in self.pairs],
            "reference_faces": [face.to_dict() for face in self.reference_faces],
            "un_code": self.un_code,
            "alike": list(self.alike),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Match:
        """What `to_dict` wrote; without heat map."""
        return cls(
            reference_id=data["reference_id"],
            probability=data["probability"],
            calibrated=data["calibrated"],
            size=(data["size"][0], data["size"][1]),
            candidates=tuple(Candidate(**one) for one in data["candidates"]),
            reason=data["reason"],
            probability_changed=data["probability_changed"],
            changed=data["changed"],
            pairs=tuple(FacePair.from_dict(one) for one in data["pairs"]),
            reference_faces=tuple(ReferenceFace.from_dict(one) for one in data["reference_faces"]),
            un_code=data["un_code"],
            alike=tuple(data["alike"]),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Match) and self.to_dict() == other.to_dict()
