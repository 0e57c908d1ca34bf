"""The works codes that are known, and marks that name another one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from lipack_vision.codes.reading import CodeReading
from lipack_vision.errors import ConfigError
from lipack_vision.regulations.china import WORKS_CODE


def read_works(path: str | os.PathLike[str]) -> dict[str, str]:
    """Known works codes and the names of their works.

    Args:
        path: a text file with one works code per line, ``C`` and six digits, and perhaps a comma and a name;
            lines that begin with ``#`` are left out.

    Raises:
        ConfigError: the file cannot be read, or a line holds no works code.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            str(path), expected="a text file of works codes", found=str(error), cure="Check the file."
        ) from error
    known = {}
    for number, line in enumerate(lines, start=1):
        code, _, name = (part.strip() for part in line.partition(","))
        if not code or code.startswith("#"):
            continue
        if not WORKS_CODE.fullmatch(code.upper()):
            raise ConfigError(
                f"{path}, line {number}",
                expected="C and six digits, such as C370012",
                found=repr(code),
                cure="Write one works code per line, and its name after a comma.",
            )
        known[code.upper()] = name
    return known


def compared(reading: CodeReading, known: Mapping[str, str]) -> CodeReading:
    """A reading with a warning where its works code is none of the known ones; nothing in it is changed."""
    works = reading.code.works_code if reading.code is not None else None
    if works is None or works in known:
        return reading
    near = get_close_matches(works, known, n=1, cutoff=0.8)
    hint = f"; the nearest is {near[0]} {known[near[0]]}".rstrip() if near else ""
    note = ("maker", f"{works} is not among the {len(known)} known works codes{hint}")
    return replace(reading, warnings=(*reading.warnings, note))
