"""Size and stance of a label: what needs a scale or the face it is on."""

from __future__ import annotations

import math

import numpy as np

from lipack_vision.geometry import Homography, homography, size_mm, transform, unit_quad
from lipack_vision.labels.conformity_types import Element
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.label_geometry import BATTERY_MARK_EDITIONS, HAZARD_LABEL_SIDE_MM
from lipack_vision.types import Quad

_STANCE = "5.2.2.2.1.1.2: a square set on its corner"
TOLERANCE = 0.05
"""How far measured lengths may fall short: corners are known to some 2 % of the side, twice."""
_CLOSE = "smaller by no more than measuring may err"
MAX_TILT_DEGREES = 15.0


def stand_elements(label: str, quad: Quad, to_mm: Homography | None, face: Quad | None) -> list[Element]:
    """Size in mm, squareness and stance; each ``cannot_tell`` without the scale or face that it needs."""
    if label == "battery_mark":
        return [_mark_size(quad, to_mm)]
    return [_side(quad, to_mm, face), _stance(quad, to_mm, face)]


def _no_scale(name: str, required: str, source: str, certainty: Certainty) -> Element:
    why = "nothing of known size on the same face gives the scale"
    return Element(name, "cannot_tell", required, source, certainty, reason=why, counts=False)


def _side(quad: Quad, to_mm: Homography | None, face: Quad | None) -> Element:
    fact = HAZARD_LABEL_SIDE_MM
    required = f"a square of at least {fact.value:g} mm side, smaller only where the package is too small"
    if to_mm is None:
        return _no_scale("size", required, fact.source, fact.certainty)
    width, height = size_mm(quad, to_mm)
    side, found = min(width, height), f"{width:.0f} x {height:.0f} mm"
    if _slant(quad, to_mm) > math.log(1 + 2.5 * TOLERANCE):
        why = "its sides or diagonals are not equal"
        return Element("size", "wrong", required, fact.source, fact.certainty, found, side, why, "not_square")
    if side >= fact.value * (1 - TOLERANCE) or _package_is_small(to_mm, face):
        return Element("size", "right", required, fact.source, fact.certainty, found, side)
    why = f"its side is {side:.0f} mm"
    if side > fact.value * (1 - 2 * TOLERANCE):
        return Element("size", "cannot_tell", required, fact.source, fact.certainty, found, side, _CLOSE)
    return Element("size", "wrong", required, fact.source, fact.certainty, found, side, why, "too_small")


def _slant(quad: Quad, to_mm: Homography) -> float:
    """By how much, as a logarithm, sides or diagonals differ."""
    points = transform(quad, to_mm)
    across, upright = np.linalg.norm(points[1] - points[3]), np.linalg.norm(points[2] - points[0])
    width, height = size_mm(quad, to_mm)
    return max(abs(math.log(across / upright)), abs(math.log(width / height)))


def _package_is_small(to_mm: Homography, face: Quad | None) -> bool:
    """Whether a diamond of 141 mm does not fit on the face."""
    return face is not None and min(size_mm(face, to_mm)) < HAZARD_LABEL_SIDE_MM.value * math.sqrt(2)


def _stance(quad: Quad, to_mm: Homography | None, face: Quad | None) -> Element:
    required, name = "set on its corner, at 45 degrees to the face", "angle"
    if face is None:
        why = "the face that it is on is not known"
        return Element(name, "cannot_tell", required, _STANCE, Certainty.VERIFIED, reason=why, counts=False)
    # Without a scale the face counts as a square: its sides' directions are right, angles between near so.
    flat = to_mm if to_mm is not None else homography(face, unit_quad(100, 100))
    top, right, bottom, left = transform(quad, flat)
    a, b, _, _ = transform(face, flat)
    up, along = top - bottom, b - a
    across = right - left
    turn = math.degrees(math.atan2(float(up[1]), float(up[0])) - math.atan2(float(along[1]), float(along[0])))
    turn2 = math.degrees(
        math.atan2(float(across[1]), float(across[0])) - math.atan2(float(along[1]), float(along[0]))
    )
    tilt = float(np.mean([abs((value + 45) % 90 - 45) for value in (turn, turn2)]))
    found = f"its diagonals lean by {tilt:.0f} degrees"
    if tilt <= MAX_TILT_DEGREES:
        return Element(name, "right", required, _STANCE, Certainty.VERIFIED, found, tilt, counts=False)
    if tilt < 2 * MAX_TILT_DEGREES:
        why = "it stands askew; the rule does not say how much is allowed"
        return Element(
            name, "cannot_tell", required, _STANCE, Certainty.VERIFIED, found, tilt, why, counts=False
        )
    why = "it stands on a side"
    return Element(
        name, "wrong", required, _STANCE, Certainty.VERIFIED, found, tilt, why, "angle", counts=False
    )


def _mark_size(quad: Quad, to_mm: Homography | None) -> Element:
    edition = BATTERY_MARK_EDITIONS[-1]
    (width, height), (_, low) = edition.size_mm, edition.reduced_mm
    required = f"at least {width:g} x {height:g} mm, {width:g} x {low:g} mm where the package is too small"
    if to_mm is None:
        return _no_scale("size", required, edition.source, edition.certainty)
    wide, tall = size_mm(quad, to_mm)
    found = f"{wide:.0f} x {tall:.0f} mm"
    if wide >= width * (1 - TOLERANCE) and tall >= low * (1 - TOLERANCE):
        return Element("size", "right", required, edition.source, edition.certainty, found, wide)
    why = f"it measures {found}"
    if wide >= width * (1 - 2 * TOLERANCE) and tall >= low * (1 - 2 * TOLERANCE):
        return Element(
            "size", "cannot_tell", required, edition.source, edition.certainty, found, wide, _CLOSE
        )
    return Element(
        "size", "wrong", required, edition.source, edition.certainty, found, wide, why, "too_small"
    )
