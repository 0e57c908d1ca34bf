"""From maps of the net to cartons and damaged places."""

from __future__ import annotations

import numpy as np

from lipack_vision.integrity import maps
from lipack_vision.types import DAMAGE_TYPES


def core(*rectangles: tuple[int, int, int, int]) -> np.ndarray:
    logits = np.full((80, 80), -5.0, np.float32)
    for x0, y0, x1, y1 in rectangles:
        logits[y0:y1, x0:x1] = 5
    return logits


def test_cartons_are_the_cores_grown_the_largest_first() -> None:
    small, large = (4, 4, 18, 18), (30, 30, 70, 70)
    found = maps.cartons(core(small, large))
    assert len(found) == 2
    assert found[0][50, 50]
    assert found[1][10, 10]
    # A square of 40 cells is the core of one of about 47.
    assert 43 <= np.flatnonzero(found[0].any(axis=0)).size <= 50


def test_neighbours_do_not_share_cells() -> None:
    right, left = maps.cartons(core((5, 20, 38, 60), (40, 20, 75, 60)))
    assert right[40, 39]
    assert not right[20:60, 5:38].any()
    assert not left[20:60, 40:75].any()


def test_specks_are_no_cartons() -> None:
    assert maps.cartons(core((5, 5, 8, 8))) == []


def test_what_is_far_behind_or_unsure_is_no_carton_to_judge() -> None:
    far = core((4, 4, 12, 12), (30, 30, 70, 70))
    assert len(maps.cartons(far)) == 1
    unsure = core((30, 30, 70, 70))
    unsure[unsure > 0] = 0.5
    assert maps.cartons(unsure) == []


def test_the_worst_cells_decide() -> None:
    cells = np.ones((40, 40), bool)
    calm, hurt = np.full((40, 40), -4.0, np.float32), np.full((40, 40), -4.0, np.float32)
    hurt[:5, :5] = 4
    assert maps.carton_logit(calm, cells) == -4
    assert maps.carton_logit(hurt, cells) == 4
    assert maps.carton_logit(hurt, cells & (np.arange(40) > 10)) == -4


def test_damaged_places_name_type_and_score() -> None:
    told = np.full((9, 40, 40), -6.0, np.float32)
    told[DAMAGE_TYPES.index("hole"), 10:20, 10:20] = 3
    told[DAMAGE_TYPES.index("wet"), 0, 0] = 3
    ((name, cells, score),) = maps.damaged_places(told, np.ones((40, 40), bool))
    assert name == "hole"
    assert cells.sum() == 100
    assert abs(score - 1 / (1 + np.exp(-3.0))) < 1e-5
    assert maps.damaged_places(told, np.zeros((40, 40), bool)) == []


def test_an_outline_goes_around_its_cells_in_pixels() -> None:
    cells = np.zeros((40, 40), bool)
    cells[10:20, 5:30] = True
    points = maps.outline(cells)
    assert points[:, 0].min() == 20
    assert points[:, 0].max() == 119
    assert points[:, 1].min() == 40
    assert points[:, 1].max() == 79


def test_each_place_is_told_once_by_its_most_probable_type() -> None:
    wide, within, apart = (np.zeros((12, 12), bool) for _ in range(3))
    wide[2:8, 2:8] = within[3:6, 3:6] = apart[9:, 9:] = True
    told = maps.single_places([("hole", within, 0.2), ("crush", wide, 0.6), ("tear", apart, 0.1)])
    assert [name for name, _, _ in told] == ["crush", "tear"]
    # A surer small place within a wide one is told beside it.
    told = maps.single_places([("hole", within, 0.7), ("crush", wide, 0.6)])
    assert [name for name, _, _ in told] == ["hole", "crush"]
