"""Learning rate and weight average over a run that ends on time."""

from __future__ import annotations

import copy
import math
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
        self._followed: nn.Module | None = None

    @torch.no_grad()
    def update(self, net: nn.Module, step: int) -> None:
        """Take in the weights after step number ``step``."""
        if net is not self._followed:
            self._look_up(net)
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._own, self._new, 1 - decay)
        for count, other in zip(self._own_counts, self._new_counts, strict=True):
            count.copy_(other)

    def _look_up(self, net: nn.Module) -> None:
        """Find the tensors once: the net keeps them, and looking up hundreds takes longer than averaging."""
        own, new = self.net.state_dict(), net.state_dict()
        floats = [name for name, value in own.items() if value.is_floating_point()]
        counts = [name for name in own if name not in set(floats)]
        self._own, self._new = [own[name] for name in floats], [new[name] for name in floats]
        self._own_counts, self._new_counts = [own[name] for name in counts], [new[name] for name in counts]
        self._followed = net
