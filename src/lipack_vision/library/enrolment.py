"""Enrolment: what is checked against the library, and written, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lipack_vision.errors import LibraryError
from lipack_vision.library import history, records
from lipack_vision.library.copies import Prints
from lipack_vision.library.facts import FACTS, QUALIFIED, Stored, agreed
from lipack_vision.library.photos import Floats, NewPhoto
from lipack_vision.library.tables import EmbeddingRow, PhotoRow, ReferencePhotoRow, ReferenceRow
from lipack_vision.library.types import EnrolmentError, Refusal
from lipack_vision.library.vectors import STORED, unit_rows

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What shall come into a library.

    Attributes:
        facts: those that were given.
        version: of the encoder that made the photos' vectors.
        allow: grounds of refusal that are passed over.
        least_cosine: of a photo with the nearest other one of its reference.
    """

    reference_id: str
    photos: Sequence[NewPhoto]
    facts: Stored
    version: str
    author: str | None
    allow: Collection[str]
    least_cosine: float


def enrol(session: Session, new: Enrolment, prints: Prints) -> bool:
    """Check and write; whether anything changed.

    Raises:
        EnrolmentError: a photo is refused.
        ConfigError: the facts contradict each other or those of the library.
        LibraryError: a new reference without a photo, or one whose photos have no vectors of this encoder.
    """
    row = session.get(ReferenceRow, new.reference_id)
    if row is None and not new.photos:
        raise records.unknown(session, new.reference_id, "at least one photo of a new reference")
    before: Stored = {name: getattr(row, name) for name in FACTS} if row else {}
    facts = agreed({"status": QUALIFIED} | before | new.facts)
    changed = {name: (before.get(name), value) for name, value in facts.items() if value != before.get(name)}
    if row is not None and not changed and not new.photos:
        return False
    prints.update(session)
    refusals = [*_copies(session, new, prints), *_contradictions(session, new)]
    allowed = sift(refusals, new.allow)
    if row is None:
        session.execute(insert(ReferenceRow).values(reference_id=new.reference_id, **facts))
    elif changed:
        chosen = ReferenceRow.reference_id == new.reference_id
        session.execute(update(ReferenceRow).where(chosen).values(**facts))
    _insert_photos(session, new)
    own = [refusal for photo in new.photos for refusal in photo.refusals]
    by_name = {photo.name: photo.sha256 for photo in new.photos}
    grounds: dict[str, list[str]] = {}
    for refusal in [*own, *allowed]:
        grounds.setdefault(refusal.ground, []).append(by_name[refusal.photo])
    history.append(
        session,
        new.reference_id,
        "enrolled" if row is None else "changed",
        new.author,
        facts=changed,
        photos=[photo.sha256 for photo in new.photos],
        allowed=grounds,
    )
    return True


def sift(refusals: Sequence[Refusal], allow: Collection[str]) -> list[Refusal]:
    """The refusals, if all of them are allowed.

    Raises:
        EnrolmentError: some are not.
    """
    refused = [refusal for refusal in refusals if refusal.ground not in allow]
    if refused:
        raise EnrolmentError(refused)
    return list(refusals)


def duplicates(session: Session, photos: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
    """Photos, as name and SHA-256, that are in the library already, or twice among these."""
    seen: dict[str, str] = {}
    for name, sha256 in photos:
        query = select(ReferencePhotoRow.reference_id).where(ReferencePhotoRow.photo == sha256)
        owner = session.scalar(query)
        if owner is not None or sha256 in seen:
            found = f"a photo of {owner!r}" if owner is not None else f"the same as {seen[sha256]}"
            cure = "Leave it out."
            if owner is not None:
                cure = f"Leave it out, or remove {owner!r} first if the photo is not of it."
            yield Refusal("duplicate", name, f"{found} byte for byte", "a new photo", cure)
        seen.setdefault(sha256, name)


def agreement(vectors: Floats) -> Floats:
    """Of each unit row ``(N, D)`` the cosine with the nearest other one ``(N,)``; 1 where there is none."""
    if len(vectors) < 2:
        return np.ones(len(vectors), np.float32)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -np.inf)
    return np.asarray(cosines.max(axis=1), np.float32)


def _stored(session: Session, new: Enrolment) -> Floats:
    """The vectors ``float32 (N, D)`` of the photos that the reference has already."""
    query = (
        select(EmbeddingRow.vector)
        .select_from(ReferencePhotoRow)
        .outerjoin(
            EmbeddingRow,
            (EmbeddingRow.photo == ReferencePhotoRow.photo) & (EmbeddingRow.version == new.version),
        )
        .where(ReferencePhotoRow.reference_id == new.reference_id)
    )
    rows = session.scalars(query).all()
    found = [(new.reference_id, row) for row in rows if row is not None]
    if len(found) < len(rows):
        raise LibraryError(
            f"reference {new.reference_id!r}",
            expected=f"vectors of encoder {new.version} of all its photos, to compare new ones with",
            found=f"{len(found)} of {len(rows)}",
            cure="Run `lipack library refresh` (QualifiedLibrary.refresh) first.",
        )
    return unit_rows(found, new.photos[0].vector.size)


def _copies(session: Session, new: Enrolment, prints: Prints) -> Iterator[Refusal]:
    yield from duplicates(session, [(photo.name, photo.sha256) for photo in new.photos])
    for photo in new.photos:
        for copy in prints.near(session, photo.hash, photo.thumb):
            if copy.reference_id == new.reference_id or copy.sha256 == photo.sha256:
                continue
            yield Refusal(
                "similar",
                photo.name,
                f"nearly the same as photo {copy.sha256[:12]} of {copy.reference_id!r}",
                "a photo that shows something else than those of other references",
                f"Enrol it under {copy.reference_id!r} if it shows that packaging.",
                copy.correlation,
            )
            break


def _contradictions(session: Session, new: Enrolment) -> Iterator[Refusal]:
    if not new.photos:
        return
    vectors = np.stack([photo.vector for photo in new.photos])
    stored = _stored(session, new)
    matrix = np.concatenate([vectors, stored])
    # New photos that are like each other only show another packaging.
    known = np.arange(len(matrix)) >= len(vectors) if len(stored) else np.arange(len(matrix)) == 0
    reached = _reached(matrix, known, new.least_cosine)
    others, rest = agreement(matrix), (matrix @ matrix[reached].T).max(axis=1)
    for index, photo in enumerate(new.photos):
        alone = others[index] < new.least_cosine
        if alone or not reached[index]:
            cosine = float(others[index] if alone else rest[index])
            found = "the nearest other photo" if alone else "the nearest photo, but for new ones like it,"
            yield Refusal(
                "contradicting",
                photo.name,
                f"cosine {cosine:.2f} with {found} of {new.reference_id!r}",
                f"a photo of the same packaging: cosine {new.least_cosine:g} or more",
                "Check that it shows this packaging; a side unlike the others may be meant.",
                cosine,
                new.least_cosine,
            )


def _reached(matrix: Floats, known: Flags, least: float) -> Flags:
    """Of each unit row ``(N, D)`` whether known ones lead to it, from near to near."""
    near = matrix @ matrix.T >= least
    reached = known
    while (more := reached | near[:, reached].any(axis=1)).sum() > reached.sum():
        reached = more
    return reached


def _insert_photos(session: Session, new: Enrolment) -> None:
    if not new.photos:
        return
    columns = ("sha256", "width", "height", "hash", "thumb", "data")
    session.execute(insert(PhotoRow), [{name: getattr(one, name) for name in columns} for one in new.photos])
    links = [{"reference_id": new.reference_id, "photo": photo.sha256} for photo in new.photos]
    session.execute(insert(ReferencePhotoRow), links)
    vectors = [
        {"photo": one.sha256, "version": new.version, "vector": one.vector.astype(STORED).tobytes()}
        for one in new.photos
    ]
    session.execute(insert(EmbeddingRow), vectors)
