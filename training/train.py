"""Train a net, measure it and export it: ``python -m training.train task=marks``."""

from __future__ import annotations

import logging
import os

# Before torch is imported: by default an OpenMP thread that waits for another burns its core, and when other
# programs want that core too, a step takes five times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import hydra
from omegaconf import DictConfig

from training import experiment

log = logging.getLogger(__name__)


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(config: DictConfig) -> None:
    """Compose, train, and unless ``export=false`` calibrate, measure and write the artifact."""
    net = experiment.train(config)
    if config.export:
        artifact = experiment.ship(config, net)
        log.info("wrote %s, version %s", artifact.folder, artifact.version)


if __name__ == "__main__":
    main()
