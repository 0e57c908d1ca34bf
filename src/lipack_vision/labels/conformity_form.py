"""Labels of models 9 and 9A measured; what the elements have in common."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.labels.conformity_lines import Line, Middle, lower_lines, measure_symbol
from lipack_vision.labels.conformity_number import Number, measure_number
from lipack_vision.labels.conformity_stripes import Stripes, measure_stripes, upper_turn
from lipack_vision.labels.conformity_types import Element
from lipack_vision.labels.conformity_view import HALF, Border, axis_mm, diamond_raster, find_ink
from lipack_vision.regulations.facts import Certainty
from lipack_vision.types import ImageArray

MODEL = "5.2.2.2.2 models 9 and 9A"
_V = Certainty.VERIFIED

CLEAR_FOOT_MM = 8.0
"""Stripes that end this far from the middle break the rule."""
LINE_ABSENT = 0.075
"""Strength of what is no line."""


@dataclass(frozen=True, slots=True, eq=False)
class DiamondForm:
    """A label of model 9 or 9A as measured.

    Attributes:
        turn: quarter turns that bring the corners in the artwork's order.
        lead: by how much the stripes stand out from the side quarters.
        contrast: how much darker the ink is than the paper, 0..1.
    """

    turn: int
    lead: float
    contrast: float
    stripes: Stripes
    lines: tuple[Line, Line]
    number: Number
    middle: Middle


def measure_diamond(part: ImageArray, border: Border) -> DiamondForm:
    """Rectify and measure a label, given its border in a part of the photo."""
    raster = diamond_raster(part, border.quad)
    grey = cv2.cvtColor(raster, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mm = axis_mm(len(grey))
    inside = np.abs(mm)[:, None] + np.abs(mm)[None, :] < HALF - 1
    ink = find_ink(grey, inside)
    turn, lead = upper_turn(np.where(inside, ink.map, 0))
    upright = np.ascontiguousarray(np.rot90(ink.map, turn))
    lines = lower_lines(upright)
    right, left = (one.corner + 1.9 if one.strength > LINE_ABSENT else 3.6 for one in lines)
    return DiamondForm(
        turn,
        lead,
        ink.contrast,
        measure_stripes(upright),
        lines,
        measure_number(upright, (right, left)),
        measure_symbol(upright),
    )


def open_element(
    name: str, required: str, reason: str, found: str = "", value: float | None = None
) -> Element:
    """An element that cannot be told."""
    return Element(name, "cannot_tell", required, MODEL, _V, found, value, reason)


def wrong_element(
    name: str, required: str, fault: str, reason: str, found: str, value: float | None, sure: Certainty = _V
) -> Element:
    """An element that is wrong."""
    return Element(name, "wrong", required, MODEL, sure, found, value, reason, fault)
