"""Things between the camera and the scene: cables, straps, hands, poles, film."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.texture import U8, Rng, jitter, noise, tint


def _paint(canvas: Canvas, mask: U8, colour: np.ndarray, rng: Rng) -> None:
    """Paint an opaque shape given by a full-frame coverage mask, slightly shaded."""
    box = cv2.boundingRect(mask)
    if box[2] == 0 or box[3] == 0:
        return
    x, y, w, h = box
    cut = mask[y : y + h, x : x + w]
    shade = 1 + noise("cloud", rng, (h, w), max(h, w) / 150) * np.float32(0.1)
    paint = tint(shade, colour)
    alpha = cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB)
    top = np.dstack([cv2.multiply(paint, alpha, scale=1 / 255), cut])
    canvas.blend(top, (x, y), canvas.new_layer())


def _curve(rng: Rng, size: tuple[int, int]) -> Points:
    width, height = size
    knots = np.array([rng.uniform(-0.2, 1.2, 2) * (width, height) for _ in range(4)])
    t = np.linspace(0, 1, 40)[:, None]
    first, second, third, last = knots
    return (1 - t) ** 3 * first + 3 * (1 - t) ** 2 * t * second + 3 * (1 - t) * t**2 * third + t**3 * last


def cable(canvas: Canvas, rng: Rng) -> None:
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
    mask = np.zeros(canvas.owner.shape, np.uint8)
    size = np.array(canvas.size)
    tip = rng.uniform(0.1, 0.9, 2) * size
    side = rng.uniform(0, 2 * np.pi)
    away = np.array([np.cos(side), np.sin(side)])
    girth = float(rng.uniform(0.04, 0.10) * size.max())
    palm = tip + away * girth * 1.6
    _limb(mask, palm, palm + away * size.max(), girth * 1.3)
    cv2.circle(mask, tuple(int(v) for v in palm), int(girth * 0.85), 255, -1, cv2.LINE_AA)
    for spread in np.linspace(-0.5, 0.6, int(rng.integers(1, 5))):
        turn = side + np.pi + spread + rng.normal(0, 0.1)
        end = palm + np.array([np.cos(turn), np.sin(turn)]) * girth * rng.uniform(1.4, 2.3)
        _limb(mask, palm, end, girth * 0.42)
    colours = ((205, 160, 132), (160, 112, 84), (104, 70, 52), (60, 66, 84), (230, 228, 222), (40, 40, 44))
    _paint(canvas, mask, jitter(rng, colours[int(rng.integers(6))], 12), rng)


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
    _paint(canvas, mask, rng.uniform(15, 230, 3) * rng.uniform(0.4, 1.0), rng)


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
    sheen = noise("cloud", rng, (h, w), max(h, w) / 250)
    bright = np.maximum(folds - rng.uniform(0.6, 1.6), 0) * np.float32(rng.uniform(15, 60))
    bright += np.maximum(sheen - 0.5, 0) * np.float32(rng.uniform(5, 50)) + np.float32(rng.uniform(2, 18))
    grey = cv2.min(cv2.convertScaleAbs(bright), mask[y : y + h, x : x + w])
    place = canvas.rgb[y : y + h, x : x + w]
    veil = cv2.cvtColor(cv2.convertScaleAbs(grey, alpha=-0.7, beta=255.0), cv2.COLOR_GRAY2RGB)
    place[:] = cv2.add(cv2.multiply(place, veil, scale=1 / 255), cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


def random_occluder(canvas: Canvas, rng: Rng) -> None:
    """One or two things in front of the scene."""
    makers = (cable, bar, hand, blob)
    for _ in range(1 if rng.random() < 0.75 else 2):
        makers[int(rng.choice(4, p=[0.28, 0.22, 0.22, 0.28]))](canvas, rng)
