"""Flat prints and stickers that are no mark: codes, shipping labels, warning stripes, trade prints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import arc, box, clip_convex, diamond, points, rounded_box, star
from lipack_vision.synth.artwork.styles import (
    YELLOW,
    Rng,
    Style,
    between,
    chance,
    choose_style,
    coloured_ink,
    pick,
)
from lipack_vision.synth.fonts import choose_font

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_BRANDS = (
    "Voltara",
    "NORDEX",
    "Kinpow",
    "E-CELL",
    "SUNRISE",
    "Lumio",
    "POWERMAX",
    "Teklon",
    "AVIDO",
    "GreenVolt",
)
_CLAIMS = (
    "ENERGY STORAGE",
    "Power for life",
    "LITHIUM BATTERY PACK",
    "SMART CHARGER",
    "Quality first",
    "48V 100Ah",
)
_SYLLABLES = (
    "ka", "mer", "to", "vi", "lan", "er", "sol", "te", "no", "rix", "pa", "lo", "den", "co", "qua", "mi",
    "bo",
)  # fmt: skip
_SMALL_PRINT = ("www.{}.com", "{} GmbH", "recyclable", "{} procurement", "4 bags of 20", "Group of {}")
_STREETS = ("Harbour Road", "Industrial Park", "Main Street", "Lindenweg", "Longhua District", "Rue du Port")
_CITIES = ("Shenzhen", "Hamburg", "Rotterdam", "Memphis TN", "Leipzig", "Lyon", "Ningbo", "Felixstowe")


def _digits(rng: Rng, count: int) -> str:
    return "".join(str(int(d)) for d in rng.integers(0, 10, count))


def _word(rng: Rng, low: int, high: int) -> str:
    return "".join(_LETTERS[int(i)] for i in rng.integers(0, len(_LETTERS), int(rng.integers(low, high))))


def _sheet(width: float, height: float, px_per_mm: float, paper: Paint) -> Canvas:
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    if paper is not None:
        c.fill(box(0, 0, width, height), paper)
    return c


def _done(c: Canvas, kind: str, width: float, height: float, px_per_mm: float) -> Artwork:
    return pack(c, kind, None, box(0, 0, width, height), (width, height), px_per_mm)


def _bars(c: Canvas, rng: Rng, x: float, y: float, width: float, height: float, ink: Paint) -> None:
    """Bars of a linear code, one to four modules wide."""
    widths = rng.integers(1, 5, int(rng.integers(36, 80)))
    cells = np.repeat(np.arange(len(widths)) % 2 == 0, widths)[None]
    c.dark_tiles(cells, x, y, width, height, ink)


def draw_barcode(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A linear barcode with its digits."""
    style = choose_style(rng, direct=0.4)
    width = between(rng, 40, 120)
    height = width * between(rng, 0.25, 0.6)
    c = _sheet(width, height, px_per_mm, style.paper)
    legible = chance(rng, 0.8)
    margin = width * 0.06
    _bars(
        c,
        rng,
        margin,
        margin,
        width - 2 * margin,
        height - margin * (2.6 if legible else 2) - 3 * legible,
        style.ink,
    )
    if legible:
        font = choose_font(rng, ("regular", "mono"))
        size = min(5.0, height * 0.12)
        text = _digits(rng, int(rng.integers(10, 19)))
        c.text(
            width / 2, height - margin * 0.5, text, size, font, style.ink, anchor="mb", max_width=width * 0.9
        )
    return _done(c, kind, width, height, px_per_mm)


def _qr_cells(rng: Rng, size: int) -> npt.NDArray[np.bool_]:
    """Random modules with the three finder patterns and the timing lines of a QR code."""
    cells = rng.random((size, size)) < 0.48
    cells[6, ::2], cells[6, 1::2], cells[::2, 6], cells[1::2, 6] = True, False, True, False
    finder = np.ones((7, 7), bool)
    finder[1:6, 1:6] = False
    finder[2:5, 2:5] = True
    for row, column in ((0, 0), (0, size - 7), (size - 7, 0)):
        cells[max(0, row - 1) : row + 8, max(0, column - 1) : column + 8] = False
        cells[row : row + 7, column : column + 7] = finder
    return cells


def _qr(c: Canvas, rng: Rng, x: float, y: float, side: float, ink: Paint) -> None:
    c.dark_tiles(_qr_cells(rng, int(rng.integers(5, 11)) * 4 + 1), x, y, side, side, ink)


def draw_qr(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A square like a QR code; it holds no message."""
    style = choose_style(rng, direct=0.35)
    side = between(rng, 15, 80)
    c = _sheet(side, side, px_per_mm, style.paper)
    _qr(c, rng, side * 0.08, side * 0.08, side * 0.84, style.ink)
    return _done(c, kind, side, side, px_per_mm)


def draw_zebra(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Stripes: warning tape, black and white patches, hatched panels, no more."""
    style = choose_style(rng, direct=0.15)
    tape = chance(rng, 0.5)
    width = between(rng, 60, 220) if tape else between(rng, 30, 120)
    height = between(rng, 20, 50) if tape else between(rng, 30, 100)
    ground = style.tone(YELLOW) if tape and chance(rng, 0.6) else style.paper
    c = _sheet(width, height, px_per_mm, ground)
    ink = style.tone((214, 30, 34)) if chance(rng, 0.25) else style.ink
    lean = height * pick(rng, (0.0, 1.0, -1.0, 0.6)) if not tape else height * pick(rng, (1.0, -1.0))
    period = between(rng, 6, 30)
    share = between(rng, 0.35, 0.65)
    window = box(0, 0, width, height)
    for k in range(int((width + abs(lean)) / period) + 2):
        x = min(0.0, -lean) + k * period
        shape = points(
            (x + lean, 0), (x + lean + period * share, 0), (x + period * share, height), (x, height)
        )
        clipped = clip_convex(shape, window)
        if len(clipped) > 2:
            c.fill(clipped, ink)
    return _done(c, kind, width, height, px_per_mm)


def _address(rng: Rng) -> tuple[str, ...]:
    return (
        f"{_word(rng, 4, 9)} {pick(rng, ('GmbH', 'Co., Ltd.', 'Inc.', 'BV', 'SAS'))}",
        f"{int(rng.integers(1, 999))} {pick(rng, _STREETS)}",
        f"{_digits(rng, 5)} {pick(rng, _CITIES)}",
    )


def draw_shipping_label(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A carrier's sticker: addresses, a barcode, routing codes, at times a QR code."""
    style = choose_style(rng)
    width, height = pick(rng, ((100.0, 150.0), (105.0, 148.0), (100.0, 100.0), (148.0, 105.0), (80.0, 60.0)))
    c = _sheet(width, height, px_per_mm, style.paper)
    thin = choose_font(rng, ("regular", "condensed"))
    pad, y, row = 5.0, 6.0, height * 0.032
    for block in ("FROM:", "TO:"):
        for line in (block, *_address(rng)):
            c.text(pad, y, line, row, style.font if line == block else thin, style.ink, anchor="lt")
            y += row * 1.7
        y += row * 0.6
        c.stroke(points((pad, y - row * 0.3), (width - pad, y - row * 0.3)), 0.5, style.ink)
    if chance(rng, 0.6):
        side = min(width * 0.24, y - 10)
        _qr(c, rng, width - pad - side, 5, side, style.ink)
    code = f"{_word(rng, 2, 4)} {_digits(rng, 3)}"
    c.text(pad, y + 2, code, height * 0.07, style.font, style.ink, anchor="lt", stretch=style.stretch)
    if chance(rng, 0.5):
        c.fill(box(width * 0.72, y + 1, width - pad, y + height * 0.09), style.ink)
        c.text(width * 0.835, y + height * 0.05, _word(rng, 1, 3), height * 0.05, style.font, style.paper)
    y += height * 0.13
    bottom = height - height * 0.09
    if bottom - y > 4:
        _bars(c, rng, pad + 4, y, width - 2 * pad - 8, bottom - y, style.ink)
    c.text(
        width / 2,
        height - 3,
        _digits(rng, 16),
        height * 0.028,
        thin,
        style.ink,
        anchor="mb",
        max_width=width * 0.8,
    )
    return _done(c, kind, width, height, px_per_mm)


def _logo(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A made-up trade sign in a box from -50 to 50."""
    form = int(rng.integers(5))
    if form == 0:
        c.fill([arc(0, 0, 48, 48), arc(10, 0, 30, 34)], ink)
    elif form == 1:
        c.fill(star(0, 0, 50, between(rng, 16, 34), int(rng.integers(4, 10))), ink)
    elif form == 2:
        for k in range(3):
            c.fill(rounded_box(-48 + 33 * k, 30 - 28 * k, -22 + 33 * k, 48, 3), ink)
    elif form == 3:
        c.fill([diamond(50), diamond(between(rng, 18, 36))], ink)
    else:
        c.fill(rounded_box(-50, -50, 50, 50, between(rng, 4, 40)), ink)
        c.fill(points((8, -42), (-26, 8), (-2, 8), (-10, 42), (28, -10), (4, -10)), ground)


def draw_brand_print(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A brand with a logo and a claim, printed on the board or on a sticker."""
    style = choose_style(rng, direct=0.8)
    colour: Colour = coloured_ink(rng) if chance(rng, 0.5) else style.ink
    width = between(rng, 90, 260)
    height = width * between(rng, 0.24, 0.45)
    c = _sheet(width, height, px_per_mm, style.paper)
    size = height * between(rng, 0.5, 0.85)
    _logo(c.placed(size * 0.6, height / 2, size / 100), rng, colour, style.paper)
    font = choose_font(rng, ("bold", "serif", "condensed"))
    left = size * 1.3
    room = width - left - 3
    claim = pick(rng, _CLAIMS) if chance(rng, 0.6) else None
    name_y = height * (0.4 if claim else 0.5)
    c.text(left, name_y, pick(rng, _BRANDS), height * 0.36, font, colour, anchor="lm", max_width=room)
    if claim:
        c.text(
            left,
            height * 0.78,
            claim,
            height * 0.13,
            choose_font(rng, "regular"),
            colour,
            anchor="lm",
            max_width=room,
        )
    return _done(c, kind, width, height, px_per_mm)


def draw_ring_print(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """A word with letters in a ring beside, before or above it: trade print that resembles a UN mark."""
    style = choose_style(rng, direct=0.8)
    colour: Colour = coloured_ink(rng) if chance(rng, 0.5) else style.ink
    font = choose_font(rng, ("bold", "regular", "condensed", "serif"))
    word = "".join(pick(rng, _SYLLABLES) for _ in range(int(rng.integers(2, 5))))
    shown = pick(rng, (word, word.upper(), word.capitalize()))
    ring = between(rng, 12, 60)
    above = chance(rng, 0.2)
    width = ring * between(rng, 1.6, 3) if above else ring * between(rng, 2.6, 6)
    height = ring * (1.7 if above else 1.1)
    c = _sheet(width, height, px_per_mm, style.paper)
    radius = ring / 2 * between(rng, 0.8, 1)
    middle = (width / 2, ring * 0.55) if above else (ring * 0.55, ring * 0.55)
    hole = radius * between(rng, 0.78, 0.95)
    c.fill([arc(*middle, radius, radius), arc(*middle, hole, hole)], colour)
    inside = shown[: int(rng.integers(1, 4))]
    c.text(*middle, inside, radius * between(rng, 0.6, 1), font, colour, max_width=hole * 1.5)
    rest = shown[len(inside) :] if chance(rng, 0.5) else shown
    small = chance(rng, 0.5)
    if above:
        c.text(width / 2, ring * 1.35, rest, ring * 0.4, font, colour, max_width=width * 0.95)
    else:
        left, room = ring * 1.15, width - ring * 1.2
        c.text(
            left, ring * (0.42 if small else 0.55), rest, ring * between(rng, 0.35, 0.6), font, colour,
            anchor="lm", max_width=room,
        )  # fmt: skip
        if small:
            line = pick(rng, _SMALL_PRINT).format(word)
            c.text(left, ring * 0.9, line, ring * 0.16, font, colour, anchor="lm", max_width=room)
    return _done(c, kind, width, height, px_per_mm)


def _carton_lines(rng: Rng) -> list[str]:
    weight = between(rng, 2, 29)
    lines = [
        f"ITEM NO.: {_word(rng, 2, 4)}-{_digits(rng, 4)}",
        f"QTY: {int(rng.integers(1, 200))} PCS",
        f"N.W.: {weight:.1f} KGS",
        f"G.W.: {weight * between(rng, 1.05, 1.3):.1f} KGS",
        f"MEAS: {int(rng.integers(20, 80))}x{int(rng.integers(20, 60))}x{int(rng.integers(10, 60))} CM",
        f"C/NO.: {int(rng.integers(1, 99))} OF {int(rng.integers(99, 300))}",
        f"P.O. {_digits(rng, 7)}",
        f"LOT {_digits(rng, 6)}",
        pick(rng, ("MADE IN CHINA", "MADE IN GERMANY", "MADE IN VIETNAM", "MADE IN KOREA")),
    ]
    first = int(rng.integers(0, 4))
    return lines[first : first + int(rng.integers(2, 7))] or lines[:2]


def draw_carton_data(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Lines of shipping data as printed on cartons: quantity, weights, measures, origin."""
    style: Style = choose_style(rng, direct=0.8)
    lines = _carton_lines(rng)
    height = between(rng, 4, 13)
    width = height * between(rng, 12, 17)
    total = len(lines) * height * 1.7 + height
    c = _sheet(width, total, px_per_mm, style.paper)
    for k, line in enumerate(lines):
        y = height * (1.3 + 1.7 * k)
        c.text(
            height * 0.5,
            y,
            line,
            height,
            style.font,
            style.ink,
            anchor="lm",
            stretch=style.stretch,
            max_width=width - height,
        )
    if chance(rng, 0.2):
        c.stroke(box(0.5, 0.5, width - 0.5, total - 0.5), between(rng, 0.5, 1.2), style.ink, closed=True)
    return _done(c, kind, width, total, px_per_mm)
