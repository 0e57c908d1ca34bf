"""The text map net: where on a picture lines of print are, and which way they are read."""

from __future__ import annotations

import math
from typing import cast

from torch import Tensor, nn

from lipack_vision.nets.fine import FineNet


class TextMapNet(FineNet):
    """A map of the middles of lines, and in each cell the direction of reading.

    Middles alone, because the full heights of lines that stand close would touch (the shrunk maps of DB,
    Liao et al.
    2020). The direction tells upright print from print that stands on its head.

    Args:
        width: channels of the path to the finest map.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(
        self,
        width: int = 48,
        freeze_stages: int = 0,
        backbone: str = "tf_efficientnet_lite0",
    ) -> None:
        super().__init__(width, freeze_stages, backbone)
        self.out = nn.Conv2d(width, 3, 1)
        # One cell in fifty belongs to a line.
        nn.init.constant_(cast(Tensor, self.out.bias)[:1], -math.log(49.0))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Look for print.

        Args:
            images: ``(N, 3, H, W)`` float32, normalised RGB; H and W are multiples of 16.

        Returns:
            ``logits (N, H / 4, W / 4)`` of lying in the middle of a line, and ``directions (N, 2, H / 4, W /
            4)``: x and y of the direction of reading there.

        Raises:
            ShapeError: H or W is no multiple of 16.
        """
        maps = self.out(self.features(images)[0]).float()
        return maps[:, 0], maps[:, 1:]
