"""What a match tells, and that JSON keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.integrity.types import as_polygon
from lipack_vision.matching import Candidate, Change, FacePair, HiddenPlace, Match, ReferenceFace
from lipack_vision.matching.types import Heat

SQUARE = as_polygon([[10, 10], [50, 10], [50, 50], [10, 50]])
SMALL = as_polygon([[60, 10], [80, 10], [80, 30], [60, 30]])


def match(*scores: float) -> Match:
    changes = tuple(Change(SQUARE, score) for score in scores)
    pair = FacePair(
        "a" * 64, SQUARE, SMALL, np.array([[1, 2, 3, 4]], np.float32), changes, (HiddenPlace(SMALL, SQUARE),)
    )
    heat = Heat(np.diag([4.0, 4.0, 1.0]), np.full((10, 10), 0.5, np.float32))
    faces = ReferenceFace("a" * 64, SQUARE, 1.0), ReferenceFace("a" * 64, SMALL, 0.0)
    return Match(
        "A", 0.9, True, (100, 80), (Candidate("A", 0.9, 0.8),), None, 0.7, True, (pair,), faces, (heat,)
    )


def test_changes_come_the_most_probable_first_and_unpack() -> None:
    told = match(0.4, 0.8)
    assert [score for _, score in told.changes] == [0.8, 0.4]
    polygon, _ = told.changes[0]
    assert polygon.shape == (4, 2)


def test_compared_is_the_share_by_area() -> None:
    assert match().compared == pytest.approx(1600 / 2000)
    assert Match(None, 0.0, False, (10, 10)).compared == 0.0


def test_without_pairs_or_with_a_reason_nothing_is_comparable() -> None:
    assert match().comparable
    assert not Match("A", 0.99, True, (10, 10)).comparable
    assert not Match("A", 0.99, True, (10, 10), reason="cannot compare").comparable


def test_the_heat_map_lies_on_the_photo() -> None:
    heat = match().heatmap
    assert heat.shape == (80, 100)
    assert heat[20, 20] == 0.5
    assert heat[60, 80] == 0


def test_json_keeps_everything_but_heat() -> None:
    told = match(0.8)
    again = Match.from_dict(told.to_dict())
    assert again == told
    assert len(again.hidden) == 1
    assert again.heat == ()
    assert np.array_equal(again.keypoints, told.keypoints)


def test_a_match_of_an_earlier_version_had_nothing_hidden() -> None:
    data = match(0.8).to_dict()
    for pair in data["pairs"]:
        del pair["hidden"], pair["compared"]
    assert Match.from_dict(data).hidden == []
