"""What is the matter with a library: records against their history, photos against digests and vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lipack_vision.datasets.pictures import prints
from lipack_vision.errors import ImageError, LipackError
from lipack_vision.image import read_image
from lipack_vision.library import history
from lipack_vision.library.copies import Prints, same_prints
from lipack_vision.library.database import Database
from lipack_vision.library.enrolment import agreement
from lipack_vision.library.facts import FACTS, QUALIFIED, Stored, agreed, checked_facts
from lipack_vision.library.history import State
from lipack_vision.library.photos import NOTHING_SEEN, Floats, digest, embedded_and_seen
from lipack_vision.library.tables import (
    ChangeRow,
    EmbeddingRow,
    MetaRow,
    PhotoRow,
    ReferencePhotoRow,
    ReferenceRow,
)
from lipack_vision.library.types import Problem
from lipack_vision.library.vectors import STORED

if TYPE_CHECKING:
    from lipack_vision.datasets.pictures import Progress
    from lipack_vision.matching.encoder import Encoder

_SAME = 0.99
"""Least cosine of a stored vector with the same one made again, perhaps by another processor."""


class _Stored(NamedTuple):
    """A photo as it stands in the library."""

    id: int
    sha256: str
    hash: bytes
    thumb: bytes
    data: bytes
    vector: bytes | None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Looks through a library.

    Attributes:
        least_cosine: of a photo with the nearest other one of its reference.
        today: day on which references should be valid.
        max_pixels: larger photos are not decoded.
    """

    database: Database
    encoder: Encoder
    least_cosine: float
    today: str
    max_pixels: int

    def run(self, progress: Progress | None) -> list[Problem]:
        """All problems: of records, then of photos; each photo is decoded and embedded again."""
        with self.database.reading() as session:
            states, problems = _states(session)
            photos = _photos_by_reference(session)
            problems += _records(session, states, photos, self.today)
        total, done = sum(map(len, photos.values())), 0
        known = Prints()
        for reference_id, expected in photos.items():
            problems += self._reference(reference_id, states.get(reference_id, State()), known)
            done += len(expected)
            if progress is not None:
                progress(done, total)
        return problems

    def _reference(self, reference_id: str, state: State, known: Prints) -> list[Problem]:
        """Problems of one reference's photos, as they are now."""
        problems: list[Problem] = []
        vectors: list[Floats] = []
        told: list[str] = []
        with self.database.reading() as session:
            known.update(session)
            stored = _stored(session, reference_id, self.encoder.version)
            for photo in stored:
                problems += _copies(session, reference_id, photo, state, known)
        for photo in stored:
            problem, vector = self._photo(photo, reference_id, state)
            if problem is not None:
                problems.append(problem)
            if vector is not None:
                vectors.append(vector)
                told.append(photo.sha256)
        return [*problems, *self._contradictions(reference_id, told, vectors, state)]

    def _photo(self, photo: _Stored, reference_id: str, state: State) -> tuple[Problem | None, Floats | None]:
        """What is the matter with one photo, and its vector made again, unless it cannot be trusted."""

        def tampered(found: str) -> tuple[Problem, None]:
            message = f"{found}. Remove the reference and enrol it anew from the original photos."
            return Problem("tampered", reference_id, photo.sha256, message), None

        if digest(photo.data) != photo.sha256:
            return tampered(
                f"its bytes have SHA-256 {digest(photo.data)[:12]}" if photo.id else "its bytes are gone"
            )
        try:
            image = read_image(photo.data, max_pixels=self.max_pixels)
        except ImageError as error:
            return Problem("wrong", reference_id, photo.sha256, str(error)), None
        code, thumb = prints(image)
        if not same_prints((code.tobytes(), thumb.astype(np.uint8).tobytes()), (photo.hash, photo.thumb)):
            return tampered("the print that finds copies of the photo is another one's")
        (vector,), (seen,) = embedded_and_seen(self.encoder, [image])
        if photo.vector is None:
            message = f"no vector of encoder {self.encoder.version}. Run `lipack library refresh`."
            return Problem("stale", reference_id, photo.sha256, message), vector
        if len(photo.vector) != vector.nbytes:
            return tampered(f"the stored vector has {len(photo.vector)} bytes in place of {vector.nbytes}")
        cosine = float(np.frombuffer(photo.vector, STORED) @ vector)
        if not abs(cosine - 1) <= 1 - _SAME:
            return tampered(f"the stored vector is not the photo's: cosine {cosine:.3f}, below {_SAME}")
        if not seen and photo.sha256 not in state.allowed.get("empty", set()):
            message = (
                f"{NOTHING_SEEN} is found on it, so no photo can be compared with it. Enrol another one."
            )
            return Problem("wrong", reference_id, photo.sha256, message), vector
        return None, vector

    def _contradictions(
        self, reference_id: str, photos: list[str], vectors: list[Floats], state: State
    ) -> Iterator[Problem]:
        """Photos that neither the first one nor one that was allowed leads to, from near to near."""
        if not vectors:
            return
        matrix = np.stack(vectors)
        allowed = state.allowed.get("contradicting", set())
        reached = np.array([sha256 in allowed for sha256 in photos])
        reached[0] = True
        for _ in photos:
            reached |= (matrix @ matrix[reached].T >= self.least_cosine).any(axis=1)
        for sha256, cosine, near in zip(photos, agreement(matrix).tolist(), reached, strict=True):
            if not near:
                message = (
                    f"unlike the first photo of its reference and those like it: cosine {cosine:.2f} with "
                    "the nearest. If it shows something else, enrol the reference anew without it."
                )
                yield Problem("wrong", reference_id, sha256, message)


def _states(session: Session) -> tuple[dict[str, State], list[Problem]]:
    """What the history says of each reference, and where its chain is broken."""
    changes = session.scalars(select(ChangeRow).order_by(ChangeRow.id)).all()
    problems = [
        Problem("tampered", reference_id, None, f"in the history {found}. Compare it with a copy.")
        for reference_id, found in history.breaks(changes, session.scalar(select(MetaRow.last_digest)) or "")
    ]
    try:
        return history.states(changes), problems
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        found = f"the history cannot be read ({error}). Restore a copy."
        return {}, [*problems, Problem("tampered", "", None, found)]


def _photos_by_reference(session: Session) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {key: set() for key in session.scalars(select(ReferenceRow.reference_id))}
    for reference_id, sha256 in session.execute(
        select(ReferencePhotoRow.reference_id, ReferencePhotoRow.photo)
    ):
        found.setdefault(reference_id, set()).add(sha256)
    return found


def _records(
    session: Session, states: dict[str, State], photos: dict[str, set[str]], today: str
) -> Iterator[Problem]:
    """References that are not as their history left them, wrong facts, and validity that has ended."""
    rows = {row.reference_id: row for row in session.scalars(select(ReferenceRow))}
    for reference_id in sorted(states.keys() | rows.keys() | photos.keys()):
        row, state = rows.get(reference_id), states.get(reference_id)
        if row is None or state is None:
            found = "in the history, but not" if row is None else "not in the history, but"
            message = f"{found} among the references. Restore a copy, or enrol or remove it anew."
            yield Problem("tampered", reference_id, None, message)
            continue
        facts: Stored = {name: getattr(row, name) for name in FACTS}
        for name, value in facts.items():
            last = state.facts.get(name)
            if value != last:
                message = f"{name} is {value!r}, but was last set to {last!r}. Set it again, by enrol."
                yield Problem("tampered", reference_id, None, message)
        if photos[reference_id] != state.photos:
            message = "other photos than the history tells. Remove the reference and enrol it anew."
            yield Problem("tampered", reference_id, None, message)
        if not photos[reference_id]:
            yield Problem("wrong", reference_id, None, "no photo, so that it can never match. Enrol one.")
        yield from _facts(reference_id, facts, today)


def _facts(reference_id: str, facts: Stored, today: str) -> Iterator[Problem]:
    try:
        told = agreed(checked_facts(facts))
    except LipackError as error:
        yield Problem("wrong", reference_id, None, str(error))
        return
    last = told["valid_to"]
    if told["status"] == QUALIFIED and last is not None and last < today:
        message = f"valid until {last}, so that it no longer matches. Enrol a new valid_to, or withdraw it."
        yield Problem("stale", reference_id, None, message)


def _stored(session: Session, reference_id: str, version: str) -> list[_Stored]:
    """A reference's photos; one that is gone has the id 0 and no bytes."""
    own = (EmbeddingRow.photo == PhotoRow.sha256) & (EmbeddingRow.version == version)
    columns: list[Any] = [func.coalesce(PhotoRow.id, 0), ReferencePhotoRow.photo]
    columns += [func.coalesce(column, b"") for column in (PhotoRow.hash, PhotoRow.thumb, PhotoRow.data)]
    query = (
        select(*columns, EmbeddingRow.vector)
        .select_from(ReferencePhotoRow)
        .outerjoin(PhotoRow, ReferencePhotoRow.photo == PhotoRow.sha256)
        .outerjoin(EmbeddingRow, own)
        .where(ReferencePhotoRow.reference_id == reference_id)
        .order_by(PhotoRow.id)
    )
    return [_Stored._make(row) for row in session.execute(query)]


def _copies(
    session: Session, reference_id: str, photo: _Stored, state: State, known: Prints
) -> Iterator[Problem]:
    """Earlier photos of other references that show nearly the same; each pair is told once."""
    if photo.sha256 in state.allowed.get("similar", set()):
        return
    for copy in known.near(session, photo.hash, photo.thumb, before=photo.id):
        if copy.reference_id != reference_id:
            message = (
                f"nearly the same as photo {copy.sha256[:12]} of {copy.reference_id!r} "
                f"(correlation {copy.correlation:.2f}). Remove the one that is enrolled wrongly."
            )
            yield Problem("duplicate", reference_id, photo.sha256, message)
