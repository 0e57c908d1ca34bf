"""The training loop on Lightning Fabric: ends on time, can be stopped and resumed at any step."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from lightning_fabric import Fabric
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from torch import Tensor, nn
from torch.optim import Optimizer

from lipack_vision.errors import ConfigError
from training import checkpoint
from training.data.batches import Batch, MarksDraws, loader
from training.schedule import Average, fraction_done, rate_factor, set_rate

log = logging.getLogger(__name__)

CHECKPOINT = "last.safetensors"


class Task(Protocol):
    """What a task gives to the loop."""

    def losses(self, net: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Weighted parts of the loss of one batch."""


@dataclass(frozen=True, slots=True)
class Trainer:
    """How a run goes.

    Attributes:
        steps: optimizer steps at most.
        max_minutes: end after so much training time; the learning rate falls in time for it.
        batch: pictures per step.
        workers: processes that prepare pictures.
        threads: threads of torch, or None for its own choice.
        warmup: steps with a rising learning rate.
        clip: largest norm of the gradient.
        decay: of the weight average.
        accelerator: of Fabric: cpu, cuda, auto.
        precision: of Fabric: 32-true or bf16-mixed.
        checkpoint_minutes: between checkpoints.
        log_every: steps between lines of the log.
    """

    steps: int
    max_minutes: float | None = None
    batch: int = 8
    workers: int = 1
    threads: int | None = None
    warmup: int = 200
    clip: float = 10.0
    decay: float = 0.998
    accelerator: str = "cpu"
    precision: str = "32-true"
    checkpoint_minutes: float = 5.0
    log_every: int = 20

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ConfigError(
                "trainer",
                expected="steps >= 1 and batch >= 1",
                found=f"{self.steps}, {self.batch}",
                cure="Raise them.",
            )


def fit(
    task: Task,
    net: nn.Module,
    optimizer: Optimizer,
    draws: MarksDraws,
    trainer: Trainer,
    folder: Path,
    *,
    resume: bool = False,
) -> nn.Module:
    """Train and return the averaged net, in evaluation mode.

    Args:
        task: gives the losses.
        net: is trained in place.
        optimizer: over its parameters; groups carry ``full_lr``.
        draws: training pictures by draw number.
        trainer: how the run goes.
        folder: of the checkpoint ``last.safetensors`` and the log ``log.jsonl``.
        resume: go on from the checkpoint in ``folder``.
    """
    if trainer.threads:
        torch.set_num_threads(trainer.threads)
    folder.mkdir(parents=True, exist_ok=True)
    net.to(memory_format=torch.channels_last)
    average = Average(net, trainer.decay)
    place = folder / CHECKPOINT
    done = checkpoint.load(place, net, average.net, optimizer) if resume else checkpoint.Progress()
    fabric = Fabric(accelerator=trainer.accelerator, devices=1, precision=trainer.precision)  # type: ignore[arg-type]
    average.net.to(fabric.device)
    model, stepper = fabric.setup(net, optimizer)
    batches = iter(loader(draws, trainer.batch, trainer.workers, done.step))
    with _Log(folder / "log.jsonl", trainer, done) as record:
        saved = time.monotonic()
        while fraction_done(done.step, trainer.steps, done.seconds, trainer.max_minutes) < 1.0:
            start = time.monotonic()
            share = fraction_done(done.step, trainer.steps, done.seconds, trainer.max_minutes)
            factor = rate_factor(done.step, trainer.warmup, share)
            set_rate(optimizer, factor)
            batch, waited = _next(batches, fabric, start)
            parts = _step(fabric, task, model, stepper, batch, trainer.clip)
            average.update(net, done.step)
            done.step += 1
            done.seconds += time.monotonic() - start
            record.step(parts, factor, waited)
            if time.monotonic() - saved > 60 * trainer.checkpoint_minutes:
                checkpoint.save(place, net, average.net, optimizer, done)
                saved = time.monotonic()
    checkpoint.save(place, net, average.net, optimizer, done)
    return average.net


def _next(batches: Iterator[Batch], fabric: Fabric, start: float) -> tuple[Batch, float]:
    batch = next(batches)
    waited = time.monotonic() - start
    return Batch(*fabric.to_device((batch.images, batch.quads, batch.labels, batch.ignored))), waited


def _step(
    fabric: Fabric, task: Task, model: nn.Module, optimizer: Optimizer, batch: Batch, clip: float
) -> dict[str, float]:
    model.train()
    parts = task.losses(model, batch)
    total = torch.stack(list(parts.values())).sum()
    if not torch.isfinite(total):
        raise ConfigError(
            "loss",
            expected="a finite number",
            found=str({k: float(v) for k, v in parts.items()}),
            cure="Lower optim.lr.",
        )
    optimizer.zero_grad(set_to_none=True)
    fabric.backward(total)
    norm = fabric.clip_gradients(model, optimizer, max_norm=clip, error_if_nonfinite=False)
    optimizer.step()
    return {**{name: float(part.detach()) for name, part in parts.items()}, "norm": float(norm or 0.0)}


@dataclass
class _Log:
    """Progress bar for people and JSON lines for programs."""

    path: Path
    trainer: Trainer
    done: checkpoint.Progress
    window: list[dict[str, float]] = field(default_factory=list)

    def __enter__(self) -> _Log:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        self.bar = Progress(*columns, refresh_per_second=1)
        self.line = self.bar.add_task("training", total=1.0)
        self.file = self.path.open("a", encoding="utf-8")
        self.bar.start()
        self.began, self.first = time.monotonic(), self.done.step
        self.marked, self.marked_step = self.began, self.first
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        self.file.close()

    def step(self, parts: dict[str, float], factor: float, waited: float) -> None:
        """Take in one step; write a line every ``log_every`` steps."""
        self.window.append({**parts, "waited": waited})
        if self.done.step % self.trainer.log_every:
            return
        elapsed = time.monotonic()
        speed = (elapsed - self.marked) / (self.done.step - self.marked_step)
        self.marked, self.marked_step = elapsed, self.done.step
        share = fraction_done(self.done.step, self.trainer.steps, self.done.seconds, self.trainer.max_minutes)
        mean = {key: sum(row[key] for row in self.window) / len(self.window) for key in self.window[0]}
        left = self.done.seconds / share * (1 - share)
        row = {
            "step": self.done.step,
            **mean,
            "rate": factor,
            "seconds_per_step": speed,
            "seconds_left": left,
        }
        self.file.write(json.dumps({key: round(value, 5) for key, value in row.items()}) + "\n")
        self.file.flush()
        text = " ".join(f"{key} {mean[key]:.3f}" for key in mean if key not in ("norm", "waited"))
        self.bar.update(
            self.line,
            completed=share,
            description=f"step {self.done.step} {text} {speed:.2f} s/step eta {left / 60:.0f} min",
        )
        self.window.clear()
