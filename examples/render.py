"""Render the pictures of this folder: python examples/render.py

Each shows one carton of an imagined exporter. The renderer's own scenes are random; here the face is laid out
by hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lipack_vision.synth.artwork import Artwork, draw
from lipack_vision.synth.backdrop import room
from lipack_vision.synth.board import blank_sheet, edges, random_board
from lipack_vision.synth.camera import look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box, paint_face, underpaint, window
from lipack_vision.synth.fonts import text_mask
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.un_mark import draw_un_mark_text

FOLDER = Path(__file__).parent
SIZE = (1280, 960)
BOX_MM = (420.0, 300.0, 330.0)
PX_PER_MM = 4.0


@dataclass(frozen=True)
class Piece:
    """Something on the front: artwork and the middle of its place in mm from the top-left corner."""

    artwork: Artwork
    x: float
    y: float
    ink: bool = True


def words(text: str, height_mm: float) -> Artwork:
    """One line of plain black print."""
    alpha = text_mask("roboto-bold", round(height_mm * PX_PER_MM / 0.71), text)
    height, width = alpha.shape
    rgba = np.zeros((height, width, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = 30, alpha
    quad = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return Artwork(rgba, None, "text", quad, (width / PX_PER_MM, height / PX_PER_MM), text, PX_PER_MM)


def label(kind: str, seed: int) -> Artwork:
    """A hazard label or mark of the renderer."""
    return draw(kind, np.random.default_rng(seed), PX_PER_MM)


def un_mark(text: str, seed: int) -> Artwork:
    """A UN packaging mark in two lines, letters 14 mm high."""
    rng = np.random.default_rng(seed)
    return draw_un_mark_text(text, rng, PX_PER_MM, height_mm=14, lines=2, print_kind="clean", layout="left")


def photo(pieces: Sequence[Piece], seed: int, azimuth: float) -> bytes:
    """JPEG of one carton with the pieces on its front, seen from ``azimuth`` degrees to its right."""
    rng = np.random.default_rng(seed)
    settings = SynthSettings(severity=0.2, lens=0.0, occlusion=0.0)
    canvas, box = Canvas.blank(SIZE), Box(np.zeros(3), BOX_MM, 0.0)
    angle = math.radians(azimuth)
    eye = np.array([math.sin(angle) * 900, -math.cos(angle) * 900, 480.0])
    camera = look_at(eye, np.array([0.0, -60.0, 160.0]), SIZE, 1.05)
    room(canvas, camera, rng, 2600.0, None)
    board = random_board(np.random.default_rng(8))
    underpaint(canvas, camera, box, board.colour)
    for face in box.visible_faces(camera):
        view = window(face, camera.plane(face.origin, face.right, face.down), SIZE)
        if view is None:
            continue
        sheet: Sheet = blank_sheet(board, rng, (0.0, 0.0), face.size, PX_PER_MM)
        if face.name == "front":
            for piece in pieces:
                sheet.stamp(piece.artwork, (piece.x, piece.y), 0.0, rng, ink=piece.ink)
        edges(sheet, face.size, rng, 0.2)
        shade = {"front": 1.0, "top": 1.1}.get(face.name, 0.82)
        paint_face(canvas, camera, face, sheet, shade, rng, truth=False, share=view.share)
    return take(canvas.rgb, rng, settings)[0]


def main() -> None:
    """Write the three pictures."""
    mark = Piece(un_mark("4G/Y25/S/25/CN/C370012 PI:015", 7), 225, 280)
    number, name = Piece(words("UN3480", 14), 300, 90), Piece(words("LITHIUM ION BATTERIES", 10), 300, 125)
    small = words("TEL +86 592 555 0100", 6)
    pictures = {
        "fully_regulated.jpg": ([Piece(label("class9a", 7), 120, 120, False), number, name, mark], 3, 8),
        "wrong_label.jpg": ([Piece(label("class9", 5), 120, 120, False), number, name, mark], 8, -16),
        "battery_mark.jpg": (
            [Piece(label("battery_mark", 16), 200, 130, False), Piece(small, 200, 240)],
            9,
            10,
        ),
    }
    for file, (pieces, seed, azimuth) in pictures.items():
        (FOLDER / file).write_bytes(photo(pieces, seed, azimuth))


if __name__ == "__main__":
    main()
