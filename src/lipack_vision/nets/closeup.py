"""The close-up net: what one small picture around a supposed mark shows, and where its four corners lie."""

from __future__ import annotations

from typing import Any, cast

import timm
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.errors import ShapeError
from lipack_vision.nets.marks import Separable, fix_padding

HEAT_STRIDE = 4
"""Pixels of the input per cell of a corner map."""
_STAGES = 5
"""Block stages of EfficientNet-Lite up to stride 16; what comes after them sees larger things than a mark."""


class CloseupNet(nn.Module):
    """The first five stages of EfficientNet-Lite0, a class for the whole picture and a map for each corner.

    Corners are told as maps of where they may be, not as eight numbers: convolutions learn a place with far
    fewer pictures, and a corner that cannot be told from another (a mark seen upside down) gives two peaks
    instead of a point between both.

    Args:
        classes: number of classes; the last one means that the picture shows no mark in its middle.
        width: channels of the corner maps' path.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(self, classes: int = 8, width: int = 64, backbone: str = "tf_efficientnet_lite0") -> None:
        super().__init__()
        body: Any = timm.create_model(backbone, pretrained=False, features_only=True, out_indices=(1, 2, 3))
        body.blocks = body.blocks[:_STAGES]
        fix_padding(body)
        self.backbone = body
        low, middle, high = (int(n) for n in body.feature_info.channels()[:2] + [_channels(body.blocks[-1])])
        self.summary = Separable(high, 256, stride=2)
        self.dropout = nn.Dropout(0.1)
        self.classify = nn.Linear(256, classes)
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in (low, middle, high))
        self.down = nn.ModuleList(Separable(width, width) for _ in range(3))
        self.corners = nn.Conv2d(width, 4, 1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Look at pictures.

        Args:
            images: ``(N, 3, S, S)`` float32, normalised RGB; S is a multiple of 16.

        Returns:
            ``logits (N, classes)``, to be compared by a softmax, and ``heat (N, 4, S / 4, S / 4)``: logits of
            where each ordered corner lies, to be compared by a softmax over each map.

        Raises:
            ShapeError: S is no multiple of 16, or the pictures are not square.
        """
        height, width = images.shape[-2:]
        if not torch.compiler.is_exporting() and (height % 16 or height != width):
            raise ShapeError(
                "images",
                expected="squares with sides that are multiples of 16",
                found=f"{height} x {width}",
                cure="Cut another square.",
            )
        body: Any = self.backbone
        maps: list[Tensor] = []
        x = body.bn1(body.conv_stem(images))
        for index, stage in enumerate(body.blocks):
            x = stage(x)
            if index in (1, 2, _STAGES - 1):
                maps.append(x)
        logits = self.classify(self.dropout(self.summary(x).mean((2, 3))))
        low, middle, high = (layer(m) for layer, m in zip(self.lateral, maps, strict=True))
        middle = self.down[1](middle + F.interpolate(self.down[0](high), scale_factor=2.0, mode="nearest"))
        low = self.down[2](low + F.interpolate(middle, scale_factor=2.0, mode="nearest"))
        return logits.float(), cast(Tensor, self.corners(low)).float()


def _channels(stage: nn.Module) -> int:
    """Channels that a stage of inverted bottlenecks gives."""
    block: Any = cast(nn.Sequential, stage)[-1]
    return int(block.conv_pwl.out_channels)
