"""The command `lipack`: one verb per job."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from lipack_vision._version import __version__
from lipack_vision.cli.compare import compare
from lipack_vision.cli.detect import detect
from lipack_vision.cli.doctor import doctor
from lipack_vision.cli.inspect import inspect
from lipack_vision.cli.library import commands as library_commands
from lipack_vision.cli.match import match
from lipack_vision.cli.models import models
from lipack_vision.cli.read import read
from lipack_vision.cli.synth import synth

app = typer.Typer(
    name="lipack",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lipack {__version__}")
        raise typer.Exit


@app.callback()
def lipack(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and leave.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Look at photos of lithium-battery export packages and say what is true of them.

    Exit codes: 0 done; 1 done, and something needs a person; 2 bad usage, or nothing could be read.
    """
    del version  # answered by its callback


for command in (inspect, detect, read, match, compare, synth, doctor, models):
    app.command()(command)
app.add_typer(library_commands)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        # A file name in another script must not end a run on a terminal that cannot show it.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
