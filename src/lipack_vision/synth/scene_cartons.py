"""Cartons standing in a room: one, several, stacks on pallets, walls of them, close-ups of a face."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.synth.backdrop import room
from lipack_vision.synth.camera import Camera, Points, look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, Face, Window, paint_face, underpaint, window
from lipack_vision.synth.carton_design import Design, compose_face, random_design
from lipack_vision.synth.occluders import film
from lipack_vision.synth.pallet import paint_pallet, pallet_box
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import U8, Rng


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A box in the scene with its design; None is a pallet."""

    box: Box
    design: Design | None


def _size(rng: Rng) -> tuple[float, float, float]:
    length = float(np.exp(rng.uniform(np.log(170), np.log(800))))
    return (
        length,
        float(np.clip(length * rng.uniform(0.5, 1.0), 120, 700)),
        float(np.clip(length * rng.uniform(0.35, 1.05), 110, 700)),
    )


def single(rng: Rng, *, marked: bool) -> list[Item]:
    """One carton, sometimes with a smaller one on top."""
    size = _size(rng)
    items = [Item(Box(np.zeros(3), size, 0.0), random_design(rng, marked=marked))]
    if rng.random() < 0.2:
        upper = (
            size[0] * rng.uniform(0.4, 0.95),
            size[1] * rng.uniform(0.4, 0.95),
            size[2] * rng.uniform(0.3, 0.9),
        )
        centre = np.array([rng.normal(0, 0.04) * size[0], rng.normal(0, 0.04) * size[1], size[2]])
        items.append(
            Item(
                Box(centre, upper, rng.normal(0, 0.15)),
                random_design(rng, marked=marked and rng.random() < 0.6),
            )
        )
    return items


def group(rng: Rng, *, marked: bool) -> list[Item]:
    """Cartons of different makes standing about, the main one in the middle."""
    items = single(rng, marked=marked)
    reach = max(items[0].box.size[:2])
    for _ in range(int(rng.integers(1, 5))):
        size = _size(rng)
        for _ in range(8):
            # Others stand beside or behind: the camera looks along +y.
            spot = np.array([rng.normal(0, 1.5), abs(rng.normal(0.4, 1.0)), 0.0]) * reach
            if all(
                np.linalg.norm(spot[:2] - item.box.centre[:2])
                > 0.55 * (np.hypot(*size[:2]) + np.hypot(*item.box.size[:2]))
                for item in items
            ):
                marks = marked and rng.random() < 0.5
                items.append(Item(Box(spot, size, rng.uniform(-0.6, 0.6)), random_design(rng, marked=marks)))
                break
    return items


def stack(rng: Rng, *, marked: bool) -> list[Item]:
    """Equal cartons in rows and layers, at times on a pallet."""
    length = float(rng.uniform(200, 600))
    size = (length, length * float(rng.uniform(0.6, 1.0)), length * float(rng.uniform(0.45, 0.95)))
    count = [int(rng.integers(1, 4)), int(rng.integers(1, 3)), int(rng.integers(1, 5))]
    designs = [random_design(rng, marked=marked)]
    if rng.random() < 0.3:
        designs.append(random_design(rng, marked=marked and rng.random() < 0.5))
    floor, items = 0.0, []
    if rng.random() < 0.55:
        pallet = pallet_box((count[0] * size[0] + 60, count[1] * size[1] + 60))
        items.append(Item(pallet, None))
        floor = pallet.size[2]
    loose = rng.uniform(0, 6)
    for k in range(count[2]):
        for j in range(count[1]):
            for i in range(count[0]):
                shift = np.array([i - (count[0] - 1) / 2, j - (count[1] - 1) / 2]) * (np.array(size[:2]) + 3)
                centre = np.array([*(shift + rng.normal(0, loose, 2)), floor + k * (size[2] + 1)])
                design = designs[int(rng.integers(len(designs)))]
                items.append(Item(Box(centre, size, rng.normal(0, 0.004)), design))
    return items


def _aim(rng: Rng, items: list[Item], main: Box, view: str) -> tuple[Points, float, float, Points]:
    """Target, its extent in mm, the part of the photo that it takes, and the direction to the camera."""
    if view == "face":
        target = main.middle() + np.array([0.0, -main.size[1] / 2, 0.0])
        target = target + rng.uniform(-0.35, 0.35, 3) * (main.size[0], 0, main.size[2])
        extent = float(np.hypot(main.size[0], main.size[2]))
        part, azimuth = float(np.exp(rng.uniform(np.log(0.85), np.log(3.0)))), rng.normal(0, 0.4)
        elevation = rng.normal(0.15, 0.28)
    else:
        boxes = [main] if view == "one" else [item.box for item in items]
        corners = np.concatenate([box.corners() for box in boxes])
        extent = float(np.linalg.norm(np.ptp(corners, axis=0)))
        part, azimuth = float(np.exp(rng.uniform(np.log(0.38), np.log(1.45)))), rng.normal(0, 0.6)
        middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        target = middle + rng.normal(0, 0.07, 3) * extent / part
        elevation = rng.uniform(0.05, 0.95)
    flat = np.cos(elevation)
    direction = np.array([np.sin(azimuth) * flat, -np.cos(azimuth) * flat, np.sin(elevation)])
    return target, extent, part, direction


def _frame(rng: Rng, items: list[Item], size: tuple[int, int], view: str) -> Camera:
    """A camera on the scene; the labelled fronts look towards -y."""
    focal = float(rng.uniform(0.65, 1.6))
    squash = float(np.exp(rng.normal(0, 0.13))) if rng.random() < 0.3 else 1.0
    roll = float(np.deg2rad(rng.normal(0, 4) if rng.random() < 0.85 else rng.normal(0, 25)))
    main = next(item.box for item in items if item.design is not None)
    target, extent, part, direction = _aim(rng, items, main, view)
    distance = max(focal * extent / part, extent * 0.3)
    for _ in range(8):
        position = target + direction * distance
        position[2] = max(position[2], 60.0)
        camera = look_at(position, target, size, focal, roll, squash)
        if main.visible_faces(camera):
            break
        # Too close: some corner of the box would lie behind the camera.
        distance *= 1.3
    return camera


def _ground_shadow(canvas: Canvas, camera: Camera, items: list[Item], sun: Points, rng: Rng) -> None:
    """Soft cast shadow and a dark contact line on the floor."""
    width, height = canvas.size
    w, h = max(8, width // 4), max(8, height // 4)
    factor = np.array([w / width, h / height])
    cast, contact = np.zeros((h, w), np.uint8), np.zeros((h, w), np.uint8)
    for item in items:
        foot = item.box.footprint()
        if foot[0, 2] > 1 or (camera.depth(foot) < 60).any():
            continue
        away = foot - np.array([*sun[:2], 0.0]) / max(sun[2], 0.35) * item.box.size[2]
        everything = np.concatenate([foot, away])
        if (camera.depth(everything) > 60).all():
            _fill(cast, camera.project(everything) * factor, 255)
        middle = foot.mean(axis=0)
        wider = (foot - middle) * 1.04 + middle
        if (camera.depth(wider) > 60).all():
            _fill(contact, camera.project(wider) * factor, 255)
    soft = cv2.GaussianBlur(cast, (0, 0), float(rng.uniform(1.0, 7.0))) * np.float32(
        rng.uniform(0.1, 0.6) / 255
    )
    tight = cv2.GaussianBlur(contact, (0, 0), 2.0) * np.float32(rng.uniform(0.3, 0.7) / 255)
    keep = cv2.convertScaleAbs((1 - soft) * (1 - tight), alpha=255.0)
    full = cv2.resize(keep, (width, height), interpolation=cv2.INTER_LINEAR)
    canvas.rgb[:] = cv2.multiply(canvas.rgb, cv2.cvtColor(full, cv2.COLOR_GRAY2RGB), scale=1 / 255)


def _fill(mask: U8, points: Points, value: int) -> None:
    hull = cv2.convexHull(np.rint(np.clip(points, -8000, 8000)).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, value)


def _order(items: list[Item], camera: Camera) -> list[Item]:
    """Far to near; of boxes in one pile the lower first when seen from above."""
    return sorted(items, key=lambda item: -float(np.linalg.norm(item.box.middle() - camera.position)))


def paint_items(canvas: Canvas, camera: Camera, items: list[Item], rng: Rng, settings: SynthSettings) -> None:
    """All boxes, far ones first; equal faces of one design share a texture."""
    sun = rng.normal(0, 1, 3)
    sun[2] = abs(sun[2]) + 0.5
    sun /= np.linalg.norm(sun)
    ambient = float(rng.uniform(0.55, 0.95))
    items = [item for item in items if item.box.visible_faces(camera)]
    _ground_shadow(canvas, camera, items, sun, rng)
    shared = len(items) > 6
    sheets: dict[tuple[int, str], tuple[float, Sheet]] = {}
    for item in _order(items, camera):
        if item.design is None:
            paint_pallet(canvas, camera, item.box, rng)
            continue
        underpaint(canvas, camera, item.box, item.design.board.colour)
        tone = 1 + rng.normal(0, 0.025)
        for face in item.box.visible_faces(camera):
            to_photo = camera.plane(face.origin, face.right, face.down)
            view = window(face, to_photo, canvas.size)
            if view is None:
                continue
            shade = tone * (ambient + (1 - ambient) * max(0.0, float(face.normal @ sun)) * 1.3)
            sheet = _sheet(item.design, face, view, settings, sheets if shared else None)
            paint_face(canvas, camera, face, sheet, shade, rng, truth=True, share=view.share)


def _sheet(
    design: Design,
    face: Face,
    view: Window,
    settings: SynthSettings,
    known: dict[tuple[int, str], tuple[float, Sheet]] | None,
) -> Sheet:
    if known is None:
        return compose_face(design, face.name, face.size, view, settings)
    key = (design.seed, face.name)
    if key in known and known[key][0] >= 0.8 * view.px_per_mm:
        return known[key][1]
    whole = Window((0.0, 0.0), face.size, min(view.px_per_mm * 1.1, 1000 / max(face.size)), view.share)
    known[key] = (
        max(view.px_per_mm, 1.25 * whole.px_per_mm),
        compose_face(design, face.name, face.size, whole, settings),
    )
    return known[key][1]


def scene(canvas: Canvas, rng: Rng, settings: SynthSettings, *, marked: bool = True) -> None:
    """Paint a whole scene of cartons."""
    view = str(rng.choice(["face", "one", "group", "stack", "wall"], p=[0.42, 0.24, 0.14, 0.14, 0.06]))
    makers = {"face": single, "one": single, "group": group, "stack": stack, "wall": stack}
    items = makers[view](rng, marked=marked)
    camera = _frame(rng, items, canvas.size, "face" if view in ("face", "wall") else view)
    everything = np.concatenate([item.box.footprint() for item in items])
    behind = float(np.linalg.norm(camera.position[:2])) + float(np.abs(everything[:, :2]).max()) * 1.2
    room(canvas, camera, rng, behind + float(rng.exponential(900)), settings.backgrounds)
    paint_items(canvas, camera, items, rng, settings)
    if view in ("stack", "wall") and rng.random() < 0.3:
        corners = np.concatenate([item.box.corners() for item in items])
        if (camera.depth(corners) > 60).all():
            film(canvas, rng, camera.project(corners))
    elif rng.random() < 0.05:
        film(canvas, rng)
