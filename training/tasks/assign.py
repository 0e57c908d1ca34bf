"""Which cell answers for which mark: task-aligned assignment (arXiv:2108.07755) with ordered corners."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

SHRINK = 0.85
"""Cells in the outermost part of a mark see as much background as mark."""
NEAR = 1.5
"""Cells so many strides around a mark's centre are candidates too: small marks hold no cell at all."""
REACH = {8: (0.0, 14.0), 16: (2.5, 16.0), 32: (2.5, float("inf"))}
"""Sizes in strides that each level answers for; they overlap, so every mark has one or two levels."""
TOP = 10
SCORE_POWER, PLACE_POWER = 0.5, 4.0


class Marks(NamedTuple):
    """The marks of one picture: corners ``(M, 8)``, classes ``(M,)``, and if the corners are their own."""

    quads: Tensor
    labels: Tensor
    ordered: Tensor


def corner_points(quads: Tensor) -> Tensor:
    """``(..., 8) -> (..., 4, 2)``."""
    return quads.reshape(*quads.shape[:-1], 4, 2)


def mark_sizes(quads: Tensor) -> Tensor:
    """Square root of the area: ``(..., 8) -> (...)`` in pixels, at least 1."""
    points = corner_points(quads)
    x, y = points.unbind(-1)
    twice = (x * y.roll(-1, -1) - y * x.roll(-1, -1)).sum(-1).abs()
    return torch.sqrt(twice / 2).clamp(min=1.0)


def similarity(corners: Tensor, quads: Tensor) -> Tensor:
    """How well shapes agree, 0..1, whichever corner comes first: ``(..., 8), (..., 8) -> (...)``.

    exp(-2 d) with d the mean corner distance in sizes of the true mark, which for a small shift is its
    intersection over union. Which corner is the first is learnt by the corner loss alone: asked here too, a
    mark whose turn is still unknown would count as missed, and its class would not be learnt either.
    """
    found, true = corner_points(corners), corner_points(quads)
    apart = torch.stack([(found - true.roll(turn, -2)).norm(dim=-1).mean(-1) for turn in range(4)])
    return torch.exp(-2.0 * apart.amin(0) / mark_sizes(quads))


def box_bounds(quads: Tensor) -> tuple[Tensor, Tensor]:
    """Least and greatest x, y of the corners: ``(..., 8) -> (..., 2), (..., 2)``."""
    points = corner_points(quads)
    return points.amin(-2), points.amax(-2)


def box_corners(quads: Tensor) -> Tensor:
    """Corners of the upright boxes around quads: ``(..., 8) -> (..., 8)``."""
    (x0, y0), (x1, y1) = (bound.unbind(-1) for bound in box_bounds(quads))
    return torch.stack([x0, y0, x1, y0, x1, y1, x0, y1], dim=-1)


def fits(corners: Tensor, quads: Tensor, ordered: Tensor) -> Tensor:
    """`similarity` of pairs of cell and mark ``(P, 8), (P, 8), (P,) -> (P,)``; of boxes if not ordered."""
    shape = corners if bool(ordered.all()) else torch.where(ordered[:, None], corners, box_corners(corners))
    return similarity(shape, quads)


def inside(points: Tensor, quads: Tensor, grow: float = 1.0) -> Tensor:
    """Whether points ``(A, 2)`` lie in convex quads ``(M, 8)`` grown about their centres: ``(M, A)``."""
    shape = quads.view(-1, 4, 2)
    centre = shape.mean(1, keepdim=True)
    shape = centre + (shape - centre) * grow
    edge = shape.roll(-1, 1) - shape
    to_point = points[None, :, None, :] - shape[:, None]
    cross = edge[:, None, :, 0] * to_point[..., 1] - edge[:, None, :, 1] * to_point[..., 0]
    return (cross >= 0).all(-1) | (cross <= 0).all(-1)


def _candidates(quads: Tensor, centres: Tensor, strides: Tensor) -> Tensor:
    middle = quads.view(-1, 4, 2).mean(1)
    near = ((centres - middle[:, None]).abs().amax(-1)) < NEAR * strides
    size = mark_sizes(quads)[:, None] / strides
    low = torch.zeros_like(strides)
    high = torch.zeros_like(strides)
    for stride, (least, most) in REACH.items():
        low[strides == stride], high[strides == stride] = least, most
    return (inside(centres, quads, SHRINK) | near) & (size >= low) & (size < high)


@torch.no_grad()
def assign(
    logits: Tensor, corners: Tensor, marks: Marks, centres: Tensor, strides: Tensor
) -> tuple[Tensor, Tensor]:
    """Give each mark its best cells in one image.

    Args:
        logits: ``(A, K)`` class logits.
        corners: ``(A, 8)`` predicted corners in pixels.
        marks: the true marks.
        centres: ``(A, 2)`` of the cells.
        strides: ``(A,)`` of the cells.

    Returns:
        ``owner (A,)`` int64, the mark each cell answers for or -1, and ``target (A,)``, the score that it
        shall give: 0 without a mark, else up to the best similarity that any cell reaches for that mark.
    """
    cells = len(centres)
    quads, labels, _ = marks
    if not len(quads):
        return torch.full((cells,), -1, dtype=torch.int64, device=logits.device), logits.new_zeros(cells)
    candidate = _candidates(quads, centres, strides)
    # Few cells are candidates of a mark, so only those are compared with it.
    mark, cell = candidate.nonzero(as_tuple=True)
    fit = torch.zeros_like(candidate, dtype=corners.dtype)
    fit[mark, cell] = fits(corners[cell], quads[mark], marks.ordered[mark])
    metric = logits.sigmoid().T[labels].pow(SCORE_POWER) * fit.pow(PLACE_POWER)
    best = metric.topk(min(TOP, cells), dim=1)
    chosen = torch.zeros_like(metric).scatter(1, best.indices, best.values)
    strongest, owner = chosen.max(0)
    chosen = chosen * (torch.arange(len(quads), device=owner.device)[:, None] == owner)
    peak = chosen.amax(1, keepdim=True)
    reached = torch.where(chosen > 0, fit, 0.0).amax(1, keepdim=True)
    target = (chosen / peak.clamp(min=1e-12) * reached).gather(0, owner[None])[0]
    taken = strongest > 0
    return torch.where(taken, owner, -1), torch.where(taken, target, 0.0)
