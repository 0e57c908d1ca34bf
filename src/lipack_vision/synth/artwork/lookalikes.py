"""Diamonds that are no transport label: GHS, environment, limited quantity, stripes, NFPA 704."""

from __future__ import annotations

from collections.abc import Callable

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import arc, box, clip_convex, diamond, points, rounded_box, star
from lipack_vision.synth.artwork.frames import HALF, choose_frame, cut_line, in_field, inner_line, lay_ground
from lipack_vision.synth.artwork.styles import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    Rng,
    between,
    chance,
    choose_style,
    pick,
)
from lipack_vision.synth.artwork.symbols import flame, gas_cylinder, oxidizer, skull
from lipack_vision.synth.artwork.symbols_scenes import (
    corrosion,
    exclamation,
    exploding_bomb,
    fish_and_tree,
    health_hazard,
)

Symbol = Callable[[Canvas, Rng, Paint, Paint], None]


def _bare_flame(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    flame(c, rng, ink, ground, bar=chance(rng, 0.6))


GHS: dict[str, Symbol] = {
    "ghs01": exploding_bomb,
    "ghs02": _bare_flame,
    "ghs03": oxidizer,
    "ghs04": gas_cylinder,
    "ghs05": corrosion,
    "ghs06": skull,
    "ghs07": exclamation,
    "ghs08": health_hazard,
    "ghs09": fish_and_tree,
}
"""The pictograms of GHS by kind."""
WIDE = ("ghs01", "ghs04", "ghs05", "ghs09")
"""Kinds whose drawing is wide and low."""


def _finish(c: Canvas, kind: str, side: float, px_per_mm: float) -> Artwork:
    return pack(c, kind, None, diamond(HALF), (side, side), px_per_mm)


def draw_ghs(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A red-framed white diamond with a black symbol."""
    style = choose_style(rng, direct=0.05, grey=0.06)
    side = between(rng, 18, 60) if chance(rng, 0.6) else between(rng, 60, 130)
    c = Canvas((-HALF - 2, -HALF - 2, HALF + 2, HALF + 2), px_per_mm * side / 100)
    red = style.tone(pick(rng, ((222, 22, 28), (236, 40, 36), (196, 20, 36))))
    c.fill(diamond(HALF), red)
    c.fill(diamond(HALF - between(rng, 7, 13)), style.paper)
    size = between(rng, 0.54, 0.66)
    if kind in WIDE:
        # Wide low drawings reach into the side corners.
        size *= 1.3
    GHS[kind](c.placed(0, between(rng, -3, 3), size), rng, style.ink, style.paper)
    return _finish(c, kind, side, px_per_mm)


def draw_environmental(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The mark of environmentally hazardous substances: fish and tree, black on white."""
    style = choose_style(rng, direct=0.1, grey=0.05)
    frame = choose_frame(rng, style, coloured=False)
    c = frame.canvas(px_per_mm)
    lay_ground(c, frame, style.paper)
    inner_line(c, frame, style.ink, style.ink)
    if frame.inner_width <= 0 or chance(rng, 0.3):
        cut_line(c, frame, style.ink)
    fish_and_tree(c.placed(0, between(rng, -4, 4), between(rng, 0.68, 0.82)), rng, style.ink, style.paper)
    return _finish(c, kind, frame.side_mm, px_per_mm)


def draw_limited_quantity(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Black top and bottom corner, white middle, with a Y for air."""
    style = choose_style(rng, direct=0.2, grey=0.03)
    side = pick(rng, (100.0, 100.0, 50.0, between(rng, 50, 130)))
    square = style.paper is not None and chance(rng, 0.3)
    reach = HALF + (between(rng, 2, 12) if square else 1.5)
    c = Canvas((-reach, -reach, reach, reach), px_per_mm * side / 100)
    if square:
        c.fill(box(-reach + 0.5, -reach + 0.5, reach - 0.5, reach - 0.5), style.paper)
    elif style.paper is not None:
        c.fill(diamond(HALF), style.paper)
    line = between(rng, 1.8, 4)
    c.fill([diamond(HALF), diamond(HALF - line * 1.41)], style.ink)
    depth = HALF * between(rng, 0.36, 0.48)
    for top, bottom in ((-HALF, -depth), (depth, HALF)):
        c.fill(in_field(box(-HALF, top, HALF, bottom), HALF), style.ink)
    if chance(rng, 0.4):
        c.text(0, 0, "Y", between(rng, 26, 36), style.font, style.ink, stretch=style.stretch)
    elif chance(rng, 0.25):
        c.text(0, 0, f"UN {int(rng.integers(1001, 3550))}", 12, style.font, style.ink, stretch=style.stretch)
    return _finish(c, kind, side, px_per_mm)


def draw_excepted_quantity(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The E mark: hatched square border, E in a circle, class under it."""
    style = choose_style(rng, direct=0.1, grey=0.05)
    colour: Colour = style.tone(RED) if chance(rng, 0.7) else style.ink
    side = between(rng, 90, 110)
    c = Canvas((-1, -1, 101, 101), px_per_mm * side / 100)
    if style.paper is not None:
        c.fill(box(0, 0, 100, 100), style.paper)
    edge = between(rng, 5, 9)
    count = int(rng.integers(10, 17))
    for k in range(-count, count + 1):
        x = k * 100 / count
        shape = points((x, 0), (x + 50 / count, 0), (x + 100 + 50 / count, 100), (x + 100, 100))
        c.fill(clip_convex(shape, box(0, 0, 100, 100)), colour)
    c.fill(box(edge, edge, 100 - edge, 100 - edge), style.paper)
    c.stroke(arc(50, 40, 22, 22), between(rng, 2, 4), colour, closed=True)
    c.text(50, 40, "E", 24, style.font, colour, stretch=style.stretch)
    c.text(50, 72, pick(rng, ("*", "9", "3", "6.1", "8")), 7, style.font, style.ink)
    c.text(50, 84, pick(rng, ("**", "SHIPPER", "ACME CHEMICALS")), 4, style.font, style.ink)
    return pack(c, kind, None, box(0, 0, 100, 100), (side, side), px_per_mm)


def draw_striped_diamond(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Diamonds of plain stripes that resemble classes 4.1 and 9 but lack what makes them one."""
    style = choose_style(rng, direct=0.1)
    frame = choose_frame(rng, style, coloured=False)
    c = frame.canvas(px_per_mm)
    lay_ground(c, frame, style.paper)
    colour = style.tone(pick(rng, (RED, (110, 110, 112), BLUE, GREEN, style.ink)))
    count = int(rng.integers(4, 14))
    # Seven upper stripes alone would make it a class 9 label.
    count += count == 7
    bar = 2 * HALF / (2 * count - 1)
    slant = chance(rng, 0.35)
    for k in range(count):
        left = -HALF + 2 * k * bar
        shape = box(left, -HALF, left + bar, HALF)
        if slant:
            shape = points(
                (left - HALF, -HALF),
                (left - HALF + bar, -HALF),
                (left + HALF + bar, HALF),
                (left + HALF, HALF),
            )
        clipped = in_field(shape, HALF)
        if len(clipped) > 2:
            c.fill(clipped, colour)
    if chance(rng, 0.4):
        inner_line(c, frame, style.ink, style.ink)
    return _finish(c, kind, frame.side_mm, px_per_mm)


def draw_nfpa704(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The fire diamond of NFPA 704: four coloured quarters with numbers."""
    style = choose_style(rng)
    side = between(rng, 40, 200)
    c = Canvas((-HALF - 2, -HALF - 2, HALF + 2, HALF + 2), px_per_mm * side / 100)
    c.fill(diamond(HALF), style.ink if chance(rng, 0.6) else style.paper)
    quarter = HALF / 2
    gap = between(rng, 1, 3)
    colours: tuple[Paint, ...] = (style.tone(RED), style.tone(YELLOW), style.paper, style.tone(BLUE))
    places = ((0, -quarter), (quarter, 0), (0, quarter), (-quarter, 0))
    for (x, y), colour in zip(places, colours, strict=True):
        c.fill(diamond(quarter - gap, x, y), colour)
        sign = pick(rng, ("W", "OX", "SA", "")) if y > 0 else str(int(rng.integers(5)))
        if sign:
            c.text(
                x, y, sign, between(rng, 17, 22), style.font, style.ink, stretch=style.stretch, max_width=36
            )
    return _finish(c, kind, side, px_per_mm)


def draw_plain_diamond(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Diamonds of trade: a seal, a star or a word on a plain or two-coloured ground."""
    style = choose_style(rng, direct=0.15)
    frame = choose_frame(rng, style, coloured=True)
    c = frame.canvas(px_per_mm)
    lay_ground(c, frame, style.paper)
    colours: tuple[Colour, ...] = (RED, GREEN, BLUE, YELLOW, (90, 60, 130), (230, 230, 228), (40, 40, 42))
    ground = style.tone(pick(rng, colours))
    c.fill(diamond(frame.field), ground)
    ink: Paint = style.ink if sum(ground) > 380 else (250, 250, 248)
    inner_line(c, frame, ink, ink)
    draw = float(rng.random())
    if draw < 0.4:
        word = pick(rng, ("NEW", "SALE", "QC PASS", "OK", "BIO", "PREMIUM", "STOP", "FU", "A+"))
        c.text(0, 0, word, between(rng, 16, 26), style.font, ink, stretch=style.stretch, max_width=86)
    elif draw < 0.7:
        c.fill(star(0, 0, between(rng, 26, 38), between(rng, 12, 24), int(rng.integers(4, 9))), ink)
    else:
        reach = between(rng, 16, 28)
        c.fill(rounded_box(-reach, -reach, reach, reach, between(rng, 1, reach)), ink)
    return _finish(c, kind, frame.side_mm, px_per_mm)
