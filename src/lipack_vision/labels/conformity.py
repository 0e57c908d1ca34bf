"""Whether a hazard label or battery mark on a photo has the form that the rules give it."""

from __future__ import annotations

import numpy as np

from lipack_vision.errors import ConfigError
from lipack_vision.geometry import Homography, is_clockwise, side_lengths, transform
from lipack_vision.labels.conformity_battery import battery_elements
from lipack_vision.labels.conformity_diamond import diamond_elements
from lipack_vision.labels.conformity_stand import stand_elements
from lipack_vision.labels.conformity_types import FAULTS, Conformity, Element, conclude
from lipack_vision.labels.conformity_view import crop, find_border
from lipack_vision.types import ImageArray, Mark, Quad, as_quad

__all__ = ["CHECKED", "FAULTS", "Conformity", "Element", "check_label"]

CHECKED = ("class9", "class9a", "battery_mark")
"""Labels whose form is checked."""


def check_label(
    image: ImageArray, mark: Mark, *, to_mm: Homography | None = None, face: Quad | None = None
) -> Conformity:
    """Measure a label's elements and compare each with its rule.

    The corners may be off by some 2 % of the side and turned by quarter turns: the border is looked for
    near them, and the artwork says which way up it stands.

    Args:
        image: RGB ``uint8 (H, W, 3)``.
        mark: a mark found on it, one of `CHECKED`.
        to_mm: map from pixels to mm in the mark's plane, for example from another mark of known size on the
            same face; without it sizes cannot be told.
        face: upright corners of the carton face that the mark is on; without it the stance cannot be told.

    Returns:
        What was measured. What the pixels do not show is ``cannot_tell``, never an error.

    Raises:
        ConfigError: a label that is not checked.
        ShapeError: corners that are not a convex quad on the photo.
    """
    if mark.label not in CHECKED:
        raise ConfigError(
            "mark.label",
            expected=f"one of {', '.join(CHECKED)}",
            found=repr(mark.label),
            cure="Check the form of these only.",
        )
    quad = mark.quad if is_clockwise(mark.quad) else as_quad(mark.quad[::-1])
    part, near, back = crop(image, quad)
    border = find_border(part, near)
    side = float(side_lengths(transform(border.quad, back)).min())
    if mark.label == "battery_mark":
        elements, turn = battery_elements(part, border, side, transform(border.quad, back), image.shape)
    else:
        elements, turn = diamond_elements(part, border, side, mark.label)
    found = as_quad(np.roll(transform(border.quad, back), -turn, axis=0))
    # Where nothing of the artwork is made out, the corners may be those of something else.
    if any(element.verdict != "cannot_tell" for element in elements):
        elements += stand_elements(mark.label, found, to_mm, face)
    return Conformity(mark.label, conclude(tuple(elements)), tuple(elements), found, side)
