"""One seed -> one photo of cartons, sound and damaged, with the truth of every pixel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth.backdrop import room
from lipack_vision.synth.camera import Camera, Points
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box
from lipack_vision.synth.carton_design import random_design
from lipack_vision.synth.damage.bend import Crumple, Settle
from lipack_vision.synth.damage.empty import empty_scene
from lipack_vision.synth.damage.furniture import put_furniture
from lipack_vision.synth.damage.plan import Damage, Stage, random_damage
from lipack_vision.synth.damage.raster import Patch, rasterise
from lipack_vision.synth.damage.shade import Light, paint
from lipack_vision.synth.damage.shell import Shell, seen_faces
from lipack_vision.synth.damage.types import DamagePhoto, TruthBox
from lipack_vision.synth.ground import ground_shadow
from lipack_vision.synth.lens import Lens
from lipack_vision.synth.occluders import film, random_occluder
from lipack_vision.synth.pallet import paint_pallet
from lipack_vision.synth.scene_cartons import Item, far_first, frame, group, single, stack
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import U8, Rng, jitter
from lipack_vision.types import DAMAGE_TYPES

_FINER = 2
"""Rows and columns that are rasterised for each of the photo."""
_FURNISHED = 0.3
"""Probability that furniture stands behind the cartons of a room."""
_LEAST_SHARE = 0.002
"""Share of a carton's pixels from which its damage counts as seen."""


@dataclass(frozen=True, slots=True)
class DamageSettings:
    """Mixture of the photos.

    Attributes:
        damaged: probability that a carton of a photo that is not calm is damaged.
        calm: probability that all cartons of a photo are sound; flattened ones always are.
        wrapped: probability that film lies over the cartons.
        studio: probability of a plain bright background.
        empty: probability that a photo shows no carton at all, but floors, walls, doors and things.
        camera: everything else, as for photos of marks.
    """

    damaged: float = 0.55
    calm: float = 0.15
    wrapped: float = 0.1
    studio: float = 0.15
    empty: float = 0.1
    camera: SynthSettings = field(
        default_factory=lambda: SynthSettings(close=0.0, occlusion=0.3, severity=0.7)
    )


def render_damage(
    seed: int, size: tuple[int, int] = (512, 512), settings: DamageSettings | None = None
) -> DamagePhoto:
    """Render a photo of ``(width, height)`` px; ``seed``, size and settings fix every pixel."""
    return render_damage_jpeg(seed, size, settings)[1]


def render_damage_jpeg(
    seed: int, size: tuple[int, int] = (512, 512), settings: DamageSettings | None = None
) -> tuple[bytes, DamagePhoto]:
    """Render a photo, and the JPEG bytes that decode to exactly its pixels."""
    settings = DamageSettings() if settings is None else settings
    rng = np.random.default_rng([seed, size[0], size[1], 6])
    canvas = Canvas.blank(size)
    if rng.random() < settings.empty:
        empty_scene(canvas, rng)
        data, image = take(canvas.rgb, rng, settings.camera, size)
        nothing = np.zeros((size[1], size[0]), np.uint8)
        return data, DamagePhoto(image, nothing, nothing.copy(), (), seed)
    items, camera, flat = _set_up(rng, size, settings)
    # A pile of flattened cartons is sound, and so is many a pile of full ones.
    calm = flat or rng.random() < settings.calm
    light = Light.random(rng)
    _surroundings(canvas, camera, items, light, rng, settings)
    patches: list[Patch] = []
    for number, item in enumerate(far_first(items, camera), 1):
        if item.design is None:
            paint_pallet(canvas, camera, item.box, rng)
        elif number < 255 and (camera.depth(item.box.corners()) > 40).all():
            damage = _damage(item.box, camera, rng, 0.0 if calm else settings.damaged)
            patches += Shell(item.box, number, item.design, damage, camera, _FINER, settings.camera).patches(
                rng
            )
    bits, owner, whole = _paint(canvas, camera, patches, light)
    wrapped = rng.random() < settings.wrapped
    if wrapped:
        film(canvas, rng, camera.project(np.concatenate([item.box.corners() for item in items])))
    before = canvas.rgb.copy()
    if rng.random() < settings.camera.occlusion:
        random_occluder(canvas, rng)
        covered = (canvas.rgb != before).any(axis=2)
        bits[covered], owner[covered] = 0, 0
    lens = Lens.random(rng, settings.camera.lens, 0.0)
    bits, owner = (lens.warp(part, smooth=False) for part in (bits, owner))
    data, image = take(lens.warp(canvas.rgb), rng, settings.camera, size)
    return data, DamagePhoto(image, bits, owner, _truth(bits, owner, whole, wrapped), seed)


def _set_up(rng: Rng, size: tuple[int, int], settings: DamageSettings) -> tuple[list[Item], Camera, bool]:
    """Boxes, a camera that sees them, and whether they are flattened ones."""
    view = str(
        rng.choice(["one", "face", "top", "group", "stack", "flat"], p=[0.42, 0.14, 0.07, 0.16, 0.15, 0.06])
    )
    if view == "flat":
        items = _flattened(rng, settings.camera)
        return items, frame(rng, items, size, "top"), True
    maker = {"group": group, "stack": stack}.get(view, single)
    items = maker(rng, settings.camera, marked=rng.random() < 0.5)
    if view in ("one", "face"):
        yaw = rng.uniform(-np.pi, np.pi) if view == "one" else rng.normal(0, 0.3)
        items = [replace(item, box=_turned(item.box, yaw)) for item in items]
    # Groups and stacks are seen whole, or one of their cartons from near.
    near = view in ("group", "stack") and rng.random() < 0.6
    return items, frame(rng, items, size, "one" if near else view), False


def _flattened(rng: Rng, settings: SynthSettings) -> list[Item]:
    """Cartons folded flat, one on the other, askew; the uppermost first."""
    items: list[Item] = []
    floor = 0.0
    for _ in range(int(rng.integers(1, 5))):
        size = (float(rng.uniform(300, 900)), float(rng.uniform(250, 700)), float(rng.uniform(5, 16)))
        spot = np.array([*rng.normal(0, 130, 2), floor])
        box = Box(spot, size, float(rng.normal(0, 0.5)))
        items.insert(0, Item(box, random_design(rng, settings, marked=rng.random() < 0.3)))
        floor += size[2] + rng.uniform(1, 12)
    return items


def _turned(box: Box, yaw: float) -> Box:
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, y, z = box.centre
    return replace(box, centre=np.array([cos * x - sin * y, sin * x + cos * y, z]), yaw=box.yaw + yaw)


def _surroundings(
    canvas: Canvas, camera: Camera, items: list[Item], light: Light, rng: Rng, settings: DamageSettings
) -> None:
    corners = np.concatenate([item.box.footprint() for item in items])
    behind = float(np.linalg.norm(camera.position[:2])) + float(np.abs(corners[:, :2]).max()) * 1.2
    if rng.random() < settings.studio:
        canvas.rgb[:] = jitter(rng, (242, 242, 242), 8).astype(np.uint8)
    else:
        wall = behind + float(rng.exponential(900))
        room(canvas, camera, rng, wall, settings.camera.backgrounds)
        if settings.camera.backgrounds is None and rng.random() < _FURNISHED:
            put_furniture(canvas, camera, rng, behind, wall)
    ground_shadow(canvas, camera, [item.box for item in items], light.sun, rng)


def _damage(box: Box, camera: Camera, rng: Rng, probability: float) -> Damage:
    damage = Damage(Settle.random(rng, box.size))
    if rng.random() < 0.4:
        # Soft old board: creases too slight to count.
        soft = Crumple.random(rng, box.size, rng.uniform(0.3, 2.0), min(box.size) * rng.uniform(0.2, 0.8))
        damage.bends.append((soft, 0))
    faces = seen_faces(box, camera)
    if faces and rng.random() < probability:
        random_damage(Stage(box.size, faces, rng), damage)
    return damage


def _paint(
    canvas: Canvas, camera: Camera, patches: list[Patch], light: Light
) -> tuple[U8, U8, dict[int, float]]:
    """Put the boxes on the canvas; damage bits, numbers of boxes ``(H, W)``, and how much of each is seen."""
    size = (canvas.size[0] * _FINER, canvas.size[1] * _FINER)

    def project(points: Points) -> tuple[Points, Points]:
        depth = camera.depth(points)
        if (depth < 30).any():
            return np.zeros((len(points), 2)), np.full(len(points), np.nan)
        return (camera.project(points) + 0.5) * _FINER - 0.5, 1 / depth

    buffers = rasterise(patches, project, size)
    rgba, bits = paint(patches, buffers, camera, light)
    canvas.blend(cv2.resize(rgba, canvas.size, interpolation=cv2.INTER_AREA), (0, 0), None)
    numbers = np.array([patch.box for patch in patches] + [0], np.uint8)
    # A hole belongs to its carton, whatever one sees through it.
    ahead = (buffers.lost >= 0) & (buffers.lost_near > buffers.near)
    owner = np.where(ahead, numbers[buffers.lost], numbers[buffers.patch])[::_FINER, ::_FINER].copy()
    outlines: dict[int, list[Points]] = {}
    for patch in patches:
        pixels, near = project(patch.points[::4, ::4].reshape(-1, 3))
        if np.isfinite(near).all():
            outlines.setdefault(patch.box, []).append(pixels / _FINER)
    whole = {number: _share(owner == number, np.concatenate(parts)) for number, parts in outlines.items()}
    return bits[::_FINER, ::_FINER].copy(), owner, whole


def _share(seen: npt.NDArray[np.bool_], pixels: Points) -> float:
    """How much of the hull of a box's pixels ``(N, 2)`` shows that box."""
    hull = cv2.convexHull(pixels.astype(np.float32))
    return min(1.0, float(seen.sum()) / max(float(cv2.contourArea(hull)), 1.0))


def _truth(bits: U8, owner: U8, whole: dict[int, float], wrapped: bool) -> tuple[TruthBox, ...]:
    boxes = []
    for number, share in sorted(whole.items()):
        own = owner == number
        pixels = int(own.sum())
        if not pixels:
            continue
        counts = [int((bits[own] >> k & 1).sum()) for k in range(len(DAMAGE_TYPES))]
        least = max(12.0, _LEAST_SHARE * pixels)
        types = tuple(name for name, count in zip(DAMAGE_TYPES, counts, strict=True) if count >= least)
        boxes.append(TruthBox(number, types, pixels, share, wrapped))
    return tuple(boxes)
