"""Labels on drums, gas bottles and pipes: artwork bent around a cylinder."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.backdrop import clutter
from lipack_vision.synth.camera import Camera, Points, look_at
from lipack_vision.synth.canvas import Canvas, Placed, quad_points
from lipack_vision.synth.marks import choose_kind, make
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.surface import TILE, metal, painted
from lipack_vision.synth.texture import Rng

AROUND = 2.4
"""Radians of the cylinder, centred on the camera's side, that carry texture."""


def _world(points: Points, radius: float) -> Points:
    """mm on the unrolled wall (along, down) -> world; the axis is z, the texture's middle faces -y."""
    angle = points[:, 0] / radius - np.pi / 2
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), -points[:, 1]], axis=1)


def _cast(camera: Camera, radius: float) -> tuple[Points, Points]:
    """Where each pixel's ray meets the cylinder: unrolled mm ``(H, W, 2)``, and coverage ``(H, W)``."""
    width, height = camera.size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    back = (np.linalg.inv(camera.matrix).T @ camera.rotation).astype(np.float32)
    dx, dy, dz = (x * back[0, i] + y * back[1, i] + back[2, i] for i in range(3))
    px, py, pz = (np.float32(v) for v in camera.position)
    a, b = dx * dx + dy * dy, px * dx + py * dy
    root = b * b - a * (px * px + py * py - np.float32(radius**2))
    # The ray's closest distance to the axis, in pixels from the outline, softens the outline.
    miss = np.sqrt(np.maximum((px * px + py * py) - b * b / a, 0)) - np.float32(radius)
    pixel = np.sqrt(px * px + py * py) / np.float32(camera.matrix[1, 1])
    cover = np.clip(0.5 - miss / pixel, 0, 1)
    t = (-b - np.sqrt(np.maximum(root, 0))) / a
    along = (np.arctan2(py + t * dy, px + t * dx) + np.float32(np.pi / 2)) * np.float32(radius)
    return np.stack([along, -(pz + t * dz)], axis=2), cover * (t > 0)


def _sheet(rng: Rng, radius: float, half_height: float, px_per_mm: float) -> Sheet:
    width, height = (max(8, round(v * px_per_mm)) for v in (AROUND * radius, 2 * half_height))
    tile = (painted if rng.random() < 0.6 else metal)(rng, px_per_mm)
    rows, columns = np.arange(height) % (2 * TILE), np.arange(width) % (2 * TILE)
    fold = np.minimum(np.arange(2 * TILE), 2 * TILE - 1 - np.arange(2 * TILE))
    rgb = np.ascontiguousarray(tile[fold[rows]][:, fold[columns]])
    return Sheet(rgb, px_per_mm, (-AROUND * radius / 2, -half_height))


def scene(canvas: Canvas, rng: Rng, settings: SynthSettings) -> None:
    """One cylinder with one to three labels, upright or lying."""
    radius = float(np.exp(rng.uniform(np.log(70), np.log(420))))
    focal, share = float(rng.uniform(0.7, 1.5)), float(np.exp(rng.uniform(np.log(0.45), np.log(2.2))))
    distance = radius + focal * 2 * radius / share
    turn, tilt = rng.normal(0, 0.25), rng.normal(0.05, 0.3)
    position = distance * np.array([np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), np.sin(tilt)])
    roll = float(rng.normal(0, 0.1) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi))
    camera = look_at(position, np.zeros(3), canvas.size, focal, roll)
    half_height = float(distance * 0.9 / focal)
    pixels = camera.matrix[1, 1] / (distance - radius)
    area = AROUND * radius * 2 * half_height
    sheet = _sheet(rng, radius, half_height, float(min(pixels * 1.1, np.sqrt(1.2e6 / area), 10.0)))
    for index in range(int(rng.integers(1, 4))):
        art = make(choose_kind(rng, settings), rng, sheet.px_per_mm, settings)
        room = (0.45 * radius, 0.4 * half_height) if index else (0.25 * radius, 0.15 * half_height)
        _put(sheet, art, rng, room, radius)
    clutter(canvas, rng)
    _paint(canvas, camera, sheet, radius, rng)


def _put(sheet: Sheet, art: Artwork, rng: Rng, room: tuple[float, float], radius: float) -> None:
    side = max(art.rgba.shape[:2]) / art.px_per_mm
    scale = float(min(np.exp(rng.normal(0, 0.2)), 1.3 * radius / side))
    centre = (float(rng.uniform(-1, 1) * room[0]), float(rng.uniform(-1, 1) * room[1]))
    for mark in sheet.marks:
        if np.linalg.norm(mark.quad.mean(axis=0) - centre) < 0.75 * (side * scale + max(mark.size_mm)):
            return
    angle = rng.normal(0, 0.06) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    sheet.stamp(art, centre, float(angle), rng, ink=False, scale=scale)


def _paint(canvas: Canvas, camera: Camera, sheet: Sheet, radius: float, rng: Rng) -> None:
    along, cover = _cast(camera, radius)
    texels = sheet.px(along.reshape(-1, 2)).reshape(along.shape).astype(np.float32)
    painted_rgb = cv2.remap(
        sheet.rgb, texels[..., 0], texels[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    # Light falls off round the wall, with a bright line where it mirrors the lamp.
    angle = along[..., 0] / np.float32(radius) - np.float32(rng.uniform(-0.8, 0.8))
    light = np.float32(rng.uniform(0.25, 0.6)) + np.maximum(np.cos(angle), 0) * np.float32(0.75)
    gloss = np.exp(-((angle / np.float32(rng.uniform(0.05, 0.2))) ** 2)) * np.float32(rng.uniform(0, 70))
    grey = cv2.cvtColor(cv2.convertScaleAbs(light.astype(np.float32), alpha=128.0), cv2.COLOR_GRAY2RGB)
    painted_rgb = cv2.multiply(painted_rgb, grey, scale=1 / 128)
    painted_rgb = cv2.add(
        painted_rgb, cv2.cvtColor(cv2.convertScaleAbs(gloss.astype(np.float32)), cv2.COLOR_GRAY2RGB)
    )
    weight = cover.astype(np.float32)
    canvas.rgb[:] = cv2.blendLinear(painted_rgb, canvas.rgb, weight, 1 - weight)
    layer = canvas.new_layer()
    canvas.owner[weight > 0.5] = layer
    for mark in sheet.marks:
        points = quad_points(mark.quad)
        world = _world(points, radius)
        outward = world * (1, 1, 0) / radius
        hidden = ((camera.position - world) * outward).sum(axis=1) <= 0
        if mark.lost is not None:
            hidden |= mark.lost
        canvas.marks.append(
            Placed(
                mark.label,
                mark.kind,
                mark.text,
                mark.size_mm,
                camera.project(_world(mark.quad, radius)),
                camera.project(world),
                hidden,
                layer,
            )
        )
