"""Export what a run trained: ``python -m training.export run=runs/marks``."""

from __future__ import annotations

import logging

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from training import experiment
from training.command import command

log = logging.getLogger(__name__)


@command("train")
def main(config: DictConfig) -> None:
    """Calibrate, measure and write the artifact of weights trained before."""
    trained = experiment.of_run(config, HydraConfig.get().overrides.task)
    artifact = experiment.ship(trained, experiment.trained_net(trained))
    log.info("wrote %s, version %s", artifact.folder, artifact.version)


if __name__ == "__main__":
    main()
