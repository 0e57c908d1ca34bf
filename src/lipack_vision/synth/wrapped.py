"""A label folded over an edge of a carton: one part on each of two faces."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.camera import Camera, Points, apply
from lipack_vision.synth.canvas import Canvas, Placed, premultiply, quad_points
from lipack_vision.synth.carton import Face
from lipack_vision.synth.texture import F32, U8, Rng, with_alpha

PAIRS = (("front", "right"), ("left", "front"), ("right", "back"), ("top", "front"))
"""Faces that share an edge: the second goes on where the first ends, to the right or (from the top) below."""


def choose_pair(faces: dict[str, Face], rng: Rng) -> tuple[Face, Face] | None:
    """Two neighbouring visible faces, or None."""
    known = [(faces[a], faces[b]) for a, b in PAIRS if a in faces and b in faces]
    return known[int(rng.integers(len(known)))] if known else None


def paint_wrapped(
    canvas: Canvas,
    camera: Camera,
    pair: tuple[Face, Face],
    shades: tuple[float, float],
    art: Artwork,
    rng: Rng,
) -> None:
    """Stick the artwork across the edge between two faces, with its truth.

    Args:
        pair: neighbouring faces as `choose_pair` gives them.
        shades: light on each of them.
    """
    first = pair[0]
    axis = 1 if first.name == "top" else 0
    edge = first.size[axis]
    pose = _pose(art, first, axis, rng)
    back = np.eye(3)
    back[axis, 2] = -edge
    maps = tuple(camera.plane(face.origin, face.right, face.down) for face in pair)
    to_photo = (maps[0] @ pose, maps[1] @ back @ pose)
    height, width = art.rgba.shape[:2]
    x, y = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    # Millimetres beyond the edge; linear in the artwork's pixels.
    beyond = np.float32(pose[axis, 0]) * x + np.float32(pose[axis, 1]) * y + np.float32(pose[axis, 2] - edge)
    layers = []
    rgba = premultiply(art.rgba)
    for side, (matrix, shade) in enumerate(zip(to_photo, shades, strict=True)):
        layers.append(canvas.new_layer())
        canvas.paste(_part(rgba, beyond if side else -beyond, shade, art.px_per_mm), matrix, layers[-1])
    _note(canvas, art, pose, edge, axis, to_photo, layers)


def _pose(art: Artwork, face: Face, axis: int, rng: Rng) -> Points:
    """Map from artwork pixels to mm on the first face; the edge cuts the label."""
    extent = float(max(art.size_mm))
    along = face.size[1 - axis]
    middle = np.zeros(2)
    middle[axis] = face.size[axis] + float(rng.uniform(-0.33, 0.33)) * extent
    middle[1 - axis] = float(rng.uniform(0.25, 0.75)) * along
    scale = min(1.0, 0.7 * along / extent) / art.px_per_mm
    angle = float(np.deg2rad(rng.normal(0, 4)) + (rng.integers(4) * np.pi / 2 if axis else 0.0))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, -sin], [sin, cos]])
    centre = np.asarray(art.quad, np.float64).mean(axis=0)
    shift = middle - turn @ centre
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]], [0, 0, 1]])


def _part(rgba: U8, inside: F32, shade: float, px_per_mm: float) -> U8:
    """The artwork on one side of the fold, lit, with the bright or dark line of the fold."""
    cover = np.clip(inside * np.float32(px_per_mm) + 0.5, 0, 1)
    fold = 1 - np.float32(0.22) * np.exp(-np.abs(inside) / 1.5)
    light = cv2.cvtColor(
        cv2.convertScaleAbs(cover * fold * np.float32(shade), alpha=128.0), cv2.COLOR_GRAY2RGB
    )
    colour = cv2.multiply(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), light, scale=1 / 128)
    alpha = cv2.multiply(cv2.extractChannel(rgba, 3), cv2.convertScaleAbs(cover, alpha=255.0), scale=1 / 255)
    return with_alpha(cv2.min(colour, cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB)), alpha)


def _note(
    canvas: Canvas,
    art: Artwork,
    pose: Points,
    edge: float,
    axis: int,
    to_photo: tuple[Points, Points],
    layers: list[int],
) -> None:
    quad, spots = np.asarray(art.quad, np.float64), quad_points(art.quad)
    ends = []
    for points in (quad, spots):
        over = apply(pose, points)[:, axis] > edge
        ends.append((np.where(over[:, None], apply(to_photo[1], points), apply(to_photo[0], points)), over))
    (corners, _), (points, over) = ends
    scale = float(np.hypot(pose[0, 0], pose[1, 0])) * art.px_per_mm
    canvas.marks.append(
        Placed(
            art.label,
            art.kind,
            art.text,
            (art.size_mm[0] * scale, art.size_mm[1] * scale),
            corners,
            points,
            np.zeros(len(points), bool) if art.hidden is None else art.hidden,
            np.where(over, layers[1], layers[0]),
        )
    )
