"""The tables of a library. Dates and times are ISO 8601 text: whatever stands there can be read and told."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 1
NO_DIGEST = "0" * 64
"""Stands before the first change."""
_SHA256 = String(64)
_TEXT = String(200)


class Base(DeclarativeBase):
    """Base of all tables."""


class MetaRow(Base):
    """The one row that says what this database is, counts the writing transactions, and ends the history."""

    __tablename__ = "lipack_meta"
    __table_args__ = (CheckConstraint("id = 1"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    schema_version: Mapped[int]
    revision: Mapped[int]
    last_digest: Mapped[str] = mapped_column(_SHA256)


class ReferenceRow(Base):
    """A qualified packaging and its facts."""

    __tablename__ = "lipack_references"

    reference_id: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    maker: Mapped[str | None] = mapped_column(_TEXT)
    packaging_type: Mapped[str | None] = mapped_column(_TEXT, index=True)
    un_code: Mapped[str | None] = mapped_column(_TEXT)
    performance_sheet: Mapped[str | None] = mapped_column(_TEXT)
    valid_from: Mapped[str | None] = mapped_column(String(10))
    valid_to: Mapped[str | None] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(20))


class PhotoRow(Base):
    """A photo under its SHA-256, its file as it was given, and prints to find others that show the same."""

    __tablename__ = "lipack_photos"
    # Ids are never used again, so that a reader may ask for what came after the last one it saw.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (SQLAlchemy's own declaration)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(_SHA256, unique=True)
    width: Mapped[int]
    height: Mapped[int]
    hash: Mapped[bytes]
    thumb: Mapped[bytes] = mapped_column(deferred=True)
    # The last column: SQLite reads the others without touching the pages of this one.
    data: Mapped[bytes] = mapped_column(deferred=True)


class ReferencePhotoRow(Base):
    """Which reference a photo shows. A photo of two references could tell neither, so there is one."""

    __tablename__ = "lipack_reference_photos"

    reference_id: Mapped[str] = mapped_column(
        ForeignKey(ReferenceRow.reference_id, ondelete="CASCADE"), primary_key=True
    )
    photo: Mapped[str] = mapped_column(
        ForeignKey(PhotoRow.sha256, ondelete="CASCADE"), primary_key=True, unique=True
    )


class EmbeddingRow(Base):
    """The vector that one version of an encoder makes of a photo: float32, little-endian."""

    __tablename__ = "lipack_embeddings"

    photo: Mapped[str] = mapped_column(ForeignKey(PhotoRow.sha256, ondelete="CASCADE"), primary_key=True)
    version: Mapped[str] = mapped_column(_TEXT, primary_key=True)
    vector: Mapped[bytes]


class ChangeRow(Base):
    """One change, with a digest over itself and the change before it. It outlives its reference."""

    __tablename__ = "lipack_changes"
    __table_args__ = (Index("lipack_changes_of", "reference_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    reference_id: Mapped[str] = mapped_column(_TEXT)
    time: Mapped[str] = mapped_column(String(32))
    author: Mapped[str] = mapped_column(_TEXT)
    action: Mapped[str] = mapped_column(String(20))
    details: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(_SHA256)
