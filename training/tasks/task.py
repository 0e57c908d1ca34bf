"""What a task gives to the commands: everything between a configuration and an artifact that is its own."""

from __future__ import annotations

from typing import Any, Protocol

from omegaconf import DictConfig
from torch import nn

from lipack_vision.artifact import Artifact
from training import loop
from training.loop import Draws, Evaluate


class Task(loop.Task, Protocol):
    """One thing to learn: marks, codes, integrity or matching. ``config`` is the whole configuration."""

    name: str
    artifact: str
    """Name of the shipped artifact that its net is part of."""

    def net(self, config: DictConfig, *, init: str) -> nn.Module:
        """The configured net, filled as ``init`` says; see `training.pretrained.origin`."""

    def draws(self, config: DictConfig) -> Draws:
        """Training pictures by draw number."""

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Measures a net on the validation part."""

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Calibrate, measure and export a trained net to ``config.artifact``.

        Args:
            training: what the card tells of the run; ``started_from`` is of `training.pretrained.origin`.
        """
