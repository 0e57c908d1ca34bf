"""Models 9 and 9A: what may be told at all, and the stripes, from measures to elements with verdicts."""

from __future__ import annotations

from lipack_vision.labels.conformity_form import (
    CLEAR_FOOT_MM,
    MODEL,
    DiamondForm,
    measure_diamond,
    open_element,
    wrong_element,
)
from lipack_vision.labels.conformity_lower import lower_elements
from lipack_vision.labels.conformity_stripes import Stripes
from lipack_vision.labels.conformity_types import Element
from lipack_vision.labels.conformity_view import Border
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.label_geometry import CLASS9_STRIPES
from lipack_vision.types import ImageArray

_V = Certainty.VERIFIED

MIN_SIDE_PX = 45
"""Below this side the stripes of a label run together in most photos."""
MIN_CONTRAST = 0.18
MIN_MODULATION, MIN_LEAD = 0.45, 0.05
MAX_UNEVEN = 0.38
MAX_EDGE_MM = 4.2
"""Blur at which an outer stripe may not show."""
MAX_FOOT_MM = 5.5
"""The stripes end at the middle: this far off is a printer's habit, `CLEAR_FOOT_MM` a fault."""


def diamond_elements(part: ImageArray, border: Border, side: float, label: str) -> tuple[list[Element], int]:
    """Everything that models 9 and 9A are checked for but stance and size, and the quarter turns to upright.

    Args:
        part: the part of the photo around the label.
        border: its border in that part.
        side: length in px of the shortest side on the photo.
        label: ``class9`` or ``class9a``.
    """
    form = measure_diamond(part, border)
    doubt = _doubt(side, form)
    elements = [*_stripes(form.stripes, doubt), *lower_elements(form, border, side, label, doubt)]
    return elements, form.turn


def _doubt(side: float, form: DiamondForm) -> str:
    """Why nothing about the artwork can be told, or nothing."""
    if side < MIN_SIDE_PX:
        return f"the side is {side:.0f} px long, {MIN_SIDE_PX} px would do"
    if form.contrast < MIN_CONTRAST:
        return f"the print is hardly darker than its ground (contrast {form.contrast:.2f})"
    if form.stripes.modulation < MIN_MODULATION or form.lead < MIN_LEAD:
        return "no stripes stand out: blurred, covered, or its corners are not where they were given"
    return ""


def _stripes(seen: Stripes, doubt: str) -> list[Element]:
    """Number, regularity and lower end of the stripes."""
    seven, even, half = (
        f"{CLASS9_STRIPES.value} vertical stripes in the upper half",
        "stripes and gaps equal to the eye",
        "the stripes end at the middle",
    )
    names = ("stripes", seven), ("regularity", even), ("halves", half)
    if doubt:
        return [open_element(name, required, doubt) for name, required in names]
    foot = _foot(seen, half)
    found = f"{seen.count} stripes"
    if seen.covered > 0.4:
        why = "a stripe is interrupted: glare, or something covers it"
        return [
            open_element("stripes", seven, why, found, seen.count),
            open_element("regularity", even, why),
            foot,
        ]
    blurred = (
        "blur hides the outer stripes"
        if seen.edge > MAX_EDGE_MM and seen.count != CLASS9_STRIPES.value
        else ""
    )
    if seen.unsure or blurred or seen.foot < -CLEAR_FOOT_MM:
        why = seen.unsure or blurred or "the outer stripes cannot be judged where all end above the middle"
        count = open_element("stripes", seven, why, found, seen.count)
    elif seen.count == CLASS9_STRIPES.value:
        count = Element("stripes", "right", seven, MODEL, _V, found, seen.count)
    else:
        why = f"{seen.count} stripes instead of {CLASS9_STRIPES.value}"
        count = wrong_element("stripes", seven, "stripe_count", why, found, seen.count)
    return [count, _even(seen, even), foot]


def _even(seen: Stripes, required: str) -> Element:
    found = f"widths and gaps differ by up to {seen.unevenness:.0%}"
    if seen.unevenness <= MAX_UNEVEN:
        return Element("regularity", "right", required, MODEL, _V, found, seen.unevenness)
    if seen.unsure or seen.unevenness < 1.2 * MAX_UNEVEN:
        return open_element("regularity", required, "the stripes are seen unevenly", found, seen.unevenness)
    why = "a stripe or gap is much wider or narrower than the others"
    return wrong_element("regularity", required, "stripes_uneven", why, found, seen.unevenness)


def _foot(seen: Stripes, required: str) -> Element:
    found = f"they end {abs(seen.foot):.0f} mm {'below' if seen.foot > 0 else 'above'} it"
    if abs(seen.foot) <= MAX_FOOT_MM:
        return Element("halves", "right", required, MODEL, _V, found, seen.foot)
    if abs(seen.foot) < CLEAR_FOOT_MM:
        return open_element("halves", required, "they end near the middle but not at it", found, seen.foot)
    fault = "stripes_below" if seen.foot > 0 else "stripes_short"
    return wrong_element(
        "halves", required, fault, f"measured on a label of 100 mm side, {found}", found, seen.foot
    )
