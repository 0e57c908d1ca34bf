"""Measure an artifact: ``python -m training.evaluate artifact=marks data=coco data.root=photos``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.datasets import read_coco
from lipack_vision.errors import DatasetError
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.integrity.detector import TASK as INTEGRITY
from lipack_vision.labels.finder import load_finder
from lipack_vision.matching.encoder import TASK as MATCHING
from lipack_vision.matching.encoder import SiameseEncoder
from training import metrics, parts
from training.build import build
from training.command import command
from training.damage.measures import measures
from training.damage.shipping import name_of
from training.matching import shipping as matching
from training.matching.evidence import gather
from training.tasks.marks import look


@command("evaluate")
def main(config: DictConfig) -> None:
    """Print the metrics of an artifact, and write them to ``config.out`` if set."""
    artifact = load_artifact(config.artifact)
    if config.out:
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
    look_at = {INTEGRITY: _of_cartons, MATCHING: _of_designs}.get(artifact.card.task, _of_marks)
    report = look_at(artifact, config)
    if config.out:
        Path(config.out).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _of_cartons(artifact: Artifact, config: DictConfig) -> list[dict[str, Any]]:
    photos = build(config.data[config.part])
    figures = measures(IntegrityDetector(artifact, threads=config.threads), photos)
    metrics.show(name_of(photos), figures)
    return [_row(artifact, name_of(photos), photos.manifest, len(photos), figures)]


def _of_designs(artifact: Artifact, config: DictConfig) -> list[dict[str, Any]]:
    designs = build(config.data[config.part])
    evidence = gather(SiameseEncoder(artifact, threads=config.threads), designs, matching.level_of(artifact))
    card = artifact.card
    figures = matching.figures(evidence, card.calibration, card.operating_points["balanced"])
    metrics.show(matching.name_of(designs), figures)
    return [_row(artifact, matching.name_of(designs), designs.manifest, len(designs), figures)]


def _of_marks(artifact: Artifact, config: DictConfig) -> list[dict[str, Any]]:
    finder = load_finder(artifact, threads=config.threads)
    datasets = [read_coco(Path(config.dataset))] if config.dataset else parts.datasets(config, config.part)
    if not any(len(dataset) for dataset in datasets):
        raise DatasetError(
            f"data.{config.part}", expected="photos to measure on", found="none", cure="Choose another part=."
        )
    report = []
    for dataset in datasets:
        figures = metrics.evaluate(look(finder, dataset), boxes=config.boxes)
        metrics.show(dataset.name, figures)
        report.append(_row(artifact, dataset.name, dataset.manifest, len(dataset), figures))
    return report


def _row(
    artifact: Artifact, data: str, manifest: str, photos: int, figures: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "artifact": artifact.version,
        "data": data,
        "manifest": manifest,
        "photos": photos,
        "metrics": dict(figures),
    }


if __name__ == "__main__":
    main()
