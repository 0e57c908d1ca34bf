"""The matching net: one vector of a whole carton, dense features of a face, and a head that compares them."""

from __future__ import annotations

import math
from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.nets.fine import FineNet

DIMENSION = 256
"""Length of the vector of a carton."""
SHIFT = 2
"""Cells by which a registration may miss its place in each direction."""
_WIDE = 384
_LEAST = 1e-6
_AROUND = 7
"""Cells over which the shift between two pictures hardly changes."""
_RARE = 0.03
"""Share of changed and of hidden cells, from which training starts."""


class Comparison(nn.Module):
    """Tells where the second of two registered feature maps differs from the first, and where one is hidden.

    Every cell is compared with the 5 x 5 cells around it, in both directions, and with what lies there once
    the shift that fits its neighbourhood is undone.

    Args:
        channels: of the features.
        width: channels inside.
    """

    def __init__(self, channels: int, width: int = 32) -> None:
        super().__init__()
        self.sharp = nn.Parameter(torch.tensor(20.0))
        self.body = nn.Sequential(
            *_block(channels + 3, width), *_block(width, width), *_block(width, width, dilation=2)
        )
        self.out = nn.Conv2d(width, 2, 1)
        cast(Tensor, self.out.bias).data.fill_(math.log(_RARE / (1 - _RARE)))

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Logits of two feature maps ``(N, C, h, w)``, unit cells.

        Returns:
            ``(N, 2, h, w)``: that b's place differs from a's, and that one of them does not show the face,
            since something stands before it, a lamp is mirrored, or the face has ended.
        """
        moved = _shifted(b)
        agreement = torch.stack([(a * one).sum(1) for one in moved], 1)
        # Agreement of a's cell with b's cell at a shift is that of b's cell with a's at the opposite shift.
        back = torch.stack(
            [
                _shifted(agreement[:, index : index + 1])[len(moved) - 1 - index][:, 0]
                for index in range(len(moved))
            ],
            1,
        )
        around = F.avg_pool2d(agreement, _AROUND, 1, _AROUND // 2, count_include_pad=False)
        weight = (around * self.sharp).softmax(1)
        laid = torch.zeros_like(b)
        for index, one in enumerate(moved):
            laid = laid + weight[:, index : index + 1] * one
        best = [agreement.amax(1, keepdim=True), back.amax(1, keepdim=True)]
        settled = (weight * agreement).sum(1, keepdim=True)
        apart = (a - laid).square() * a.shape[1]
        return cast(
            Tensor, self.out(self.body(torch.cat([*(1 - one for one in (*best, settled)), apart], 1)))
        )


def _shifted(maps: Tensor) -> list[Tensor]:
    """The maps moved by all shifts up to `SHIFT`, row by row; what comes in from outside is zero."""
    height, width = maps.shape[-2:]
    wide = F.pad(maps, (SHIFT,) * 4)
    steps = range(2 * SHIFT + 1)
    return [wide[:, :, y : y + height, x : x + width] for y in steps for x in steps]


def _block(channels: int, width: int, dilation: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(channels, width, 3, padding=dilation, dilation=dilation, bias=False)
    return [conv, nn.BatchNorm2d(width), nn.ReLU()]


class SiameseNet(FineNet):
    """Vectors of cartons and features of faces from the first five stages of EfficientNet-Lite0.

    Args:
        width: channels of the path to the finest map.
        channels: of the dense features.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(
        self,
        width: int = 48,
        channels: int = 32,
        freeze_stages: int = 0,
        backbone: str = "tf_efficientnet_lite0",
    ) -> None:
        super().__init__(width, freeze_stages, backbone)
        self.wide = nn.Sequential(
            nn.Conv2d(self.deepest, _WIDE, 1, bias=False), nn.BatchNorm2d(_WIDE), nn.ReLU()
        )
        self.power = nn.Parameter(torch.tensor(3.0))
        # What all pictures have in common would make all vectors alike: without this, training hardly begins.
        self.centre = nn.BatchNorm1d(_WIDE, affine=False)
        self.embedding = nn.Linear(_WIDE, DIMENSION)
        self.dense = nn.Conv2d(width, channels, 1)
        self.comparison = Comparison(channels)

    def forward(self, images: Tensor, pairs: int = 0) -> tuple[Tensor, Tensor]:
        """Look at pictures.

        Args:
            images: ``(N, 3, H, W)`` float32, normalised RGB; H and W are multiples of 16.
            pairs: for training: the last ``2 * pairs`` pictures are references and then photos of faces.

        Returns:
            Unit vectors ``(N, 256)`` and unit features ``(N, C, H / 4, W / 4)``; with ``pairs`` the vectors
            of the other pictures and logits ``(pairs, 2, H / 4, W / 4)``, see `Comparison`.

        Raises:
            ShapeError: H or W is no multiple of 16.
        """
        maps = self.maps(images)
        if not pairs:
            return self._vectors(maps[2]), self._features(maps)
        whole = len(images) - 2 * pairs
        low, middle, deep = maps
        features = self._features((low[whole:], middle[whole:], deep[whole:]))
        logits = self.comparison(features[:pairs], features[pairs:])
        return self._vectors(deep[:whole]), cast(Tensor, logits).float()

    def pooled(self, deep: Tensor) -> Tensor:
        """The deepest maps of `maps` -> generalised means ``(N, 384)`` over the picture, centred."""
        wide = self.wide(deep).float().clamp(min=_LEAST)
        return cast(Tensor, self.centre(wide.pow(self.power).mean((2, 3)).pow(1 / self.power)))

    def _vectors(self, deep: Tensor) -> Tensor:
        return F.normalize(self.embedding(self.pooled(deep)).float(), dim=1)

    def _features(self, maps: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return F.normalize(self.dense(torch.relu(self.fine(maps))).float(), dim=1)
