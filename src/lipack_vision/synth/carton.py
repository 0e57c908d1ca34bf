"""Boxes in the world and how one face of them is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.synth.camera import Camera, Points, apply, local_scale
from lipack_vision.synth.canvas import Canvas, Placed, quad_points
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import U8, Rng

FACES = ("front", "right", "back", "left", "top")
MAX_TEXELS = 0.6e6
NEXT_TO_MM = 22.0
"""Equal boxes of a pile that stand closer than this hide the faces between them."""
MIN_SHARE_IN_FRAME = 0.15
"""A face with less of its area in the frame is not worth a truth of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A rectangle in the world: mm along ``right`` and ``down`` from ``origin``, its top-left corner."""

    name: str
    origin: Points
    right: Points
    down: Points
    size: tuple[float, float]

    @property
    def normal(self) -> Points:
        """Unit vector out of the box."""
        # Written out: NumPy's own product takes ten times as long for a single pair.
        (a, b, c), (d, e, f) = self.down.tolist(), self.right.tolist()
        return np.array([b * f - c * e, c * d - a * f, a * e - b * d])

    def corners(self) -> Points:
        """World corners ``(4, 3)``: top left, top right, bottom right, bottom left."""
        across, below = self.right * self.size[0], self.down * self.size[1]
        return np.array(
            [self.origin, self.origin + across, self.origin + across + below, self.origin + below]
        )

    def flat(self) -> Points:
        """The same corners in mm on the face ``(4, 2)``."""
        width, height = self.size
        return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """An upright box.

    Attributes:
        centre: x, y of its middle and z of its underside, mm.
        size: length along its own x, width along its own y, height.
        yaw: radians around z.
    """

    centre: Points
    size: tuple[float, float, float]
    yaw: float

    def faces(self) -> list[Face]:
        """Four sides and the top."""
        length, width, height = self.size
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        x, y, z = np.array([cos, sin, 0.0]), np.array([-sin, cos, 0.0]), np.array([0.0, 0.0, 1.0])
        top = self.centre + z * height
        a, b = x * length / 2, y * width / 2
        return [
            Face("front", top - a - b, x, -z, (length, height)),
            Face("right", top + a - b, y, -z, (width, height)),
            Face("back", top + a + b, -x, -z, (length, height)),
            Face("left", top - a + b, -y, -z, (width, height)),
            Face("top", top - a + b, x, -y, (length, width)),
        ]

    def middle(self) -> Points:
        """Centre of the box in the world."""
        return np.array([self.centre[0], self.centre[1], self.centre[2] + self.size[2] / 2])

    def footprint(self) -> Points:
        """World corners ``(4, 3)`` of the underside."""
        corners = self.faces()[4].corners().copy()
        corners[:, 2] = self.centre[2]
        return corners

    def corners(self) -> Points:
        """All eight corners ``(8, 3)`` in the world."""
        return np.concatenate([self.footprint(), self.faces()[4].corners()])

    def visible_faces(self, camera: Camera) -> list[Face]:
        """Faces turned to the camera; none when a corner is beside or behind it."""
        if (camera.depth(self.corners()) < 40).any():
            return []
        return [
            face
            for face in self.faces()
            if (camera.position - face.corners().mean(axis=0)) @ face.normal > 1e-6
        ]


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a face that the frame shows: mm corners and the texture scale wanted."""

    low: tuple[float, float]
    high: tuple[float, float]
    px_per_mm: float
    share: float


def window(face: Face, to_photo: Points, size: tuple[int, int]) -> Window | None:
    """What of the face lies in the frame; None when nothing."""
    steps = np.linspace(0, 1, 25)
    u, v = (axis.ravel() for axis in np.meshgrid(steps, steps))
    points = np.stack([u * face.size[0], v * face.size[1]], axis=1)
    ends = apply(to_photo, points)
    inside = ((ends > -1) & (ends < np.array(size) + 1)).all(axis=1)
    cells = np.array(face.size) / 24
    if not inside.any():
        middle = apply(np.linalg.inv(to_photo), [np.array(size) / 2])
        if ((middle < 0) | (middle > face.size)).any():
            return None
        near = middle
    else:
        near = points[inside]
    low = np.maximum(near.min(axis=0) - cells, 0)
    high = np.minimum(near.max(axis=0) + cells, face.size)
    across, down = local_scale(to_photo, near)
    scale = 1.02 * float(np.quantile(np.maximum(across, down), 0.8))
    limit = np.sqrt(MAX_TEXELS / max(float(np.prod(high - low)), 1e-6))
    px_per_mm = float(np.clip(min(scale, limit), 0.02, 14.0))
    first, last = (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))
    return Window(first, last, px_per_mm, float(inside.mean()))


def touching(face: Face, boxes: Sequence[Box]) -> bool:
    """Whether one of equal boxes stands so close before the face that the face cannot be seen."""
    ahead = face.corners().mean(axis=0) + face.normal * NEXT_TO_MM
    centres = np.array([box.centre for box in boxes])
    sizes, yaws = np.array([box.size for box in boxes]), np.array([box.yaw for box in boxes])
    offset = ahead - centres
    along = offset[:, 0] * np.cos(yaws) + offset[:, 1] * np.sin(yaws)
    across = offset[:, 1] * np.cos(yaws) - offset[:, 0] * np.sin(yaws)
    inside = (np.abs(along) < sizes[:, 0] / 2) & (np.abs(across) < sizes[:, 1] / 2)
    return bool((inside & (offset[:, 2] > 0) & (offset[:, 2] < sizes[:, 2])).any())


def upright_in_photo(face: Face, quad: Points) -> Points:
    """Order of a face's corners: a top has no upside of its own, so its far edge comes first."""
    if face.name != "top":
        return quad
    heights = [quad[i, 1] + quad[(i + 1) % 4, 1] for i in range(4)]
    return np.roll(quad, -int(np.argmin(heights)), axis=0)


def shade_texture(rgb: U8, factor: float, rng: Rng) -> U8:
    """Face lighting: one factor by its normal, and a slow change over the face."""
    height, width = rgb.shape[:2]
    field = factor * (1 + rng.normal(0, 0.05, (3, 3)))
    field[-1] *= rng.uniform(0.8, 1.0)
    grey = np.clip(field * 128, 0, 255).astype(np.uint8)
    full = cv2.resize(grey, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(rgb, cv2.cvtColor(full, cv2.COLOR_GRAY2RGB), scale=1 / 128)


def paint_face(
    canvas: Canvas,
    camera: Camera,
    face: Face,
    sheet: Sheet,
    shade: float,
    rng: Rng,
    *,
    truth: bool,
    share: float,
) -> None:
    """Paint a finished sheet on a face; with ``truth`` also the face itself as a carton."""
    to_photo = camera.plane(face.origin, face.right, face.down)
    lit = cv2.cvtColor(shade_texture(sheet.rgb, shade, rng), cv2.COLOR_RGB2RGBA)
    layer = sheet.place(canvas, to_photo, lit)
    if not truth or share < MIN_SHARE_IN_FRAME:
        return
    quad = upright_in_photo(face, apply(to_photo, face.flat()))
    points = apply(to_photo, quad_points(face.flat()))
    size = (round(face.size[0], 1), round(face.size[1], 1))
    if face.name == "top" and not np.allclose(quad[0], apply(to_photo, face.flat())[0]):
        turned = np.argmin(np.linalg.norm(apply(to_photo, face.flat()) - quad[0], axis=1)) % 2
        size = (size[1], size[0]) if turned else size
    hidden = np.zeros(len(points), bool)
    canvas.marks.append(Placed("carton", "carton", None, size, quad, points, hidden, layer))


def underpaint(canvas: Canvas, camera: Camera, box: Box, colour: tuple[float, float, float]) -> None:
    """Fill the silhouette with dark board so that no background shines through between faces."""
    hull = cv2.convexHull(np.rint(np.clip(camera.project(box.corners()), -8000, 8000) * 8).astype(np.int32))
    dark = [int(value * 0.45) for value in colour]
    cv2.fillConvexPoly(canvas.rgb, hull, dark, cv2.LINE_AA, 3)
