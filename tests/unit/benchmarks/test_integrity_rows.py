"""What the integrity benchmark paints over to see where an answer comes from."""

from __future__ import annotations

import numpy as np

from benchmarks.integrity import damage_masks, painted_over
from lipack_vision.integrity.types import BoxCondition, Integrity, as_polygon
from lipack_vision.labels.closeup import Frame

SIDE = 96


def told(hot: tuple[slice, slice]) -> Integrity:
    """One carton that fills the photo but for its rim, with heat in one place."""
    heat = np.full((SIDE // 4, SIDE // 4), 0.02, np.float32)
    heat[hot] = 0.9
    outline = as_polygon([[4, 4], [90, 4], [90, 90], [4, 90]])
    box = BoxCondition(outline, 0.9, 0.9, "damaged", (), ())
    frame = Frame((SIDE - 1) / 2, (SIDE - 1) / 2, float(SIDE))
    return Integrity((box,), True, (SIDE, SIDE), ((frame, heat),))


def test_as_much_sound_board_is_painted_over_as_damaged() -> None:
    hurt, other = damage_masks(told((slice(4, 9), slice(4, 9))))
    assert hurt[24, 24]
    assert not (hurt & other).any()
    assert not other[:4].any()
    assert other.sum() == hurt.sum()


def test_of_a_carton_that_is_damaged_all_over_nothing_sound_is_left() -> None:
    hurt, other = damage_masks(told((slice(None), slice(None))))
    assert hurt[10:80, 10:80].all()
    assert not hurt[:3].any()
    assert not other.any()


def test_only_the_mask_is_painted_over() -> None:
    image = np.full((40, 40, 3), 180, np.uint8)
    image[10:20, 10:20] = 0
    mask = np.zeros((40, 40), bool)
    mask[8:22, 8:22] = True
    painted = painted_over(image, mask)
    assert painted[15, 15].min() > 150
    assert np.array_equal(painted[~mask], image[~mask])
