"""The library on a real PostgreSQL server, which `.ci/run` installs from Debian's packages."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from lipack_vision.errors import LibraryError
from lipack_vision.library import EnrolmentError, QualifiedLibrary
from tests.helpers.library import ColourEncoder, library, photo
from tests.helpers.postgres import postgres_server
from tests.integration.test_library_processes import HANGING, WRITER, start

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    running = postgres_server()
    try:
        url = running.__enter__()
    except RuntimeError as error:
        pytest.skip(str(error))
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def url(server: str) -> str:
    """An empty database."""
    name = f"library{next(_numbers)}"
    execute(server.format("postgres"), f"CREATE DATABASE {name}")
    return server.format(name)


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_library_from_first_to_last(url: str) -> None:
    kept = library(url)
    kept.enroll("A", [photo(1), photo(1, 1)], un_code="4G/Y25/S/25/CN/C370012 PI:015", maker="纸箱厂")
    kept.enroll("B", photo(2), valid_from="2025-01-01", valid_to="2025-12-31", author="Li Wei")
    with pytest.raises(EnrolmentError, match="cosine"):
        kept.enroll("A", photo(3))
    with pytest.raises(EnrolmentError, match="byte for byte"):
        kept.enroll("C", photo(1))
    assert kept.revision == 2
    assert [reference.reference_id for reference in kept.list("4G")] == ["A"]
    assert [reference.reference_id for reference in kept.list(on="2025-06-01")] == ["A", "B"]
    assert kept.photos("A") == [photo(1), photo(1, 1)]
    assert kept.vectors().reference_ids == ("A", "A")
    assert kept.history("A")[0].facts["maker"] == (None, "纸箱厂")
    assert {problem.kind for problem in kept.verify()} == {"stale"}
    kept.remove("B", author="Anna")
    assert [entry.author for entry in kept.history("B")] == ["Li Wei", "Anna"]
    assert kept.verify() == []
    later = library(url, encoder=ColourEncoder("colours-2"))
    assert len(later.vectors()) == 0
    assert later.refresh() == (2, [])
    assert len(later.vectors()) == len(kept.vectors()) == 2
    assert later.verify() == []


def test_another_program_s_tables_may_stand_beside_it(url: str) -> None:
    with pytest.raises(LibraryError, match="a database without one"):
        library(url, create=False).list()
    execute(url, 'CREATE TABLE "references" (number integer)')
    assert library(url).enroll("A", photo(1)).photos
    execute(url, "UPDATE lipack_meta SET schema_version = 99")
    with pytest.raises(LibraryError, match="schema version 1, found 99"):
        library(url).list()


def test_what_was_altered_is_found(url: str) -> None:
    kept = library(url)
    kept.enroll("A", photo(1), valid_to="2030-01-01")
    execute(url, "UPDATE lipack_references SET valid_to = '2999-01-01'")
    execute(url, "UPDATE lipack_photos SET data = substring(data for 500)")
    assert [problem.kind for problem in kept.verify()] == ["tampered", "tampered"]


def test_writers_at_once_lose_nothing(url: str) -> None:
    running = [start(WRITER, url, 100 * number, 12) for number in range(3)]
    for program in running:
        program.communicate(timeout=300)
        assert program.returncode == 0
    kept = library(url)
    assert len(kept.list()) == 37
    assert len(kept.get("shared").photos) == 36
    assert kept.revision == 72
    assert kept.verify() == []


def test_threads_at_once_lose_nothing(url: str) -> None:
    kept = library(url)

    def use(number: int) -> int:
        kept.enroll("shared", photo(99, number))
        return len(kept.enroll(f"reference {number}", photo(number)).photos)

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(use, range(32))) == {1}
    assert len(kept.get("shared").photos) == 32
    assert kept.verify() == []


def test_a_program_killed_in_the_middle_leaves_the_library_whole(url: str) -> None:
    kept = library(url)
    kept.enroll("A", photo(1))
    program = start(HANGING, url)
    assert program.stdout is not None
    assert program.stdout.readline().startswith("photos are written")
    assert kept.revision == 1
    program.send_signal(signal.SIGKILL)
    program.communicate(timeout=30)
    # The server notices that the program is gone, and gives its lock to the next writer.
    assert kept.enroll("B", [photo(2), photo(2, 1)]).photos
    assert kept.revision == 2
    assert kept.verify() == []


def test_a_server_that_was_restarted_or_is_gone(url: str) -> None:
    kept: QualifiedLibrary = library(url)
    kept.enroll("A", photo(1))
    execute(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert kept.enroll("B", photo(2)).photos
    with pytest.raises(LibraryError, match="expected a library that can be read"):
        library("postgresql://postgres@/nothing?host=/nowhere").list()
