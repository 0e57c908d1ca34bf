"""Adapting the released marks detector to a few real photos, against using it as it is.

    python -m benchmarks.adapt [--photos 30] [--seed 0] [--real FOLDER] [OVERRIDE...]

Hazard diamonds of ``real-dev/hazmat_signs_roboflow``: about ``--photos`` of them are trained on, the others
are measured on. Photos that are nearly the same never stand on both sides, but scenes repeat in this set: the
same door or sign stands on both sides, so the figures say how well a net learns the place where it will be
used, not how well it would do elsewhere. The last rows leave out photos next to trained ones. Weights made
this way are thrown away.
Further arguments are overrides of ``experiment=adapt``, such as ``trainer.max_minutes=4``.
"""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# As in training.train: before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from benchmarks.real_photos import HAZMAT, HAZMAT_NAMES, REAL, hazard_diamonds
from benchmarks.report import publish
from lipack_vision.artifact import load_artifact
from lipack_vision.datasets import PhotoDataset
from lipack_vision.labels.finder import load_finder
from training import experiment, metrics, parts
from training.tasks.marks import look

CONFIGS = Path(__file__).parents[1] / "configs"
FIGURES = ("AP50", "AP75", "AP")

Row = dict[str, Any]


def composed(folder: Path, real: Path, photos: int, seed: int, overrides: Sequence[str]) -> DictConfig:
    """``experiment=adapt`` with about ``photos`` of the photos for training and the others for measuring."""
    share = photos / len(hazard_diamonds(real))
    given = [
        "experiment=adapt",
        f"data.root={real / HAZMAT}",
        "data.names={" + ", ".join(f"{theirs}: {ours}" for theirs, ours in HAZMAT_NAMES.items()) + "}",
        # Weights of the last step: none are chosen by looking at photos that are measured on.
        f"data.split=[{share:.4f},0.0,{1 - share:.4f}]",
        f"data.seed={seed}",
        "trainer.evaluate_steps=null",
        f"run={folder}",
    ]
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return compose("train", [*given, *overrides])


def figures(artifact: str, datasets: Sequence[PhotoDataset]) -> list[dict[str, float]]:
    """Metrics of an artifact per data set."""
    loaded = load_artifact(artifact)
    finder = load_finder(loaded, threads=2)
    return [metrics.evaluate(look(finder, dataset)) for dataset in datasets]


def apart(measured: PhotoDataset, trained: PhotoDataset, reach: int = 3) -> PhotoDataset:
    """The photos with no trained one among the ``reach`` before and after them in the order of file names.

    Photos of one scene mostly have names that follow each other, and are no near-duplicates.
    """
    known = {sample.path for sample in trained.samples}
    order = sorted(known | {sample.path for sample in measured.samples})
    near = {
        path
        for i, path in enumerate(order)
        if any(other in known for other in order[max(0, i - reach) : i + reach + 1])
    }
    kept = [sample for sample in measured.samples if sample.path not in near]
    return PhotoDataset(f"{measured.name}, no trained name near", kept, measured.manifest)


def measure(config: DictConfig) -> list[Row]:
    """Train and compare with the released artifact."""
    experiment.run(config)
    trained, tested = (parts.datasets(config, part) for part in ("train", "test"))
    own = next(dataset for dataset in tested if not dataset.ordered)
    datasets = [*tested, apart(own, next(dataset for dataset in trained if not dataset.ordered))]
    pairs = zip(figures("marks", datasets), figures(config.artifact, datasets), strict=True)
    return [
        _row(f"{dataset.name}, {len(dataset)} photos", name, before[name], after[name])
        for dataset, (before, after) in zip(datasets, pairs, strict=True)
        for name in FIGURES
    ]


def _row(data: str, name: str, before: float, after: float) -> Row:
    gained = (after - before) / (1 - before) if before < 1 else 0.0
    return {
        "data": data,
        "figure": name,
        "released": before,
        "adapted": after,
        "share of the missing gained": gained,
    }


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--real", type=Path, default=REAL)
    parser.add_argument("overrides", nargs="*", help="of experiment=adapt")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        config = composed(Path(folder), options.real, options.photos, options.seed, options.overrides)
        rows = measure(config)
    publish(
        "adapt",
        f"Marks detector adapted to {options.photos} real photos",
        rows,
        command=shlex.join(["python", "-m", "benchmarks.adapt", *sys.argv[1:]]),
    )


if __name__ == "__main__":
    main()
