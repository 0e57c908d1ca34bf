"""`lipack library` as a user types it, with an encoder that knows colours in place of the matching model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lipack_vision.cli import app
from lipack_vision.library import QualifiedLibrary
from tests.helpers.library import ColourEncoder, carton, jpeg, library, photo

CODE = "4G/Y25/S/25/CN/C370012 PI:015"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two photos of a carton in `photos`, and commands that use a `ColourEncoder`."""

    def opened(url: str, artifact: str | None = None, provider: str = "cpu", *, create: bool = False) -> Any:
        assert provider == "cpu"
        encoder = None if artifact is None else ColourEncoder(artifact)
        return QualifiedLibrary(url, encoder=encoder, create=create)

    monkeypatch.setattr("lipack_vision.cli.library.open_library", opened)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for view in (0, 1):
        (tmp_path / "photos" / f"{view}.jpg").write_bytes(photo(1, view))
    return tmp_path


def run(*words: object) -> Result:
    result = CliRunner().invoke(app, ["library", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "internal error" not in result.output
    return result


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_library_from_first_to_last(folder: Path) -> None:
    result = run(
        "enroll", "A 1", "photos", "--un-code", CODE, "--valid-to", "2999-12-31", "--maker", "纸箱厂"
    )
    assert result.exit_code == 0, result.output
    assert "A 1: 2 photos" in result.stdout
    assert (folder / "library.db").exists()
    (told,) = lines(run("list", "--json"))
    assert (told["reference_id"], told["packaging_type"], told["maker"]) == ("A 1", "4G", "纸箱厂")
    assert "packaging_type 4G" in run("list", "--packaging-type", "4g").stdout
    assert run("list", "--packaging-type", "1A1").stdout == ""
    (told,) = lines(run("enroll", "A 1", "--maker", "", "--status", "withdrawn", "--json"))
    assert (told["maker"], told["status"]) == (None, "withdrawn")
    assert run("list").stdout == ""
    assert len(lines(run("list", "--all", "--json"))) == 1
    assert "nothing is the matter" in run("verify").stdout
    assert lines(run("remove", "A 1", "--author", "Anna", "--json")) == [
        {"reference_id": "A 1", "removed": True}
    ]
    assert [entry.author for entry in library(folder / "library.db").history("A 1")][-1] == "Anna"
    assert run("list", "--all").stdout == ""


def test_refused_photos_are_told_one_by_one(folder: Path) -> None:
    (folder / "tiny.jpg").write_bytes(jpeg(carton(2, size=(300, 200))))
    result = run("enroll", "A", "photos", "tiny.jpg", "--json")
    assert result.exit_code == 2
    (told,) = lines(result)
    refusals = [(one["photo"], one["ground"]) for one in told["error"]["refusals"]]
    assert refusals == [("tiny.jpg", "tiny")]
    assert "tiny.jpg is refused: 300 x 200 px" in result.stderr
    assert "--allow tiny" in result.stderr
    assert run("enroll", "B", "tiny.jpg", "--allow", "tiny").exit_code == 0
    assert [one["reference_id"] for one in lines(run("list", "--json"))] == ["B"]


def test_problems_are_exit_code_1_and_refresh_mends_stale_ones(folder: Path) -> None:
    run("enroll", "A", "photos")
    result = run("verify", "--artifact", "newer")
    assert result.exit_code == 1
    assert result.stdout.count("stale: A, photo ") == 2
    assert [one["kind"] for one in lines(run("verify", "--artifact", "newer", "--json"))] == [
        "stale",
        "stale",
    ]
    assert lines(run("refresh", "--artifact", "newer", "--json")) == [{"made": 2, "failed": 0}]
    assert "0 vectors made" in run("refresh", "--artifact", "newer").stdout
    assert run("verify", "--artifact", "newer").exit_code == 0


@pytest.mark.parametrize("verb", ["list", "verify", "refresh", "remove A", "enroll A --maker Boxes"])
def test_a_misspelt_library_is_an_error_and_none_is_made(folder: Path, verb: str) -> None:
    result = run(*verb.split(), "--library", "libary.db")
    assert result.exit_code == 2
    assert "no such file" in result.stderr
    assert not (folder / "libary.db").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["enroll", "A", "nothing.jpg"], "no such file"),
        (["enroll", "A", "--maker", "Boxes"], "no such file"),
        (["enroll", "A", "photos", "--un-code", "4G/Y25"], "un_code"),
        (["enroll", "A", "photos", "--valid-to", "tomorrow"], "2026-05-31"),
        (["enroll", "A", "photos", "--library", "mysql://x/y"], "library URL"),
        (["enroll", "A", "photos", "--allow", "duplicate"], "contradicting"),
        (["list", "--on", "31.12.2026"], "2026-05-31"),
        (["enroll"], "Usage"),
    ],
)
def test_bad_usage_is_exit_code_2(folder: Path, words: list[str], told: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert told in result.output


def test_help_is_there_for_every_verb() -> None:
    for verb in ("enroll", "list", "remove", "verify", "refresh"):
        result = run(verb, "--help")
        assert result.exit_code == 0
        assert "--json" in result.output
