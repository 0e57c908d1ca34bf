"""Labels on floors, walls, crates, drums and pipes: the photos of inspection robots and of store rooms."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.backdrop import clutter, paint_plane, user_photo
from lipack_vision.synth.camera import Camera, Points, apply, local_scale, look_at
from lipack_vision.synth.canvas import Canvas, Placed, premultiply, quad_points
from lipack_vision.synth.marks import choose_kind, make
from lipack_vision.synth.paper import on_paper, shaded
from lipack_vision.synth.scene_cylinder import scene as cylinder
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.surface import FLOORS, TILE, WALLS, random_surface
from lipack_vision.synth.targets import SIDE, random_target
from lipack_vision.synth.texture import U8, Rng


def scene(canvas: Canvas, rng: Rng, settings: SynthSettings) -> None:
    """Several printed labels on one plane or on a cylinder."""
    if rng.random() < 0.12:
        cylinder(canvas, rng, settings)
        return
    camera, span = _camera(rng, canvas.size)
    if settings.backgrounds is not None and rng.random() < 0.6:
        canvas.rgb[:] = user_photo(settings.backgrounds, rng, canvas.size)
    else:
        choices = FLOORS if rng.random() < 0.5 else WALLS
        if camera.rotation[2, 2] > -0.75:
            clutter(canvas, rng)
        paint_plane(canvas, camera, rng, np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), choices)
        clutter_on_plane(canvas, camera, rng, span)
    if rng.random() < 0.25:
        _targets(canvas, camera, rng, span)
    _labels(canvas, camera, rng, settings, span)


def _camera(rng: Rng, size: tuple[int, int]) -> tuple[Camera, float]:
    """A camera on the plane z = 0; also the mm that half the photo's shorter side spans at the target."""
    focal = float(rng.uniform(0.65, 1.5))
    squash = float(np.exp(rng.normal(0, 0.2))) if rng.random() < 0.35 else 1.0
    tilt = abs(rng.normal(0, 0.5)) if rng.random() < 0.75 else rng.uniform(0.6, 1.25)
    tilt = min(float(tilt), 1.3)
    # The share of the photo's shorter side that a 100 mm label takes.
    share = float(np.exp(rng.uniform(np.log(0.09), np.log(0.95))))
    distance = 100 * focal * max(size) / (share * min(size))
    azimuth = rng.uniform(0, 2 * np.pi)
    direction = np.array([np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth), np.cos(tilt)])
    roll = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else rng.normal(0, 0.15)
    camera = look_at(direction * distance, np.zeros(3), size, focal, float(roll), squash)
    return camera, 50 / share


def _visible_spots(camera: Camera, rng: Rng, count: int) -> Points:
    """Random points of the plane ``(count, 2)`` mm that the frame shows."""
    width, height = camera.size
    to_plane = np.linalg.inv(camera.plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0])))
    spots: list[Points] = []
    while len(spots) < count:
        pixel = np.array([[rng.uniform(-0.02, 1.02) * width, rng.uniform(-0.02, 1.02) * height]])
        spot = apply(to_plane, pixel)[0]
        world = np.array([[spot[0], -spot[1], 0.0]])
        if camera.depth(world)[0] > 25 and np.linalg.norm(spot) < 6 * np.linalg.norm(camera.position):
            spots.append(spot)
        else:
            spots.append(np.zeros(2))
    return np.array(spots)


def clutter_on_plane(canvas: Canvas, camera: Camera, rng: Rng, span: float) -> None:
    """Boards, mats, plates, papers and lines that lie on the plane or join it at an edge."""
    plane = camera.plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]))
    for _ in range(int(rng.poisson(1.3))):
        spot = rng.normal(0, 1.2, 2) * span
        size = np.exp(rng.uniform(np.log(0.2), np.log(3.0), 2)) * span
        angle = rng.uniform(0, np.pi)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = (np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size / 2) @ turn.T + spot
        world = np.column_stack([corners[:, 0], -corners[:, 1], np.zeros(4)])
        if (camera.depth(world) < 60).any():
            continue
        scale = float(np.clip(local_scale(plane, spot[None])[0][0], 0.02, 600 / size.max()))
        shape = np.maximum((size * scale).astype(int), 4)
        tile = random_surface(rng, scale, WALLS if rng.random() < 0.5 else FLOORS)
        board = cv2.resize(tile, None, fx=1.2, fy=1.2) if shape.max() > TILE else tile
        rgba = cv2.cvtColor(np.ascontiguousarray(board[: shape[1], : shape[0]]), cv2.COLOR_RGB2RGBA)
        step = turn * size / (rgba.shape[1], rgba.shape[0])
        shift = spot - step @ ((np.array([rgba.shape[1], rgba.shape[0]]) - 1) / 2)
        pose = np.array([[*step[0], shift[0]], [*step[1], shift[1]], [0, 0, 1]])
        drop_shadow(canvas, plane @ pose, rgba, rng)
        canvas.paste(rgba, plane @ pose, None)


def _targets(canvas: Canvas, camera: Camera, rng: Rng, span: float) -> None:
    """Printed things beside the labels that are no marks."""
    plane = camera.plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]))
    for _ in range(int(rng.integers(1, 5))):
        spot, side = rng.normal(0, 0.9, 2) * span, 100 * float(np.exp(rng.normal(0.1, 0.4)))
        if camera.depth(np.array([[spot[0], -spot[1], 0.0]]))[0] < 260:
            continue
        angle = rng.uniform(0, 2 * np.pi)
        cos, sin = np.cos(angle) * side / SIDE, np.sin(angle) * side / SIDE
        pose = np.array([[cos, -sin, spot[0]], [sin, cos, spot[1]], [0, 0, 1]])
        canvas.paste(random_target(rng), plane @ pose, None)


def _labels(canvas: Canvas, camera: Camera, rng: Rng, settings: SynthSettings, span: float) -> None:
    """One to many labels; the first near the middle of the photo."""
    count = 1 + int(rng.poisson(rng.choice([0.3, 1.2, 4.0], p=[0.4, 0.4, 0.2])))
    spots = _visible_spots(camera, rng, 4 * count)
    common = rng.uniform(0, 2 * np.pi)
    aligned = rng.random() < 0.4
    taken: list[tuple[Points, float]] = []
    for index, spot in enumerate(spots):
        if len(taken) >= min(count, 9):
            break
        if not taken and index < 4:
            spot = rng.normal(0, 0.35 / (1 + index), 2) * span
        angle = common + (rng.normal(0, 0.06) if aligned else rng.uniform(0, 2 * np.pi))
        grow = float(np.exp(rng.normal(0, 0.25)))
        kind = choose_kind(rng, settings)
        radius = 95 * grow
        if any(np.linalg.norm(spot - other) < radius + near for other, near in taken):
            continue
        if _lay(canvas, camera, rng, settings, kind, spot, (angle, grow)):
            taken.append((spot, radius))


def _lay(
    canvas: Canvas,
    camera: Camera,
    rng: Rng,
    settings: SynthSettings,
    kind: str,
    spot: Points,
    pose: tuple[float, float],
) -> bool:
    """Lay one label on the plane at ``pose`` (angle, scale); False when it is too near or too small."""
    angle, grow = pose
    plane = camera.plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, -1.0, 0]))
    around = spot + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 110 * grow
    if (camera.depth(np.column_stack([around[:, 0], -around[:, 1], np.zeros(4)])) < 12).any():
        return False
    scales = local_scale(plane, spot[None])
    wanted = float(max(scales[0][0], scales[1][0])) * grow
    if wanted * 100 < 7:
        return False
    art = make(kind, rng, wanted * 1.02, settings)
    rgba, offset = on_paper(art, rng)
    rgba = premultiply(shaded(rgba, rng))
    step = grow / art.px_per_mm
    cos, sin = np.cos(angle) * step, np.sin(angle) * step
    middle = np.array([(rgba.shape[1] - 1) / 2, (rgba.shape[0] - 1) / 2])
    turn = np.array([[cos, -sin], [sin, cos]])
    shift = spot - turn @ middle
    pose_matrix = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1]])
    to_photo = plane @ pose_matrix
    layer = canvas.new_layer()
    drop_shadow(canvas, to_photo, rgba, rng)
    canvas.paste(rgba, to_photo, layer)
    quad = art.quad + offset
    points = quad_points(quad)
    canvas.marks.append(
        Placed(
            art.label,
            art.kind,
            art.text,
            (art.size_mm[0] * grow, art.size_mm[1] * grow),
            apply(to_photo, quad),
            apply(to_photo, points),
            np.zeros(len(points), bool) if art.hidden is None else art.hidden,
            layer,
        )
    )
    return True


def drop_shadow(canvas: Canvas, to_photo: Points, rgba: U8, rng: Rng) -> None:
    """The thin shadow of a sheet that does not lie quite flat."""
    height, width = rgba.shape[:2]
    corners = apply(to_photo, [[0, 0], [width, 0], [width, height], [0, height]])
    extent = float(np.ptp(corners, axis=0).max())
    if extent < 24 or rng.random() < 0.4:
        return
    reach = min(extent, 400.0) * float(rng.uniform(0.004, 0.03))
    small = cv2.resize(rgba[..., 3], (64, 64), interpolation=cv2.INTER_AREA)
    grow = np.array([[width / 64, 0, 0], [0, height / 64, 0], [0, 0, 1]])
    shift = np.eye(3)
    shift[:2, 2] = rng.normal(0, reach, 2)
    low = np.maximum(np.floor(corners.min(axis=0) - 4 * reach), 0).astype(int)
    high = np.minimum(np.ceil(corners.max(axis=0) + 4 * reach), canvas.size).astype(int)
    if (high <= low).any():
        return
    shift[:2, 2] -= low
    mask = cv2.warpPerspective(small, shift @ to_photo @ grow, (int(high[0] - low[0]), int(high[1] - low[1])))
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, reach * 0.6))
    dark = cv2.cvtColor(
        cv2.convertScaleAbs(soft, alpha=-float(rng.uniform(0.15, 0.6)), beta=255.0), cv2.COLOR_GRAY2RGB
    )
    place = canvas.rgb[low[1] : high[1], low[0] : high[0]]
    place[:] = cv2.multiply(place, dark, scale=1 / 255)
