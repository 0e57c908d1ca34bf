"""How printers differ: inks, papers, tones, line weights."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lipack_vision.synth.artwork.canvas import Colour, Paint
from lipack_vision.synth.fonts import choose_font

T = TypeVar("T")
Rng = np.random.Generator

BLACK: Colour = (18, 17, 19)
WHITE: Colour = (255, 255, 255)
RED: Colour = (220, 30, 35)
ORANGE: Colour = (240, 125, 28)
YELLOW: Colour = (250, 222, 20)
GREEN: Colour = (30, 145, 75)
BLUE: Colour = (20, 95, 175)


def chance(rng: Rng, share: float) -> bool:
    """True in this share of draws."""
    return bool(rng.random() < share)


def pick(rng: Rng, choices: Sequence[T]) -> T:
    """One of the choices, all as likely."""
    return choices[int(rng.integers(len(choices)))]


def between(rng: Rng, low: float, high: float) -> float:
    """A number between two, all as likely."""
    return float(rng.uniform(low, high))


@dataclass(frozen=True, slots=True)
class Style:
    """One printer's habits, fixed for a whole artwork.

    Attributes:
        ink: the dark ink.
        paper: the light ground; None when printed straight on the board.
        font: main font for words and numbers.
        stretch: width of the letters over the font's own width.
        line: factor on line weights.
        hue, saturation, value: shift and factors on other colours.
        grey: whether colours come out as greys (a copied or black-only label).
    """

    ink: Colour
    paper: Paint
    font: str
    stretch: float
    line: float
    hue: float
    saturation: float
    value: float
    grey: bool

    def tone(self, colour: Colour) -> Colour:
        """A colour as this printer prints it."""
        r, g, b = (c / 255 for c in colour)
        if self.grey:
            level = round(255 * min(1.0, max(0.0, (0.3 * r + 0.59 * g + 0.11 * b) * self.value)))
            return (level, level, level)
        h, s, v = colorsys.rgb_to_hsv(r, g, b)
        r, g, b = colorsys.hsv_to_rgb(
            (h + self.hue) % 1, min(1.0, s * self.saturation), min(1.0, v * self.value)
        )
        return (round(255 * r), round(255 * g), round(255 * b))


def paper_white(rng: Rng) -> Colour:
    """Off-white: mostly near white, at times warm, cool or greyish."""
    level = 255 - abs(float(rng.normal(0, 7)))
    warm = float(rng.normal(0, 2.5))
    tint = (level + min(0, warm), level - abs(warm) / 2, level - max(0, warm) * 1.5)
    r, g, b = (int(np.clip(c, 205, 255)) for c in tint)
    return (r, g, b)


def black_ink(rng: Rng) -> Colour:
    """Black to dark grey, a little off neutral."""
    level = between(rng, 5, 48)
    r, g, b = (int(np.clip(level + c, 0, 90)) for c in rng.normal(0, 4, 3))
    return (r, g, b)


def coloured_ink(rng: Rng) -> Colour:
    """A single-colour print: red, green, blue or a strong grey."""
    colours: tuple[Colour, ...] = ((178, 34, 38), (24, 108, 62), (32, 60, 140), (88, 88, 90))
    return pick(rng, colours)


def choose_style(rng: Rng, *, direct: float = 0.0, tinted: float = 0.0, grey: float = 0.02) -> Style:
    """Draw a style.

    Args:
        direct: share printed straight on the board, without a white ground.
        tinted: share printed in one colour other than black.
        grey: share whose colours come out as greys.
    """
    is_direct, is_tinted, is_grey = chance(rng, direct), chance(rng, tinted), chance(rng, grey)
    ink = coloured_ink(rng) if is_tinted else black_ink(rng)
    return Style(
        ink=ink,
        paper=None if is_direct else paper_white(rng),
        font=choose_font(rng, ("bold", "bold", "condensed") if chance(rng, 0.85) else ("regular", "serif")),
        stretch=between(rng, 0.85, 1.08),
        line=between(rng, 0.7, 1.35),
        hue=float(rng.normal(0, 0.009)),
        saturation=between(rng, 0.8, 1.08),
        value=between(rng, 0.84, 1.06),
        grey=is_grey,
    )
