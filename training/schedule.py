"""Learning rate and weight average over a run that ends on time."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer


def fraction_done(step: int, steps: int, seconds: float, max_minutes: float | None) -> float:
    """How much of the run is over, 0..1, by steps or by time, whichever is further."""
    by_time = seconds / (60 * max_minutes) if max_minutes else 0.0
    return min(1.0, max(step / steps, by_time))


def rate_factor(step: int, warmup: int, done: float, least: float = 0.01) -> float:
    """Share of the full learning rate: a linear start over ``warmup`` steps, then a cosine to ``least``."""
    start = min(1.0, (step + 1) / max(1, warmup))
    return start * (least + (1 - least) * 0.5 * (1 + math.cos(math.pi * done)))


def set_rate(optimizer: Optimizer, factor: float) -> None:
    """Scale the learning rate of every group."""
    for group in optimizer.param_groups:
        group["lr"] = group["full_lr"] * factor


def parameter_groups(net: nn.Module, lr: float, backbone: float, decay: float) -> list[dict[str, Any]]:
    """Trainable parameters in four groups: backbone or not (``backbone`` x ``lr``), decayed or not.

    Norms and biases are not decayed: pulling them to zero removes no complexity.
    """
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("backbone."), parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": params,
            "full_lr": lr * (backbone if of_backbone else 1.0),
            "weight_decay": decay if wide else 0.0,
        }
        for (of_backbone, wide), params in groups.items()
    ]


class Average:
    """Exponential moving average of a net's weights and statistics; what is evaluated and shipped.

    Args:
        net: the net to follow.
        decay: weight of the past; lower in the first steps, which are far from where the run ends.
    """

    def __init__(self, net: nn.Module, decay: float) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        """Take in the weights after step number ``step``."""
        decay = min(self.decay, (1 + step) / (10 + step))
        floats, others = _pairs(self.net.state_dict().values(), net.state_dict().values())
        torch._foreach_lerp_([own for own, _ in floats], [new for _, new in floats], 1 - decay)
        for own, new in others:
            own.copy_(new)


_Pairs = list[tuple[torch.Tensor, torch.Tensor]]


def _pairs(own: Iterable[torch.Tensor], new: Iterable[torch.Tensor]) -> tuple[_Pairs, _Pairs]:
    both = list(zip(own, new, strict=True))
    return [p for p in both if p[0].is_floating_point()], [p for p in both if not p[0].is_floating_point()]
