"""Pinhole camera with radial lens distortion. World: millimetres, z up. Photo: x right, y down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.texture import Rng

Points = npt.NDArray[Any]
"""float64, points or matrices"""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Where the camera is and how it maps.

    Attributes:
        rotation: ``(3, 3)``, rows = the camera's right, down and forward axes in the world.
        position: ``(3,)`` mm.
        matrix: ``(3, 3)`` intrinsics in pixels; ``fx != fy`` gives a squashed photo.
        size: ``(width, height)`` px.
    """

    rotation: Points
    position: Points
    matrix: Points
    size: tuple[int, int]

    def depth(self, points: Points) -> Points:
        """Distance along the optical axis in mm of world points ``(N, 3)``."""
        return np.asarray((points - self.position) @ self.rotation[2])

    def project(self, points: Points) -> Points:
        """World points ``(N, 3)`` in front of the camera -> pixels ``(N, 2)``, without lens distortion."""
        local = (points - self.position) @ self.rotation.T @ self.matrix.T
        return np.asarray(local[:, :2] / local[:, 2:])

    def plane(self, origin: Points, right: Points, down: Points) -> Points:
        """Homography from (mm along ``right``, mm along ``down``) of a plane at ``origin`` to pixels."""
        columns = np.stack([right, down, origin - self.position], axis=1)
        return np.asarray(self.matrix @ self.rotation @ columns)


def look_at(
    position: Points,
    target: Points,
    size: tuple[int, int],
    focal: float,
    roll: float = 0.0,
    squash: float = 1.0,
) -> Camera:
    """A camera at ``position`` with ``target`` in the middle of the photo.

    Args:
        focal: focal length as a multiple of the photo's longer side.
        roll: radians around the optical axis.
        squash: factor of horizontal over vertical pixels per angle.
    """
    forward = (target - position) / np.linalg.norm(target - position)
    # Looking straight up or down has no horizon; then the world's y stands for "up".
    up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    cos, sin = np.cos(roll), np.sin(roll)
    rotation = np.stack([cos * right + sin * down, cos * down - sin * right, forward])
    width, height = size
    pixels = focal * max(size)
    matrix = np.array(
        [
            [pixels * np.sqrt(squash), 0, (width - 1) / 2],
            [0, pixels / np.sqrt(squash), (height - 1) / 2],
            [0, 0, 1],
        ]
    )
    return Camera(rotation, position.astype(np.float64), matrix, size)


def apply(homography: Points, points: npt.ArrayLike) -> Points:
    """Map ``(N, 2)`` points by a ``(3, 3)`` homography."""
    flat = np.asarray(points, np.float64)
    mapped = flat @ homography[:, :2].T + homography[:, 2]
    return mapped[:, :2] / mapped[:, 2:]


def local_scale(homography: Points, points: Points) -> tuple[Points, Points]:
    """Pixels per unit along the first and the second axis at each of ``(N, 2)`` points."""
    step = 1e-3
    here = apply(homography, points)
    along = apply(homography, points + [step, 0])
    down = apply(homography, points + [0, step])
    return np.linalg.norm(along - here, axis=1) / step, np.linalg.norm(down - here, axis=1) / step


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion: a photo's pixel at radius r shows what a pinhole shows at ``r (1 + k r^2)``.

    The radius is 1 at the photo's corners, and the map is scaled so that the source is always inside the
    frame. ``k > 0`` gives barrels, ``k < 0`` cushions. ``|k| <= 0.3`` keeps the map one to one.
    """

    k: float = 0.0

    @staticmethod
    def random(rng: Rng, probability: float) -> Lens:
        """Distortion with the given probability, mostly slight."""
        return (
            Lens(float(np.clip(rng.normal(0.02, 0.05), -0.12, 0.2))) if rng.random() < probability else Lens()
        )

    def warp(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Distort a pinhole image ``(H, W, ...)`` uint8."""
        if self.k == 0.0:
            return image
        height, width = image.shape[:2]
        centre, radius = _frame((width, height))
        across = ((np.arange(width, dtype=np.float32) - np.float32(centre[0])) / np.float32(radius))[None, :]
        down = ((np.arange(height, dtype=np.float32) - np.float32(centre[1])) / np.float32(radius))[:, None]
        factor = (1 + np.float32(self.k) * (across**2 + down**2)) * np.float32(
            radius / (1 + max(self.k, 0.0))
        )
        columns = factor * across + np.float32(centre[0])
        rows = factor * down + np.float32(centre[1])
        return np.asarray(
            cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    def move(self, points: npt.ArrayLike, size: tuple[int, int]) -> Points:
        """Where pinhole pixels ``(N, 2)`` of a photo of ``size`` (w, h) lie after `warp`."""
        flat = np.asarray(points, np.float64)
        if self.k == 0.0:
            return flat
        centre, radius = _frame(size)
        goal = (flat - centre) / radius
        unit = goal.copy()
        # Far outside of the frame the cubic folds back; such corners keep the factor of the frame's edge.
        for _ in range(12):
            squared = np.minimum((unit**2).sum(axis=-1, keepdims=True), 1.5)
            unit = goal * (1 + max(self.k, 0.0)) / (1 + self.k * squared)
        return unit * radius + centre


def _frame(size: tuple[int, int]) -> tuple[Points, float]:
    centre = (np.array(size, np.float64) - 1) / 2
    return centre, float(np.linalg.norm(centre))
