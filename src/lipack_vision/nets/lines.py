"""The line net: what one upright line of print says, step by step, for CTC."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn

from lipack_vision.codes.line_image import LINE_HEIGHT, STEP
from lipack_vision.errors import ShapeError


class _Residual(nn.Module):
    """Depthwise and pointwise convolution added to their input: ``(N, C, H, W) -> (N, C, H, W)``."""

    def __init__(self, channels: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        padding = kernel[0] // 2, kernel[1] // 2
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, kernel, 1, padding, groups=channels, bias=False),
            nn.Conv2d(channels, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + cast(Tensor, self.body(x)))


def _down(inside: int, outside: int, kernel: tuple[int, int], stride: tuple[int, int]) -> nn.Sequential:
    padding = (kernel[0] - stride[0] + 1) // 2, (kernel[1] - stride[1] + 1) // 2
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


class LineNet(nn.Module):
    """Convolutions alone: strokes, letters, then their neighbours to both sides.

    There is no recurrent part and no language in it: a step sees about four letters, so what it tells is
        what is printed
    there, and what a mark may say is left to the decoder.

    Args:
        signs: length of the alphabet; one more output is CTC's blank, the first.
        widths: channels of the four levels.
        depths: residual blocks of each level.
        context: blocks along the line after its height is gone.
    """

    def __init__(
        self,
        signs: int,
        widths: tuple[int, int, int, int] = (32, 64, 128, 256),
        depths: tuple[int, int, int, int] = (1, 3, 4, 3),
        context: int = 3,
    ) -> None:
        super().__init__()
        kernels = ((4, 4), (4, 4), (2, 1), (2, 1))
        strides = ((2, 2), (2, 2), (2, 1), (2, 1))
        layers: list[nn.Module] = []
        inside = 3
        for width, depth, kernel, stride in zip(widths, depths, kernels, strides, strict=True):
            layers.append(_down(inside, width, kernel, stride))
            layers += [_Residual(width, (3, 3)) for _ in range(depth)]
            inside = width
        self.body = nn.Sequential(*layers)
        # Two rows are left: what is above and what is below the middle of the line.
        self.join = _down(inside, inside, (LINE_HEIGHT // 16, 1), (LINE_HEIGHT // 16, 1))
        self.context = nn.Sequential(*(_Residual(inside, (1, 7)) for _ in range(context)))
        self.dropout = nn.Dropout(0.1)
        self.out = nn.Conv2d(inside, 1 + signs, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Read lines.

        Args:
            images: ``(N, 3, LINE_HEIGHT, W)`` float32, normalised RGB; W is a multiple of `STEP`.

        Returns:
            logits ``(N, W / STEP, 1 + signs)``; the first is the blank.

        Raises:
            ShapeError: another height, or W is no multiple of `STEP`.
        """
        height, width = images.shape[-2:]
        if not torch.compiler.is_exporting() and (height != LINE_HEIGHT or width % STEP):
            raise ShapeError(
                "images",
                expected=f"height {LINE_HEIGHT} and a width that is a multiple of {STEP}",
                found=f"{height} x {width}",
                cure="Cut lines with lipack_vision.codes.line_image.",
            )
        x = self.dropout(self.context(self.join(self.body(images))))
        return cast(Tensor, self.out(x)).squeeze(2).transpose(1, 2).float()
