"""The text task: where lines of print are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - its usual name
from omegaconf import DictConfig
from torch import Tensor, nn

from lipack_vision.artifact import Artifact
from lipack_vision.codes.text_boxes import END_ROOM, ROOM, Floats, text_quads
from lipack_vision.geometry import quad_iou
from lipack_vision.nets.text_map import TextMapNet
from lipack_vision.types import Quad
from training import parts, shipping
from training.build import build_as
from training.codes.shipping import ship
from training.data.text_maps import TextBatch, TextDraws, TextPicture, TextSettings
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.pixels import normalise

_NEGATIVES = 3
"""Hardest cells without a line that count for each cell with one."""
_LEAST_NEGATIVES = 200
"""And for each picture, so that pictures without any line teach too."""
_LINE = 0.3
"""Share of a cell from which it counts as one of a line; small print never fills a cell."""
MATCH = 0.4
"""Least overlap of a found line's quad with the true one's, both with room around."""


@dataclass(frozen=True, slots=True)
class TextTask:
    """See `training.tasks.task.Task`. Its net is the finder of the codes artifact.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact that its net is part of.
        mean: per channel, of pixel values 0..1.
        std: per channel.
        weight_direction: of the error of the direction of reading.
        validation: pictures that the best weights are chosen by.
    """

    name: str
    artifact: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    weight_direction: float = 0.5
    validation: int = 60

    def net(self, config: DictConfig, *, init: str) -> TextMapNet:
        """The net of ``config.model``."""
        net = build_as(TextMapNet, config.model.net, "model", "text")
        start(net, init, self.artifact, shipping.FINDER_WEIGHTS)
        return net

    def draws(self, config: DictConfig) -> TextDraws:
        """Rendered print, and parts of the photos of the training part."""
        settings = build_as(TextSettings, config.augment, "augment", "text")
        return TextDraws(parts.source(config, "train"), config.model.train_size, config.seed, settings)

    def losses(self, net: nn.Module, batch: TextBatch) -> dict[str, Tensor]:
        """Of being in the middle of a line, as cross entropy and as overlap, and of the direction there."""
        logits, directions = net(normalise(batch.images, self.mean, self.std))
        known = ~batch.middle.isnan()
        wanted = batch.middle.nan_to_num(0.0)
        lines = wanted > _LINE
        each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        others = each[known & ~lines]
        count = min(len(others), max(_NEGATIVES * int(lines.sum()), _LEAST_NEGATIVES * len(logits)))
        hardest = others.topk(count).values
        found = logits.sigmoid() * known
        overlap = (2 * (found * wanted).sum() + 1) / (found.sum() + wanted.sum() + 1)
        apart = (directions - batch.direction).abs().sum(1)[lines]
        return {
            "middle": (each[lines].sum() + hardest.sum()) / max(1, int(lines.sum()) + count),
            "overlap": 0.5 * (1 - overlap),
            "direction": self.weight_direction * (apart.mean() if len(apart) else apart.sum()),
        }

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by how well lines of held-out pictures are found (F1)."""
        draws = TextDraws(
            parts.source(config, "validation"),
            config.model.train_size,
            config.seed + 400_000_000,
            TextSettings(),
        )
        pictures = [draws[number] for number in range(self.validation)]

        def evaluate(net: nn.Module) -> Evaluation:
            figures = measure(net, pictures, self.mean, self.std)
            return Evaluation(figures["f1"], figures, [])

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Put the net beside the reader of ``config.codes``, export both, and calibrate what they read."""
        used = parts.described(config, ("train", "validation"))
        return ship(config, {"finder": net}, self, {**training, "data": used})


@torch.no_grad()
def measure(
    net: nn.Module,
    pictures: list[TextPicture],
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
) -> dict[str, float]:
    """Precision, recall and F1 of lines, and the share of found ones that are read from the right end."""
    device = next(net.parameters()).device
    net.eval()
    hits = found = true = upright = 0
    for picture in pictures:
        images = torch.from_numpy(picture.image)[None].to(device)
        logits, directions = (out[0].cpu().numpy() for out in net(normalise(images, mean, std)))
        quads = [quad for quad, _ in text_quads(logits, directions) if not _unknown(quad, picture.middle)]
        matched = [
            max((_alike(quad, line) for line in picture.lines), default=(0.0, False)) for quad in quads
        ]
        good = [right for overlap, right in matched if overlap >= MATCH]
        found, true = found + len(quads), true + len(picture.lines)
        hits, upright = hits + len(good), upright + sum(good)
    precision, recall = hits / max(found, 1), hits / max(true, 1)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
        "upright": upright / max(hits, 1),
    }


def _alike(quad: Quad, line: Floats) -> tuple[float, bool]:
    """Overlap of a found quad with a true line's, drawn in to the capitals, and whether both begin at one
    end."""
    middle = quad.mean(axis=0)
    height = float(np.linalg.norm(quad[3] - quad[0]))
    width = float(np.linalg.norm(quad[1] - quad[0]))
    capitals = height / (1 + 2 * ROOM)
    factor = np.array([(width - 2 * END_ROOM * capitals) / width, capitals / height])
    along, down = (quad[1] - quad[0]) / width, (quad[3] - quad[0]) / height
    local = np.stack([(quad - middle) @ along, (quad - middle) @ down], axis=1) * factor
    tight = local @ np.stack([along, down]) + middle
    right = float((line[1] - line[0]) @ along) > 0
    return quad_iou(tight.astype(np.float32), line), right


def _unknown(quad: Quad, middle: Floats) -> bool:
    """Whether a found line lies where nobody knows what is printed."""
    x, y = np.clip(quad.mean(axis=0) / 4, 0, len(middle) - 1).astype(int)
    return bool(np.isnan(middle[y, x]))
