"""Pictures of single lines of print on board, as the code reader cuts them out of photos."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.codes.line_image import line_image
from lipack_vision.synth.board import blank_sheet, random_board
from lipack_vision.synth.fonts import choose_font
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.un_mark import coloured, random_style
from lipack_vision.synth.un_mark_glyphs import Style, line_ink, symbol_ink
from lipack_vision.types import ImageArray, as_quad
from training.codes.line_text import SYMBOL, random_line, weighted

Rng = np.random.Generator
Ink = npt.NDArray[np.uint8]

LETTER_PX = (6.5, 40.0)
"""Height of capital letters on the photo."""
_BOARDS, _BOARD_SIZE = 32, (640, 220)
_SYMBOLS = 0.2
"""Share of lines with the UN symbol in front."""
_FAINT = 0.4
_FAINT_KINDS = {"pressed": 0.5, "dots": 0.17, "dot_font": 0.16, "stencil": 0.17}
"""Share of print that is set so that strokes break or fade, and how often in which way, more than there is on
cartons: it is what is missed and misread."""


@cache
def _boards(number: int) -> ImageArray:
    """Bare board; rendered once in each process."""
    rng = np.random.default_rng([number, 51])
    sheet = blank_sheet(random_board(rng), rng, (0, 0), _BOARD_SIZE, float(rng.uniform(1.2, 3.0)))
    return np.asarray(sheet.rgb, np.uint8)


def render_line(text: str, rng: Rng) -> tuple[ImageArray, str]:
    """A line of print: RGB ``uint8 (LINE_HEIGHT, W, 3)``, and what it says: the text, perhaps after the UN
    symbol."""
    high = float(rng.uniform(22, 36))
    style = print_style(rng, high)
    ink, row = line_ink(text, style, rng)
    ink = _reshaped(ink, rng)
    ink, text, baseline = _with_symbol(ink, text, row, style, rng)
    cap = style.letter_px
    pad = round(1.2 * cap)
    ink = np.pad(ink, pad)
    top = pad + baseline - cap
    _add_neighbours(ink, top, pad, style, rng)
    drawn = coloured(np.ascontiguousarray(ink), style, rng)
    picture = printed_on(bare_board(rng, *drawn.shape[:2]), drawn)
    box = (float(pad), top, float(ink.shape[1] - pad), top + cap)
    return _photographed(picture, box, cap, rng), text


def print_style(rng: Rng, high: float) -> Style:
    """A way of printing with capitals ``high`` pixels high."""
    height_mm = float(rng.uniform(5, 14))
    style = random_style(rng, high / height_mm, height_mm)
    if rng.random() < _FAINT:
        style = replace(style, print_kind=weighted(rng, _FAINT_KINDS))
    if rng.random() < 0.12 and style.print_kind in ("flexo", "clean", "sticker"):
        style = replace(style, font=choose_font(rng, ("serif", "hand", "condensed")))
    return replace(style, stretch=style.stretch * float(rng.uniform(0.8, 1.2)))


def _reshaped(ink: Ink, rng: Rng) -> Ink:
    """Other fonts out of those there are: bolder, thinner, slanted, letters apart."""
    change = rng.random()
    if change < 0.12:
        ink = np.asarray(cv2.dilate(np.pad(ink, 1), np.ones((2, 2), np.uint8))[1:-1, 1:-1], np.uint8)
    elif change < 0.2:
        ink = np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.uint8)
    if rng.random() < 0.12:
        lean = float(rng.uniform(0.1, 0.3))
        height, width = ink.shape
        matrix = np.array([[1, -lean, lean * height], [0, 1, 0]])
        size = (width + math.ceil(lean * height), height)
        ink = np.asarray(cv2.warpAffine(ink, matrix, size), np.uint8)
    return ink


def _with_symbol(ink: Ink, text: str, baseline: float, style: Style, rng: Rng) -> tuple[Ink, str, float]:
    """The UN symbol in front of the line: of about its height it is part of what is read, larger it is
    not."""
    if rng.random() > _SYMBOLS:
        return ink, text, baseline
    inline = rng.random() < 0.6
    cap = style.letter_px
    diameter = cap * float(rng.uniform(1.1, 1.7) if inline else rng.uniform(2.2, 3.4))
    circle = symbol_ink(diameter, style, rng)
    gap = round(cap * float(rng.uniform(0.15, 0.8)))
    middle = baseline - cap / 2
    if not inline:
        middle += float(rng.choice([-0.8, 0.8])) * cap
    above, below = middle, ink.shape[0] - middle
    half = circle.shape[0] / 2
    lift = max(0, math.ceil(half - above))
    height = lift + math.ceil(middle + max(below, half)) + 1
    canvas: Ink = np.zeros((height, circle.shape[1] + gap + ink.shape[1]), np.uint8)
    y = round(lift + middle - half)
    canvas[y : y + circle.shape[0], : circle.shape[1]] = circle[: height - y]
    canvas[lift : lift + ink.shape[0], circle.shape[1] + gap :] = ink
    if not inline:
        # Cut through, as a line beside a large symbol is cut: nobody reads it.
        keep = circle.shape[1] - round(circle.shape[1] * float(rng.uniform(0.0, 0.35)))
        canvas = canvas[:, keep:]
    return np.ascontiguousarray(canvas), (SYMBOL + text if inline else text), baseline + lift


def _add_neighbours(ink: Ink, top: float, pad: int, style: Style, rng: Rng) -> None:
    """Parts of lines above and below, of rules and frames."""
    cap = style.letter_px
    for below in (False, True):
        if rng.random() < 0.4:
            other, base = line_ink(random_line(rng), style, rng)
            step = cap * (1 + float(rng.uniform(0.25, 0.9)))
            row = round(top + cap + (step if below else -step) - base)
            column = pad + round(float(rng.uniform(-2, 2)) * cap)
            paste(ink, other, column, row)
        elif rng.random() < 0.1:
            row = round(top + (cap * rng.uniform(1.2, 1.6) if below else -cap * rng.uniform(0.2, 0.6)))
            cv2.line(ink, (0, row), (ink.shape[1], row), 255.0, max(1, round(0.1 * cap)))


def paste(canvas: Ink, ink: Ink, x: int, y: int) -> None:
    """Add ink to a canvas with its corner at ``(x, y)``; what lies outside is cut off."""
    x0, y0 = max(x, 0), max(y, 0)
    part = canvas[y0 : max(y + ink.shape[0], 0), x0 : max(x + ink.shape[1], 0)]
    if part.size:
        piece = ink[y0 - y : y0 - y + part.shape[0], x0 - x : x0 - x + part.shape[1]]
        np.maximum(part, piece, out=part)


def bare_board(rng: Rng, height: int, width: int) -> ImageArray:
    """Board without print, ``(height, width, 3)``."""
    board = _boards(int(rng.integers(_BOARDS)))
    scale = max(1.0, width / board.shape[1], height / board.shape[0]) * float(rng.uniform(1.0, 1.5))
    wide, high = math.ceil(width / scale), math.ceil(height / scale)
    x = int(rng.integers(0, max(1, board.shape[1] - wide)))
    y = int(rng.integers(0, max(1, board.shape[0] - high)))
    patch = cv2.resize(board[y : y + high, x : x + wide], (width, height), interpolation=cv2.INTER_LINEAR)
    tint = rng.uniform(0.75, 1.1) * rng.uniform(0.93, 1.07, 3)
    return np.asarray(np.clip(patch * tint.astype(np.float32), 0, 255), np.uint8)


def printed_on(ground: ImageArray, drawn: npt.NDArray[np.uint8]) -> ImageArray:
    """Straight-alpha RGBA over a ground of its size; dark ground is printed in light ink."""
    alpha = drawn[..., 3:].astype(np.float32) / 255
    ink = drawn[..., :3].astype(np.float32)
    covered = float(alpha.sum())
    if (
        covered
        and float((ground * alpha).sum()) < 90 * 3 * covered
        and float((ink * alpha).sum()) < 90 * 3 * covered
    ):
        ink = 255 - ink
    return np.asarray(np.clip(ground * (1 - alpha) + ink * alpha, 0, 255), np.uint8)


def _photographed(
    picture: ImageArray, box: tuple[float, float, float, float], cap: float, rng: Rng
) -> ImageArray:
    """The line from a photo of some size, seen at some slant, cut out as exactly as a finder cuts."""
    letters = math.exp(rng.uniform(*np.log(LETTER_PX)))
    scale = letters / cap
    height, width = picture.shape[:2]
    size = max(16, round(width * scale)), max(12, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if rng.random() < 0.15:
        small = _curved(small, letters, rng)
    # How far the outer parts of the picture are cut off differs from line to line.
    photo = take(small, rng, SynthSettings(severity=float(rng.uniform(0.1, 0.8))))[1]
    left, top, right, bottom = (value * scale for value in box)
    up, down = rng.uniform(0.08, 0.5, 2) * letters
    before, after = rng.uniform(0.05, 0.6, 2) * letters
    corners = np.array(
        [
            [left - before, top - up],
            [right + after, top - up],
            [right + after, bottom + down],
            [left - before, bottom + down],
        ]
    )
    corners += rng.normal(0, 0.05, (4, 2)) * letters
    turn = rng.normal(0, 0.06) * letters
    corners[:, 1] += np.array([-turn, turn, turn, -turn])
    return line_image(photo, as_quad(corners))


def _curved(image: ImageArray, letters: float, rng: Rng) -> ImageArray:
    """Round a drum, or over a bulge of the board."""
    height, width = image.shape[:2]
    x = np.linspace(-1, 1, width, dtype=np.float32)
    bend = float(rng.uniform(-0.35, 0.35)) * letters * (x - float(rng.uniform(-0.5, 0.5))) ** 2
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    moved = cv2.remap(
        image,
        columns,
        rows + bend[None].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.uint8)
