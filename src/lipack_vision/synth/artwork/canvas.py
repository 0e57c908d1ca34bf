"""A small canvas in model units over an RGBA raster, drawn larger and shrunk for smooth edges."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.artwork.curves import Points, arc, box
from lipack_vision.synth.fonts import cap_ratio, text_mask

Colour = tuple[int, int, int]
"""RGB 0..255."""
Paint = Colour | None
"""A colour, or None, which makes what is drawn transparent."""

_SHIFT = 4
_ZOOMS = ((110, 3), (300, 2))
"""Pictures up to this long side in px are drawn this many times larger and then shrunk."""


class Canvas:
    """A view on a raster with its own place, scale and turn; views share the pixels.

    The raster holds premultiplied alpha: a half covered edge over nothing then blends right.

    Args:
        bounds: ``(x0, y0, x1, y1)`` shown, in model units, y down.
        unit_px: pixels of the result per model unit.
        ground: what fills the raster at first.
    """

    def __init__(self, bounds: Sequence[float], unit_px: float, ground: Paint = None) -> None:
        x0, y0, x1, y1 = bounds
        self._width = max(1, math.ceil((x1 - x0) * unit_px))
        self._height = max(1, math.ceil((y1 - y0) * unit_px))
        long_side = max(self._width, self._height)
        self._zoom = next((zoom for limit, zoom in _ZOOMS if long_side <= limit), 1)
        shape = (self._height * self._zoom, self._width * self._zoom, 4)
        self._pixels = np.zeros(shape, np.uint8)
        self._lines: list[npt.NDArray[np.float32]] = []
        if ground is not None:
            self._pixels[:] = (*ground, 255)
        scale = unit_px * self._zoom
        self._matrix = np.array([[scale, 0.0], [0.0, scale]])
        self._offset = np.array([-x0 * scale, -y0 * scale])
        self.scale = scale

    def placed(
        self,
        x: float,
        y: float,
        scale: float = 1.0,
        angle: float = 0.0,
        flip: bool = False,
        squeeze: float = 1.0,
    ) -> Canvas:
        """A view whose origin lies at ``(x, y)``, enlarged by ``scale`` and turned clockwise by degrees.

        ``squeeze`` widens (above 1) or narrows the drawing; ``flip`` mirrors it.
        """
        view = object.__new__(Canvas)
        view.__dict__.update(self.__dict__)
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        turn = np.array([[c, -s], [s, c]])
        size = np.diag([scale * squeeze * (-1 if flip else 1), scale])
        view._matrix = self._matrix @ turn @ size
        view._offset = self._matrix @ np.array([x, y]) + self._offset
        view.scale = self.scale * scale
        return view

    def to_px(self, places: Points) -> npt.NDArray[np.float32]:
        """Model units to pixels of the result ``(N, 2)``; pixel edges are whole numbers."""
        px: npt.NDArray[np.float32] = ((places @ self._matrix.T + self._offset) / self._zoom).astype(
            np.float32
        )
        return px

    def _fixed(self, places: Points) -> npt.NDArray[np.int32]:
        # OpenCV puts whole numbers at pixel centres; the half pixel moves them to the edges.
        raster = places @ self._matrix.T + (self._offset - 0.5)
        fixed: npt.NDArray[np.int32] = np.rint(raster * (1 << _SHIFT)).astype(np.int32)
        return fixed

    def fill(self, contours: Points | Sequence[Points], paint: Paint) -> None:
        """Fill one contour, or several with the even-odd rule (an inner contour is a hole)."""
        several = [contours] if isinstance(contours, np.ndarray) else contours
        fixed = [self._fixed(c) for c in several if len(c) > 2]
        if fixed:
            cv2.fillPoly(self._pixels, fixed, _rgba(paint), cv2.LINE_AA, _SHIFT)

    def stroke(self, places: Points, width: float, paint: Paint, closed: bool = False) -> None:
        """Draw a line with round joints, ``width`` in model units."""
        px = max(1, round(width * self.scale))
        cv2.polylines(self._pixels, [self._fixed(places)], closed, _rgba(paint), px, cv2.LINE_AA, _SHIFT)

    def outline(self, places: Points, width: float, ink: Paint, inside: Paint) -> None:
        """Fill a shape and draw its border, half of which lies outside."""
        self.fill(places, inside)
        self.stroke(places, width, ink, closed=True)

    def circle(self, x: float, y: float, radius: float, paint: Paint) -> None:
        """Fill a circle."""
        self.fill(arc(x, y, radius, radius, steps=28), paint)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        height: float,
        font: str,
        paint: Paint,
        *,
        anchor: str = "mm",
        stretch: float = 1.0,
        max_width: float | None = None,
    ) -> float:
        """Write one upright line; returns its width in model units.

        Args:
            x, y: place of the anchor.
            height: height of capitals.
            font: a name of `fonts.FONTS`.
            anchor: ``l``, ``m`` or ``r`` and ``t``, ``m`` or ``b`` of the ink.
            stretch: width over the font's own width.
            max_width: a longer line is narrowed to 0.75 at most, then made smaller.
        """
        px = height * self.scale / cap_ratio(font)
        # Few sizes are rasterised, so that words met again need not be.
        size_px = max(6, math.ceil(1.26 ** math.ceil(math.log(max(px, 3.0), 1.26))))
        mask = text_mask(font, size_px, text)
        width, tall = mask.shape[1] * stretch * px / size_px, mask.shape[0] * px / size_px
        # What hangs below the baseline is no part of a line, and small letters may be lower than capitals.
        capitals = min(tall, height * self.scale)
        if max_width is not None and width > max_width * self.scale:
            shrink = max_width * self.scale / width
            width *= shrink
            lower = min(1.0, shrink / 0.75)
            tall, capitals = tall * lower, capitals * lower
        left = (
            self._offset[0] + (self._matrix @ (x, y))[0] - width * {"l": 0.0, "m": 0.5, "r": 1.0}[anchor[0]]
        )
        top = self._offset[1] + (self._matrix @ (x, y))[1] - tall * {"t": 0.0, "m": 0.5, "b": 1.0}[anchor[1]]
        size = (max(1, round(width)), max(1, round(tall)))
        if size != (mask.shape[1], mask.shape[0]):
            smaller = size[0] * size[1] < mask.size
            mask = np.asarray(
                cv2.resize(mask, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR),
                np.uint8,
            )
        self._blend(mask, round(left), round(top), paint)
        place = box(left, top, left + width, top + capitals)
        self._lines.append((place / self._zoom).astype(np.float32))
        return width / self.scale

    @property
    def lines(self) -> npt.NDArray[np.float32]:
        """Every line written so far ``(N, 4, 2)``, tight around its capitals, in pixels of the result."""
        return np.array(self._lines, np.float32).reshape(-1, 4, 2)

    def _blend(self, mask: npt.NDArray[np.uint8], left: int, top: int, paint: Paint) -> None:
        height, width = self._pixels.shape[:2]
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(width, left + mask.shape[1]), min(height, top + mask.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        part = self._pixels[y0:y1, x0:x1]
        cover = mask[y0 - top : y1 - top, x0 - left : x1 - left, None].astype(np.int32)
        colour = np.array(_rgba(paint), np.int32)
        part[:] = part + (cover * (colour - part) + 127) // 255

    def dark_tiles(
        self, cells: npt.NDArray[np.bool_], x: float, y: float, width: float, height: float, paint: Paint
    ) -> None:
        """Paint the true cells of a grid ``(rows, columns)`` stretched over a rectangle."""
        x0, y0 = np.rint(self._matrix @ (x, y) + self._offset).astype(int)
        x1, y1 = np.rint(self._matrix @ (x + width, y + height) + self._offset).astype(int)
        size = (max(1, int(x1 - x0)), max(1, int(y1 - y0)))
        mask = cv2.resize(cells.astype(np.uint8) * 255, size, interpolation=cv2.INTER_NEAREST)
        self._blend(np.asarray(mask, np.uint8), int(x0), int(y0), paint)

    def image(self) -> npt.NDArray[np.uint8]:
        """The drawing ``(H, W, 4)`` with straight alpha."""
        pixels: npt.NDArray[np.uint8] = self._pixels
        if self._zoom > 1:
            pixels = np.asarray(
                cv2.resize(pixels, (self._width, self._height), interpolation=cv2.INTER_AREA), np.uint8
            )
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_mRGBA2RGBA), np.uint8)


def _rgba(paint: Paint) -> tuple[int, int, int, int]:
    return (0, 0, 0, 0) if paint is None else (*paint, 255)
