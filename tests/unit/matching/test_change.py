"""What differs on a face is told where it is; what may not be of the face is not compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import homography, transform
from lipack_vision.matching import SiameseEncoder
from lipack_vision.matching.change import ComparedFace, Comparison, changed_logit, compared_pictures
from lipack_vision.matching.judge import Judge
from lipack_vision.matching.registration import Registered
from lipack_vision.types import ImageArray, as_quad
from tests.helpers.matching_artifact import matching_artifact
from tests.helpers.matching_pictures import ASLANT, STRAIGHT, KnownFaces, face, label, photo


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> SiameseEncoder:
    artifact = matching_artifact(tmp_path_factory.mktemp("models") / "matching")
    return SiameseEncoder(artifact, detector=KnownFaces(), threads=1)


def registered(shrink: float = 1.0) -> Registered:
    """The truth of how one face lies on the other, with points all over it."""
    end = as_quad(ASLANT.mean(axis=0) + (ASLANT - ASLANT.mean(axis=0)) * shrink)
    matrix = homography(STRAIGHT, end)
    places = (
        STRAIGHT.mean(axis=0) + (STRAIGHT - STRAIGHT.mean(axis=0)) * np.linspace(0.3, 0.95, 5)[:, None, None]
    )
    points = places.reshape(-1, 2).astype(np.float32)
    return Registered(matrix, np.stack([points, transform(points, matrix)], axis=1), STRAIGHT)


def compared(encoder: SiameseEncoder, one: ImageArray, other: ImageArray) -> ComparedFace:
    told = Comparison(encoder, threads=1).compare(
        photo([(one, STRAIGHT)]), photo([(other, ASLANT)]), registered()
    )
    assert told is not None
    return told


def test_the_same_face_is_unchanged(encoder: SiameseEncoder) -> None:
    told = compared(encoder, face(1), face(1))
    assert changed_logit(told.logits[told.cells]) < 0
    assert told.places(0.0) == []


def test_what_is_missing_and_what_is_new_differs_at_its_place(encoder: SiameseEncoder) -> None:
    for one, other in ((face(1), label(face(1))), (label(face(1)), face(1))):
        told = compared(encoder, one, other)
        assert changed_logit(told.logits[told.cells]) > 2
        corner = transform(
            np.array([[445.0, 295.0]]), homography(as_quad([[0, 0], [600, 0], [600, 400], [0, 400]]), ASLANT)
        )
        polygon, logit = max(told.places(0.0), key=lambda place: len(place[0]) * place[1])
        assert np.abs(polygon.mean(axis=0) - corner).max() < 20
        assert logit > 2


def test_a_face_that_is_too_small_is_not_compared(encoder: SiameseEncoder) -> None:
    one = photo([(face(1), STRAIGHT)])
    assert Comparison(encoder, threads=1).compare(one, one, registered(shrink=0.1)) is None


def test_what_another_face_has_taken_is_not_compared(encoder: SiameseEncoder) -> None:
    one, other = photo([(face(1), STRAIGHT)]), photo([(label(face(1)), ASLANT)])
    right = as_quad([[300, 0], [599, 0], [599, 469], [300, 469]])
    told = Comparison(encoder, threads=1).compare(one, other, registered(), [right])
    assert told is not None
    assert told.places(0.0) == []
    assert 0.3 < told.cells.mean() < 0.6


def test_what_lies_beyond_the_points_and_differs_is_no_change_and_not_compared(
    encoder: SiameseEncoder,
) -> None:
    logits = np.full((40, 60), -5.0, np.float32)
    logits[:, 55:] = 5  # a strip along the edge: what stands behind the carton
    logits[10:20, 40:46] = 5  # an island beyond the points: something on the face
    cells = np.ones((40, 60), bool)
    told = ComparedFace(logits, cells, np.eye(3), np.eye(3))
    y, x = np.mgrid[2:38:4, 2:30:4]
    points = np.stack([x, y], axis=-1).reshape(-1, 2).astype(np.float32)
    within = told.within(points)
    assert not within.cells[:, 55:].any()
    assert within.cells[:, :55].all()
    logits[25:38, 45:] = 5  # reaches far in from the edge: a label that is missing at the corner
    assert ComparedFace(logits, cells, np.eye(3), np.eye(3)).within(points).cells.all()
    everywhere = told.within(np.array([[1, 1], [58, 1], [58, 38], [1, 38]] * 4, np.float32))
    assert everywhere.cells.all()


def test_pictures_for_the_net_are_grey_where_only_one_shows_the_face() -> None:
    one, other = face(1)[:390], face(1)[:390]
    mask = np.ones(one.shape[:2], bool)
    mask[:, :100] = False
    ready = compared_pictures(one, other, mask)
    assert ready.photo.shape == ready.reference.shape == (400, 608, 3)
    assert ready.cells.shape == (100, 152)
    assert (ready.photo[:, :100] == 114).all()
    assert (ready.reference[390:] == 114).all()
    assert not ready.cells[:, :25].any()
    assert ready.cells[:97, 25:150].all()


def test_the_worst_cells_decide() -> None:
    logits = np.full(5000, -4.0, np.float32)
    logits[:10] = 6
    assert changed_logit(logits) == 6
    assert changed_logit(logits[8:40]) == pytest.approx((6 + 6 - 4) / 3)


def test_what_is_no_number_is_an_error(encoder: SiameseEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    comparison = Comparison(encoder, threads=1)
    one = photo([(face(1), STRAIGHT)])

    class Broken:
        def run(self, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
            return [np.full((1, 1, *a.shape[2:]), np.nan, np.float32)]

    monkeypatch.setattr(comparison, "_head", Broken())
    with pytest.raises(ArtifactError, match="finite"):
        comparison.compare(one, one, registered())


def test_levels_follow_threshold_and_calibration(tmp_path: Path) -> None:
    card = matching_artifact(tmp_path / "a").card
    assert Judge.of(card, "balanced").level == 0.0
    strict = {"balanced": {"identity": 0.5, "changed": 0.1}}
    judge = Judge.of(matching_artifact(tmp_path / "b", operating_points=strict).card, "balanced")
    assert judge.level == pytest.approx(np.log(0.1 / 0.9))
    assert judge.changed(judge.level) == pytest.approx(0.1)
