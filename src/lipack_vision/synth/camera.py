"""Pinhole camera. World: millimetres, z up. Photo: x right, y down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

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
