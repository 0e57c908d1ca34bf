"""What the training loop costs over the bare net, what fresh rendering costs, and how much memory it takes.

    python -m benchmarks.training [--steps 60] [--rounds 3]

``bare`` is forward and backward of the same net on one batch that is already there. ``loop`` is
`training.loop.fit` as configured: views drawn from cached renderings by the worker, the real loss, clipping,
optimizer and weight average; ``bf16-mixed`` is the same in that precision. ``fresh`` renders every photo when
it is drawn. The four take turns, so that a busy machine slows all of them; the medians over the rounds are
reported.
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# As in training.train: before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from torch import Tensor, nn

from benchmarks.report import publish
from lipack_vision.datasets import Truth
from lipack_vision.synth.photo import render_photo
from lipack_vision.types import LABELS
from training import experiment
from training.build import build
from training.data.batches import Batch, Drawn, MarksDraws, ignored_marks
from training.loop import Draws, fit
from training.schedule import parameter_groups

CONFIGS = Path(__file__).parents[1] / "configs"
SEED = 800_000_000
"""Of the photos rendered when drawn."""
SKIPPED = 8
"""Steps before the clock starts: buffers are made and the worker gets ahead."""


class Clock:
    """A task that notes when each step begins; wraps the real one."""

    def __init__(self, task: Any) -> None:
        self.task = task
        self.times: list[float] = []

    def losses(self, net: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """See `training.tasks.task.Task`."""
        self.times.append(time.perf_counter())
        found: dict[str, Tensor] = self.task.losses(net, batch)
        return found

    def seconds_per_step(self) -> float:
        """Mean over the steps after the first ones."""
        counted = self.times[SKIPPED:]
        return (counted[-1] - counted[0]) / (len(counted) - 1)


class FreshDraws(MarksDraws):
    """As `MarksDraws`, but the photo of every draw is rendered anew."""

    def __getitem__(self, number: int) -> Drawn:
        """View ``number`` of a photo that nobody has seen before."""
        photo = render_photo(SEED + number)
        marks = [mark for mark in photo.marks if mark.label is not None]
        truth = Truth(
            np.array([mark.quad for mark in marks], np.float32).reshape(-1, 4, 2),
            np.array([LABELS.index(str(mark.label)) for mark in marks], np.int64),
            np.array([mark.visible for mark in marks], np.float32),
            np.ones(len(marks), bool),
        )
        rng = np.random.default_rng([self.seed, 2, number])
        image, moved = self.augment(rng, lambda: (photo.image, truth), self.size)
        asked = np.ones(len(LABELS), bool)
        return Drawn(np.ascontiguousarray(image.transpose(2, 0, 1)), moved, ignored_marks(moved), asked)


def bare(config: DictConfig, draws: MarksDraws, steps: int) -> float:
    """Seconds of forward and backward; the sum of the outputs stands for a loss."""
    task: Any = experiment.make_task(config)
    torch.set_num_threads(config.trainer.threads)
    net = task.net(config, init="random").to(memory_format=torch.channels_last).train()
    batch = draws.collate([draws[n] for n in range(config.trainer.batch)])
    images = task.loss.normalise(batch.images)
    for step in range(steps):
        if step == SKIPPED:
            start = time.perf_counter()
        net.zero_grad(set_to_none=True)
        logits, corners = net(images)
        (logits.sum() + corners.sum()).backward()
    return (time.perf_counter() - start) / (steps - SKIPPED)


def loop(config: DictConfig, draws: Draws, steps: int, **changes: Any) -> float:
    """Seconds per step of the real loop; ``changes`` are of its trainer."""
    task = Clock(experiment.make_task(config))
    net = task.task.net(config, init="random")
    groups = parameter_groups(net, config.optim.lr, config.optim.backbone, config.optim.decay)
    optimizer = build(config.optim.optimizer, groups, lr=config.optim.lr)
    settings = build(config.trainer, steps=steps, max_minutes=None, evaluate_steps=None, **changes)
    with tempfile.TemporaryDirectory() as folder:
        fit(settings.fabric(), task, net, optimizer, draws, settings, Path(folder))
    return task.seconds_per_step()


@contextmanager
def watched(peaks: list[float]) -> Iterator[None]:
    """Append the greatest memory of this process and its children meanwhile, in MB.

    Shared pages are divided among those that share them (Pss of Linux).
    """
    over = threading.Event()
    most = [0.0]

    def look() -> None:
        while not over.wait(0.5):
            most[0] = max(most[0], sum(_pss(pid) for pid in _family(os.getpid())))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        peaks.append(most[0] / 1024)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                yield from _family(int(child))
        except OSError:
            continue  # ended meanwhile


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def rows(config: DictConfig, steps: int, rounds: int) -> list[dict[str, Any]]:
    """Measure all ways in turn."""
    draws = experiment.make_draws(config)
    assert isinstance(draws, MarksDraws)
    fresh = FreshDraws(draws.source, draws.size, draws.seed, draws.augment)
    ways: dict[str, Callable[[], float]] = {
        "bare forward and backward": lambda: bare(config, draws, steps),
        "loop, cached rendering": lambda: loop(config, draws, steps),
        "loop, bf16-mixed": lambda: loop(config, draws, steps, precision="bf16-mixed"),
        "loop, fresh rendering": lambda: loop(config, fresh, steps),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    peaks: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            with watched(peaks[name]):
                seconds[name].append(way())
    base = statistics.median(seconds["bare forward and backward"])
    return [
        {
            "way": name,
            "seconds per step": statistics.median(seconds[name]),
            "samples per second": config.trainer.batch / statistics.median(seconds[name]),
            "more than bare": f"{statistics.median(seconds[name]) / base - 1:+.1%}",
            "memory, MB": round(max(peaks[name])),
        }
        for name in ways
    ]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("overrides", nargs="*", help="of experiment=marks")
    options = parser.parse_args()
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        # 200 photos are drawn from as fast as 6000.
        config = compose("train", ["experiment=marks", "data.train.count=200", *options.overrides])
    size, batch = config.model.train_size, config.trainer.batch
    publish(
        "training",
        f"Training loop, marks net, {batch} views of {size} px per step, {config.trainer.threads} threads",
        rows(config, options.steps, options.rounds),
        command=shlex.join(["python", "-m", "benchmarks.training", *sys.argv[1:]]),
    )


if __name__ == "__main__":
    main()
