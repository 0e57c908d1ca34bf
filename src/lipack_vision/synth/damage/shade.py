"""Light on bent sheets: a sun with shadows, a sky, and hollows that get less of both."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.camera import Camera, Points
from lipack_vision.synth.damage.raster import Buffers, Patch, Project, grid_sample, rasterise, sample
from lipack_vision.synth.texture import F32, U8, Rng

_MAP = 320
"""Side of the map of what the sun sees, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """Where light comes from.

    Attributes:
        sun: unit vector to it.
        sky: unit vector to the brightest part of the sky, or of the ceiling.
        ambient: share of the light that comes from everywhere.
        soft: pixels over which shadows fade.
    """

    sun: Points
    sky: Points
    ambient: float
    soft: float

    @staticmethod
    def random(rng: Rng) -> Light:
        """From a clear noon to an evenly lit hall."""
        sun, sky = rng.normal(0, 1, 3), rng.normal(0, 0.5, 3)
        sun[2], sky[2] = abs(sun[2]) + 0.35, abs(sky[2]) + 0.8
        ambient = float(rng.uniform(0.45, 0.95))
        return Light(
            sun / np.linalg.norm(sun), sky / np.linalg.norm(sky), ambient, float(rng.uniform(0.8, 5))
        )


def paint(patches: list[Patch], buffers: Buffers, camera: Camera, light: Light) -> tuple[U8, U8]:
    """The picture as premultiplied RGBA uint8 ``(H, W, 4)``, and its damage bits ``(H, W)``."""
    shape = buffers.patch.shape
    rgb = np.zeros((*shape, 3), np.float32)
    bits = np.zeros(shape, np.uint8)
    places = np.zeros((*shape, 3), np.float32)
    factor = np.zeros((*shape, 2), np.float32)
    for number, patch in enumerate(patches):
        shown = buffers.patch == number
        if not shown.any():
            continue
        u, v = buffers.u[shown], buffers.v[shown]
        rgb[shown] = sample(patch.texture[..., :3], u, v)
        bits[shown] = sample(patch.damage, u, v, smooth=False)
        places[shown] = grid_sample(patch.points.astype(np.float32), u, v)
        factor[shown] = _factors(patch, places[shown], u, v, camera, light)
    solid = buffers.patch >= 0
    lit = np.where(solid, _sunlit(patches, places, solid, light), 1.0).astype(np.float32)
    lit = np.asarray(cv2.GaussianBlur(lit, (0, 0), light.soft), np.float32)
    shade = factor[..., 0] + factor[..., 1] * lit
    colour = np.clip(rgb * shade[..., None], 0, 255).astype(np.uint8)
    return np.dstack([colour, solid.astype(np.uint8) * 255]), bits | _through(patches, buffers)


def _factors(patch: Patch, places: F32, u: F32, v: F32, camera: Camera, light: Light) -> F32:
    """``(N, 2)``: light from everywhere, and light of the sun where nothing stands before it."""
    normals = np.asarray(grid_sample(patch.normals, u, v), np.float32)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
    # A sheet has two sides; the one that is seen looks at the camera.
    facing = ((camera.position.astype(np.float32) - places) * normals).sum(axis=1, keepdims=True)
    normals *= np.where(facing < 0, -1, 1).astype(np.float32)
    reach = np.asarray(grid_sample(patch.light, u, v), np.float32)
    around = light.ambient * (0.78 + 0.22 * normals @ light.sky.astype(np.float32)) * reach
    direct = (1 - light.ambient) * 1.35 * np.maximum(normals @ light.sun.astype(np.float32), 0)
    return np.stack([around, direct * np.minimum(reach, 1)], axis=1).astype(np.float32)


def _sunlit(patches: list[Patch], places: F32, solid: npt.NDArray[np.bool_], light: Light) -> F32:
    """1 where the sun reaches, 0 in shadow, ``(H, W)``."""
    if not patches:
        return np.ones(solid.shape, np.float32)
    everything = np.concatenate([patch.points.reshape(-1, 3) for patch in patches])
    across = np.cross(light.sun, [0.3, 0.9, 0.1])
    across /= np.linalg.norm(across)
    axes = np.stack([across, np.cross(light.sun, across)], axis=1)
    flat = everything @ axes
    flat_axes = axes.astype(np.float32)
    low, span = flat.min(axis=0), float(np.ptp(flat, axis=0).max())
    scale = (_MAP - 5) / max(span, 1e-6)

    def project(points: Points) -> tuple[Points, Points]:
        along = points.astype(np.float32)
        return (along @ flat_axes - low) * scale + 2, along @ light.sun.astype(np.float32)

    project_typed: Project = project
    nearest = rasterise(patches, project_typed, (_MAP, _MAP)).near
    pixels, near = project(places[solid])
    x, y = np.clip(np.rint(pixels), 0, _MAP - 1).astype(int).T
    bias = 2.5 / scale + 2.0
    lit = np.ones(solid.shape, np.float32)
    lit[solid] = near >= nearest[y, x] - bias
    return lit


def _through(patches: list[Patch], buffers: Buffers) -> U8:
    """Bits of the holes that one looks through."""
    bits = np.zeros(buffers.patch.shape, np.uint8)
    ahead = (buffers.lost >= 0) & (buffers.lost_near > buffers.near)
    for number in np.unique(buffers.lost[ahead]):
        here = ahead & (buffers.lost == number)
        bits[here] = sample(patches[number].damage, buffers.lost_u[here], buffers.lost_v[here], smooth=False)
    return bits
