"""What the nets that place things to the pixel share: a backbone up to stride 16 and a way back to stride
4."""

from __future__ import annotations

from typing import Any, cast

import timm
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.errors import ShapeError
from lipack_vision.nets.backbone import OnEfficientNet
from lipack_vision.nets.marks import Separable

FINE_STRIDE = 4
"""Pixels of the input per cell of the finest map."""
_AFTER = (2, 3, 5)
"""Stages of the backbone after which its maps have strides 4, 8 and 16."""
_STAGES = 5
"""Block stages of EfficientNet-Lite up to stride 16; what comes after them sees larger things."""


class FineNet(OnEfficientNet):
    """The first five stages of EfficientNet-Lite0 and a path from coarse to fine.

    Args:
        width: channels of the path.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite has the stages that are expected.
    """

    def __init__(self, width: int, freeze_stages: int = 0, backbone: str = "tf_efficientnet_lite0") -> None:
        body: Any = timm.create_model(backbone, pretrained=False, features_only=True, out_indices=(1, 2, 3))
        body.blocks = body.blocks[:_STAGES]
        super().__init__(body, freeze_stages)
        low, middle = (int(n) for n in body.feature_info.channels()[:2])
        last: Any = cast(nn.Sequential, body.blocks[-1])[-1]
        self.deepest = int(last.conv_pwl.out_channels)
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in (low, middle, self.deepest))
        self.down = nn.ModuleList(Separable(width, width) for _ in range(3))

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``(N, 3, H, W)`` -> the backbone's maps at strides 4, 8 and 16; the last one is ``deepest``.

        Raises:
            ShapeError: H or W is no multiple of 16.
        """
        height, width = images.shape[-2:]
        if not torch.compiler.is_exporting() and (height % 16 or width % 16):
            raise ShapeError(
                "images",
                expected="sides that are multiples of 16",
                found=f"{height} x {width}",
                cure="Pad the picture.",
            )
        low, middle, deep = self.maps_after(images, _AFTER)
        return low, middle, deep

    def fine(self, maps: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """Maps of `maps` -> ``(N, width, H / 4, W / 4)``."""
        low, middle, high = (layer(m) for layer, m in zip(self.lateral, maps, strict=True))
        middle = self.down[1](middle + F.interpolate(self.down[0](high), scale_factor=2.0, mode="nearest"))
        return cast(Tensor, self.down[2](low + F.interpolate(middle, scale_factor=2.0, mode="nearest")))

    def features(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """``(N, 3, H, W)`` -> maps ``(N, width, H / 4, W / 4)`` and ``(N, deepest, H / 16, W / 16)``."""
        maps = self.maps(images)
        return self.fine(maps), maps[2]
