from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from lipack_vision.library import Problem, QualifiedLibrary
from tests.helpers.library import DIMENSION, carton, jpeg, library, photo

Alter = Callable[..., None]


@pytest.fixture
def kept(tmp_path: Path) -> QualifiedLibrary:
    filled = library(tmp_path / "library.db")
    filled.enroll("A", [photo(1), photo(1, 1)], un_code="4G/Y25/S/25/CN/C370012 PI:015", maker="Boxes")
    filled.enroll("B", photo(2), valid_to="2999-12-31")
    filled.enroll("C", photo(3))
    filled.remove("C")
    return filled


@pytest.fixture
def alter(tmp_path: Path) -> Alter:
    """Changes the database past the library."""
    engine = create_engine(f"sqlite:///{tmp_path / 'library.db'}")

    def run(statement: str, **values: Any) -> None:
        with engine.begin() as connection:
            assert connection.execute(text(statement), values).rowcount

    return run


def found(kept: QualifiedLibrary) -> set[tuple[str, str]]:
    return {(problem.kind, problem.reference_id) for problem in kept.verify()}


def only(kept: QualifiedLibrary) -> Problem:
    (problem,) = kept.verify()
    assert problem.message.endswith(".")
    return problem


def test_a_sound_library_has_no_problems_and_all_photos_are_looked_at(kept: QualifiedLibrary) -> None:
    seen: list[tuple[int, int]] = []
    assert kept.verify(lambda done, total: seen.append((done, total))) == []
    assert seen == [(2, 3), (3, 3)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lipack_references SET valid_to = '3999-12-31' WHERE reference_id = 'B'",
        "UPDATE lipack_references SET status = 'withdrawn' WHERE reference_id = 'B'",
        "UPDATE lipack_references SET maker = 'Others' WHERE reference_id = 'B'",
        "INSERT INTO lipack_references (reference_id, status) VALUES ('B2', 'qualified')",
        "DELETE FROM lipack_references WHERE reference_id = 'B'",
        "UPDATE lipack_changes SET author = 'Anna' WHERE reference_id = 'B'",
        "UPDATE lipack_changes SET time = '2020-01-01T00:00:00.000000+00:00' WHERE reference_id = 'A'",
        "UPDATE lipack_changes SET details = 'x' WHERE reference_id = 'C'",
        "DELETE FROM lipack_changes WHERE reference_id = 'C'",
        "DELETE FROM lipack_changes WHERE id = 1",
        "DELETE FROM lipack_photos WHERE id = 1",
        "UPDATE lipack_reference_photos SET reference_id = 'A' WHERE reference_id = 'B'",
        "UPDATE lipack_photos SET hash = zeroblob(32) WHERE id = 1",
        "UPDATE lipack_photos SET hash = zeroblob(3) WHERE id = 1",
        "UPDATE lipack_photos SET thumb = zeroblob(3)",
    ],
)
def test_what_was_altered_past_the_library_is_told(
    kept: QualifiedLibrary, alter: Alter, statement: str
) -> None:
    alter(statement)
    assert "tampered" in {kind for kind, _ in found(kept)}


def test_the_end_of_the_history_is_not_taken_off_unseen(kept: QualifiedLibrary, alter: Alter) -> None:
    kept.enroll("B", maker="Boxes")
    alter("DELETE FROM lipack_changes WHERE id = (SELECT max(id) FROM lipack_changes)")
    alter("UPDATE lipack_references SET maker = NULL WHERE reference_id = 'B'")
    assert found(kept) == {("tampered", "")}


def test_an_altered_photo_is_told_and_never_handed_out(kept: QualifiedLibrary, alter: Alter) -> None:
    alter("UPDATE lipack_photos SET data = :data WHERE id = 3", data=photo(5))
    problem = only(kept)
    assert (problem.kind, problem.reference_id, problem.photo) == ("tampered", "B", kept.get("B").photos[0])


def test_a_vector_of_another_photo_is_told(kept: QualifiedLibrary, alter: Alter) -> None:
    other = np.zeros(DIMENSION, "<f4")
    other[0] = 1
    alter(
        "UPDATE lipack_embeddings SET vector = :v WHERE photo = :p",
        v=other.tobytes(),
        p=kept.get("B").photos[0],
    )
    assert only(kept).kind == "tampered"


def test_expired_references_are_stale_until_they_are_withdrawn(kept: QualifiedLibrary) -> None:
    kept.enroll("B", valid_to="2025-12-31")
    problem = only(kept)
    assert (problem.kind, problem.reference_id, problem.photo) == ("stale", "B", None)
    assert problem.to_dict()["kind"] == "stale"
    kept.enroll("B", status="withdrawn")
    assert kept.verify() == []


def test_a_photo_of_another_packaging_is_wrong(kept: QualifiedLibrary, tmp_path: Path) -> None:
    strange = library(tmp_path / "library.db", least_cosine=-1).enroll("A", photo(7)).photos[-1]
    problem = only(kept)
    assert (problem.kind, problem.reference_id, problem.photo) == ("wrong", "A", strange)


def test_a_side_that_was_allowed_makes_no_other_photo_wrong(kept: QualifiedLibrary) -> None:
    kept.enroll("B", photo(7), allow={"contradicting"})
    assert kept.verify() == []
    kept.enroll("B", photo(7, 1))
    assert kept.verify() == []


def test_prints_of_another_decoder_are_the_same(kept: QualifiedLibrary, alter: Alter, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "library.db") as connection:
        code, thumb = connection.execute("SELECT hash, thumb FROM lipack_photos WHERE id = 3").fetchone()
    connection.close()
    brighter = bytes(min(value + 1, 255) for value in thumb)
    alter(
        "UPDATE lipack_photos SET hash = :h, thumb = :t WHERE id = 3",
        h=bytes([code[0] ^ 1]) + code[1:],
        t=brighter,
    )
    assert kept.verify() == []
    alter("UPDATE lipack_photos SET thumb = :t WHERE id = 3", t=bytes(255 - value for value in thumb))
    assert only(kept).kind == "tampered"


def test_wrong_facts_are_told(kept: QualifiedLibrary, alter: Alter) -> None:
    alter("UPDATE lipack_references SET un_code = '4G/Y25' WHERE reference_id = 'A'")
    assert found(kept) == {("tampered", "A"), ("wrong", "A")}
    # A reference whose days cannot be read is told, not left out, and can be mended.
    alter("UPDATE lipack_references SET valid_to = '31.12.2999', un_code = NULL")
    assert {("wrong", "A"), ("wrong", "B")} <= found(kept)
    kept.enroll("A", valid_to=None, un_code="4G/Y25/S/25/CN/C370012 PI:015")
    kept.enroll("B", valid_to="2999-12-31")
    assert kept.verify() == []


def test_a_photo_that_two_references_share_is_a_duplicate(kept: QualifiedLibrary, alter: Alter) -> None:
    copy = kept.enroll("D", jpeg(carton(2), 60), allow={"similar"}).photos[0]
    assert kept.verify() == []
    kept.remove("D")
    # As another program could have written it, without the leave.
    kept.enroll("D", photo(4))
    alter(
        "UPDATE lipack_photos SET hash = (SELECT hash FROM lipack_photos WHERE id = 3), "
        "thumb = (SELECT thumb FROM lipack_photos WHERE id = 3) WHERE sha256 = :key",
        key=kept.get("D").photos[0],
    )
    assert ("duplicate", "D") in found(kept)
    assert copy not in kept.get("D").photos
