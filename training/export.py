"""Export the last checkpoint of a run: ``python -m training.export run=runs/marks``."""

from __future__ import annotations

import logging

import hydra
from omegaconf import DictConfig

from training import experiment

log = logging.getLogger(__name__)


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(config: DictConfig) -> None:
    """Calibrate, measure and write the artifact of weights trained before."""
    artifact = experiment.ship(config, experiment.trained_net(config))
    log.info("wrote %s, version %s", artifact.folder, artifact.version)


if __name__ == "__main__":
    main()
