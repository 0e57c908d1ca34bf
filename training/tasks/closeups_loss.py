"""The loss of the close-up net on one batch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.nets.closeup import HEAT_STRIDE
from training.data.closeups import CloseupBatch
from training.tasks.pixels import normalise


@dataclass(frozen=True, slots=True)
class CloseupsLoss:
    """Losses of the close-up net.

    Attributes:
        mean: per channel, of pixel values 0..1.
        std: per channel.
        weight_class: of the cross entropy of the classes.
        weight_corner: of the cross entropy of the corner maps.
        smoothing: share of the certainty that is spread over all classes.
        spread: standard deviation in cells of a corner's place in its map.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weight_class: float = 1.0
    weight_corner: float = 0.5
    smoothing: float = 0.02
    spread: float = 0.8

    def __call__(self, net: nn.Module, batch: CloseupBatch) -> dict[str, Tensor]:
        """The parts of the loss, weighted; their sum is what training lowers."""
        logits, heat = net(normalise(batch.images, self.mean, self.std))
        told = F.cross_entropy(logits, batch.labels, label_smoothing=self.smoothing)
        return {
            "class": self.weight_class * told,
            "corner": self.weight_corner * self._corner(heat, batch.corners),
        }

    def _corner(self, heat: Tensor, corners: Tensor) -> Tensor:
        """Kullback-Leibler divergence of the maps from normal distributions around the true corners."""
        side = heat.shape[-1]
        places = (corners + 0.5) / HEAT_STRIDE - 0.5  # in cells
        # What lies outside of the picture cannot be pointed at.
        known = ((places > -0.5) & (places < side - 0.5)).all(-1)
        if not bool(known.any()):
            return heat.sum() * 0
        cells = torch.arange(side, device=heat.device)
        apart = (cells - places[known].unsqueeze(-1)) / self.spread
        column, row = (torch.softmax(-0.5 * apart[:, axis] ** 2, -1) for axis in (0, 1))
        wanted = (row.unsqueeze(2) * column.unsqueeze(1)).flatten(1)
        found = heat[known].flatten(1).log_softmax(-1)
        return F.kl_div(found, wanted, reduction="batchmean")
