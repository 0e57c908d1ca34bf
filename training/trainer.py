"""How a training run goes, and the Fabric that runs it."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from torch import distributed

from lipack_vision.errors import ConfigError

PRECISIONS = ("32-true", "bf16-mixed", "16-mixed")
ACCELERATORS = ("auto", "cpu", "cuda")
STRATEGIES = ("auto", "ddp")


@dataclass(frozen=True, slots=True)
class Trainer:
    """How a run goes.

    Attributes:
        steps: optimizer steps at most.
        max_minutes: end after so much time spent in steps; the learning rate falls in time for it.
        batch: draws per step and process.
        workers: processes per process that prepare draws.
        threads: threads of torch per process, or None for its own choice.
        warmup: steps with a rising learning rate.
        clip: largest norm of the gradient.
        decay: of the weight average.
        accelerator: cpu, cuda, or auto: cuda where there is one.
        devices: processes, one per device, or auto: every GPU, one process on the CPU.
        strategy: auto or ddp; with more than one process both mean DistributedDataParallel.
        precision: 32-true, bf16-mixed, or 16-mixed with a gradient scaler (cuda only).
        checkpoint_minutes: between checkpoints.
        checkpoint_steps: also a checkpoint after so many steps, or None.
        evaluate_steps: evaluate every so many steps and at the end, or None: never.
        evaluate_first: evaluate before the first step too, so that a run that makes nothing better changes
            nothing.
        patience: end after so many evaluations in a row without a better score, or None.
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
    devices: int | str = 1
    strategy: str = "auto"
    precision: str = "32-true"
    checkpoint_minutes: float = 5.0
    checkpoint_steps: int | None = None
    evaluate_steps: int | None = None
    evaluate_first: bool = False
    patience: int | None = None
    log_every: int = 20

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "log_every"):
            self._demand(name, getattr(self, name) >= 1, "a whole number from 1")
        for name in ("checkpoint_steps", "evaluate_steps", "patience", "threads"):
            value = getattr(self, name)
            self._demand(name, value is None or value >= 1, "a whole number from 1, or null")
        self._demand("workers", self.workers >= 0, "0 (prepare draws between steps) or more")
        self._demand("warmup", self.warmup >= 0, "0 or more steps")
        self._demand("clip", self.clip > 0, "a number above 0")
        self._demand("decay", 0 <= self.decay < 1, "a number from 0 to below 1")
        self._demand("max_minutes", self.max_minutes is None or self.max_minutes > 0, "above 0, or null")
        self._demand("checkpoint_minutes", self.checkpoint_minutes > 0, "a number above 0")
        self._demand("accelerator", self.accelerator in ACCELERATORS, " or ".join(ACCELERATORS))
        self._demand("strategy", self.strategy in STRATEGIES, " or ".join(STRATEGIES))
        self._demand("precision", self.precision in PRECISIONS, " or ".join(PRECISIONS))
        many = self.devices == "auto" if isinstance(self.devices, str) else self.devices >= 1
        self._demand("devices", many, "auto or a whole number from 1")
        if self.patience is not None and self.evaluate_steps is None:
            raise ConfigError(
                "trainer.patience",
                expected="evaluations to count",
                found="trainer.evaluate_steps=null",
                cure="Set trainer.evaluate_steps, or trainer.patience=null.",
            )

    def _demand(self, name: str, right: bool, expected: str) -> None:
        if not right:
            found = str(getattr(self, name))
            raise ConfigError(
                f"trainer.{name}", expected=expected, found=found, cure=f"Change trainer.{name}."
            )

    def fabric(self) -> Fabric:
        """Create and launch Fabric, which with several devices starts this program once for each of the rest.

        To be called once and early: a started process runs the program from its beginning up to here.
        Processes other than the first log warnings only.

        Raises:
            ConfigError: this machine has not what is asked for.
        """
        accelerator = self._accelerator()
        fabric = Fabric(
            accelerator=accelerator,
            devices=self._count(accelerator),
            strategy=self.strategy,
            precision=self.precision,  # type: ignore[arg-type]
        )
        fabric.launch()
        if self.threads:
            torch.set_num_threads(self.threads)
        if not fabric.is_global_zero:
            logging.getLogger().setLevel(logging.WARNING)
        return fabric

    def _accelerator(self) -> str:
        present = torch.cuda.is_available()
        if self.accelerator == "cuda" and not present:
            raise ConfigError(
                "trainer.accelerator",
                expected="a CUDA device",
                found="none that torch can see",
                cure="Train on the CPU with trainer=cpu, or install a CUDA build of torch and its driver.",
            )
        chosen = "cuda" if present and self.accelerator != "cpu" else "cpu"
        if self.precision == "16-mixed" and chosen == "cpu":
            raise ConfigError(
                "trainer.precision",
                expected="32-true or bf16-mixed on the CPU",
                found=self.precision,
                cure="Set trainer.precision=32-true, or trainer.accelerator=cuda.",
            )
        if self.precision == "bf16-mixed" and chosen == "cuda" and not torch.cuda.is_bf16_supported():
            raise ConfigError(
                "trainer.precision",
                expected="what this GPU can do",
                found=self.precision,
                cure="Set trainer.precision=16-mixed.",
            )
        return chosen

    def _count(self, accelerator: str) -> int:
        started = int(os.environ["WORLD_SIZE"]) if distributed.is_torchelastic_launched() else None
        present = torch.cuda.device_count() if accelerator == "cuda" else None
        count = self.devices if isinstance(self.devices, int) else started or present or 1
        if started is not None and started != count:
            raise ConfigError(
                "trainer.devices",
                expected=f"{started}, the processes that torchrun started",
                found=str(count),
                cure=f"Set trainer.devices={started}, or start without torchrun.",
            )
        if present is not None and count > present:
            raise ConfigError(
                "trainer.devices",
                expected=f"at most {present}, the GPUs of this machine",
                found=str(count),
                cure=f"Set trainer.devices={present}, or trainer.accelerator=cpu.",
            )
        return count
