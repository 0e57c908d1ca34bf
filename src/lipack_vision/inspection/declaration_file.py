"""Read a declaration file, YAML or JSON, into plain text fields, refusing whatever could be misread."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from lipack_vision.errors import DeclarationError

MAX_BYTES = 100_000
"""A declaration is a page of fields; what is larger is not one."""

SUFFIXES = (".yaml", ".yml", ".json")


class _RepeatedFieldError(ValueError):
    """A field stands in the file twice."""


class _TextLoader(yaml.SafeLoader):
    """Leaves every scalar as the text that was written.

    YAML 1.1 would read the batch 015 as the number 13 and the state NO as false.
    """

    # The resolvers are what turns text into numbers, dates and truth values.
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and type are PyYAML's

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*), which no field needs", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value]
        _refuse_repeats(names)
        return super().construct_mapping(node, deep=deep)


def read_fields(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The fields of a declaration file as text (YAML) or JSON values; empty ones are left out.

    Raises:
        DeclarationError: missing, unreadable, too large, not YAML or JSON, or not a list of fields.
    """
    place = Path(path)
    text = _read(place)
    try:
        data = _parse(text, place)
    except (yaml.YAMLError, json.JSONDecodeError, _RepeatedFieldError, RecursionError, ValueError) as error:
        raise DeclarationError(
            _position(place, error),
            expected="JSON" if place.suffix.lower() == ".json" else "YAML, one `field: value` per line",
            found=_problem(error),
            cure="Compare with examples/declaration.yaml.",
        ) from error
    if not isinstance(data, dict):
        raise DeclarationError(
            str(place),
            expected="fields and values, such as `un_number: UN3480`",
            found="nothing" if data in (None, "") else f"a {type(data).__name__}",
            cure="Compare with examples/declaration.yaml.",
        )
    return {str(name): value for name, value in data.items() if value not in (None, "", "null", "~")}


def _read(place: Path) -> str:
    try:
        if place.stat().st_size > MAX_BYTES:
            raise DeclarationError(
                str(place),
                expected=f"a declaration of at most {MAX_BYTES // 1000} kB",
                found=f"{place.stat().st_size} bytes",
                cure="Name the declaration file; is this a photo?",
            )
        return place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeclarationError(
            str(place),
            expected="text in UTF-8",
            found=f"byte 0x{error.object[error.start]:02x} at position {error.start}",
            cure="Save it as UTF-8 text.",
        ) from error
    except OSError as error:
        raise DeclarationError(
            str(place),
            expected=f"a declaration file ({', '.join(SUFFIXES)})",
            found="no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error),
            cure="Check the path and the right to read it.",
        ) from error


def _parse(text: str, place: Path) -> Any:
    suffix = place.suffix.lower()
    if suffix not in SUFFIXES:
        raise DeclarationError(
            str(place),
            expected=f"a file ending in {', '.join(SUFFIXES)}",
            found=suffix or "no ending",
            cure="Rename it to what it is.",
        )
    if suffix == ".json":
        return json.loads(text, object_pairs_hook=_unique)
    loader = _TextLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    _refuse_repeats([name for name, _ in pairs])
    return dict(pairs)


def _refuse_repeats(names: list[Any]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise _RepeatedFieldError(f"the field {name!r} twice")


def _position(place: Path, error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{place}:{error.problem_mark.line + 1}"
    if isinstance(error, json.JSONDecodeError):
        return f"{place}:{error.lineno}"
    return str(place)


def _problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return error.problem or error.context or "something else"
    if isinstance(error, RecursionError):
        return "brackets nested too deep"
    return str(error).splitlines()[0]
