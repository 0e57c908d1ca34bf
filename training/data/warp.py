"""Crop, scale, rotation and perspective of a picture as one random homography, never a mirror."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, area, transform
from lipack_vision.types import LABELS, ImageArray
from training.data.coco import Truth

GREY = 114
"""Colour of what lies outside the photo, as in the letterbox of `lipack_vision.labels.decode`."""
CARTON = LABELS.index("carton")
_NEAREST = 0.1
"""Least depth of a corner, where the middle of the view has 1."""


@dataclass(frozen=True, slots=True)
class WarpSettings:
    """How far pictures are moved.

    Attributes:
        zoom: least and most pixels of the result per pixel of the photo, drawn evenly on a log scale.
        focus: share of pictures centred near one of the marks instead of anywhere.
        tilt: standard deviation of the rotation, degrees.
        any_angle: share of pictures turned by any angle.
        perspective: most change of scale across the picture, as a fraction.
        mosaic: share of pictures tiled from four others at half the scale.
    """

    zoom: tuple[float, float] = (0.55, 1.6)
    focus: float = 0.5
    tilt: float = 6.0
    any_angle: float = 0.2
    perspective: float = 0.15
    mosaic: float = 0.15


def random_homography(
    rng: np.random.Generator,
    photo: tuple[int, int],
    size: int,
    truth: Truth,
    settings: WarpSettings,
    zoom: float,
) -> Homography:
    """Draw a map from a photo of ``photo`` = (width, height) to a square of ``size`` pixels."""
    centre = _centre(rng, photo, size / zoom, truth, settings.focus)
    turned = rng.random() < settings.any_angle
    angle = rng.uniform(-math.pi, math.pi) if turned else math.radians(rng.normal(0.0, settings.tilt))
    cos, sin = math.cos(angle) * zoom, math.sin(angle) * zoom
    stretch = math.exp(rng.uniform(-0.12, 0.12))
    tilt = rng.uniform(-1, 1, 2) * settings.perspective / size
    to_origin = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]])
    turn = np.array([[cos * stretch, -sin, 0], [sin * stretch, cos, 0], [0, 0, 1]])
    lean = np.array([[1, 0, 0], [0, 1, 0], [tilt[0], tilt[1], 1]])
    half = (size - 1) / 2
    place = np.array([[1, 0, half], [0, 1, half], [0, 0, 1]])
    return np.asarray(place @ lean @ turn @ to_origin, np.float64)


def _centre(
    rng: np.random.Generator, photo: tuple[int, int], window: float, truth: Truth, focus: float
) -> npt.NDArray[np.float64]:
    extent = np.array(photo, np.float64)
    if len(truth) and rng.random() < focus:
        mark = truth.quads[_focused(rng, truth)].mean(axis=0) + rng.uniform(-0.35, 0.35, 2) * window
        # The window stays on the photo for the most part; padding teaches little.
        edge = np.minimum(0.35 * window, extent / 2)
        return np.asarray(np.clip(mark, edge, extent - edge))
    # Mostly within the photo: a window as large as the photo stays near its middle.
    room = np.maximum(extent - window, 0.15 * extent) / 2
    return np.asarray(extent / 2 + rng.uniform(-1, 1, 2) * room)


def _focused(rng: np.random.Generator, truth: Truth) -> int:
    # Cartons are half of all marks and in view nearly always; a mark on them is what needs to be looked for.
    wanted = np.flatnonzero(truth.labels != CARTON)
    return int(rng.choice(wanted if len(wanted) else np.arange(len(truth))))


def warp(
    image: ImageArray, truth: Truth, matrix: Homography, size: int, zoom: float
) -> tuple[ImageArray, Truth]:
    """Apply a homography to a photo and its marks.

    Args:
        image: RGB ``uint8 (H, W, 3)``.
        truth: its marks.
        matrix: map from the photo to the result.
        size: side of the square result in pixels.
        zoom: scale of the map; a strong reduction is averaged first, since warping alone would skip pixels.

    Returns:
        ``uint8 (size, size, 3)`` and the marks that are at least partly in it, ``visible`` reduced by what
        the frame cuts off.
    """
    applied = matrix
    if zoom < 0.8:
        image = np.asarray(cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
        shift = 0.5 / zoom - 0.5
        applied = matrix @ np.array([[1 / zoom, 0, shift], [0, 1 / zoom, shift], [0, 0, 1]])
    out = cv2.warpPerspective(
        image, applied, (size, size), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)
    )
    quads = transform(truth.quads.reshape(-1, 2), matrix).reshape(-1, 4, 2) if len(truth) else truth.quads
    # A corner behind the horizon of the map comes back on the other side, as a shape that means nothing.
    ahead = (truth.quads @ matrix[2, :2] + matrix[2, 2]).min(axis=1, initial=1.0) > _NEAREST
    inside = np.array(
        [inside_fraction(q, size, size) if near else 0.0 for q, near in zip(quads, ahead, strict=True)],
        np.float32,
    )
    moved = Truth(quads, truth.labels, truth.visible * inside.reshape(truth.visible.shape))
    return np.asarray(out, np.uint8), moved.keep(inside.reshape(-1) > 0)


def inside_fraction(quad: npt.NDArray[np.float32], width: float, height: float) -> float:
    """Fraction 0..1 of the quad ``(4, 2)`` that lies within the frame."""
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    whole = area(quad)
    if whole <= 0:
        return 0.0
    overlap, _ = cv2.intersectConvexConvex(quad.reshape(4, 1, 2).astype(np.float32), frame.reshape(4, 1, 2))
    return float(np.clip(overlap / whole, 0.0, 1.0))


Draw = Callable[[], tuple[ImageArray, Truth]]


def random_view(
    rng: np.random.Generator, draw: Draw, size: int, settings: WarpSettings
) -> tuple[ImageArray, Truth]:
    """A random view of one photo, or of four side by side.

    Args:
        rng: source of all randomness but that of ``draw``.
        draw: gives a photo and its marks.
        size: side of the square result in pixels, even.
        settings: how far pictures are moved.
    """
    if rng.random() >= settings.mosaic:
        return _single(rng, *draw(), size, settings, 1.0)
    half = size // 2
    canvas = np.empty((size, size, 3), np.uint8)
    parts: list[Truth] = []
    for x, y in ((0, 0), (half, 0), (0, half), (half, half)):
        tile, truth = _single(rng, *draw(), half, settings, 0.55)
        canvas[y : y + half, x : x + half] = tile
        parts.append(Truth(truth.quads + np.array([x, y], np.float32), truth.labels, truth.visible))
    return canvas, Truth(
        np.concatenate([p.quads for p in parts]),
        np.concatenate([p.labels for p in parts]),
        np.concatenate([p.visible for p in parts]),
    )


def _single(
    rng: np.random.Generator,
    image: ImageArray,
    truth: Truth,
    size: int,
    settings: WarpSettings,
    reduce: float,
) -> tuple[ImageArray, Truth]:
    low, high = settings.zoom
    zoom = reduce * math.exp(rng.uniform(math.log(low), math.log(high)))
    matrix = random_homography(rng, (image.shape[1], image.shape[0]), size, truth, settings, zoom)
    return warp(image, truth, matrix, size, zoom)
