"""Things between the camera and the scene: cables, straps, hands, poles, film."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.texture import U8, Rng, jitter, noise, tint, with_alpha


def _paint(canvas: Canvas, mask: U8, colour: Points, rng: Rng) -> None:
    """Paint an opaque shape given by a full-frame coverage mask, slightly shaded."""
    box = cv2.boundingRect(mask)
    if box[2] == 0 or box[3] == 0:
        return
    x, y, w, h = box
    cut = mask[y : y + h, x : x + w]
    shade = 1 + noise("cloud", rng, (h, w), max(h, w) / 150) * np.float32(0.1)
    paint = tint(shade, colour)
    alpha = cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB)
    top = with_alpha(cv2.multiply(paint, alpha, scale=1 / 255), cut)
    canvas.blend(top, (x, y), canvas.new_layer())


def _curve(rng: Rng, size: tuple[int, int]) -> Points:
    width, height = size
    knots = np.array([rng.uniform(-0.2, 1.2, 2) * (width, height) for _ in range(4)])
    t = np.linspace(0, 1, 40)[:, None]
    first, second, third, last = knots
    curve: Points = (
        (1 - t) ** 3 * first + 3 * (1 - t) ** 2 * t * second + 3 * (1 - t) * t**2 * third + t**3 * last
    )
    return curve


def cable(canvas: Canvas, rng: Rng) -> None:
    """A cable or rope."""
    mask = np.zeros(canvas.owner.shape, np.uint8)
    path = np.rint(_curve(rng, canvas.size) * 8).astype(np.int32)
    thick = max(1, int(rng.uniform(0.004, 0.02) * max(canvas.size)))
    cv2.polylines(mask, [path], False, 255, thick, cv2.LINE_AA, 3)
    colours = ((28, 28, 30), (200, 60, 40), (230, 150, 30), (60, 90, 160), (210, 210, 205))
    _paint(canvas, mask, jitter(rng, colours[int(rng.integers(5))], 12), rng)


def bar(canvas: Canvas, rng: Rng) -> None:
    """A strap, pole or board edge across the frame."""
    mask = np.zeros(canvas.owner.shape, np.uint8)
    width, height = canvas.size
    middle = rng.uniform(0, 1, 2) * (width, height)
    angle = rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.25)
    reach = np.array([np.cos(angle), np.sin(angle)]) * 2 * max(width, height)
    ends = [tuple(int(v) for v in middle + sign * reach) for sign in (-1, 1)]
    cv2.line(mask, ends[0], ends[1], 255, max(2, int(rng.uniform(0.008, 0.07) * width)), cv2.LINE_AA)
    colours = ((30, 30, 32), (190, 220, 60), (230, 230, 225), (60, 90, 160), (150, 150, 152), (230, 190, 50))
    _paint(canvas, mask, jitter(rng, colours[int(rng.integers(6))], 12), rng)


def hand(canvas: Canvas, rng: Rng) -> None:
    """A hand or shoe that reaches in from the frame's edge: a limb with a few fingers."""
    width, height = canvas.size
    mask = np.zeros((max(8, height // 2), max(8, width // 2)), np.uint8)
    size = np.array([mask.shape[1], mask.shape[0]])
    tip = rng.uniform(0.1, 0.9, 2) * size
    # The limb comes from the frame's nearest edge, so that it does not cross the whole photo.
    away = (tip - size / 2) / size
    side = float(np.arctan2(away[1], away[0]) + rng.normal(0, 0.4))
    away = np.array([np.cos(side), np.sin(side)])
    girth = float(rng.uniform(0.06, 0.15) * size.max())
    palm = tip + away * girth
    _limb(mask, palm, palm + away * 2 * size.max(), girth)
    cv2.circle(mask, (int(palm[0]), int(palm[1])), max(2, int(girth * 0.62)), 255, -1, cv2.LINE_AA)
    count = int(rng.integers(0, 5))
    for spread in np.linspace(-0.55, 0.55, count) + rng.normal(0, 0.06, count):
        turn = side + np.pi + spread
        end = palm + np.array([np.cos(turn), np.sin(turn)]) * girth * rng.uniform(1.0, 1.6)
        _limb(mask, palm, end, girth * 0.34)
    # Blurring and cutting at half rounds the joints between the strokes.
    soft = cv2.GaussianBlur(mask, (0, 0), max(1.0, girth * 0.09))
    full = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    outline = cv2.convertScaleAbs(np.clip((full.astype(np.float32) - 100) * 5, 0, 255))
    colours = ((205, 160, 132), (176, 128, 98), (104, 70, 52), (60, 66, 84), (214, 210, 204), (40, 40, 44))
    _paint(canvas, outline, jitter(rng, colours[int(rng.integers(6))], 12), rng)


def _limb(mask: U8, start: Points, end: Points, width: float) -> None:
    first, last = (tuple(int(v) for v in np.clip(point, -20000, 20000)) for point in (start, end))
    cv2.line(mask, first, last, 255, max(1, int(width)), cv2.LINE_AA)


def blob(canvas: Canvas, rng: Rng) -> None:
    """Some object or box corner in front, cut by the frame."""
    mask = np.zeros(canvas.owner.shape, np.uint8)
    width, height = canvas.size
    side = int(rng.integers(4))
    along, depth = rng.uniform(0, 1), rng.uniform(-0.02, 0.08)
    centre = np.array(((along, depth), (along, 1 - depth), (depth, along), (1 - depth, along))[side]) * (
        width,
        height,
    )
    spread = rng.uniform(0.08, 0.3) * max(width, height)
    if rng.random() < 0.4:
        axes = (int(spread), int(spread * rng.uniform(0.4, 1.0)))
        middle = (int(centre[0]), int(centre[1]))
        cv2.ellipse(mask, middle, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        points = centre + rng.normal(0, 0.6, (int(rng.integers(4, 8)), 2)) * spread
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points).astype(np.int32)), 255, cv2.LINE_AA)
    colours = ((176, 140, 100), (60, 60, 64), (150, 152, 155), (214, 214, 210), (50, 80, 130), (150, 60, 50))
    _paint(canvas, mask, jitter(rng, colours[int(rng.integers(6))], 25), rng)


def film(canvas: Canvas, rng: Rng, hull: Points | None = None) -> None:
    """Stretch film over a part of the frame: one sees through, but for bright folds."""
    width, height = canvas.size
    mask = np.zeros((height, width), np.uint8)
    if hull is None:
        mask[:] = 255
    else:
        outline = cv2.convexHull(np.rint(np.clip(hull, -8000, 8000)).astype(np.int32))
        cv2.fillConvexPoly(mask, outline, 255, cv2.LINE_AA)
    box = cv2.boundingRect(mask)
    if box[2] < 4 or box[3] < 4:
        return
    x, y, w, h = box
    folds = noise("wrinkle", rng, (h, w), rng.uniform(0.5, 1.5), rng.uniform(1.0, 3.0))
    # Pulled film shines in long streaks along the pull.
    pulled = noise("grain", rng, (h, w), rng.uniform(0.7, 2.0), rng.uniform(1.0, 3.0))
    if rng.random() < 0.5:
        pulled = cv2.resize(cv2.rotate(pulled, cv2.ROTATE_90_CLOCKWISE), (w, h))
    sheen = noise("cloud", rng, (h, w), max(h, w) / 250)
    bright = np.maximum(folds - rng.uniform(0.9, 2.2), 0) * np.float32(rng.uniform(10, 45))
    bright += np.maximum(pulled + sheen - rng.uniform(0.8, 2.0), 0) * np.float32(rng.uniform(10, 90))
    bright += np.maximum(sheen - 0.5, 0) * np.float32(rng.uniform(5, 40)) + np.float32(rng.uniform(2, 18))
    grey = cv2.min(cv2.convertScaleAbs(bright), mask[y : y + h, x : x + w])
    place = canvas.rgb[y : y + h, x : x + w]
    veil = cv2.cvtColor(cv2.convertScaleAbs(grey, alpha=-0.7, beta=255.0), cv2.COLOR_GRAY2RGB)
    place[:] = cv2.add(cv2.multiply(place, veil, scale=1 / 255), cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


def lattice(canvas: Canvas, rng: Rng) -> None:
    """The open wall of a plastic crate or a fence between camera and scene."""
    width, height = canvas.size
    mask = np.zeros((height, width), np.uint8)
    pitch = float(rng.uniform(0.14, 0.4) * max(width, height))
    thick = max(2, int(pitch * rng.uniform(0.06, 0.2)))
    turn = rng.normal(0, 0.15) + (np.pi / 4 if rng.random() < 0.25 else 0.0)
    centre = rng.uniform(0.2, 0.8, 2) * (width, height)
    for angle in (turn, turn + np.pi / 2):
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        for step in range(-12, 13):
            middle = centre + across * (step + 0.5) * pitch
            ends = np.rint([middle - along * 2 * width, middle + along * 2 * width]).astype(int)
            cv2.line(mask, ends[0].tolist(), ends[1].tolist(), 255, thick, cv2.LINE_AA)
    # Mostly at the frame's rim: one looks over or through an opening of the crate.
    low, high = np.sort(rng.uniform(-0.05, 1.05, (2, 2)), axis=0) * (width, height)
    keep = cv2.boxPoints(((low + high) / 2, tuple((high - low) * 1.2), float(np.degrees(turn))))
    cv2.fillConvexPoly(mask, np.rint(keep).astype(np.int32), 0, cv2.LINE_AA)
    colour = (34, 34, 36) if rng.random() < 0.7 else (70, 100, 160)
    _paint(canvas, mask, jitter(rng, colour, 12), rng)


def random_occluder(canvas: Canvas, rng: Rng) -> None:
    """One or two things in front of the scene."""
    makers = (cable, bar, hand, blob, lattice)
    for _ in range(1 if rng.random() < 0.75 else 2):
        makers[int(rng.choice(5, p=[0.25, 0.2, 0.2, 0.23, 0.12]))](canvas, rng)
