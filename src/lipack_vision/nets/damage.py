"""The damage net: where on a picture cartons are, and what is wrong with them."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn

from lipack_vision.integrity.maps import CHANNELS
from lipack_vision.nets.fine import FineNet
from lipack_vision.types import DAMAGE_TYPES

_RARE = (0.02,) * len(DAMAGE_TYPES) + (0.05, 0.3, 0.05)
"""Share of cells of each kind, from which training starts."""


class DamageNet(FineNet):
    """Maps at stride 4 from the first five stages of EfficientNet-Lite0, and a summary of the whole picture.

    Args:
        width: channels of the path to the finest map.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(
        self,
        width: int = 64,
        freeze_stages: int = 0,
        backbone: str = "tf_efficientnet_lite0",
    ) -> None:
        super().__init__(width, freeze_stages, backbone)
        # Whether a crease is damage depends on the carton around it.
        self.context = nn.Linear(self.deepest, width)
        self.dropout = nn.Dropout2d(0.05)
        self.out = nn.Conv2d(width, len(CHANNELS), 1)
        start = torch.tensor([math.log(share / (1 - share)) for share in _RARE])
        cast(Tensor, self.out.bias).data.copy_(start)

    def forward(self, images: Tensor) -> Tensor:
        """Look at pictures.

        Args:
            images: ``(N, 3, H, W)`` float32, normalised RGB; H and W are multiples of 16.

        Returns:
            Logits ``(N, 9, H / 4, W / 4)`` of `CHANNELS`.

        Raises:
            ShapeError: H or W is no multiple of 16.
        """
        fine, deep = self.features(images)
        around = self.context(deep.mean((2, 3)))
        return cast(Tensor, self.out(self.dropout(torch.relu(fine + around[:, :, None, None])))).float()
