"""What a task gives to the commands: everything between a configuration and an artifact that is its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from omegaconf import DictConfig
from torch import Tensor, nn

from lipack_vision.artifact import Artifact
from training.loop import Draws, Evaluation

Evaluator = Callable[[nn.Module], Evaluation]


class Task(Protocol):
    """One thing to learn: marks, codes, integrity or matching. ``config`` is the whole configuration."""

    def net(self, config: DictConfig, *, init: str) -> nn.Module:
        """The configured net, filled as ``init`` says; see `training.pretrained.start`."""

    def draws(self, config: DictConfig) -> Draws:
        """Training pictures by draw number."""

    def losses(self, net: nn.Module, batch: Any) -> dict[str, Tensor]:
        """Weighted parts of the loss of one batch; training lowers their sum."""

    def evaluator(self, config: DictConfig) -> Evaluator:
        """Measures a net on the validation part."""

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Calibrate, measure and export a trained net to ``config.artifact``.

        Args:
            training: what the card tells of the run.
        """
