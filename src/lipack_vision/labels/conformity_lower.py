"""The lower half of models 9 and 9A: from measures to elements with verdicts."""

from __future__ import annotations

import numpy as np

from lipack_vision.labels.conformity_form import (
    CLEAR_FOOT_MM,
    LINE_ABSENT,
    MODEL,
    DiamondForm,
    open_element,
    wrong_element,
)
from lipack_vision.labels.conformity_lines import Line, Middle
from lipack_vision.labels.conformity_number import MIN_GAP, Number, nine_logit
from lipack_vision.labels.conformity_stripes import Stripes
from lipack_vision.labels.conformity_types import Element
from lipack_vision.labels.conformity_view import Border
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.label_geometry import HAZARD_LABEL_INNER_LINE_OFFSET_MM

_V, _M = Certainty.VERIFIED, Certainty.MEMORY

LINE_SEEN = 0.14
LINE_MM = (2.2, 9.6)
"""Middle of the inner line from the edge: 5 mm to its outer side and half its width, with what printers and
an unsure border add."""
NO_GAP, UNDERLINE_EDGE_MM = 0.04, 2.4
"""No paper between number and bar, and the blur at which some would show."""
SURE_NINE, SURE_OTHER = 0.5, 2.0
"""Log odds from which a number is taken for a 9, and for another."""
MAX_NUMBER_MM = 15.0
"""A higher one has its bar joined to it."""
MIN_STROKE = 0.5
"""Paler strokes are washed out."""
MAX_TRACE = 0.22
"""Paper is paler than this where nothing is printed."""


def lower_elements(form: DiamondForm, border: Border, side: float, label: str, doubt: str) -> list[Element]:
    """Class number, underline, inner line and symbol.

    Args:
        form: the label as measured.
        border: its border.
        side: length in px of the shortest side on the photo.
        label: ``class9`` or ``class9a``.
        doubt: why nothing about the artwork can be told, or nothing.
    """
    return [
        *_number(form, side, doubt),
        _inner_line(form.lines, border, form.stripes, side, doubt),
        _symbol(form.middle, label, form.stripes, doubt),
    ]


def _number(form: DiamondForm, side: float, doubt: str) -> list[Element]:
    """The class number and its underline."""
    seen, stripes = form.number, form.stripes
    nine, bar = "the number 9 in the bottom corner", "the 9 is underlined"
    if doubt:
        return [open_element("digit", nine, doubt), open_element("underline", bar, doubt)]
    far = all(line.offset > LINE_MM[1] and line.strength > LINE_SEEN for line in form.lines)
    if stripes.foot > 25 or (far and (seen.underline == 0 or not _is_nine(seen))):
        why = "the inner line runs through it" if far else "the stripes reach down to the corner"
        return [open_element("digit", nine, why), open_element("underline", bar, why)]
    if seen.bottom == 0 and seen.trace > MAX_TRACE and not seen.aside:
        why = "something too pale to be told stands there"
        return [open_element("digit", nine, why), open_element("underline", bar, why)]
    if seen.bottom == 0:
        fault = "digit_misplaced" if seen.aside else "digit_missing"
        why = "it stands in a side corner" if seen.aside else "nothing of its size stands there"
        return [
            wrong_element("digit", nine, fault, why, "none", None),
            open_element("underline", bar, "there is no number to underline"),
        ]
    height = seen.bottom - seen.top
    found = f"a number {height:.0f} mm high on a label of 100 mm"
    if seen.bar_above and seen.strength > MIN_STROKE and not _is_nine(seen):
        why = "the bar stands between it and the middle"
        digit = wrong_element("digit", nine, "digit_turned", why, found, height)
        return [digit, open_element("underline", bar, "the number is upside down")]
    digit = _digit(seen, height, side, stripes, nine, found)
    return [digit, _underline(seen, stripes, side, bar, digit.verdict == "right")]


def _is_nine(seen: Number) -> bool:
    return seen.shape is not None and nine_logit(seen.shape) > SURE_NINE


def _digit(seen: Number, height: float, side: float, stripes: Stripes, required: str, found: str) -> Element:
    shape_px = height * side / 100
    odds = -9.0 if seen.shape is None else nine_logit(seen.shape)
    if _is_nine(seen):
        return Element("digit", "right", required, MODEL, _V, found, height)
    legible = shape_px >= 10 and stripes.edge < 3.0 and seen.strength > MIN_STROKE
    if odds > -SURE_OTHER or not legible:
        why = f"whether it is a 9 is unclear: it is {shape_px:.0f} px high, 16 sharp px would do"
        return open_element("digit", required, why, found, height)
    turned = seen.shape is not None and nine_logit(np.rot90(seen.shape, 2)) > 0
    if turned and seen.underline == 0 and seen.trace < MAX_TRACE:
        return wrong_element("digit", required, "digit_turned", "it is a 9 upside down", found, height)
    return wrong_element("digit", required, "digit_other", "its strokes are not those of a 9", found, height)


def _underline(seen: Number, stripes: Stripes, side: float, required: str, is_nine: bool) -> Element:
    if seen.underline > 0 and seen.gap >= MIN_GAP:
        found = f"a bar {seen.underline:.0f} mm wide on a label of 100 mm"
        return Element("underline", "right", required, MODEL, _V, found, seen.underline)
    traces = seen.gap > NO_GAP or seen.trace > MAX_TRACE or seen.bottom - seen.top > MAX_NUMBER_MM
    if not is_nine or traces or seen.strength < MIN_STROKE or stripes.edge > UNDERLINE_EDGE_MM or side < 95:
        why = f"a thin bar would not show: the side is {side:.0f} px long, about 120 sharp px would do"
        return open_element("underline", required, why)
    return wrong_element("underline", required, "underline_missing", "no bar below the number", "none", None)


def _inner_line(
    lines: tuple[Line, Line], border: Border, stripes: Stripes, side: float, doubt: str
) -> Element:
    """Judged on the two lower sides; above, the stripes cross it and some printers leave it out."""
    fact = HAZARD_LABEL_INNER_LINE_OFFSET_MM
    required = f"a line parallel to the edge, {fact.value:g} mm from it on a label of 100 mm"
    name = "inner_line"
    if doubt:
        return Element(name, "cannot_tell", required, fact.source, fact.certainty, reason=doubt)
    if stripes.foot > 25:
        why = "the stripes reach into the lower half"
        return Element(name, "cannot_tell", required, fact.source, fact.certainty, reason=why)
    weak, strong = sorted(lines, key=lambda one: one.strength)
    offset = float(np.mean([one.offset for one in (weak, strong) if one.strength > LINE_SEEN] or [0.0]))
    found = f"its middle is {offset:.1f} mm from the edge"
    if strong.strength > LINE_SEEN and weak.strength > LINE_ABSENT:
        if LINE_MM[0] <= offset <= LINE_MM[1]:
            return Element(name, "right", required, fact.source, fact.certainty, found, offset)
        if offset > LINE_MM[1] + 0.6:
            why = "it stands too far from the edge"
            return Element(
                name, "wrong", required, fact.source, fact.certainty, found, offset, why, "inner_line_offset"
            )
    why = ""
    if strong.strength > LINE_ABSENT:
        why = "it is seen on one of the lower sides only, or hardly"
    elif stripes.edge > 2.6 or side < 90:
        why = f"a thin line would not show: the side is {side:.0f} px long, about 100 sharp px would do"
    elif min(border.support) < 0.35:
        # One line alone may be the inner one, its label ending where nothing shows it.
        why = "where the label ends is unclear"
    if why:
        return Element(name, "cannot_tell", required, fact.source, fact.certainty, reason=why)
    why = "no line inside the lower sides"
    return Element(
        name, "wrong", required, fact.source, fact.certainty, "none", None, why, "inner_line_missing"
    )


def _symbol(seen: Middle, label: str, stripes: Stripes, doubt: str) -> Element:
    """Model 9A has the group of batteries in the lower half, model 9 nothing."""
    wanted = label == "class9a"
    required = "a group of batteries in the lower half" if wanted else "no symbol in the lower half"
    if doubt:
        return open_element("symbol", required, doubt)
    if stripes.foot > CLEAR_FOOT_MM:
        return open_element("symbol", required, "the stripes reach into the lower half")
    found = f"ink over {seen.height:.0f} x {seen.width:.0f} mm, {seen.fill:.0%} of it dark"
    there = seen.height >= 14 and 16 <= seen.width <= 54 and seen.fill > 0.2
    none = (seen.height <= 12.5 or seen.width < 10 or seen.fill < 0.1) and (not wanted or seen.mean < 0.2)
    sure = _V if wanted else _M
    if there == wanted and there != none:
        return Element("symbol", "right", required, MODEL, sure, found, seen.height)
    if there == none:
        return Element(
            "symbol",
            "cannot_tell",
            required,
            MODEL,
            sure,
            found,
            seen.height,
            "what stands there is unclear",
        )
    fault = "symbol_missing" if wanted else "symbol_present"
    why = "none is seen" if wanted else "one is seen, as on model 9A"
    return wrong_element("symbol", required, fault, why, found, seen.height, sure)
