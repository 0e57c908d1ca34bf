"""The training loop on Lightning Fabric: any task, any number of processes, can be stopped at any moment."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim import Optimizer

from lipack_vision.errors import ConfigError
from training import checkpoint
from training.checkpoint import BEST, CHECKPOINT, Progress
from training.depthwise import single_gradients
from training.feed import Batch, Draws, Numbers, batches
from training.processes import Processes, Signals, end_talk, mean_over_processes
from training.record import Evaluation, Losses, Record, prepare
from training.schedule import Average, fraction_done, rate_factor, set_rate
from training.trainer import Trainer

__all__ = [
    "BEST",
    "CHECKPOINT",
    "Batch",
    "Draws",
    "Evaluate",
    "Evaluation",
    "Task",
    "Trainer",
    "fit",
    "mean_over_processes",
]

log = logging.getLogger(__name__)

Evaluate = Callable[[nn.Module], Evaluation]


class Task(Protocol):
    """What a task gives to the loop."""

    def losses(self, net: nn.Module, batch: Any) -> dict[str, Tensor]:
        """Weighted scalar parts of the loss of one batch; the same parts in every step.

        The net is to be called like a function, once. With several processes a normaliser that depends on the
        batch goes through `mean_over_processes`.
        """


def fit(
    fabric: Fabric,
    task: Task,
    net: nn.Module,
    optimizer: Optimizer,
    draws: Draws,
    trainer: Trainer,
    folder: Path,
    *,
    evaluate: Evaluate | None = None,
    resume: bool = False,
) -> nn.Module:
    """Train and return the averaged net, in evaluation mode; every process of the run calls this.

    Args:
        fabric: launched, see `Trainer.fabric`.
        task: gives the losses.
        net: is trained in place.
        optimizer: over its parameters; groups carry ``full_lr``.
        draws: training data by draw number.
        trainer: how the run goes.
        folder: of the checkpoints ``last.safetensors`` and ``best.safetensors``, of ``log.jsonl``,
            TensorBoard's files and the worst pictures.
        evaluate: measures the averaged net, in the first process only. If ``trainer.evaluate_steps`` is set,
            the returned weights are those with the highest score.
        resume: go on from the checkpoint in ``folder``. Otherwise files of an earlier run there are moved
            to ``folder/previous-N``.

    Raises:
        ArtifactError: no checkpoint to resume from, a damaged one, or one of another net or optimizer.
        ConfigError: a loss is not finite.
        SystemExit: after SIGINT or SIGTERM, once the checkpoint is written.
    """
    processes = Processes(fabric)
    try:
        if processes.first:
            prepare(folder, resume)
        processes.wait()
        net.to(memory_format=torch.channels_last)
        run = _Run(fabric, processes, task, net, optimizer, trainer, folder, evaluate)
        run.begin(resume)
        with ExitStack() as stack:
            signals = stack.enter_context(Signals())
            # Before the record, which has threads: a forked process could find their locks closed for ever.
            feed = run.feed(draws)
            if processes.first:
                run.record = stack.enter_context(Record(folder, trainer, run.done, processes.world))
            run.go(feed, signals)
        processes.wait()
        taken = checkpoint.load_trained(folder, run.average.net)
    except BaseException as error:
        if processes.world > 1 and not isinstance(error, SystemExit):
            log.error("process %d of %d: %r", processes.rank + 1, processes.world, error)
            processes.end_others()
        raise
    if processes.first and taken.best is not None:
        log.info("best score %.4f, after step %d of %d", taken.best, taken.step, run.done.step)
    return run.average.net


@dataclass
class _Run:
    """One run of `fit` in one process."""

    fabric: Fabric
    processes: Processes
    task: Task
    net: nn.Module
    optimizer: Optimizer
    trainer: Trainer
    folder: Path
    evaluate: Evaluate | None
    done: Progress = field(default_factory=Progress)
    record: Record | None = None

    def __post_init__(self) -> None:
        fabric = self.fabric
        # Copied before its norms are made to talk to other processes: alone in an evaluation they would wait.
        self.average = Average(self.net, self.trainer.decay)
        if self.processes.world > 1 and fabric.device.type == "cuda":
            self.net = nn.SyncBatchNorm.convert_sync_batchnorm(self.net)  # type: ignore[no-untyped-call]
        self.average.net.to(fabric.device)
        if fabric.device.type == "cpu" and self.trainer.precision == "bf16-mixed":
            single_gradients(self.net)
        self.model, self.stepper = fabric.setup(self.net, self.optimizer)
        self.scaler = getattr(fabric.strategy.precision, "scaler", None)
        self.losses = Losses(self.processes, skipping=self.scaler is not None)
        self.measured = self.evaluate is not None and self.trainer.evaluate_steps is not None
        if self.scaler is not None and self.optimizer.defaults.get("fused"):
            raise ConfigError(
                "optim.optimizer.fused",
                expected="false with trainer.precision=16-mixed, whose gradients are scaled before clipping",
                found="true",
                cure="Set optim.optimizer.fused=false, or trainer.precision=bf16-mixed.",
            )

    def begin(self, resume: bool) -> None:
        """Go on from the last checkpoint, or start with the weights of the first process."""
        rank, world, device = self.processes.rank, self.processes.world, self.fabric.device
        randoms: dict[str, Tensor] = {}
        if resume:
            place = self.folder / CHECKPOINT
            self.done, randoms, scaler = checkpoint.load(place, self.net, self.average.net, self.optimizer)
            if self.scaler is not None and scaler:
                self.scaler.load_state_dict(scaler)
            if not self.measured:
                self.done.best = self.done.best_step = None
        else:
            self.average.net.load_state_dict(self.net.state_dict())
        if resume and len(randoms["torch"]) == world:
            own = {name: value[rank] for name, value in randoms.items()}
            checkpoint.set_random_state(own, device)
        else:
            # Dropout must not be the same in all processes.
            torch.manual_seed(torch.initial_seed() + self.done.step * world + rank)
        self.saved = (self.done.step if resume else -1, time.monotonic())
        if resume and self.processes.first:
            log.info("goes on after step %d", self.done.step)

    def feed(self, draws: Draws) -> Iterator[Any]:
        """This process's batches from where the run stands."""
        numbers = Numbers(self.trainer.batch, self.done.draws, self.processes.rank, self.processes.world)
        return batches(draws, numbers, self.trainer.workers, pinned=self.fabric.device.type == "cuda")

    def go(self, feed: Iterator[Any], signals: Signals) -> None:
        """Take steps until the run is over."""
        self.model.train()
        while True:
            caught, due = self._agree(signals)
            over = self._share() >= 1.0 or self._stale()
            if caught:
                self.save()
                self._leave(caught)
            if self._evaluation_due(over):
                self.save()  # should the evaluation fail or be killed
                self._evaluate()
            elif over:
                return self.save(again=True)
            elif due:
                self.save()
            else:
                self._step(feed)

    def _agree(self, signals: Signals) -> tuple[int, bool]:
        """One clock and one decision for all processes: with a rate of its own each net would drift away."""
        step, (saved_step, saved_time) = self.done.step, self.saved
        late = time.monotonic() - saved_time > 60 * self.trainer.checkpoint_minutes
        own = (self.done.seconds, late) if self.processes.first else (0.0, False)
        self.done.seconds, due, caught = self.processes.largest(*own, signals.caught)
        every = self.trainer.checkpoint_steps
        by_step = every is not None and step > 0 and step % every == 0
        return int(caught), step != saved_step and (bool(due) or by_step)

    def _share(self) -> float:
        done, trainer = self.done, self.trainer
        return fraction_done(done.step, trainer.steps, done.seconds, trainer.max_minutes)

    def _stale(self) -> bool:
        return self.trainer.patience is not None and self.done.stale >= self.trainer.patience

    def _evaluation_due(self, over: bool) -> bool:
        every, step = self.trainer.evaluate_steps, self.done.step
        now = over or (step % (every or 1) == 0 if step else self.trainer.evaluate_first)
        return self.measured and self.done.evaluated != step and now

    def _step(self, feed: Iterator[Any]) -> None:
        start, done = time.monotonic(), self.done
        batch = next(feed)
        waited = time.monotonic() - start
        factor = rate_factor(done.step, self.trainer.warmup, self._share())
        set_rate(self.optimizer, factor)
        self._learn(batch.to(self.fabric.device, non_blocking=True))
        done.step += 1
        done.draws += self.trainer.batch * self.processes.world
        told = done.step % self.trainer.log_every == 0
        if told:
            self.losses.settle(done.step)  # waits for the GPU, so its time counts
        done.seconds += time.monotonic() - start
        if self.record:
            self.record.waited += waited
        if told:
            means = self.losses.take()
            if self.record:
                self.record.steps(means, factor, self._share())

    def _learn(self, batch: Any) -> None:
        try:
            parts = self.task.losses(self.model, batch)
            self.stepper.zero_grad(set_to_none=True)
            self.fabric.backward(torch.stack(list(parts.values())).sum())
        except Exception:
            self.losses.look_at_own(self.done.step)  # a net full of NaN may fail anywhere
            raise
        norm = self.fabric.clip_gradients(
            self.model, self.stepper, max_norm=self.trainer.clip, error_if_nonfinite=False
        )
        self.stepper.step()
        self.average.update(self.net, self.done.step)
        self.losses.add(parts, torch.as_tensor(norm))

    def _evaluate(self) -> None:
        """Measure the averaged net in the first process and tell the others what follows."""
        done, better = self.done, False
        if self.record and self.evaluate:
            before = checkpoint.random_state(self.fabric.device)
            with torch.no_grad():
                found = self.evaluate(self.average.net)
            checkpoint.set_random_state(before, self.fabric.device)
            self.average.net.eval()
            better = found.score > (-math.inf if done.best is None else done.best)
            done.best = found.score if better else done.best
            self.record.evaluation(found)
            log.info("step %d: score %.4f%s", done.step, found.score, ", the best so far" if better else "")
        (told,) = self.processes.largest(better)
        done.evaluated, done.stale = done.step, 0 if told else done.stale + 1
        done.best_step = done.step if told else done.best_step
        if better:
            checkpoint.save_average(self.folder / BEST, self.average.net, done)
        if self.record and self._stale():
            log.info("ends early: no better score in %d evaluations", done.stale)

    def save(self, *, again: bool = False) -> None:
        """Write the checkpoint, unless this step has one; all processes call this."""
        if self.saved[0] == self.done.step and not again:
            return
        self.losses.settle(self.done.step)
        own = checkpoint.random_state(self.fabric.device)
        randoms = {name: self.processes.gather(value) for name, value in own.items()}
        if self.processes.first:
            place = self.folder / CHECKPOINT
            scaler = self.scaler.state_dict() if self.scaler is not None else None
            parts = (self.net, self.average.net, self.optimizer, self.done)
            checkpoint.save(place, *parts, randoms=randoms, scaler=scaler)
        self.saved = (self.done.step, time.monotonic())

    def _leave(self, caught: int) -> NoReturn:
        end_talk()
        if not self.processes.first:
            # One status is enough: a launcher that sees another process fail would kill the first one.
            raise SystemExit(0)
        log.warning("stopped by signal %d after step %d; go on with resume=true", caught, self.done.step)
        raise SystemExit(128 + caught)
