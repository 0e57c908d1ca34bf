"""Scenes without any mark: bare cartons, surfaces, doors, windows, stripes, clutter."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth import scene_cartons
from lipack_vision.synth.backdrop import clutter, paint_plane, user_photo
from lipack_vision.synth.camera import look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.surface import FLOORS, WALLS
from lipack_vision.synth.texture import Rng, jitter


def scene(canvas: Canvas, rng: Rng, settings: SynthSettings) -> None:
    """One of the kinds of empty scene."""
    if settings.backgrounds is not None and rng.random() < 0.5:
        canvas.rgb[:] = user_photo(settings.backgrounds, rng, canvas.size)
        return
    roll = rng.random()
    if roll < 0.4:
        scene_cartons.scene(canvas, rng, settings, marked=False)
    elif roll < 0.55:
        clutter(canvas, rng)
    else:
        _plane(canvas, rng)
        if roll > 0.65:
            _fittings(canvas, rng)


def _plane(canvas: Canvas, rng: Rng) -> None:
    tilt, turn = min(abs(rng.normal(0, 0.5)), 1.2), rng.uniform(0, 2 * np.pi)
    direction = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
    distance = float(np.exp(rng.uniform(np.log(200), np.log(4000))))
    camera = look_at(direction * distance, np.zeros(3), canvas.size, 1.0, float(rng.uniform(0, 6.3)))
    choices = FLOORS if rng.random() < 0.5 else WALLS
    paint_plane(canvas, camera, rng, np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), choices)


def _fittings(canvas: Canvas, rng: Rng) -> None:
    """Doors, windows, floor stripes, zebra patterns, diamond tread and plain diamonds."""
    width, height = canvas.size
    kind = int(rng.integers(5))
    overlay = canvas.rgb.copy()
    colour = [int(v) for v in jitter(rng, (225, 190, 40) if rng.random() < 0.5 else (220, 220, 220), 20)]
    dark = [int(v) for v in jitter(rng, (45, 45, 50), 12)]
    if kind == 0:
        step, slope = float(rng.uniform(0.03, 0.12)) * width, float(rng.uniform(-1.2, 1.2))
        for x in np.arange(-height * abs(slope) - width, 2 * width, 2 * step):
            points = np.array(
                [[x, 0], [x + step, 0], [x + step + slope * height, height], [x + slope * height, height]]
            )
            cv2.fillPoly(
                overlay,
                [np.rint(points).astype(np.int32)],
                colour if rng.random() < 0.95 else dark,
                cv2.LINE_AA,
            )
    elif kind == 1:
        for _ in range(int(rng.integers(1, 4))):
            x, y = int(rng.uniform(-0.1, 0.7) * width), int(rng.uniform(-0.2, 0.5) * height)
            a, b = int(rng.uniform(0.15, 0.5) * width), int(rng.uniform(0.3, 0.9) * height)
            cv2.rectangle(overlay, (x, y), (x + a, y + b), dark, max(2, width // 60))
            for i in range(1, int(rng.integers(1, 4))):
                cv2.line(overlay, (x, y + b * i // 3), (x + a, y + b * i // 3), dark, max(1, width // 120))
            cv2.rectangle(
                overlay, (x + 4, y + 4), (x + a - 4, y + b - 4), colour, -1 if rng.random() < 0.4 else 2
            )
    elif kind == 2:
        step = max(8, int(rng.uniform(0.03, 0.1) * width))
        for y in range(0, height, step):
            for x in range((y // step % 2) * step // 2, width, step):
                points = np.array(
                    [[x, y - step // 3], [x + step // 4, y], [x, y + step // 3], [x - step // 4, y]]
                )
                cv2.fillConvexPoly(overlay, points.astype(np.int32), colour, cv2.LINE_AA)
    elif kind == 3:
        for _ in range(int(rng.integers(1, 5))):
            centre, radius = rng.uniform(0.1, 0.9, 2) * (width, height), rng.uniform(0.03, 0.25) * width
            turn = rng.normal(0, 0.3) + np.arange(4) * np.pi / 2
            points = centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
            fill = [int(v) for v in rng.integers(0, 255, 3)]
            cv2.fillConvexPoly(overlay, np.rint(points).astype(np.int32), fill, cv2.LINE_AA)
            cv2.polylines(
                overlay, [np.rint(points).astype(np.int32)], True, dark, max(1, width // 150), cv2.LINE_AA
            )
    else:
        for _ in range(int(rng.integers(1, 4))):
            ends = np.rint(rng.uniform(-0.3, 1.3, (2, 2)) * (width, height)).astype(int)
            thick = max(2, int(rng.uniform(0.01, 0.08) * width))
            cv2.line(overlay, ends[0].tolist(), ends[1].tolist(), colour, thick, cv2.LINE_AA)
    weight = float(rng.uniform(0.6, 1.0))
    canvas.rgb[:] = cv2.addWeighted(overlay, weight, canvas.rgb, 1 - weight, 0)
