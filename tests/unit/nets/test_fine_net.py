"""The nets that place things to the pixel: frozen stages."""

from __future__ import annotations

import pytest
import torch

from lipack_vision.errors import ConfigError
from lipack_vision.nets.damage import DamageNet


def test_frozen_stages_keep_weights_and_statistics() -> None:
    net = DamageNet(width=16, freeze_stages=3).train()
    before = {name: value.clone() for name, value in net.backbone.state_dict().items()}
    net(torch.randn(2, 3, 64, 64)).square().mean().backward()
    torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1).step()
    changed = {name for name, value in net.backbone.state_dict().items() if not value.equal(before[name])}
    assert {name.split(".")[1] for name in changed} == {"2", "3", "4"}
    assert all(p.grad is not None for p in net.parameters() if p.requires_grad)


def test_frozen_or_not_the_net_tells_the_same() -> None:
    torch.manual_seed(0)
    free = DamageNet(width=16).eval()
    frozen = DamageNet(width=16, freeze_stages=6).eval()
    frozen.load_state_dict(free.state_dict())
    images = torch.randn(1, 3, 64, 64)
    assert torch.equal(free(images), frozen(images))


def test_more_stages_than_there_are_cannot_be_frozen() -> None:
    with pytest.raises(ConfigError, match="freeze_stages"):
        DamageNet(width=16, freeze_stages=7)
