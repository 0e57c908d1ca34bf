"""Depthwise convolutions in mixed precision."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from lipack_vision.nets.backbone import SameConv
from lipack_vision.nets.marks import MarksNet
from training.depthwise import single_gradients


def _gradients(conv: nn.Conv2d, x: Tensor, *, mixed: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Output, gradient of the input, gradient of the weights."""
    conv.zero_grad()
    leaf = x.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        y = conv(leaf)
    (y.float().sin() * torch.linspace(0, 1, y.shape[-1])).sum().backward()
    assert leaf.grad is not None
    assert conv.weight.grad is not None
    return y.detach().float(), leaf.grad.float(), conv.weight.grad.clone()


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_are_those_of_single_precision(stride: int) -> None:
    torch.manual_seed(stride)
    if stride == 1:
        conv: nn.Conv2d = nn.Conv2d(12, 12, 5, 1, 2, groups=12, bias=False)
    else:
        conv = SameConv(12, 12, 5, 2, groups=12, bias=False)
    x = torch.randn(2, 12, 16, 16).to(memory_format=torch.channels_last)
    expected = _gradients(conv, x, mixed=False)
    quick = copy.deepcopy(conv)
    assert single_gradients(quick) == 1
    for found, wanted in zip(_gradients(quick, x, mixed=True), expected, strict=True):
        assert found.shape == wanted.shape
        assert (found - wanted).norm() < 0.02 * wanted.norm()
    # Without autocast it is the same convolution as before, bit for bit.
    for found, wanted in zip(_gradients(quick, x, mixed=False), expected, strict=True):
        assert torch.equal(found, wanted)


def test_weight_gradients_sum_in_single_precision() -> None:
    """Bfloat16 weight gradients of many cells would lose small ones: 8 bits of a sum."""
    conv = nn.Conv2d(2, 2, 3, 1, 1, groups=2, bias=False)
    single_gradients(conv)
    x = torch.ones(1, 2, 40, 40)
    with torch.autocast("cpu", torch.bfloat16):
        y = conv(x)
    y.sum().backward()
    assert conv.weight.grad is not None
    assert conv.weight.grad[0, 0].tolist() == [[1521, 1560, 1521], [1560, 1600, 1560], [1521, 1560, 1521]]


def test_only_trained_depthwise_convolutions_change_and_names_stay() -> None:
    net = MarksNet(width=16, depth=1, freeze_stages=7).train()
    names = list(net.state_dict())
    depthwise = sum(
        isinstance(m, nn.Conv2d) and m.groups == m.in_channels > 1 and m.bias is None for m in net.modules()
    )
    assert single_gradients(net) == depthwise
    assert list(net.state_dict()) == names
    with torch.autocast("cpu", torch.bfloat16):
        logits, corners = net(torch.zeros(1, 3, 64, 64))
    (logits.sum() + corners.sum()).backward()
    for name, weight in net.named_parameters():
        assert (weight.grad is not None) == weight.requires_grad, name
