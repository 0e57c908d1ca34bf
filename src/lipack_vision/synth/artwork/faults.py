"""Labels of models 9 and 9A and battery marks that are right, or have exactly one fault."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipack_vision.errors import ConfigError
from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.battery import battery_group
from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import Points, box, diamond, rounded_box
from lipack_vision.synth.artwork.frames import (
    HALF,
    Frame,
    choose_frame,
    cut_line,
    in_field,
    inner_line,
    lay_ground,
)
from lipack_vision.synth.artwork.lithium import (
    draw_hatch,
    draw_nine,
    draw_stripes,
    mark_inside,
    mark_red,
    middle_of_9,
    middle_of_9a,
    plan_mark,
)
from lipack_vision.synth.artwork.styles import (
    BLUE,
    GREEN,
    Rng,
    Style,
    between,
    chance,
    choose_style,
    paper_white,
    pick,
)

LABEL_FAULTS: tuple[str, ...] = (
    "stripe_count",
    "stripes_uneven",
    "stripes_short",
    "stripes_below",
    "digit_missing",
    "digit_misplaced",
    "digit_turned",
    "digit_other",
    "underline_missing",
    "inner_line_missing",
    "inner_line_offset",
    "symbol_missing",
    "symbol_present",
    "too_small",
    "not_square",
)
"""Faults of models 9 and 9A; ``symbol_missing`` is one of 9A only, ``symbol_present`` of 9 only."""
MARK_FAULTS: tuple[str, ...] = (
    "border_missing",
    "border_solid",
    "border_colour",
    "aspect",
    "symbol_missing",
    "un_number_missing",
    "too_small",
)
"""Faults of battery marks."""


def faults_of(kind: str) -> tuple[str, ...]:
    """The faults that a kind of mark can have.

    Raises:
        ConfigError: a kind that is not ``class9``, ``class9a`` or ``battery_mark``.
    """
    if kind == "battery_mark":
        return MARK_FAULTS
    if kind in ("class9", "class9a"):
        not_its = "symbol_missing" if kind == "class9" else "symbol_present"
        return tuple(fault for fault in LABEL_FAULTS if fault != not_its)
    raise ConfigError("kind", expected="class9, class9a or battery_mark", found=repr(kind), cure="Name one.")


def draw_checked(kind: str, fault: str | None, rng: Rng, px_per_mm: float) -> Artwork:
    """Draw a label that conforms but for one fault.

    Args:
        kind: ``class9``, ``class9a`` or ``battery_mark``.
        fault: one of `faults_of`, or None for a label that is right.
        rng: decides on the style.
        px_per_mm: scale of the raster.

    Raises:
        ConfigError: a fault that this kind cannot have.
    """
    if fault is not None and fault not in faults_of(kind):
        raise ConfigError(
            "fault", expected=f"one of {', '.join(faults_of(kind))}", found=repr(fault), cure="Name one."
        )
    if kind == "battery_mark":
        return _mark(fault, rng, px_per_mm)
    return _label(kind, fault, rng, px_per_mm)


def _label(kind: str, fault: str | None, rng: Rng, px_per_mm: float) -> Artwork:
    style = choose_style(rng, direct=0.10, tinted=0.06, grey=0.1)
    frame = _frame(rng, style, fault)
    c = frame.canvas(px_per_mm)
    if fault == "not_square":
        c = c.placed(0, 0, squeeze=between(rng, 0.6, 0.8))
    lay_ground(c, frame, style.paper)
    _striped(c.placed(0, 0, angle=180) if fault == "digit_turned" else c, rng, frame, style, fault)
    no_upper = chance(rng, 0.12) and fault != "digit_turned"
    inner_line(c, frame, style.ink, style.ink, skip_upper=no_upper)
    cut_line(c, frame, style.ink)
    _numbered(c, rng, style, fault)
    if fault == "symbol_present":
        middle_of_9a(c, rng, style)
    elif fault == "digit_turned":
        # The artwork is printed upside down: stripes below, everything else above and upright.
        if kind == "class9a":
            battery_group(c.placed(0, -18, between(rng, 0.19, 0.25)), rng, style.ink, style.paper)
    elif fault == "symbol_missing" or kind == "class9":
        words = fault is None and chance(rng, 0.5)
        if words:
            middle_of_9(c, rng, style)
    else:
        middle_of_9a(c, rng, style)
    corners = diamond(HALF)
    size = (frame.side_mm, frame.side_mm)
    return pack(c, kind, kind, corners, size, px_per_mm)


def _frame(rng: Rng, style: Style, fault: str | None) -> Frame:
    frame = choose_frame(rng, style, coloured=False)
    inner = frame.inner_width if frame.inner_width > 0 else between(rng, 1.0, 2.4)
    inset, line = frame.inner_inset, frame.cut_line
    if fault == "inner_line_missing":
        inner = 0.0
        if line == "none" and frame.sticker != "cut":
            line = "solid"
    if fault == "inner_line_offset":
        inset = between(rng, 10.0, 13.0)
        line = "dashed" if line == "none" and frame.sticker != "cut" else line
    side = between(rng, 45, 85) if fault == "too_small" else max(100.0, frame.side_mm)
    return replace(frame, inner_width=inner, inner_inset=inset, cut_line=line, side_mm=side)


def _striped(c: Canvas, rng: Rng, frame: Frame, style: Style, fault: str | None) -> None:
    if fault == "stripe_count":
        _other_stripes(c, style.ink, np.ones(int(pick(rng, (5, 6, 8, 9)))))
    elif fault == "stripes_uneven":
        widths = np.ones(7)
        widths[int(rng.integers(1, 6))] = pick(rng, (0.35, 1.9))
        _other_stripes(c, style.ink, widths)
    elif fault == "stripes_short":
        _other_stripes(c, style.ink, np.ones(7), between(rng, -28, -14))
    elif fault == "stripes_below":
        _other_stripes(c, style.ink, np.ones(7), between(rng, 12, 45))
    else:
        draw_stripes(c, rng, frame, style.ink)


def _other_stripes(c: Canvas, ink: Paint, widths: Points, foot: float = 0.0) -> None:
    """Stripes of given relative widths over the whole diagonal, 1 between them, down to ``foot``."""
    reach = HALF - 0.5
    unit = 2 * reach / (widths.sum() + len(widths) - 1)
    left = -reach
    for width in widths * unit:
        shape = in_field(box(left, -HALF, left + width, foot), reach)
        if len(shape) > 2:
            c.fill(shape, ink)
        left += width + unit


def _numbered(c: Canvas, rng: Rng, style: Style, fault: str | None) -> None:
    if fault == "digit_missing":
        return
    if fault == "digit_misplaced":
        draw_nine(c, rng, style, at=(pick(rng, (-1, 1)) * between(rng, 38, 44), between(rng, 9, 11)))
    elif fault == "digit_turned":
        draw_nine(c, rng, replace(style, stretch=0.9), at=(0.0, -43.0))
    else:
        digit = pick(rng, ("3", "4", "5", "6", "8")) if fault == "digit_other" else "9"
        draw_nine(c, rng, style, digit=digit, bar=fault != "underline_missing")


def _mark(fault: str | None, rng: Rng, px_per_mm: float) -> Artwork:
    style = choose_style(rng, direct=0.07, grey=0.0)
    plan = plan_mark(rng)
    width, height = pick(rng, ((100.0, 100.0), (100.0, 70.0), (120.0, 110.0), (105.0, 74.0)))
    if fault == "too_small":
        shrink = between(rng, 0.45, 0.85)
        width, height = width * shrink, height * shrink
    if fault == "aspect":
        height = width * pick(rng, (0.42, 0.48))
    border = width * between(rng, 0.048, 0.075)
    plan = replace(plan, width=width, height=height, border=border)
    c = Canvas((-1.5, -1.5, width + 1.5, height + 1.5), px_per_mm)
    corner = between(rng, 1, 5) if chance(rng, 0.25) else 0.0
    if style.paper is None and fault == "border_missing":
        style = replace(style, paper=paper_white(rng))
    if style.paper is not None:
        c.fill(rounded_box(0, 0, width, height, corner), style.paper)
    ink = style.tone(mark_red(rng))
    if fault == "border_colour":
        ink = pick(rng, (style.ink, style.tone(BLUE), style.tone(GREEN)))
    if fault == "border_solid":
        c.fill(box(0, 0, width, height), ink)
        c.fill(box(border, border, width - border, height - border), style.paper or paper_white(rng))
    elif fault != "border_missing":
        draw_hatch(c, rng, plan, ink, style.paper)
    if fault in ("symbol_missing", "un_number_missing"):
        _half_inside(c, rng, style, (width, height, border), fault)
    else:
        mark_inside(c, rng, plan, style)
    corners = box(0, 0, width, height)
    return pack(c, "battery_mark", "battery_mark", corners, (width, height), px_per_mm)


def _half_inside(c: Canvas, rng: Rng, style: Style, size: tuple[float, float, float], fault: str) -> None:
    """The UN number without the symbol, or the symbol without the number."""
    width, height, border = size
    room = height - 2 * border
    if fault == "symbol_missing":
        tall = room * between(rng, 0.13, 0.2)
        y = height / 2 if chance(rng, 0.3) else height - border - room * 0.1 - tall / 2
        c.text(width / 2, y, "UN3480", tall, style.font, style.ink, max_width=width * 0.8)
        return
    group = min(room * between(rng, 0.55, 0.7), width * 0.5)
    battery_group(c.placed(width / 2, border + room * 0.45, group / 104), rng, style.ink, style.paper)
