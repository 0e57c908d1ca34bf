"""The loss of the marks net on one batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn
from torchvision.ops import generalized_box_iou_loss

from lipack_vision.nets.marks import cells
from lipack_vision.types import DIAMONDS, LABELS
from training.data.batches import Batch
from training.loop import mean_over_processes
from training.tasks.assign import Marks, assign, box_bounds, corner_points, inside, mark_sizes
from training.tasks.pixels import normalise

CARTON = LABELS.index("carton")
_DIAMOND_INDICES = torch.tensor(sorted(LABELS.index(label) for label in DIAMONDS))


@dataclass(frozen=True, slots=True)
class MarksLoss:
    """Losses of the marks net.

    Attributes:
        mean: per channel, of pixel values 0..1.
        std: per channel.
        weight_class: of the varifocal classification loss.
        weight_corner: of the distance of corner i to true corner i, in sizes of the mark.
        weight_box: of the generalised IoU loss of the enclosing boxes.
        weight_carton: of carton faces in every part. They are the most frequent marks and the least clear
            ones; at full weight the net spends itself on them.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weight_class: float = 1.0
    weight_corner: float = 5.0
    weight_box: float = 2.0
    weight_carton: float = 0.3

    def normalise(self, images: Tensor) -> Tensor:
        """``(N, 3, H, W)`` uint8 -> float32 as the net wants it."""
        return normalise(images, self.mean, self.std)

    def __call__(self, net: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """The parts of the loss, weighted; their sum is what training lowers."""
        logits, corners = net(self.normalise(batch.images))
        height, width = batch.images.shape[-2:]
        return self.compare(logits, corners, batch, *cells(height, width, logits.device))

    def compare(
        self, logits: Tensor, corners: Tensor, batch: Batch, centres: Tensor, strides: Tensor
    ) -> dict[str, Tensor]:
        """Losses of outputs ``(N, A, K)`` and ``(N, A, 8)`` for the cells ``(A, 2)``, ``(A,)``."""
        targets = torch.zeros_like(logits)
        importance = torch.ones_like(logits[0, 0])
        importance[CARTON] = self.weight_carton
        counted = torch.ones_like(logits)
        places: list[Tensor] = []
        truths: list[Tensor] = []
        weights: list[Tensor] = []
        known_corners: list[Tensor] = []
        for i in range(len(logits)):
            known = ~batch.ignored[i]
            quads, labels, ordered = batch.quads[i][known], batch.labels[i][known], batch.ordered[i][known]
            marks = Marks(quads, labels, ordered)
            owner, target = assign(logits[i].detach(), corners[i].detach(), marks, centres, strides)
            cell = (owner >= 0).nonzero().squeeze(1)
            targets[i, cell, labels[owner[cell]]] = target[cell]
            _leave_out(counted[i], batch.quads[i][~known], batch.labels[i][~known], centres)
            # Nobody drew marks of the classes that were not asked, so their absence says nothing.
            counted[i, :, ~batch.asked[i]] = 0.0
            counted[i, cell, labels[owner[cell]]] = 1.0
            # A diamond is of one class only: that much is known even where the others were not asked.
            diamond = cell[torch.isin(labels[owner[cell]], _DIAMOND_INDICES.to(labels.device))]
            counted[i, diamond[:, None], _DIAMOND_INDICES.to(labels.device)] = 1.0
            places.append(corners[i, cell])
            truths.append(quads[owner[cell]])
            weights.append(target[cell] * importance[labels[owner[cell]]])
            known_corners.append(ordered[owner[cell]])
        # Over all processes: each divides by the same number, and their mean is the loss of the joint batch.
        total = mean_over_processes((targets * importance).sum()).clamp(min=1.0)
        place, truth, weight = torch.cat(places), torch.cat(truths), torch.cat(weights)
        of_corners = weight * torch.cat(known_corners)
        return {
            "class": self.weight_class * (varifocal(logits, targets) * counted * importance).sum() / total,
            "corner": self.weight_corner * (corner_loss(place, truth) * of_corners).sum() / total,
            "box": self.weight_box * (box_loss(place, truth) * weight).sum() / total,
        }


def _leave_out(counted: Tensor, quads: Tensor, labels: Tensor, centres: Tensor) -> None:
    """Zero ``counted (A, K)`` where ignored marks ``(M, 8)`` lie.

    A half-hidden label may pass for another class, so no class is asked there. A carton fills much of the
    picture, and what lies on it must still be learnt, so there only the carton is not asked.
    """
    for covered, label in zip(inside(centres, quads, 1.2), labels.tolist(), strict=True):
        if label == CARTON:
            counted[covered, CARTON] = 0.0
        else:
            counted[covered] = 0.0


def varifocal(logits: Tensor, targets: Tensor, alpha: float = 0.75, gamma: float = 2.0) -> Tensor:
    """Varifocal loss (arXiv:2008.13367) per element: hits count by target, misses by score."""
    score = logits.detach().sigmoid()
    weight = torch.where(targets > 0, targets, alpha * score.pow(gamma))
    return weight * F.binary_cross_entropy_with_logits(logits, targets, reduction="none")


def corner_loss(corners: Tensor, quads: Tensor) -> Tensor:
    """Distance of corners in sizes of the mark, smooth L1: ``(P, 8), (P, 8) -> (P,)``.

    The sum of two terms. The first takes the true corners in the turn that fits best and so learns the shape;
    the second compares corner i with corner i and so learns the turn. Alone, the second would draw all
    corners of a mark whose turn is still unknown to its middle; with much of the first, a wrong
    turn would stay.
    """
    size = mark_sizes(quads)[:, None]
    found, true = corners / size, corner_points(quads / size)
    turned = torch.stack(
        [
            F.smooth_l1_loss(found, true.roll(turn, -2).flatten(-2), beta=0.02, reduction="none").mean(1)
            for turn in range(4)
        ]
    )
    return turned.amin(0) * 0.5 + turned[0] * 2


def box_loss(corners: Tensor, quads: Tensor) -> Tensor:
    """1 - generalised IoU of the enclosing upright boxes, ``(P, 8), (P, 8) -> (P,)``."""
    boxes, true = (torch.cat(box_bounds(points), dim=-1) for points in (corners, quads))
    loss: Tensor = generalized_box_iou_loss(boxes, true)
    return loss
