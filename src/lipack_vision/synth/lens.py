"""What bends a photo: the lens, and things that are not as straight as they were modelled."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.camera import Points
from lipack_vision.synth.texture import F32, Rng

_NOTHING = np.zeros((0, 0), np.float32)
MOST_BEND = 0.011
"""Largest amplitude of one wave, in units of half the photo's diagonal."""


@dataclass(frozen=True, slots=True)
class Wave:
    """One slow wave: ``height * sin(a x + b) * sin(c y + d)``, x and y being -1..1 at the frame's edges."""

    height: float
    a: float
    b: float
    c: float
    d: float

    @staticmethod
    def random(rng: Rng, most: float) -> Wave:
        """One to three half waves across the frame."""
        height = float(rng.uniform(0.15, 1.0) * most)
        a, c = (float(v) for v in rng.uniform(0.8, 4.5, 2))
        b, d = (float(v) for v in rng.uniform(0, 2 * np.pi, 2))
        return Wave(height, a, b, c, d)

    def across(self, x: F32) -> F32:
        """The factor that depends on x; zero at the frame's edges."""
        return np.asarray(np.sin(self.a * x + self.b) * np.clip(1 - x * x, 0, None) * self.height)

    def down(self, y: F32) -> F32:
        """The factor that depends on y; zero at the frame's edges."""
        return np.asarray(np.sin(self.c * y + self.d) * np.clip(1 - y * y, 0, None))


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion: a photo's pixel at radius r shows what a pinhole shows at ``r (1 + k r^2)``.

    The radius is 1 at the photo's corners, and the map is scaled so that the source is always inside the
    frame. ``k > 0`` gives barrels, ``k < 0`` cushions. ``|k| <= 0.3`` keeps the map one to one.
    ``waves_x`` and ``waves_y`` move the source further, which bulges faces and bends edges; they are zero
    at the frame's edges.
    """

    k: float = 0.0
    waves_x: tuple[Wave, ...] = ()
    waves_y: tuple[Wave, ...] = ()

    @staticmethod
    def random(rng: Rng, probability: float, warp: float = 0.0) -> Lens:
        """Distortion with the given probability, mostly slight, and waves with probability ``warp``."""
        k = float(np.clip(rng.normal(0.02, 0.05), -0.12, 0.2)) if rng.random() < probability else 0.0
        if rng.random() >= warp:
            return Lens(k)
        most = MOST_BEND * float(rng.uniform(0.15, 1.0))
        first, second = ((Wave.random(rng, most), Wave.random(rng, most)) for _ in range(2))
        return Lens(k, first, second)

    def warp(self, image: npt.NDArray[np.uint8], *, smooth: bool = True) -> npt.NDArray[np.uint8]:
        """Distort a pinhole image ``(H, W, ...)`` uint8; not ``smooth`` for numbers that name things."""
        if self.k == 0.0 and not self.waves_x and not self.waves_y:
            return image
        height, width = image.shape[:2]
        columns, rows = self._source((width, height))
        method = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
        return np.asarray(cv2.remap(image, columns, rows, method, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _source(self, size: tuple[int, int]) -> tuple[F32, F32]:
        """The pinhole pixels ``(H, W)`` that the photo's pixels show, x and y.

        Each is a sum of products of something that depends on x and something that depends on y.
        """
        centre, radius = _frame(size)
        across, down = (
            (np.arange(side) - middle) / radius for side, middle in zip(size, centre, strict=True)
        )
        x, y = (at * radius / max(middle, 1) for at, middle in zip((across, down), centre, strict=True))
        scale, k = radius / (1 + max(self.k, 0.0)), self.k
        one_x, one_y = np.ones_like(across), np.ones_like(down)
        in_x = [across * scale * (1 + k * across**2) + centre[0], across * scale * k]
        in_y = [one_y, down**2]
        maps = []
        for waves in (self.waves_x, self.waves_y):
            in_x += [wave.across(x) * radius for wave in waves]
            in_y += [wave.down(y) for wave in waves]
            left, right = np.stack(in_y, axis=1).astype(np.float32), np.stack(in_x).astype(np.float32)
            # Not NumPy's product: its threads cost more than they save here.
            maps.append(cv2.gemm(left, right, 1.0, _NOTHING, 0.0))
            in_x, in_y = [one_x, across**2], [down * scale * (1 + k * down**2) + centre[1], down * scale * k]
        return maps[0], maps[1]

    def _bend(self, unit: Points, centre: Points, radius: float) -> Points:
        """How far the waves move the source at ``(N, 2)`` photo points, in units of the radius."""
        x, y = unit[..., 0] * radius / max(centre[0], 1), unit[..., 1] * radius / max(centre[1], 1)
        moved = np.zeros_like(unit)
        for axis, waves in enumerate((self.waves_x, self.waves_y)):
            for wave in waves:
                moved[..., axis] += wave.across(x) * wave.down(y)
        return moved

    def move(self, points: npt.ArrayLike, size: tuple[int, int], steps: int = 14) -> Points:
        """Where pinhole pixels ``(N, 2)`` of a photo of ``size`` (w, h) lie after `warp`."""
        flat = np.asarray(points, np.float64)
        if self.k == 0.0 and not self.waves_x and not self.waves_y:
            return flat
        centre, radius = _frame(size)
        goal = (flat - centre) / radius
        unit = goal.copy()
        # Far outside of the frame the cubic folds back; such corners keep the factor of the frame's edge.
        for _ in range(steps):
            squared = np.minimum((unit**2).sum(axis=-1, keepdims=True), 1.5)
            straight = goal - self._bend(unit, centre, radius)
            unit = straight * (1 + max(self.k, 0.0)) / (1 + self.k * squared)
        return unit * radius + centre


def _frame(size: tuple[int, int]) -> tuple[Points, float]:
    centre = (np.array(size, np.float64) - 1) / 2
    return centre, float(np.linalg.norm(centre))
