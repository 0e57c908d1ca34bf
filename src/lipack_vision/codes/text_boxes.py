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
_SPECK_CELLS = 1
"""Smaller ones, from this on, are believed where a letter alone in its row is due."""
_LONG = 1.5
"""Relation of the sides from which the longer one shows the direction of the line."""
_GAP = 1.0
"""Heights of capitals between two pieces of print up to which they are one line: faint and dotted print is
found in pieces, and a letter at a break is read twice or not at all."""
_ALONG = 0.97
"""Cosine of the angle, 14 degrees, between pieces of one line."""
_ASIDE = 0.35
"""Heights by which a piece may lie higher or lower than the line that it belongs to."""
_BEND = 0.25
"""Heights by which two pieces may leave the straight line through both; more would be cut off."""
_OTHER_SIZE = 1.5
"""How many times larger one piece of a line may be than another."""
_STUMP, _STUMP_SIZE = 2.0, 2.2
"""Heights of capitals below which a piece is a letter or two. Its length and direction say nothing, and often
the middle of the letters alone is found, so it may be smaller."""
_LETTER = 0.35
"""Half the width of a letter, in heights of capitals."""
_ROWS = 2.0
"""Heights of capitals between the middles of two rows of one text, at most."""
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


@dataclass(frozen=True, slots=True, eq=False)
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
    found: list[_Line] = []
    specks: list[_Line] = []
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
    lines = _joined(found)
    letters = {id(piece): _letter_alone(piece, lines) for piece in (*lines, *specks)}
    kept = [letters[id(line)] or line for line in lines] + [
        letter for speck in specks if (letter := letters[id(speck)]) is not None
    ]
    return [(line.quad(), line.sure) for line in kept]


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
        while rest:
            gaps = _gaps(line, rest)
            nearest = int(np.argmin(gaps))
            if not np.isfinite(gaps[nearest]):
                break
            line = _union(line, rest.pop(nearest))
        whole.append(line)
    return whole


def _gaps(line: _Line, pieces: list[_Line]) -> Floats:
    """Pixels ``(N,)`` between a line and each of some shorter pieces; infinite for those that are no part of
    it."""
    along = line.along
    across = np.array([-along[1], along[0]])
    capitals = np.array([piece.capitals for piece in pieces])
    lengths = np.array([piece.length for piece in pieces])
    is_stump = lengths < _STUMP * line.capitals
    parallel = np.abs(np.stack([piece.along for piece in pieces]) @ along) > _ALONG
    smaller = np.where(is_stump, _STUMP_SIZE, _OTHER_SIZE)
    # A letter is higher than it is wide, so what was taken for its length may be its height.
    sizes = np.where(is_stump, np.maximum(capitals, lengths), capitals)
    alike = (line.capitals < smaller * sizes) & (capitals < _OTHER_SIZE * line.capitals)
    ends = np.stack([(piece.start, piece.end) for piece in pieces]) - line.start
    reach, aside = ends @ along, np.abs(ends @ across)
    middle, half = reach.mean(axis=1), np.where(is_stump, _LETTER * line.capitals, np.ptp(reach, axis=1) / 2)
    gaps = np.abs(middle - line.length / 2) - line.length / 2 - half
    # Of the outer end, how far the line's own end then leaves the line through both.
    outer = aside[np.arange(len(pieces)), np.argmax(np.abs(reach - line.length / 2), axis=1)]
    bend = outer * line.length / np.maximum(line.length + lengths + gaps, 1e-6)
    off = np.where(is_stump, np.abs((ends @ across).mean(axis=1)), aside.min(axis=1))
    one = alike & (is_stump | (parallel & (bend < _BEND * line.capitals))) & (off < _ASIDE * line.capitals)
    one &= (gaps > -0.5 * line.capitals) & (gaps < _GAP * line.capitals)
    return np.where(one, np.maximum(gaps, 0), np.inf).astype(np.float32)


def _union(line: _Line, piece: _Line) -> _Line:
    """A line and a shorter piece as one line, in the direction of the longer one."""
    along = line.along
    ends = (np.stack([piece.start, piece.end]) - line.start) @ along
    after = float(ends.mean()) > line.length / 2
    if piece.length < _STUMP * line.capitals:
        reach = float(ends.mean()) + (1 if after else -1) * _LETTER * line.capitals
        outer, capitals = line.start + reach * along, line.capitals
    else:
        outer = (piece.start, piece.end)[int(np.argmax(ends) if after else np.argmin(ends))]
        weights = line.length, piece.length
        capitals = float(np.average((line.capitals, piece.capitals), weights=weights))
    sure = min(line.sure, piece.sure)
    return _Line(line.start, outer, capitals, sure) if after else _Line(outer, line.end, capitals, sure)


def _letter_alone(piece: _Line, lines: list[_Line]) -> _Line | None:
    """The letter that a small piece shows if rows of one text stand above and below it, as at the sign of a
    state between them; None elsewhere. Its size is that of the rows: too little of it is found to tell."""
    middle = (piece.start + piece.end) / 2
    beside: dict[bool, _Line] = {}
    for line in lines:
        if line.length < _STUMP * line.capitals or piece.length > _OTHER_SIZE * line.capitals:
            continue
        along = line.along
        reach = float((middle - line.start) @ along)
        down = float((middle - line.start) @ np.array([-along[1], along[0]])) / line.capitals
        if -line.capitals < reach < line.length + line.capitals and 1 < abs(down) < _ROWS:
            beside[down > 0] = line
    if len(beside) < 2:
        return None
    above, below = beside[True], beside[False]
    alike = max(above.capitals, below.capitals) < _OTHER_SIZE * min(above.capitals, below.capitals)
    along = above.along
    if not alike or abs(float(along @ below.along)) < _ALONG:
        return None
    capitals = (above.capitals + below.capitals) / 2
    half = max(_LETTER * capitals, abs(float((piece.end - middle) @ along))) * along
    return _Line(middle - half, middle + half, capitals, piece.sure)
