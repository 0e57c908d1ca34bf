"""Training pictures of faces of cartons, and what they tell."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lipack_vision.datasets import PhotoDataset, Sample
from lipack_vision.labels.closeup import Frame
from tests.helpers.truth_samples import Corners, sample, square
from training.data.closeups import UNTOLD, CloseupSettings
from training.data.faces import FACE, NO_FACE, FaceDraws, told_face

SIZE = 64


CARTON = ("carton", square(150, 120, 200))
MARK = ("class9a", square(190, 160, 120))
OWN = Frame.level(np.array(CARTON[1]))


def draws(shown: Sample, settings: CloseupSettings) -> FaceDraws:
    return FaceDraws(PhotoDataset("one", [shown], ""), SIZE, 3, settings)


def test_a_face_in_the_middle_is_told_whatever_is_on_it() -> None:
    for shown in (sample(CARTON), sample(CARTON, MARK), sample(MARK, CARTON)):
        label, corners = told_face(shown, OWN, SIZE)
        assert label == FACE
        np.testing.assert_allclose(corners.mean(axis=0), (SIZE - 1) / 2, atol=0.01)
        np.testing.assert_allclose(np.ptp(corners, axis=0), SIZE / 1.4, atol=0.01)


@pytest.mark.parametrize(
    ("shown", "frame", "wanted"),
    [
        (sample(), OWN, NO_FACE),
        (sample(MARK), Frame.around(np.array(MARK[1])), NO_FACE),
        (sample(CARTON), Frame(60, 400, 70), NO_FACE),
        (sample(CARTON), Frame(OWN.x + 130, OWN.y, OWN.width), UNTOLD),
        (sample(CARTON), Frame(OWN.x, OWN.y, OWN.width / 2), NO_FACE),
        (sample(CARTON), Frame(OWN.x, OWN.y, OWN.width * 2), NO_FACE),
        (sample(CARTON, visible=0.1), OWN, UNTOLD),
        (sample(CARTON, asked=False), OWN, UNTOLD),
    ],
    ids=["empty", "a mark", "elsewhere", "off", "a part", "with much else", "hidden", "nobody was asked"],
)
def test_where_no_face_is_in_the_middle_none_is_told(shown: Sample, frame: Frame, wanted: int) -> None:
    label, corners = told_face(shown, frame, SIZE)
    assert label == wanted
    assert np.isnan(corners).all()


def test_of_a_box_the_face_is_known_and_its_corners_are_not() -> None:
    label, corners = told_face(sample(CARTON, ordered=False), OWN, SIZE)
    assert label == FACE
    assert np.isnan(corners).all()


def test_a_frame_along_a_mark_that_stands_on_end_is_not_about_the_face_across_it() -> None:
    wide = ("carton", [[100.0, 200.0], [400.0, 200.0], [400.0, 300.0], [100.0, 300.0]])
    frame = Frame.level(np.array(wide[1]))
    assert told_face(sample(wide), frame, SIZE)[0] == FACE
    assert told_face(sample(wide), replace(frame, angle=math.pi / 2), SIZE)[0] != FACE


@pytest.mark.parametrize("quad", [CARTON[1], [[100, 200], [400, 190], [420, 240], [110, 250]]])
def test_looks_show_faces_about_where_they_are_supposed_and_at_times_go_wrong(quad: Corners) -> None:
    rng, shown = np.random.default_rng(3), sample(("carton", quad))
    own = draws(shown, CloseupSettings(marks=1.0, shift=0.08, scale=0.2, tilt=4.0, part=0.35))
    labels = [own.told(shown, own.frame(shown, rng))[0] for _ in range(80)]
    assert labels.count(FACE) >= 40
    assert 5 <= labels.count(NO_FACE) <= 35


def test_a_face_far_beyond_the_photo_is_never_looked_at() -> None:
    far = sample(("carton", [[-900.0, -700.0], [1400.0, -700.0], [1400.0, 900.0], [-900.0, 900.0]]))
    own, rng = draws(far, CloseupSettings(marks=1.0)), np.random.default_rng(3)
    assert max(own.frame(far, rng).width for _ in range(20)) < 640


def test_what_squeezing_makes_unlike_a_face_of_its_own_is_untold() -> None:
    own = draws(sample(), CloseupSettings())
    whole = np.array(square(9, 9, 45), np.float32)
    assert own.told_leant(FACE, whole) == FACE
    assert own.told_leant(NO_FACE, whole) == NO_FACE
    assert own.told_leant(FACE, whole * np.float32([1, 0.25])) == UNTOLD
    assert own.told_leant(FACE, np.full((4, 2), np.nan, np.float32)) == FACE
