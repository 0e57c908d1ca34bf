"""What lies behind and below: planes in perspective, out-of-focus clutter, or a user's own photo."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lipack_vision.errors import DatasetError
from lipack_vision.synth.camera import Camera, Points
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.racks import racks
from lipack_vision.synth.surface import FLOORS, TILE, WALLS, Surface, random_surface
from lipack_vision.synth.texture import U8, Rng, jitter, noise

BACK_WALLS: tuple[tuple[Surface, float], ...] = ((racks, 6.0), *WALLS)
"""What stands behind a package; nothing is stuck to racks."""
LARGEST_BACKGROUND = 1600
"""Longer side in px of a user's photo once it is read."""
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


@lru_cache(maxsize=8)
def _photos(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES))
    if not files:
        raise DatasetError(
            str(folder),
            expected=f"photos ({', '.join(PHOTO_SUFFIXES)})",
            found="none",
            cure="Put photos there or leave `backgrounds` out.",
        )
    return files


@lru_cache(maxsize=24)
def _decoded(path: Path) -> U8:
    """A photo of the user's, read-only and no larger than `LARGEST_BACKGROUND`."""
    decoded = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if decoded is None:
        raise DatasetError(
            str(path), expected="a readable photo", found="bytes that do not decode", cure="Remove it."
        )
    factor = min(1.0, LARGEST_BACKGROUND / max(decoded.shape[:2]))
    small: U8 = np.asarray(
        cv2.resize(decoded, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
    )
    small.flags.writeable = False
    return small


def user_photo(folder: Path, rng: Rng, size: tuple[int, int]) -> U8:
    """A random cut of a random photo of the folder, at ``size``.

    Raises:
        DatasetError: the folder has no photo, or a photo cannot be decoded.
    """
    files = _photos(folder)
    decoded = _decoded(files[int(rng.integers(len(files)))])
    height, width = decoded.shape[:2]
    part = rng.uniform(0.5, 1.0)
    rows, columns = max(2, int(height * part)), max(2, int(width * part))
    top, left = int(rng.integers(height - rows + 1)), int(rng.integers(width - columns + 1))
    cut: U8 = np.asarray(decoded[top : top + rows, left : left + columns], np.uint8)
    if rng.random() < 0.5:
        cut = cv2.flip(cut, 1)
    return cv2.resize(cut, size, interpolation=cv2.INTER_AREA)


def paint_plane(
    canvas: Canvas,
    camera: Camera,
    rng: Rng,
    origin: Points,
    right: Points,
    down: Points,
    choices: tuple[tuple[Surface, float], ...],
    *,
    soft: bool = False,
) -> None:
    """Cover all pixels that see the plane, which carries a random surface; ``soft``: out of focus."""
    normal = np.cross(right, down)
    to_photo = camera.plane(origin, right, down)
    width, height = camera.size
    x, y = np.meshgrid(np.linspace(0, width - 1, 8), np.linspace(0, height - 1, 8))
    pixels = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    rays = pixels @ np.linalg.inv(camera.matrix).T @ camera.rotation
    distance = ((origin - camera.position) @ normal) / np.where(
        np.abs(rays @ normal) < 1e-9, 1e-9, rays @ normal
    )
    seen = distance > 0
    if not seen.any():
        return
    # Pixels per mm where the plane is nearest decides the detail; far parts fade to a blurred copy.
    scale = camera.matrix[1, 1] / np.quantile(distance[seen], 0.3)
    px_per_mm = float(np.clip(scale, 0.05, 10.0))
    tile = random_surface(rng, px_per_mm, choices)
    free = rng.random() < 0.3 and choices is not BACK_WALLS
    turn, shift = rng.uniform(0, 2 * np.pi) if free else 0.0, rng.uniform(0, TILE, 2)
    cos, sin = np.cos(turn) * px_per_mm, np.sin(turn) * px_per_mm
    to_tile = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1]])
    back = to_photo @ np.linalg.inv(to_tile)
    far = distance[seen].max() > 3.0 * np.quantile(distance[seen], 0.3)
    _cover(
        canvas,
        camera,
        tile,
        back,
        (origin, normal),
        px_per_mm,
        far or not seen.all(),
        _defocus(rng) if soft else 0.0,
    )


def _defocus(rng: Rng) -> float:
    """Blur of what lies behind, in pixels of half the photo's size."""
    return float(0.4 + rng.gamma(1.5, 0.7))


def _cover(
    canvas: Canvas,
    camera: Camera,
    tile: U8,
    to_photo: Points,
    plane: tuple[Points, Points],
    px_per_mm: float,
    far: bool,
    blur: float,
) -> None:
    origin, normal = plane
    # Mirrored by hand and wrapped: OpenCV's own mirroring loops once per repetition of the tile.
    mirrored = cv2.copyMakeBorder(tile, 0, TILE, 0, TILE, cv2.BORDER_REFLECT)
    # A soft plane lies behind what the camera is focused on: half the pixels will do.
    full, soft = camera.size, blur > 0
    size = (max(1, full[0] // 2), max(1, full[1] // 2)) if soft else full
    shrink = np.diag([size[0] / full[0], size[1] / full[1], 1.0])
    painted = cv2.warpPerspective(
        mirrored, shrink @ to_photo, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    if soft:
        painted = cv2.GaussianBlur(painted, (0, 0), blur)
    if not far:
        canvas.rgb[:] = cv2.resize(painted, full, interpolation=cv2.INTER_LINEAR) if soft else painted
        return
    origin, normal = plane
    slope = np.linalg.inv(camera.matrix).T @ camera.rotation @ normal
    # rays @ normal is linear in x and y, so it needs no per-pixel matrix product.
    columns, rows = (
        np.linspace(0, last - 1, count, dtype=np.float32) for last, count in zip(full, size, strict=True)
    )
    facing = (np.float32(slope[0]) * columns + np.float32(slope[2]))[None, :] + (np.float32(slope[1]) * rows)[
        :, None
    ]
    inverse = facing / np.float32((origin - camera.position) @ normal)
    detail = np.clip(inverse * np.float32(camera.matrix[1, 1] / px_per_mm * 2.0) - 0.25, 0, 1)
    smooth = cv2.resize(cv2.resize(mirrored, (40, 40), interpolation=cv2.INTER_AREA), (320, 320))
    grow = np.array([[TILE / 160, 0, 1.1], [0, TILE / 160, 1.1], [0, 0, 1]])
    half = (max(1, full[0] // 2), max(1, full[1] // 2))
    to_half = np.diag([half[0] / full[0], half[1] / full[1], 1.0])
    blurred = cv2.warpPerspective(
        smooth, to_half @ to_photo @ grow, half, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    mixed = cv2.blendLinear(painted, blurred if soft else cv2.resize(blurred, size), detail, 1 - detail)
    seen = (inverse > 1e-6).view(np.uint8)
    if soft:
        mixed = cv2.resize(mixed, full, interpolation=cv2.INTER_LINEAR)
        seen = np.asarray(cv2.resize(seen, full, interpolation=cv2.INTER_NEAREST), np.uint8)
    cv2.copyTo(mixed, seen, canvas.rgb)


def _tone(rng: Rng) -> list[int]:
    """A colour of things in a hall, mostly dull."""
    palette = (
        (40, 90, 170), (200, 60, 40), (230, 180, 40), (60, 130, 80), (190, 150, 110), (60, 60, 64),
        (220, 220, 216), (150, 150, 150),
    )  # fmt: skip
    vivid = jitter(rng, palette[int(rng.integers(8))], 20)
    return [int(v) for v in vivid + (vivid.mean() - vivid) * rng.uniform(0.1, 0.8)]


def clutter(canvas: Canvas, rng: Rng) -> None:
    """A confused scene far away: racks, boxes, pipes, lamps; out of focus by chance."""
    width, height = canvas.size
    w, h = max(8, width // 2), max(8, height // 2)
    if rng.random() < 0.5:
        bays = racks(rng, float(np.exp(rng.uniform(np.log(0.02), np.log(0.2)))))
        picture = cv2.resize(bays, (w, h), interpolation=cv2.INTER_LINEAR)
        count = int(rng.integers(0, 6))
    else:
        first, second = jitter(rng, (160, 158, 155), 45), jitter(rng, (115, 113, 110), 45)
        ramp = np.linspace(0, 1, h)[:, None, None]
        picture = np.broadcast_to(first * (1 - ramp) + second * ramp, (h, w, 3)).astype(np.uint8).copy()
        count = int(rng.integers(3, 22))
    for _ in range(count):
        _thing(picture, rng)
    grain = cv2.cvtColor(cv2.convertScaleAbs(noise("cloud", rng, (h, w), 1.0), alpha=9), cv2.COLOR_GRAY2RGB)
    picture = cv2.subtract(picture, grain)
    picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.5, 4.0)))
    canvas.rgb[:] = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)


def _thing(picture: U8, rng: Rng) -> None:
    """A box, a pole, a lamp or a plane of some object."""
    h, w = picture.shape[:2]
    x, y = int(rng.uniform(-0.1, 1) * w), int(rng.uniform(-0.1, 1) * h)
    a, b = int(rng.exponential(0.12) * w) + 2, int(rng.exponential(0.14) * h) + 2
    colour, shape = _tone(rng), rng.random()
    if shape < 0.6:
        cv2.rectangle(picture, (x, y), (x + a, y + b), colour, -1)
        side = np.array(
            [[x + a, y], [x + a + a // 3, y - b // 6], [x + a + a // 3, y + b - b // 6], [x + a, y + b]]
        )
        cv2.fillConvexPoly(picture, side, [int(v * 0.7) for v in colour])
    elif shape < 0.7:
        points = (rng.uniform(-1, 1, (4, 2)) * (a, b) + (x, y)).astype(np.int32)
        cv2.fillPoly(picture, [points], colour, cv2.LINE_AA)
    elif shape < 0.9:
        end = (x + int(rng.normal(0, w / 12)), y + int(rng.normal(0, h)))
        cv2.line(picture, (x, y), end, colour, int(rng.integers(1, 12)), cv2.LINE_AA)
    else:
        cv2.circle(picture, (x, y), int(rng.integers(2, 9)), (255, 252, 240), -1, cv2.LINE_AA)


def room(canvas: Canvas, camera: Camera, rng: Rng, wall_distance: float, backgrounds: Path | None) -> None:
    """Paint the whole frame: floor z = 0, and behind it a wall, clutter, or a user's photo."""
    if backgrounds is not None and rng.random() < 0.6:
        canvas.rgb[:] = user_photo(backgrounds, rng, canvas.size)
        return
    if rng.random() < 0.05:
        # A studio: no floor, no wall, all near white.
        canvas.rgb[:] = jitter(rng, (238, 238, 238), 8).astype(np.uint8)
        return
    flat = camera.rotation[2] * (1, 1, 0)
    forward = flat / max(float(np.linalg.norm(flat)), 1e-9)
    if rng.random() < 0.6:
        canvas.rgb[:] = _tone(rng)
        turn = rng.normal(0, 0.35)
        facing = np.array(
            [
                forward[0] * np.cos(turn) - forward[1] * np.sin(turn),
                forward[0] * np.sin(turn) + forward[1] * np.cos(turn),
                0.0,
            ]
        )
        origin = camera.position * (1, 1, 0) + forward * wall_distance
        right = np.cross(facing, [0.0, 0.0, 1.0])
        paint_plane(canvas, camera, rng, origin, right, np.array([0.0, 0.0, -1.0]), BACK_WALLS, soft=True)
    else:
        clutter(canvas, rng)
    if rng.random() < 0.93:
        _floor(canvas, camera, rng, forward, wall_distance)


def _floor(canvas: Canvas, camera: Camera, rng: Rng, forward: Points, wall_distance: float) -> None:
    """The floor up to the wall's foot; beyond it the wall stays."""
    before = canvas.rgb.copy()
    right = np.cross(forward, [0.0, 0.0, 1.0])
    paint_plane(canvas, camera, rng, np.zeros(3), right, -forward, FLOORS)
    foot = camera.position * (1, 1, 0) + forward * wall_distance
    ends = np.array([foot - right * wall_distance * 3, foot + right * wall_distance * 3])
    if (camera.depth(ends) < 100).any():
        return
    line = camera.project(ends)
    width, height = camera.size
    beyond = np.zeros((height, width), np.uint8)
    up = np.array([line[1, 1] - line[0, 1], line[0, 0] - line[1, 0]])
    if up[1] > 0:
        up = -up
    reach = up / max(float(np.linalg.norm(up)), 1e-9) * 4 * max(width, height)
    polygon = np.array([line[0], line[1], line[1] + reach, line[0] + reach])
    cv2.fillPoly(beyond, [np.clip(np.rint(polygon), -30000, 30000).astype(np.int32)], 255)
    cv2.copyTo(before, beyond, canvas.rgb)
