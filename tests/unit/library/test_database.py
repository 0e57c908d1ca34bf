from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

import pytest

from lipack_vision.errors import ConfigError, LibraryError, MissingExtraError
from lipack_vision.library import QualifiedLibrary
from lipack_vision.library.database import Database
from lipack_vision.library.tables import SCHEMA_VERSION
from tests.helpers.library import library, photo


@pytest.mark.parametrize("form", ["sqlite:///{}", "{}", "sqlite+pysqlite:///{}"])
def test_a_file_by_url_or_path(tmp_path: Path, form: str) -> None:
    path = tmp_path / "library.db"
    kept = library(form.format(path))
    kept.enroll("A", photo(1))
    assert path.exists()
    assert kept.url == f"sqlite:///{path}"
    assert library(path).get("A").photos


def test_a_relative_file_stays_the_same_when_the_program_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = library("sqlite:///library.db")
    monkeypatch.chdir("/")
    kept.enroll("A", photo(1))
    assert (tmp_path / "library.db").exists()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "", "mysql://user@host/a", "://"])
def test_other_urls_are_refused_without_telling_them(url: str) -> None:
    with pytest.raises(ConfigError, match="library URL"):
        QualifiedLibrary(url)


def test_passwords_are_not_told() -> None:
    database = Database("postgresql://user:secret@127.0.0.1:1/none")
    assert database.url.drivername == "postgresql+psycopg"
    with pytest.raises(LibraryError) as error, database.reading():
        pass
    assert "secret" not in str(error.value)
    with pytest.raises(ConfigError) as wrong:
        Database("mysql://user:secret@host/x")
    assert "secret" not in str(wrong.value)


def test_postgresql_without_its_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"lipack-vision\[postgres\]"):
        Database("postgresql://user@host/x")


def test_a_library_that_is_not_there_is_an_error_unless_it_may_be_made(tmp_path: Path) -> None:
    kept = library(tmp_path / "library.db", create=False)
    for use in (kept.list, kept.verify, kept.vectors, kept.refresh, lambda: kept.enroll("A", photo(1))):
        with pytest.raises(LibraryError, match="no such file"):
            use()
    assert list(tmp_path.iterdir()) == []
    library(tmp_path / "library.db").enroll("A", photo(1))
    assert len(kept.list()) == 1
    with pytest.raises(LibraryError, match="no folder"):
        library(tmp_path / "nowhere" / "library.db").enroll("A", photo(1))


def test_a_file_that_is_no_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    text, other = tmp_path / "text.db", tmp_path / "other.db"
    text.write_text("Dear customs, please find attached the library.\n" * 50)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE invoices (number)")
    connection.close()
    before = text.read_bytes(), other.read_bytes()
    with pytest.raises(LibraryError, match="file is not a database"):
        library(text).enroll("A", photo(1))
    with pytest.raises(LibraryError, match=r"something else \(tables invoices\)"):
        library(other).enroll("A", photo(1))
    with pytest.raises(LibraryError):
        library(tmp_path).list()
    assert (text.read_bytes(), other.read_bytes()) == before


def test_a_library_of_another_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    library(path).enroll("A", photo(1))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE lipack_meta SET schema_version = 99")
    connection.close()
    with pytest.raises(LibraryError, match=f"expected schema version {SCHEMA_VERSION}, found 99"):
        library(path).list()


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    kept = library(path)
    kept.enroll("A", photo(1))
    kept.close()
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(LibraryError):
        library(path).list(include_invalid=True)


def test_a_writer_does_not_stop_readers(tmp_path: Path) -> None:
    kept = library(tmp_path / "library.db")
    kept.enroll("A", photo(1))
    database = Database(tmp_path / "library.db")
    with database.writing():
        assert len(kept.list()) == 1
        assert len(kept.vectors()) == 1
        writer = threading.Thread(target=kept.enroll, args=("B", photo(2)))
        writer.start()
        writer.join(0.3)
        assert writer.is_alive()
    writer.join(30)
    assert len(kept.list()) == 2


def test_what_fails_within_a_transaction_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = library(tmp_path / "library.db")
    kept.enroll("A", photo(1))

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("lipack_vision.library.history.append", fail)
    with pytest.raises(OSError, match="disk"):
        kept.enroll("B", photo(2))
    with pytest.raises(OSError, match="disk"):
        kept.remove("A")
    monkeypatch.undo()
    assert kept.revision == 1
    assert [reference.reference_id for reference in kept.list()] == ["A"]
    assert kept.verify() == []
    assert kept.enroll("B", photo(2)).photos
