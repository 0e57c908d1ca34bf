"""What the processes of one run tell each other, and the signals that end it."""

from __future__ import annotations

import functools
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import cast

import torch
from lightning_fabric import Fabric
from torch import Tensor, distributed

log = logging.getLogger(__name__)

PATIENCE = timedelta(hours=12)
"""How long the others wait while the first process renders or evaluates. One that dies is noticed at once."""


@functools.cache
def _talk() -> distributed.ProcessGroup:
    return cast("distributed.ProcessGroup", distributed.new_group(backend="gloo", timeout=PATIENCE))


def end_talk() -> None:
    """Close the connections to the other processes of a run; to be called by each before it ends.

    A process that ends with them open can be aborted by threads of gloo that nobody waited for.
    """
    if distributed.is_available() and distributed.is_initialized():
        distributed.destroy_process_group()
        _talk.cache_clear()


def mean_over_processes(tensor: Tensor) -> Tensor:
    """The mean of a tensor over all processes, without gradient; the tensor itself in a run of one process.

    DistributedDataParallel averages gradients. So a task that divides the sum over its own batch by the
    *mean* over the processes of the normaliser trains exactly like one process with the joint batch.
    """
    total = tensor.detach()
    if not distributed.is_available() or not distributed.is_initialized():
        return total
    total = total.clone()
    distributed.all_reduce(total)
    return total / distributed.get_world_size()


class Processes:
    """The processes of a run; all of them must call `largest`, `mean`, `gather` and `wait` together.

    They talk over a group of their own on the CPU: reading an answer there does not wait for the GPU, and the
    others may wait long for the first one.
    """

    def __init__(self, fabric: Fabric) -> None:
        self.fabric, self.rank, self.world = fabric, fabric.global_rank, fabric.world_size
        self.first = self.rank == 0
        self.group: distributed.ProcessGroup | None = None
        if self.world > 1:
            self.group = _talk()

    def largest(self, *values: float) -> list[float]:
        """The largest of each value over all processes."""
        if self.group is None:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(tensor, distributed.ReduceOp.MAX, group=self.group)
        return [float(value) for value in tensor]

    def mean(self, tensor: Tensor) -> Tensor:
        """The mean of a CPU tensor, which is not changed."""
        if self.group is None:
            return tensor
        total = tensor.clone()
        distributed.all_reduce(total, group=self.group)
        return total / self.world

    def gather(self, tensor: Tensor) -> Tensor:
        """``(...)`` on the CPU, of one shape everywhere -> ``(world, ...)``."""
        if self.group is None:
            return tensor[None]
        parts = [torch.empty_like(tensor) for _ in range(self.world)]
        distributed.all_gather(parts, tensor, group=self.group)
        return torch.stack(parts)

    def wait(self) -> None:
        """Return when all processes have come here."""
        self.largest(0.0)

    def end_others(self) -> None:
        """Kill the processes that this one started: without it they could only wait for it."""
        for process in getattr(self.fabric.strategy.launcher, "procs", []):
            process.kill()


@contextmanager
def first_process_first(fabric: Fabric) -> Iterator[None]:
    """The first process runs the block, then the others do: they find what it has rendered or written."""
    processes = Processes(fabric)
    if not processes.first:
        processes.wait()
    yield
    if processes.first:
        processes.wait()


class Signals:
    """Remembers SIGINT and SIGTERM, so that a run ends between two steps; a second one ends it at once.

    Outside the main thread, where Python takes no signals, it does nothing.
    """

    def __init__(self) -> None:
        self.caught = 0

    def __enter__(self) -> Signals:
        self.before = {}
        if threading.current_thread() is threading.main_thread():
            self.before = {s: signal.signal(s, self._take) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def _take(self, number: int, _: FrameType | None) -> None:
        if self.caught:
            raise KeyboardInterrupt
        self.caught = number
