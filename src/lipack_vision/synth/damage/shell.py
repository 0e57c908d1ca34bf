"""A carton as bent sheets: its faces, its flaps, and what one sees inside."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.camera import Camera, Points, local_scale
from lipack_vision.synth.carton import Box, Face, Window
from lipack_vision.synth.carton_design import Design, compose_face
from lipack_vision.synth.damage.bend import Size
from lipack_vision.synth.damage.cuts import Skin, handle_hole, rubbed
from lipack_vision.synth.damage.plan import OPEN, Damage, Opening
from lipack_vision.synth.damage.raster import Patch
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import F32, U8, Rng, noise, tint

_CELLS = 72
"""Cells along a bent face; fewer where the face is small on the photo."""
_TEXELS = 0.5e6
_LEAST_HANDLE = 60.0
"""mm of height from which a carton may have holes to carry it by."""
_OPEN_ANGLE = 8.0
"""Degrees from which a flap counts as open."""
_TURNED, _FAR = 5.0, 0.04
"""Degrees, and shares of the box's shortest side, from which bent board is seen to be bent."""


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """From a box's own frame to the world."""

    box: Box

    def world(self, places: Points) -> Points:
        """Places ``(..., 3)`` mm."""
        cos, sin = np.cos(self.box.yaw), np.sin(self.box.yaw)
        turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        return np.asarray(places @ turn + self.box.centre)

    def local(self, place: Points) -> Points:
        """A place of the world ``(3,)``."""
        cos, sin = np.cos(self.box.yaw), np.sin(self.box.yaw)
        turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        return np.asarray((place - self.box.centre) @ turn)


def own_faces(box: Box) -> list[Face]:
    """The faces in the box's own frame."""
    return Box(np.zeros(3), box.size, 0.0).faces()


def seen_faces(box: Box, camera: Camera) -> list[Face]:
    """Those of them that look towards the camera."""
    eye = Pose(box).local(camera.position)
    return [face for face in own_faces(box) if (eye - face.corners().mean(axis=0)) @ face.normal > 0]


@dataclass(frozen=True, slots=True, eq=False)
class Shell:
    """Makes the sheets of one carton.

    Attributes:
        number: of the box in the truth.
        finer: pixels of the picture that is rasterised per pixel of the camera.
    """

    box: Box
    number: int
    design: Design
    damage: Damage
    camera: Camera
    finer: float
    settings: SynthSettings

    def patches(self, rng: Rng) -> list[Patch]:
        """All sheets, the outside first."""
        sheets = []
        seen = {face.name for face in seen_faces(self.box, self.camera)}
        hollow = self.damage.hollow
        holes = self.damage.opening is None and rng.random() < 0.12 and self.box.size[2] > _LEAST_HANDLE
        for face in own_faces(self.box):
            skin = None
            if face.name in seen or face.name == "top":
                skin = self._skin(face, rng)
                if holes and face.name in ("left", "right"):
                    handle_hole(skin)
                    hollow = True
            if face.name == "top" and self.damage.opening is not None and skin is not None:
                sheets += self._flaps(skin, self.damage.opening, rng)
                sheets.append(self._gap(face, self.damage.opening))
            elif skin is not None and face.name in seen:
                sheets.append(self._outside(skin))
        if hollow:
            sheets += self._inside(seen, rng)
        return sheets

    def _scale(self, face: Face) -> float:
        """Texture pixels per mm that the photo can show of a face."""
        pose = Pose(self.box)
        axes = pose.world(np.stack([face.origin, face.origin + face.right, face.origin + face.down]))
        to_photo = self.camera.plane(axes[0], axes[1] - axes[0], axes[2] - axes[0])
        steps = np.linspace(0, 1, 5)
        u, v = (axis.ravel() for axis in np.meshgrid(steps, steps))
        points = np.stack([u * face.size[0], v * face.size[1]], axis=1)
        across, down = local_scale(to_photo, points)
        wanted = self.finer * float(np.quantile(np.maximum(across, down), 0.8))
        return float(np.clip(min(wanted, np.sqrt(_TEXELS / (face.size[0] * face.size[1]))), 0.05, 8.0))

    def _skin(self, face: Face, rng: Rng) -> Skin:
        view = Window((0.0, 0.0), face.size, self._scale(face), 1.0)
        sheet = compose_face(self.design, face.name, face.size, view, self.settings)
        rgba = cv2.cvtColor(sheet.rgb, cv2.COLOR_RGB2RGBA)
        skin = Skin(face, rgba, np.zeros(rgba.shape[:2], np.uint8))
        if rng.random() < 0.6:
            rubbed(skin, rng)
        for wound in self.damage.wounds:
            wound.apply(skin, self.design.board, rng)
        return skin

    def _grid(self, face: Face) -> Points:
        """Places ``(R, C, 3)`` of a flat face."""
        px = self._scale(face) / self.finer
        columns, rows = (int(np.clip(side * px / 4, 6, _CELLS)) + 1 for side in face.size)
        u, v = np.meshgrid(np.linspace(0, face.size[0], columns), np.linspace(0, face.size[1], rows))
        return np.asarray(face.origin + u[..., None] * face.right + v[..., None] * face.down)

    def _moved(self, places: Points) -> tuple[Points, U8]:
        """Places after all that bends them, and the bits ``(R, C)`` of the damage that one can see there."""
        settled = self.damage.settled.move(places)
        moved, bits = settled.copy(), np.zeros(places.shape[:2], np.uint8)
        for bend, bit in self.damage.bends:
            moved += bend.move(places)
            if bit:
                bits[bend.hurt(places)] |= bit
        # Nothing sinks into the floor.
        moved[..., 2] = np.maximum(moved[..., 2], -places[..., 2] + np.minimum(places[..., 2], 1.0))
        if bits.any():
            bits[~_visible(places + settled, places + moved, min(self.box.size))] = 0
        return places + moved, bits

    def _outside(self, skin: Skin) -> Patch:
        grid = self._grid(skin.face)
        moved, bits = self._moved(grid)
        height, width = skin.damage.shape
        skin.damage |= cv2.resize(bits, (width, height), interpolation=cv2.INTER_NEAREST)
        light = hollows(moved - grid, skin.face)
        return Patch(Pose(self.box).world(moved), skin.rgba, skin.damage, self.number, light)

    def _inside(self, seen: set[str], rng: Rng) -> list[Patch]:
        """The far walls from within, the floor, and at times what is packed."""
        wide = self.damage.opening is not None and max(self.damage.opening.angles) > 40
        bright = rng.uniform(0.5, 0.95) if wide else rng.uniform(0.05, 0.45)
        sheets = []
        for face in own_faces(self.box):
            if face.name in seen or face.name == "top":
                continue
            grid = self._moved(self._grid(face))[0] - face.normal * 3.0
            fade = np.linspace(1, 0.35 if wide else 0.6, len(grid), dtype=np.float32)[:, None] * bright
            sheets.append(self._plain(grid, fade * np.ones(grid.shape[:2], np.float32), rng))
        filled = rng.uniform(0.3, 0.92) * self.box.size[2] if rng.random() < 0.5 else 4.0
        top = own_faces(self.box)[4]
        floor = self._grid(top) * (0.985, 0.985, 0) + (0, 0, filled)
        depth = np.full(floor.shape[:2], bright * (0.4 + 0.6 * filled / self.box.size[2]), np.float32)
        sheets.append(self._plain(floor, depth, rng, packed=filled > 5))
        return sheets

    def _plain(self, places: Points, light: F32, rng: Rng, *, packed: bool = False) -> Patch:
        colour = np.array(self.design.board.colour)
        if float(colour.std()) > 40 or colour.mean() < 110:
            colour = np.array([180.0, 142, 104])
        if packed:
            goods = ((25, 25, 28), (235, 235, 235), (190, 200, 205), (150, 120, 90), (70, 90, 120))
            colour = np.array(goods[int(rng.integers(5))], float)
        shade = 1 + noise("cloud", rng, (96, 96), 0.4) * np.float32(0.25 if packed else 0.04)
        texture = cv2.cvtColor(tint(shade, colour), cv2.COLOR_RGB2RGBA)
        world = Pose(self.box).world(places)
        return Patch(world, texture, np.zeros((96, 96), np.uint8), self.number, light)

    def _gap(self, face: Face, opening: Opening) -> Patch:
        """Nothing, where the closed top was: what one sees through it is an open flap's."""
        texture = np.zeros((4, 4, 4), np.uint8)
        grid = Pose(self.box).world(self._grid(face) - np.array([0, 0, 1.0]))
        wide = max(opening.angles) > _OPEN_ANGLE
        return Patch(grid, texture, np.full((4, 4), OPEN if wide else 0, np.uint8), self.number)

    def _flaps(self, skin: Skin, opening: Opening, rng: Rng) -> list[Patch]:
        sheets = []
        for index, hinge in enumerate(_hinges(self.box.size)):
            angle = opening.angles[index]
            bits = OPEN if angle > _OPEN_ANGLE else 0
            grid = _flap(hinge, np.deg2rad(angle), np.deg2rad(opening.curl))
            sheets.append(self._flap_patch(grid, skin, bits, hinge, rng))
        return sheets

    def _flap_patch(self, grid: Points, skin: Skin, bits: int, hinge: Hinge, rng: Rng) -> Patch:
        moved, bent = self._moved(grid)
        world = Pose(self.box).world(moved)
        rows, columns = grid.shape[0] // 2, grid.shape[1] // 2
        middle = world[rows, columns]
        out = np.cross(world[rows + 1, columns] - middle, world[rows, columns + 1] - middle)
        light = np.ones((2, 2), np.float32)
        if out @ (self.camera.position - middle) > 0:
            inner = self._plain(grid, light, rng).texture
            return Patch(world, inner, np.full(inner.shape[:2], bits, np.uint8), self.number)
        texture = _cut_out(skin, hinge)
        height, width = texture.shape[:2]
        spread = cv2.resize(bent, (width, height), interpolation=cv2.INTER_NEAREST)
        damage = np.asarray(spread, np.uint8) | np.uint8(bits)
        return Patch(world, texture, damage, self.number)


@dataclass(frozen=True, slots=True, eq=False)
class Hinge:
    """Where a flap hangs: middle ``(3,)`` of its edge, unit vectors along it and inwards, its size in mm."""

    middle: Points
    along: Points
    inwards: Points
    size: tuple[float, float]


def _hinges(size: Size) -> list[Hinge]:
    """Of the flaps at the front, back, right and left edge."""
    length, width, height = size
    found = []
    for x, y in ((0.0, -1.0), (0.0, 1.0), (1.0, 0.0), (-1.0, 0.0)):
        long = length if x == 0 else width
        # The flaps of the shorter edges lie beneath the others.
        below = 3.0 if long < max(length, width) else 0.0
        middle = np.array([x * length / 2, y * width / 2, height - below])
        found.append(
            Hinge(middle, np.array([-y, x, 0.0]), np.array([-x, -y, 0.0]), (long, min(length, width) / 2))
        )
    return found


def _flap(hinge: Hinge, angle: float, curl: float) -> Points:
    """Places ``(R, C, 3)`` of a flap ``angle`` radians from closed; the first row is its hinge."""
    rows, columns = 13, 17
    step, here = hinge.size[1] / (rows - 1), hinge.middle
    line = np.linspace(-0.5, 0.5, columns)[:, None] * hinge.along * hinge.size[0]
    spots = [here + line]
    for row in range(1, rows):
        turn = angle + curl * row / rows * min(1.0, angle / 0.5)
        here = here + step * (hinge.inwards * np.cos(turn) + np.array([0, 0, 1.0]) * np.sin(turn))
        # Cut a little narrower towards the free edge.
        spots.append(here + line * (1 - 0.02 * row / rows))
    return np.asarray(spots)


def _cut_out(skin: Skin, hinge: Hinge) -> U8:
    """The part of the top's texture that a flap carries, its first row at the hinge."""
    scale, (long, depth) = skin.px_per_mm, hinge.size
    size = (max(8, round(long * scale)), max(8, round(depth * scale)))
    first = hinge.middle - hinge.along * long / 2
    ends = np.stack([first, first + hinge.along * long, first + hinge.inwards * depth]) - skin.face.origin
    flat = np.stack([ends @ skin.face.right, ends @ skin.face.down], axis=1) * scale
    goal = np.array([[0, 0], [size[0], 0], [0, size[1]]], np.float32)
    matrix = cv2.getAffineTransform(flat.astype(np.float32), goal)
    part = cv2.warpAffine(skin.rgba, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(part, np.uint8)


def _visible(before: Points, after: Points, unit: float) -> npt.NDArray[np.bool_]:
    """Where bent board ``(R, C, 3)`` looks bent: turned by some degrees close by, or moved far."""

    def normals(points: Points) -> Points:
        raw = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
        return np.asarray(raw / np.maximum(np.linalg.norm(raw, axis=2, keepdims=True), 1e-9))

    turned = 1 - (normals(before) * normals(after)).sum(axis=2)
    reach = max(3, round(0.1 * max(before.shape[:2]))) | 1
    close = cv2.dilate(turned.astype(np.float32), np.ones((reach, reach), np.uint8))
    far = np.linalg.norm(after - before, axis=2) > _FAR * unit
    return np.asarray((close > 1 - np.cos(np.deg2rad(_TURNED))) | far)


def hollows(moved: Points, face: Face) -> F32:
    """Share of the light ``(R, C)`` that reaches board lying deeper than what is around it."""
    height = (moved @ face.normal).astype(np.float32)
    light = np.ones_like(height)
    for cells in (2.0, 5.0, 11.0):
        around = cv2.GaussianBlur(height, (0, 0), cells)
        slope = (around - height) / np.float32(cells * max(face.size) / max(height.shape))
        light -= np.clip(slope, -0.08, 0.9).astype(np.float32) * np.float32(0.5)
    return np.clip(light, 0.3, 1.1)
