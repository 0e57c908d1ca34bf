"""Measure an artifact: ``python -m training.evaluate artifact=marks data=coco data.root=photos``."""

from __future__ import annotations

import json
from pathlib import Path

from omegaconf import DictConfig

from lipack_vision.artifact import load_artifact
from lipack_vision.datasets import read_coco
from lipack_vision.errors import DatasetError
from lipack_vision.labels.finder import load_finder
from training import metrics, parts
from training.command import command
from training.tasks.marks import look


@command("evaluate")
def main(config: DictConfig) -> None:
    """Print the metrics of an artifact, and write them to ``config.out`` if set."""
    artifact = load_artifact(config.artifact)
    if config.out:
        Path(config.out).parent.mkdir(parents=True, exist_ok=True)
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
        report.append(
            {
                "artifact": artifact.version,
                "data": dataset.name,
                "manifest": dataset.manifest,
                "photos": len(dataset),
                "metrics": figures,
            }
        )
    if config.out:
        Path(config.out).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
