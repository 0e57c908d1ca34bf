"""Cartons standing in a room: one, several, stacks on pallets, walls of them, close-ups of a face."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.synth.backdrop import room
from lipack_vision.synth.camera import Camera, Points, local_scale, look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, Face, Window, paint_face, touching, underpaint, window
from lipack_vision.synth.carton_design import Design, compose_face, random_design
from lipack_vision.synth.ground import ground_shadow
from lipack_vision.synth.marks import choose_kind, is_print, make
from lipack_vision.synth.occluders import film
from lipack_vision.synth.pallet import paint_pallet, pallet_box
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng
from lipack_vision.synth.wrapped import choose_pair, paint_wrapped


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


def single(rng: Rng, settings: SynthSettings, *, marked: bool) -> list[Item]:
    """One carton, sometimes with a smaller one on top."""
    size = _size(rng)
    items = [Item(Box(np.zeros(3), size, 0.0), random_design(rng, settings, marked=marked))]
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
                random_design(rng, settings, marked=marked and rng.random() < 0.6),
            )
        )
    return items


def group(rng: Rng, settings: SynthSettings, *, marked: bool) -> list[Item]:
    """Cartons of different makes standing about, the main one in the middle."""
    items = single(rng, settings, marked=marked)
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
                items.append(
                    Item(Box(spot, size, rng.uniform(-0.6, 0.6)), random_design(rng, settings, marked=marks))
                )
                break
    return items


def stack(rng: Rng, settings: SynthSettings, *, marked: bool) -> list[Item]:
    """Equal cartons in rows and layers, at times on a pallet."""
    length = float(rng.uniform(200, 600))
    size = (length, length * float(rng.uniform(0.6, 1.0)), length * float(rng.uniform(0.45, 0.95)))
    count = [int(rng.integers(1, 4)), int(rng.integers(1, 3)), int(rng.integers(1, 5))]
    designs = [random_design(rng, settings, marked=marked)]
    if rng.random() < 0.3:
        designs.append(random_design(rng, settings, marked=marked and rng.random() < 0.5))
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
    if view == "close":
        return _aim_at_focus(rng, items)
    if view == "face":
        target = main.middle() + np.array([0.0, -main.size[1] / 2, 0.0])
        target = target + rng.uniform(-0.35, 0.35, 3) * (main.size[0], 0, main.size[2])
        extent = float(np.hypot(main.size[0], main.size[2]))
        part, azimuth = float(np.exp(rng.uniform(np.log(0.85), np.log(3.0)))), rng.normal(0, 0.4)
        elevation = rng.normal(0.15, 0.28)
    elif view == "top":
        target = main.middle() + np.array([0.0, 0.0, main.size[2] / 2])
        target = target + rng.uniform(-0.3, 0.3, 3) * (main.size[0], main.size[1], 0)
        extent = float(np.hypot(*main.size[:2]))
        part, azimuth = float(np.exp(rng.uniform(np.log(0.8), np.log(2.5)))), rng.uniform(-np.pi, np.pi)
        elevation = rng.uniform(0.7, 1.45)
    else:
        boxes = [main] if view == "one" else [item.box for item in items]
        corners = np.concatenate([box.corners() for box in boxes])
        extent = float(np.linalg.norm(np.ptp(corners, axis=0)))
        part, azimuth = float(np.exp(rng.uniform(np.log(0.5), np.log(1.9)))), rng.normal(0, 0.6)
        middle = (corners.max(axis=0) + corners.min(axis=0)) / 2
        target = middle + rng.normal(0, 0.07, 3) * extent / part
        elevation = rng.uniform(0.05, 0.95)
    flat = np.cos(elevation)
    direction = np.array([np.sin(azimuth) * flat, -np.cos(azimuth) * flat, np.sin(elevation)])
    return target, extent, part, direction


def _aim_at_focus(rng: Rng, items: list[Item]) -> tuple[Points, float, float, Points]:
    """Aim at the first mark of the main carton: from a small part of the photo to nearly all of it."""
    item = next(item for item in items if item.design is not None)
    box, focus = item.box, item.design.focus if item.design is not None else (0.5, 0.5)
    # The mark is moved inwards where it would stick out; a mark is about 140 mm wide.
    x = float(
        np.clip(focus[0] * box.size[0], min(70, box.size[0] / 2), max(box.size[0] - 70, box.size[0] / 2))
    )
    down = float(
        np.clip(focus[1] * box.size[2], min(70, box.size[2] / 2), max(box.size[2] - 70, box.size[2] / 2))
    )
    spot = np.array([x - box.size[0] / 2, -box.size[1] / 2, box.centre[2] + box.size[2] - down])
    part = float(np.exp(rng.uniform(np.log(0.16), np.log(0.95))))
    target = spot + rng.normal(0, 0.22, 3) * (1, 0, 1) * 140 * min(1 / part - 0.6, 2.5)
    azimuth, elevation = rng.normal(0, 0.45), rng.normal(0.12, 0.3)
    flat = np.cos(elevation)
    direction = np.array([np.sin(azimuth) * flat, -np.cos(azimuth) * flat, np.sin(elevation)])
    return target, 140.0, part, direction


def frame(rng: Rng, items: list[Item], size: tuple[int, int], view: str) -> Camera:
    """A camera on the scene; the labelled fronts look towards -y."""
    focal = float(rng.uniform(0.65, 1.6))
    squash = float(np.exp(rng.normal(0, 0.13))) if rng.random() < 0.3 else 1.0
    roll = float(np.deg2rad(rng.normal(0, 4) if rng.random() < 0.85 else rng.normal(0, 25)))
    main = next(item.box for item in items if item.design is not None)
    target, extent, part, direction = _aim(rng, items, main, view)
    # A focal length of 1 sees an extent equal to the distance over the photo's longer side.
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


def far_first(items: list[Item], camera: Camera) -> list[Item]:
    """Far to near; of boxes in one pile the lower first when seen from above."""
    return sorted(items, key=lambda item: -float(np.linalg.norm(item.box.middle() - camera.position)))


def paint_items(canvas: Canvas, camera: Camera, items: list[Item], rng: Rng, settings: SynthSettings) -> None:
    """All boxes, far ones first; equal faces of one design share a texture."""
    sun = rng.normal(0, 1, 3)
    sun[2] = abs(sun[2]) + 0.5
    sun /= np.linalg.norm(sun)
    ambient = float(rng.uniform(0.55, 0.95))
    items = [item for item in items if item.box.visible_faces(camera)]
    ground_shadow(canvas, camera, [item.box for item in items], sun, rng)
    shared = len(items) - len({item.design.seed for item in items if item.design is not None}) > 2
    sheets: dict[tuple[int, str], tuple[float, Sheet]] = {}
    for item in far_first(items, camera):
        if item.design is None:
            paint_pallet(canvas, camera, item.box, rng)
            continue
        underpaint(canvas, camera, item.box, item.design.board.colour)
        tone = 1 + rng.normal(0, 0.025)
        shades: dict[str, tuple[Face, float]] = {}
        for face in item.box.visible_faces(camera):
            # In a pile most faces stand against a neighbour.
            if touching(face, [other.box for other in items if other.box.size == item.box.size]):
                continue
            to_photo = camera.plane(face.origin, face.right, face.down)
            view = window(face, to_photo, canvas.size)
            if view is None:
                continue
            shade = tone * (ambient + (1 - ambient) * max(0.0, float(face.normal @ sun)) * 1.3)
            shades[face.name] = (face, shade)
            sheet = _sheet(item.design, face, view, settings, sheets if shared else None)
            paint_face(canvas, camera, face, sheet, shade, rng, truth=True, share=view.share)
        if item.design.marked and rng.random() < settings.wrapped:
            _wrap(canvas, camera, shades, rng, settings)


def _wrap(
    canvas: Canvas,
    camera: Camera,
    shades: dict[str, tuple[Face, float]],
    rng: Rng,
    settings: SynthSettings,
) -> None:
    """A label over one of the edges that the camera sees."""
    pair = choose_pair({name: face for name, (face, _) in shades.items()}, rng)
    if pair is None:
        return
    near = camera.plane(pair[0].origin, pair[0].right, pair[0].down)
    scale = float(local_scale(near, np.array([[pair[0].size[0], pair[0].size[1] / 2]]))[1][0])
    if 100 * scale < 12:
        return
    art = make(choose_kind(rng, settings), rng, scale, settings)
    if not is_print(art):
        paint_wrapped(canvas, camera, pair, (shades[pair[0].name][1], shades[pair[1].name][1]), art, rng)


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
    whole = Window((0.0, 0.0), face.size, min(view.px_per_mm * 1.1, 700 / max(face.size)), view.share)
    known[key] = (
        max(view.px_per_mm, 1.25 * whole.px_per_mm),
        compose_face(design, face.name, face.size, whole, settings),
    )
    return known[key][1]


def _fills_frame(camera: Camera, items: list[Item]) -> bool:
    """Whether one box hides all that lies behind it."""
    width, height = camera.size
    frame = np.array([[-9.0, -9], [width + 9, -9], [width + 9, height + 9], [-9, height + 9]])
    for item in items:
        if not item.box.visible_faces(camera):
            continue
        hull = cv2.convexHull(camera.project(item.box.corners()).astype(np.float32))
        if all(cv2.pointPolygonTest(hull, (float(x), float(y)), False) > 0 for x, y in frame):
            return True
    return False


def scene(canvas: Canvas, rng: Rng, settings: SynthSettings, *, marked: bool = True) -> None:
    """Paint a whole scene of cartons."""
    view = str(rng.choice(["face", "one", "group", "stack", "wall"], p=[0.38, 0.26, 0.13, 0.15, 0.08]))
    if marked and rng.random() < settings.close:
        view = "close"
    makers = {"close": single, "face": single, "one": single, "group": group, "stack": stack, "wall": stack}
    items = makers[view](rng, settings, marked=marked)
    camera = frame(rng, items, canvas.size, "face" if view in ("face", "wall") else view)
    everything = np.concatenate([item.box.footprint() for item in items])
    behind = float(np.linalg.norm(camera.position[:2])) + float(np.abs(everything[:, :2]).max()) * 1.2
    wall = behind + float(rng.exponential(900))
    if not _fills_frame(camera, items):
        room(canvas, camera, rng, wall, settings.backgrounds)
    paint_items(canvas, camera, items, rng, settings)
    if view in ("stack", "wall") and rng.random() < 0.33:
        corners = np.concatenate([item.box.corners() for item in items])
        if (camera.depth(corners) > 60).all():
            film(canvas, rng, camera.project(corners))
    elif rng.random() < 0.08:
        film(canvas, rng)
