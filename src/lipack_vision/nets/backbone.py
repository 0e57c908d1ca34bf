"""EfficientNet-Lite as the nets use it: padded alike for every input size, first stages frozen on demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self, cast

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.errors import ConfigError


class SameConv(nn.Conv2d):
    """A stride-2 convolution with TensorFlow's "same" padding for inputs of even size.

    timm works the padding out from the input's size on every call. For sides that are a multiple of 32 it is
    a constant, and a constant exports to one plain ONNX node for every input size.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch names it so
        """``(N, C, H, W)`` with even H and W -> ``(N, C', H / 2, W / 2)``."""
        total = self.kernel_size[0] - 2
        before, after = total // 2, total - total // 2
        padded = F.pad(input, (before, after, before, after))
        return cast(Tensor, self._conv_forward(padded, self.weight, self.bias))


def _fix_padding(module: nn.Module) -> None:
    """Replace the convolutions of a timm net whose padding depends on the input by `SameConv`."""
    for name, child in module.named_children():
        if type(child).__name__ == "Conv2dSame":
            conv = cast(nn.Conv2d, child)
            kernel, stride = cast(tuple[int, int], conv.kernel_size), cast(tuple[int, int], conv.stride)
            fixed = SameConv(
                conv.in_channels,
                conv.out_channels,
                kernel,
                stride,
                groups=conv.groups,
                bias=conv.bias is not None,
            )
            setattr(module, name, fixed)
        else:
            _fix_padding(child)


class OnEfficientNet(nn.Module):
    """A net on the stem and the block stages of an EfficientNet-Lite.

    The maps of the first stages are the largest, so that these take most of a step's time, while what they
    find changes least when a trained net goes on learning.

    Args:
        body: timm's, with ``features_only``.
        freeze_stages: leading stages that are never trained; 0 trains everything, 1 freezes the stem, 2 the
            stem and the first block stage, and so on.

    Raises:
        ConfigError: there are fewer stages.
    """

    def __init__(self, body: Any, freeze_stages: int) -> None:
        super().__init__()
        _fix_padding(body)
        self.backbone = body
        self.freeze_stages = freeze_stages
        stages = self._stages()
        if not 0 <= freeze_stages <= len(stages):
            raise ConfigError(
                "freeze_stages",
                expected=f"0 to {len(stages)}",
                found=str(freeze_stages),
                cure=f"The backbone has a stem and {len(stages) - 1} stages.",
            )
        for stage in stages[:freeze_stages]:
            stage.requires_grad_(False)

    def _stages(self) -> list[nn.Module]:
        """The stem, then the block stages."""
        body: Any = self.backbone
        return [nn.Sequential(body.conv_stem, body.bn1), *body.blocks]

    def train(self, mode: bool = True) -> Self:
        """As `nn.Module.train`, but the frozen stages keep their batch norm statistics."""
        super().train(mode)
        for stage in self._stages()[: self.freeze_stages]:
            stage.eval()
        return self

    def maps_after(self, images: Tensor, wanted: Sequence[int]) -> list[Tensor]:
        """``(N, 3, H, W)`` -> the maps after the stages of these numbers, the stem being 0; frozen stages run
        without gradients.
        """
        found: list[Tensor] = []
        x = images
        for index, stage in enumerate(self._stages()):
            with torch.set_grad_enabled(torch.is_grad_enabled() and index >= self.freeze_stages):
                x = stage(x)
            if index in wanted:
                found.append(x)
        return found
