"""The codes task: what a line of print says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from omegaconf import DictConfig
from torch import Tensor, nn

from lipack_vision.artifact import Artifact
from lipack_vision.codes.lattice import Lattice
from lipack_vision.nets.lines import LineNet
from training import shipping
from training.build import build_as
from training.codes.line_text import ALPHABET
from training.codes.shipping import ship
from training.data.lines import Line, LineBatch, LineDraws, LineSettings, collate
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.pixels import normalise

BATCH = 64
VALIDATION_SEED = 400_000_000
_EACH = 8


@dataclass(frozen=True, slots=True)
class CodesTask:
    """See `training.tasks.task.Task`. Its net reads the lines that the reader of packaging codes cuts out.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact that its net is part of.
        mean: per channel, of pixel values 0..1.
        std: per channel.
        validation: lines that the best weights are chosen by.
    """

    name: str
    artifact: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    validation: int = 800

    def net(self, config: DictConfig, *, init: str) -> LineNet:
        """The net of ``config.model``."""
        net = build_as(LineNet, config.model.net, "model", "codes")
        start(net, init, self.artifact, shipping.READER_WEIGHTS)
        return net

    def draws(self, config: DictConfig) -> LineDraws:
        """Rendered lines."""
        return LineDraws(config.seed, build_as(LineSettings, config.augment, "augment", "codes"))

    def losses(self, net: nn.Module, batch: LineBatch) -> dict[str, Tensor]:
        """CTC's loss for each sign."""
        told = net(normalise(batch.images, self.mean, self.std)).log_softmax(-1).transpose(0, 1)
        return {"ctc": F.ctc_loss(told, batch.signs, batch.steps, batch.lengths, zero_infinity=True)}

    def evaluator(self, config: DictConfig) -> Evaluate:  # noqa: ARG002 - every task gets it
        """Scores a net by the share of held-out lines that it reads right in every sign."""
        draws = LineDraws(VALIDATION_SEED, LineSettings(each=_EACH))
        lines = [line for number in range(-(-self.validation // _EACH)) for line in draws[number]]

        def evaluate(net: nn.Module) -> Evaluation:
            read = read_lines(net, lines, self.mean, self.std)
            figures = compare(lines, read)
            return Evaluation(figures["exact"], figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Put the net beside the finder of ``config.codes``, export both, and calibrate what they read."""
        made = f"rendered as they are drawn, seed {config.seed}"
        return ship(config, {"reader": net}, self, {**training, "data": made})


@torch.no_grad()
def read_lines(
    net: nn.Module,
    lines: list[Line],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> list[str]:
    """The free reading of each line."""
    device = next(net.parameters()).device
    net.eval()
    # Lines of one length together: what is added to the shorter ones is no part of any photo.
    order = sorted(range(len(lines)), key=lambda index: lines[index].image.shape[2])
    read = [""] * len(lines)
    for first in range(0, len(order), BATCH):
        chosen = order[first : first + BATCH]
        batch = collate([lines[index] for index in chosen])
        told = net(normalise(batch.images.to(device), mean, std)).log_softmax(-1).double().cpu().numpy()
        for index, log, steps in zip(chosen, told, batch.steps.tolist(), strict=True):
            read[index] = Lattice(ALPHABET, log[:steps]).text
    return read


def compare(lines: list[Line], read: list[str]) -> dict[str, float]:
    """Share of lines that are right in every sign, and of wrong signs among all."""
    exact = [line.text == text for line, text in zip(lines, read, strict=True)]
    wrong = sum(edits(line.text, text) for line, text in zip(lines, read, strict=True))
    return {
        "exact": sum(exact) / len(lines),
        "sign_error": wrong / sum(len(line.text) for line in lines),
    }


def edits(first: str, second: str) -> int:
    """Signs to change, add or leave out to make one text the other (Levenshtein 1966)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
