"""A small rasteriser: bent sheets in the world -> which sheet, and what place on it, each pixel shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.camera import Points
from lipack_vision.synth.texture import F32, U8

Project = Callable[[Points], tuple[Points, Points]]
"""World points ``(N, 3)`` -> pixels ``(N, 2)`` and nearness ``(N,)``, larger for what lies in front."""
_ROW = 1024
"""Fragments are looked up in rows of this length: OpenCV maps no picture wider than 32767."""


@dataclass(slots=True, eq=False)
class Patch:
    """A bent rectangular sheet.

    Attributes:
        points: ``(R, C, 3)`` mm in the world, a grid over the sheet.
        texture: RGBA uint8 ``(h, w, 4)``, straight alpha; holes have alpha 0.
        damage: uint8 ``(h, w)``, bit k is set where the damage of type k is.
        box: number of the box that it belongs to; 0 for none.
        light: ``(R, C)`` share of the light that reaches it.
        normals: ``(R, C, 3)``, unit vectors out of one of its sides.
    """

    points: Points
    texture: U8
    damage: U8
    box: int
    light: F32 = field(default_factory=lambda: np.ones((2, 2), np.float32))
    normals: F32 = field(init=False)

    def __post_init__(self) -> None:
        across = np.gradient(self.points, axis=1)
        down = np.gradient(self.points, axis=0)
        normals = np.cross(down, across)
        length = np.linalg.norm(normals, axis=2, keepdims=True)
        self.normals = (normals / np.maximum(length, 1e-9)).astype(np.float32)


@dataclass(slots=True, eq=False)
class Buffers:
    """What each pixel shows; all ``(H, W)``.

    Attributes:
        near: nearness of the sheet in front, `-inf` where there is none.
        patch: its number, -1 for none.
        u, v: place on it, 0..1 across and down.
        lost_near, lost: nearness and number of the nearest hole looked through.
        lost_u, lost_v: place of that hole on its sheet.
    """

    near: F32
    patch: npt.NDArray[np.int16]
    u: F32
    v: F32
    lost_near: F32
    lost: npt.NDArray[np.int16]
    lost_u: F32
    lost_v: F32

    @staticmethod
    def blank(size: tuple[int, int]) -> Buffers:
        """Nothing to see yet on ``(width, height)`` pixels."""
        shape = (size[1], size[0])
        far, none = np.full(shape, -np.inf, np.float32), np.full(shape, -1, np.int16)
        zero = np.zeros(shape, np.float32)
        return Buffers(far, none, zero, zero.copy(), far.copy(), none.copy(), zero.copy(), zero.copy())


@dataclass(frozen=True, slots=True, eq=False)
class _Fragments:
    """Pixels that triangles cover: flat index, nearness, u, v; all ``(N,)``."""

    at: npt.NDArray[np.int64]
    near: F32
    u: F32
    v: F32


def rasterise(patches: list[Patch], project: Project, size: tuple[int, int]) -> Buffers:
    """Look at all patches; the nearest opaque one wins in each pixel of ``size`` (w, h)."""
    buffers = Buffers.blank(size)
    for number, patch in enumerate(patches):
        rows, columns = patch.points.shape[:2]
        pixels, near = project(patch.points.reshape(-1, 3))
        if not np.isfinite(near).all():
            continue
        v, u = (axis.ravel() for axis in np.mgrid[0 : 1 : rows * 1j, 0 : 1 : columns * 1j])
        corners = _triangles(rows, columns)
        solid = bool((patch.texture[..., 3] > 127).all())
        for cut in _fragments(np.column_stack([pixels, near, u, v])[corners], size):
            if solid:
                _put(buffers.near, buffers.patch, buffers.u, buffers.v, cut, number)
                continue
            seen = _alpha(patch.texture, cut.u, cut.v) > 127
            _put(buffers.near, buffers.patch, buffers.u, buffers.v, _only(cut, seen), number)
            _put(buffers.lost_near, buffers.lost, buffers.lost_u, buffers.lost_v, _only(cut, ~seen), number)
    return buffers


def sample(
    texture: npt.NDArray[np.generic], u: F32, v: F32, *, smooth: bool = True
) -> npt.NDArray[np.generic]:
    """Values ``(N, ...)`` of a texture ``(h, w, ...)`` at places 0..1 ``(N,)``, corners on its outer rim."""
    height, width = texture.shape[:2]
    count = len(u)
    full = -(-count // _ROW) * _ROW
    padded = np.zeros((2, full), np.float32)
    padded[0, :count], padded[1, :count] = u * width - 0.5, v * height - 0.5
    x, y = padded.reshape(2, -1, _ROW)
    method = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
    found = cv2.remap(np.asarray(texture), x, y, method, borderMode=cv2.BORDER_REPLICATE)
    return found.reshape(full, *texture.shape[2:])[:count]


def grid_sample(grid: npt.NDArray[np.generic], u: F32, v: F32) -> npt.NDArray[np.generic]:
    """As `sample`, of values at the vertices of a patch, where 0 and 1 are the first and last vertex."""
    rows, columns = grid.shape[:2]
    x, y = u * np.float32((columns - 1) / columns), v * np.float32((rows - 1) / rows)
    return sample(grid, x + np.float32(0.5 / columns), y + np.float32(0.5 / rows))


def _triangles(rows: int, columns: int) -> npt.NDArray[np.int64]:
    """Indices ``(T, 3)`` of the vertices of a grid's triangles."""
    start = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    first = np.stack([start, start + 1, start + columns], axis=1)
    second = np.stack([start + 1, start + columns + 1, start + columns], axis=1)
    return np.concatenate([first, second])


def _fragments(corners: Points, size: tuple[int, int]) -> Iterator[_Fragments]:
    """Pixels of triangles ``(T, 3, 5)``: x, y, nearness, u, v; small ones together."""
    low = np.floor(corners[:, :, :2].min(axis=1)).astype(np.int64)
    high = np.ceil(corners[:, :, :2].max(axis=1)).astype(np.int64)
    keep = (high >= 0).all(axis=1) & (low < np.array(size)).all(axis=1)
    a, b, c = (corners[:, i, :2] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    keep &= np.abs(area) > 1e-6
    low, high = np.maximum(low, 0), np.minimum(high, np.array(size) - 1)
    reach = (high - low + 1).max(axis=1)
    side = 4
    while keep.any():
        chosen = np.flatnonzero(keep & (reach <= side))
        keep[chosen] = False
        # A few large triangles cover as many pixels as many small ones.
        for part in np.array_split(chosen, max(1, len(chosen) * side * side // 2_000_000)):
            if len(part):
                yield _inside(corners[part], low[part], area[part], side, size)
        side *= 2


def _inside(
    corners: Points, low: npt.NDArray[np.int64], area: Points, side: int, size: tuple[int, int]
) -> _Fragments:
    step = np.arange(side)
    x = (low[:, :1] + np.tile(step, side)).astype(np.float32)
    y = (low[:, 1:] + np.repeat(step, side)).astype(np.float32)
    points = corners.astype(np.float32)
    turn = (1 / area).astype(np.float32)[:, None]

    def weight(i: int, j: int) -> F32:
        xi, yi, xj, yj = points[:, i, :1], points[:, i, 1:2], points[:, j, :1], points[:, j, 1:2]
        return np.asarray(((xj - xi) * (y - yi) - (yj - yi) * (x - xi)) * turn)

    third, first = weight(0, 1), weight(1, 2)
    second = 1 - third - first
    least = np.float32(-1e-4)
    inside = (first >= least) & (second >= least) & (third >= least)
    inside &= (x < size[0]) & (y < size[1])
    which, _ = np.nonzero(inside)
    weights = np.stack([first[inside], second[inside], third[inside]])
    near, u, v = (
        sum((weights[k] * points[which, k, axis] for k in range(3)), np.zeros(len(which), np.float32))
        for axis in (2, 3, 4)
    )
    at = y[inside].astype(np.int64) * size[0] + x[inside].astype(np.int64)
    return _Fragments(at, near, u, v)


def _only(cut: _Fragments, keep: npt.NDArray[np.bool_]) -> _Fragments:
    return _Fragments(cut.at[keep], cut.near[keep], cut.u[keep], cut.v[keep])


def _alpha(texture: U8, u: F32, v: F32) -> U8:
    height, width = texture.shape[:2]
    x = np.clip((u * width).astype(np.int64), 0, width - 1)
    y = np.clip((v * height).astype(np.int64), 0, height - 1)
    return np.asarray(texture[y, x, 3])


def _put(near: F32, patch: npt.NDArray[np.int16], u: F32, v: F32, cut: _Fragments, number: int) -> None:
    flat = near.ravel()
    ahead = np.flatnonzero(cut.near > flat[cut.at])
    # Of fragments on one pixel the last one written stays, so the nearest comes last.
    order = ahead[np.argsort(cut.near[ahead], kind="stable")]
    at = cut.at[order]
    flat[at] = cut.near[order]
    patch.ravel()[at] = number
    u.ravel()[at] = cut.u[order]
    v.ravel()[at] = cut.v[order]
