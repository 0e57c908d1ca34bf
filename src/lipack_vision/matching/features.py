"""Points of a picture that can be found again on another one: RootSIFT, on the whole and on each face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import homography, is_convex, natural_size, rectify, transform, unit_quad
from lipack_vision.types import ImageArray, Quad

Floats = npt.NDArray[np.float32]

WORKING_SIDE = 1000
"""Longer side in pixels, at most, at which points are looked for."""
_FACE_SIDE = 512
"""Side in pixels, at most, of a face made square."""
_LEAST_FACE = 48
"""Longer side in pixels of a face below which its print cannot be seen."""
_MOST = 3000
"""Points of one picture, the strongest ones."""
_CONTRAST = 0.02
"""Half of SIFT's own: print on brown board is pale."""
_RATIO = 0.82
"""By how much nearer the best point must be than the second best one."""


@dataclass(frozen=True, slots=True, eq=False)
class PointSet:
    """Points of one view.

    Attributes:
        points: ``(N, 2)`` in pixels of the picture as given.
        descriptors: unit rows ``(N, 128)``.
    """

    points: Floats
    descriptors: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Points of a picture.

    Attributes:
        whole: of the picture as it is.
        faces: of each face that was known, seen straight from ahead and made square. The same face of two
            photos then looks the same but for quarter turns, however aslant it was taken.
        size: width and height of the picture.
        picture: RGB ``uint8``, the picture at working size.
    """

    whole: PointSet
    faces: tuple[PointSet, ...]
    size: tuple[int, int]
    picture: ImageArray = field(repr=False)

    @property
    def unit(self) -> float:
        """Pixels of the picture in one at working size."""
        return max(1.0, max(self.size) / WORKING_SIDE)

    @staticmethod
    def of(image: ImageArray, faces: Sequence[Quad] = ()) -> Features:
        """Find them on an RGB ``uint8 (H, W, 3)`` picture of a carton with these faces ``(4, 2)``."""
        height, width = image.shape[:2]
        unit = max(1.0, max(width, height) / WORKING_SIDE)
        small = max(1, round(width / unit)), max(1, round(height / unit))
        shrunk = image if unit == 1 else cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        picture = np.asarray(shrunk, np.uint8)
        points, told = sift(picture)
        scale = np.array([width / small[0], height / small[1]], np.float32)
        whole = PointSet((points + 0.5) * scale - 0.5, told)
        squares = [_on_face(image, face) for face in faces]
        found = tuple(one for one in squares if one is not None)
        return Features(whole, found, (width, height), picture)


def matched_points(first: PointSet, second: PointSet) -> Floats:
    """Pairs ``(N, 2, 2)`` of points that look alike, each the other's best: on the first, on the second."""
    if len(first.points) < 2 or len(second.points) < 2:
        return np.zeros((0, 2, 2), np.float32)
    alike = first.descriptors @ second.descriptors.T
    rows = np.arange(len(first.points))
    best = alike.argmax(axis=1)
    mutual = alike.argmax(axis=0)[best] == rows
    most = alike[rows, best]
    alike[rows, best] = -1
    distance, next_distance = (np.sqrt(np.maximum(2 - 2 * one, 0)) for one in (most, alike.max(axis=1)))
    kept = np.flatnonzero(mutual & (distance < _RATIO * next_distance))
    return single_pairs(np.stack([first.points[kept], second.points[best[kept]]], axis=1))


def single_pairs(pairs: Floats) -> Floats:
    """Pairs ``(N, 2, 2)``, each once: one corner of print gives several points, which are one as proof."""
    _, single = np.unique(np.round(pairs.reshape(-1, 4) / 2).astype(np.int64), axis=0, return_index=True)
    return np.asarray(pairs[np.sort(single)], np.float32)


def _on_face(image: ImageArray, face: Quad) -> PointSet | None:
    """Points of a face, with places on the picture; None where there are none."""
    if not is_convex(face) or max(natural_size(face)) < _LEAST_FACE:
        return None
    side = min(_FACE_SIDE, max(natural_size(face)))
    points, told = sift(rectify(image, face, (side, side)))
    if not len(points):
        return None
    return PointSet(transform(points, homography(unit_quad(side, side), face)), told)


def sift(image: ImageArray) -> tuple[Floats, Floats]:
    """Points ``(N, 2)`` of an RGB ``uint8 (H, W, 3)`` picture, and unit rows ``(N, 128)`` that tell them."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    # Made anew each time: OpenCV does not promise that threads may share one.
    finder = cv2.SIFT.create(nfeatures=_MOST, contrastThreshold=_CONTRAST)
    found, told = finder.detectAndCompute(grey, np.full(grey.shape, 255, np.uint8))
    if told is None or not len(found):
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32)
    points = np.array([point.pt for point in found], np.float32)
    # The square root of shares (RootSIFT) compares histograms better than their plain distance.
    roots = np.sqrt(told / np.maximum(told.sum(axis=1, keepdims=True), 1e-6))
    return points, np.asarray(roots, np.float32)
