from __future__ import annotations

import json

import numpy as np
import pytest

from lipack_vision.errors import ShapeError
from lipack_vision.types import LABELS, Mark, as_quad

CORNERS = [[10, 0], [20, 10], [10, 20], [0, 10]]


def test_mark_survives_json() -> None:
    mark = Mark("class9a", 0.75, CORNERS, calibrated=True)
    assert Mark.from_dict(json.loads(json.dumps(mark.to_dict()))) == mark
    assert mark != Mark("class9", 0.75, CORNERS, calibrated=True)


def test_quad_is_float32_and_read_only() -> None:
    quad = Mark("carton", 0.5, CORNERS).quad
    assert quad.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        quad[0, 0] = 3


@pytest.mark.parametrize("bad", [[[0, 0]] * 3, [[0, 0], [1, 0], [1, 1], [0, np.nan]], [1, 2, 3, 4]])
def test_bad_corners_are_refused(bad: list[object]) -> None:
    with pytest.raises(ShapeError, match="corner"):
        as_quad(bad)


def test_unknown_label_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ShapeError, match="class9a"):
        Mark("class_9", 0.5, CORNERS)


def test_labels_are_those_of_the_design() -> None:
    assert LABELS == (
        "class9",
        "class9a",
        "battery_mark",
        "other_hazard",
        "cargo_aircraft_only",
        "orientation_arrows",
        "un_mark",
        "carton",
    )
