"""Registered faces: a reference and a photo laid onto it, with the truth of what has changed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.labels.closeup import GREY
from lipack_vision.synth.camera import Points, apply
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.designs.copies import face_sheet, soil
from lipack_vision.synth.designs.plan import CartonPlan
from lipack_vision.synth.designs.twins import Twin
from lipack_vision.synth.occluders import film
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import U8, Rng
from lipack_vision.types import ImageArray

SIDE = 512
"""Pixels of the longer side of a pair."""
SHIFT_PX = 8.0
"""Of corners after registration, at most."""
_FEWER = 0.35
"""Share of pairs in fewer pixels."""
_CAMERA = SynthSettings(severity=0.7)
_STEADY = SynthSettings(severity=0.45)


@dataclass(frozen=True, slots=True, eq=False)
class FacePair:
    """Two pictures of one face, laid onto each other.

    Attributes:
        reference, photo: RGB ``uint8 (H, W, 3)``, sides multiples of 16.
        compared: ``uint8 (H, W)``, 1 where both show the face.
        changed: ``uint8 (H, W)``, 1 where by design they differ.
        edit: what was changed, empty for nothing.
    """

    reference: ImageArray
    photo: ImageArray
    compared: U8
    changed: U8
    edit: str


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
    size = plan.face_size(face)
    if rng.random() < _FEWER:
        # Photos from afar show fewer pixels, and faces are compared in no more than they show.
        side = 16 * round(side * float(rng.uniform(0.6, 1.0)) / 16)
    scale = (side - 1) / max(size) * float(rng.uniform(0.86, 1.0))
    shape = tuple(min(side, 16 * int(np.ceil(v * scale / 16))) for v in size)
    corners = np.array([[0.0, 0.0], [size[0], 0.0], list(size), [0.0, size[1]]])
    ends = (corners - np.array(size) / 2) * scale + (np.array(shape) - 1) / 2
    # The reference is a photo too, not taken straight from the front.
    ends = ends + rng.normal(0, 0.02 * side, (4, 2)) * (rng.random() < 0.6)
    onto = _homography(corners, ends)
    amount = float(rng.uniform(0.2, 1.0)) * SHIFT_PX / 2
    missed = np.clip(rng.normal(0, amount, (4, 2)), -SHIFT_PX, SHIFT_PX)
    first, last = (int(v) for v in rng.integers(2**31, size=2))
    reference = face_sheet(plan, face, scale, first)
    seen = face_sheet(plan if other is None else other.plan, face, scale, last)
    soil(seen, size, rng)
    back = (int(GREY),) * 3 if rng.random() < 0.3 else tuple(int(v) for v in rng.integers(20, 235, 3))
    photo_rgb = _photographed(seen.rgb, rng, _CAMERA, film_too=True)
    reference_rgb = _photographed(reference.rgb, rng, _STEADY, film_too=False)
    off = _homography(corners, ends + missed)
    photo = _warped(photo_rgb, off, size, shape, back)
    compared = _polygons([ends], np.eye(3), shape) & _polygons([ends + missed], np.eye(3), shape)
    _cut_off(photo, compared, rng)
    regions = () if other is None else other.regions
    changed = _polygons(list(regions), onto, shape) & compared
    return FacePair(
        _warped(reference_rgb, onto, size, shape, back), photo, compared, changed, other.edit if other else ""
    )


def _homography(mm: Points, px: Points) -> Points:
    return np.asarray(cv2.getPerspectiveTransform(mm.astype(np.float32), px.astype(np.float32)), np.float64)


def _photographed(rgb: U8, rng: Rng, camera: SynthSettings, *, film_too: bool) -> U8:
    """The texture as a camera sees it, in fewer pixels when it stands far off or askew."""
    height, width = rgb.shape[:2]
    part = np.minimum(np.exp(rng.uniform(np.log(0.6), np.log(1.3), 2)), 1.0)
    small = rgb
    if part.min() < 0.98:
        wanted = (max(32, round(width * part[0])), max(32, round(height * part[1])))
        small = cv2.resize(rgb, wanted, interpolation=cv2.INTER_AREA)
    if film_too and rng.random() < 0.06:
        canvas = Canvas(small.copy(), np.zeros(small.shape[:2], np.uint16))
        film(canvas, rng)
        small = canvas.rgb
    return take(small, rng, camera)[1]


def _warped(
    rgb: U8, onto: Points, size: tuple[float, float], shape: tuple[int, ...], back: tuple[int, ...]
) -> ImageArray:
    """The texture through a homography from mm on the face to pixels."""
    height, width = rgb.shape[:2]
    to_mm = np.diag([size[0] / width, size[1] / height, 1.0]) @ np.array(
        [[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]]
    )
    picture = cv2.warpPerspective(
        rgb, onto @ to_mm, (shape[0], shape[1]), flags=cv2.INTER_LINEAR, borderValue=back
    )
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
