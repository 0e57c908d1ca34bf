"""The steps of an experiment, from a composed configuration; the entry points string them together."""

from __future__ import annotations

import logging
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn

from lipack_vision.artifact import Artifact, Metric, Preprocessing
from lipack_vision.nets.marks import MarksNet
from lipack_vision.types import LABELS
from training import calibrate, checkpoint, metrics, shipping
from training.build import build
from training.data.batches import MarksDraws
from training.data.coco import CocoDataset
from training.infer import Network, Result, find_marks, torch_network
from training.loop import CHECKPOINT, fit
from training.pretrained import load_backbone
from training.schedule import Average, parameter_groups

log = logging.getLogger(__name__)


def seed_everything(seed: int) -> None:
    """Fix every source of randomness that a library may draw from."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - for libraries that use the global state
    torch.manual_seed(seed)


def make_net(config: DictConfig, *, pretrained: bool | None = None) -> MarksNet:
    """The net of ``config.model``, its backbone filled with ImageNet weights if that says so."""
    net: MarksNet = build(config.model.net)
    if config.model.pretrained if pretrained is None else pretrained:
        load_backbone(net)
    return net


def preprocessing(config: DictConfig) -> Preprocessing:
    """How photos become the net's input."""
    size = config.model.input_size
    return Preprocessing(width=size, height=size, mean=tuple(config.model.mean), std=tuple(config.model.std))


def make_dataset(config: DictConfig, part: str) -> CocoDataset:
    """The part ``train``, ``calibration`` or ``test`` of ``config.data``; rendered on first use."""
    found: CocoDataset = build(config.data[part], progress=_log_progress(part))
    log.info("%s: %d photos, %d marks", part, len(found), sum(len(s.truth) for s in found.samples))
    return found


def _log_progress(part: str) -> Any:
    def progress(done: int, total: int) -> None:
        if done == total or done % max(1, total // 20) == 0:
            log.info("rendering %s: %d of %d", part, done, total)

    return progress


def train(config: DictConfig) -> nn.Module:
    """Train as configured and return the averaged net."""
    seed_everything(config.seed)
    folder = Path(config.run)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(config, folder / "config.yaml", resolve=True)
    settings = build(config.trainer)
    net = make_net(config, pretrained=config.model.pretrained and not config.resume)
    groups = parameter_groups(net, config.optim.lr, config.optim.backbone, config.optim.decay)
    optimizer = build(config.optim.optimizer, groups, lr=config.optim.lr)
    draws = MarksDraws(
        make_dataset(config, "train"),
        config.model.train_size,
        config.seed,
        build(config.augment.warp),
        build(config.augment.photometric),
    )
    return fit(build(config.task.losses), net, optimizer, draws, settings, folder, resume=config.resume)


def trained_net(config: DictConfig) -> nn.Module:
    """The averaged net of the last checkpoint of ``config.run``."""
    net = make_net(config, pretrained=False)
    average = Average(net, decay=0.0)
    checkpoint.load(Path(config.run) / CHECKPOINT, net, average.net)
    return average.net


def look(network: Network, dataset: CocoDataset, pre: Preprocessing) -> list[Result]:
    """Run a whole data set."""
    found = find_marks(network, dataset, pre)
    return list(track(found, f"looking at {dataset.name}", total=len(dataset), console=Console(stderr=True)))


def ship(config: DictConfig, net: nn.Module) -> Artifact:
    """Calibrate, measure and export a trained net to ``config.artifact``."""
    pre = preprocessing(config)
    network = torch_network(net)
    held_out, test = make_dataset(config, "calibration"), make_dataset(config, "test")
    evidence = calibrate.gather(look(network, held_out, pre))
    fitted = calibrate.calibrations(evidence)
    results = look(network, test, pre)
    figures = metrics.evaluate(results)
    figures["calibration_error"] = _calibration_error(results, fitted)
    show(figures)
    state = checkpoint.peek(Path(config.run) / CHECKPOINT)
    return shipping.export_marks(
        net,
        Path(config.artifact),
        pre,
        shipping.parity_images(held_out),
        calibration=fitted,
        points=calibrate.operating_points(evidence, fitted),
        metrics=[Metric(name=k, value=round(v, 5), data=f"rendered/{test.name}") for k, v in figures.items()],
        training={
            "steps": state.step,
            "seconds": round(state.seconds),
            "seed": config.seed,
            "config": OmegaConf.to_container(config, resolve=True),
        },
    )


def _calibration_error(results: list[Result], fitted: dict[str, Any]) -> float:
    evidence = calibrate.gather(results)
    told = [
        calibrate.probabilities(seen, fitted[label]) for label, seen in evidence.items() if label in fitted
    ]
    right = [np.asarray(seen.right, bool) for label, seen in evidence.items() if label in fitted]
    return calibrate.calibration_error(np.concatenate(told), np.concatenate(right)) if told else 0.0


def show(figures: dict[str, float]) -> None:
    """Print the metrics as a table: the whole first, then one line per label."""
    console = Console()
    for name, value in figures.items():
        if "/" not in name:
            console.print(f"{name:24s} {value:.4f}")
    table = Table("label", "AP", "AP50", "corner_error")
    for label in LABELS:
        cells = [figures.get(f"{name}/{label}") for name in ("AP", "AP50", "corner_error")]
        if any(cell is not None for cell in cells):
            table.add_row(label, *("" if cell is None else f"{cell:.3f}" for cell in cells))
    console.print(table)
