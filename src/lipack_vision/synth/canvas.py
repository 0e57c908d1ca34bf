"""The photo while it is painted: far things first, with the truth kept beside the pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import is_clockwise
from lipack_vision.synth.camera import Points, apply, local_scale
from lipack_vision.synth.lens import Lens
from lipack_vision.synth.texture import U8
from lipack_vision.synth.types import TruthMark
from lipack_vision.types import as_quad

GRID = 9
"""A mark's visibility is measured at ``GRID * GRID`` points."""


def quad_points(quad: npt.ArrayLike) -> Points:
    """``GRID * GRID`` points spread over a quad ``(4, 2)``."""
    corners = np.asarray(quad, np.float64)
    steps = (np.arange(GRID) + 0.5) / GRID
    u, v = (axis.reshape(-1, 1) for axis in np.meshgrid(steps, steps))
    top = corners[0] * (1 - u) + corners[1] * u
    bottom = corners[3] * (1 - u) + corners[2] * u
    points: Points = top * (1 - v) + bottom * v
    return points


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A mark on the canvas before lens and frame are known.

    Attributes:
        quad: ordered corners ``(4, 2)`` px.
        points: px ``(N, 2)`` spread over the mark.
        hidden: ``(N,)`` points covered on the surface itself, by tape for example.
        owner: the layer of the canvas that shows the mark, or one for each point ``(N,)``.
    """

    label: str | None
    kind: str
    text: str | None
    size_mm: tuple[float, float]
    quad: Points
    points: Points
    hidden: npt.NDArray[np.bool_]
    owner: int | npt.NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Canvas:
    """Pixels, which layer each pixel shows, and the marks painted.

    Attributes:
        rgb: uint8 ``(H, W, 3)``.
        owner: uint16 ``(H, W)``, number of the layer painted last.
    """

    rgb: U8
    owner: npt.NDArray[np.uint16]
    marks: list[Placed] = field(default_factory=list)
    layers: int = 0

    @staticmethod
    def blank(size: tuple[int, int]) -> Canvas:
        """A black canvas of ``(width, height)`` px without marks."""
        width, height = size
        return Canvas(np.zeros((height, width, 3), np.uint8), np.zeros((height, width), np.uint16))

    @property
    def size(self) -> tuple[int, int]:
        """``(width, height)`` px."""
        return self.rgb.shape[1], self.rgb.shape[0]

    def new_layer(self) -> int:
        """Number of a fresh layer in front of all others."""
        self.layers += 1
        return self.layers

    def blend(self, top: U8, at: tuple[int, int], layer: int | None) -> None:
        """Put premultiplied RGBA ``(h, w, 4)`` with its corner at ``(x, y)`` inside the frame.

        ``layer`` None keeps the owner: for things that one sees through, or flat prints on the same layer.
        """
        x, y = at
        height, width = top.shape[:2]
        place = self.rgb[y : y + height, x : x + width]
        alpha = cv2.extractChannel(top, 3)
        left = cv2.multiply(place, cv2.cvtColor(255 - alpha, cv2.COLOR_GRAY2RGB), scale=1 / 255)
        place[:] = cv2.add(left, cv2.cvtColor(top, cv2.COLOR_RGBA2RGB))
        if layer is not None:
            self.owner[y : y + height, x : x + width][alpha > 127] = layer

    def paste(self, rgba: U8, to_photo: Points, layer: int | None) -> None:
        """Paint premultiplied RGBA ``(h, w, 4)`` through a homography from its pixels to the photo's."""
        rgba, to_photo = shrink_to_fit(rgba, to_photo, self.size)
        height, width = rgba.shape[:2]
        corners = apply(to_photo, [[-1, -1], [width, -1], [width, height], [-1, height]])
        low = np.maximum(np.floor(corners.min(axis=0)), 0).astype(int)
        high = np.minimum(np.ceil(corners.max(axis=0)) + 1, self.size).astype(int)
        if (high <= low).any():
            return
        shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]], np.float64)
        span = (int(high[0] - low[0]), int(high[1] - low[1]))
        top = cv2.warpPerspective(rgba, shift @ to_photo, span, flags=cv2.INTER_LINEAR)
        self.blend(top, (int(low[0]), int(low[1])), layer)

    def truth(self, lens: Lens) -> tuple[TruthMark, ...]:
        """All marks as they lie on the photo behind ``lens``."""
        if not self.marks:
            return ()
        width, height = self.size
        # One call for all marks: bending the points back takes many small steps.
        count = len(self.marks)
        spread = np.stack([mark.points for mark in self.marks])
        ends = lens.move(spread.reshape(-1, 2), self.size, steps=4).reshape(spread.shape)
        quads = lens.move(np.concatenate([mark.quad for mark in self.marks]), self.size).reshape(count, 4, 2)
        inside: npt.NDArray[np.bool_] = np.all((ends > -0.5) & (ends < [width - 0.5, height - 0.5]), axis=2)
        pixels = np.clip(np.rint(spread), 0, [width - 1, height - 1]).astype(int)
        owners = self.owner[pixels[..., 1], pixels[..., 0]]
        return tuple(
            self._true(mark, quad, seen & (owner == mark.owner) & ~mark.hidden)
            for mark, quad, seen, owner in zip(self.marks, quads, inside, owners, strict=True)
        )

    @staticmethod
    def _true(mark: Placed, corners: Points, seen: npt.NDArray[np.bool_]) -> TruthMark:
        quad = as_quad(corners, mark.kind)
        # Seen from its edge: the lens has bent what is left of it into no shape at all.
        visible = float(seen.mean()) if is_clockwise(quad) else 0.0
        return TruthMark(mark.label, mark.kind, quad, mark.text, mark.size_mm, visible)


def premultiply(rgba: U8) -> U8:
    """Straight alpha -> colour already multiplied by alpha, so that interpolation leaves no fringe."""
    return cv2.cvtColor(np.ascontiguousarray(rgba), cv2.COLOR_RGBA2mRGBA)


def shrink_to_fit(rgba: U8, to_photo: Points, size: tuple[int, int]) -> tuple[U8, Points]:
    """Shrink by area, along each axis, what the photo would sample too coarsely."""
    height, width = rgba.shape[:2]
    u, v = np.meshgrid(np.linspace(0, width - 1, 5), np.linspace(0, height - 1, 5))
    points = np.stack([u.ravel(), v.ravel()], axis=1)
    scales = local_scale(to_photo, points)
    ends = apply(to_photo, points)
    near = ((ends > -40) & (ends < np.array(size) + 40)).all(axis=1)
    across, down = (float(np.median(scale[near] if near.any() else scale)) for scale in scales)
    if min(across, down) > 0.75:
        return rgba, to_photo
    wanted = (
        max(1, round(width * min(1.0, across * 1.15))),
        max(1, round(height * min(1.0, down * 1.15))),
    )
    small = cv2.resize(rgba, wanted, interpolation=cv2.INTER_AREA)
    sx, sy = width / wanted[0], height / wanted[1]
    back = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
    return small, to_photo @ back
