"""The marks task: hazard labels, marks and carton faces as ordered corners."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn

from lipack_vision.artifact import Artifact, Calibration, Card, Metric, Preprocessing, load_artifact
from lipack_vision.datasets import PhotoDataset
from lipack_vision.errors import DatasetError
from lipack_vision.labels.finder import FACES_FILE, Finder, load_closeups
from lipack_vision.nets.marks import MarksNet
from lipack_vision.types import LABELS
from training import calibration, metrics, onnx_export, parts, shipping
from training.build import build_as
from training.data.augment import Augment
from training.data.batches import Batch, MarksDraws
from training.infer import Result, find_marks, torch_network
from training.loop import Evaluate, Evaluation
from training.pretrained import start
from training.tasks.marks_loss import MarksLoss
from training.worst import worst

WORST = 10
"""Pictures of mistakes that each evaluation keeps."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarksTask:
    """See `training.tasks.task.Task`.

    Attributes:
        name: of the task.
        artifact: name of the shipped artifact that its net is part of.
        loss: of one batch.
    """

    name: str
    artifact: str
    loss: MarksLoss

    def net(self, config: DictConfig, *, init: str) -> MarksNet:
        """The net of ``config.model``."""
        net = build_as(MarksNet, config.model.net, "model", "marks")
        start(net, init, self.artifact)
        return net

    def draws(self, config: DictConfig) -> MarksDraws:
        """Augmented views of the training part."""
        augment = build_as(Augment, config.augment, "augment", "marks")
        return MarksDraws(parts.source(config, "train"), config.model.train_size, config.seed, augment)

    def losses(self, net: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Weighted parts of the loss."""
        return self.loss(net, batch)

    def evaluator(self, config: DictConfig) -> Evaluate:
        """Scores a net by the mean AP over the data sets of the validation part."""
        datasets = parts.datasets(config, "validation")
        if not datasets:
            raise DatasetError(
                "data.validation",
                expected="at least one photo to choose the best weights by",
                found="none",
                cure="Give the validation part photos (data.split), or set trainer.evaluate_steps=null.",
            )
        pre = preprocessing(config)

        def evaluate(net: nn.Module) -> Evaluation:
            finder = Finder(torch_network(net), pre)
            results = [list(find_marks(finder, dataset)) for dataset in datasets]
            figures = {
                f"{name}/{dataset.name}": value
                for dataset, found in zip(datasets, results, strict=True)
                for name, value in metrics.evaluate(found).items()
                if name in ("AP", "AP50", "corner_error")
            }
            told = [value for name, value in figures.items() if name.startswith("AP/")]
            if not told:
                raise DatasetError(
                    "data.validation",
                    expected="at least one mark to choose the best weights by",
                    found="none on any photo",
                    cure="Annotate some, or set trainer.evaluate_steps=null to take the last weights.",
                )
            # Of each data set some: the few photos of a user must not be lost among the rendered ones.
            pictures = [tile for found in results for tile in worst(found, WORST // len(results))]
            return Evaluation(float(np.mean(told)), figures, pictures)

        return evaluate

    def ship(self, config: DictConfig, net: nn.Module, training: dict[str, Any]) -> Artifact:
        """Put the close-up nets of ``config.closeups`` beside it; calibrate, measure and export all."""
        pre = preprocessing(config)
        beside = load_artifact(config.closeups) if config.closeups else None
        closeups = load_closeups(beside) if beside else None
        faces = load_closeups(beside, FACES_FILE) if beside else None
        former = beside.card.training if beside else {}
        told: dict[str, Any] = {name: former[name] for name in ("closeups", "faces") if name in former}
        return ship(
            config,
            Finder(torch_network(net), pre, closeups, faces),
            net,
            beside,
            beside,
            training={**training, **told, "data": parts.described(config)},
            licences=shipping.licences(training["started_from"], config.data.licence),
        )


def ship(
    config: DictConfig,
    finder: Finder,
    marks: nn.Module | Artifact,
    closeups: shipping.Beside,
    faces: shipping.Beside,
    *,
    training: dict[str, Any],
    licences: dict[str, str],
    kept: Card | None = None,
) -> Artifact:
    """Calibrate all nets together on the calibration part, measure on the test part, export.

    Args:
        finder: runs them.
        marks, closeups, faces: see `shipping.export_marks`.
        kept: the card whose numbers all classes but cartons keep, since the nets that judge them are its own.
    """
    held_out = parts.datasets(config, "calibration")
    fitted, points = fit_calibration(finder, held_out)
    if kept is not None:
        fitted = dict(kept.calibration) | {name: fit for name, fit in fitted.items() if name == "carton"}
        points = {
            name: {**kept.operating_points.get(name, {}), "carton": point["carton"]}
            for name, point in points.items()
        }
    shipped = shipping.Shipped(
        pre=finder.pre,
        images=onnx_export.parity_images(held_out),
        calibration=fitted,
        points=points,
        metrics=measure(finder, parts.datasets(config, "test"), fitted),
        training=training,
        licences=licences,
    )
    return shipping.export_marks(Path(config.artifact), marks, closeups, faces, shipped)


def preprocessing(config: DictConfig) -> Preprocessing:
    """How photos become the net's input."""
    size = config.model.input_size
    mean, std = tuple(config.model.mean), tuple(config.model.std)
    return Preprocessing(width=size, height=size, mean=mean, std=std, fixed=False)


def look(finder: Finder, dataset: PhotoDataset) -> list[Result]:
    """Run a whole data set, with a progress bar."""
    found = find_marks(finder, dataset)
    return list(track(found, f"looking at {dataset.name}", total=len(dataset), console=Console(stderr=True)))


def fit_calibration(
    finder: Finder,
    datasets: Sequence[PhotoDataset],
    former: Card | None = None,
) -> tuple[dict[str, Calibration], dict[str, dict[str, float]]]:
    """Calibration per class, and thresholds per operating point and class, from several data sets together.

    Args:
        former: whose numbers classes with too little evidence keep; None leaves them uncalibrated.

    Raises:
        DatasetError: there is no photo.
    """
    if not datasets:
        raise DatasetError(
            "data.calibration",
            expected="at least one photo to calibrate on",
            found="none",
            cure="Give the validation part photos (data.split), or mix in rendered ones (data=mix).",
        )
    evidence = [calibration.gather(look(finder, dataset)) for dataset in datasets]
    fitted = calibration.calibrations(evidence)
    lacking = [label for label in LABELS if label not in fitted]
    if lacking:
        kept = (
            "keep their former numbers"
            if former
            else "are told as uncalibrated, so nothing is released on them"
        )
        log.warning("too few findings to calibrate %s: these classes %s", ", ".join(lacking), kept)
    points = calibration.operating_points(evidence, fitted, former.operating_points if former else None)
    return (dict(former.calibration) if former else {}) | fitted, points


def measure(finder: Finder, datasets: Sequence[PhotoDataset], fitted: dict[str, Calibration]) -> list[Metric]:
    """All figures, per data set; printed as tables too."""
    told: list[Metric] = []
    for dataset in datasets:
        results = look(finder, dataset)
        figures = metrics.evaluate(results)
        error = calibration.error_of(calibration.gather(results), fitted)
        figures |= {} if error is None else {"calibration_error": error}
        data = dataset.name if dataset.ordered else f"{dataset.name} (boxes)"
        metrics.show(data, figures)
        told += [Metric(name=k, value=round(v, 5), data=data) for k, v in figures.items()]
    return told
