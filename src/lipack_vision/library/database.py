"""Where a library is kept: a SQLite file or a PostgreSQL database, and its transactions."""

from __future__ import annotations

import importlib.util
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, insert, inspect, make_url, select, text, update
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from lipack_vision.errors import ConfigError, LibraryError, MissingExtraError
from lipack_vision.library.tables import NO_DIGEST, SCHEMA_VERSION, Base, MetaRow

_BUSY_SECONDS = 60
"""How long a writer waits for another program's transaction."""
_CREATING = 0x11BAC
"""PostgreSQL's advisory lock of those who create tables."""
_WRITES = "lipack_writes"


class Database:
    """The engine and the transactions of one library. Safe to use from several threads.

    Writers take turns: on SQLite by ``BEGIN IMMEDIATE``, on PostgreSQL by the lock of the meta table's one
    row, which every writing transaction changes first. So a writer sees all that others have committed, and
    what it checks still holds when it commits.

    Args:
        url: of SQLAlchemy, ``sqlite:///library.db`` or ``postgresql+psycopg://...``, or the path of a SQLite
            file.
        create: make the library where there is none yet.

    Raises:
        ConfigError: not such a URL.
        MissingExtraError: PostgreSQL without the extra ``postgres``.
    """

    def __init__(self, url: str | os.PathLike[str], *, create: bool = True) -> None:
        self.url = _checked(url)
        self.name = self.url.render_as_string(hide_password=True)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._create = create
        self._opened = False
        self._opening = threading.Lock()
        # Threads wait here, in order; SQLite's own waiting is a series of naps that starves some.
        self._turn = threading.Lock()
        options: dict[str, Any] = {"max_overflow": -1}
        if self.sqlite:
            options["connect_args"] = {"timeout": _BUSY_SECONDS}
        else:
            options["pool_pre_ping"] = True
        engine = create_engine(self.url, **options)
        self._writer = engine.execution_options(**{_WRITES: True})
        # One transaction's queries must see one state.
        self._reader = engine if self.sqlite else engine.execution_options(isolation_level="REPEATABLE READ")
        if self.sqlite:
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the library and writes nothing.

        Raises:
            LibraryError: there is no library, or the database fails.
        """
        with self._told():
            self._open()
            with Session(self._reader) as session:
                yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are written as one when the block ends, or not at all; raises the revision.

        Raises:
            LibraryError: see `reading`.
        """
        with self._turn, self._told():
            self._open()
            with Session(self._writer, expire_on_commit=False) as session:
                session.execute(update(MetaRow).values(revision=MetaRow.revision + 1))
                yield session
                session.commit()

    def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        self._writer.dispose()

    def _open(self) -> None:
        """Check once that this is a library of this schema, or make it one."""
        with self._opening:
            if self._opened:
                return
            if self.sqlite:
                self._check_file()
            if not self._is_library():
                if not self._create:
                    raise self._absent("a database without one")
                self._make()
            self._opened = True

    def _check_file(self) -> None:
        path = Path(str(self.url.database))
        if not path.exists():
            if not self._create:
                raise self._absent("no such file")
            if not path.parent.is_dir():
                raise LibraryError(
                    self.name,
                    expected="a file in a folder that exists",
                    found=f"no folder {path.parent}",
                    cure="Make the folder first, or correct the path.",
                )

    def _is_library(self) -> bool:
        """Whether the tables are there, and of this schema."""
        with self._reader.connect() as connection:
            tables = inspect(connection).get_table_names()
            if MetaRow.__tablename__ not in tables:
                if tables and self.sqlite:
                    raise LibraryError(
                        self.name,
                        expected="a library of qualified packagings",
                        found=f"a SQLite file of something else (tables {', '.join(tables[:3])})",
                        cure="Name the library's own file, or one that does not exist yet.",
                    )
                return False
            found = connection.execute(select(MetaRow.schema_version)).scalar()
        if found != SCHEMA_VERSION:
            raise LibraryError(
                self.name,
                expected=f"schema version {SCHEMA_VERSION}",
                found=str(found),
                cure="Use the release of lipack-vision that wrote this library.",
            )
        return True

    def _make(self) -> None:
        if self.sqlite:
            self._use_write_ahead_log()
        with self._writer.begin() as connection:
            if not self.sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_CREATING})"))
            # Another program may have been quicker.
            if not inspect(connection).has_table(MetaRow.__tablename__):
                Base.metadata.create_all(connection)
                row = {"id": 1, "schema_version": SCHEMA_VERSION, "revision": 0, "last_digest": NO_DIGEST}
                connection.execute(insert(MetaRow).values(row))

    def _use_write_ahead_log(self) -> None:
        """Readers and a writer do not wait for each other; this is kept in the file."""
        until = time.monotonic() + _BUSY_SECONDS
        connection = self._writer.raw_connection()
        try:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode=WAL")
                    return
                except sqlite3.OperationalError as error:
                    # Here SQLite does not wait of its own accord.
                    if "locked" not in str(error) or time.monotonic() > until:
                        raise
                    time.sleep(0.02)
        finally:
            connection.close()

    def _absent(self, found: str) -> LibraryError:
        return LibraryError(
            self.name,
            expected="a library of qualified packagings",
            found=found,
            cure="Check the URL; `lipack library enroll` makes a library.",
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what a database driver raises into our own error."""
        try:
            yield
        except (DBAPIError, sqlite3.Error, PoolTimeout) as error:
            reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().replace("\n", " ")
            raise LibraryError(
                self.name,
                expected="a library that can be read and written",
                found=reason,
                cure=_cure(reason),
            ) from error


def _checked(url: str | os.PathLike[str]) -> URL:
    given = os.fspath(url)
    try:
        parsed = make_url(given) if "://" in given else URL.create("sqlite", database=given)
    except (ArgumentError, ValueError) as error:
        raise _wrong_url("a text that is no URL") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise _wrong_url("SQLite without a file")
        # Later connections must find the same file, wherever the program has gone by then.
        return parsed.set(drivername="sqlite", database=str(Path(str(parsed.database)).absolute()))
    if backend not in {"postgresql", "postgres"}:
        raise _wrong_url(parsed.drivername)
    if importlib.util.find_spec("psycopg") is None:
        raise MissingExtraError(
            "library on PostgreSQL",
            expected="the extra postgres",
            found="no module psycopg",
            cure="Install it: pip install 'lipack-vision[postgres]'",
        )
    return parsed.set(drivername="postgresql+psycopg")


def _wrong_url(found: str) -> ConfigError:
    # The URL itself may hold a password.
    return ConfigError(
        "library URL",
        expected="sqlite:///library.db, the path of a file, or postgresql+psycopg://user@host/database",
        found=found,
        cure="Pass one of these.",
    )


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    # Transactions are begun by `_begin`, not by the driver, which would begin them too late.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _cure(reason: str) -> str:
    if "not a database" in reason:
        return "Name the library's own file, or one that does not exist yet."
    if "locked" in reason:
        return "Another program has been writing for long; wait until it ends, and try again."
    if "malformed" in reason:
        return "The file is damaged; restore a copy."
    if "readonly" in reason or "unable to open" in reason or "denied" in reason:
        return "Give this user the right to read and write the file and its folder."
    return "Check that the database runs, is reached by this URL, and has room."
