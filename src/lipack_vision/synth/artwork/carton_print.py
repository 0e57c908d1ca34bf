"""What every carton may carry in print: the maker's certificate and panels of text."""

from __future__ import annotations

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import arc, band, box, rounded_box
from lipack_vision.synth.artwork.styles import Rng, Style, between, chance, choose_style, pick

_CERTIFIED = (
    ("BOX CERTIFICATE", "THIS SINGLEWALL BOX", "MANUFACTURED BY"),
    ("BOX MANUFACTURER'S", "CERTIFICATE", "DOUBLEWALL BOX MEETS"),
    ("BOX CERTIFICATE", "THIS BOX MEETS ALL", "CONSTRUCTION REQ."),
)
_MEASURES = (
    ("EDGE CRUSH TEST", ("32", "44", "48", "51", "71"), "LBS PER IN"),
    ("BURSTING TEST", ("125", "200", "275", "350"), "LBS PER SQ IN"),
    ("MIN COMB WT FACINGS", ("84", "92", "138", "180"), "LBS PER M SQ FT"),
    ("SIZE LIMIT", ("75", "85", "95", "105"), "INCHES"),
    ("GROSS WT LIMIT", ("65", "80", "95", "120"), "LBS"),
)
_MAKERS = ("CENTRAL CONTAINER", "NORTH PAPER CO", "VALLEY CORRUGATED", "PACKAGING GROUP", "BOARD & BOX INC")
_TOWNS = ("GILROY, CA", "DAYTON, OH", "AUSTIN, TX", "LILLE 59", "KASSEL", "GENT", "OSLO")
_SENTENCES = (
    "KEEP AWAY FROM HEAT AND OPEN FLAME",
    "INSPECT CONTENTS UPON RECEIPT",
    "DO NOT ACCEPT IF SEAL IS BROKEN",
    "Conserver dans un endroit sec",
    "Vor Naesse schuetzen und kuehl lagern",
    "RECYCLED FIBRE 80 % MIN",
    "Store between 5 and 25 degrees",
    "QTY 24   REF 1107-B   LOT 0093",
    "Net weight 12.5 kg   Gross 13.1 kg",
    "MADE IN PORTUGAL",
)


def draw_box_certificate(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """The certificate of the carton's maker: lines of small print in a ring, mostly straight on the board."""
    style = choose_style(rng, direct=0.9, tinted=0.3)
    width = between(rng, 45, 80)
    height = width * pick(rng, (1.0, 1.0, 1.45, 1.6))
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    _ring(c, rng, style, width, height)
    x, y, line = width / 2, height * 0.14, height * between(rng, 0.045, 0.06)
    # Words fit into the ring, which is narrow at its top and bottom.
    lines = [*pick(rng, _CERTIFIED)]
    for name, values, unit in _MEASURES:
        if chance(rng, 0.75):
            lines += [name, f"{pick(rng, values)} {unit}"]
    lines += [pick(rng, _MAKERS), pick(rng, _TOWNS)]
    step = (height - 2 * y) / len(lines)
    for number, words in enumerate(lines):
        level = y + (number + 0.5) * step
        room = width * 0.86 * (1 - (2 * level / height - 1) ** 2) ** 0.5
        c.text(x, level, words, min(line, step * 0.75), style.font, style.ink, max_width=room)
    return pack(c, kind, None, box(0, 0, width, height), (width, height), px_per_mm)


def _ring(c: Canvas, rng: Rng, style: Style, width: float, height: float) -> None:
    rx, ry = width / 2, height / 2
    outline = arc(rx, ry, rx, ry)
    if style.paper is not None:
        c.fill(outline, style.paper)
    heavy = width * between(rng, 0.015, 0.03)
    c.stroke(arc(rx, ry, rx - heavy, ry - heavy), heavy, style.ink, closed=True)
    if chance(rng, 0.6):
        inner = heavy + width * between(rng, 0.02, 0.1)
        c.stroke(arc(rx, ry, rx - inner, ry - inner), heavy / 2, style.ink, closed=True)


def draw_text_panel(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Lines of words without a picture, framed or not, at times as a table."""
    style = choose_style(rng, direct=0.5, tinted=0.3)
    width = between(rng, 50, 160)
    lines = int(rng.integers(2, 9))
    size = between(rng, 2.5, 7)
    height = size * (1.9 * lines + 1.5)
    c = Canvas((-1, -1, width + 1, height + 1), px_per_mm)
    if style.paper is not None:
        c.fill(rounded_box(0, 0, width, height, between(rng, 0.01, 4)), style.paper)
    rule = between(rng, 0.3, 1.2)
    if chance(rng, 0.5):
        frame = box(rule, rule, width - rule, height - rule)
        c.stroke(frame, rule, style.ink, closed=True)
    table = chance(rng, 0.3)
    ink: Paint = style.ink
    for number in range(lines):
        y = size * (1.5 + 1.9 * number)
        words = pick(rng, _SENTENCES)
        c.text(size, y, words, size, style.font, ink, anchor="lm", max_width=width - 2 * size)
        if table and number:
            c.fill(band(0, y - 0.95 * size, width, y - 0.95 * size, rule), ink)
    return pack(c, kind, None, box(0, 0, width, height), (width, height), px_per_mm)
