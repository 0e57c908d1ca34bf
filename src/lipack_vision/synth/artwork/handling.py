"""Handling marks: cargo aircraft only, orientation arrows, and the pictograms of ISO 780."""

from __future__ import annotations

from collections.abc import Callable

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import box, rounded_box
from lipack_vision.synth.artwork.pictograms import PICTOGRAMS, aircraft_side, aircraft_top, up_arrow
from lipack_vision.synth.artwork.styles import Rng, Style, between, chance, choose_style, pick
from lipack_vision.synth.fonts import choose_font

_ORANGE: tuple[Colour, ...] = ((255, 130, 0), (244, 120, 32), (250, 150, 30), (236, 100, 24))
_RED: Colour = (206, 28, 34)


def draw_cargo_aircraft_only(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Cargo Aircraft Only: black on orange, 120 x 110 mm or smaller."""
    style = choose_style(rng, grey=0.05)
    factor = 1.0 if chance(rng, 0.7) else between(rng, 0.5, 1.3)
    width, height = 120.0, 110.0
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm * factor)
    orange = style.tone(pick(rng, _ORANGE))
    c.fill(rounded_box(0, 0, width, height, between(rng, 0.01, 5)), orange)
    if chance(rng, 0.45):
        inset, line = between(rng, 2, 5), between(rng, 0.6, 2)
        c.stroke(box(inset, inset, width - inset, height - inset), line, style.ink, closed=True)
    layout = pick(rng, (_cao_top_view, _cao_side_view, _cao_side_view, _cao_old))
    layout(c, rng, style, orange)
    corners = box(0, 0, width, height)
    return pack(c, kind, "cargo_aircraft_only", corners, (width * factor, height * factor), px_per_mm)


def _line(c: Canvas, style: Style, y: float, text: str, height: float, ink: Paint) -> None:
    c.text(60, y, text, height, style.font, ink, stretch=style.stretch, max_width=104)


def _forbidden(c: Canvas, rng: Rng, style: Style, orange: Colour, top: float) -> None:
    """The lower words, plain or reversed out of a black band."""
    inverse = chance(rng, 0.35)
    if inverse:
        c.fill(box(0, top - 3, 120, 110 if chance(rng, 0.5) else top + 25), style.ink)
    ink: Paint = orange if inverse else style.ink
    words = (
        ("FORBIDDEN IN", "PASSENGER AIRCRAFT") if chance(rng, 0.8) else ("FORBIDDEN IN PASSENGER", "AIRCRAFT")
    )
    for row, line in enumerate(words):
        _line(c, style, top + 5 + row * 12, line, between(rng, 6.5, 8), ink)


def _cao_top_view(c: Canvas, rng: Rng, style: Style, orange: Colour) -> None:
    if chance(rng, 0.5):
        _line(c, style, 15, "CARGO AIRCRAFT ONLY", between(rng, 8, 10), style.ink)
        plane_y, size = 49.0, 0.5
    else:
        _line(c, style, 13, "CARGO", 9, style.ink)
        _line(c, style, 70, "AIRCRAFT ONLY", 9, style.ink)
        plane_y, size = 41.0, 0.42
    angle = pick(rng, (0.0, 45.0, 90.0, 60.0))
    aircraft_top(c.placed(60, plane_y, size, angle), rng, style.ink, orange)
    _forbidden(c, rng, style, orange, 81)


def _cao_side_view(c: Canvas, rng: Rng, style: Style, orange: Colour) -> None:
    """The upper half black with the aircraft in orange, or the aircraft in black."""
    inverse = chance(rng, 0.5)
    if inverse:
        c.fill(box(6, 6, 114, 53), style.ink)
    ink: Paint = orange if inverse else style.ink
    ground: Paint = style.ink if inverse else orange
    aircraft_side(c.placed(60, 29, between(rng, 0.85, 1.0), flip=chance(rng, 0.3)), rng, ink, ground)
    _line(c, style, 64, "CARGO AIRCRAFT ONLY", between(rng, 8, 9.5), style.ink)
    _forbidden(c, rng, style, orange, 79)


def _cao_old(c: Canvas, rng: Rng, style: Style, orange: Colour) -> None:
    """The older wording, still met on stock labels."""
    _line(c, style, 14, "DANGER", between(rng, 11, 13), style.ink)
    aircraft_side(c.placed(60, 48, 0.72, flip=chance(rng, 0.5)), rng, style.ink, orange)
    _line(c, style, 75, "DO NOT LOAD IN", 8, style.ink)
    _line(c, style, 87, "PASSENGER AIRCRAFT", 8, style.ink)
    if chance(rng, 0.7):
        _line(c, style, 99, "CARGO AIRCRAFT ONLY", 6, style.ink)


_UP_WORDS = ("THIS WAY UP", "THIS SIDE UP", "UP", "THIS END UP")


def draw_orientation_arrows(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Two upright arrows over a bar, black or red, with or without border and words.

    Without a border and ground the quad is the ink's own rectangle.
    """
    style = choose_style(rng, direct=0.45, grey=0.05)
    ink: Colour = style.tone(_RED) if chance(rng, 0.4) else style.ink
    tall = chance(rng, 0.7)
    width, height = (
        (between(rng, 60, 80), between(rng, 85, 115))
        if tall
        else (between(rng, 90, 115), between(rng, 70, 90))
    )
    bordered = chance(rng, 0.5)
    c = Canvas((-1.5, -1.5, width + 1.5, height + 1.5), px_per_mm)
    inverse = style.paper is not None and chance(rng, 0.15)
    if style.paper is not None:
        c.fill(rounded_box(0, 0, width, height, between(rng, 0.01, 4)), ink if inverse else style.paper)
    drawn: Paint = style.paper if inverse else ink
    line = between(rng, 0.8, 2.6)
    inset = line / 2 if style.paper is None else between(rng, line / 2, 5)
    if bordered:
        c.stroke(box(inset, inset, width - inset, height - inset), line, drawn, closed=True)
    pad = inset + line / 2 + between(rng, 3, 8) if bordered or style.paper is not None else 0.0
    _arrows(c, rng, style, drawn, (pad, pad, width - pad, height - pad), None if inverse else style.paper)
    return pack(c, kind, "orientation_arrows", box(0, 0, width, height), (width, height), px_per_mm)


def _arrows(
    c: Canvas, rng: Rng, style: Style, ink: Paint, room: tuple[float, float, float, float], ground: Paint
) -> None:
    x0, y0, x1, y1 = room
    wide, tall = x1 - x0, y1 - y0
    words = pick(rng, _UP_WORDS) if chance(rng, 0.35) else None
    if words:
        height = tall * between(rng, 0.08, 0.13)
        c.text(
            (x0 + x1) / 2,
            y1,
            words,
            height,
            style.font,
            ink,
            anchor="mb",
            stretch=style.stretch,
            max_width=wide,
        )
        tall -= height * 1.6
    bar = tall * between(rng, 0.05, 0.1)
    c.fill(box(x0, y0 + tall - bar, x1, y0 + tall), ink)
    gap = tall * between(rng, 0.05, 0.12)
    arrow_tall = tall - bar - gap
    arrow_wide = wide * between(rng, 0.36, 0.46)
    head, shaft = between(rng, 0.32, 0.55), between(rng, 0.3, 0.56)
    hollow = chance(rng, 0.1)
    for x in (x0 + arrow_wide / 2, x1 - arrow_wide / 2):
        shape = up_arrow(x, y0, arrow_wide, arrow_tall, head, shaft)
        if hollow:
            c.outline(shape, 2, ink, ground)
        else:
            c.fill(shape, ink)


_WORDS: dict[str, tuple[str, ...]] = {
    "fragile": ("FRAGILE", "HANDLE WITH CARE"),
    "keep_dry": ("KEEP DRY",),
    "stack_limit": ("STACK LIMIT",),
    "no_hooks": ("NO HOOKS", "USE NO HOOKS"),
    "temperature_limits": ("TEMPERATURE LIMITS",),
    "recycling": ("RECYCLE", "PAP 20", "20 PAP"),
    "weee_bin": ("Li-ion",),
}


def draw_pictogram(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """One handling or recycling pictogram: a look-alike without a label."""
    style = choose_style(rng, direct=0.6, grey=0.05)
    ink: Colour = style.tone(_RED) if chance(rng, 0.2) else style.ink
    width = between(rng, 35, 100)
    words = pick(rng, _WORDS[kind]) if chance(rng, 0.25) else None
    height = width * (1.25 if words else pick(rng, (1.0, 1.0, 1.2)))
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    if style.paper is not None:
        c.fill(box(0, 0, width, height), style.paper)
    bordered = chance(rng, 0.5)
    line = width * between(rng, 0.012, 0.03)
    if bordered:
        c.stroke(box(line, line, width - line, height - line), line, ink, closed=True)
    drawing: Callable[[Canvas, Rng, Paint, Paint], None] = PICTOGRAMS[kind]
    middle = height * (0.43 if words else 0.5)
    drawing(c.placed(width / 2, middle, width / 100 * (0.76 if bordered else 0.9)), rng, ink, style.paper)
    if words:
        font = choose_font(rng, ("bold", "condensed"))
        c.text(width / 2, height * 0.89, words, width * 0.1, font, ink, max_width=width * 0.86)
    return pack(c, kind, None, box(0, 0, width, height), (width, height), px_per_mm)
