"""A wooden pallet under cartons."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.camera import Camera
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, paint_face, underpaint, window
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng, jitter, noise, tint

HEIGHT_MM = 144.0


def pallet_box(size: tuple[float, float]) -> Box:
    """A pallet on the floor at the origin."""
    return Box(np.zeros(3), (size[0], size[1], HEIGHT_MM), 0.0)


def paint_pallet(canvas: Canvas, camera: Camera, box: Box, rng: Rng) -> None:
    """Boards and blocks, in wood or plastic colours."""
    wood = ((196, 160, 112), (160, 128, 92), (214, 186, 140), (40, 80, 150))[
        int(rng.choice(4, p=[0.4, 0.3, 0.2, 0.1]))
    ]
    colour = jitter(rng, wood, 12)
    faces = box.visible_faces(camera)
    if not faces:
        return
    underpaint(canvas, camera, box, (float(colour[0]), float(colour[1]), float(colour[2])))
    for face in faces:
        view = window(face, camera.plane(face.origin, face.right, face.down), canvas.size)
        if view is None:
            continue
        scale = min(view.px_per_mm, 900 / max(face.size))
        shape = (max(4, round(face.size[1] * scale)), max(4, round(face.size[0] * scale)))
        light = 1 + noise("grain", rng, shape, 1.0, 2.0) * np.float32(0.06)
        light += noise("cloud", rng, shape, max(shape) / 400) * np.float32(0.05)
        gaps = np.full(shape, 255, np.uint8)
        if face.name == "top":
            for x in np.arange(100, face.size[0], 145):
                cv2.rectangle(gaps, (int(x * scale), 0), (int((x + 40) * scale), shape[0]), 40, -1)
        else:
            for part in (0, 1):
                left = (0.08 + 0.48 * part) * face.size[0]
                first = (int(left * scale), int(24 * scale))
                last = (int((left + 0.36 * face.size[0]) * scale), int((HEIGHT_MM - 24) * scale))
                cv2.rectangle(gaps, first, last, 25, -1)
        light *= gaps * np.float32(1 / 255)
        shade = 0.95 if face.name == "top" else float(rng.uniform(0.55, 0.85))
        paint_face(
            canvas, camera, face, Sheet(tint(light, colour), scale), shade, rng, truth=False, share=view.share
        )
