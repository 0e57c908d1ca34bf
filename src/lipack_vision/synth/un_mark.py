"""UN packaging marks as printed on cartons, drums and crates: circle-un symbol and code.

Form after ADR/IMDG 6.1.3.1: a lower-case u above n in a circle, followed by the elements in order on one
or several lines; stencil circles may have up to four breaks. Letters are 6 to 14 mm tall.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.synth import un_mark_ink as inks
from lipack_vision.synth.artwork.base import Artwork
from lipack_vision.synth.fonts import FontStyle, choose_font
from lipack_vision.synth.un_mark_glyphs import Style, line_ink, symbol_ink
from lipack_vision.synth.un_mark_text import break_lines, random_mark_text

Rng = np.random.Generator
Ink = npt.NDArray[np.uint8]

PRINTS = ("flexo", "clean", "stencil", "dots", "dot_font", "pressed", "sticker")
_PRINT_WEIGHTS = (0.52, 0.12, 0.08, 0.08, 0.06, 0.03, 0.11)
LAYOUTS = ("left", "above", "inline", "letters")
_LAYOUT_WEIGHTS = (0.72, 0.08, 0.15, 0.05)
_COLOURS = ((24, 22, 22), (45, 42, 40), (176, 30, 34), (28, 52, 140), (22, 100, 56))
_FONT_STYLES: tuple[FontStyle, ...] = ("bold", "regular", "condensed", "mono")
_COLOUR_WEIGHTS = (0.6, 0.24, 0.05, 0.07, 0.04)


def random_style(
    rng: Rng, px_per_mm: float, height_mm: float | None = None, *, held_out: bool = False
) -> Style:
    """How one mark is printed, all by chance but the height of its capitals, 6 to 14 mm without it.

    Args:
        held_out: in a font that is never trained on.
    """
    print_kind = str(rng.choice(PRINTS, p=_PRINT_WEIGHTS))
    styles: tuple[FontStyle, ...] = ("bold",) if print_kind == "stencil" else _FONT_STYLES
    font = choose_font(rng, styles, held_out=held_out)
    height = float(rng.uniform(6, 14)) if height_mm is None else height_mm
    return Style(
        font=font,
        print_kind=print_kind,
        layout=str(rng.choice(LAYOUTS, p=_LAYOUT_WEIGHTS)),
        letter_px=max(4.0, height * px_per_mm),
        px_per_mm=px_per_mm,
        stretch=float(rng.uniform(0.82, 1.12)),
        spacing=float(rng.uniform(0.25, 0.65)),
    )


def _paste(canvas: Ink, ink: Ink, x: float, y: float) -> None:
    column, row = round(x), round(y)
    part = canvas[row : row + ink.shape[0], column : column + ink.shape[1]]
    np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)


def _diameter(style: Style, block: float, rng: Rng) -> float:
    """Diameter of the symbol beside a block of lines, 0 where letters stand for it."""
    h = style.letter_px
    if style.layout == "left":
        return max(1.35 * h, min(block, 3.2 * h) * float(rng.uniform(0.85, 1.15)))
    if style.layout == "above":
        return h * float(rng.uniform(1.6, 2.6))
    return h * float(rng.uniform(1.15, 1.6)) if style.layout == "inline" else 0.0


def _compose(lines: list[str], style: Style, rng: Rng, pad: int) -> Ink:
    """Set the symbol and the lines on one canvas with ``pad`` pixels or more around."""
    h = style.letter_px
    if style.layout == "letters":
        lines = [("UN " if rng.random() < 0.7 else "UN") + lines[0], *lines[1:]]
    printed = [line_ink(text, style, rng) for text in lines]
    pitch = h * (1 + style.spacing)
    block = h + pitch * (len(lines) - 1)
    widest = max(ink.shape[1] for ink, _ in printed)
    ascent = max(baseline for _, baseline in printed)
    descent = max(ink.shape[0] - baseline for ink, baseline in printed)
    centred = rng.random() < 0.15
    gap = h * float(rng.uniform(0.25, 0.9))
    diameter = _diameter(style, block, rng)
    above = style.layout == "above"
    beside = h if style.layout == "inline" else block
    # Top of the first line's capitals: below the symbol, or level with what stands beside it.
    top = pad + max(ascent - h, 0.0) + (diameter + 0.4 * gap if above else max(0.0, (diameter - beside) / 2))
    text_x = pad + (diameter + gap if diameter and not above else 0.0)
    height = top + block + descent + diameter + pad
    canvas = np.zeros((int(height) + 2, int(text_x + max(widest, diameter)) + pad + 2), dtype=np.uint8)
    for index, (ink, baseline) in enumerate(printed):
        x = text_x + ((widest - ink.shape[1]) / 2 if centred else 0)
        _paste(canvas, ink, x, top + h + index * pitch - baseline)
    if diameter:
        x = pad + (max(0.0, widest - diameter) / 2 if above and centred else 0)
        y = pad if above else max(0.0, top + (beside - diameter) / 2)
        _paste(canvas, symbol_ink(diameter, style, rng), x, y)
    return canvas


def _printed(ink: Ink, style: Style, rng: Rng) -> Ink:
    scale = style.px_per_mm
    if style.print_kind == "flexo":
        ink = inks.flexo(ink, scale, rng)
    elif style.print_kind == "stencil":
        ink = inks.sprayed(ink, scale, rng)
    if style.print_kind != "sticker" and rng.random() < 0.25:
        ink = inks.speckled(ink, scale, rng)
    chance = rng.random()
    if chance < 0.1:
        ink = inks.worn(ink, scale, rng)
    elif chance < 0.14 and style.print_kind != "sticker":
        ink = inks.smeared(ink, scale, rng)
    strength = rng.uniform(0.45, 0.7) if rng.random() < 0.08 else rng.uniform(0.78, 0.98)
    return np.asarray(cv2.convertScaleAbs(ink, alpha=float(strength)), dtype=np.uint8)


def coloured(ink: Ink, style: Style, rng: Rng) -> npt.NDArray[np.uint8]:
    """Coverage ``(H, W)`` as printed in the style's way: straight-alpha RGBA ``(H, W, 4)``."""
    rgba = np.empty((*ink.shape, 4), dtype=np.uint8)
    if style.print_kind == "pressed":
        dark, light = inks.pressed(ink, style.px_per_mm, rng)
        rgba[..., :3] = np.where((light > dark)[..., None], 250, 20)
        rgba[..., 3] = cv2.max(dark, light)
        return rgba
    colour = _COLOURS[int(rng.choice(len(_COLOURS), p=_COLOUR_WEIGHTS))]
    ink = _printed(ink, style, rng)
    if style.print_kind != "sticker":
        rgba[..., :3] = colour
        rgba[..., 3] = ink
        return rgba
    paper = (244, 243, 240) if rng.random() < 0.75 else (250, 208, 40)
    table = np.linspace(paper, (24, 22, 22), 256).astype(np.uint8)
    rgba[..., :3] = table[ink]
    rgba[..., 3] = 255
    return rgba


def draw_un_mark_text(
    text: str,
    rng: Rng,
    px_per_mm: float,
    *,
    height_mm: float | None = None,
    lines: int | None = None,
    print_kind: str | None = None,
    layout: str | None = None,
    held_out: bool = False,
) -> Artwork:
    """Print a given mark.

    Args:
        text: canonical mark, such as ``4G/Y25/S/25/CN/C370012 PI:015``.
        rng: source of every choice that is not given.
        px_per_mm: scale of the drawing.
        height_mm: height of the capital letters; 6 to 14 mm by chance.
        lines: how many lines, 1 to 4.
        print_kind: one of `PRINTS`.
        layout: where the symbol stands, one of `LAYOUTS`; ``letters`` prints ``UN`` in its place.
        held_out: print in a font that is never trained on.

    Returns:
        The artwork; its quad is tight around the symbol and the text, on a sticker too.
    """
    style = random_style(rng, px_per_mm, height_mm, held_out=held_out)
    style = replace(style, print_kind=print_kind or style.print_kind, layout=layout or style.layout)
    pad = max(2, round((rng.uniform(2, 6) if style.print_kind == "sticker" else 1.0) * px_per_mm))
    ink = _compose(break_lines(text, rng, lines), style, rng, pad)
    x, y, width, height = cv2.boundingRect(ink)
    ink = ink[max(0, y - pad) : y + height + pad, max(0, x - pad) : x + width + pad]
    x, y = min(x, pad), min(y, pad)
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Artwork(
        rgba=coloured(np.ascontiguousarray(ink), style, rng),
        label="un_mark",
        kind="un_mark",
        quad=np.array(corners, dtype=np.float32),
        size_mm=(width / px_per_mm, height / px_per_mm),
        text=text,
        px_per_mm=px_per_mm,
    )


def draw_un_mark(rng: Rng, px_per_mm: float, *, height_mm: float | None = None) -> Artwork:
    """Print a random valid mark in a random layout and way of printing; see `draw_un_mark_text`."""
    return draw_un_mark_text(random_mark_text(rng), rng, px_per_mm, height_mm=height_mm)
