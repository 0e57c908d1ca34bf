from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import LibraryError
from lipack_vision.geometry import unit_quad
from lipack_vision.library import EnrolmentError, QualifiedLibrary
from lipack_vision.matching.view import Carton
from lipack_vision.types import ImageArray
from tests.helpers.library import ColourEncoder, carton, jpeg, library, photo


@pytest.fixture
def kept(tmp_path: Path) -> QualifiedLibrary:
    filled = library(tmp_path / "library.db")
    filled.enroll("A", [photo(1), photo(1, 1)])
    return filled


def refused(kept: QualifiedLibrary, reference_id: str, *images: bytes) -> list[tuple[str, str]]:
    """Ground and photo of each refusal, after checking that nothing was written."""
    revision = kept.revision
    with pytest.raises(EnrolmentError) as error:
        kept.enroll(reference_id, images)
    assert kept.revision == revision
    for refusal in error.value.refusals:
        assert refusal.found
        assert refusal.expected
        assert refusal.cure
    return [(refusal.ground, refusal.photo) for refusal in error.value.refusals]


def test_blurred_photos_are_refused_with_the_measured_blur(kept: QualifiedLibrary) -> None:
    soft = jpeg(np.asarray(cv2.GaussianBlur(carton(2), (0, 0), 6), np.uint8))
    assert refused(kept, "B", photo(2, 1), soft) == [("blurred", "photo 2")]
    with pytest.raises(EnrolmentError, match=r"at most 3\.5 px.*found \d\.\d px.*hold still") as error:
        kept.enroll("B", soft)
    (refusal,) = error.value.refusals
    assert refusal.measured is not None
    assert refusal.measured > 4
    assert refusal.threshold == 3.5


def test_photos_of_nothing_are_refused(kept: QualifiedLibrary) -> None:
    assert refused(kept, "B", jpeg(np.full((400, 400, 3), 120, np.uint8))) == [("blurred", "photo 1")]


def test_photos_on_which_no_packaging_is_found_are_refused(tmp_path: Path) -> None:
    class Finding(ColourEncoder):
        """Finds a carton on photos that are wider than high."""

        def find_cartons(self, images: Sequence[ImageArray]) -> list[Carton]:
            quad = unit_quad(100, 100)
            return [Carton([quad] if one.shape[1] > one.shape[0] else [], [], []) for one in images]

        def embed_cartons(self, images: Sequence[ImageArray], cartons: Sequence[Carton]) -> np.ndarray:
            assert len(images) == len(cartons)
            return self.embed(images)

    kept = library(tmp_path / "library.db", encoder=Finding())
    high = jpeg(carton(1, 1, size=(360, 480)))
    assert refused(kept, "A", photo(1), high) == [("empty", "photo 2")]
    with pytest.raises(EnrolmentError, match=r"from nearer.*--allow empty"):
        kept.enroll("A", high)
    assert len(kept.enroll("A", [photo(1), high], allow=("empty",)).photos) == 2
    assert list(kept.history("A")[-1].allowed) == ["empty"]
    assert kept.verify() == []


def test_of_references_enrolled_by_another_encoder_those_with_nothing_on_them_are_told(
    tmp_path: Path,
) -> None:
    class Blind(ColourEncoder):
        def find_cartons(self, images: Sequence[ImageArray]) -> list[Carton]:
            return [Carton([], [], []) for _ in images]

        def embed_cartons(self, images: Sequence[ImageArray], cartons: Sequence[Carton]) -> np.ndarray:
            return self.embed(images)

    library(tmp_path / "library.db").enroll("A", photo(1))
    (problem,) = library(tmp_path / "library.db", encoder=Blind()).verify()
    assert (problem.kind, problem.reference_id) == ("wrong", "A")
    assert "neither the face of a carton" in problem.message


def test_tiny_photos_are_refused(kept: QualifiedLibrary) -> None:
    assert refused(kept, "B", jpeg(carton(2, size=(400, 200)))) == [("tiny", "photo 1")]
    assert kept.enroll("B", jpeg(carton(2, size=(400, 256)))).photos


def test_the_same_photo_cannot_come_twice(kept: QualifiedLibrary) -> None:
    assert refused(kept, "A", photo(1, 2), photo(1)) == [("duplicate", "photo 2")]
    assert refused(kept, "B", photo(1)) == [("duplicate", "photo 1")]
    assert refused(kept, "B", photo(2), photo(2)) == [("duplicate", "photo 2")]
    with pytest.raises(EnrolmentError, match="a photo of 'A' byte for byte"):
        kept.enroll("B", photo(1))


def test_duplicates_are_found_before_anything_is_embedded(tmp_path: Path) -> None:
    encoder = ColourEncoder()
    kept = library(tmp_path / "library.db", encoder=encoder)
    kept.enroll("A", photo(1))
    with pytest.raises(EnrolmentError):
        kept.enroll("B", photo(1))
    assert encoder.calls == 1


def test_a_photo_saved_anew_is_no_other_reference_s(kept: QualifiedLibrary) -> None:
    smaller = np.asarray(cv2.resize(carton(1), (400, 300), interpolation=cv2.INTER_AREA), np.uint8)
    copy = jpeg(smaller, quality=70)
    assert refused(kept, "B", copy) == [("similar", "photo 1")]
    with pytest.raises(EnrolmentError, match=r"nearly the same as photo .* of 'A'"):
        kept.enroll("B", copy)
    # For the same reference it is only one more photo.
    assert len(kept.enroll("A", copy).photos) == 3


def test_a_photo_that_contradicts_its_reference_is_refused(kept: QualifiedLibrary) -> None:
    assert refused(kept, "A", photo(1, 2), photo(7)) == [("contradicting", "photo 2")]
    with pytest.raises(EnrolmentError, match=r"cosine 0\.5 or more, found cosine -?0\.\d\d with the nearest"):
        kept.enroll("A", photo(7))
    # Two that contradict each other are refused as well, before there is anything to compare with.
    assert refused(kept, "B", photo(2), photo(3)) == [
        ("contradicting", "photo 1"),
        ("contradicting", "photo 2"),
    ]


def test_photos_of_another_packaging_do_not_vouch_for_each_other(kept: QualifiedLibrary) -> None:
    assert refused(kept, "A", photo(7), photo(1, 2), photo(7, 1)) == [
        ("contradicting", "photo 1"),
        ("contradicting", "photo 3"),
    ]
    with pytest.raises(
        EnrolmentError, match=r"found cosine -?0\.[0-4]\d with the nearest photo, but for new"
    ):
        kept.enroll("A", [photo(7), photo(7, 1)])
    # The first photo says what a new reference shows.
    assert refused(kept, "B", photo(2), photo(2, 1), photo(3), photo(3, 1)) == [
        ("contradicting", "photo 3"),
        ("contradicting", "photo 4"),
    ]
    kept.enroll("B", [photo(2), photo(3), photo(3, 1)], allow={"contradicting"})
    # A side that was allowed is one that later photos may show.
    assert len(kept.enroll("B", photo(3, 2)).photos) == 4
    assert kept.verify() == []


def test_photos_lead_to_each_other_from_near_to_near(tmp_path: Path) -> None:
    class Turning(ColourEncoder):
        def embed(self, images: Sequence[ImageArray]) -> np.ndarray:
            """A view 50 degrees further each time."""
            rows = np.zeros((len(images), self.dimension), np.float32)
            for row in rows:
                row[:2] = np.cos(self.calls * np.radians(50)), np.sin(self.calls * np.radians(50))
                self.calls += 1
            return rows

    kept = library(tmp_path / "library.db", encoder=Turning())
    assert len(kept.enroll("A", [photo(1), photo(2), photo(3)]).photos) == 3
    assert len(kept.enroll("A", [photo(4), photo(5)]).photos) == 5


def test_refusals_can_be_passed_over_by_name_and_the_history_tells_it(kept: QualifiedLibrary) -> None:
    with pytest.raises(EnrolmentError, match="contradicting"):
        kept.enroll("A", photo(7), allow={"blurred"})
    side = kept.enroll("A", photo(7), allow="contradicting").photos[-1]
    assert kept.history("A")[-1].allowed == {"contradicting": (side,)}
    copy = kept.enroll("B", jpeg(carton(1), 80), allow=["similar"]).photos[0]
    assert kept.history("B")[0].allowed == {"similar": (copy,)}
    assert kept.verify() == []


def test_all_refusals_are_told_at_once_as_plain_values_too(kept: QualifiedLibrary) -> None:
    tiny_and_soft = jpeg(np.full((100, 300, 3), 9, np.uint8))
    with pytest.raises(EnrolmentError, match=r"Also refused: photo 1 \(blurred\), photo 3 \(tiny\)") as error:
        kept.enroll("B", [tiny_and_soft, photo(2), jpeg(carton(3, size=(300, 200)))])
    told = error.value.to_dict()
    assert told["error"] == "EnrolmentError"
    assert [one["ground"] for one in told["refusals"]] == ["tiny", "blurred", "tiny"]
    again = pickle.loads(pickle.dumps(error.value))  # noqa: S301 (as between processes)
    assert (again.refusals, str(again)) == (error.value.refusals, str(error.value))


def test_new_photos_are_compared_with_vectors_of_the_same_encoder_or_not_taken(tmp_path: Path) -> None:
    library(tmp_path / "library.db").enroll("A", photo(1))
    later = library(tmp_path / "library.db", encoder=ColourEncoder("colours-2"))
    with pytest.raises(LibraryError, match=r"0 of 1.*refresh"):
        later.enroll("A", photo(1, 1))
    assert later.enroll("B", photo(2)).photos
    later.refresh()
    assert len(later.enroll("A", photo(1, 1)).photos) == 2
