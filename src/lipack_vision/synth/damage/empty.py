"""Photos without any carton: what must not be taken for one."""

from __future__ import annotations

import numpy as np

from lipack_vision.synth.backdrop import clutter, paint_plane, room
from lipack_vision.synth.camera import look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.damage.furniture import put_furniture
from lipack_vision.synth.occluders import random_occluder
from lipack_vision.synth.surface import FLOORS, WALLS, cardboard, chipboard
from lipack_vision.synth.texture import Rng

_PLANES = tuple((maker, weight) for maker, weight in (*FLOORS, *WALLS) if maker not in (cardboard, chipboard))
"""Bare board fills the frame of a close-up of a carton too."""


def empty_scene(canvas: Canvas, rng: Rng) -> None:
    """A room, a plane or a confused view, with things in front."""
    roll = rng.random()
    if roll < 0.45:
        height, away = rng.uniform(500, 2200), rng.uniform(800, 4000)
        target = np.array([rng.normal(0, 300), away, rng.uniform(-200, 900)])
        camera = look_at(np.array([0.0, 0.0, height]), target, canvas.size, float(rng.uniform(0.65, 1.5)))
        wall = away + float(rng.exponential(1200))
        room(canvas, camera, rng, wall, None)
        if rng.random() < 0.6:
            put_furniture(canvas, camera, rng, away * 0.5, wall)
    elif roll < 0.85:
        tilt, turn = min(abs(rng.normal(0, 0.5)), 1.1), rng.uniform(0, 2 * np.pi)
        way = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
        far = float(np.exp(rng.uniform(np.log(250), np.log(5000))))
        camera = look_at(way * far, np.zeros(3), canvas.size, 1.0, float(rng.uniform(0, 6.3)))
        clutter(canvas, rng)
        across, down = np.array([1.0, 0, 0]), np.array([0, -1.0, 0])
        paint_plane(canvas, camera, rng, np.zeros(3), across, down, _PLANES)
    else:
        clutter(canvas, rng)
    for _ in range(int(rng.poisson(1.6))):
        random_occluder(canvas, rng)
