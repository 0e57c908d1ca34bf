"""Calibrate an artifact on other photos: ``python -m training.calibrate data=coco data.root=... out=...``."""

from __future__ import annotations

import logging
from pathlib import Path

from omegaconf import DictConfig

from lipack_vision.artifact import load_artifact
from lipack_vision.errors import ConfigError
from lipack_vision.integrity.detector import TASK as INTEGRITY
from lipack_vision.labels.finder import load_finder
from lipack_vision.matching.encoder import TASK as MATCHING
from training import calibration, parts, shipping
from training.command import command
from training.damage import shipping as damage_shipping
from training.matching import shipping as matching_shipping
from training.tasks.marks import fit_calibration

log = logging.getLogger(__name__)


@command("calibrate")
def main(config: DictConfig) -> None:
    """Write the artifact to ``config.out`` with probabilities and thresholds of the calibration part."""
    if config.points not in ("fit", "keep"):
        raise ConfigError(
            "points", expected="fit or keep", found=str(config.points), cure="Name one of them."
        )
    artifact = load_artifact(config.artifact)
    others = {INTEGRITY: damage_shipping.recalibrated, MATCHING: matching_shipping.recalibrated}
    if artifact.card.task in others:
        made = others[artifact.card.task](artifact, config)
        log.info("wrote %s, version %s", made.folder, made.version)
        return
    finder = load_finder(artifact, threads=config.threads)
    datasets = parts.datasets(config, "calibration")
    fitted, points = fit_calibration(finder, datasets, artifact.card)
    if config.points == "keep":
        card = artifact.card
        points = calibration.carried_points(card.operating_points, card.calibration, fitted)
    data = {dataset.name: dataset.manifest for dataset in datasets}
    written = shipping.recalibrated(artifact, Path(config.out), fitted, points, data, config.data.licence)
    log.info("wrote %s, version %s", written.folder, written.version)


if __name__ == "__main__":
    main()
