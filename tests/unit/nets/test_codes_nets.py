from __future__ import annotations

import pytest
import torch

from lipack_vision.codes.line_image import LINE_HEIGHT, STEP
from lipack_vision.errors import ShapeError
from lipack_vision.nets.lines import LineNet
from lipack_vision.nets.text_map import TextMapNet


def test_a_line_gives_one_answer_per_step() -> None:
    net = LineNet(10, widths=(8, 8, 8, 8), depths=(1, 1, 1, 1), context=1).eval()
    assert net(torch.zeros(2, 3, LINE_HEIGHT, 20 * STEP)).shape == (2, 20, 11)


def test_a_line_is_read_by_its_own_part_of_the_picture() -> None:
    """What stands far to the right does not change what is read at the left."""
    torch.manual_seed(0)
    net = LineNet(10, widths=(8, 8, 8, 8), depths=(1, 1, 1, 1), context=1).eval()
    one = torch.randn(1, 3, LINE_HEIGHT, 400)
    other = one.clone()
    other[..., 300:] = 0
    torch.testing.assert_close(net(one)[:, :40], net(other)[:, :40])


@pytest.mark.parametrize("shape", [(30, 400), (LINE_HEIGHT, 402)])
def test_other_shapes_are_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(ShapeError, match="multiple of"):
        LineNet(10)(torch.zeros(1, 3, *shape))


def test_the_text_map_has_a_quarter_of_the_sides() -> None:
    logits, directions = TextMapNet(width=8).eval()(torch.zeros(1, 3, 64, 96))
    assert logits.shape == (1, 16, 24)
    assert directions.shape == (1, 2, 16, 24)
    with pytest.raises(ShapeError, match="multiples of 16"):
        TextMapNet(width=8)(torch.zeros(1, 3, 60, 96))
