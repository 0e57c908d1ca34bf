"""Registered faces: a reference and a photo laid onto it, with the truth of what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from lipack_vision.labels.closeup import GREY
from lipack_vision.matching.light import blown_print
from lipack_vision.synth.camera import Points, apply
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.designs.copies import face_sheet, soil
from lipack_vision.synth.designs.photos import background
from lipack_vision.synth.designs.plan import CartonPlan
from lipack_vision.synth.designs.twins import Twin
from lipack_vision.synth.light import glare
from lipack_vision.synth.occluders import film, random_occluder
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import U8, Rng, noise
from lipack_vision.types import ImageArray

SIDE = 768
"""Pixels of the longer side of a pair."""
SHIFT_PX = 8.0
"""Of corners after registration, at most."""
_FEWER = 0.5
"""Share of pairs in fewer pixels."""
_BESIDES = 0.5
"""Share of pairs that show what lies beside the face, too: how far it reaches is not always known well."""
_MOST_BESIDES = 0.07
"""Of the longer side of the face that may be shown of it on each side."""
_OCCLUDED, _GLARING = 0.18, 0.1
"""Share of photos with something before the face, and with a mirrored lamp on it."""
_CAMERA = SynthSettings(severity=0.7)
_STEADY = SynthSettings(severity=0.45)


@dataclass(frozen=True, slots=True, eq=False)
class FacePair:
    """Two pictures of one face, laid onto each other.

    Attributes:
        reference, photo: RGB ``uint8 (H, W, 3)``, sides multiples of 16.
        compared: ``uint8 (H, W)``, 1 where both are supposed to show the face.
        changed: ``uint8 (H, W)``, 1 where by design they differ.
        edit: what was changed, empty for nothing.
        hidden: ``uint8 (H, W)``, 1 where one of them does not show the face, though it is supposed to:
            something stands before it, a lamp is mirrored, or the face has ended.
    """

    reference: ImageArray
    photo: ImageArray
    compared: U8
    changed: U8
    edit: str
    hidden: U8


class _Texture(NamedTuple):
    """Pixels of a face and of what lies around it; `lost` is 1 where the face is not to be seen."""

    rgb: U8
    lost: U8
    low: Points
    """mm of the corner of the first pixel on the face."""
    span: Points
    """mm that the pixels cover."""

    def to_mm(self) -> Points:
        """Homography from the pixels to mm on the face."""
        height, width = self.rgb.shape[:2]
        step = self.span / (width, height)
        middle = self.low + step / 2
        return np.array([[step[0], 0, middle[0]], [0, step[1], middle[1]], [0, 0, 1]])


def face_pair(plan: CartonPlan, other: Twin | None, face: str, seed: int, side: int = SIDE) -> FacePair:
    """A face of one carton, and that of another one of the same design or of its twin.

    Args:
        plan: of the reference.
        other: the twin on the photo; None for the same design.
        face: the face, that of the twin's change.
        seed: of everything that is not by design.
        side: longer side in pixels, at most.
    """
    rng = np.random.default_rng([seed, 31])
    size = np.array(plan.face_size(face))
    if rng.random() < _FEWER:
        # Photos from afar show fewer pixels, and faces are compared in no more than they show.
        side = 16 * round(side * float(rng.uniform(0.45, 1.0)) / 16)
    besides = rng.uniform(0, _MOST_BESIDES, 4) * size.max() * (rng.random() < _BESIDES)
    span = size + besides[:2] + besides[2:]
    scale = (side - 1) / float(span.max()) * float(rng.uniform(0.86, 1.0))
    shape = tuple(min(side, 16 * int(np.ceil(v * scale / 16))) for v in span)
    corners = np.array([[0.0, 0.0], [size[0], 0.0], size, [0.0, size[1]]])
    ends = (corners + besides[:2] - span / 2) * scale + (np.array(shape) - 1) / 2
    # The reference is a photo too, not taken straight from the front.
    ends = ends + rng.normal(0, 0.02 * side, (4, 2)) * (rng.random() < 0.6)
    amount = float(rng.uniform(0.2, 1.0)) * SHIFT_PX / 2
    missed = np.clip(rng.normal(0, amount, (4, 2)), -SHIFT_PX, SHIFT_PX)
    onto, off = (_homography(corners, places) for places in (ends, ends + missed))
    first, last = (int(v) for v in rng.integers(2**31, size=2))
    own = face_sheet(plan, face, scale, first)
    seen = face_sheet(plan if other is None else other.plan, face, scale, last)
    soil(seen, plan.face_size(face), rng)
    back = (int(GREY),) * 3 if rng.random() < 0.3 else tuple(int(v) for v in rng.integers(20, 235, 3))
    taken = [
        _photographed(_surrounded(sheet.rgb, size, besides, plan, rng), rng, camera, obstacles=obstacles)
        for sheet, camera, obstacles in ((seen, _CAMERA, True), (own, _STEADY, False))
    ]
    photo, reference = (
        _warped(texture.rgb, where @ texture.to_mm(), shape, back)
        for texture, where in zip(taken, (off, onto), strict=True)
    )
    hidden = _beyond(taken[0], off, shape) | _beyond(taken[1], onto, shape)
    supposed = corners + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * rng.uniform(0, 1, (4, 2)) * (
        np.stack([besides[:2], [besides[2], besides[1]], besides[2:], [besides[0], besides[3]]])
    )
    compared = _polygons([supposed], onto, shape) & _polygons([supposed], off, shape)
    _cut_off(photo, compared, rng)
    hidden &= compared
    regions = () if other is None else other.regions
    changed = _polygons(list(regions), onto, shape) & compared & (1 - hidden)
    return FacePair(reference, photo, compared, changed, other.edit if other else "", hidden)


def _homography(mm: Points, px: Points) -> Points:
    return np.asarray(cv2.getPerspectiveTransform(mm.astype(np.float32), px.astype(np.float32)), np.float64)


def _surrounded(rgb: U8, size: Points, besides: Points, plan: CartonPlan, rng: Rng) -> _Texture:
    """A face ``(h, w, 3)`` of ``size`` mm with so many mm of what lies left, above, right and below of it."""
    height, width = rgb.shape[:2]
    left, above, right, below = (
        int(np.ceil(mm * px)) for mm, px in zip(besides, [width / size[0], height / size[1]] * 2, strict=True)
    )
    span = (width + left + right, height + above + below)
    if span == (width, height):
        return _Texture(rgb, np.zeros((height, width), np.uint8), np.zeros(2), size)
    around = cv2.resize(background(rng, (320, 320)), span)
    rows, columns = slice(above, above + height), slice(left, left + width)
    strips = (
        (slice(None), slice(0, left)),
        (slice(0, above), slice(None)),
        (slice(None), slice(left + width, None)),
        (slice(above + height, None), slice(None)),
    )
    for strip in strips:
        place = around[strip]
        if place.size and rng.random() < 0.5:
            # The next face of the same carton, in other light.
            grain = noise("cloud", rng, place.shape[:2], 1.0) * np.float32(0.04) + np.float32(
                rng.uniform(0.4, 1.15)
            )
            colour = np.asarray(plan.board.colour, np.float32)
            place[:] = np.clip(grain[..., None] * colour, 0, 255).astype(np.uint8)
    around[rows, columns] = rgb
    lost: U8 = np.ones(around.shape[:2], np.uint8)
    lost[rows, columns] = 0
    step = size / (width, height)
    return _Texture(around, lost, -step * (left, above), step * span)


def _photographed(face: _Texture, rng: Rng, camera: SynthSettings, *, obstacles: bool) -> _Texture:
    """The texture as a camera sees it, in fewer pixels when it stands far off or askew."""
    height, width = face.rgb.shape[:2]
    part = np.minimum(np.exp(rng.uniform(np.log(0.6), np.log(1.3), 2)), 1.0)
    small, lost = face.rgb, face.lost
    if part.min() < 0.98:
        wanted = (max(32, round(width * part[0])), max(32, round(height * part[1])))
        small = cv2.resize(small, wanted, interpolation=cv2.INTER_AREA)
        lost = cv2.resize(lost, wanted, interpolation=cv2.INTER_NEAREST)
    canvas = Canvas(small.copy(), np.zeros(small.shape[:2], np.uint16))
    if obstacles and rng.random() < 0.06:
        film(canvas, rng)
    if obstacles and rng.random() < _OCCLUDED:
        random_occluder(canvas, rng)
    lit = glare(canvas.rgb, rng) if obstacles and rng.random() < _GLARING else canvas.rgb
    taken = take(lit, rng, camera)[1]
    hidden = (canvas.owner > 0) | blown_print(taken, canvas.rgb)
    return _Texture(taken, lost | hidden.astype(np.uint8), face.low, face.span)


def _beyond(texture: _Texture, where: Points, shape: tuple[int, ...]) -> U8:
    """1 where pixels of a texture laid on a picture do not show the face."""
    lost = cv2.warpPerspective(
        texture.lost, where @ texture.to_mm(), shape, flags=cv2.INTER_NEAREST, borderValue=(1,)
    )
    return np.asarray(lost, np.uint8)


def _warped(rgb: U8, matrix: Points, shape: tuple[int, ...], back: tuple[int, ...]) -> ImageArray:
    """A texture through a homography from its pixels to those of the picture."""
    picture = cv2.warpPerspective(rgb, matrix, shape, flags=cv2.INTER_LINEAR, borderValue=back)
    return np.asarray(picture, np.uint8)


def _polygons(polygons: list[Points], onto: Points, shape: tuple[int, ...]) -> U8:
    mask: U8 = np.zeros((shape[1], shape[0]), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [np.rint(apply(onto, polygon) * 8).astype(np.int32)], 1, cv2.LINE_8, 3)
    return mask


def _cut_off(photo: ImageArray, compared: U8, rng: Rng) -> None:
    """At times a side of the face lies outside of the photo."""
    if rng.random() >= 0.3:
        return
    height, width = compared.shape
    turn = rng.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(turn), np.sin(turn)])
    reach = abs(normal[0]) * width / 2 + abs(normal[1]) * height / 2
    x, y = np.meshgrid(np.arange(width) - width / 2, np.arange(height) - height / 2)
    gone = x * normal[0] + y * normal[1] > reach * rng.uniform(0.2, 0.9)
    photo[gone] = 0 if rng.random() < 0.5 else GREY
    compared[gone] = 0
