"""Points of a picture as it would look from aslant (ASIFT), for cartons whose faces are not known."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.geometry import Homography, transform
from lipack_vision.matching.features import Features, Floats, PointSet, sift
from lipack_vision.types import ImageArray

_VIEWS = ((2.0, 4), (3.5, 6))
"""By how much one direction is squeezed, and how many directions there are."""
_BLUR = 0.8
"""Pixels of blur before pixels are left out, as in ASIFT."""


def tilted_points(features: Features) -> list[PointSet]:
    """Points of ten aslant views, each with places on the picture as given."""
    return [
        _tilted(features, tilt, np.pi * step / number) for tilt, number in _VIEWS for step in range(number)
    ]


def guided_points(reference: Features, photo: Features, matrix: Homography) -> PointSet:
    """Points of the photo as it looks laid on the reference by a plane that is roughly known."""
    height, width = reference.picture.shape[:2]
    shrink = np.diag([1 / reference.unit, 1 / reference.unit, 1.0])
    back = np.diag([1 / photo.unit, 1 / photo.unit, 1.0])
    laid = shrink @ np.linalg.inv(matrix) @ np.linalg.inv(back)
    warped = cv2.warpPerspective(photo.picture, laid, (width, height), borderMode=cv2.BORDER_REPLICATE)
    points, told = sift(np.asarray(warped, np.uint8))
    if not len(points):
        return PointSet(points, told)
    return _inside(photo, transform(points, np.linalg.inv(back) @ np.linalg.inv(laid)), told)


def _tilted(features: Features, tilt: float, angle: float) -> PointSet:
    image: ImageArray = features.picture
    height, width = image.shape[:2]
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ turn.T
    low, span = corners.min(axis=0), np.ceil(np.ptp(corners, axis=0)).astype(int)
    matrix = np.array([[cos, -sin, -low[0]], [sin, cos, -low[1]], [0, 0, 1.0]])
    turned = cv2.warpAffine(image, matrix[:2], tuple(span.tolist()), borderMode=cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(turned, (0, 0), sigmaX=_BLUR * float(np.sqrt(tilt**2 - 1)), sigmaY=0.01)
    narrow = max(1, int(span[0] / tilt))
    squeezed = cv2.resize(soft, (narrow, int(span[1])), interpolation=cv2.INTER_NEAREST)
    points, told = sift(np.asarray(squeezed, np.uint8))
    if not len(points):
        return PointSet(points, told)
    back = np.linalg.inv(np.diag([narrow / span[0], 1.0, 1.0]) @ matrix)
    return _inside(features, transform(points, back) * np.float32(features.unit), told)


def _inside(features: Features, points: Floats, told: Floats) -> PointSet:
    """Without the points that the frame of the picture makes."""
    rim = 3 * features.unit
    limit = np.array(features.size) - 1 - rim
    kept = ((points > rim) & (points < limit)).all(axis=1)
    return PointSet(np.asarray(points[kept], np.float32), told[kept])
