"""Close-ups: square pictures cut around supposed marks and faces of cartons."""

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
FACE_LABELS: tuple[str, ...] = ("carton",)
"""The same of the net that looks at faces of cartons."""
LOOK = 2
"""How close-ups are looked at. Changed whenever nets and probabilities made before no longer fit: from 2 on
elongated marks are squeezed, and corners are chosen together."""
ROOM = 1.4
"""Width of a square frame in lengths of the longer side of the box around the mark."""
MOST_ASPECT = 6.0
"""Frames are at most so many times longer than wide. UN marks in one line are up to 20 times."""
_LONG = 1.5
"""Marks that are less elongated are shown as they are; the rest leaves room above and below the others."""
GREY = 114
"""Colour of what lies outside the photo, as in the letterbox."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle on the photo, mostly a square, that a square picture is cut from.

    Attributes:
        x, y: its centre in pixels.
        width: in pixels, along its own x.
        angle: in radians, clockwise on the photo: what stands turned by it there stands upright in the
            picture.
        aspect: width over height. A line of text in a square would be a few pixels high.
    """

    x: float
    y: float
    width: float
    angle: float = 0.0
    aspect: float = 1.0

    @property
    def height(self) -> float:
        """In pixels, along its own y."""
        return self.width / self.aspect

    @staticmethod
    def around(quad: npt.ArrayLike, room: float = ROOM) -> Frame:
        """The upright square around a quad ``(4, 2)``."""
        points = np.asarray(quad, np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        x, y = (low + high) / 2
        return Frame(float(x), float(y), float((high - low).max() * room))

    @staticmethod
    def level(quad: npt.ArrayLike, room: float = ROOM) -> Frame:
        """The frame around a carton face: along the photo's sides, squeezed as `upright` squeezes marks.

        Faces are never turned: corners of one that is found badly do not tell how it lies.
        """
        return _fitted(np.asarray(quad, np.float64), 0.0, room, squeezed=True)

    @staticmethod
    def upright(quad: npt.ArrayLike, diamond: bool, room: float = ROOM) -> Frame:
        """The frame in which the artwork of a quad with ordered corners stands upright.

        A square, but around elongated marks: these are squeezed until they are `_LONG` times as long as
        wide, by `MOST_ASPECT` at most.
        """
        points = np.asarray(quad, np.float64)
        # From the top of the artwork to its bottom; a diamond has a corner there, a rectangle two.
        down = points[2] - points[0] if diamond else points[2] + points[3] - points[0] - points[1]
        angle = math.atan2(-down[0], down[1])
        return _fitted(points, angle, room, squeezed=not diamond)

    def enlarged(self, factor: float) -> Frame:
        """The same frame on the photo enlarged by ``factor``; centres of pixels are whole numbers."""
        x, y = (self.x + 0.5) * factor - 0.5, (self.y + 0.5) * factor - 0.5
        return Frame(x, y, self.width * factor, self.angle, self.aspect)

    def matrix(self, size: int) -> Homography:
        """The map from pixels of the photo to those of the picture of ``size`` x ``size``."""
        return self._matrix(size, size)

    def _matrix(self, width: int, height: int) -> Homography:
        across, down = width / self.width, height / self.height
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        half = (width - 1) / 2, (height - 1) / 2
        return np.array(
            [
                [cos * across, sin * across, half[0] - (cos * self.x + sin * self.y) * across],
                [-sin * down, cos * down, half[1] + (sin * self.x - cos * self.y) * down],
                [0.0, 0.0, 1.0],
            ]
        )


def _fitted(points: npt.NDArray[np.float64], angle: float, room: float, *, squeezed: bool) -> Frame:
    """The frame of an angle around points ``(N, 2)``, a square unless elongated ones may be squeezed."""
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    own = points @ turn
    low, high = own.min(axis=0), own.max(axis=0)
    x, y = turn @ ((low + high) / 2)
    wide, tall = (np.maximum(high - low, 1e-3) * room).tolist()
    aspect = _frame_aspect(wide / tall) if squeezed else 1.0
    return Frame(float(x), float(y), max(wide, tall * aspect), angle, aspect)


def _frame_aspect(aspect: float) -> float:
    """Aspect of the frame around a mark of an aspect."""
    if aspect < 1:
        return 1 / _frame_aspect(1 / aspect)
    return min(max(aspect / _LONG, 1.0), MOST_ASPECT)


def cut(image: ImageArray, frame: Frame, size: int) -> ImageArray:
    """The picture in a frame, ``uint8 (size, size, 3)``; grey where the photo ends.

    What shrinks by more than a half is averaged first, since warping alone would skip pixels.
    """
    if frame.aspect == 1:
        return _warped(image, frame, size, size)
    # Squeezed only after it was cut: what is averaged first is averaged alike in both directions.
    width, height = round(size * max(frame.aspect, 1)), round(size * max(1 / frame.aspect, 1))
    picture = _warped(image, frame, width, height)
    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def _warped(image: ImageArray, frame: Frame, width: int, height: int) -> ImageArray:
    matrix = frame._matrix(width, height)
    reach = max(frame.width, frame.height) * 0.75 + 3  # covers the turned frame
    rows, columns = image.shape[:2]
    x0, x1 = (int(np.clip(v, 0, columns)) for v in (frame.x - reach, frame.x + reach))
    y0, y1 = (int(np.clip(v, 0, rows)) for v in (frame.y - reach, frame.y + reach))
    part = image[y0:y1, x0:x1]
    if not part.size:
        return np.full((height, width, 3), GREY, np.uint8)
    matrix = matrix @ np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1.0]])
    shrink = width / frame.width
    if shrink < 0.6:
        wanted = max(1, round(part.shape[1] * shrink * 1.2)), max(1, round(part.shape[0] * shrink * 1.2))
        factor = np.array(part.shape[1::-1]) / wanted
        part = np.asarray(cv2.resize(part, wanted, interpolation=cv2.INTER_AREA), np.uint8)
        shift = factor / 2 - 0.5
        matrix = matrix @ np.array([[factor[0], 0, shift[0]], [0, factor[1], shift[1]], [0, 0, 1.0]])
    out = cv2.warpAffine(
        part, matrix[:2], (width, height), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)
    )
    return np.asarray(out, np.uint8)


def to_photo(corners: npt.NDArray[np.float32], frame: Frame, size: int) -> Quad:
    """Corners ``(4, 2)`` in pixels of a picture as pixels of the photo."""
    return transform(corners, np.asarray(np.linalg.inv(frame.matrix(size)), np.float64))
