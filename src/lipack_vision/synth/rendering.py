"""What rendered data sets share: pictures made in several processes, a list of them that is read back."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import cv2

from lipack_vision.errors import DatasetError

Progress = Callable[[int, int], None]
"""Called with (done, total)."""
T = TypeVar("T")


def in_processes(
    work: Callable[[int], T], count: int, jobs: int, progress: Progress | None = None
) -> Iterator[T]:
    """``work(0) .. work(count - 1)``, in order, made by ``jobs`` processes."""
    for done, made in enumerate(_made(work, count, jobs), start=1):
        yield made
        if progress is not None:
            progress(done, count)


def _made(work: Callable[[int], T], count: int, jobs: int) -> Iterator[T]:
    if jobs == 1:
        yield from map(work, range(count))
        return
    # Forking a process that already runs threads (OpenCV, ONNX Runtime) can hang; spawn cannot.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(work, range(count), chunksize=max(1, min(16, count // (4 * jobs))))


def read_list(file: Path, what: str, parse: Callable[[dict[str, Any]], T]) -> T:
    """What the list of a rendered data set says.

    Args:
        file: JSON, written when all pictures were.
        what: the data set, for errors.
        parse: makes it of the file's object.

    Raises:
        DatasetError: the file is missing, no JSON, or lacks a field.
    """
    try:
        return parse(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            str(file),
            expected=what,
            found="no file" if isinstance(error, FileNotFoundError) else repr(error),
            cure="Check the path, or render the data set again.",
        ) from error
