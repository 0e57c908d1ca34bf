"""Labels of the hazard classes 1 to 8, in the style of ADR and in that of US placards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lipack_vision.synth.artwork.base import Artwork, pack
from lipack_vision.synth.artwork.canvas import Canvas, Colour, Paint
from lipack_vision.synth.artwork.curves import box, diamond, rounded_diamond
from lipack_vision.synth.artwork.frames import (
    HALF,
    Frame,
    band_of_field,
    choose_frame,
    cut_line,
    in_field,
    inner_line,
    lay_ground,
)
from lipack_vision.synth.artwork.radioactive import radioactive_body
from lipack_vision.synth.artwork.styles import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    WHITE,
    YELLOW,
    Rng,
    Style,
    between,
    chance,
    choose_style,
    pick,
)
from lipack_vision.synth.artwork.symbols import biohazard, flame, gas_cylinder, oxidizer, skull
from lipack_vision.synth.artwork.symbols_scenes import corrosion, exploding_bomb

Symbol = Callable[[Canvas, Rng, Paint, Paint], None]

_YELLOW_ORANGE: Colour = (246, 190, 40)


@dataclass(frozen=True, slots=True)
class Hazard:
    """What distinguishes the label of one class.

    Attributes:
        number: class number in the bottom corner.
        upper, lower: colours of the halves; None is the paper.
        symbol: drawing in the upper half, if any.
        words: texts that US labels and placards carry across the middle; ``|`` divides lines.
        white: share printed with white symbol, words and line.
        stripes: red upright stripes over the whole field.
        big: large division number in the place of a symbol.
        symbol_mm: usual size of the symbol in model mm.
        lower_white: whether words and number in the lower half are white.
    """

    number: str
    upper: Colour | None
    lower: Colour | None
    symbol: Symbol | None
    words: tuple[str, ...]
    white: float = 0.0
    stripes: bool = False
    big: str | None = None
    symbol_mm: float = 42.0
    lower_white: bool = False


def _division(number: str, letters: str) -> Hazard:
    words = (
        *(f"EXPLOSIVES|{number}{letter}" for letter in letters),
        f"{number}{letters[0]}",
        f"EXPLOSIVE|{number}",
    )
    return Hazard("1", ORANGE, ORANGE, exploding_bomb, words, symbol_mm=56)


def _insensitive(number: str, words: tuple[str, ...]) -> Hazard:
    return Hazard("1", ORANGE, ORANGE, None, words, big=number)


_LEAKAGE = ("IN CASE OF DAMAGE OR LEAKAGE", "IMMEDIATELY NOTIFY", "PUBLIC HEALTH AUTHORITY")

HAZARDS: dict[str, Hazard] = {
    "1.1": _division("1.1", "ABDEFGJL"),
    "1.2": _division("1.2", "BDEGHJKL"),
    "1.3": _division("1.3", "CFGHJKL"),
    "1.4": _insensitive("1.4", ("S", "G", "EXPLOSIVES|D", "EXPLOSIVES|B", "C")),
    "1.5": _insensitive("1.5", ("BLASTING|AGENTS", "D", "BLASTING AGENTS|D")),
    "1.6": _insensitive("1.6", ("N", "EXPLOSIVES|N")),
    "2.1": Hazard("2", RED, RED, flame, ("FLAMMABLE|GAS", "FLAMMABLE GAS"), white=0.5),
    "2.2": Hazard(
        "2",
        GREEN,
        GREEN,
        gas_cylinder,
        ("NON-FLAMMABLE|GAS", "NON-FLAMMABLE GAS", "NON-FLAMMABLE|COMPRESSED GAS"),
        0.55,
    ),
    "2.3": Hazard("2", None, None, skull, ("POISON GAS", "TOXIC GAS", "INHALATION|HAZARD"), symbol_mm=44),
    "3": Hazard(
        "3",
        RED,
        RED,
        flame,
        ("FLAMMABLE LIQUID", "FLAMMABLE", "GASOLINE", "COMBUSTIBLE", "FUEL OIL", "FLAMMABLE|LIQUID"),
        0.5,
    ),
    "4.1": Hazard("4", None, None, flame, ("FLAMMABLE SOLID", "FLAMMABLE|SOLID"), stripes=True),
    "4.2": Hazard("4", None, RED, flame, ("SPONTANEOUSLY|COMBUSTIBLE",)),
    "4.3": Hazard("4", BLUE, BLUE, flame, ("DANGEROUS|WHEN WET", "DANGEROUS WHEN WET"), white=0.5),
    "5.1": Hazard("5.1", YELLOW, YELLOW, oxidizer, ("OXIDIZER", "OXIDIZING AGENT", "OXYGEN")),
    "5.2": Hazard("5.2", RED, YELLOW, flame, ("ORGANIC PEROXIDE", "ORGANIC|PEROXIDE")),
    "6.1": Hazard(
        "6", None, None, skull, ("POISON", "TOXIC", "INHALATION|HAZARD", "PG III", "HARMFUL"), symbol_mm=44
    ),
    "6.2": Hazard("6", None, None, biohazard, ("INFECTIOUS SUBSTANCE", "INFECTIOUS|SUBSTANCE"), symbol_mm=42),
    "8": Hazard("8", None, (16, 15, 16), corrosion, ("CORROSIVE",), symbol_mm=56, lower_white=True),
    "7a": Hazard("7", None, None, None, ("RADIOACTIVE I",)),
    "7b": Hazard("7", YELLOW, None, None, ("RADIOACTIVE II",)),
    "7c": Hazard("7", YELLOW, None, None, ("RADIOACTIVE III", "RADIOACTIVE")),
    "7e": Hazard("7", None, None, None, ("FISSILE",)),
}
"""Every class by its kind."""


def draw_hazard(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Draw the label of one hazard class; its label is ``other_hazard``."""
    hazard = _variant(kind, HAZARDS[kind], rng)
    coloured = hazard.upper is not None
    style = choose_style(rng, direct=0.02 if coloured else 0.05, grey=0.03 if coloured else 0.08)
    frame = choose_frame(rng, style, coloured or hazard.stripes)
    c = frame.canvas(px_per_mm)
    lay_ground(c, frame, style.paper)
    _field(c, rng, frame, hazard, style)
    upper: Paint = WHITE if chance(rng, hazard.white) else style.ink
    lower: Paint = WHITE if hazard.lower_white else upper
    if hazard.lower is not None and hazard.upper is None and not hazard.lower_white and chance(rng, 0.3):
        lower = WHITE
    inner_line(c, frame, upper, lower)
    cut_line(c, frame, style.ink)
    if hazard.number == "7":
        radioactive_body(kind, c, rng, style)
    else:
        _body(c, rng, hazard, style, upper, lower)
    _number(c, rng, hazard, style, lower)
    return pack(c, kind, "other_hazard", diamond(HALF), (frame.side_mm, frame.side_mm), px_per_mm)


def _variant(kind: str, hazard: Hazard, rng: Rng) -> Hazard:
    """Older or national forms of a class."""
    draw = float(rng.random())
    if kind == "5.2" and draw < 0.35:
        return Hazard("5.2", YELLOW, YELLOW, oxidizer, hazard.words)
    if kind == "2.2" and draw < 0.12:
        return Hazard("2", _YELLOW_ORANGE, _YELLOW_ORANGE, oxidizer, ("OXYGEN",))
    if kind == "3" and draw < 0.06:
        return Hazard("3", RED, None, flame, hazard.words)
    return hazard


def _field(c: Canvas, rng: Rng, frame: Frame, hazard: Hazard, style: Style) -> None:
    """The coloured ground of the two halves, or the stripes."""
    half = frame.field
    if hazard.stripes:
        red = style.tone(RED)
        bar = 2 * half / pick(rng, (13.0, 13.0, 15.0, 11.0))
        count = round(2 * half / bar)
        odd = 0 if chance(rng, 0.7) else 1
        for k in range(odd, count, 2):
            left = -half + k * bar
            c.fill(in_field(box(left, -half, left + bar, half), half), red)
        return
    shift = float(rng.normal(0, 0.6))
    if hazard.upper is not None and hazard.upper == hazard.lower:
        c.fill(rounded_diamond(half, frame.corner), style.tone(hazard.upper))
        return
    if hazard.upper is not None:
        # Yellow of class 7 stops at the inner line.
        inner = frame.inner if hazard.number == "7" else half
        c.fill(band_of_field(inner, -half, shift), style.tone(hazard.upper))
    if hazard.lower is not None:
        inner = frame.inner if hazard.lower_white and chance(rng, 0.5) else half
        c.fill(band_of_field(inner, shift, half), style.tone(hazard.lower))


def _body(c: Canvas, rng: Rng, hazard: Hazard, style: Style, upper: Paint, lower: Paint) -> None:
    """Symbol in the upper half and, on labels with words, the words across the middle."""
    words = pick(rng, hazard.words) if chance(rng, 0.5) else None
    ground = style.paper if hazard.upper is None else style.tone(hazard.upper)
    if hazard.big is not None:
        height = between(rng, 20, 28)
        c.text(0, -26, hazard.big, height, style.font, upper, stretch=style.stretch, max_width=70)
    elif hazard.symbol is not None and not (words and chance(rng, 0.04)):
        size = hazard.symbol_mm * between(rng, 0.85, 1.2) * _beside_words(hazard, words)
        y = -31 + between(rng, -2, 2) if words else -28 + between(rng, -4, 4)
        if hazard.symbol is corrosion:
            y = -19.0
        boxed = words is not None and words.startswith("INHALATION")
        if boxed:
            # The US model has a white skull on a small black diamond.
            c.fill(diamond(29, 0, -33), upper)
            skull(c.placed(0, -32, 0.28), rng, style.paper, upper)
        else:
            hazard.symbol(c.placed(0, y, size / 100), rng, upper, ground)
    if words:
        _words(c, rng, hazard, words, style, upper, lower)
    elif chance(rng, 0.16):
        _un_plate(c, rng, style)


def _beside_words(hazard: Hazard, words: str | None) -> float:
    """How far the symbol shrinks to leave room for words; rays and splinters need the most."""
    if words is None:
        return 1.0
    return 0.68 if hazard.symbol is exploding_bomb else 0.85


def _words(c: Canvas, rng: Rng, hazard: Hazard, words: str, style: Style, upper: Paint, lower: Paint) -> None:
    lines = words.split("|")
    height = between(rng, 8, 12.5) if len(lines) > 1 or len(words) < 9 else between(rng, 6.5, 10)
    y = between(rng, -1, 5)
    ink = upper
    if hazard.upper != hazard.lower:
        # Two colours meet at mid height: the words stand in the lower field or on a band of their own.
        y, ink = between(rng, 8, 11), lower
        if hazard.number == "5.2" and chance(rng, 0.5):
            y, ink = -1.0, upper
    elif hazard.stripes and chance(rng, 0.5) and style.paper is not None:
        reach = height * 0.5 + 3
        c.fill(band_of_field(HALF - 8, y - reach, y + (len(lines) - 1) * height * 1.3 + reach), style.paper)
    elif len(lines) > 1:
        y -= height * 0.3
    for row, line in enumerate(lines):
        at = y + row * height * 1.3
        room = 2 * (HALF - 10 - abs(at) - height / 2)
        c.text(0, at, line, height, style.font, ink, stretch=style.stretch, max_width=max(16.0, room))
    if hazard.symbol is biohazard and chance(rng, 0.7):
        at = y + (len(lines) - 1) * height * 1.3 + height / 2 + 4
        for row, line in enumerate(_LEAKAGE[: 3 if len(lines) == 1 else 2]):
            c.text(
                0, at + row * 4.4, line, 2.8, style.font, ink, stretch=style.stretch, max_width=82 - 14 * row
            )


def _un_plate(c: Canvas, rng: Rng, style: Style) -> None:
    """The four digits of a UN number on a white plate across the middle of a placard."""
    height = between(rng, 10, 15)
    wide = between(rng, 28, 36)
    c.outline(box(-wide, -height * 0.2, wide, height * 1.3), between(rng, 0.4, 1.2), style.ink, style.paper)
    digits = str(int(rng.integers(1001, 3550)))
    c.text(
        0,
        height * 0.55,
        digits,
        height * 0.95,
        style.font,
        style.ink,
        stretch=style.stretch,
        max_width=2 * wide - 6,
    )


def _number(c: Canvas, rng: Rng, hazard: Hazard, style: Style, ink: Paint) -> None:
    if chance(rng, 0.03):
        return
    # Class 7 has a box right above its number.
    height, y = between(rng, 8.5, 13), between(rng, 42, 46)
    if hazard.number == "7":
        height, y = height * 0.8, 45.0
    c.text(0, y, hazard.number, height, style.font, ink, stretch=style.stretch)
    if hazard.number == "1" and chance(rng, 0.4):
        c.text(0, 29, pick(rng, ("*", "A", "B", "D", "S", "G")), 6, style.font, ink)
