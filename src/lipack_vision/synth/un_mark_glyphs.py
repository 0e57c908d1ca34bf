"""The pieces of a printed UN mark: one line of letters, and the circle with u above n."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from lipack_vision.synth.fonts import cap_ratio, load_font
from lipack_vision.synth.un_mark_dots import DOT_CHARACTERS, dot_grid, print_dots

Rng = np.random.Generator
Ink = npt.NDArray[np.uint8]
Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Style:
    """How one mark is printed; lengths in pixels."""

    font: str
    print_kind: str
    layout: str
    letter_px: float
    px_per_mm: float
    stretch: float
    spacing: float


def _sized(font: str, cap_px: float) -> Font:
    return load_font(font, max(5, round(cap_px / cap_ratio(font))))


def _glyphs(text: str, font: Font) -> tuple[Ink, int]:
    """Coverage of one line and its baseline's row."""
    left, top, right, bottom = (int(v) for v in font.getbbox(text, anchor="ls"))
    canvas = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, fill=255, font=font, anchor="ls")
    return np.array(canvas), 1 - top


def _bridge(text: str, font: Font, ink: Ink, style: Style) -> None:
    """Cut the bridges that hold the islands of a stencil's letters."""
    width = max(1, round(0.11 * style.letter_px))
    left = font.getbbox(text, anchor="ls")[0]
    for index, character in enumerate(text):
        if character in "045689ABDGOPQRSC32":
            start, end = font.getlength(text[:index]), font.getlength(text[: index + 1])
            middle = round((start + end) / 2 - left + 1)
            ink[:, middle - width // 2 : middle - width // 2 + width] = 0


def _dotted(text: str, style: Style, rng: Rng) -> tuple[Ink, int]:
    if style.print_kind == "dots" and set(text) <= DOT_CHARACTERS:
        grid = dot_grid(text)
        return print_dots(grid, style.letter_px, style.stretch, rng), round(style.letter_px)
    rows = int(rng.integers(10, 17))
    small, baseline = _glyphs(text, _sized(style.font, rows))
    ink = print_dots(small > 110, style.letter_px * small.shape[0] / rows, style.stretch, rng)
    return ink, round(baseline * style.letter_px / rows)


def line_ink(text: str, style: Style, rng: Rng) -> tuple[Ink, int]:
    """One printed line: coverage ``(H, W)`` and the row of its baseline."""
    if style.print_kind in ("dots", "dot_font"):
        return _dotted(text, style, rng)
    font = _sized(style.font, style.letter_px)
    ink, baseline = _glyphs(text, font)
    if style.print_kind == "stencil":
        _bridge(text, font, ink, style)
    if abs(style.stretch - 1) > 0.03:
        width = max(1, round(ink.shape[1] * style.stretch))
        ink = np.asarray(cv2.resize(ink, (width, ink.shape[0]), interpolation=cv2.INTER_AREA), np.uint8)
    return ink, baseline


def _letters_of_symbol(ink: Ink, diameter: float, style: Style, rng: Rng) -> None:
    """Draw u above n, either from a font or with strokes of even width."""
    centre = ink.shape[1] / 2
    if rng.random() < 0.5:
        height = rng.uniform(0.24, 0.31) * diameter
        font = _sized(style.font, height * 1.35)
        for letter, middle in (("u", -0.2), ("n", 0.2)):
            glyph, _ = _glyphs(letter, font)
            y = round(centre + middle * diameter - glyph.shape[0] / 2)
            x = round(centre - glyph.shape[1] / 2)
            if x < 0 or y < 0:
                continue
            part = ink[y : y + glyph.shape[0], x : x + glyph.shape[1]]
            np.maximum(part, glyph[: part.shape[0], : part.shape[1]], out=part)
        return
    half = rng.uniform(0.09, 0.125) * diameter
    stroke = max(1, round(rng.uniform(0.045, 0.075) * diameter))
    arc = np.linspace(0, np.pi, 9)
    bowl = np.stack([-np.cos(arc) * half, np.sin(arc) * half], axis=1)
    shape = np.vstack([[-half, -half * 1.1], bowl, [half, -half * 1.1]])
    gap = half + stroke / 2 + 0.035 * diameter
    for sign, middle in ((1, -gap), (-1, gap)):
        points = shape * (1, sign) + (centre, centre + middle)
        cv2.polylines(ink, [np.round(points * 16).astype(np.int32)], False, 255.0, stroke, cv2.LINE_AA, 4)


def symbol_ink(diameter: float, style: Style, rng: Rng) -> Ink:
    """The circle with u above n; breaks of a stencil as 6.1.3.1 (a) allows them."""
    if style.print_kind == "dots":
        cell = max(13, min(21, round(7 * diameter / style.letter_px)))
        drawing = np.zeros((cell * 4, cell * 4), dtype=np.uint8)
        cv2.circle(drawing, (cell * 2, cell * 2), cell * 2 - 4, 255.0, 4)
        _letters_of_symbol(drawing, cell * 4, style, rng)
        grid = np.asarray(cv2.resize(drawing, (cell, cell), interpolation=cv2.INTER_AREA)) > 100
        return print_dots(grid, diameter, 1.0, rng)
    side = max(8, round(diameter))
    ink = np.zeros((side, side), dtype=np.uint8)
    stroke = max(1, round(side * rng.uniform(0.03, 0.075)))
    centre, radius = round((side - 1) * 8), round((side - 1 - stroke) * 8)
    cv2.circle(ink, (centre, centre), radius, 255.0, stroke, cv2.LINE_AA, 4)
    if style.print_kind == "stencil":
        turn = rng.uniform(0, np.pi)
        for step in range(int(rng.integers(2, 5))):
            angle = turn + step * np.pi / 2
            far = side / 2 + side * np.array([np.cos(angle), np.sin(angle)])
            near = side / 2 + 0.38 * side * np.array([np.cos(angle), np.sin(angle)])
            ends = [(int(p[0]), int(p[1])) for p in (near, far)]
            cv2.line(ink, ends[0], ends[1], 0.0, max(1, round(0.07 * side)))
    _letters_of_symbol(ink, side, style, rng)
    return ink
