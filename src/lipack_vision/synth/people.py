"""People who hold, tape or show a carton: arms and hands in front of it, bodies behind it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.texture import F32, U8, Rng, jitter, noise

_SKINS = ((224, 186, 164), (205, 160, 132), (190, 142, 112), (150, 104, 78), (104, 70, 52), (74, 50, 40))
_GLOVES = ((40, 42, 46), (228, 226, 220), (60, 90, 160), (210, 110, 40), (120, 124, 128), (200, 190, 60))
_CLOTHS = ((40, 44, 60), (60, 90, 150), (30, 90, 70), (190, 190, 186), (120, 40, 40), (80, 82, 84),
           (225, 140, 40), (28, 28, 30), (210, 220, 60), (150, 130, 100))  # fmt: skip
_BARE = 0.6
"""Share of hands without gloves."""


@dataclass(frozen=True, slots=True, eq=False)
class Bone:
    """A round limb from one place to another, with a radius at each end; lengths of a hand or pixels."""

    first: Points
    last: Points
    radii: tuple[float, float]

    def placed(self, matrix: Points) -> Bone:
        """By a similarity ``(2, 3)``."""
        size = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
        first, last = (matrix[:, :2] @ end + matrix[:, 2] for end in (self.first, self.last))
        return Bone(first, last, (self.radii[0] * size, self.radii[1] * size))


def put_people(image: U8, free: U8, rng: Rng) -> U8:
    """Paint arms in front of a picture ``(H, W, 3)``, at times a body behind its cartons.

    Args:
        image: is changed.
        free: 255 where the picture shows no carton, ``(H, W)``.

    Returns:
        255 where arms cover the picture, ``(H, W)``.
    """
    height, width = image.shape[:2]
    side = max(height, width)
    covered = np.zeros(image.shape[:2], np.uint8)
    length = float(side * np.exp(rng.uniform(np.log(0.13), np.log(0.5))))
    skin, glove = _dress(rng)
    cloth = jitter(rng, _CLOTHS[int(rng.integers(len(_CLOTHS)))], 14)
    bare = float(rng.uniform(0.1, 2.5))
    light = _light(rng)
    if rng.random() < 0.4:
        _paint(image, _body(rng, side), cloth, light, rng, folds=float(rng.uniform(0.05, 0.3)), within=free)
    for _ in range(1 + (rng.random() < 0.45)):
        hand, arm, sleeve = _arm(rng, (width, height), length, bare)
        for bones, colour, folds in ((arm, skin, 0.05), (sleeve, cloth, 0.8), (hand, glove, 0.12)):
            covered |= _paint(image, bones, colour, light, rng, folds=folds)
    return covered


def _dress(rng: Rng) -> tuple[Points, Points]:
    """Colours of skin and of the hands, which wear gloves at times."""
    skin = jitter(rng, _SKINS[int(rng.integers(len(_SKINS)))], 10)
    if rng.random() < _BARE:
        return skin, skin
    return skin, jitter(rng, _GLOVES[int(rng.integers(len(_GLOVES)))], 12)


def _light(rng: Rng) -> F32:
    light = rng.normal(0, 0.6, 3)
    light[1], light[2] = -abs(light[1]) - 0.2, abs(light[2]) + 0.5
    return (light / np.linalg.norm(light)).astype(np.float32)


def _arm(
    rng: Rng, size: tuple[int, int], length: float, bare: float
) -> tuple[list[Bone], list[Bone], list[Bone]]:
    """Hand, forearm and sleeve in pixels; the arm comes from the frame's nearest edge."""
    place = rng.uniform(0.08, 0.92, 2) * size
    away = np.arctan2(*((place - np.array(size) / 2) / size)[::-1]) + rng.normal(0, 0.6)
    turn = away + np.pi
    hand = 1.0 if rng.random() < 0.5 else -1.0
    cos, sin = np.cos(turn) * length, np.sin(turn) * length
    matrix = np.array([[cos, -sin * hand, place[0]], [sin, cos * hand, place[1]]])
    # The wrist lies behind the place that the hand touches.
    matrix[:, 2] -= matrix[:, 0] * 0.5
    bend = rng.normal(0, 0.25)
    elbow = np.array([-np.cos(bend), -np.sin(bend)]) * 6
    arm = [Bone(np.zeros(2), elbow, (0.15, 0.42))]
    cuff = elbow / 6 * bare
    thick = 0.17 + 0.27 * bare / 6 + float(rng.uniform(0.03, 0.1))
    sleeve = [Bone(cuff, elbow, (thick, thick + 0.3))]
    return [[bone.placed(matrix) for bone in part] for part in (_hand(rng), arm, sleeve)]  # type: ignore[return-value]


def _hand(rng: Rng) -> list[Bone]:
    """A hand of length 1 along x from its wrist, its thumb at positive y."""
    bones = [
        Bone(np.array([0.0, 0.6 * y]), np.array([0.5, y]), (0.1, 0.085)) for y in (-0.15, -0.05, 0.05, 0.15)
    ]
    spread, curl = rng.uniform(0.2, 1.6), rng.uniform(0.25, 1.0)
    for y, long, way in zip(
        (-0.16, -0.055, 0.055, 0.16), (0.34, 0.42, 0.45, 0.4), (-0.22, -0.07, 0.07, 0.2), strict=True
    ):
        turn = way * spread + rng.normal(0, 0.05)
        bones += _finger(np.array([0.5, y]), turn, long * curl * rng.uniform(0.85, 1.1), 0.055, rng)
    bones += _finger(np.array([0.12, 0.17]), rng.uniform(0.25, 1.2), 0.42 * rng.uniform(0.6, 1.0), 0.065, rng)
    return bones


def _finger(base: Points, turn: float, length: float, radius: float, rng: Rng) -> list[Bone]:
    joint = base + np.array([np.cos(turn), np.sin(turn)]) * length * 0.55
    turn += rng.normal(0, 0.12)
    tip = joint + np.array([np.cos(turn), np.sin(turn)]) * length * 0.45
    return [Bone(base, joint, (radius, radius * 0.92)), Bone(joint, tip, (radius * 0.92, radius * 0.78))]


def _body(rng: Rng, side: int) -> list[Bone]:
    """A trunk from below the frame, with shoulders."""
    x, y = rng.uniform(0.1, 0.9), rng.uniform(-0.3, 0.45)
    wide = rng.uniform(0.14, 0.3)
    lean = rng.normal(0, 0.08)
    trunk = [
        Bone(np.array([x + dx, y + wide * 0.5]), np.array([x + dx + lean, 1.4]), (wide * 0.6, wide * 0.7))
        for dx in (-wide * 0.45, wide * 0.45)
    ]
    return [bone.placed(np.array([[side, 0, 0], [0, side, 0]], float)) for bone in trunk]


def _paint(
    image: U8,
    bones: list[Bone],
    colour: Points,
    light: F32,
    rng: Rng,
    *,
    folds: float,
    within: U8 | None = None,
) -> U8:
    """Paint round bones, lit from ``light``, with a shadow beside them; returns where."""
    height = _height(bones, image.shape[:2])
    alpha = np.clip(height * 2, 0, 1)
    if not alpha.any():
        return np.zeros(image.shape[:2], np.uint8)
    thick = max(1.5, 0.25 * float(np.quantile(height[height > 0], 0.9)))
    creases = noise("wrinkle", rng, height.shape, max(thick / 9, 0.15)) * np.float32(0.22 * folds * thick)
    solid = cv2.GaussianBlur(height, (0, 0), max(0.6, 0.14 * thick)) + creases
    shade = _lit(solid, light, float(rng.uniform(0.45, 0.75)))
    shade *= 1 + noise("cloud", rng, height.shape, 0.5) * np.float32(0.03)
    paint = np.clip(shade[..., None] * colour.astype(np.float32), 0, 255)
    if within is not None:
        alpha = alpha * (within > 0)
    else:
        _shadow(image, alpha, thick, light)
    image[:] = (image * (1 - alpha[..., None]) + paint * alpha[..., None]).astype(np.uint8)
    return np.asarray((alpha > 0.5) * 255, np.uint8)


def _shadow(image: U8, alpha: F32, thick: float, light: F32) -> None:
    shift = -light[:2] * thick * 1.2
    moved = cv2.warpAffine(
        alpha, np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32), alpha.shape[::-1]
    )
    dark = 1 - 0.4 * cv2.GaussianBlur(moved, (0, 0), max(1.0, thick * 0.8))
    image[:] = (image * dark[..., None]).astype(np.uint8)


def _height(bones: list[Bone], shape: tuple[int, ...]) -> F32:
    """How far the limbs reach towards the camera at each pixel, 0 beside them."""
    out = np.zeros(shape, np.float32)
    for bone in bones:
        ends, most = np.stack([bone.first, bone.last]), max(bone.radii)
        x0, y0 = np.clip(np.floor(ends.min(0) - most), 0, shape[::-1]).astype(int)
        x1, y1 = np.clip(np.ceil(ends.max(0) + most) + 1, 0, shape[::-1]).astype(int)
        if x1 <= x0 or y1 <= y0:
            continue
        x, y = np.meshgrid(np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32))
        way = (bone.last - bone.first).astype(np.float32)
        dx, dy = x - np.float32(bone.first[0]), y - np.float32(bone.first[1])
        along = np.clip((dx * way[0] + dy * way[1]) / max(float(way @ way), 1e-6), 0, 1)
        radius = bone.radii[0] + (bone.radii[1] - bone.radii[0]) * along
        beside = (dx - along * way[0]) ** 2 + (dy - along * way[1]) ** 2
        own = np.sqrt(np.maximum(radius**2 - beside, 0)).astype(np.float32)
        np.maximum(out[y0:y1, x0:x1], own, out=out[y0:y1, x0:x1])
    return out


def _lit(height: F32, light: F32, ambient: float) -> F32:
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    steep = np.sqrt(1 + across**2 + down**2)
    facing = (light[2] - across * light[0] - down * light[1]) / steep
    return np.asarray(ambient + (1 - ambient) * 1.3 * np.maximum(facing, 0), np.float32)
