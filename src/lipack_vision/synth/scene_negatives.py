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
from lipack_vision.synth.texture import U8, Rng, jitter


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
    if tilt > 0.6:
        clutter(canvas, rng)
    camera = look_at(direction * distance, np.zeros(3), canvas.size, 1.0, float(rng.uniform(0, 6.3)))
    choices = FLOORS if rng.random() < 0.5 else WALLS
    paint_plane(canvas, camera, rng, np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), choices)


def _fittings(canvas: Canvas, rng: Rng) -> None:
    """Doors, windows, floor stripes, zebra patterns, diamond tread and plain diamonds."""
    overlay: U8 = canvas.rgb.copy()
    bright = (225, 190, 40) if rng.random() < 0.5 else (220, 220, 220)
    colour = [int(v) for v in jitter(rng, bright, 20)]
    dark = [int(v) for v in jitter(rng, (45, 45, 50), 12)]
    (_zebra, _openings, _tread, _diamonds, _bands)[int(rng.integers(5))](overlay, rng, colour, dark)
    weight = float(rng.uniform(0.6, 1.0))
    canvas.rgb[:] = cv2.addWeighted(overlay, weight, canvas.rgb, 1 - weight, 0)


def _zebra(picture: U8, rng: Rng, colour: list[int], dark: list[int]) -> None:
    height, width = picture.shape[:2]
    step, slope = float(rng.uniform(0.03, 0.12)) * width, float(rng.uniform(-1.2, 1.2))
    lean = slope * height
    for x in np.arange(-abs(lean) - width, 2 * width, 2 * step):
        points = np.array([[x, 0], [x + step, 0], [x + step + lean, height], [x + lean, height]])
        fill = colour if rng.random() < 0.95 else dark
        cv2.fillPoly(picture, [np.rint(points).astype(np.int32)], fill, cv2.LINE_AA)


def _openings(picture: U8, rng: Rng, colour: list[int], dark: list[int]) -> None:
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        x, y = int(rng.uniform(-0.1, 0.7) * width), int(rng.uniform(-0.2, 0.5) * height)
        a, b = int(rng.uniform(0.15, 0.5) * width), int(rng.uniform(0.3, 0.9) * height)
        cv2.rectangle(picture, (x, y), (x + a, y + b), dark, max(2, width // 60))
        for i in range(1, int(rng.integers(1, 4))):
            cv2.line(picture, (x, y + b * i // 3), (x + a, y + b * i // 3), dark, max(1, width // 120))
        filled = -1 if rng.random() < 0.4 else 2
        cv2.rectangle(picture, (x + 4, y + 4), (x + a - 4, y + b - 4), colour, filled)


def _tread(picture: U8, rng: Rng, colour: list[int], dark: list[int]) -> None:
    height, width = picture.shape[:2]
    step = max(8, int(rng.uniform(0.03, 0.1) * width))
    fill = colour if rng.random() < 0.7 else dark
    for y in range(0, height, step):
        for x in range((y // step % 2) * step // 2, width, step):
            points = np.array(
                [[x, y - step // 3], [x + step // 4, y], [x, y + step // 3], [x - step // 4, y]]
            )
            cv2.fillConvexPoly(picture, points.astype(np.int32), fill, cv2.LINE_AA)


def _diamonds(picture: U8, rng: Rng, colour: list[int], dark: list[int]) -> None:
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(1, 5))):
        centre, radius = rng.uniform(0.1, 0.9, 2) * (width, height), rng.uniform(0.03, 0.25) * width
        turn = rng.normal(0, 0.3) + np.arange(4) * np.pi / 2
        points = np.rint(centre + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.int32)
        fill = colour if rng.random() < 0.3 else [int(v) for v in rng.integers(0, 255, 3)]
        cv2.fillConvexPoly(picture, points, fill, cv2.LINE_AA)
        cv2.polylines(picture, [points], True, dark, max(1, width // 150), cv2.LINE_AA)


def _bands(picture: U8, rng: Rng, colour: list[int], dark: list[int]) -> None:
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        ends = np.rint(rng.uniform(-0.3, 1.3, (2, 2)) * (width, height)).astype(int)
        thick = max(2, int(rng.uniform(0.01, 0.08) * width))
        fill = colour if rng.random() < 0.7 else dark
        cv2.line(picture, ends[0].tolist(), ends[1].tolist(), fill, thick, cv2.LINE_AA)
