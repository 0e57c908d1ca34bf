"""The matcher with nets that know colours: which packaging, how sure, what changed, and when nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import ArtifactError, ConfigError, ImageError
from lipack_vision.geometry import homography, transform, unit_quad
from lipack_vision.library import EnrolmentError, QualifiedLibrary
from lipack_vision.matching import Match, ReferenceMatcher, SiameseEncoder
from lipack_vision.types import ImageArray, Mark
from tests.helpers.matching_artifact import matching_artifact
from tests.helpers.matching_pictures import (
    ASLANT,
    FACE,
    STRAIGHT,
    KnownFaces,
    Whole,
    face,
    label,
    photo,
    stuck,
)
from tests.helpers.memory_library import MemoryLibrary

KNOWN = KnownFaces()
LABEL = (400, 250)


def reference(seed: int) -> ImageArray:
    return KNOWN.tell(photo([(face(seed), STRAIGHT)]), STRAIGHT)


def shot(picture: ImageArray, light: float = 0.8) -> ImageArray:
    return KNOWN.tell(photo([(picture, ASLANT)], light=light), ASLANT)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SiameseEncoder:
    artifact = matching_artifact(tmp_path_factory.mktemp("models") / "matching")
    return SiameseEncoder(artifact, detector=KNOWN, threads=1)


@pytest.fixture
def library(encoder: SiameseEncoder) -> MemoryLibrary:
    kept = MemoryLibrary(encoder)
    for seed in (1, 2, 3):
        kept.add(f"box {seed}", [reference(seed)], packaging_type="4G" if seed < 3 else "4D")
    return kept


@pytest.fixture
def matcher(library: MemoryLibrary, encoder: SiameseEncoder) -> ReferenceMatcher:
    return ReferenceMatcher(library, encoder, threads=1)


def changed_place() -> np.ndarray:
    x, y = LABEL
    corners = np.array([[x, y], [x + 90, y], [x + 90, y + 90], [x, y + 90]], np.float32)
    return transform(corners, homography(unit_quad(*FACE), ASLANT))


def iou(polygons: list[np.ndarray], truth: np.ndarray) -> float:
    told, wanted = np.zeros((470, 600), np.uint8), np.zeros((470, 600), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(told, [np.rint(polygon).astype(np.int32)], 1)
    cv2.fillPoly(wanted, [np.rint(truth).astype(np.int32)], 1)
    return float((told & wanted).sum() / (told | wanted).sum())


def test_the_same_packaging_is_found_and_unchanged(matcher: ReferenceMatcher) -> None:
    told = matcher.match(shot(face(2)))
    assert told.reference_id == "box 2"
    assert told.probability > 0.5
    assert told.calibrated
    assert told.comparable
    assert told.reason is None
    assert (told.changed, told.changes) == (False, [])
    assert told.compared > 0.9
    assert told.candidates[0].reference_id == "box 2"
    assert [one.probability for one in told.candidates] == sorted(
        (one.probability for one in told.candidates), reverse=True
    )
    matrix = homography(STRAIGHT, ASLANT)
    assert np.abs(transform(told.keypoints[:, 2:], matrix) - told.keypoints[:, :2]).max() < 6


def test_a_label_that_was_added_is_told_at_its_place(matcher: ReferenceMatcher) -> None:
    told = matcher.match(shot(label(face(2), LABEL)))
    assert (told.reference_id, told.changed) == ("box 2", True)
    assert told.probability_changed is not None
    assert told.probability_changed > 0.9
    assert iou([change.polygon for change in told.changes], changed_place()) > 0.5
    middle = changed_place().mean(axis=0).astype(int)
    assert told.heatmap[middle[1], middle[0]] > 0.9
    assert told.heatmap[5, 5] == 0


def test_of_near_twins_the_one_that_differs_less_is_chosen(
    matcher: ReferenceMatcher, library: MemoryLibrary
) -> None:
    labelled = label(face(2), LABEL)
    library.add("labelled", [KNOWN.tell(photo([(labelled, STRAIGHT)]), STRAIGHT)])
    for picture, wanted in ((face(2), "box 2"), (labelled, "labelled")):
        for compare in (True, False):
            told = matcher.match(shot(picture), compare=compare)
            assert (told.reference_id, bool(told.changed)) == (wanted, False)
            assert told.candidates[0].reference_id == wanted
            assert len({one.reference_id for one in told.candidates}) == len(told.candidates)


def test_packagings_that_look_the_same_are_told(matcher: ReferenceMatcher, library: MemoryLibrary) -> None:
    assert matcher.match(shot(face(2))).alike == ()
    library.add("the same", [reference(2)])
    told = matcher.match(shot(face(2)))
    assert {told.reference_id, *told.alike} == {"box 2", "the same"}
    assert Match.from_dict(told.to_dict()) == told


def test_print_that_was_moved_is_told_at_both_places(matcher: ReferenceMatcher) -> None:
    before = KNOWN.tell(photo([(stuck((30, 270)), STRAIGHT)]), STRAIGHT)
    told = matcher.compare(shot(stuck((330, 270))), before)
    assert told.changed
    for x in (105, 405):
        middle = transform(np.array([[x, 322]], np.float32), homography(unit_quad(*FACE), ASLANT))[0]
        assert any(cv2.pointPolygonTest(one.polygon, middle.tolist(), False) > 0 for one in told.changes)


def test_an_unknown_packaging_is_none(matcher: ReferenceMatcher) -> None:
    told = matcher.match(shot(face(7)))
    assert told.reference_id is None
    assert not told.comparable
    assert told.changed is None
    assert told.reason is not None
    assert len(told.candidates) == 3


def test_only_references_that_were_asked_for_match(matcher: ReferenceMatcher) -> None:
    assert matcher.match(shot(face(2)), "4D").reference_id is None
    assert matcher.match(shot(face(2)), "4G").reference_id == "box 2"
    assert matcher.match(shot(face(2)), ["box 1", "box 3"]).reference_id is None
    assert matcher.match(shot(face(2)), (name for name in ("box 2",))).reference_id == "box 2"
    told = matcher.match(shot(face(2)), "no such type")
    assert (told.reference_id, told.candidates, told.probability) == (None, (), 0.0)


def test_expired_and_withdrawn_references_never_match(
    matcher: ReferenceMatcher, library: MemoryLibrary
) -> None:
    yesterday = date.today() - timedelta(days=1)
    library.add("box 2", [reference(2)], valid_to=yesterday)
    assert matcher.match(shot(face(2))).reference_id is None
    library.add("box 2", [reference(2)], status="withdrawn")
    assert matcher.match(shot(face(2))).reference_id is None
    library.add("box 2", [reference(2)])
    assert matcher.match(shot(face(2))).reference_id == "box 2"


def test_vectors_are_read_once_for_each_revision(matcher: ReferenceMatcher, library: MemoryLibrary) -> None:
    for _ in range(3):
        matcher.match(shot(face(2)), compare=False)
    assert library.reads == 1
    library.add("box 4", [reference(4)])
    assert matcher.match(shot(face(4)), compare=False).reference_id == "box 4"
    assert library.reads == 2


def test_without_comparing_nothing_is_comparable(matcher: ReferenceMatcher) -> None:
    told = matcher.match(shot(face(2)), compare=False, top=1)
    assert (told.reference_id, told.comparable, len(told.candidates)) == ("box 2", False, 1)
    assert told.reason is not None


def test_a_reference_with_many_photos_leaves_room_for_others(
    matcher: ReferenceMatcher, library: MemoryLibrary
) -> None:
    library.add("box 2", [reference(2)] * 30)
    told = matcher.match(shot(face(2)), top=2, compare=False)
    assert len(told.candidates) == 2


def test_faces_that_the_photo_does_not_show_are_told(encoder: SiameseEncoder) -> None:
    library = MemoryLibrary(encoder)
    library.add("box 1", [reference(1), KNOWN.tell(photo([(face(11), STRAIGHT)]), STRAIGHT)])
    told = ReferenceMatcher(library, encoder, threads=1).match(shot(face(1)))
    assert told.reference_id == "box 1"
    assert [round(one.compared) for one in told.reference_faces] == [1, 0]
    assert 0.4 < told.compared < 0.6


def test_a_photo_on_which_nothing_is_found_is_refused_by_a_real_library(
    encoder: SiameseEncoder, tmp_path: Path
) -> None:
    class Counting:
        looked = 0

        def detect(self, image: ImageArray) -> list[Mark]:
            self.looked += 1
            return []

    counting = Counting()
    blind = SiameseEncoder(encoder.artifact, detector=counting, threads=1)
    kept = QualifiedLibrary(tmp_path / "library.db", encoder=blind)
    with pytest.raises(EnrolmentError) as error:
        kept.enroll("A", shot(face(1)))
    assert [refusal.ground for refusal in error.value.refusals] == ["empty"]
    assert counting.looked == 1


def test_two_photos_are_compared_without_a_library(encoder: SiameseEncoder) -> None:
    alone = ReferenceMatcher(artifact=encoder, threads=1)
    told = alone.compare(shot(label(face(1), LABEL)), reference(1))
    assert (told.reference_id, told.changed) == ("reference", True)
    other = alone.compare(shot(face(5)), reference(1))
    assert (other.reference_id, other.comparable) == (None, False)
    assert other.reason is not None
    assert other.reason.startswith("cannot compare")
    with pytest.raises(ConfigError, match="library"):
        alone.match(shot(face(1)))


def test_places_are_those_of_a_large_jpeg(encoder: SiameseEncoder, tmp_path: Path) -> None:
    large = [cv2.resize(one, None, fx=4, fy=4) for one in (shot(label(face(1), LABEL)), reference(1))]
    paths = [tmp_path / "photo.jpg", tmp_path / "reference.jpg"]
    for image, path in zip(large, paths, strict=True):
        cv2.imwrite(str(path), image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    encoder = SiameseEncoder(encoder.artifact, detector=Whole(), threads=1)
    told = ReferenceMatcher(artifact=encoder, threads=1).compare(*paths)
    assert told.size == (2400, 1880)
    assert told.heatmap.shape == (1880, 2400)
    biggest = max(told.changes, key=lambda change: cv2.contourArea(change.polygon.copy()))
    assert np.abs(biggest.polygon.mean(axis=0) - (changed_place().mean(axis=0) + 0.5) * 4).max() < 40


def test_many_and_one_and_threads_give_the_same(matcher: ReferenceMatcher) -> None:
    shots = [shot(face(1)), shot(label(face(2), LABEL)), shot(face(6))]
    alone = [matcher.match(one) for one in shots]
    assert matcher.match_many(shots) == alone
    with ThreadPoolExecutor(32) as pool:
        told = list(pool.map(lambda number: matcher.match(shots[number % 3]), range(32)))
    assert told == [alone[number % 3] for number in range(32)]


def test_without_calibration_it_says_so(encoder: SiameseEncoder, tmp_path: Path) -> None:
    raw = matching_artifact(tmp_path / "raw", calibration={})
    told = ReferenceMatcher(artifact=raw, detector=KNOWN, threads=1).compare(shot(face(1)), reference(1))
    assert not told.calibrated


def test_a_library_of_another_encoder_is_refused(
    encoder: SiameseEncoder, library: MemoryLibrary, tmp_path: Path
) -> None:
    other = matching_artifact(tmp_path / "other", training={"made": "later"})
    with pytest.raises(ConfigError, match="same artifact"):
        ReferenceMatcher(library, other, detector=KNOWN, threads=1).match(shot(face(1)))


def test_wrong_artifacts_and_points_are_refused(encoder: SiameseEncoder, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="experiment=matching"):
        ReferenceMatcher(artifact="marks")
    with pytest.raises(ArtifactError, match="balanced"):
        ReferenceMatcher(artifact=encoder, point="strict")
    bare = matching_artifact(tmp_path / "bare", operating_points={})
    with pytest.raises(ArtifactError, match="operating point"):
        ReferenceMatcher(artifact=bare, detector=KNOWN)


def test_a_broken_photo_is_named(matcher: ReferenceMatcher) -> None:
    with pytest.raises(ImageError):
        matcher.match(b"no photo")
    with pytest.raises(ConfigError, match="top"):
        matcher.match(shot(face(1)), top=0)


def test_a_real_library_in_a_file(encoder: SiameseEncoder, tmp_path: Path) -> None:
    own = SiameseEncoder(encoder.artifact, detector=Whole(), threads=1)
    kept = QualifiedLibrary(tmp_path / "library.db", encoder=own)
    kept.enroll("box 1", [reference(1)], packaging_type="4G", allow={"blurred"})
    kept.enroll("box 2", [reference(2)], packaging_type="4G", allow={"blurred"})
    matcher = ReferenceMatcher(kept, own, threads=1)
    told = matcher.match(shot(face(2)), "4G")
    assert told.reference_id == "box 2"
    assert told.comparable
    assert {pair.reference_photo for pair in told.pairs} == set(kept.get("box 2").photos)
    assert Match.from_dict(told.to_dict()) == told
    kept.enroll("box 2", valid_to=date.today() - timedelta(days=1))
    assert matcher.match(shot(face(2)), "4G").reference_id is None
