"""Which photos show nearly the same as another one; nearly means what it does in `lipack_vision.datasets`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from lipack_vision.datasets.duplicates import MAX_DISTANCE, MIN_CORRELATION, fine_structure
from lipack_vision.datasets.pictures import THUMB_SIDE
from lipack_vision.library.tables import PhotoRow, ReferencePhotoRow

_WORDS = 4
"""Words of 64 bits of a photo's hash."""
_CHUNK = 500
_SAME_BITS, _SAME_GREY = 16, 2.0
"""Bits and mean grey levels by which decoders of one photo may differ."""


class Copy(NamedTuple):
    """A photo that shows nearly the same as another one.

    Attributes:
        correlation: of their fine structure, up to 1.
    """

    reference_id: str
    sha256: str
    correlation: float


class Prints:
    """The hashes of a library's photos in memory, 32 bytes each, read once and then only what came since.

    Not safe to use from several threads at once.
    """

    def __init__(self) -> None:
        self._count = 0
        self._last = 0
        self._ids: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._hashes: npt.NDArray[np.uint64] = np.zeros((0, _WORDS), np.uint64)

    def update(self, session: Session) -> None:
        """Read the hashes of photos that came since the last call."""
        query = select(PhotoRow.id, PhotoRow.hash).where(PhotoRow.id > self._last).order_by(PhotoRow.id)
        for part in session.execute(query.execution_options(yield_per=10_000)).partitions():
            # An altered print is `verify`'s to tell; here it must not stop others.
            rows = [row for row in part if len(row.hash) == 8 * _WORDS]
            self._add(
                np.array([row.id for row in rows], np.int64),
                np.frombuffer(b"".join(row.hash for row in rows), np.uint64).reshape(-1, _WORDS),
            )

    def near(self, session: Session, code: bytes, thumb: bytes, *, before: int | None = None) -> list[Copy]:
        """Photos that show nearly the same as one with these prints, the most alike first.

        Args:
            before: only photos with a lower id.
        """
        if (len(code), len(thumb)) != (8 * _WORDS, THUMB_SIDE**2):
            return []
        words = np.frombuffer(code, np.uint64)
        bits = np.bitwise_count(self._hashes[: self._count] ^ words).sum(axis=1, dtype=np.uint16)
        near = bits <= MAX_DISTANCE
        if before is not None:
            near &= self._ids[: self._count] < before
        ids = self._ids[: self._count][near].tolist()
        fine = _fine(thumb)
        copies = []
        for start in range(0, len(ids), _CHUNK):
            query = (
                select(ReferencePhotoRow.reference_id, PhotoRow.sha256, PhotoRow.thumb)
                .join(PhotoRow, PhotoRow.sha256 == ReferencePhotoRow.photo)
                .where(PhotoRow.id.in_(ids[start : start + _CHUNK]))
            )
            for reference_id, sha256, other in session.execute(query):
                correlation = float(fine @ _fine(other)) if len(other) == len(thumb) else 0.0
                if correlation >= MIN_CORRELATION:
                    copies.append(Copy(reference_id, sha256, correlation))
        return sorted(copies, key=lambda copy: -copy.correlation)

    def _add(self, ids: npt.NDArray[np.int64], hashes: npt.NDArray[np.uint64]) -> None:
        count = self._count + len(ids)
        if not len(ids):
            return
        if count > len(self._ids):
            # Half as much again: copying all for each new photo would take longer than comparing.
            room = count + count // 2 - self._count
            self._ids = np.concatenate([self._ids[: self._count], np.zeros(room, np.int64)])
            self._hashes = np.concatenate([self._hashes[: self._count], np.zeros((room, _WORDS), np.uint64)])
        self._ids[self._count : count], self._hashes[self._count : count] = ids, hashes
        self._count, self._last = count, int(ids[-1])


def same_prints(first: tuple[bytes, bytes], second: tuple[bytes, bytes]) -> bool:
    """Whether hash and thumbnail are those of one photo, perhaps decoded by another release of a library."""
    if [len(one) for one in first] != [len(one) for one in second]:
        return False
    codes, thumbs = (
        [np.frombuffer(one, np.uint8) for one in pair] for pair in zip(first, second, strict=True)
    )
    differing = int(np.bitwise_count(codes[0] ^ codes[1]).sum())
    apart = float(np.abs(thumbs[0].astype(np.int16) - thumbs[1]).mean())
    return differing <= _SAME_BITS and apart <= _SAME_GREY


def _fine(thumb: bytes) -> npt.NDArray[np.float32]:
    side = THUMB_SIDE
    return fine_structure(np.frombuffer(thumb, np.uint8).reshape(side, side).astype(np.float32))
