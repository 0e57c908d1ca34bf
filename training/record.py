"""What a run tells about itself: progress bar, ``log.jsonl``, TensorBoard, the worst pictures."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from torch import Tensor

from lipack_vision.errors import ConfigError
from lipack_vision.types import ImageArray
from training.checkpoint import BEST, CHECKPOINT, Progress, clean
from training.pictures import contact_sheet
from training.processes import Processes
from training.trainer import Trainer

log = logging.getLogger(__name__)

LOG = "log.jsonl"
WORST = "worst"
LINES_APART = 0.05
"""Share of the run between lines of text where there is no terminal for a progress bar."""
EVENTS = "tensorboard"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a net is.

    Attributes:
        score: what runs are compared by; higher is better.
        metrics: anything measured, by name.
        worst: named pictures of the worst results, RGB.
    """

    score: float
    metrics: dict[str, float]
    worst: list[tuple[str, ImageArray]] = field(default_factory=list)


class Losses:
    """Losses of the steps since the last line of the log, left on their device until somebody asks.

    Args:
        processes: the mean over all of them is told.
        skipping: a gradient scaler skips steps with an endless gradient, so there that is no error.
    """

    def __init__(self, processes: Processes, *, skipping: bool) -> None:
        self.processes, self.skipping = processes, skipping
        self.names: list[str] = []
        self.pending: list[Tensor] = []
        self.rows: list[Tensor] = []

    def add(self, parts: Mapping[str, Tensor], norm: Tensor) -> None:
        """Take in the parts of one step's loss, the same ones in every step."""
        self.names = self.names or list(parts)
        row = [parts[name].detach() for name in self.names]
        self.pending.append(torch.stack([*row, norm.detach().to(row[0].device)]))

    def settle(self, step: int) -> None:
        """Fetch what is pending; all processes call it after the same step, number ``step``.

        Raises:
            ConfigError: a loss is not finite; names the step and the parts.
        """
        if not self.pending:
            return
        fetched = self.processes.mean(torch.stack(self.pending).double().cpu())
        self.refuse_endless(fetched, step)
        self.rows.append(fetched)
        self.pending.clear()

    def refuse_endless(self, rows: Tensor, step: int) -> None:
        """Raise for the first of ``rows (N, parts + 1)`` that is not finite; the last is of ``step``."""
        counted = rows[:, :-1] if self.skipping else rows
        bad = (~counted.isfinite().all(1)).nonzero()
        if len(bad):
            first = int(bad[0])
            parts = zip([*self.names, "norm of the gradient"], rows[first].tolist(), strict=True)
            raise ConfigError(
                f"step {step - len(rows) + 1 + first}",
                expected="finite losses",
                found=", ".join(f"{name} {value:.4g}" for name, value in parts),
                cure="Lower optim.lr or trainer.clip, then go on from the last checkpoint with resume=true.",
            )

    def look_at_own(self, step: int) -> None:
        """Like `settle`, for this process alone and without a change: tells what led to another error."""
        if self.pending:
            self.refuse_endless(torch.stack(self.pending).double().cpu(), step)

    def take(self) -> dict[str, float | None]:
        """The mean of each part and of the gradient's norm over the settled steps, which are forgotten."""
        values = torch.cat(self.rows)
        self.rows.clear()
        norms = values[:, -1][values[:, -1].isfinite()]
        means = dict(zip(self.names, values[:, :-1].mean(0).tolist(), strict=True))
        return {**means, "norm": float(norms.mean()) if len(norms) else None}


class Record:
    """Writes the record of a run; only its first process has one.

    Args:
        folder: of the run.
        trainer: how the run goes.
        done: how far it has come; what the log tells of later steps is removed, for they are done again.
        world: processes of the run.
    """

    def __init__(self, folder: Path, trainer: Trainer, done: Progress, world: int) -> None:
        self.folder, self.trainer, self.done, self.world = folder, trainer, done, world
        self.marked, self.marked_step, self.waited = done.seconds, done.step, 0.0
        self.told = 0.0

    def __enter__(self) -> Record:
        path = self.folder / LOG
        _forget_later(path, self.done)
        self.file = path.open("a", encoding="utf-8")
        self.events = _event_writer(self.folder / EVENTS, self.done.step)
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        self.bar = Bar(*columns, refresh_per_second=1)
        # Into a file or a notebook a bar would be written anew every second.
        self.bar.disable = not self.bar.console.is_terminal
        self.line = self.bar.add_task("training", total=1.0)
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        self.file.close()
        if self.events:
            self.events.close()

    def steps(self, means: Mapping[str, float | None], factor: float, share: float) -> None:
        """Tell of the steps since the last call."""
        done, count = self.done, self.done.step - self.marked_step
        speed = (done.seconds - self.marked) / count
        left = done.seconds / share * (1 - share)
        row = {
            **means,
            "waited": self.waited / count,
            "rate": factor,
            "seconds_per_step": speed,
            "samples_per_second": self.trainer.batch * self.world / max(speed, 1e-9),
            "seconds_left": left,
        }
        self.marked, self.marked_step, self.waited = done.seconds, done.step, 0.0
        self._write({"step": done.step, **_rounded(row)})
        self._scalars("train", row)
        text = " ".join(f"{name} {value:.3f}" for name, value in means.items() if value is not None)
        text = f"step {done.step} {text} {speed:.2f} s/step eta {left / 60:.0f} min"
        self.bar.update(self.line, completed=share, description=text)
        if self.bar.disable and share >= self.told + LINES_APART:
            self.told = share
            log.info("%3.0f %% %s", 100 * share, text)

    def evaluation(self, found: Evaluation) -> None:
        """Tell of an evaluation after the last step, and keep its worst pictures."""
        step = self.done.step
        metrics = {"score": found.score, **found.metrics}
        self._write({"step": step, "evaluation": _rounded(metrics)})
        self._scalars("evaluation", metrics)
        if found.worst:
            path = self.folder / WORST / f"step-{step:06d}.png"
            contact_sheet(found.worst, path)
            if self.events:
                sheet = cv2.cvtColor(np.asarray(cv2.imread(str(path))), cv2.COLOR_BGR2RGB)
                self.events.add_image("worst", sheet, step, dataformats="HWC")
        if self.events:
            self.events.flush()

    def _write(self, row: Mapping[str, Any]) -> None:
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()

    def _scalars(self, group: str, row: Mapping[str, float | None]) -> None:
        for name, value in row.items():
            if self.events and value is not None:
                self.events.add_scalar(f"{group}/{name}", value, self.done.step)


def _rounded(row: Mapping[str, float | None]) -> dict[str, float | None]:
    # JSON knows no NaN and no infinity.
    return {k: None if v is None or not math.isfinite(v) else float(f"{v:.6g}") for k, v in row.items()}


def _forget_later(path: Path, done: Progress) -> None:
    """Keep the lines of steps that the checkpoint knows of; a killed run may also leave half a line."""
    if not path.is_file():
        return
    kept = [line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if _known(line, done)]
    scratch = path.with_suffix(".part")
    scratch.write_text("".join(kept), encoding="utf-8")
    scratch.replace(path)


def _known(line: str, done: Progress) -> bool:
    try:
        row = json.loads(line)
    except ValueError:
        return False
    return bool(row["step"] <= (done.evaluated if "evaluation" in row else done.step))


def _event_writer(folder: Path, step: int) -> Any:
    """TensorBoard's writer, or None where TensorBoard is not installed."""
    # It would load TensorFlow where that is installed, which takes seconds and GPU memory.
    os.environ.setdefault("TENSORBOARD_NO_TF", "1")
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(folder, purge_step=step + 1 if step else None)


def put_aside(folder: Path, others: Sequence[str] = ()) -> Path | None:
    """Move the files of an earlier run in ``folder`` to ``folder/previous-N``; nothing is overwritten.

    Args:
        folder: of the run.
        others: files that belong to the run too, moved only together with files of the loop.

    Returns:
        Where they are, or None if there were none.
    """
    own = (CHECKPOINT, BEST, LOG, WORST, EVENTS)
    present = [folder / name for name in own if (folder / name).exists()]
    if not present:
        return None
    number = 1 + max(
        (int(p.name[9:]) for p in folder.glob("previous-*") if p.name[9:].isdecimal()), default=0
    )
    place = folder / f"previous-{number}"
    place.mkdir()
    log.warning("an earlier run is moved to %s; resume=true would have gone on with it", place)
    for path in [*present, *(folder / name for name in others if (folder / name).exists())]:
        path.rename(place / path.name)
    return place


def prepare(folder: Path, resume: bool) -> None:
    """Make the folder of a run ready: nothing half-written in it and, without ``resume``, nothing old."""
    folder.mkdir(parents=True, exist_ok=True)
    clean(folder)
    if not resume:
        put_aside(folder)
