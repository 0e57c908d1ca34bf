"""The label as its artwork stands: border found, rectified in mm of the model, ink told from paper."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ShapeError
from lipack_vision.geometry import Homography, bounding_box, homography, side_lengths, transform, unit_quad
from lipack_vision.types import ImageArray, Quad, as_quad

F32 = npt.NDArray[np.float32]

HALF = 100 / math.sqrt(2)
"""Half the diagonal in mm of the model label of 100 mm side."""
SCALE = 2
"""Raster pixels per mm of the model: fine enough for an underline of 1 mm."""
REACH = 77
"""What a diamond's raster shows around its middle, in mm of the model."""

_SIDE, _PAD = 200, 18
_SEARCH, _LINE_SEARCH = 5, 3
"""The border is looked for within 2.5 % of the side; a line at the edge, which may be the inner line, within
1.5 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Border:
    """The refined border.

    Attributes:
        quad: corners ``(4, 2)`` in pixels of the photo.
        support: share 0..1 of each side along which an edge was seen.
        inwards: mean shift of the sides towards the middle as a share of the side.
    """

    quad: Quad
    support: tuple[float, float, float, float]
    inwards: float


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """How dark a rectified label is: 0 is its paper, 1 its ink.

    Attributes:
        map: ``(H, W)`` float32.
        contrast: 0..1, how much darker the ink is than the paper.
    """

    map: F32
    contrast: float


def crop(image: ImageArray, quad: Quad, *, margin: float = 0.15) -> tuple[ImageArray, Quad, Homography]:
    """The part of a photo around a quad, shrunk to what the raster can use.

    Returns:
        The part, the quad in it, and the map from its pixels to those of the photo.
    """
    height, width = image.shape[:2]
    x0, y0, x1, y1 = bounding_box(quad)
    grow = margin * max(x1 - x0, y1 - y0)
    left, top = max(0, math.floor(x0 - grow)), max(0, math.floor(y0 - grow))
    right, bottom = min(width, math.ceil(x1 + grow)), min(height, math.ceil(y1 + grow))
    if right - left < 4 or bottom - top < 4:
        raise ShapeError(
            "quad",
            expected="corners on the photo",
            found=f"{x0:.0f}..{x1:.0f} x {y0:.0f}..{y1:.0f} on {width} x {height} px",
            cure="Pass a mark of this photo.",
        )
    part = image[top:bottom, left:right]
    factor = min(1.0, 1.25 * _SIDE / float(side_lengths(quad).max()))
    if factor < 0.8:
        size = max(4, round(part.shape[1] * factor)), max(4, round(part.shape[0] * factor))
        sx, sy = size[0] / part.shape[1], size[1] / part.shape[0]
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        sx = sy = 1.0
    # Pixel centres lie at +0.5, as in shrinking.
    back = np.array([[1 / sx, 0, left + 0.5 / sx - 0.5], [0, 1 / sy, top + 0.5 / sy - 0.5], [0, 0, 1.0]])
    return part, as_quad(transform(quad, np.asarray(np.linalg.inv(back), np.float64))), back


def warp(part: ImageArray, matrix: Homography, width: int, height: int) -> ImageArray:
    """A rectified picture ``(height, width, 3)``."""
    flags = cv2.INTER_LINEAR
    return np.asarray(
        cv2.warpPerspective(part, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def find_border(part: ImageArray, quad: Quad) -> Border:
    """Move each side to the edge that is seen along it, within 2.5 % of the side.

    A side along which no edge is seen stays where it was given.
    """
    size = _SIDE + 2 * _PAD
    square = as_quad(unit_quad(_SIDE, _SIDE) + _PAD)
    matrix = homography(quad, square)
    flat = warp(part, matrix, size, size)
    lines, support, shifts = [], [], []
    for side in range(4):
        start, end, share = _edge(np.rot90(flat, side)[: 2 * _PAD])
        lines.append(_turned_back(np.array([[_PAD, _PAD + start], [_PAD + _SIDE, _PAD + end]]), side, size))
        support.append(share)
        shifts.append((start + end) / 2)
    corners: npt.NDArray[np.float64] = np.array([_meet(lines[k - 1], lines[k]) for k in range(4)])
    refined = transform(corners, np.asarray(np.linalg.inv(matrix), np.float64))
    a, b, c, d = support
    return Border(as_quad(refined), (a, b, c, d), float(np.mean(shifts)) / _SIDE)


def _edge(strip: ImageArray) -> tuple[float, float, float]:
    """Offsets of the best edge at both ends of a side in raster pixels, and its support."""
    rows = cv2.blur(strip, (5, 1)).astype(np.float32)
    change = np.abs(rows[2:] - rows[:-2]).max(axis=2)
    columns = np.arange(_PAD + 10, _PAD + _SIDE - 10, 3)
    level = max(7.0, 0.45 * float(np.percentile(change[:, columns], 93)))
    votes = np.minimum(change / level, 1.0)
    offsets = np.arange(-_SEARCH, _SEARCH + 1)
    along = (columns - _PAD) / _SIDE
    at = offsets[:, None, None] * (1 - along) + offsets[None, :, None] * along
    # `change` begins one row below the strip.
    picked = votes[np.rint(at).astype(int) + _PAD - 1, columns]
    score = picked.mean(axis=2)
    moved = (np.abs(offsets)[:, None] + np.abs(offsets)[None, :]) / 2
    best = np.unravel_index(int(np.argmax(score - 0.012 * moved)), score.shape)
    share = float((picked[best] > 0.5).mean())
    start, end = float(offsets[best[0]]), float(offsets[best[1]])
    astray = (
        _is_line(rows, columns, start + (end - start) * along) and max(abs(start), abs(end)) > _LINE_SEARCH
    )
    if share < 0.35 or astray:
        return 0.0, 0.0, 0.0 if astray else share
    return start, end, share


def _is_line(rows: F32, columns: npt.NDArray[np.int_], offsets: npt.NDArray[np.float64]) -> bool:
    """Whether both sides of an edge look alike: then it is a line, be it the inner one or one at the edge."""
    middle = np.rint(offsets).astype(int) + _PAD
    outside, inside = (
        np.median(rows[middle + 4 * sign, columns] + rows[middle + 6 * sign, columns], axis=0) / 2
        for sign in (-1, 1)
    )
    own = np.min([np.median(rows[middle + shift, columns], axis=0) for shift in (-1, 0, 1)], axis=0)
    depth = float(((outside + inside) / 2 - own).max())
    return float(np.abs(outside - inside).max()) < max(8.0, 0.4 * depth)


def _turned_back(points: npt.NDArray[np.float64], side: int, size: int) -> npt.NDArray[np.float64]:
    """Points ``(x, y)`` of a picture turned by ``np.rot90(.., side)`` in the picture as it was."""
    for _ in range(side):
        points = np.stack([size - 1 - points[:, 1], points[:, 0]], axis=1)
    return points


def _meet(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where two lines through two points each cross."""
    (a0, a1), (b0, b1) = ([np.append(point, 1.0) for point in line] for line in (first, second))
    a, b = np.cross(a0, a1), np.cross(b0, b1)
    x, y, w = np.cross(a, b)
    return np.array([x / w, y / w])


def diamond_raster(part: ImageArray, quad: Quad) -> ImageArray:
    """The label standing on its corner, its middle in the middle, `SCALE` px per mm, `REACH` mm around."""
    tips = np.array([[0, -HALF], [HALF, 0], [0, HALF], [-HALF, 0]])
    size = 2 * REACH * SCALE
    target = as_quad((tips + REACH) * SCALE - 0.5)
    return warp(part, homography(quad, target), size, size)


def axis_mm(count: int) -> F32:
    """Model mm of the pixel centres of a raster's axis, 0 in the middle."""
    return ((np.arange(count, dtype=np.float32) + 0.5) / SCALE - count / 2 / SCALE).astype(np.float32)


def find_ink(grey: F32, inside: npt.NDArray[np.bool_], *, window_mm: float = 25.0, dark: float = 7.0) -> Ink:
    """Tell ink from paper under uneven light.

    Args:
        grey: ``(H, W)`` brightness.
        inside: where the label is.
        window_mm: no ink is wider than this, so paper is seen within it everywhere.
        dark: percentile of brightness over paper that is surely ink.
    """
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.7)
    window = round(window_mm * SCALE) | 1
    small = cv2.resize(np.where(inside, smooth, 0).astype(np.float32), None, fx=0.5, fy=0.5)
    kernel = np.ones((window // 2 | 1, window // 2 | 1), np.uint8)
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel), (0, 0), 5)
    paper = np.maximum(cv2.resize(paper, grey.shape[::-1]), 1.0)
    ratio = np.asarray(smooth / paper, np.float32)
    contrast = float(np.clip(1 - np.percentile(ratio[inside], dark), 0.02, 1.0))
    return Ink(np.clip((1 - ratio) / contrast, 0, 1.2).astype(np.float32), contrast)
