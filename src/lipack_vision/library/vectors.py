"""The vectors of valid references, read without their photos into one matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lipack_vision.errors import LibraryError
from lipack_vision.library.facts import QUALIFIED, plain_type
from lipack_vision.library.photos import Floats
from lipack_vision.library.tables import EmbeddingRow, MetaRow, ReferencePhotoRow, ReferenceRow
from lipack_vision.library.types import Vectors

STORED = "<f4"
"""How a vector's numbers are stored."""
_CHUNK = 500
"""Values of one IN list; SQLite allows 32766 and PostgreSQL 65535."""
_ROWS = 4096


def is_valid(day: str) -> ColumnElement[bool]:
    """Whether a reference is qualified on that day, such as ``2026-05-31``."""
    return and_(
        ReferenceRow.status == QUALIFIED,
        or_(ReferenceRow.valid_from.is_(None), ReferenceRow.valid_from <= day),
        or_(ReferenceRow.valid_to.is_(None), ReferenceRow.valid_to >= day),
    )


def among_conditions(among: str | Iterable[str] | None) -> Iterator[ColumnElement[bool]]:
    """Conditions that together choose all references, those of a packaging type, or those with these ids."""
    if among is None:
        yield ReferenceRow.reference_id.is_not(None)
    elif isinstance(among, str):
        yield ReferenceRow.packaging_type == plain_type(among)
    else:
        ids = sorted(set(among))
        for start in range(0, len(ids), _CHUNK):
            yield ReferenceRow.reference_id.in_(ids[start : start + _CHUNK])


def read_vectors(
    session: Session, among: str | Iterable[str] | None, day: str, version: str, dimension: int
) -> Vectors:
    """The vectors of one encoder's version, in the order of reference ids and photos.

    Raises:
        LibraryError: a stored vector is not one.
    """
    chosen = [_query(condition, day, version) for condition in among_conditions(among)]
    total = sum(session.scalar(select(func.count()).select_from(query.subquery())) or 0 for query in chosen)
    matrix = np.empty((total, dimension), np.float32)
    ids: list[str] = []
    photos: list[str] = []
    known: dict[str, str] = {}
    for query in chosen:
        for rows in session.execute(query.execution_options(yield_per=_ROWS)).partitions():
            start = len(ids)
            # One object for all rows of a reference.
            ids.extend(known.setdefault(row.reference_id, row.reference_id) for row in rows)
            photos.extend(row.photo for row in rows)
            matrix[start : len(ids)] = unit_rows([(row.reference_id, row.vector) for row in rows], dimension)
    matrix.flags.writeable = False
    revision = session.scalar(select(MetaRow.revision)) or 0
    return Vectors(tuple(ids), tuple(photos), matrix, version, revision)


def _query(condition: ColumnElement[bool], day: str, version: str) -> Select[str, str, bytes]:
    return (
        select(ReferencePhotoRow.reference_id, ReferencePhotoRow.photo, EmbeddingRow.vector)
        .join(ReferenceRow, ReferenceRow.reference_id == ReferencePhotoRow.reference_id)
        .join(EmbeddingRow, EmbeddingRow.photo == ReferencePhotoRow.photo)
        .where(condition, is_valid(day), EmbeddingRow.version == version)
        .order_by(ReferencePhotoRow.reference_id, ReferencePhotoRow.photo)
    )


def unit_rows(stored: Sequence[tuple[str, bytes]], dimension: int) -> Floats:
    """Stored vectors, each with its reference's id, as ``float32 (N, dimension)``.

    Raises:
        LibraryError: one is not of length 1; it would match too well or never.
    """
    for reference_id, vector in stored:
        if len(vector) != 4 * dimension:
            raise _altered(reference_id, f"a vector of {len(vector)} bytes")
    rows = np.frombuffer(b"".join(vector for _, vector in stored), STORED).reshape(-1, dimension)
    wrong = ~(np.abs(np.einsum("ij,ij->i", rows, rows) - 1) < 1e-3)
    if wrong.any():
        raise _altered(stored[int(wrong.argmax())][0], "a vector of another length than 1")
    return rows


def _altered(reference_id: str, found: str) -> LibraryError:
    return LibraryError(
        f"reference {reference_id!r}",
        expected="a unit vector as it was stored",
        found=found,
        cure="Run `lipack library verify`; something other than this program altered the library.",
    )
