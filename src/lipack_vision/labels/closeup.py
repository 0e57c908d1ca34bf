"""Close-ups: square pictures cut around supposed marks, and what a net tells of them, in NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, transform
from lipack_vision.types import LABELS, ImageArray, Quad

CLOSEUP_LABELS: tuple[str, ...] = tuple(label for label in LABELS if label != "carton")
"""Classes of the net's outputs; one more output says that the picture shows no mark in its middle."""
ROOM = 1.4
"""Side of the picture in lengths of the longer side of the mark's frame."""
GREY = 114
"""Colour of what lies outside the photo, as in the letterbox."""
_AROUND = 2
"""Cells on each side of the highest one of a corner map that tell its place."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A square on the photo: its centre in pixels, its side in pixels, and by how much it is turned.

    ``angle`` is in radians, clockwise on the photo: what stands turned by it there stands upright in the
    picture.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    @staticmethod
    def around(quad: npt.ArrayLike, room: float = ROOM) -> Frame:
        """The upright square around a quad ``(4, 2)``."""
        points = np.asarray(quad, np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        x, y = (low + high) / 2
        return Frame(float(x), float(y), float((high - low).max() * room))

    @staticmethod
    def upright(quad: npt.ArrayLike, diamond: bool, room: float = ROOM) -> Frame:
        """The square in which the artwork of a quad with ordered corners stands upright."""
        points = np.asarray(quad, np.float64)
        # From the top of the artwork to its bottom; a diamond has a corner there, a rectangle two.
        down = points[2] - points[0] if diamond else points[2] + points[3] - points[0] - points[1]
        angle = math.atan2(-down[0], down[1])
        cos, sin = math.cos(angle), math.sin(angle)
        own = points @ np.array([[cos, -sin], [sin, cos]])
        low, high = own.min(axis=0), own.max(axis=0)
        x, y = np.array([[cos, -sin], [sin, cos]]) @ ((low + high) / 2)
        return Frame(float(x), float(y), float((high - low).max() * room), angle)

    def enlarged(self, factor: float) -> Frame:
        """The same frame on the photo enlarged by ``factor``; centres of pixels are whole numbers."""
        x, y = (self.x + 0.5) * factor - 0.5, (self.y + 0.5) * factor - 0.5
        return Frame(x, y, self.side * factor, self.angle)

    def matrix(self, size: int) -> Homography:
        """The map from pixels of the photo to those of the picture of ``size`` x ``size``."""
        zoom = size / self.side
        cos, sin = math.cos(self.angle) * zoom, math.sin(self.angle) * zoom
        half = (size - 1) / 2
        return np.array(
            [
                [cos, sin, half - cos * self.x - sin * self.y],
                [-sin, cos, half + sin * self.x - cos * self.y],
                [0.0, 0.0, 1.0],
            ]
        )


def cut(image: ImageArray, frame: Frame, size: int) -> ImageArray:
    """The picture in a frame, ``uint8 (size, size, 3)``; grey where the photo ends.

    What shrinks by more than a half is averaged first, since warping alone would skip pixels.
    """
    matrix = frame.matrix(size)
    reach = frame.side * 0.75 + 3  # covers the turned square
    height, width = image.shape[:2]
    x0, x1 = (int(np.clip(v, 0, width)) for v in (frame.x - reach, frame.x + reach))
    y0, y1 = (int(np.clip(v, 0, height)) for v in (frame.y - reach, frame.y + reach))
    part = image[y0:y1, x0:x1]
    if not part.size:
        return np.full((size, size, 3), GREY, np.uint8)
    matrix = matrix @ np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1.0]])
    shrink = size / frame.side
    if shrink < 0.6:
        wanted = max(1, round(part.shape[1] * shrink * 1.2)), max(1, round(part.shape[0] * shrink * 1.2))
        factor = np.array(part.shape[1::-1]) / wanted
        part = np.asarray(cv2.resize(part, wanted, interpolation=cv2.INTER_AREA), np.uint8)
        shift = factor / 2 - 0.5
        matrix = matrix @ np.array([[factor[0], 0, shift[0]], [0, factor[1], shift[1]], [0, 0, 1.0]])
    out = cv2.warpAffine(
        part, matrix[:2], (size, size), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)
    )
    return np.asarray(out, np.uint8)


def corner_places(heat: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The corners that maps tell.

    Args:
        heat: ``(N, 4, h, w)`` logits.

    Returns:
        ``(N, 4, 2)`` x, y in cells, cell centres at whole numbers, and ``(N, 4)`` the share 0..1 of each map
        that lies near its corner: how sure the place is.
    """
    number, corners, height, width = heat.shape
    flat = heat.reshape(-1, height * width).astype(np.float64)
    weight = np.exp(flat - flat.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    y, x = np.divmod(flat.argmax(axis=1), width)
    steps = np.arange(-_AROUND, _AROUND + 1)
    padded = np.pad(weight.reshape(-1, height, width), ((0, 0), (_AROUND, _AROUND), (_AROUND, _AROUND)))
    rows = y[:, None, None] + _AROUND + steps[None, :, None]
    columns = x[:, None, None] + _AROUND + steps[None, None, :]
    near = padded[np.arange(len(flat))[:, None, None], rows, columns]
    total = near.sum(axis=(1, 2))
    places = np.stack(
        [
            x + (near * steps[None, None, :]).sum(axis=(1, 2)) / total,
            y + (near * steps[None, :, None]).sum(axis=(1, 2)) / total,
        ],
        axis=-1,
    )
    return places.reshape(number, corners, 2).astype(np.float32), total.reshape(number, corners).astype(
        np.float32
    )


def corner_pixels(
    heat: npt.NDArray[np.float32], size: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """As `corner_places`, in pixels of the picture of ``size`` x ``size``."""
    places, sure = corner_places(heat)
    return (places + np.float32(0.5)) * np.float32(size / heat.shape[-1]) - np.float32(0.5), sure


def to_photo(corners: npt.NDArray[np.float32], frame: Frame, size: int) -> Quad:
    """Corners ``(4, 2)`` in pixels of a picture as pixels of the photo."""
    return transform(corners, np.asarray(np.linalg.inv(frame.matrix(size)), np.float64))
