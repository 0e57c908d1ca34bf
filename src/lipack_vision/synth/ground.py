"""The shadow that boxes throw on the floor."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lipack_vision.synth.camera import Camera, Points
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box
from lipack_vision.synth.texture import U8, Rng


def ground_shadow(canvas: Canvas, camera: Camera, boxes: Sequence[Box], sun: Points, rng: Rng) -> None:
    """Soft cast shadow and a dark contact line on the floor."""
    width, height = canvas.size
    w, h = max(8, width // 4), max(8, height // 4)
    factor = np.array([w / width, h / height])
    cast, contact = np.zeros((h, w), np.uint8), np.zeros((h, w), np.uint8)
    for box in boxes:
        foot = box.footprint()
        if foot[0, 2] > 1 or (camera.depth(foot) < 60).any():
            continue
        away = foot - np.array([*sun[:2], 0.0]) / max(sun[2], 0.35) * box.size[2]
        everything = np.concatenate([foot, away])
        if (camera.depth(everything) > 60).all():
            _fill(cast, camera.project(everything) * factor, 255)
        middle = foot.mean(axis=0)
        wider = (foot - middle) * 1.04 + middle
        if (camera.depth(wider) > 60).all():
            _fill(contact, camera.project(wider) * factor, 255)
    soft = cv2.GaussianBlur(cast, (0, 0), float(rng.uniform(1.0, 7.0))) * np.float32(
        rng.uniform(0.1, 0.6) / 255
    )
    tight = cv2.GaussianBlur(contact, (0, 0), 2.0) * np.float32(rng.uniform(0.3, 0.7) / 255)
    keep = cv2.convertScaleAbs((1 - soft) * (1 - tight), alpha=255.0)
    full = cv2.resize(keep, (width, height), interpolation=cv2.INTER_LINEAR)
    canvas.rgb[:] = cv2.multiply(canvas.rgb, cv2.cvtColor(full, cv2.COLOR_GRAY2RGB), scale=1 / 255)


def _fill(mask: U8, points: Points, value: int) -> None:
    hull = cv2.convexHull(np.rint(np.clip(points, -8000, 8000)).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, value)
