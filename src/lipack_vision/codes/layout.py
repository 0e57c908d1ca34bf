"""Put lines of text in reading order and find which of them stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.codes.text import TextLine
from lipack_vision.types import Quad, as_quad

_SAME_ROW = 0.6
"""Lines whose middles differ by less than this part of a letter height stand in one row."""

_SAME_SIZE = 0.25
"""Heights and pitches that differ by less than this part are taken for the same; finders err so much."""
_SAME_EDGE = 0.5
"""Edges that differ by less than this part of a letter height are one below the other."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line in the frame of the text: ``along`` the writing and ``down`` across it, in pixels.

    Attributes:
        line: the line.
        start: where it begins, along.
        end: where it ends, along.
        middle: its middle, down.
        height: its height.
    """

    line: TextLine
    start: float
    end: float
    middle: float
    height: float


Row = list[Placed]


def direction(lines: Sequence[TextLine]) -> npt.NDArray[np.float64]:
    """Unit vector ``(2,)`` along which the lines are written, longer lines counting more."""
    total = np.zeros(2)
    for line in lines:
        total += (line.quad[1] - line.quad[0]) + (line.quad[2] - line.quad[3])
    length = float(np.hypot(*total))
    return total / length if length > 1e-6 else np.array([1.0, 0.0])


def turn_between(first: TextLine, second: TextLine) -> float:
    """Angle in degrees, 0 to 180, between the directions of two lines."""
    cosine = float(np.clip(direction([first]) @ direction([second]), -1, 1))
    return float(np.degrees(np.arccos(cosine)))


def place(lines: Sequence[TextLine], along: npt.NDArray[np.float64]) -> list[Placed]:
    """The lines in the frame whose first axis is ``along``."""
    down = np.array([-along[1], along[0]])
    placed = []
    for line in lines:
        s, t = line.quad @ along, line.quad @ down
        height = float(
            np.linalg.norm(line.quad[3] - line.quad[0]) + np.linalg.norm(line.quad[2] - line.quad[1])
        )
        placed.append(
            Placed(line, float(s[[0, 3]].mean()), float(s[[1, 2]].mean()), float(t.mean()), height / 2)
        )
    return placed


def rows(placed: Sequence[Placed]) -> list[Row]:
    """Lines gathered into rows from top to bottom, each from left to right."""
    gathered: list[Row] = []
    for item in sorted(placed, key=lambda p: p.middle):
        last = gathered[-1][-1] if gathered else None
        if last and item.middle - last.middle < _SAME_ROW * min(last.height, item.height):
            gathered[-1].append(item)
        else:
            gathered.append([item])
    return [sorted(row, key=lambda p: p.start) for row in gathered]


def follows(row: Row, item: Placed) -> bool:
    """Whether a line of the same size stands close under a row, or beside its end."""
    first, last = row[0], row[-1]
    height = float(np.median([p.height for p in row]))
    if not 0.5 < item.height / height < 2.0 or turn_between(first.line, item.line) > 12:
        return False
    step = item.middle - float(np.mean([p.middle for p in row]))
    if abs(step) < _SAME_ROW * height:
        return -0.5 * height < item.start - last.end < 2.5 * height
    overlap = min(last.end, item.end) - max(first.start, item.start)
    shorter = min(last.end - first.start, item.end - item.start)
    return 0 < step < 2.2 * max(height, item.height) and overlap > 0.3 * shorter


def goes_on(block: Sequence[Row], row: Row) -> bool:
    """Whether a row is set as two or more rows above it are: same height, same pitch, and their left edge or
    their middle."""
    if len(block) < 2:
        return False
    height = float(np.median([item.height for known in block for item in known]))
    middles = [float(np.mean([item.middle for item in known])) for known in (*block, row)]
    *pitches, last = np.diff(middles)
    same_height = abs(row[0].height / height - 1) < _SAME_SIZE
    same_pitch = abs(last / float(np.median(pitches)) - 1) < _SAME_SIZE
    starts = [known[0].start for known in (*block, row)]
    centres = [(known[0].start + known[-1].end) / 2 for known in (*block, row)]
    in_line = any(
        abs(edges[-1] - float(np.median(edges[:-1]))) < _SAME_EDGE * height for edges in (starts, centres)
    )
    return same_height and same_pitch and in_line


def hull(lines: Sequence[TextLine]) -> Quad:
    """Smallest rectangle in the lines' direction around all of them, from its top left corner clockwise."""
    along = direction(lines)
    down = np.array([-along[1], along[0]])
    points = np.concatenate([line.quad for line in lines])
    s, t = points @ along, points @ down
    corners = ((s.min(), t.min()), (s.max(), t.min()), (s.max(), t.max()), (s.min(), t.max()))
    return as_quad([a * along + b * down for a, b in corners])


def is_inside(line: TextLine, quad: Quad, slack: float = 0.15) -> bool:
    """Whether a line's middle lies in a quad grown by ``slack`` of its size."""
    centre = quad.mean(axis=0)
    grown = (centre + (quad - centre) * (1 + slack)).astype(np.float32)
    x, y = (float(v) for v in line.quad.mean(axis=0))
    return bool(cv2.pointPolygonTest(grown.reshape(4, 1, 2), (x, y), False) >= 0)
