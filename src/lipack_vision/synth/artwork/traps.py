"""Prints that a detector takes for marks and must not: notices, battery pictures, chemical labels, signs."""

from __future__ import annotations

import numpy as np

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.battery import battery_group
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import arc, band, box, clip_convex, diamond, points, rounded_box
from lipack_vision.synth.artwork.lookalikes import GHS, WIDE
from lipack_vision.synth.artwork.pictograms import PICTOGRAMS, aircraft_top, up_arrow
from lipack_vision.synth.artwork.styles import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    Rng,
    Style,
    between,
    chance,
    choose_style,
    pick,
)
from lipack_vision.synth.fonts import choose_font

_NOTICES = (
    "FRAGILE", "HANDLE WITH CARE", "DO NOT STACK", "HEAVY", "WARNING", "URGENT", "THIS SIDE UP", "KEEP DRY",
    "QC PASSED", "DO NOT DROP", "HOLD", "REJECTED", "CAUTION", "MAX 20 KG", "TEAM LIFT", "TOP LOAD ONLY",
    "RETURN", "OPEN THIS END", "GLASS", "SAMPLE", "PRIORITY", "STOP",
)  # fmt: skip
_BATTERY_WORDS = (
    "Li-ion 3.7V 2600mAh", "POWER BANK", "20000 mAh", "AA x 4", "BATTERY INCLUDED", "CR2032", "18650",
    "LITHIUM ION BATTERY", "12V 7Ah", "RECHARGEABLE", "48V 100Ah LiFePO4", "AGM 12V",
)  # fmt: skip
_SIGNALS = ("DANGER", "WARNING", "GEFAHR", "ACHTUNG", "")
_PRODUCTS = (
    "Ethanol",
    "Isopropanol",
    "Aceton",
    "Cleaner X7",
    "Kalilauge",
    "Thinner",
    "Bleach",
    "Adhesive 30",
)


def _done(c: Canvas, kind: str, width: float, height: float, px_per_mm: float) -> Artwork:
    return pack(c, kind, None, box(0, 0, width, height), (width, height), px_per_mm)


def draw_framed_notice(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A rectangle with a plain or hatched border around words or a handling sign; never batteries."""
    style = choose_style(rng, direct=0.15, grey=0.08)
    width = between(rng, 60, 130)
    height = width * between(rng, 0.5, 1.1)
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    colour: Colour = style.tone(pick(rng, (RED, RED, RED, ORANGE, BLUE, GREEN, style.ink)))
    if style.paper is not None:
        c.fill(rounded_box(0, 0, width, height, between(rng, 0.01, 6)), style.paper)
    edge = width * between(rng, 0.03, 0.09)
    solid = chance(rng, 0.4)
    if solid:
        c.fill([box(0, 0, width, height), box(edge, edge, width - edge, height - edge)], colour)
    elif chance(rng, 0.6):
        _hatched(c, rng, width, height, edge, colour, style.paper)
    else:
        c.fill(box(0, 0, width, height), colour)
        edge = 0.0
    ink: Paint = (252, 250, 248) if edge == 0.0 else pick(rng, (colour, style.ink))
    ground: Paint = colour if edge == 0.0 else style.paper
    _notice(c, rng, style, (edge, width, height), ink, ground)
    return _done(c, kind, width, height, px_per_mm)


def _hatched(
    c: Canvas, rng: Rng, width: float, height: float, edge: float, colour: Colour, paper: Paint
) -> None:
    period, window = edge * between(rng, 0.9, 2.2), box(0, 0, width, height)
    bar, lean = period * between(rng, 0.4, 0.65), height * pick(rng, (1.0, -1.0, 0.5))
    for k in range(int((width + abs(lean)) / period) + 2):
        x = min(0.0, -lean) + k * period
        shape = points((x + lean, 0), (x + lean + bar, 0), (x + bar, height), (x, height))
        c.fill(clip_convex(shape, window), colour)
    c.fill(box(edge, edge, width - edge, height - edge), paper)


def _notice(
    c: Canvas, rng: Rng, style: Style, frame: tuple[float, float, float], ink: Paint, ground: Paint
) -> None:
    edge, width, height = frame
    room, middle = width - 2 * edge - 6, height / 2
    word = pick(rng, _NOTICES)
    if chance(rng, 0.55):
        sign = PICTOGRAMS[pick(rng, tuple(PICTOGRAMS))]
        size = (height - 2 * edge) * between(rng, 0.5, 0.7)
        sign(c.placed(width / 2, edge + size * 0.6, size / 100), rng, ink, ground)
        middle = edge + size * 1.18 + (height - 2 * edge - size * 1.18) / 2
        tall = min((height - edge - middle) * 1.1, height * 0.16)
    else:
        tall = height * between(rng, 0.12, 0.3)
    c.text(width / 2, middle, word, max(tall, 1.5), style.font, ink, stretch=style.stretch, max_width=room)


def draw_battery_picture(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Batteries as trade prints show them: no diamond, no hatched border."""
    style = choose_style(rng, direct=0.6, grey=0.2)
    width = between(rng, 50, 120)
    height = width * between(rng, 0.6, 0.95)
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    if style.paper is not None:
        c.fill(box(0, 0, width, height), style.paper)
        if chance(rng, 0.4):
            c.stroke(box(1, 1, width - 1, height - 1), between(rng, 0.4, 1.5), style.ink, closed=True)
    draw = float(rng.random())
    if draw < 0.35:
        battery_group(c.placed(width / 2, height * 0.42, width / 200), rng, style.ink, style.paper)
    elif draw < 0.7:
        _cells(c, rng, width, height, style)
    else:
        _charge(c, rng, width, height, style)
    c.text(
        width / 2, height * 0.87, pick(rng, _BATTERY_WORDS), height * between(rng, 0.08, 0.14), style.font,
        style.ink, stretch=style.stretch, max_width=width * 0.9,
    )  # fmt: skip
    return _done(c, kind, width, height, px_per_mm)


def _cells(c: Canvas, rng: Rng, width: float, height: float, style: Style) -> None:
    """A row of upright cells."""
    count = int(rng.integers(1, 6))
    pitch = width * 0.86 / count
    colour = style.tone(pick(rng, (style.ink, BLUE, GREEN, ORANGE)))
    for k in range(count):
        x = width * 0.07 + (k + 0.15) * pitch
        c.fill(rounded_box(x, height * 0.2, x + pitch * 0.7, height * 0.74, pitch * 0.08), colour)
        c.fill(box(x + pitch * 0.22, height * 0.13, x + pitch * 0.48, height * 0.2), style.ink)


def _charge(c: Canvas, rng: Rng, width: float, height: float, style: Style) -> None:
    """The sign for a charged battery."""
    shape = rounded_box(width * 0.12, height * 0.16, width * 0.82, height * 0.72, height * 0.06)
    c.outline(shape, height * 0.045, style.ink, style.paper)
    c.fill(box(width * 0.83, height * 0.34, width * 0.89, height * 0.54), style.ink)
    colour = style.tone(pick(rng, (GREEN, RED, style.ink)))
    for k in range(int(rng.integers(1, 5))):
        x = width * (0.17 + 0.16 * k)
        c.fill(box(x, height * 0.23, x + width * 0.12, height * 0.65), colour)


def draw_chemical_label(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The label of a chemical: name, one to four GHS pictograms, signal word, small print."""
    style = choose_style(rng, grey=0.05)
    width = between(rng, 70, 160)
    height = width * between(rng, 0.45, 0.9)
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    c.fill(box(0, 0, width, height), style.paper)
    if chance(rng, 0.5):
        top = height * between(rng, 0.1, 0.2)
        c.fill(box(0, 0, width, top), style.tone(pick(rng, (BLUE, GREEN, RED, YELLOW, (90, 90, 95)))))
    c.text(
        width * 0.05, height * 0.2, pick(rng, _PRODUCTS), height * 0.11, style.font, style.ink, anchor="lm"
    )
    count = int(rng.integers(1, 5))
    half = min(height * between(rng, 0.18, 0.27), width * 0.44 / count)
    red = style.tone(pick(rng, ((222, 22, 28), (236, 40, 36), (196, 20, 36))))
    for k in range(count):
        x, y = width * 0.06 + half * (1 + 2.05 * k), height * 0.3 + half
        ghs = pick(rng, tuple(GHS))
        c.fill(diamond(half, x, y), red)
        c.fill(diamond(half * 0.86, x, y), style.paper)
        size = half / 70 * (0.74 if ghs in WIDE else 0.58)
        GHS[ghs](c.placed(x, y, size), rng, style.ink, style.paper)
    thin, y = choose_font(rng, ("regular", "condensed")), height * 0.36 + 2 * half
    signal = pick(rng, _SIGNALS)
    if signal:
        c.text(width * 0.05, y, signal, height * 0.06, style.font, style.ink, anchor="lm")
    while y < height * 0.9:
        y += height * 0.045
        length = width * between(rng, 0.5, 0.9)
        c.text(width * 0.05, y, "H315 Causes skin irritation. P280 Wear protective gloves.", height * 0.022,
               thin, style.ink, anchor="lm", max_width=length)  # fmt: skip
    return _done(c, kind, width, height, px_per_mm)


def draw_safety_sign(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Signs of halls and gates: prohibition ring, mandatory disc, warning triangle, escape route."""
    style = choose_style(rng, grey=0.04)
    side = between(rng, 50, 200)
    c = Canvas((-1, -1, 101, 101), px_per_mm * side / 100)
    form = int(rng.integers(4))
    ink: Paint = style.ink
    if form == 3 or chance(rng, 0.5):
        c.fill(rounded_box(0, 0, 100, 100, 4), style.paper)
    if form == 0:
        _drawing(c, rng, ink, style.paper)
        c.stroke(arc(50, 50, 43, 43), 9, style.tone(RED), closed=True)
        c.fill(band(20, 20, 80, 80, 9), style.tone(RED))
    elif form == 1:
        c.circle(50, 50, 47, style.tone(BLUE))
        _drawing(c, rng, (250, 250, 250), style.tone(BLUE))
    elif form == 2:
        yellow = style.tone(YELLOW)
        c.fill(points((50, 4), (98, 92), (2, 92)), ink)
        c.fill(points((50, 13), (90, 87), (10, 87)), yellow)
        c.text(50, 62, pick(rng, ("!", "!", "4", "V")), 38, style.font, ink)
    else:
        ground = style.tone(pick(rng, (GREEN, RED, BLUE)))
        c.fill(rounded_box(3, 3, 97, 97, 3), ground)
        _drawing(c, rng, (250, 250, 250), ground)
    return pack(c, kind, None, box(0, 0, 100, 100), (side, side), px_per_mm)


def _drawing(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """Something simple in the middle of a sign."""
    draw = float(rng.random())
    if draw < 0.25:
        c.fill(up_arrow(50, 25, 36, 50, 0.45, 0.4), ink)
    elif draw < 0.4:
        aircraft_top(c.placed(50, 50, 0.5), rng, ink, ground)
    elif draw < 0.7:
        PICTOGRAMS[pick(rng, tuple(PICTOGRAMS))](c.placed(50, 50, 0.5), rng, ink, ground)
    else:
        c.circle(50, 30, 8, ink)
        c.fill(rounded_box(40, 40, 60, 62, 4), ink)
        for x in (43.0, 53.0):
            c.fill(box(x, 60, x + 5, 80), ink)


def ideographs(c: Canvas, rng: Rng, x: float, y: float, size: float, count: int, ink: Paint) -> None:
    """A line of invented characters of the look of Chinese print; none of them is a character.

    Args:
        x, y: top-left corner of the first.
        size: side of the square of each.
    """
    for k in range(count):
        view = c.placed(x + k * size * 1.08, y, size / 100)
        stroke = between(rng, 7, 12)
        for _ in range(int(rng.integers(2, 5))):
            row, left = between(rng, 8, 92), between(rng, 2, 40)
            view.stroke(points((left, row), (between(rng, 60, 98), row - between(rng, 0, 6))), stroke, ink)
        for _ in range(int(rng.integers(1, 4))):
            column, top = between(rng, 12, 88), between(rng, 0, 45)
            view.stroke(points((column, top), (column, between(rng, 60, 100))), stroke, ink)
        for side in (-1.0, 1.0):
            if chance(rng, 0.55):
                bend = np.array([[50 + side * 4, 40.0], [50 + side * 22, 70], [50 + side * 46, 96]])
                view.stroke(bend, stroke, ink)
        if chance(rng, 0.35):
            view.stroke(box(18, 18, 82, between(rng, 50, 88)), stroke, ink, closed=True)
