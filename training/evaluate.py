"""Measure an artifact: ``python -m training.evaluate artifact=marks dataset=photos/annotations.json``."""

from __future__ import annotations

import json
from pathlib import Path

import hydra
from omegaconf import DictConfig

from lipack_vision.artifact import load_artifact
from lipack_vision.runtime import OnnxModel
from training import experiment, metrics
from training.data.coco import read_coco
from training.infer import Floats


@hydra.main(version_base="1.3", config_path="../configs", config_name="evaluate")
def main(config: DictConfig) -> None:
    """Print the metrics of an artifact, and write them to ``config.out`` if set."""
    artifact = load_artifact(config.artifact)
    session = OnnxModel(artifact.path("model.onnx"), threads=config.threads)

    def network(images: Floats) -> tuple[Floats, Floats]:
        logits, corners = session.run(images)
        return logits, corners

    dataset = read_coco(Path(config.dataset)) if config.dataset else experiment.make_dataset(config, "test")
    results = experiment.look(network, dataset, artifact.preprocessing)
    figures = metrics.evaluate(results, boxes=config.boxes or not dataset.quads)
    experiment.show(figures)
    if config.out:
        report = {
            "artifact": artifact.version,
            "data": dataset.name,
            "photos": len(dataset),
            "metrics": figures,
        }
        Path(config.out).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
