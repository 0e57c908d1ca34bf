"""Vectors made anew after the encoder has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import insert, select

from lipack_vision.errors import ImageError
from lipack_vision.image import read_image
from lipack_vision.library.database import Database
from lipack_vision.library.photos import BATCH, Floats, digest, embedded
from lipack_vision.library.tables import EmbeddingRow, PhotoRow, ReferencePhotoRow
from lipack_vision.library.types import Problem
from lipack_vision.library.vectors import STORED
from lipack_vision.types import ImageArray

if TYPE_CHECKING:
    from lipack_vision.datasets.pictures import Progress
    from lipack_vision.matching.encoder import Encoder


class Refreshed(NamedTuple):
    """What a refresh did.

    Attributes:
        made: vectors that it made.
        problems: photos of which none can be made.
    """

    made: int
    problems: list[Problem]


def refresh(database: Database, encoder: Encoder, max_pixels: int, progress: Progress | None) -> Refreshed:
    """Make and write the missing vectors of the encoder's version, a few in each transaction."""
    own = (EmbeddingRow.photo == ReferencePhotoRow.photo) & (EmbeddingRow.version == encoder.version)
    query = (
        select(ReferencePhotoRow.photo, ReferencePhotoRow.reference_id)
        .outerjoin(EmbeddingRow, own)
        .where(EmbeddingRow.photo.is_(None))
        .order_by(ReferencePhotoRow.reference_id)
    )
    with database.reading() as session:
        missing = [(sha256, reference_id) for sha256, reference_id in session.execute(query)]
    made = 0
    problems: list[Problem] = []
    for start in range(0, len(missing), BATCH):
        part = missing[start : start + BATCH]
        images, found = _decoded(database, part, max_pixels)
        problems += found
        if images:
            vectors = embedded(encoder, list(images.values()))
            made += _write(database, encoder.version, dict(zip(images, vectors, strict=True)))
        if progress is not None:
            progress(start + len(part), len(missing))
    return Refreshed(made, problems)


def _decoded(
    database: Database, photos: Sequence[tuple[str, str]], max_pixels: int
) -> tuple[dict[str, ImageArray], list[Problem]]:
    """The photos by SHA-256, and those that are not what they were or cannot be decoded."""
    chosen = PhotoRow.sha256.in_([sha256 for sha256, _ in photos])
    with database.reading() as session:
        rows = session.execute(select(PhotoRow.sha256, PhotoRow.data).where(chosen)).all()
    owners = dict(photos)
    images: dict[str, ImageArray] = {}
    problems: list[Problem] = []
    for sha256, data in rows:
        if digest(data) != sha256:
            message = "the photo's bytes were altered. Remove the reference and enrol it anew."
            problems.append(Problem("tampered", owners[sha256], sha256, message))
            continue
        try:
            images[sha256] = read_image(data, max_pixels=max_pixels)
        except ImageError as error:
            problems.append(Problem("wrong", owners[sha256], sha256, str(error)))
    return images, problems


def _write(database: Database, version: str, vectors: dict[str, Floats]) -> int:
    """Write vectors of photos that are still there and still lack them; how many."""
    own = (EmbeddingRow.photo == PhotoRow.sha256) & (EmbeddingRow.version == version)
    query = (
        select(PhotoRow.sha256)
        .outerjoin(EmbeddingRow, own)
        .where(PhotoRow.sha256.in_(list(vectors)), EmbeddingRow.photo.is_(None))
    )
    with database.writing() as session:
        rows = [
            {"photo": sha256, "version": version, "vector": vectors[sha256].astype(STORED).tobytes()}
            for sha256 in session.scalars(query)
        ]
        if rows:
            session.execute(insert(EmbeddingRow), rows)
    return len(rows)
