"""Depthwise convolutions in mixed precision on the CPU, with gradients in single precision.

oneDNN runs them forward in bfloat16 faster than in single precision, but their backward pass, above all the
gradient of the weights, four to five times slower: enough to make a whole step of our nets in ``bf16-mixed``
as slow as in ``32-true``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from torch import Tensor, nn


class _Depthwise(torch.autograd.Function):
    """``conv2d`` without bias, forward in the precision of its input, backward in single precision."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, conv: nn.Conv2d) -> Tensor:
        """``(N, C, H, W)``, ``(C, 1, k, k)`` -> ``(N, C, h, w)``."""
        ctx.save_for_backward(x, weight)
        ctx.conv = conv
        return F.conv2d(x, weight.to(x.dtype), None, conv.stride, conv.padding, conv.dilation, conv.groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        """Gradients of input and weight."""
        x, weight = ctx.saved_tensors
        conv, wanted = ctx.conv, (*ctx.needs_input_grad[:2], False)
        of_x, of_weight, _ = torch.ops.aten.convolution_backward(
            gradients[0].float(),
            x.float(),
            weight.float(),
            None,
            conv.stride,
            conv.padding,
            conv.dilation,
            False,
            (0, 0),
            conv.groups,
            wanted,
        )
        return None if of_x is None else of_x.to(x.dtype), of_weight, None


def _forward(conv: nn.Conv2d, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if not (torch.is_autocast_enabled("cpu") and torch.is_grad_enabled() and weight.requires_grad):
        return cast(Tensor, nn.Conv2d._conv_forward(conv, x, weight, bias))
    return cast(Tensor, _Depthwise.apply(x.to(torch.get_autocast_dtype("cpu")), weight, conv))


def single_gradients(net: nn.Module) -> int:
    """Let a net's depthwise convolutions compute gradients in single precision; return how many.

    Nothing changes outside of autocast, and nothing in the names of the weights.
    """
    found = 0
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1 and module.bias is None:
            module._conv_forward = partial(_forward, module)  # type: ignore[method-assign]
            found += 1
    return found
