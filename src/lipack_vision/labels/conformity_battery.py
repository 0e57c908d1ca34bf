"""The battery mark: from measures to elements with verdicts."""

from __future__ import annotations

import numpy as np

from lipack_vision.labels.conformity_mark import (
    MarkForm,
    aspect_range,
    mark_raster,
    measure_mark,
    turn_of_mark,
)
from lipack_vision.labels.conformity_types import Element
from lipack_vision.labels.conformity_view import Border
from lipack_vision.regulations.facts import Certainty
from lipack_vision.regulations.label_geometry import (
    BATTERY_MARK_ASPECT,
    BATTERY_MARK_BORDER_MM,
    BATTERY_MARK_EDITIONS,
)
from lipack_vision.types import ImageArray, Quad

_V = Certainty.VERIFIED
_RULE = BATTERY_MARK_EDITIONS[-1].source

MIN_SIDE_PX = 40
MIN_BORDER = 0.16
MIN_SYMBOL, MAX_SYMBOL = 0.24, 0.9
"""Height of the symbol over the inner height."""
ILLEGIBLE_EDGE_MM = 6.0
HATCHED, SOLID = 0.7, 0.84
"""Light over dark of the border's bars."""
MAX_EDGE_MM = 2.0
"""Above this blur hatching may look solid."""
RED, NOT_RED = 0.28, 0.12
ASPECT_SLACK, LIKELY_SLACK = 0.05, 0.12
ROW, NO_ROW = 0.042, 0.015
"""Height of letters over the inner height."""


def battery_elements(
    part: ImageArray, border: Border, side: float, on_photo: Quad, shape: tuple[int, ...]
) -> tuple[list[Element], int]:
    """Everything that a battery mark is checked for but its size, and the quarter turns to upright.

    Args:
        part: the part of the photo around the mark.
        border: its border in that part.
        side: length in px of the shortest side on the photo.
        on_photo: its corners on the photo.
        shape: the photo's ``(height, width, ...)``.
    """
    size = shape[1], shape[0]
    turn = 0
    aspect, least, most = aspect_range(on_photo, size)
    if aspect > 1.15:
        # Wider than high by rule: a tall one is given lying on its side.
        turn = 1
        aspect, least, most = 1 / aspect, 1 / most, 1 / least
    quad = np.roll(border.quad, -turn, axis=0)
    raster = mark_raster(part, quad, aspect)
    half = turn_of_mark(raster)
    if half:
        turn += half
        raster = np.ascontiguousarray(np.rot90(raster, 2))
    seen = measure_mark(raster)
    doubt = _doubt(side, seen)
    return [
        *_border(seen, side, doubt),
        _aspect(aspect, least, most, side),
        *_content(seen, side, doubt),
    ], turn % 4


def _doubt(side: float, seen: MarkForm) -> str:
    if side < MIN_SIDE_PX:
        return f"the shortest side is {side:.0f} px long, {MIN_SIDE_PX} px would do"
    if seen.contrast < 0.2:
        return f"the print is hardly darker than its ground (contrast {seen.contrast:.2f})"
    if seen.edge > ILLEGIBLE_EDGE_MM:
        return f"blurred: an edge of the print is {seen.edge:.0f} mm wide on a mark of 100 mm"
    none = seen.dark < MIN_BORDER and seen.symbol[1] < MIN_SYMBOL
    if none or seen.symbol[1] > MAX_SYMBOL:
        return "nothing like a battery mark is seen, or something covers it"
    return ""


def _element(
    name: str, required: str, found: str, value: float | None = None, *, reason: str = "", fault: str = ""
) -> Element:
    verdict = "wrong" if fault else "cannot_tell" if reason else "right"
    return Element(name, verdict, required, _RULE, _V, found, value, reason, fault or None)  # type: ignore[arg-type]


def _border(seen: MarkForm, side: float, doubt: str) -> list[Element]:
    """Border, its hatching and its colour."""
    there = f"a border of at least {BATTERY_MARK_BORDER_MM.value:g} mm"
    hatched, red = "the border is hatched", "the hatching is red"
    if doubt:
        return [
            _element(name, required, "", reason=doubt)
            for name, required in (("border", there), ("hatching", hatched), ("colour", red))
        ]
    found = f"dark {seen.dark:.2f}, gaps {seen.light:.2f} of black"
    if seen.dark < MIN_BORDER:
        why = "no border is seen"
        first = _element("border", there, found, seen.dark, reason=why, fault="border_missing")
        rest = "there is no border to judge"
        return [
            first,
            _element("hatching", hatched, "", reason=rest),
            _element("colour", red, "", reason=rest),
        ]
    first = _element("border", there, found, seen.dark)
    swing = seen.light / seen.dark
    if swing < HATCHED:
        second = _element("hatching", hatched, found, swing)
    elif side < 90 or swing < SOLID or seen.edge > MAX_EDGE_MM:
        why = f"bars of the hatching do not stand out at a side of {side:.0f} px, 110 sharp px would do"
        second = _element("hatching", hatched, found, swing, reason=why)
    else:
        why = "it is as dark between as on the bars"
        second = _element("hatching", hatched, found, swing, reason=why, fault="border_solid")
    return [first, second, _colour(seen, red)]


def _colour(seen: MarkForm, required: str) -> Element:
    found = f"{seen.redness:.0%} of its dark is red"
    if seen.redness > RED:
        return _element("colour", required, found, seen.redness)
    if not seen.colourful:
        return _element("colour", required, found, seen.redness, reason="the photo shows hardly any colour")
    if seen.redness > NOT_RED:
        return _element("colour", required, found, seen.redness, reason="the colour is unclear")
    why = "the border is not red"
    return _element("colour", required, found, seen.redness, reason=why, fault="border_colour")


def _aspect(likely: float, least: float, most: float, side: float) -> Element:
    """One view tells proportions only roughly; wrong when none in the range is allowed."""
    low, high = BATTERY_MARK_ASPECT.value
    required = f"height {low:g} to {high:g} of the width"
    found = f"{likely:.2f}, within {least:.2f} to {most:.2f}"
    certainty, source = BATTERY_MARK_ASPECT.certainty, BATTERY_MARK_ASPECT.source
    if (most < low - ASPECT_SLACK or least > high + ASPECT_SLACK) and side >= 60:
        why = "no way of looking at an allowed shape gives these corners"
        return Element("aspect", "wrong", required, source, certainty, found, likely, why, "aspect")
    if low - LIKELY_SLACK <= likely <= high + LIKELY_SLACK:
        return Element("aspect", "right", required, source, certainty, found, likely)
    why = "seen from the side the proportions are not known well enough"
    return Element("aspect", "cannot_tell", required, source, certainty, found, likely, why)


def _content(seen: MarkForm, side: float, doubt: str) -> list[Element]:
    symbol, number = "a group of batteries", "the UN number below the symbol"
    if doubt:
        return [_element("symbol", symbol, "", reason=doubt), _element("un_number", number, "", reason=doubt)]
    share, height = seen.symbol
    found = f"ink over {height:.0%} of the height, {share:.0%} of the width"
    if height > 0.28 and share > 0.1:
        first = _element("symbol", symbol, found, height)
    elif height < MIN_SYMBOL:
        first = _element("symbol", symbol, found, height, reason="none is seen", fault="symbol_missing")
    else:
        first = _element("symbol", symbol, found, height, reason="what stands there is unclear")
    rows = f"letters of {seen.number:.0%} of the inner height"
    if first.verdict != "right":
        return [first, _element("un_number", number, rows, seen.number, reason="the symbol is not seen")]
    if seen.number > ROW:
        return [first, _element("un_number", number, rows, seen.number)]
    if side < 70 or seen.number > NO_ROW:
        why = f"no letters stand out at a side of {side:.0f} px, 100 sharp px would do"
        return [first, _element("un_number", number, rows, seen.number, reason=why)]
    why = "no letters of its size are seen"
    return [first, _element("un_number", number, rows, seen.number, reason=why, fault="un_number_missing")]
