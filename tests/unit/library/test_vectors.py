from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, text

from lipack_vision.errors import LibraryError
from lipack_vision.library import QualifiedLibrary
from tests.helpers.library import DIMENSION, ColourEncoder, carton, library, photo


@pytest.fixture
def kept(tmp_path: Path) -> QualifiedLibrary:
    filled = library(tmp_path / "library.db")
    filled.enroll("A", [photo(1), photo(1, 1)], packaging_type="4G")
    filled.enroll("B", photo(2), packaging_type="1A1")
    filled.enroll("old", photo(3), packaging_type="4G", valid_to="2025-12-31")
    filled.enroll("gone", photo(4), packaging_type="4G", status="withdrawn")
    return filled


def alter(tmp_path: Path, statement: str, **values: object) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'library.db'}").begin() as connection:
        assert connection.execute(text(statement), values).rowcount


def test_only_valid_references_are_there_and_rows_tell_whose_they_are(kept: QualifiedLibrary) -> None:
    vectors = kept.vectors()
    assert vectors.reference_ids == ("A", "A", "B")
    assert (vectors.version, vectors.revision) == ("colours-1", kept.revision)
    assert vectors.matrix.shape == (len(vectors), DIMENSION)
    assert vectors.matrix.dtype == np.float32
    assert not vectors.matrix.flags.writeable
    for sha256, row in zip(vectors.photo_sha256, vectors.matrix, strict=True):
        assert np.allclose(row, ColourEncoder().embed([_image(kept, sha256)])[0], atol=1e-6)


def _image(kept: QualifiedLibrary, sha256: str) -> np.ndarray:
    from lipack_vision.image import read_image

    return read_image(kept.photo(sha256))


def test_among_a_type_ids_and_on_a_day(kept: QualifiedLibrary) -> None:
    assert kept.vectors("4gv").reference_ids == ("A", "A")
    assert kept.vectors(["B", "gone", "nothing"]).reference_ids == ("B",)
    assert kept.vectors("4G", date(2025, 12, 31)).reference_ids == ("A", "A", "old")
    assert kept.vectors([]).matrix.shape == (0, DIMENSION)
    many = kept.vectors([f"reference {number}" for number in range(2000)] + ["A", "B"])
    assert many.reference_ids == ("A", "A", "B")


def test_photos_stay_in_the_database_when_vectors_are_read(kept: QualifiedLibrary, tmp_path: Path) -> None:
    alter(tmp_path, "UPDATE lipack_photos SET data = zeroblob(10)")
    assert len(kept.vectors()) == 3
    assert len(kept.list()) == 2


def test_another_encoder_sees_nothing_until_refresh(kept: QualifiedLibrary, tmp_path: Path) -> None:
    later = library(tmp_path / "library.db", encoder=ColourEncoder("colours-2"))
    assert len(later.vectors()) == 0
    assert {problem.kind for problem in later.verify()} == {"stale"}
    seen: list[tuple[int, int]] = []
    assert later.refresh(lambda done, total: seen.append((done, total))) == (5, [])
    assert seen[-1] == (5, 5)
    assert later.vectors().reference_ids == ("A", "A", "B")
    assert later.refresh() == (0, [])
    assert [problem.reference_id for problem in later.verify()] == ["old"]
    # Programs that still run with the other version go on.
    assert len(kept.vectors()) == 3


def test_refresh_goes_on_where_it_was_stopped(kept: QualifiedLibrary, tmp_path: Path) -> None:
    for number in range(5, 15):
        kept.enroll(f"reference {number}", photo(number))

    class Stopped(ColourEncoder):
        def embed(self, images: object) -> np.ndarray:
            if self.calls == 1:
                raise KeyboardInterrupt
            return super().embed(images)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        library(tmp_path / "library.db", encoder=Stopped("colours-2")).refresh()
    assert library(tmp_path / "library.db", encoder=ColourEncoder("colours-2")).refresh().made == 15 - 8


def test_refresh_does_not_vouch_for_altered_photos(kept: QualifiedLibrary, tmp_path: Path) -> None:
    sha256 = kept.get("B").photos[0]
    alter(tmp_path, "UPDATE lipack_photos SET data = :data WHERE sha256 = :key", data=photo(9), key=sha256)
    later = library(tmp_path / "library.db", encoder=ColourEncoder("colours-2"))
    made, problems = later.refresh()
    assert made == 4
    assert [(one.kind, one.reference_id, one.photo) for one in problems] == [("tampered", "B", sha256)]
    with pytest.raises(LibraryError, match="verify"):
        later.photos("B")


@pytest.mark.parametrize("vector", [b"", b"\0" * 4 * DIMENSION, np.full(DIMENSION, np.nan, "<f4").tobytes()])
def test_altered_vectors_are_not_matched_with(kept: QualifiedLibrary, tmp_path: Path, vector: bytes) -> None:
    sha256 = kept.get("B").photos[0]
    alter(tmp_path, "UPDATE lipack_embeddings SET vector = :v WHERE photo = :key", v=vector, key=sha256)
    with pytest.raises(LibraryError, match=r"reference 'B'.*verify"):
        kept.vectors()
    with pytest.raises(LibraryError, match=r"reference 'B'.*verify"):
        kept.enroll("B", carton(2, 5))
    assert ("tampered", "B") in {(problem.kind, problem.reference_id) for problem in kept.verify()}
