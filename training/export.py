"""Export what a run trained: ``python -m training.export experiment=marks run=runs/marks``."""

from __future__ import annotations

import logging

from omegaconf import DictConfig

from training import experiment
from training.command import command

log = logging.getLogger(__name__)


@command("train")
def main(config: DictConfig) -> None:
    """Calibrate, measure and write the artifact of weights trained before."""
    artifact = experiment.ship(config, experiment.trained_net(config))
    log.info("wrote %s, version %s", artifact.folder, artifact.version)


if __name__ == "__main__":
    main()
