"""Pieces of print put together to lines, and letters that stand alone between rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A straight piece of print: where its letters begin and end, on the middle of their height, ``(2,)`` px
    each, the height of its capitals in px, and how sure the net is of it."""

    start: Floats
    end: Floats
    capitals: float
    sure: float

    @property
    def length(self) -> float:
        """Pixels from its start to its end."""
        return float(np.linalg.norm(self.end - self.start))

    @property
    def along(self) -> Floats:
        """Unit vector ``(2,)`` in which it is read."""
        return np.asarray((self.end - self.start) / max(self.length, 1e-6), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Some pieces: starts, ends and directions ``(N, 2)``, lengths and heights of capitals ``(N,)``."""

    starts: Floats
    ends: Floats
    along: Floats
    lengths: Floats
    capitals: npt.NDArray[np.float64]


def _table(pieces: Sequence[Piece]) -> _Table:
    return _Table(
        np.stack([piece.start for piece in pieces]),
        np.stack([piece.end for piece in pieces]),
        np.stack([piece.along for piece in pieces]),
        np.array([piece.length for piece in pieces]),
        np.array([piece.capitals for piece in pieces]),
    )


def joined(lines: list[Piece]) -> list[Piece]:
    """The lines, pieces of one line put together, the longest first."""
    if not lines:
        return []
    pieces = sorted(lines, key=lambda line: -line.length)
    table, free = _table(pieces), np.ones(len(pieces), bool)
    whole = []
    for number, piece in enumerate(pieces):
        if not free[number]:
            continue
        line, free[number] = piece, False
        while True:
            gaps = np.where(free, _gaps(line, table), np.inf)
            nearest = int(np.argmin(gaps))
            if not np.isfinite(gaps[nearest]):
                break
            line, free[nearest] = _union(line, pieces[nearest]), False
        whole.append(line)
    return whole


def _gaps(line: Piece, pieces: _Table) -> Floats:
    """Pixels ``(N,)`` between a line and each of some shorter pieces; infinite for those that are no part of
    it."""
    along = line.along
    across = np.array([-along[1], along[0]])
    capitals, lengths = pieces.capitals, pieces.lengths
    is_stump = lengths < _STUMP * line.capitals
    parallel = np.abs(pieces.along @ along) > _ALONG
    smaller = np.where(is_stump, _STUMP_SIZE, _OTHER_SIZE)
    # A letter is higher than it is wide, so what was taken for its length may be its height.
    sizes = np.where(is_stump, np.maximum(capitals, lengths), capitals)
    alike = (line.capitals < smaller * sizes) & (capitals < _OTHER_SIZE * line.capitals)
    ends = np.stack([pieces.starts, pieces.ends], axis=1) - line.start
    reach, aside = ends @ along, np.abs(ends @ across)
    middle, half = reach.mean(axis=1), np.where(is_stump, _LETTER * line.capitals, np.ptp(reach, axis=1) / 2)
    gaps = np.abs(middle - line.length / 2) - line.length / 2 - half
    # Of the outer end, how far the line's own end then leaves the line through both.
    outer = aside[np.arange(len(aside)), np.argmax(np.abs(reach - line.length / 2), axis=1)]
    bend = outer * line.length / np.maximum(line.length + lengths + gaps, 1e-6)
    off = np.where(is_stump, np.abs((ends @ across).mean(axis=1)), aside.min(axis=1))
    one = alike & (is_stump | (parallel & (bend < _BEND * line.capitals))) & (off < _ASIDE * line.capitals)
    one &= (gaps > -0.5 * line.capitals) & (gaps < _GAP * line.capitals)
    return np.where(one, np.maximum(gaps, 0), np.inf).astype(np.float32)


def _union(line: Piece, piece: Piece) -> Piece:
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
    return Piece(line.start, outer, capitals, sure) if after else Piece(outer, line.end, capitals, sure)


def letters_alone(lines: list[Piece], specks: list[Piece]) -> list[Piece]:
    """The lines, and those specks that are a letter alone in its row, as the sign of a state may be.

    Rows of one text stand above and below such a letter. It is as large as theirs, for too little of it is
    found to tell; so are lines of a letter at such a place.
    """
    rows = [line for line in lines if line.length >= _STUMP * line.capitals]
    if len(rows) < 2:
        return lines
    pieces = [*lines, *specks]
    those, lengths = _table(rows), np.array([piece.length for piece in pieces])
    middles = np.stack([(piece.start + piece.end) / 2 for piece in pieces])
    offsets = middles[:, None] - those.starts
    reach = (offsets * those.along).sum(axis=2)
    across = np.stack([-those.along[:, 1], those.along[:, 0]], axis=1)
    down = (offsets * across).sum(axis=2) / those.capitals
    near = (reach > -those.capitals) & (reach < those.lengths + those.capitals) & (np.abs(down) > 1)
    near &= lengths[:, None] <= _OTHER_SIZE * those.capitals
    above = np.where(near & (down > 0), down, np.inf)
    below = np.where(near & (down < 0), -down, np.inf)
    found = [
        _letter(piece, rows[int(np.argmin(over))], rows[int(np.argmin(under))])
        if max(over.min(), under.min()) < _ROWS
        else None
        for piece, over, under in zip(pieces, above, below, strict=True)
    ]
    kept = [letter or line for line, letter in zip(lines, found[: len(lines)], strict=True)]
    return kept + [letter for letter in found[len(lines) :] if letter is not None]


def _letter(piece: Piece, above: Piece, below: Piece) -> Piece | None:
    """A piece as a letter of the rows above and below, or None where these are no rows of one text."""
    along = above.along
    alike = max(above.capitals, below.capitals) < _OTHER_SIZE * min(above.capitals, below.capitals)
    if not alike or abs(float(along @ below.along)) < _ALONG:
        return None
    capitals = (above.capitals + below.capitals) / 2
    middle = (piece.start + piece.end) / 2
    half = max(_LETTER * capitals, abs(float((piece.end - middle) @ along))) * along
    return Piece(middle - half, middle + half, capitals, piece.sure)
