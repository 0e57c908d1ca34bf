from __future__ import annotations

import getpass
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.errors import ConfigError, ImageError, LibraryError, ShapeError
from lipack_vision.image import read_image
from lipack_vision.library import QualifiedLibrary, Reference
from tests.helpers.library import ColourEncoder, carton, library, photo

CODE = "4G/Y25/S/25/CN/C370012 PI:015"


@pytest.fixture
def kept(tmp_path: Path) -> QualifiedLibrary:
    return library(tmp_path / "library.db")


def test_a_reference_is_told_as_it_was_enrolled(kept: QualifiedLibrary) -> None:
    given = kept.enroll("A-1", [photo(1), photo(1, 1)], un_code=CODE, maker="Boxes", valid_to="2999-12-31")
    assert given == kept.get(" A-1 ") == kept.list()[0]
    assert (given.packaging_type, given.valid_to, given.status) == ("4G", date(2999, 12, 31), "qualified")
    assert kept.photos("A-1") == [photo(1), photo(1, 1)]
    assert len(given.photos) == 2
    assert Reference.from_dict(given.to_dict()) == given


def test_photos_are_paths_bytes_or_arrays_one_or_many(kept: QualifiedLibrary, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo(1))
    kept.enroll("path", path)
    path.write_bytes(photo(2))
    kept.enroll("text", str(path))
    kept.enroll("array", carton(3))
    kept.enroll("arrays", np.stack([carton(4), carton(4, 1)]))
    assert (kept.photos("path"), kept.photos("text")) == ([photo(1)], [photo(2)])
    assert np.array_equal(read_image(kept.photos("array")[0]), carton(3))
    assert len(kept.photos("arrays")) == 2


def test_more_photos_and_facts_come_to_a_reference(kept: QualifiedLibrary) -> None:
    kept.enroll("A", photo(1), maker="Boxes", performance_sheet="1")
    later = kept.enroll("A", photo(1, 1), maker="Cartons", performance_sheet=None)
    assert (later.maker, later.performance_sheet, len(later.photos)) == ("Cartons", None, 2)


def test_the_history_tells_every_change_with_time_and_author(kept: QualifiedLibrary) -> None:
    before = datetime.now(UTC)
    kept.enroll("A", photo(1), maker="Boxes")
    kept.enroll("A", author="Li Wei", status="withdrawn")
    kept.enroll("B", photo(2))
    kept.remove("A", author="Anna")
    first, second, third = kept.history("A")
    assert before <= first.time <= second.time <= third.time <= datetime.now(UTC)
    assert first.time.utcoffset() == timedelta(0)
    assert [entry.action for entry in (first, second, third)] == ["enrolled", "changed", "removed"]
    assert [entry.author for entry in (first, second, third)] == [getpass.getuser(), "Li Wei", "Anna"]
    assert first.facts == {"maker": (None, "Boxes"), "status": (None, "qualified")}
    assert second.facts == {"status": ("qualified", "withdrawn")}
    assert third.facts == {"maker": ("Boxes", None), "status": ("withdrawn", None)}
    assert first.photos == third.photos
    assert second.photos == ()
    assert second.to_dict()["facts"] == {"status": ["qualified", "withdrawn"]}


def test_what_changes_nothing_is_no_change(kept: QualifiedLibrary) -> None:
    kept.enroll("A", photo(1), maker="Boxes")
    revision = kept.revision
    assert kept.enroll("A", maker="Boxes").maker == "Boxes"
    assert kept.revision == revision
    assert len(kept.history("A")) == 1


def test_what_is_refused_changes_nothing(kept: QualifiedLibrary) -> None:
    kept.enroll("A", photo(1))
    revision = kept.revision
    wrong = (
        {"packaging_type": "1A1", "un_code": CODE},
        {"valid_from": "2026-02-02", "valid_to": "2026-02-01"},
        {"colour": "brown"},
        {"author": ""},
        {"allow": {"duplicate"}},
    )
    for given in wrong:
        with pytest.raises(ConfigError):
            kept.enroll("A", photo(1, 1), **given)
    kept.enroll("A", valid_from="2026-02-02")
    with pytest.raises(ConfigError, match="not before valid_from"):
        kept.enroll("A", valid_to="2026-02-01")
    assert kept.revision == revision + 1
    assert len(kept.get("A").photos) == 1


def test_a_new_reference_needs_a_photo_and_a_name(kept: QualifiedLibrary) -> None:
    kept.enroll("carton 12", photo(1))
    with pytest.raises(LibraryError, match=r"at least one photo.*Did you mean 'carton 12'"):
        kept.enroll("carton 1", maker="Boxes")
    with pytest.raises(ConfigError, match="reference_id"):
        kept.enroll(" ", photo(2))
    with pytest.raises(ImageError, match=r"no-photo\.jpg.*no such file"):
        kept.enroll("B", ["no-photo.jpg"])
    with pytest.raises(ImageError, match="photo 2"):
        kept.enroll("B", [photo(2), b"no photo"])
    assert [reference.reference_id for reference in kept.list()] == ["carton 12"]


def test_lists_by_type_and_day(kept: QualifiedLibrary) -> None:
    kept.enroll("always", photo(1), packaging_type="4G")
    kept.enroll("2025", photo(2), packaging_type="4g", valid_from="2025-01-01", valid_to="2025-12-31")
    kept.enroll("later", photo(3), packaging_type="4G", valid_from=date.today() + timedelta(days=1))
    kept.enroll("gone", photo(4), packaging_type="4G", status="withdrawn")
    kept.enroll("drum", photo(5), packaging_type="1A1")

    def ids(*given: object, **options: object) -> list[str]:
        return [reference.reference_id for reference in kept.list(*given, **options)]  # type: ignore[arg-type]

    assert ids() == ["always", "drum"]
    assert ids("4gv") == ["always"]
    assert ids("4G", date(2025, 12, 31)) == ids("4G", "2025-01-01") == ["2025", "always"]
    assert ids("4G", date(2026, 1, 1)) == ids("4G", date(2024, 12, 31)) == ["always"]
    assert ids(on=date.today() + timedelta(days=1)) == ["always", "drum", "later"]
    assert ids(include_invalid=True) == ["2025", "always", "drum", "gone", "later"]
    assert kept.get("gone").valid_on(date.today()) is False
    with pytest.raises(ConfigError, match="on: expected a day"):
        kept.list(on=datetime.now())


def test_what_is_removed_is_gone_and_may_come_again(kept: QualifiedLibrary) -> None:
    sha256 = kept.enroll("A", photo(1)).photos[0]
    kept.remove("A")
    assert kept.list(include_invalid=True) == []
    for ask in (kept.get, kept.photos, kept.remove, lambda _: kept.photo(sha256)):
        with pytest.raises(LibraryError):
            ask("A")
    with pytest.raises(LibraryError, match="no reference with this id"):
        kept.history("never")
    kept.enroll("B", photo(1))
    assert kept.get("B").photos == (sha256,)
    assert kept.verify() == []


def test_every_write_raises_the_revision(kept: QualifiedLibrary) -> None:
    seen = [kept.revision]
    for write in (
        lambda: kept.enroll("A", photo(1)),
        lambda: kept.enroll("A", maker="Boxes"),
        lambda: kept.remove("A"),
    ):
        write()
        seen.append(kept.revision)
    assert seen == [0, 1, 2, 3]


def test_an_encoder_that_is_none_is_told(tmp_path: Path) -> None:
    class Broken(ColourEncoder):
        def embed(self, images: object) -> np.ndarray:
            return np.full((1, self.dimension), np.nan, np.float32)

    with pytest.raises(ShapeError, match="unit rows"):
        library(tmp_path / "a.db", encoder=Broken()).enroll("A", photo(1))


def test_32_threads_share_one_library(kept: QualifiedLibrary) -> None:
    def use(design: int) -> tuple[int, int]:
        name = f"reference {design:02}"
        kept.enroll(name, photo(design), maker="first")
        kept.enroll(name, photo(design, 1), maker="second")
        kept.enroll("shared", photo(99, design))
        return len(kept.photos(name)), len(kept.vectors([name]))

    with ThreadPoolExecutor(32) as pool:
        assert set(pool.map(use, range(32))) == {(2, 2)}
    assert kept.revision == 96
    assert len(kept.get("shared").photos) == 32
    assert len(kept.vectors()) == 96
    assert kept.verify() == []
