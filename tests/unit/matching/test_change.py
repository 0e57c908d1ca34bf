"""What differs on a face is told where it is; what may not be of the face is not compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import homography, transform
from lipack_vision.matching import SiameseEncoder
from lipack_vision.matching.change import Comparison, blown_cells, compared_pictures
from lipack_vision.matching.compared import ComparedFace, changed_logit
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


def test_what_is_hidden_is_neither_changed_nor_compared(encoder: SiameseEncoder) -> None:
    one, other = photo([(face(1), STRAIGHT)]), photo([(face(1), STRAIGHT)])
    other[100:200, 150:300] = (
        255,
        0,
        255,
    )  # something before the carton, as the head of these tests knows it
    told = Comparison(encoder, threads=1).compare(one, other, registered())
    assert told is not None
    seen = transform(np.array([[225, 150]], np.float32), np.linalg.inv(told.to_photo))
    column, row = np.rint(seen[0]).astype(int)
    assert told.hidden[row, column]
    assert not told.cells[row, column]
    assert not (told.hidden & told.cells).any()
    assert 0.05 < told.hidden.mean() < 0.3
    ((on_photo, on_reference),) = told.hidden_places()
    assert np.abs(on_photo.min(axis=0) - [150, 100]).max() < 12
    assert (
        np.abs(transform(on_reference, told.to_photo @ np.linalg.inv(told.to_reference)) - on_photo).max() < 1
    )


def test_from_which_score_a_cell_is_hidden_is_the_cards_to_say(tmp_path: Path) -> None:
    assert Judge.of(matching_artifact(tmp_path / "a").card, "balanced").hidden_level == 0.0
    strict = {"balanced": {"identity": 0.5, "changed": 0.5, "hidden": 0.9999}}
    artifact = matching_artifact(tmp_path / "b", operating_points=strict)
    level = Judge.of(artifact.card, "balanced").hidden_level
    assert level == pytest.approx(np.log(0.9999 / 0.0001))
    encoder = SiameseEncoder(artifact, detector=KnownFaces(), threads=1)
    one = photo([(face(1), STRAIGHT)])
    other = one.copy()
    other[100:200, 150:300] = (255, 0, 255)  # hidden, as the head of these tests knows it
    told = [
        Comparison(encoder, hidden_level=value, threads=1).compare(one, other, registered())
        for value in (0.0, 1e3)
    ]
    assert [bool(each.hidden.any()) for each in told if each] == [True, False]


def test_print_that_is_blown_out_is_hidden_and_white_paper_is_not() -> None:
    one, cells = np.full((128, 160, 3), 255, np.uint8), np.ones((32, 40), bool)
    other = one.copy()
    other[40:60, 30:34] = 40  # a stroke
    lost = blown_cells(one, other, cells)
    assert lost[11:14, 7:9].any()
    assert not lost[:, 12:].any()
    assert np.array_equal(blown_cells(other, one, cells), lost)
    dim = np.minimum(one, 240)
    assert not blown_cells(dim, np.minimum(other, 240), cells).any()
    grey = np.full_like(one, 150)  # white board in dim light
    assert not blown_cells(one, grey, cells).any()
    brown = np.full_like(one, (180, 130, 90))
    assert blown_cells(one, brown, cells)[8:24, 8:32].all()
    nearby = one.copy()
    nearby[42:62, 33:37] = 40  # the same stroke, laid on a little elsewhere
    assert not blown_cells(nearby, other, cells).any()


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


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (lambda shape: np.full((1, 2, *shape), np.nan, np.float32), "some that are none"),
        (lambda shape: np.zeros((1, 1, *shape), np.float32), "1 maps"),
    ],
    ids=["no number", "no map of what is hidden"],
)
def test_a_head_that_tells_no_two_maps_of_numbers_is_an_error(
    told: Callable[[tuple[int, ...]], np.ndarray],
    found: str,
    encoder: SiameseEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    comparison = Comparison(encoder, threads=1)
    one = photo([(face(1), STRAIGHT)])

    class Broken:
        def run(self, a: np.ndarray, b: np.ndarray) -> list[np.ndarray]:
            return [told(a.shape[2:])]

    monkeypatch.setattr(comparison, "_head", Broken())
    with pytest.raises(ArtifactError, match=found):
        comparison.compare(one, one, registered())


def test_levels_follow_threshold_and_calibration(tmp_path: Path) -> None:
    card = matching_artifact(tmp_path / "a").card
    assert Judge.of(card, "balanced").level == 0.0
    strict = {"balanced": {"identity": 0.5, "changed": 0.1}}
    judge = Judge.of(matching_artifact(tmp_path / "b", operating_points=strict).card, "balanced")
    assert judge.level == pytest.approx(np.log(0.1 / 0.9))
    assert judge.changed(judge.level) == pytest.approx(0.1)
