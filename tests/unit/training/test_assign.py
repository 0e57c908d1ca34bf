"""Assignment and losses on cases small enough to work out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lipack_vision.nets.marks import cells
from lipack_vision.types import LABELS
from training.data.batches import Batch
from training.tasks.assign import TOP, Marks, assign, inside, mark_sizes, similarity
from training.tasks.marks_loss import MarksLoss, box_loss, corner_loss

SQUARE = torch.tensor([[16.0, 16, 48, 16, 48, 48, 16, 48]])
DIAMOND = torch.tensor([[32.0, 10, 54, 32, 32, 54, 10, 32]])
CARTON = LABELS.index("carton")


def outputs(side: int = 64) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    centres, strides = cells(side, side)
    start = torch.tensor([-2.0, -2, 2, -2, 2, 2, -2, 2])
    corners = centres.repeat(1, 4) + start * strides[:, None]
    return torch.full((len(centres), 8), -4.0), corners, centres, strides


def batch(
    quads: Tensor,
    labels: list[int],
    ignored: list[bool],
    *,
    ordered: bool = True,
    asked: tuple[str, ...] = LABELS,
) -> Batch:
    return Batch(
        torch.zeros(1, 3, 64, 64, dtype=torch.uint8),
        [quads],
        [torch.tensor(labels, dtype=torch.int64)],
        [torch.tensor(ignored, dtype=torch.bool)],
        [torch.full((len(quads),), ordered)],
        torch.tensor([[label in asked for label in LABELS]]),
    )


def marks(quads: Tensor, *labels: int, ordered: bool = True) -> Marks:
    return Marks(quads, torch.tensor(labels, dtype=torch.int64), torch.full((len(quads),), ordered))


def loss() -> MarksLoss:
    return MarksLoss((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_only_cells_inside_the_mark_answer_for_it() -> None:
    logits, corners, centres, strides = outputs()
    owner, target = assign(logits, corners, marks(SQUARE, 3), centres, strides)
    cell = (owner == 0).nonzero().squeeze(1)
    assert 0 < len(cell) <= TOP
    assert bool(((centres[cell] > 16) & (centres[cell] < 48)).all())
    assert bool((target[owner < 0] == 0).all())


def test_the_cell_that_fits_best_gets_the_highest_target() -> None:
    logits, corners, centres, strides = outputs()
    exact = int(((centres - torch.tensor([28.0, 28.0])).abs().sum(1) == 0).nonzero()[0])
    corners[exact] = SQUARE[0]
    owner, target = assign(logits, corners, marks(SQUARE, 3), centres, strides)
    assert int(target.argmax()) == exact
    assert float(target[exact]) == pytest.approx(1.0)
    assert int(owner[exact]) == 0


def test_of_two_overlapping_marks_each_cell_answers_for_one() -> None:
    logits, corners, centres, strides = outputs()
    quads = torch.cat([SQUARE, SQUARE + 6])
    owner, target = assign(logits, corners, marks(quads, 0, 1), centres, strides)
    assert set(owner.unique().tolist()) == {-1, 0, 1}
    assert target.shape == owner.shape


def test_without_marks_nothing_is_assigned_and_the_loss_is_finite() -> None:
    logits, corners, centres, strides = outputs()
    owner, target = assign(logits, corners, marks(torch.zeros(0, 8)), centres, strides)
    assert bool((owner == -1).all())
    assert not bool(target.any())
    parts = loss().compare(logits[None], corners[None], batch(torch.zeros(0, 8), [], []), centres, strides)
    assert float(parts["corner"]) == 0
    assert torch.isfinite(parts["class"])


def test_a_mark_smaller_than_a_cell_still_finds_cells() -> None:
    logits, corners, centres, strides = outputs()
    tiny = torch.tensor([[30.0, 30, 33, 30, 33, 33, 30, 33]])
    owner, _ = assign(logits, corners, marks(tiny, 0), centres, strides)
    assert bool((owner == 0).any())


def test_exact_corners_cost_nothing_and_turned_corners_do() -> None:
    assert float(corner_loss(DIAMOND, DIAMOND)) == 0
    assert float(box_loss(DIAMOND, DIAMOND)) == pytest.approx(0, abs=1e-6)
    turned = DIAMOND.roll(2, 1)
    assert float(corner_loss(turned, DIAMOND)) > 0.5
    # The class of a mark is learnt before its turn is known.
    assert float(similarity(turned, DIAMOND)) == 1


def test_the_way_out_of_a_wrong_turn_leads_downhill() -> None:
    turned = DIAMOND.roll(2, 1)
    costs = [float(corner_loss(turned + share * (DIAMOND - turned), DIAMOND)) for share in (0, 0.25, 0.5, 1)]
    assert costs == sorted(costs, reverse=True)


def test_similarity_of_a_small_shift_is_about_its_iou() -> None:
    shifted = SQUARE + torch.tensor([1.6, 0.0]).repeat(4)
    assert float(similarity(shifted, SQUARE)) == pytest.approx((32 - 1.6) / (32 + 1.6), abs=0.01)


def test_size_is_the_root_of_the_area_for_any_order() -> None:
    assert mark_sizes(SQUARE).tolist() == [32.0]
    assert mark_sizes(SQUARE.flip(1)).tolist() == [32.0]


def test_inside_follows_the_diamond_not_its_box() -> None:
    points = torch.tensor([[32.0, 32], [14, 14], [32, 12], [60, 60]])
    assert inside(points, DIAMOND).tolist() == [[True, False, True, False]]


def test_nothing_is_asked_where_an_ignored_mark_lies() -> None:
    logits, corners, centres, strides = outputs()
    logits = torch.zeros_like(logits)
    nothing = loss().compare(logits[None], corners[None], batch(torch.zeros(0, 8), [], []), centres, strides)
    hidden = loss().compare(logits[None], corners[None], batch(SQUARE, [0], [True]), centres, strides)
    carton = loss().compare(logits[None], corners[None], batch(SQUARE, [CARTON], [True]), centres, strides)
    covered = int(inside(centres, SQUARE, 1.2).sum())
    per_cell = float(nothing["class"]) / len(centres)
    of_carton = loss().weight_carton / (len(LABELS) - 1 + loss().weight_carton)
    assert float(nothing["class"] - hidden["class"]) == pytest.approx(covered * per_cell, rel=1e-3)
    less = float(nothing["class"] - carton["class"])
    assert less == pytest.approx(covered * of_carton * per_cell, rel=1e-2)
    assert float(hidden["corner"]) == 0


def test_gradients_reach_logits_and_corners() -> None:
    logits, corners, centres, strides = outputs()
    logits, corners = logits[None].requires_grad_(), corners[None].requires_grad_()
    parts = loss().compare(logits, corners, batch(DIAMOND, [1], [False]), centres, strides)
    torch.stack(list(parts.values())).sum().backward()
    assert logits.grad is not None
    assert corners.grad is not None
    assert bool((logits.grad[0, :, 1] < 0).any())
    assert float(corners.grad.abs().sum()) > 0


def test_a_mark_of_which_only_the_box_is_known_teaches_its_box_and_not_its_corners() -> None:
    logits, corners, centres, strides = outputs()
    exact = int(((centres - torch.tensor([28.0, 28.0])).abs().sum(1) == 0).nonzero()[0])
    corners[exact] = DIAMOND[0]
    box = torch.tensor([[10.0, 10, 54, 10, 54, 54, 10, 54]])
    owner, target = assign(logits, corners, marks(box, 1, ordered=False), centres, strides)
    assert int(owner[exact]) == 0
    assert float(target[exact]) == pytest.approx(1.0)
    boxed = batch(box, [1], [False], ordered=False)
    parts = loss().compare(logits[None], corners[None], boxed, centres, strides)
    assert float(parts["corner"]) == 0
    assert float(parts["box"]) > 0
    known = loss().compare(logits[None], corners[None], batch(box, [1], [False]), centres, strides)
    assert float(known["corner"]) > 0


def test_absence_of_a_class_that_was_not_asked_teaches_nothing() -> None:
    logits, corners, centres, strides = outputs()
    logits = torch.zeros_like(logits)[None].requires_grad_()
    without = batch(torch.zeros(0, 8), [], [], asked=tuple(label for label in LABELS if label != "carton"))
    loss().compare(logits, corners[None], without, centres, strides)["class"].backward()
    assert logits.grad is not None
    assert float(logits.grad[..., CARTON].abs().max()) == 0
    assert float(logits.grad[..., CARTON - 1].abs().min()) > 0


def test_an_own_mark_does_not_teach_absence_of_what_was_not_asked_on_it() -> None:
    logits, corners, centres, strides = outputs()
    logits = torch.zeros_like(logits)[None].requires_grad_()
    labelled = batch(SQUARE, [CARTON], [False], asked=("carton",))
    loss().compare(logits, corners[None], labelled, centres, strides)["class"].backward()
    assert logits.grad is not None
    others = [i for i in range(len(LABELS)) if i != CARTON]
    assert float(logits.grad[..., others].abs().max()) == 0
    assert float(logits.grad[..., CARTON].min()) < 0


def test_a_diamond_of_one_class_is_none_of_the_other_classes_asked_or_not() -> None:
    logits, corners, centres, strides = outputs()
    logits = logits[None].requires_grad_()
    nine, nine_a = LABELS.index("class9"), LABELS.index("class9a")
    labelled = batch(DIAMOND, [nine], [False], asked=("class9",))
    loss().compare(logits, corners[None], labelled, centres, strides)["class"].backward()
    assert logits.grad is not None
    taught = logits.grad[0, :, nine] < 0
    assert bool(taught.any())
    assert bool((logits.grad[0, taught, nine_a] > 0).all())
    assert float(logits.grad[0, ~taught, nine_a].abs().max()) == 0
