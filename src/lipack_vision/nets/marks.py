"""The marks net: every cell of three grids names a class and four ordered corners."""

from __future__ import annotations

import math
from typing import Any, cast

import timm
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.errors import ShapeError
from lipack_vision.nets.backbone import OnEfficientNet

STRIDES: tuple[int, int, int] = (8, 16, 32)
_AFTER = (3, 5, 7)
"""Stages of the backbone after which its maps have these strides."""

# Corners of the square that an untrained cell predicts, in strides from its centre. Without it all four
# corners would start in one point and no object would find a cell that fits.
_START = (-2.0, -2.0, 2.0, -2.0, 2.0, 2.0, -2.0, 2.0)


def _conv(inside: int, outside: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False)


class Separable(nn.Sequential):
    """Depthwise, then pointwise convolution with batch norm: ``(N, C, H, W) -> (N, C', H / s, W / s)``."""

    def __init__(self, inside: int, outside: int, kernel: int = 5, stride: int = 1) -> None:
        super().__init__(
            _conv(inside, inside, kernel, stride, groups=inside),
            nn.BatchNorm2d(inside),
            nn.ReLU(inplace=True),
            _conv(inside, outside),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )


class Neck(nn.Module):
    """Path aggregation over three levels: coarse meaning flows down, fine places flow up again."""

    def __init__(self, channels: tuple[int, ...], width: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(nn.Sequential(_conv(c, width), nn.BatchNorm2d(width)) for c in channels)
        self.down = nn.ModuleList(Separable(width, width) for _ in range(2))
        self.stride = nn.ModuleList(Separable(width, width, stride=2) for _ in range(2))
        self.up = nn.ModuleList(Separable(width, width) for _ in range(2))

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """Maps ``(N, C_i, H / s_i, W / s_i)`` -> maps ``(N, width, H / s_i, W / s_i)``, s = 8, 16, 32."""
        low, middle, high = (layer(f) for layer, f in zip(self.lateral, features, strict=True))
        middle = self.down[0](middle + F.interpolate(high, scale_factor=2.0, mode="nearest"))
        low = self.down[1](low + F.interpolate(middle, scale_factor=2.0, mode="nearest"))
        middle = self.up[0](middle + self.stride[0](low))
        high = self.up[1](high + self.stride[1](middle))
        return [low, middle, high]


class Branch(nn.Module):
    """Convolutions shared by the levels; each level has its own batch norms, as their statistics differ."""

    def __init__(self, width: int, depth: int, outputs: int) -> None:
        super().__init__()
        self.spread = nn.ModuleList(_conv(width, width, 5, groups=width) for _ in range(depth))
        self.mix = nn.ModuleList(_conv(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(
            nn.ModuleList(nn.BatchNorm2d(width) for _ in range(depth)) for _ in range(len(STRIDES))
        )
        self.out = nn.Conv2d(width, outputs, 1)

    def forward(self, x: Tensor, level: int) -> Tensor:
        """``(N, width, h, w) -> (N, outputs, h, w)``."""
        norms = cast(nn.ModuleList, self.norms[level])
        for spread, mix, norm in zip(self.spread, self.mix, norms, strict=True):
            x = F.relu(norm(mix(spread(x))), inplace=True)
        return cast(Tensor, self.out(x))


def grid(height: int, width: int, stride: int, device: torch.device | None = None) -> Tensor:
    """Centres of the cells of one level, row by row: ``(H / s * W / s, 2)`` x, y in input pixels."""
    xs = (torch.arange(width // stride, device=device, dtype=torch.float32) + 0.5) * stride
    ys = (torch.arange(height // stride, device=device, dtype=torch.float32) + 0.5) * stride
    y, x = torch.meshgrid(ys, xs, indexing="ij")
    return torch.stack((x.reshape(-1), y.reshape(-1)), dim=-1)


def cells(height: int, width: int, device: torch.device | None = None) -> tuple[Tensor, Tensor]:
    """Centres ``(A, 2)`` and strides ``(A,)`` of all cells in the order of the net's outputs."""
    centres = [grid(height, width, s, device) for s in STRIDES]
    strides = [torch.full((len(c),), float(s), device=device) for c, s in zip(centres, STRIDES, strict=True)]
    return torch.cat(centres), torch.cat(strides)


class MarksNet(OnEfficientNet):
    """EfficientNet-Lite0, a slim path aggregation neck and one decoupled head for the three strides.

    Args:
        classes: number of classes.
        width: channels of neck and head.
        depth: convolutions of each head branch.
        freeze_stages: leading backbone stages that are never trained; see `OnEfficientNet`.
        backbone: a timm name; only EfficientNet-Lite is laid out as `freeze_stages` expects.
    """

    def __init__(
        self,
        classes: int = 8,
        width: int = 80,
        depth: int = 2,
        freeze_stages: int = 0,
        backbone: str = "tf_efficientnet_lite0",
    ) -> None:
        body: Any = timm.create_model(backbone, pretrained=False, features_only=True, out_indices=(2, 3, 4))
        super().__init__(body, freeze_stages)
        channels = tuple(body.feature_info.channels())
        self.neck = Neck(channels, width)
        self.classify = Branch(width, depth, classes)
        self.place = Branch(width, depth, 8)
        self._start()

    def _start(self) -> None:
        # One cell in a hundred holds an object; starting there keeps the first steps calm.
        nn.init.constant_(cast(Tensor, self.classify.out.bias), -math.log(99.0))
        nn.init.normal_(self.classify.out.weight, std=0.01)
        nn.init.normal_(self.place.out.weight, std=0.01)
        with torch.no_grad():
            cast(Tensor, self.place.out.bias).copy_(torch.tensor(_START))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Find marks.

        Args:
            images: ``(N, 3, H, W)`` float32, normalised RGB; H and W are multiples of 32.

        Returns:
            ``logits (N, A, classes)`` and ``corners (N, A, 8)`` = x0, y0 .. x3, y3 in input pixels, where A
            counts the cells of strides 8, 16 and 32, in that order, row by row.

        Raises:
            ShapeError: H or W is no multiple of 32.
        """
        height, width = images.shape[-2:]
        if not torch.compiler.is_exporting() and (height % 32 or width % 32):
            raise ShapeError(
                "images",
                expected="sides that are multiples of 32",
                found=f"{height} x {width}",
                cure="Pad the image.",
            )
        logits, corners = [], []
        maps = self.neck(self.maps_after(images, _AFTER))
        for level, (x, stride) in enumerate(zip(maps, STRIDES, strict=True)):
            logits.append(self.classify(x, level).flatten(2).transpose(1, 2))
            offsets = self.place(x, level).flatten(2).transpose(1, 2)
            # Single precision from here on: bfloat16 keeps 8 bits, too few to place a corner to the pixel.
            centre = grid(height, width, stride, images.device).repeat(1, 4)
            corners.append(centre + offsets.float() * stride)
        return torch.cat(logits, 1).float(), torch.cat(corners, 1)
