"""From the text map net's answer to lines of print: where each lies and where its first letter stands."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

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
_LONG = 1.5
"""Relation of the sides from which the longer one shows the direction of the line."""
_GAP = 1.2
"""Heights of capitals between two pieces of print up to which they are one line: faint and dotted print is
found in pieces, and a letter at a break is read twice or not at all."""
_ALONG = 0.97
"""Cosine of the angle, 14 degrees, between pieces of one line, short ones lying less exactly."""
_ASIDE, _OTHER_SIZE, _STUMP_SIZE = 0.35, 1.5, 2.2
"""Heights by which pieces of one line may lie beside each other, and how many times larger one may be, also
than one of a letter or two, of which often the middle alone is found."""
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A straight piece of print: where its letters begin and end, on the middle of their height, ``(2,)`` px
    each, the height of its capitals in px, and how sure the net is of it."""

    start: Floats
    end: Floats
    capitals: float
    sure: float

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.end - self.start))

    @property
    def along(self) -> Floats:
        return np.asarray((self.end - self.start) / max(self.length, 1e-6), np.float32)

    def quad(self) -> Quad:
        """The line's rectangle with room around it, as it is read."""
        along = self.along
        down = np.array([-along[1], along[0]]) * self.capitals * (0.5 + ROOM)
        room = END_ROOM * self.capitals * along
        start, end = self.start - room, self.end + room
        return as_quad([start - down, end - down, end + down, start + down])


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
    found = []
    for number in range(1, count):
        x, y, width, height, cells = (int(value) for value in stats[number])
        if cells < _LEAST_CELLS * _FINER**2:
            continue
        window = slice(y, y + height), slice(x, x + width)
        inside = labels[window] == number
        mean = float(sigmoid(finer[window][inside]).mean())
        if mean < _LEAST_MEAN:
            continue
        rows, columns = np.nonzero(inside)
        points = (np.stack([columns + x, rows + y], axis=1) + 0.5) * (STRIDE / _FINER) - 0.5
        coarse = (rows + y) // _FINER, (columns + x) // _FINER
        along = directions[:, coarse[0], coarse[1]].mean(axis=1)
        found.append(_line(points.astype(np.float32), along, mean))
    return [(line.quad(), line.sure) for line in _joined(found)]


def _line(points: Floats, along: Floats, sure: float) -> _Line:
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
    return _Line(start.astype(np.float32), end.astype(np.float32), capitals, sure)


def _joined(lines: list[_Line]) -> list[_Line]:
    """The lines, pieces of one line put together, the longest first."""
    rest = sorted(lines, key=lambda line: -line.length)
    whole = []
    while rest:
        line = rest.pop(0)
        while (piece := next((other for other in rest if _are_one(line, other)), None)) is not None:
            rest = [other for other in rest if other is not piece]
            line = _put_together(line, piece)
        whole.append(line)
    return whole


def _are_one(line: _Line, piece: _Line) -> bool:
    """Whether a shorter piece lies in a line's direction beyond one of its ends, close to it and as large."""
    capitals = max(line.capitals, piece.capitals)
    is_stump = piece.length < 2 * capitals
    if line.capitals > (_STUMP_SIZE if is_stump else _OTHER_SIZE) * piece.capitals:
        return False
    if piece.capitals > _OTHER_SIZE * line.capitals:
        return False
    along = line.along
    # A piece as long as it is high shows no direction.
    if not is_stump and abs(float(along @ piece.along)) < _ALONG:
        return False
    ends = np.stack([piece.start, piece.end]) - line.start
    reach, aside = ends @ along, ends @ np.array([-along[1], along[0]])
    gap = max(float(reach.min()) - line.length, -float(reach.max()))
    near = aside[int(np.argmin(np.abs(reach - line.length / 2)))]
    return -0.5 * capitals < gap < _GAP * capitals and abs(float(near)) < _ASIDE * capitals


def _put_together(line: _Line, piece: _Line) -> _Line:
    """One line over two pieces, in the direction of the longer one."""
    if float(line.along @ piece.along) < 0:
        piece = _Line(piece.end, piece.start, piece.capitals, piece.sure)
    after = float((piece.start + piece.end - line.start - line.end) @ line.along) > 0
    first, last = (line, piece) if after else (piece, line)
    weights = line.length, piece.length
    capitals, sure = (
        float(np.average(pair, weights=weights))
        for pair in ((line.capitals, piece.capitals), (line.sure, piece.sure))
    )
    return _Line(first.start, last.end, capitals, sure)
