"""The library of qualified packagings (合格库)."""

from __future__ import annotations

import builtins
import os
import threading
from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from lipack_vision.errors import ConfigError, LibraryError
from lipack_vision.image import MAX_PIXELS, ImageSource
from lipack_vision.library import enrolment, history, photos, records, refreshing
from lipack_vision.library.copies import Prints
from lipack_vision.library.database import Database
from lipack_vision.library.facts import FACTS, checked_facts, day_told, plain_name, plain_type
from lipack_vision.library.photos import NewPhoto
from lipack_vision.library.refreshing import Refreshed
from lipack_vision.library.tables import ChangeRow, MetaRow, PhotoRow, ReferencePhotoRow, ReferenceRow
from lipack_vision.library.types import (
    ALLOWABLE,
    HistoryEntry,
    Problem,
    Reference,
    Vectors,
)
from lipack_vision.library.vectors import is_valid, read_vectors
from lipack_vision.library.verification import Verifier

if TYPE_CHECKING:
    from lipack_vision.datasets.pictures import Progress
    from lipack_vision.matching.encoder import Encoder

LEAST_COSINE = 0.5
"""Of a photo with the nearest other one of its reference; below it, the photo shows another packaging."""


class QualifiedLibrary:
    """References of qualified packagings with their photos, facts and history, in SQL.

    Safe to use from several threads and programs at once. What fails or is killed leaves it as it was.

    Args:
        url: ``sqlite:///library.db``, the path of a SQLite file, or with the extra ``postgres``
            ``postgresql+psycopg://user@host/database``. SQLite files belong on a disk of this machine, not on
            one of a network.
        encoder: makes the vectors; by default `lipack_vision.matching.encoder.SiameseEncoder`, loaded when it
            is needed.
        create: make the library where there is none yet; else that is an error.
        least_cosine: of a photo with the nearest other one of its reference, below which it is refused.
        max_pixels: larger photos are refused before decoding.

    Raises:
        ConfigError: not such a URL.
        MissingExtraError: PostgreSQL without the extra ``postgres``.
    """

    def __init__(
        self,
        url: str | os.PathLike[str] = "sqlite:///library.db",
        *,
        encoder: Encoder | None = None,
        create: bool = True,
        least_cosine: float = LEAST_COSINE,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._database = Database(url, create=create)
        self._encoder = encoder
        self._loading = threading.Lock()
        self._prints = Prints()
        self.least_cosine = least_cosine
        self.max_pixels = max_pixels

    @property
    def url(self) -> str:
        """Where it is kept, without a password."""
        return self._database.name

    @property
    def encoder(self) -> Encoder:
        """What makes the vectors.

        Raises:
            ArtifactError: none was given, and the shipped one cannot be loaded.
        """
        with self._loading:
            if self._encoder is None:
                from lipack_vision.matching.encoder import SiameseEncoder

                self._encoder = SiameseEncoder()
            return self._encoder

    @property
    def revision(self) -> int:
        """A number that every writing transaction raises; quick to ask for."""
        with self._database.reading() as session:
            return session.scalar(select(MetaRow.revision)) or 0

    def enroll(
        self,
        reference_id: str,
        images: ImageSource | Iterable[ImageSource] = (),
        *,
        author: str | None = None,
        allow: Collection[str] = (),
        **facts: Any,
    ) -> Reference:
        """Add a reference, or photos and facts to one that is there; all of it or nothing.

        Args:
            reference_id: the user's own name of the packaging.
            images: photos of it, each a path, encoded bytes or an array; files are kept as they are given.
            author: who does this, for the history; by default the user of this process.
            allow: refusals to pass over: ``tiny``, ``blurred``, ``empty`` (neither a carton nor a mark is
                found), ``similar`` (nearly the same as a photo of another reference), ``contradicting``
                (unlike all other photos of this one).
            facts: ``maker``, ``packaging_type``, ``un_code``, ``performance_sheet``, ``valid_from``,
                ``valid_to`` (days), ``status`` (``qualified`` or ``withdrawn``); None takes one away. Without
                a packaging type it is that of the UN code, such as ``4G``.

        Raises:
            EnrolmentError: photos are refused; it says which, why and how to mend it.
            ImageError: a photo cannot be read.
            ConfigError: an unknown or wrong fact, id or ground.
            LibraryError: the library cannot be written, or must be refreshed first.
        """
        name = plain_name(reference_id)
        told = checked_facts(facts)
        allowed = _grounds(allow)
        by = None if author is None else plain_name(author, "author")
        files = photos.files(images)
        encoder = self.encoder if files else None
        new = self._prepared(files, encoder, allowed) if encoder else []
        version = encoder.version if encoder else ""
        order = enrolment.Enrolment(name, new, told, version, by, allowed, self.least_cosine)
        with self._database.writing() as session:
            if not enrolment.enrol(session, order, self._prints):
                session.rollback()
            return records.reference(session, name)

    def remove(self, reference_id: str, *, author: str | None = None) -> None:
        """Take a reference and its photos out; its history stays. To keep them, enrol ``status="withdrawn"``.

        Raises:
            LibraryError: there is none with this id.
        """
        name = plain_name(reference_id)
        by = None if author is None else plain_name(author, "author")
        with self._database.writing() as session:
            row = session.get(ReferenceRow, name)
            if row is None:
                raise records.unknown(session, name)
            facts = {fact: (value, None) for fact in FACTS if (value := getattr(row, fact)) is not None}
            own = select(ReferencePhotoRow.photo).where(ReferencePhotoRow.reference_id == name)
            gone = session.scalars(own.order_by(ReferencePhotoRow.photo)).all()
            # Links and vectors go with them.
            session.execute(delete(PhotoRow).where(PhotoRow.sha256.in_(own)))
            session.execute(delete(ReferenceRow).where(ReferenceRow.reference_id == name))
            history.append(session, name, "removed", by, facts=facts, photos=gone)

    def get(self, reference_id: str) -> Reference:
        """The reference with this id, valid or not.

        Raises:
            LibraryError: there is none.
        """
        with self._database.reading() as session:
            return records.reference(session, plain_name(reference_id))

    def list(
        self,
        packaging_type: str | None = None,
        on: date | str | None = None,
        include_invalid: bool = False,
    ) -> builtins.list[Reference]:
        """References in the order of their ids.

        Args:
            packaging_type: only of this type.
            on: day on which they are valid; by default today, where this machine stands.
            include_invalid: withdrawn ones, and those whose days have not come or are over, as well.
        """
        conditions = [] if include_invalid else [is_valid(day_told(on))]
        if packaging_type is not None:
            conditions.append(ReferenceRow.packaging_type == plain_type(packaging_type))
        with self._database.reading() as session:
            return records.references(session, *conditions)

    def photos(self, reference_id: str) -> builtins.list[bytes]:
        """The files of a reference's photos, in the order in which they came.

        Raises:
            LibraryError: there is no such reference, or a photo was altered.
        """
        return [self.photo(sha256) for sha256 in self.get(reference_id).photos]

    def photo(self, sha256: str) -> bytes:
        """The file of one photo.

        Raises:
            LibraryError: there is none, or it was altered.
        """
        with self._database.reading() as session:
            data = session.scalar(select(PhotoRow.data).where(PhotoRow.sha256 == sha256))
        if data is None or photos.digest(data) != sha256:
            raise LibraryError(
                f"photo {sha256}",
                expected="a photo with this SHA-256",
                found="none" if data is None else f"SHA-256 {photos.digest(data)}",
                cure="Run `lipack library verify`.",
            )
        return data

    def history(self, reference_id: str) -> builtins.list[HistoryEntry]:
        """All changes of a reference, the first one first, also when it was removed since.

        Raises:
            LibraryError: there never was one with this id.
        """
        name = plain_name(reference_id)
        query = select(ChangeRow).where(ChangeRow.reference_id == name).order_by(ChangeRow.id)
        with self._database.reading() as session:
            entries = history.entries(session.scalars(query))
            if not entries:
                raise records.unknown(session, name)
            return entries

    def verify(self, progress: Progress | None = None) -> builtins.list[Problem]:
        """Everything that is the matter, each photo decoded and embedded anew; see `Problem`.

        Args:
            progress: called with photos done and their number.
        """
        verifier = Verifier(self._database, self.encoder, self.least_cosine, day_told(None), self.max_pixels)
        return verifier.run(progress)

    def refresh(self, progress: Progress | None = None) -> Refreshed:
        """Make the vectors that this encoder's version lacks; those of other versions stay, but are not used.

        What was made stays made when this is stopped.

        Args:
            progress: called with photos done and their number.
        """
        return refreshing.refresh(self._database, self.encoder, self.max_pixels, progress)

    def vectors(self, among: str | Iterable[str] | None = None, on: date | str | None = None) -> Vectors:
        """The vectors of this encoder's version of all photos of valid references.

        Args:
            among: a packaging type, or ids; by default all.
            on: day on which they are valid; by default today, where this machine stands.

        Raises:
            LibraryError: a stored vector was altered.
        """
        encoder = self.encoder
        with self._database.reading() as session:
            return read_vectors(session, among, day_told(on), encoder.version, encoder.dimension)

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._database.close()

    def _prepared(
        self, files: builtins.list[tuple[str, bytes]], encoder: Encoder, allow: Collection[str]
    ) -> builtins.list[NewPhoto]:
        """All that can be done, or refused, before a transaction makes others wait."""
        with self._database.reading() as session:
            known = [(name, photos.digest(data)) for name, data in files]
            enrolment.sift([*enrolment.duplicates(session, known)], allow)
        new = photos.prepared(files, encoder, self.max_pixels)
        enrolment.sift([refusal for photo in new for refusal in photo.refusals], allow)
        return new


def _grounds(allow: Collection[str]) -> frozenset[str]:
    given = frozenset({allow} if isinstance(allow, str) else allow)
    if not given <= set(ALLOWABLE):
        raise ConfigError(
            "allow",
            expected=f"grounds of {', '.join(ALLOWABLE)}",
            found=", ".join(sorted(given - set(ALLOWABLE))),
            cure="A photo that is in the library already cannot come a second time.",
        )
    return given
