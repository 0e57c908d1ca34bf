"""Doors, cupboards, lockers and machines behind cartons: upright and box-shaped, but no cartons."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.camera import Camera
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, paint_face, window
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.surface import TILE, metal, painted, planks, plywood
from lipack_vision.synth.texture import F32, U8, Rng

_MAKERS = (plywood, planks, painted, metal)
_STAINS = ((120, 62, 44), (92, 46, 34), (150, 104, 66), (70, 46, 36), (172, 128, 84))
"""Colours of stained wood."""


def put_furniture(canvas: Canvas, camera: Camera, rng: Rng, nearest: float, wall: float) -> None:
    """Paint one to three pieces on the floor, about ``nearest`` to ``wall`` mm from the camera."""
    flat = camera.rotation[2] * (1, 1, 0)
    length = float(np.linalg.norm(flat))
    if length < 0.2:
        # Seen from above there is no room behind.
        return
    forward = flat / length
    right = np.array([forward[1], -forward[0], 0.0])
    places = np.sort(rng.uniform(nearest, wall, int(rng.integers(1, 4))))[::-1]
    for away in places:
        size = (float(rng.uniform(400, 1600)), float(rng.uniform(40, 700)), float(rng.uniform(500, 2300)))
        # The width of what the camera sees at that distance.
        reach = away * canvas.size[0] / camera.matrix[0, 0]
        foot = camera.position * (1, 1, 0) + forward * (away + size[1] / 2)
        spot = foot + right * rng.uniform(-0.55, 0.55) * reach
        yaw = float(np.arctan2(forward[1], forward[0]) - np.pi / 2 + rng.normal(0, 0.25))
        _paint(canvas, camera, Box(spot, size, yaw), rng)


def _paint(canvas: Canvas, camera: Camera, box: Box, rng: Rng) -> None:
    maker = _MAKERS[int(rng.integers(len(_MAKERS)))]
    wooden = maker in (plywood, planks) and rng.random() < 0.7
    stain = np.array(_STAINS[int(rng.integers(len(_STAINS)))], np.float32) if wooden else None
    tile: U8 | None = None
    for face in box.visible_faces(camera):
        view = window(face, camera.plane(face.origin, face.right, face.down), canvas.size)
        if view is None:
            continue
        scale = float(min(view.px_per_mm, 600 / max(face.size)))
        # One for all faces of a piece: it draws its colour.
        tile = maker(rng, scale) if tile is None else tile
        rgb = _panelled(face.size, scale, stain, tile, rng)
        shade = float(rng.uniform(0.5, 1.05))
        paint_face(canvas, camera, face, Sheet(rgb, scale), shade, rng, truth=False, share=view.share)


def _panelled(size: tuple[float, float], scale: float, stain: F32 | None, tile: U8, rng: Rng) -> U8:
    """A front of rows and columns of panels, with their rims lit and a handle here and there, ``(h, w, 3)``.

    Args:
        size: width and height in mm.
        scale: pixels per mm.
        stain: RGB of its wood, or None: the tile keeps its colours.
        tile: RGB ``uint8 (TILE, TILE, 3)`` of its surface.
    """
    width, height = (max(1, round(side * scale)) for side in size)
    rows, columns = -(-height // TILE), -(-width // TILE)
    rgb: U8 = np.ascontiguousarray(np.tile(tile, (rows, columns, 1))[:height, :width])
    if stain is not None:
        grey = rgb.mean(axis=2, keepdims=True) / max(float(rgb.mean()), 1.0)
        rgb = np.clip(grey * stain, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        return rgb
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    rim, thick = rng.uniform(0.02, 0.12), max(1, round(rng.uniform(4, 18) * scale))
    sunk, glass = rng.uniform(0.8, 1.1), rng.random() < 0.12
    for i in range(across):
        for k in range(down):
            x0, x1 = (int((i + part) * width / across) for part in (rim, 1 - rim))
            y0, y1 = (int((k + part) * height / down) for part in (rim / 2, 1 - rim / 2))
            if x1 - x0 < 3 or y1 - y0 < 3:
                continue
            inner = rgb[y0:y1, x0:x1]
            inner[:] = 60 + 60 * rng.random() if glass else cv2.convertScaleAbs(inner, alpha=sunk)
            cv2.line(rgb, (x0, y0), (x1, y0), (25, 22, 20), thick)
            cv2.line(rgb, (x0, y0), (x0, y1), (45, 40, 36), thick)
            if rng.random() < 0.5:
                cv2.line(rgb, (x0, y1), (x1, y1), (190, 185, 178), thick)
            if rng.random() < 0.35:
                y = int(y0 + (y1 - y0) * rng.uniform(0.35, 0.65))
                cv2.circle(rgb, (x0 + 2 * thick, y), max(1, round(16 * scale)), (170, 165, 150), -1)
    return rgb
