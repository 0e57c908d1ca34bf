"""A library under several programs at once, and under programs that are killed in the middle."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lipack_vision.errors import LibraryError
from lipack_vision.library.database import Database
from tests.helpers.library import library, photo

ROOT = Path(__file__).parents[2]

WRITER = """
import sys
from tests.helpers.library import library, photo
url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
kept = library(url)
for design in range(first, first + count):
    print(f"start {design}", flush=True)
    kept.enroll(f"reference {design}", [photo(design), photo(design, 1)], maker="Boxes")
    kept.enroll("shared", photo(9999, design))
    print(f"done {design}", flush=True)
"""

HANGING = """
import sys, time
from lipack_vision.library import history
from tests.helpers.library import library, photo
def hang(*_, **__):
    print("photos are written, nothing is committed", flush=True)
    time.sleep(600)
history.append = hang
library(sys.argv[1]).enroll("B", [photo(2), photo(2, 1)])
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", script, *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.mark.parametrize("programs", [2, 5])
def test_writers_at_once_lose_nothing(tmp_path: Path, programs: int) -> None:
    count = 12
    path = tmp_path / "library.db"
    # They make the library at once, too.
    running = [start(WRITER, path, 100 * number, count) for number in range(programs)]
    for program in running:
        program.communicate(timeout=300)
        assert program.returncode == 0
    kept = library(path)
    assert len(kept.list()) == programs * count + 1
    assert len(kept.get("shared").photos) == programs * count
    assert len(kept.history("shared")) == programs * count
    assert kept.revision == 2 * programs * count
    assert len(kept.vectors()) == 3 * programs * count
    assert kept.verify() == []


def test_a_program_killed_in_the_middle_of_enroll_leaves_the_library_whole(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    kept = library(path)
    kept.enroll("A", photo(1))
    program = start(HANGING, path)
    assert program.stdout is not None
    assert program.stdout.readline().startswith("photos are written")
    # It holds the library now, and another writer waits for it.
    assert kept.revision == 1
    program.send_signal(signal.SIGKILL)
    program.communicate(timeout=30)
    assert [reference.reference_id for reference in kept.list(include_invalid=True)] == ["A"]
    assert kept.enroll("B", [photo(2), photo(2, 1)]).photos
    assert kept.verify() == []


def test_programs_killed_at_any_moment_leave_the_library_whole(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    rng = random.Random(0)  # noqa: S311
    done: list[int] = []
    begun: list[int] = []
    for attempt in range(6):
        program = start(WRITER, path, 100 * attempt, 60)
        assert program.stdout is not None
        lines = [program.stdout.readline(), program.stdout.readline()]
        assert lines[1] == f"done {100 * attempt}\n"
        time.sleep(rng.uniform(0.0, 0.4))
        program.send_signal(signal.SIGKILL)
        # Not communicate(): it would lose lines that readline() has read ahead.
        lines += program.stdout.read().splitlines()
        program.stdout.close()
        program.wait(timeout=30)
        begun.append(sum(line.startswith("start") for line in lines))
        done += [int(line.split()[1]) for line in lines if line.startswith("done")]
        assert begun[-1] < 60
    kept = library(path)
    names = {reference.reference_id for reference in kept.list()}
    # What was told to be done is there, with all its photos; of the rest, all or nothing.
    assert {f"reference {design}" for design in done} <= names
    assert len(names - {"shared"}) <= sum(begun)
    assert {len(kept.get(name).photos) for name in names - {"shared"}} == {2}
    assert kept.verify() == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert kept.enroll("after", photo(7777)).photos


def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "library.db"
    library(path).enroll("A", photo(1))
    monkeypatch.setattr("lipack_vision.library.database._BUSY_SECONDS", 0.2)
    waiting = library(path)
    with Database(path).writing(), pytest.raises(LibraryError, match=r"locked.*Another program"):
        waiting.enroll("B", photo(2))
    assert waiting.enroll("B", photo(2)).photos
