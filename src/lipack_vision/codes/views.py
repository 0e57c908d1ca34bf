"""Crops of a mark, upright, at different sizes, for independent readings of the same print."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from lipack_vision.codes.text import TextLine
from lipack_vision.geometry import (
    Homography,
    area,
    homography,
    is_clockwise,
    natural_size,
    rectify,
    transform,
    unit_quad,
)
from lipack_vision.types import ImageArray, Quad, as_quad

_LARGEST = 1600
_COARSE_FROM = 90
"""Marks at least this high, in pixels, are also read smaller, which closes the gaps of dot-matrix print."""
_HALVINGS, _MOST_GROWN = 4, 4.0
"""How often a border is halved, and how much larger it may look than the mark's own scale makes it."""
_OUTWARD = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)


def close_view(photo: ImageArray, quad: Quad, margin: float) -> tuple[ImageArray, Homography]:
    """The mark at its own size.

    Args:
        photo: RGB ``(H, W, 3)``.
        quad: the mark's corners ``(4, 2)``.
        margin: border around it as a part of its shorter side; text at the very edge is found badly.

    Returns:
        The crop, and the map from its pixels to the photo's.
    """
    return _view(photo, quad, margin, 1.0)


def other_view(photo: ImageArray, quad: Quad, margin: float) -> tuple[ImageArray, Homography]:
    """The mark smaller and smoothed, or enlarged when it is small already; see `close_view`."""
    if min(natural_size(quad)) < _COARSE_FROM:
        return _view(photo, quad, margin, 1.7)
    crop, back = _view(photo, quad, margin, 0.5)
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), 0.8), dtype=np.uint8), back


def to_photo(line: TextLine, back: Homography) -> TextLine:
    """A line of a crop as a line of the photo."""
    return replace(line, quad=as_quad(transform(line.quad, back)))


def _view(photo: ImageArray, quad: Quad, margin: float, scale: float) -> tuple[ImageArray, Homography]:
    width, height = natural_size(quad)
    outer = _outer(quad, unit_quad(width, height), margin * min(width, height))
    size = np.array(natural_size(outer), dtype=float) * scale
    size *= min(1.0, _LARGEST / size.max())
    wide, high = (max(16, round(side)) for side in size)
    return rectify(photo, outer, (wide, high)), homography(unit_quad(wide, high), outer)


def _outer(quad: Quad, inner: Quad, border: float) -> Quad:
    """The quad with a border in its own plane; a narrower one where the plane's horizon lies within it."""
    to_photo = homography(inner, quad)
    for _ in range(_HALVINGS):
        outer = as_quad(transform(inner + border * _OUTWARD, to_photo))
        flat = unit_quad(*(np.ptp(inner, axis=0) + 2 * border))
        if is_clockwise(outer) and area(outer) < _MOST_GROWN * area(flat):
            return outer
        border /= 2
    return quad
