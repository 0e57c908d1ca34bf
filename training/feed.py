"""Batches for the loop: draw number n is the same in every run, so runs can be resumed and shared out."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any, Protocol, Self, cast

import cv2
import torch
from torch.utils.data import DataLoader, Dataset, Sampler


class Batch(Protocol):
    """What the loop asks of a batch. With a method ``pin_memory`` it is also pinned for the way to a GPU."""

    def to(self, device: torch.device, non_blocking: bool) -> Self:
        """The same batch on a device; ``non_blocking``: without waiting for copies from pinned memory."""

    def __len__(self) -> int: ...


class Draws(Protocol):
    """Training data without end, addressed by draw number: its random numbers come from nothing else."""

    def __getitem__(self, number: int) -> Any:
        """Draw number ``number``, any from 0."""

    def collate(self, items: list[Any]) -> Batch:
        """Join draws to a batch."""


class Numbers(Sampler[list[int]]):
    """Batches of draw numbers without end, for one process of several.

    In step s from here on process r takes ``first + s * world * batch + r * batch`` and the ``batch - 1``
    numbers after it, so no two processes see the same draw and together they see every one.
    """

    def __init__(self, batch: int, first: int = 0, rank: int = 0, world: int = 1) -> None:
        self.batch, self.first, self.rank, self.world = batch, first, rank, world

    def __iter__(self) -> Iterator[list[int]]:
        number = self.first + self.rank * self.batch
        while True:
            yield list(range(number, number + self.batch))
            number += self.world * self.batch


def _begin_worker(_: int) -> None:
    # The net's threads and the workers share the cores; OpenCV alone would start one thread per core.
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    # Ctrl-C reaches every process of a terminal. The loop ends its step and saves, for which it needs them.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def batches(draws: Draws, numbers: Numbers, workers: int, *, pinned: bool = False) -> Iterator[Any]:
    """Start ``workers`` processes that prepare batches ahead, and give the batches without end.

    Args:
        draws: training data.
        numbers: of the draws of each batch.
        workers: 0 prepares each batch when it is asked for.
        pinned: in memory from which a GPU copies by itself.
    """
    loader = DataLoader(
        cast("Dataset[Any]", draws),
        batch_sampler=numbers,
        num_workers=workers,
        collate_fn=draws.collate,
        worker_init_fn=_begin_worker,
        prefetch_factor=4 if workers else None,
        persistent_workers=workers > 0,
        pin_memory=pinned,
        # Of its own: drawing from the shared one would make a resumed run differ.
        generator=torch.Generator(),
    )
    # A forked process has none of OpenCV's threads and would wait for them for ever, so there must be none.
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    started = iter(loader)
    cv2.setNumThreads(threads)
    return started
