"""The close-up net: what one small picture around a supposed mark shows, and where its four corners lie."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from lipack_vision.errors import ShapeError
from lipack_vision.nets.fine import FINE_STRIDE, FineNet
from lipack_vision.nets.marks import Separable

HEAT_STRIDE = FINE_STRIDE
"""Pixels of the input per cell of a corner map."""


class CloseupNet(FineNet):
    """The first five stages of EfficientNet-Lite0, a class for the whole picture and a map for each corner.

    Corners are told as maps of where they may be, not as eight numbers: convolutions learn a place with far
    fewer pictures, and a corner that cannot be told from another (a mark seen upside down) gives two peaks
    instead of a point between both.

    Args:
        classes: number of classes; the last one means that the picture shows no mark in its middle.
        width: channels of the corner maps' path.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(
        self,
        classes: int = 8,
        width: int = 64,
        freeze_stages: int = 0,
        backbone: str = "tf_efficientnet_lite0",
    ) -> None:
        super().__init__(width, freeze_stages, backbone)
        self.summary = Separable(self.deepest, 256, stride=2)
        self.dropout = nn.Dropout(0.1)
        self.classify = nn.Linear(256, classes)
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
        fine, deep = self.features(images)
        logits = self.classify(self.dropout(self.summary(deep).mean((2, 3))))
        return logits.float(), cast(Tensor, self.corners(fine)).float()
