"""A flat printed thing in millimetres: board, paper or metal that artwork is stuck to or printed on."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.camera import Points, apply
from lipack_vision.synth.canvas import Canvas, Placed, premultiply, quad_points
from lipack_vision.synth.texture import U8, Rng, noise


@dataclass(frozen=True, slots=True, eq=False)
class SheetMark:
    """A mark on a sheet: its quad ``(4, 2)`` in mm, and how many covers were there before it.

    ``lost`` are the points of `quad_points` that the label itself has lost, ``(N,)``; None for none.
    """

    label: str | None
    kind: str
    text: str | None
    size_mm: tuple[float, float]
    quad: Points
    covers_before: int
    lost: npt.NDArray[np.bool_] | None = None


@dataclass(slots=True, eq=False)
class Sheet:
    """Texture of a window of a flat face.

    Attributes:
        rgb: uint8 ``(h, w, 3)``; pixel (0, 0)'s corner lies at ``origin``.
        px_per_mm: scale.
        origin: mm of the window's top-left corner on the face.
        covers: opaque quads ``(4, 2)`` in mm laid over the face, in order.
    """

    rgb: U8
    px_per_mm: float
    origin: tuple[float, float] = (0.0, 0.0)
    marks: list[SheetMark] = field(default_factory=list)
    covers: list[Points] = field(default_factory=list)

    def px(self, points: npt.ArrayLike) -> Points:
        """mm on the face ``(N, 2)`` -> pixels of the texture."""
        return (np.asarray(points, np.float64) - self.origin) * self.px_per_mm - 0.5

    def matrix(self) -> Points:
        """Homography from texture pixels to mm on the face."""
        step = 1 / self.px_per_mm
        return np.array(
            [[step, 0, self.origin[0] + step / 2], [0, step, self.origin[1] + step / 2], [0, 0, 1]]
        )

    def region(self, low: npt.ArrayLike, high: npt.ArrayLike) -> tuple[slice, slice] | None:
        """The texture's pixels between two corners in pixels, or None when outside."""
        height, width = self.rgb.shape[:2]
        x0, y0 = np.maximum(np.floor(np.asarray(low)), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(np.asarray(high)) + 1, (width, height)).astype(int)
        return None if x1 <= x0 or y1 <= y0 else (slice(y0, y1), slice(x0, x1))

    def stamp(
        self,
        art: Artwork,
        centre: tuple[float, float],
        angle: float,
        rng: Rng,
        *,
        ink: bool,
        scale: float = 1.0,
    ) -> None:
        """Stick (or print, with ``ink``) artwork on the sheet and note its truth.

        Args:
            centre: mm of the middle of the artwork's picture on the face.
            angle: radians clockwise.
            scale: size on the face relative to the artwork's own.
        """
        rgba = premultiply(art.rgba)
        step = scale * self.px_per_mm / art.px_per_mm
        rgba, shrunk = _shrink(rgba, step)
        to_sheet = _pose(rgba.shape, self.px([centre])[0], angle, step / shrunk[0, 0])
        full = to_sheet @ shrunk
        quad = apply(np.linalg.inv(self._to_px()), apply(full, art.quad))
        size = (art.size_mm[0] * scale, art.size_mm[1] * scale)
        self.marks.append(SheetMark(art.label, art.kind, art.text, size, quad, len(self.covers), art.hidden))
        height, width = rgba.shape[:2]
        corners = apply(to_sheet, [[-1, -1], [width, -1], [width, height], [-1, height]])
        area = self.region(corners.min(axis=0) - 3, corners.max(axis=0) + 3)
        if area is None:
            return
        shift = np.array([[1, 0, -area[1].start], [0, 1, -area[0].start], [0, 0, 1]], np.float64)
        span = (area[1].stop - area[1].start, area[0].stop - area[0].start)
        top = cv2.warpAffine(rgba, (shift @ to_sheet)[:2], span, flags=cv2.INTER_LINEAR)
        if ink:
            self._print(top, area, rng)
        else:
            self._stick(top, area, rng)

    def _to_px(self) -> Points:
        return np.linalg.inv(self.matrix())

    def _stick(self, top: U8, area: tuple[slice, slice], rng: Rng) -> None:
        alpha = cv2.extractChannel(top, 3)
        if self.px_per_mm > 0.8:
            # Paper has an edge: it throws a thin shadow on the side away from the light.
            offset = rng.normal(0, 0.5, 2) * self.px_per_mm
            moved = cv2.warpAffine(alpha, np.array([[1, 0, offset[0]], [0, 1, offset[1]]]), alpha.shape[::-1])
            soft = cv2.GaussianBlur(moved, (0, 0), 0.5 + 0.4 * self.px_per_mm)
            dark = cv2.cvtColor(cv2.convertScaleAbs(soft, alpha=-0.3, beta=255.0), cv2.COLOR_GRAY2RGB)
            self.rgb[area] = cv2.multiply(self.rgb[area], dark, scale=1 / 255)
        colour = cv2.cvtColor(top, cv2.COLOR_RGBA2RGB)
        if rng.random() < 0.5:
            colour = _uneven(colour, alpha, rng)
        rest = cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2RGB)
        self.rgb[area] = cv2.add(cv2.multiply(self.rgb[area], rest, scale=1 / 255), colour)

    def _print(self, top: U8, area: tuple[slice, slice], rng: Rng) -> None:
        # Ink filters the light of the board: white parts of the artwork are bare board.
        colour = cv2.add(
            cv2.cvtColor(top, cv2.COLOR_RGBA2RGB),
            cv2.cvtColor(255 - cv2.extractChannel(top, 3), cv2.COLOR_GRAY2RGB),
        )
        strength = rng.uniform(0.66, 1.0)
        filtered = cv2.convertScaleAbs(colour, alpha=strength, beta=255 * (1 - strength))
        if rng.random() < 0.6:
            worn = noise("fibre", rng, top.shape[:2], rng.uniform(0.8, 2.5)) * rng.uniform(4, 22)
            lift = cv2.cvtColor(cv2.convertScaleAbs(np.maximum(worn, 0)), cv2.COLOR_GRAY2RGB)
            filtered = cv2.add(filtered, lift)
        self.rgb[area] = cv2.multiply(self.rgb[area], filtered, scale=1 / 255)

    def place(self, canvas: Canvas, to_photo: Points, rgba: U8 | None = None) -> int:
        """Paint the sheet by a homography from face mm to photo pixels, and its marks' truth.

        ``rgba`` is an already shaded premultiplied texture of the same shape. Returns the layer.
        """
        layer = canvas.new_layer()
        if rgba is None:
            rgba = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2RGBA)
        canvas.paste(rgba, to_photo @ self.matrix(), layer)
        for mark in self.marks:
            points = quad_points(mark.quad)
            hidden = hidden_points(points, self.covers[mark.covers_before :])
            canvas.marks.append(
                Placed(
                    mark.label,
                    mark.kind,
                    mark.text,
                    mark.size_mm,
                    apply(to_photo, mark.quad),
                    apply(to_photo, points),
                    hidden if mark.lost is None else hidden | mark.lost,
                    layer,
                )
            )
        return layer


def hidden_points(points: Points, covers: list[Points]) -> npt.NDArray[np.bool_]:
    """Which of ``(N, 2)`` points lie under one of the convex quads."""
    hidden = np.zeros(len(points), bool)
    for quad in covers:
        edges = np.roll(quad, -1, axis=0) - quad
        offset = points[:, None] - quad[None]
        sides = edges[None, :, 0] * offset[..., 1] - edges[None, :, 1] * offset[..., 0]
        hidden |= (sides >= 0).all(axis=1) | (sides <= 0).all(axis=1)
    return hidden


def _uneven(colour: U8, alpha: U8, rng: Rng) -> U8:
    """Gloss and slight waves of a sticker."""
    height, width = alpha.shape
    wave = noise("cloud", rng, (height, width), rng.uniform(1.0, 4.0)) * rng.uniform(0, 7)
    if rng.random() < 0.35:
        along = rng.uniform(0, np.pi)
        x = np.arange(width, dtype=np.float32)[None, :] * np.float32(np.cos(along))
        y = np.arange(height, dtype=np.float32)[:, None] * np.float32(np.sin(along))
        middle = rng.uniform(0, width * abs(np.cos(along)) + height * np.sin(along))
        sigma = rng.uniform(0.06, 0.3) * max(height, width)
        wave = wave + np.exp(-(((x + y - middle) / sigma) ** 2)) * np.float32(rng.uniform(20, 130))
    wave = wave * (alpha * np.float32(1 / 255))
    rise = cv2.cvtColor(cv2.convertScaleAbs(np.maximum(wave, 0)), cv2.COLOR_GRAY2RGB)
    fall = cv2.cvtColor(cv2.convertScaleAbs(np.minimum(wave, 0)), cv2.COLOR_GRAY2RGB)
    raised = cv2.subtract(cv2.add(colour, rise), fall)
    return cv2.min(raised, cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB))


def _shrink(rgba: U8, step: float) -> tuple[U8, Points]:
    """Shrink by area where ``step`` sheet pixels per artwork pixel would skip some; the map done so far."""
    if step > 0.8:
        return rgba, np.eye(3)
    height, width = rgba.shape[:2]
    wanted = (max(1, round(width * step)), max(1, round(height * step)))
    small = cv2.resize(rgba, wanted, interpolation=cv2.INTER_AREA)
    sx, sy = wanted[0] / width, wanted[1] / height
    return small, np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])


def _pose(shape: tuple[int, ...], centre: Points, angle: float, step: float) -> Points:
    """Map from artwork pixels to sheet pixels: turned about its own middle, scaled, and moved there."""
    cos, sin = np.cos(angle) * step, np.sin(angle) * step
    middle = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
    turn = np.array([[cos, -sin], [sin, cos]])
    shift = centre - turn @ middle
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1]])
