"""Which square of a photo is embedded: the one around its carton. The same for training and use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from lipack_vision.geometry import area, expand, is_convex, quad_cover
from lipack_vision.labels.closeup import Frame
from lipack_vision.types import ImageArray, Mark, Quad

ROOM = 1.1
"""Side of the square in lengths of the longer side of the carton."""
_TOUCHING = 0.1
"""By which part faces are enlarged to see whether they touch each other."""

SURE = 0.5
"""Probability from which a face's corners are relied on."""
_DOUBLE = 0.5
"""Share of the smaller of two faces from which they are one, found twice."""


class Carton(NamedTuple):
    """A carton on a photo.

    Attributes:
        faces: all that was found of it, quads ``(4, 2)``, the largest first.
        sure: those of its faces whose corners can be relied on, the most probable first.
        marks: all labels and marks of the photo, quads ``(4, 2)``.
    """

    faces: list[Quad]
    sure: list[Quad]
    marks: list[Quad]

    @property
    def shows_packaging(self) -> bool:
        """Whether a face or at least a mark was found; nothing else tells the packaging from the floor."""
        return bool(self.faces or self.marks)


class Detector(Protocol):
    """Anything that finds marks, such as `HazardLabelDetector`."""

    def detect(self, image: ImageArray) -> list[Mark]:
        """Marks on an RGB ``uint8 (H, W, 3)`` photo, in its pixels."""
        ...


def find_carton(image: ImageArray, detector: Detector) -> Carton:
    """The largest carton of a photo RGB ``uint8 (H, W, 3)``."""
    found = detector.detect(image)
    cartons = [mark for mark in found if mark.label == "carton"]
    groups = _groups([mark.quad for mark in cartons])
    faces = max(groups, key=lambda group: sum(map(area, group)), default=[])
    sure: list[Quad] = []
    for mark in sorted(cartons, key=lambda mark: -mark.probability):
        belongs = any(mark.quad is face for face in faces) and is_convex(mark.quad)
        if belongs and mark.probability >= SURE and all(quad_cover(mark.quad, one) < _DOUBLE for one in sure):
            sure.append(mark.quad)
    return Carton(faces, sure, [mark.quad for mark in found if mark.label != "carton"])


def faces_frame(faces: Sequence[Quad], size: tuple[int, int]) -> Frame:
    """The upright square around faces that belong together.

    Args:
        faces: quads ``(4, 2)`` in pixels of the photo; may be empty.
        size: width and height of the photo in pixels.
    """
    if faces:
        return Frame.around(np.concatenate(faces), ROOM)
    width, height = size
    return Frame((width - 1) / 2, (height - 1) / 2, float(max(width, height)))


def _groups(faces: Sequence[Quad]) -> list[list[Quad]]:
    """Faces that touch each other, directly or by others; each group begins with its largest face."""
    waiting = sorted(faces, key=area, reverse=True)
    groups = []
    while waiting:
        group = [waiting.pop(0)]
        for face in group:  # grows while it is walked through
            near = [other for other in waiting if _touch(face, other)]
            waiting = [other for other in waiting if all(other is not one for one in near)]
            group += near
        groups.append(group)
    return groups


def _touch(first: Quad, second: Quad) -> bool:
    a, b = (cv2.convexHull(np.asarray(expand(quad, _TOUCHING))) for quad in (first, second))
    shared, _ = cv2.intersectConvexConvex(a, b)
    return bool(shared > 0)
