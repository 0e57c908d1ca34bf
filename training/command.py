"""Entry points: Hydra composes the configuration; errors are told without a traceback."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import hydra
from omegaconf import DictConfig
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from lipack_vision.errors import LipackError


def command(name: str) -> Callable[[Callable[[DictConfig], None]], Any]:
    """Make a function the entry point that composes ``configs/<name>.yaml``.

    An error of this library ends the program with status 2 and its message; with ``LIPACK_DEBUG=1`` in the
    environment it is shown with its traceback.
    """

    def wrap(function: Callable[[DictConfig], None]) -> Any:
        @hydra.main(version_base="1.3", config_path="../configs", config_name=name)
        @functools.wraps(function)
        def main(config: DictConfig) -> None:
            try:
                function(config)
            except (LipackError, OmegaConfBaseException) as error:
                if os.environ.get("LIPACK_DEBUG") == "1":
                    raise
                print(f"error: {_told(error)}", file=sys.stderr)
                raise SystemExit(2) from error

        return main

    return wrap


def _told(error: Exception) -> str:
    if isinstance(error, MissingMandatoryValue):
        return (
            f"{error.full_key}: expected a value, found none. Pass {error.full_key}=... on the command line."
        )
    return str(error)
