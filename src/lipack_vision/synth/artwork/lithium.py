"""The marks of lithium batteries: label of model 9, label of model 9A, and the battery mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.battery import battery_group
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import box, clip_convex, diamond, points, rounded_box
from lipack_vision.synth.artwork.frames import (
    HALF,
    Frame,
    choose_frame,
    cut_line,
    in_field,
    inner_line,
    lay_ground,
)
from lipack_vision.synth.artwork.styles import Rng, Style, between, chance, choose_style, pick
from lipack_vision.synth.fonts import choose_font

UN_NUMBERS: tuple[str, ...] = ("UN3480", "UN3481", "UN3090", "UN3091", "UN3551", "UN3552")
_CLASS9_WORDS = ("MISCELLANEOUS", "MISCELLANEOUS DANGEROUS GOODS", "CLASS 9", "DANGEROUS GOODS", "MISC.")
_LITHIUM_WORDS = ("LITHIUM ION BATTERIES", "LITHIUM BATTERY", "LITHIUM BATTERIES", "LITHIUM METAL BATTERIES")


def draw_class9(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Label of model 9 (``class9``) or 9A (``class9a``); they differ in the lower half only."""
    style = choose_style(rng, direct=0.10, tinted=0.06, grey=0.1)
    frame = choose_frame(rng, style, coloured=False)
    c = frame.canvas(px_per_mm)
    lay_ground(c, frame, style.paper)
    draw_stripes(c, rng, frame, style.ink)
    inner_line(c, frame, style.ink, style.ink, skip_upper=chance(rng, 0.12))
    cut_line(c, frame, style.ink)
    draw_nine(c, rng, style)
    text = middle_of_9(c, rng, style) if kind == "class9" else middle_of_9a(c, rng, style)
    size = (frame.side_mm, frame.side_mm)
    return pack(c, kind, kind, diamond(HALF), size, px_per_mm, text)


def draw_stripes(c: Canvas, rng: Rng, frame: Frame, ink: Paint) -> None:
    """Seven upright stripes from the upper edges down to mid height."""
    inside = chance(rng, 0.3)
    reach = frame.inner if inside else HALF - (0.0 if chance(rng, 0.5) else between(rng, 0.5, 2.5))
    # Stripes and gaps fill the diagonal: the outer stripes then end in the side corners.
    ratio = between(rng, 0.92, 1.3)
    spread = reach * pick(rng, (1.0, 1.0, 0.94, 0.88))
    gap = 2 * spread / (6 + 7 * ratio)
    stripe = gap * ratio
    foot = between(rng, -1.5, 1.0)
    for k in range(7):
        left = -spread + k * (stripe + gap)
        shape = in_field(box(left, -HALF, left + stripe, foot), reach)
        if len(shape) > 2:
            c.fill(shape, ink)


def draw_nine(
    c: Canvas,
    rng: Rng,
    style: Style,
    *,
    digit: str = "9",
    bar: bool = True,
    at: tuple[float, float] | None = None,
) -> None:
    """The underlined class number in the bottom corner, or ``at`` another place."""
    font = style.font if chance(rng, 0.6) else choose_font(rng, ("bold", "regular", "condensed"))
    height = between(rng, 8.0, 13.5)
    gap, thick = between(rng, 1.1, 2.4), between(rng, 0.9, 2.2)
    # The bar stays clear of the inner line, which closes in towards the bottom corner.
    y = min(between(rng, 40.5, 44.5), 52.0 - thick - gap - height / 2)
    x, y = (0.0, y) if at is None else at
    width = c.text(x, y, digit, height, font, style.ink, stretch=style.stretch)
    top = y + height / 2 + gap
    half = width * between(rng, 0.45, 0.75)
    if bar:
        c.fill(box(x - half, top, x + half, top + thick), style.ink)


def middle_of_9(c: Canvas, rng: Rng, style: Style) -> str | None:
    """Optional words or a UN number in the lower half of model 9; returns the UN number."""
    draw = float(rng.random())
    if draw < 0.5:
        return None
    if draw < 0.68:
        number = pick(rng, UN_NUMBERS) if chance(rng, 0.5) else f"UN{int(rng.integers(1000, 3560))}"
        shown = number if chance(rng, 0.6) else f"UN {number[2:]}"
        height = between(rng, 7, 12)
        if chance(rng, 0.25):
            plate = box(-31, 8 - height, 31, 8 + height)
            c.outline(plate, 1.0, style.ink, style.paper)
            shown = number[2:]
        c.text(0, 8, shown, height, style.font, style.ink, stretch=style.stretch, max_width=58)
        return number
    word = pick(rng, _CLASS9_WORDS) if draw < 0.9 else pick(rng, _LITHIUM_WORDS)
    lines = word.split(" ", 1) if len(word) > 15 else [word]
    height = between(rng, 4.5, 8)
    for row, line in enumerate(lines):
        c.text(
            0,
            10 + row * height * 1.4,
            line,
            height,
            style.font,
            style.ink,
            stretch=style.stretch,
            max_width=84 - 20 * row,
        )
    return None


def middle_of_9a(c: Canvas, rng: Rng, style: Style) -> str | None:
    """The battery group, at times small words above it; model 9A has no text by rule."""
    words = chance(rng, 0.08)
    width = between(rng, 30, 44) * (0.85 if words else 1.0)
    y = between(rng, 15.5, 19.5) + (4.0 if words else 0.0)
    view = c.placed(between(rng, -1.5, 1.5), y, width / 160)
    battery_group(view, rng, style.ink, style.paper)
    if words:
        c.text(0, 5, pick(rng, _LITHIUM_WORDS), between(rng, 3, 4.5), style.font, style.ink, max_width=76)
    return None


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """Measures of a battery mark in mm."""

    width: float
    height: float
    border: float
    numbers: tuple[str, ...]
    phone: str | None
    line_box: bool


_SIZES = ((100.0, 100.0), (100.0, 70.0), (120.0, 110.0), (105.0, 74.0))


def plan_mark(rng: Rng) -> MarkPlan:
    """Draw the measures and words of a battery mark."""
    old = chance(rng, 0.45)
    width, height = _SIZES[(2 if old else 0) + int(chance(rng, 0.4))]
    if chance(rng, 0.12):
        factor = between(rng, 0.6, 1.4)
        width, height = width * factor, height * factor
    count = 1 if chance(rng, 0.72) else int(rng.integers(2, 4))
    order = rng.permutation(len(UN_NUMBERS) if not old else 4)[:count]
    phone = None
    if old or chance(rng, 0.15):
        phone = _phone(rng)
    border = width * between(rng, 0.048, 0.075)
    return MarkPlan(
        width, height, border, tuple(UN_NUMBERS[int(i)] for i in sorted(order)), phone, chance(rng, 0.4)
    )


def _phone(rng: Rng) -> str:
    lead = pick(
        rng, ("For more information call ", "Tel: ", "TEL ", "For more information, call: ", "Phone: ", "")
    )
    digits = "".join(str(int(d)) for d in rng.integers(0, 10, 11))
    shapes = (
        f"+{digits[:2]} {digits[2:5]} {digits[5:]}", f"+1-{digits[:3]}-{digits[3:6]}-{digits[6:10]}",
        f"+86-755-{digits[:8]}", f"{digits[:4]}-{digits[4:]}", "xx.xxx.xxxxxx", "",
    )  # fmt: skip
    number = pick(rng, shapes)
    return (lead + number).strip() or "+49 40 " + digits[:7]


def draw_battery_mark(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The battery mark (lithium battery mark until 2024): red hatched border, group, UN numbers."""
    style = choose_style(rng, direct=0.2, grey=0.06)
    plan = plan_mark(rng)
    c = Canvas((-1.5, -1.5, plan.width + 1.5, plan.height + 1.5), px_per_mm)
    corner = between(rng, 1, 5) if chance(rng, 0.25) else 0.0
    if style.paper is not None:
        c.fill(rounded_box(0, 0, plan.width, plan.height, corner), style.paper)
    # A direct print has one ink for border and symbol.
    red = style.tone(mark_red(rng)) if style.paper is not None or chance(rng, 0.4) else style.ink
    draw_hatch(c, rng, plan, red, style.paper)
    mark_inside(c, rng, plan, style)
    text = " ".join(plan.numbers)
    corners = box(0, 0, plan.width, plan.height)
    return pack(c, kind, "battery_mark", corners, (plan.width, plan.height), px_per_mm, text)


def mark_red(rng: Rng) -> Colour:
    """The red of one printer's hatching."""
    reds: tuple[Colour, ...] = ((226, 28, 36), (238, 50, 40), (200, 24, 40), (236, 70, 60), (180, 20, 30))
    return pick(rng, reds)


def draw_hatch(c: Canvas, rng: Rng, plan: MarkPlan, red: Paint, paper: Paint) -> None:
    """The border of slanting bars, each bar cut at the border's rectangles."""
    width, height, border = plan.width, plan.height, plan.border
    slope = float(np.tan(np.radians(between(rng, 35, 55)))) * (1 if chance(rng, 0.85) else -1)
    period = border * between(rng, 0.75, 1.9)
    bar = period * between(rng, 0.42, 0.66)
    inset = 0.0 if chance(rng, 0.75) else between(rng, 0.6, 2.5)
    window = box(inset, inset, width - inset, height - inset)
    shift = height / slope
    first = min(0.0, shift) - period
    for k in range(int((width + abs(shift)) / period) + 3):
        x = first + k * period
        shape = points((x, 0), (x + bar, 0), (x + bar - shift, height), (x - shift, height))
        shape[:, 0] += max(0.0, shift) if slope < 0 else 0.0
        c.fill(clip_convex(shape, window), red)
    inner = (border + inset, border + inset, width - border - inset, height - border - inset)
    c.fill(box(*inner), paper)
    if plan.line_box:
        line = between(rng, 0.3, 1.0)
        c.stroke(box(*inner), line, red, closed=True)
        c.stroke(window, line, red, closed=True)


def mark_inside(c: Canvas, rng: Rng, plan: MarkPlan, style: Style) -> None:
    """Battery group on top, UN numbers under it, phone line last."""
    width, room = plan.width, plan.height - 2 * plan.border
    phone = room * between(rng, 0.05, 0.08) if plan.phone else 0.0
    foot = room * between(rng, 0.04, 0.09)
    # Heights are shared out from the bottom: phone line, rows of numbers, and the rest for the group.
    rows = 1 if len(plan.numbers) == 1 or chance(rng, 0.55) else len(plan.numbers)
    number = room * (between(rng, 0.13, 0.2) if rows == 1 else between(rng, 0.24, 0.32) / rows)
    gap = number * between(rng, 0.2, 0.35)
    free = room - foot - phone * 1.6 - rows * (number + gap)
    group_height = min(free * between(rng, 0.8, 0.93), width * 0.5)
    top = plan.border + (free - group_height) * between(rng, 0.4, 0.7)
    place = c.placed(width / 2, top + group_height / 2, group_height / 104)
    battery_group(place, rng, style.ink, style.paper)
    spaced = chance(rng, 0.3)
    names = [f"UN {n[2:]}" if spaced else n for n in plan.numbers]
    lines = names if rows > 1 else [pick(rng, (", ", " / ", "  ", " & ")).join(names)]
    y = plan.border + free + gap * 0.5 + number / 2
    for line in lines:
        c.text(
            width / 2, y, line, number, style.font, style.ink, stretch=style.stretch, max_width=width * 0.8
        )
        y += number + gap
    if plan.phone:
        font = style.font if chance(rng, 0.5) else choose_font(rng, "regular")
        bottom = plan.height - plan.border - foot
        c.text(width / 2, bottom, plan.phone, phone, font, style.ink, anchor="mb", max_width=width * 0.82)
