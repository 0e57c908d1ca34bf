"""Pictures of one UN mark and a few lines of print on board, with what they say.

Close views of one face: kraft or white board, a camera up to 35 degrees off its axis, mild blur, noise and
JPEG. Capital letters are 8 to 40 pixels high on the photo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipack_vision.synth import un_mark_ink
from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.board import Board, blank_sheet, random_board
from lipack_vision.synth.camera import Points, apply, local_scale, look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.fonts import cap_ratio, choose_font, text_mask
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.un_mark import draw_un_mark_text
from lipack_vision.synth.un_mark_text import random_mark_text
from lipack_vision.types import ImageArray, Quad, as_quad
from training.codes.broken import broken_mark
from training.codes.line_text import weighted

Rng = np.random.Generator

LETTER_PX = (8.0, 40.0)
PRINTS = {
    "flexo": 0.40,
    "clean": 0.14,
    "stencil": 0.10,
    "dots": 0.10,
    "dot_font": 0.08,
    "pressed": 0.04,
    "sticker": 0.14,
}
"""How marks are printed: as the renderer has it, rare ways somewhat more often so that each gets a figure."""

_WORDS = (
    "LITHIUM ION BATTERIES",
    "LITHIUM ION BATTERIES PACKED WITH EQUIPMENT",
    "LITHIUM ION BATTERIES CONTAINED IN EQUIPMENT",
    "LITHIUM METAL BATTERIES",
    "CARGO AIRCRAFT ONLY",
    "OVERPACK",
    "MADE IN CHINA",
    "XINNENG POWER",
    "VOLTARA ENERGY",
    "HELIOCELL",
    "KEEP DRY",
    "RECHARGEABLE LI-ION BATTERY",
)
_NUMBERS = ("UN3480", "UN3481", "UN3090", "UN3091", "UN 3480", "UN 3481", "UN 3090", "UN 3091")
_SMALLEST, _LARGEST = (480, 360), (1500, 1200)
_LENS = 1.2
"""Focal length as a multiple of the photo's longer side."""


@dataclass(frozen=True, slots=True, eq=False)
class Print:
    """One printed thing: its text, quad ``(4, 2)`` px, way of printing, and height of its capitals in px."""

    text: str
    quad: Quad
    kind: str
    letter_px: float


@dataclass(frozen=True, slots=True, eq=False)
class CodePicture:
    """RGB uint8 ``(H, W, 3)``, one UN mark and lines of plain print."""

    image: ImageArray
    mark: Print
    lines: tuple[Print, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    artwork: Artwork
    kind: str
    height_mm: float
    ink: bool
    middle: tuple[float, float] = (0.0, 0.0)


def render_picture(seed: int, *, held_out: bool = False, broken: float = 0.0) -> CodePicture:
    """One picture; all arguments together fix every pixel.

    Args:
        held_out: print the mark in a font that no net was trained on.
        broken: share of marks that are printed wrong.
    """
    rng = np.random.default_rng([seed, 48])
    text = broken_mark(rng) if rng.random() < broken else random_mark_text(rng)
    scale = _letter_px(rng)
    mark_mm = float(rng.uniform(6, 14))
    # Pixels of the photo per millimetre of board.
    scale /= mark_mm
    pieces = [_mark(text, rng, mark_mm, scale, held_out)]
    pieces += [_line(rng, _letter_px(rng) / scale, scale) for _ in range(int(rng.integers(1, 3)))]
    placed, content = _stack(pieces, rng)
    board = random_board(rng)
    while min(board.colour) < 70 or float(np.mean(board.colour)) < 115:
        board = random_board(rng)
    return _photograph(placed, content, board, scale, rng)


def _letter_px(rng: Rng) -> float:
    return float(np.exp(rng.uniform(*np.log(LETTER_PX))))


def _art_scale(height_mm: float, scale: float) -> float:
    """Pixels per mm to draw at: twice the photo's, and letters never so small that fonts lose their form."""
    return max(2 * scale, 28 / height_mm)


def _mark(text: str, rng: Rng, height_mm: float, scale: float, held_out: bool) -> _Piece:
    kind = weighted(rng, PRINTS)
    fine = _art_scale(height_mm, scale)
    art = draw_un_mark_text(text, rng, fine, height_mm=height_mm, print_kind=kind, held_out=held_out)
    return _Piece(art, kind, height_mm, ink=kind != "sticker")


def _line(rng: Rng, height_mm: float, scale: float) -> _Piece:
    font = choose_font(rng, ("bold", "regular", "condensed"))
    fine = _art_scale(height_mm, scale)
    text = _line_text(rng)
    alpha = text_mask(font, max(5, round(height_mm * fine / cap_ratio(font))), text)
    alpha = np.pad(alpha, 4)
    if rng.random() < 0.5:
        alpha = un_mark_ink.flexo(alpha, fine, rng)
    height, width = alpha.shape
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = rng.integers(15, 70), alpha
    quad = np.array([[4, 4], [width - 4, 4], [width - 4, height - 4], [4, height - 4]], np.float32)
    size = (width / fine, height / fine)
    return _Piece(Artwork(rgba, None, "text", quad, size, text, fine), "line", height_mm, ink=True)


def _line_text(rng: Rng) -> str:
    chance = rng.random()
    if chance < 0.4:
        return str(rng.choice(_NUMBERS))
    if chance < 0.8:
        return str(rng.choice(_WORDS))
    number = int(rng.integers(1, 1000))
    forms = (
        f"QTY: {number} PCS",
        f"G.W.: {number / 10:.1f} KG",
        f"C/NO. {number}",
        f"LOT 2025{number:04d}",
        f"MODEL LP-{number}",
        f"TEL +86 592 555 {number:04d}",
    )
    return str(rng.choice(forms))


def _stack(pieces: list[_Piece], rng: Rng) -> tuple[list[_Piece], tuple[float, float]]:
    """The pieces below each other in any order, in mm from a common corner, and the size of it all."""
    placed: list[_Piece] = [pieces[0]] * len(pieces)
    down = widest = 0.0
    for index in rng.permutation(len(pieces)):
        piece = pieces[index]
        height, width = (side / piece.artwork.px_per_mm for side in piece.artwork.rgba.shape[:2])
        indent = float(rng.uniform(0, 15))
        middle = (indent + width / 2, down + height / 2)
        placed[index] = _Piece(piece.artwork, piece.kind, piece.height_mm, piece.ink, middle)
        down += height + piece.height_mm * float(rng.uniform(0.8, 2.5))
        widest = max(widest, indent + width)
    return placed, (widest, down)


def _photograph(
    pieces: list[_Piece], content: tuple[float, float], board: Board, scale: float, rng: Rng
) -> CodePicture:
    size = _photo_size(content, scale, rng)
    azimuth, rise = np.radians(rng.uniform((-35, -25), (35, 25)))
    away = _LENS * max(size) / scale
    target = np.array([content[0] / 2, 0.0, -content[1] / 2])
    towards = [math.sin(azimuth) * math.cos(rise), -math.cos(azimuth) * math.cos(rise), math.sin(rise)]
    roll = math.radians(rng.normal(0, 3))
    camera = look_at(target + away * np.array(towards), target, size, _LENS, roll)
    to_photo = camera.plane(np.zeros(3), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, -1.0]))
    frame = [[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]]
    seen = apply(np.linalg.inv(to_photo), frame)
    low, high = (tuple(float(v) for v in edge) for edge in (seen.min(axis=0) - 3, seen.max(axis=0) + 3))
    sheet = blank_sheet(board, rng, (low[0], low[1]), (high[0], high[1]), 1.4 * scale)
    for piece in pieces:
        sheet.stamp(piece.artwork, piece.middle, 0.0, rng, ink=piece.ink)
    canvas = Canvas.blank(size)
    sheet.place(canvas, to_photo)
    settings = SynthSettings(severity=float(rng.uniform(0.1, 0.5)))
    image = take(canvas.rgb, rng, settings)[1]
    mark, *lines = (
        Print(
            piece.artwork.text or "",
            as_quad(spot.quad),
            piece.kind,
            piece.height_mm * _down_scale(to_photo, piece.middle),
        )
        for piece, spot in zip(pieces, canvas.marks, strict=True)
    )
    return CodePicture(image, mark, tuple(lines))


def _photo_size(content: tuple[float, float], scale: float, rng: Rng) -> tuple[int, int]:
    wanted: npt.NDArray[np.float64] = np.array(content) * scale * rng.uniform(1.25, 1.7)
    width, height = np.clip(wanted, _SMALLEST, _LARGEST).astype(int).tolist()
    return width, height


def _down_scale(to_photo: Points, middle: tuple[float, float]) -> float:
    return float(local_scale(to_photo, np.array([middle]))[1][0])
