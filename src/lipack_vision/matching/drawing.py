"""A match as a picture, for people who want to see why."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.matching.types import Match
from lipack_vision.types import ImageArray

_SIDE = 1000
"""Height in pixels, at most, of the picture."""
_MOST_LINES = 60
_FACE, _CHANGE, _POINT, _HIDDEN = (0, 120, 60), (208, 0, 0), (0, 110, 220), (120, 120, 120)


def side_by_side(photo: ImageArray, reference: ImageArray, match: Match) -> ImageArray:
    """The reference at the left, the photo at the right: compared faces, points that agree, changes, and
    what is hidden.

    Args:
        photo, reference: RGB ``uint8 (H, W, 3)``, those that the match tells of.
        match: of one photo of a reference.
    """
    height = min(_SIDE, max(photo.shape[0], reference.shape[0]))
    (left, left_zoom), (right, right_zoom) = _fitted(reference, height), _fitted(photo, height)
    canvas = np.hstack([left, right])
    shift = np.array([left.shape[1], 0], np.float32)
    for pair in match.pairs:
        _outline(canvas, pair.reference_outline * left_zoom, _FACE)
        _outline(canvas, pair.outline * right_zoom + shift, _FACE)
        for place in pair.hidden:
            _outline(canvas, place.reference_polygon * left_zoom, _HIDDEN)
            _outline(canvas, place.polygon * right_zoom + shift, _HIDDEN)
    points = match.keypoints
    for x, y, u, v in points[:: max(1, len(points) // _MOST_LINES)].tolist():
        start = round(u * left_zoom), round(v * left_zoom)
        end = round(x * right_zoom + left.shape[1]), round(y * right_zoom)
        cv2.line(canvas, start, end, _POINT, 1, cv2.LINE_AA)
    for change in match.changes:
        _outline(canvas, change.polygon * right_zoom + shift, _CHANGE)
    return canvas


def _fitted(image: ImageArray, height: int) -> tuple[ImageArray, float]:
    zoom = height / image.shape[0]
    size = max(1, round(image.shape[1] * zoom)), height
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), zoom


def _outline(canvas: ImageArray, points: npt.NDArray[np.floating], colour: tuple[int, int, int]) -> None:
    corners = np.rint(points).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(canvas, [corners], True, colour, 3, cv2.LINE_AA)
