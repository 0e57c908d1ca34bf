"""References as a session reads them."""

from __future__ import annotations

import difflib

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lipack_vision.errors import ConfigError, LibraryError
from lipack_vision.library.facts import as_date
from lipack_vision.library.tables import PhotoRow, ReferencePhotoRow, ReferenceRow
from lipack_vision.library.types import Reference

_SEARCHED = 10_000
"""Ids among which one like a misspelt one is looked for."""


def references(session: Session, *conditions: ColumnElement[bool]) -> list[Reference]:
    """References that meet all conditions, in the order of their ids.

    Raises:
        LibraryError: what stands there is no reference.
    """
    rows = session.scalars(select(ReferenceRow).where(*conditions).order_by(ReferenceRow.reference_id)).all()
    links = (
        select(ReferencePhotoRow.reference_id, ReferencePhotoRow.photo)
        .join(ReferenceRow, ReferenceRow.reference_id == ReferencePhotoRow.reference_id)
        .join(PhotoRow, PhotoRow.sha256 == ReferencePhotoRow.photo)
        .where(*conditions)
        .order_by(PhotoRow.id)
    )
    photos: dict[str, list[str]] = {row.reference_id: [] for row in rows}
    for reference_id, sha256 in session.execute(links):
        photos[reference_id].append(sha256)
    return [_reference(row, photos[row.reference_id]) for row in rows]


def reference(session: Session, reference_id: str) -> Reference:
    """The reference with this id.

    Raises:
        LibraryError: there is none.
    """
    found = references(session, ReferenceRow.reference_id == reference_id)
    if not found:
        raise unknown(session, reference_id)
    return found[0]


def unknown(
    session: Session, reference_id: str, expected: str = "the id of a reference in the library"
) -> LibraryError:
    """The error that there is no such reference, with one that is spelt nearly so."""
    ids = session.scalars(select(ReferenceRow.reference_id).limit(_SEARCHED)).all()
    near = difflib.get_close_matches(reference_id, ids, n=1)
    return LibraryError(
        f"reference {reference_id!r}",
        expected=expected,
        found="no reference with this id",
        cure=f"Did you mean {near[0]!r}?" if near else "`lipack library list --all` shows all ids.",
    )


def _reference(row: ReferenceRow, photos: list[str]) -> Reference:
    try:
        days = [as_date(getattr(row, name), name) for name in ("valid_from", "valid_to")]
    except ConfigError as error:
        raise LibraryError(
            f"reference {row.reference_id!r}",
            expected=f"{error.expected} in {error.where}",
            found=error.found,
            cure="Run `lipack library verify`; something other than this program altered the library.",
        ) from error
    return Reference(
        reference_id=row.reference_id,
        maker=row.maker,
        packaging_type=row.packaging_type,
        un_code=row.un_code,
        performance_sheet=row.performance_sheet,
        valid_from=days[0],
        valid_to=days[1],
        status=row.status,
        photos=tuple(photos),
    )
