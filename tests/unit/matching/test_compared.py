"""Which cells of a face count: what is hidden, what may not be of the face, what differs."""

from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.matching.compared import NOTHING_SEEN, ComparedFace, changed_logit

FULL = np.ones((40, 60), bool)
Y, X = np.mgrid[2:38:4, 2:30:4]
POINTS = np.stack([X, Y], axis=-1).reshape(-1, 2).astype(np.float32)
"""In the left half: what lies right of them may not be of the face."""


def face(changed: list[tuple[slice, slice]], hidden: list[tuple[slice, slice]]) -> ComparedFace:
    logits, lost = np.full(FULL.shape, -5.0, np.float32), np.zeros(FULL.shape, bool)
    for place in changed:
        logits[place] = 5
    for place in hidden:
        lost[place] = True
    return ComparedFace(logits, FULL, lost, np.eye(3), np.eye(3))


EDGE = (slice(None), slice(58, None))
"""A strip of two cells: what stands behind the carton."""
ISLAND = (slice(10, 20), slice(40, 46))
"""Beyond the points, but inside: something on the face."""


def test_what_lies_beyond_the_points_and_differs_is_no_change_and_not_compared() -> None:
    within = face([EDGE, ISLAND], []).within(POINTS)
    assert not within.cells[EDGE].any()
    assert within.cells[:, :58].all()
    assert len(within.places(0.0)) == 1
    reaching = face([EDGE, (slice(25, 38), slice(45, None))], [])  # a label is missing at the corner
    assert reaching.within(POINTS).cells.all()
    everywhere = np.array([[1, 1], [58, 1], [58, 38], [1, 38]] * 4, np.float32)
    assert face([EDGE], []).within(everywhere).cells.all()


def test_what_is_hidden_along_the_edge_is_no_place() -> None:
    within = face([], [EDGE]).within(POINTS)
    assert within.hidden_places() == []
    assert not within.cells[EDGE].any()
    hand = face([], [EDGE, (slice(20, 30), slice(48, None))]).within(POINTS)
    assert len(hand.hidden_places()) == 1
    left = face([], [(slice(5, 30), slice(0, 2))]).within(POINTS)  # where points agree, the face goes on
    assert len(left.hidden_places()) == 1


def test_a_change_beside_something_hidden_stays_a_change() -> None:
    beside = face([(slice(10, 30), slice(46, 49))], [(slice(10, 30), slice(49, 55))])
    assert len(beside.within(POINTS).places(0.0)) == 1
    behind = face([(slice(10, 30), slice(55, 58))], [EDGE])
    told = behind.within(POINTS)
    assert len(told.places(0.0)) == 1
    assert len(told.hidden_places()) == 1


def test_outlines_of_what_was_compared_leave_out_what_is_hidden_at_the_side() -> None:
    (whole,) = face([], []).compared_outlines()
    assert np.ptp(whole, axis=0) == pytest.approx([60, 40], abs=1)
    (left,) = face([], [(slice(None), slice(30, None))]).compared_outlines()
    assert np.ptp(left, axis=0) == pytest.approx([30, 40], abs=1)


def test_the_worst_cells_decide() -> None:
    logits = np.full(5000, -4.0, np.float32)
    logits[:10] = 6
    assert changed_logit(logits) == 6
    assert changed_logit(logits[8:40]) == pytest.approx((6 + 6 - 4) / 3)
    assert changed_logit(logits[:0]) == NOTHING_SEEN
