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
"""Cells on each side of a peak of a corner map that tell its place."""
_PEAKS = 5
"""Peaks of each corner map that may be its corner."""
_LEAST_TURN = 4.0
"""Twice the area in cells of the triangle that a corner makes with its neighbours, at least."""


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
    """The corners that maps tell, taken together.

    A map of a mark that is seen turned has peaks at several corners. Its highest one alone may be the corner
    of another map too, so of the highest peaks of all four maps those are taken that make a convex,
    clockwise quad and are likeliest together.

    Args:
        heat: ``(N, 4, h, w)`` logits.

    Returns:
        ``(N, 4, 2)`` x, y in cells, cell centres at whole numbers, and ``(N, 4)`` the share 0..1 of each map
        that lies near its corner: how sure the place is.
    """
    number, corners, height, width = heat.shape
    flat = heat.reshape(number * corners, -1).astype(np.float64)
    weight = np.exp(flat - flat.max(axis=1, keepdims=True))
    weight = (weight / weight.sum(axis=1, keepdims=True)).reshape(number, corners, height, width)
    peaks = _peaks(weight)  # (N, 4, P) cell numbers, highest first
    share, places = _around(weight, peaks)  # (N, 4, P), (N, 4, P, 2)
    chosen = _together(share, places)  # (N, 4) numbers of peaks
    at = np.arange(number)[:, None], np.arange(corners)[None, :], chosen
    return places[at].astype(np.float32), share[at].astype(np.float32)


def _peaks(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Cells ``(N, 4, P)`` of the highest local maxima of maps ``(N, 4, h, w)``, highest first."""
    number, corners, height, width = weight.shape
    padded = np.pad(weight, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    lone = np.where(weight >= windows.max(axis=(4, 5)), weight, 0.0).reshape(number, corners, -1)
    return np.asarray(np.argsort(-lone, axis=2, kind="stable")[..., :_PEAKS])


def _around(
    weight: npt.NDArray[np.float64], peaks: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How much of its map lies near each peak, ``(N, 4, P)``, and the mean place of that, ``(N, 4, P, 2)``."""
    number, corners, height, width = weight.shape
    y, x = np.divmod(peaks, width)
    steps = np.arange(-_AROUND, _AROUND + 1)
    padded = np.pad(weight, ((0, 0), (0, 0), (_AROUND, _AROUND), (_AROUND, _AROUND)))
    first, second = np.ogrid[:number, :corners]
    rows = y[..., None, None] + _AROUND + steps[:, None]
    columns = x[..., None, None] + _AROUND + steps
    near = padded[first[..., None, None, None], second[..., None, None, None], rows, columns]
    total = near.sum(axis=(3, 4))
    scale = np.maximum(total, 1e-300)
    across = (near * steps).sum(axis=(3, 4)) / scale
    down = (near * steps[:, None]).sum(axis=(3, 4)) / scale
    return total, np.stack([x + across, y + down], axis=-1)


def _together(share: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Which peak of each map, ``(N, 4)``: the likeliest ones that make a convex clockwise quad.

    Where none do, the likeliest of each map.
    """
    number, corners, peaks = share.shape
    ways = np.stack(np.meshgrid(*[np.arange(peaks)] * corners, indexing="ij"), axis=-1).reshape(-1, corners)
    quads = places[:, np.arange(corners), ways]  # (N, ways, 4, 2)
    side = np.roll(quads, -1, axis=2) - quads
    after = np.roll(side, -1, axis=2)
    turn = side[..., 0] * after[..., 1] - side[..., 1] * after[..., 0]  # twice a corner's triangle, in cells
    likely = np.log(np.maximum(share[:, np.arange(corners), ways], 1e-12)).sum(axis=2)
    likely[turn.min(axis=2) < _LEAST_TURN] -= 1e6
    return np.asarray(ways[likely.argmax(axis=1)])


def corner_pixels(
    heat: npt.NDArray[np.float32], size: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """As `corner_places`, in pixels of the picture of ``size`` x ``size``."""
    places, sure = corner_places(heat)
    return (places + np.float32(0.5)) * np.float32(size / heat.shape[-1]) - np.float32(0.5), sure


def to_photo(corners: npt.NDArray[np.float32], frame: Frame, size: int) -> Quad:
    """Corners ``(4, 2)`` in pixels of a picture as pixels of the photo."""
    return transform(corners, np.asarray(np.linalg.inv(frame.matrix(size)), np.float64))
