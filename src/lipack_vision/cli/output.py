"""What all commands share: consoles, JSON lines, exit codes, errors without tracebacks."""

from __future__ import annotations

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from lipack_vision.errors import ConfigError, LipackError

if TYPE_CHECKING:
    from lipack_vision.inspection.evidence import PhotoEvidence

P = ParamSpec("P")
R = TypeVar("R")


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    REVIEW = 1
    BAD_INPUT = 2
    INTERRUPTED = 130


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn errors into a message and an exit code; a traceback only with ``LIPACK_DEBUG=1``."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except LipackError as error:
            _trace()
            say_error(str(error))
        except KeyboardInterrupt:
            say_error("stopped")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except BrokenPipeError:
            # The reader of a pipe, such as head, has left; Python would complain again when it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Exception as error:  # the last resort: never a traceback for a user
            _trace()
            say_error(
                f"internal error: {type(error).__name__}: {error}. Nothing was decided. "
                "Please report this with the output of the same command under LIPACK_DEBUG=1."
            )
        raise typer.Exit(Exit.BAD_INPUT)

    return run


def say_error(message: str) -> None:
    """Write an error to stderr."""
    typer.echo(f"lipack: {message}", err=True)


def write_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object on one line of stdout."""
    # ASCII only: file names in any script pass through any terminal and encoding.
    typer.echo(json.dumps(value, ensure_ascii=True, allow_nan=False))


def say_problems(evidence: PhotoEvidence) -> None:
    """Write to stderr why a photo could not be read or looked at."""
    error = evidence.error
    if error is not None:
        say_error(f"{error['where']}: expected {error['expected']}, found {error['found']}. {error['cure']}")
    for failure in evidence.failures:
        say_error(f"{evidence.name}: {failure.message}")


def write_evidence(evidence: PhotoEvidence, **found: Any) -> None:
    """Write what one verb found on a photo as one JSON object on one line."""
    write_json(
        {
            "photo": evidence.name,
            "size": [evidence.width, evidence.height] if evidence.readable else None,
            **found,
            "error": evidence.error,
            "failures": [failure.to_dict() for failure in evidence.failures],
        }
    )


def begin_text(evidence: PhotoEvidence) -> bool:
    """Write the photo's name, or to stderr why there is nothing to tell of it; whether there is."""
    say_problems(evidence)
    if not evidence.readable or evidence.failures:
        return False
    typer.echo(evidence.name)
    return True


def exit_code(seen: Sequence[PhotoEvidence], review: bool = False) -> Exit:
    """The code for a batch: 2 when no photo could be read, 1 when some could not or ask for review."""
    if not any(one.readable for one in seen):
        return Exit.BAD_INPUT
    failed = any(not one.readable or one.failures for one in seen)
    return Exit.REVIEW if review or failed else Exit.DONE


def expand(paths: Sequence[Path]) -> tuple[list[Path], list[PhotoEvidence]]:
    """The photos named or in the folders named, and an unreadable one for each folder that holds none."""
    from lipack_vision.image import find_photos
    from lipack_vision.inspection.evidence import PhotoEvidence
    from lipack_vision.inspection.look import printable

    photos: list[Path] = []
    unreadable: list[PhotoEvidence] = []
    for path in paths:
        try:
            photos.extend(find_photos([path]))
        except LipackError as error:
            unreadable.append(PhotoEvidence(printable(str(path)), error=error.to_dict()))
    return photos, unreadable


@contextmanager
def progress(total: int, what: str) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, when that is a terminal and there is more than one step.

    Yields:
        Call it after each step.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bar = Progress(*columns, console=console, disable=total < 2 or not console.is_terminal, transient=True)
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, when that is a terminal, of steps whose number shows at the first.

    Yields:
        Call it with steps done and their number.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def max_pixels(megapixels: float) -> int:
    """Pixels for ``--max-megapixels``.

    Raises:
        ConfigError: not above zero.
    """
    if not 0 < megapixels < 1e6:
        raise ConfigError(
            "--max-megapixels", expected="a number above 0", found=f"{megapixels:g}", cure="Pass 100 or so."
        )
    return round(megapixels * 1e6)


def _trace() -> None:
    if os.environ.get("LIPACK_DEBUG") == "1":
        traceback.print_exc()
