"""Photos of a carton of a design, standing in a room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from lipack_vision.synth.backdrop import room
from lipack_vision.synth.camera import Camera, Points, look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, paint_face, underpaint, window
from lipack_vision.synth.designs.copies import face_sheet
from lipack_vision.synth.designs.plan import CartonPlan
from lipack_vision.synth.ground import ground_shadow
from lipack_vision.synth.occluders import film, random_occluder
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import U8, Rng
from lipack_vision.types import ImageArray

ROOMS = 48
"""Rooms that photos of one size are taken in; each is seen mirrored, shifted and in other light as well."""
LEAST_IN_FRAME = 0.85
_CAMERA = SynthSettings(severity=0.8)
_PART = (0.55, 1.15)
"""Of the photo that the carton takes, least and most."""


@dataclass(frozen=True, slots=True, eq=False)
class DesignPhoto:
    """A photo of one carton.

    Attributes:
        image: RGB ``uint8 (H, W, 3)``.
        jpeg: the bytes that decode to it.
        hull: outline ``(N, 2)`` of the carton in pixels; corners may lie outside.
        faces: of each face that is seen the homography from its mm to pixels.
    """

    image: ImageArray
    jpeg: bytes
    hull: Points
    faces: Mapping[str, Points]


def design_photo(
    plan: CartonPlan, seed: int, size: tuple[int, int] = (320, 320), *, clear: bool = False
) -> DesignPhoto:
    """A carton of the design from about its front, in a room, through a camera.

    Args:
        plan: the design.
        seed: of the carton, its place, the room, light and camera.
        size: width and height in pixels.
        clear: nothing lies over the carton or stands in front of it.
    """
    rng = np.random.default_rng([seed, plan.seed, 37])
    box = Box(np.zeros(3), plan.size, float(rng.normal(0, 0.12)))
    camera = _camera(rng, box, size)
    canvas = Canvas.blank(size)
    canvas.rgb[:] = background(rng, size)
    sun = rng.normal(0, 1, 3)
    sun[2] = abs(sun[2]) + 0.5
    sun /= np.linalg.norm(sun)
    ambient = float(rng.uniform(0.55, 0.95))
    ground_shadow(canvas, camera, [box], sun, rng)
    underpaint(canvas, camera, box, plan.board.colour)
    copy = int(rng.integers(2**31))
    faces = {}
    for face in box.visible_faces(camera):
        faces[face.name] = camera.plane(face.origin, face.right, face.down)
        view = window(face, faces[face.name], canvas.size)
        if view is None:
            continue
        shade = ambient + (1 - ambient) * max(0.0, float(face.normal @ sun)) * 1.3
        sheet = face_sheet(plan, face.name, view.px_per_mm, copy)
        paint_face(canvas, camera, face, sheet, shade, rng, truth=False, share=view.share)
    hull = cv2.convexHull(camera.project(box.corners()).astype(np.float32))[:, 0]
    if rng.random() < 0.06 and not clear:
        film(canvas, rng, hull)
    if rng.random() < 0.12 and not clear:
        random_occluder(canvas, rng)
    data, image = take(canvas.rgb, rng, _CAMERA, size)
    return DesignPhoto(image, data, hull, faces)


def _camera(rng: Rng, box: Box, size: tuple[int, int]) -> Camera:
    """A camera that sees the front and most of the carton."""
    corners = box.corners()
    extent = float(np.linalg.norm(np.ptp(corners, axis=0)))
    for _ in range(12):
        focal = float(rng.uniform(0.7, 1.6))
        part = float(np.exp(rng.uniform(*np.log(_PART))))
        azimuth = float(np.clip(rng.normal(0, 0.5), -1.05, 1.05)) + box.yaw
        elevation = float(rng.uniform(0.03, 0.8))
        flat = np.cos(elevation)
        direction = np.array([np.sin(azimuth) * flat, -np.cos(azimuth) * flat, np.sin(elevation)])
        target = box.middle() + rng.normal(0, 0.06, 3) * extent
        position = target + direction * max(focal * extent / part, 0.6 * extent)
        position[2] = max(position[2], 60.0)
        roll = float(np.deg2rad(rng.normal(0, 4)))
        camera = look_at(position, target, size, focal, roll)
        if box.visible_faces(camera) and _in_frame(camera.project(corners), size) >= LEAST_IN_FRAME:
            break
    return camera


def _in_frame(pixels: Points, size: tuple[int, int]) -> float:
    hull = cv2.convexHull(pixels.astype(np.float32))
    frame = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    area, _ = cv2.intersectConvexConvex(hull, frame)
    return float(area) / max(float(cv2.contourArea(hull)), 1e-6)


def background(rng: Rng, size: tuple[int, int]) -> U8:
    """What stands behind a carton: a part of a room, RGB ``uint8`` of that width and height in pixels."""
    whole = _room(int(rng.integers(ROOMS)), size)
    if rng.random() < 0.5:
        whole = cv2.flip(whole, 1)
    height, width = whole.shape[:2]
    left, top = (int(rng.integers(v)) for v in (width - size[0] + 1, height - size[1] + 1))
    return whole[top : top + size[1], left : left + size[0]]


@lru_cache(maxsize=ROOMS)
def _room(number: int, size: tuple[int, int]) -> U8:
    """A room somewhat larger than the photo, so that cuts of it differ."""
    rng = np.random.default_rng([number, 41])
    wide = (round(size[0] * 1.3), round(size[1] * 1.15))
    canvas = Canvas.blank(wide)
    position = np.array([0.0, -rng.uniform(900, 2600), rng.uniform(300, 1500)])
    camera = look_at(position, np.array([0.0, 0.0, 150.0]), wide, float(rng.uniform(0.7, 1.5)))
    room(canvas, camera, rng, float(-position[1] + rng.uniform(500, 2500)), None)
    return canvas.rgb
