"""Train a net, measure it and export it: ``python -m training.train experiment=marks``."""

from __future__ import annotations

import os

# Before torch is imported: by default an OpenMP thread that waits for another burns its core, and when other
# programs want that core too, a step takes five times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from omegaconf import DictConfig

from training import experiment
from training.command import command


@command("train")
def main(config: DictConfig) -> None:
    """Compose, train, and unless ``export=false`` calibrate, measure and write the artifact."""
    experiment.own_folder(config)
    experiment.run(config)


if __name__ == "__main__":
    main()
