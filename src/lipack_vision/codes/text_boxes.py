"""From the text map net's answer to lines of print: where each lies and where its first letter stands."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.codes.pieces import Piece, joined, letters_alone
from lipack_vision.labels.decode import sigmoid
from lipack_vision.types import Quad, as_quad

STRIDE = 4
"""Pixels of the net's input per cell of its maps."""
MIDDLE = 0.6
"""Part of the height of the capitals that the map shows, around their middle."""
ENDS = 0.2
"""Heights of capitals by which the map begins behind the first letter and ends before the last."""
ROOM, END_ROOM = 0.3, 0.5
"""Heights of capitals that a line is given above and below, and at its ends, so that nothing is cut off."""
_LEAST_MEAN = 0.6
_LEAST_CELLS = 3
_SPECK_CELLS = 1
"""Smaller ones, from this on, are believed where a letter alone in its row is due."""
_LONG = 1.5
"""Relation of the sides from which the longer one shows the direction of the line."""
_FINER = 2
"""Edges are looked for between the cells, in this many parts of one."""

Floats = npt.NDArray[np.float32]


def kernel(quad: Floats) -> Floats:
    """The part ``(4, 2)`` of a line's quad, tight around its capitals, that the map shows."""
    top, bottom = quad[:2], quad[3:1:-1]
    height = float(np.linalg.norm(bottom - top, axis=1).mean())
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    end = min(ENDS * height / max(width, 1e-6), 0.3)
    v = (1 - MIDDLE) / 2
    corners = []
    for u, w in ((end, v), (1 - end, v), (1 - end, 1 - v), (end, 1 - v)):
        corners.append((1 - w) * ((1 - u) * top[0] + u * top[1]) + w * ((1 - u) * bottom[0] + u * bottom[1]))
    return np.array(corners, np.float32)


def text_quads(logits: Floats, directions: Floats) -> list[tuple[Quad, float]]:
    """Lines of one picture, each with room around it, and how sure the net is of each, 0..1.

    Args:
        logits: ``(h, w)`` of lying in the middle of a line.
        directions: ``(2, h, w)`` of reading.

    Returns:
        Quads in pixels of the net's input, from where the text's top left corner is.
    """
    finer = cv2.resize(logits, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_LINEAR)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((finer > 0).astype(np.uint8), connectivity=4)
    found: list[Piece] = []
    specks: list[Piece] = []
    for number in range(1, count):
        x, y, width, height, cells = (int(value) for value in stats[number])
        if cells < _SPECK_CELLS * _FINER**2:
            continue
        window = slice(y, y + height), slice(x, x + width)
        inside = labels[window] == number
        mean = float(sigmoid(finer[window][inside]).mean())
        is_line = cells >= _LEAST_CELLS * _FINER**2 and mean >= _LEAST_MEAN
        rows, columns = np.nonzero(inside)
        points = (np.stack([columns + x, rows + y], axis=1) + 0.5) * (STRIDE / _FINER) - 0.5
        coarse = (rows + y) // _FINER, (columns + x) // _FINER
        along = directions[:, coarse[0], coarse[1]].mean(axis=1)
        (found if is_line else specks).append(_line(points.astype(np.float32), along, mean))
    lines = joined(found)
    letters = letters_alone(lines, specks)
    return [(_quad(line), line.sure) for line in letters]


def _line(points: Floats, along: Floats, sure: float) -> Piece:
    """The line that spreads as the points of its map do."""
    centre = points.mean(axis=0)
    spread = np.cov(points.T, ddof=0) - np.eye(2) * (STRIDE / _FINER) ** 2 / 12
    values, vectors = np.linalg.eigh(spread)
    # Which way a square lies, its shape does not tell.
    axis = vectors[:, 1] if values[1] > _LONG**2 * values[0] else along / max(float(np.hypot(*along)), 1e-6)
    if float(along @ axis) < 0:
        axis = -axis
    across = np.array([-axis[1], axis[0]])
    # A side of length L spreads by L / sqrt(12) about its middle.
    capitals = float(np.sqrt(max(12 * float(across @ spread @ across), 1.0))) / MIDDLE
    # The ends are where the map ends: it grows thin there, so its spread would end the line too early.
    reach = (points - centre) @ axis
    beyond = STRIDE / _FINER / 2 + ENDS * capitals
    start, end = (
        centre + where * axis for where in (float(reach.min()) - beyond, float(reach.max()) + beyond)
    )
    return Piece(start.astype(np.float32), end.astype(np.float32), capitals, sure)


def _quad(line: Piece) -> Quad:
    """The line's rectangle with room around it, as it is read."""
    along = line.along
    down = np.array([-along[1], along[0]]) * line.capitals * (0.5 + ROOM)
    room = END_ROOM * line.capitals * along
    start, end = line.start - room, line.end + room
    return as_quad([start - down, end - down, end + down, start + down])
