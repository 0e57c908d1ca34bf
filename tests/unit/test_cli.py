from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from lipack_vision import __version__
from lipack_vision.cli import app
from lipack_vision.inspection.look import Looker
from lipack_vision.inspection.pool import LookerSettings
from tests.unit.inspection.fakes import EXAMPLE, FakeAssessor, FakeDetector, FakeEngine, FakeReader, photo

SKIP = ("--skip", "integrity", "--skip", "reference")


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def use(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> None:
    """Let every looker see what the fakes see."""
    fakes = {
        "detector": FakeDetector(),
        "reader": FakeReader(),
        "engine": FakeEngine(),
        "assessor": FakeAssessor(),
    } | parts

    def build(self: LookerSettings) -> Looker:
        return Looker(**fakes, max_pixels=self.max_pixels, skip=self.skip)

    monkeypatch.setattr(LookerSettings, "build", build)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two photos of the right package."""
    use(monkeypatch)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in (1, 2):
        Image.fromarray(photo(index)).save(folder / f"{index}.png")
    return folder


def test_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout.strip()) == (0, f"lipack {__version__}")


def test_no_arguments_show_the_help_and_are_bad_usage() -> None:
    assert run().exit_code == 2
    assert "inspect" in run().output
    assert run("inspect").exit_code == 2
    assert run("frobnicate").exit_code == 2


@pytest.mark.parametrize("verb", ["inspect", "detect", "read", "synth", "models"])
def test_every_verb_has_help_and_json(verb: str) -> None:
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert "--json" in result.output


def test_help_loads_nothing_heavy() -> None:
    code = "import sys, lipack_vision.cli; print(' '.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "numpy", "cv2", "onnxruntime", "pydantic", "PIL"} & set(result.stdout.split())


def test_release_is_exit_code_0(photos: Path, tmp_path: Path) -> None:
    target = tmp_path / "r.html"
    result = run("inspect", photos, "--declaration", EXAMPLE, "--report", target, *SKIP)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("RELEASE")
    assert "Switched off by the caller: integrity, reference" in result.stdout
    assert 'data-decision="release"' in target.read_text(encoding="utf-8")


def test_review_is_exit_code_1_with_reasons(photos: Path) -> None:
    result = run("inspect", photos)
    assert result.exit_code == 1
    assert result.stdout.startswith("REVIEW")
    assert "No declaration was given" in result.stdout


def test_json_is_one_object_per_photo_of_one_package(photos: Path) -> None:
    result = run("inspect", photos, "--json", "--declaration", EXAMPLE, *SKIP)
    first, second = lines(result)
    assert (first["photo"], second["photo"]) == tuple(str(photos / f"{i}.png") for i in (1, 2))
    assert first["decision"] == second["decision"] == "release"
    assert first["inspection"] == second["inspection"]
    assert first["skipped"] == ["integrity", "reference"]
    assert [mark["label"] for mark in first["marks"]] == ["class9a", "un_mark"]
    assert first["readings"][0]["text"] == "4G/Y25/S/25/CN/C370012 PI:015"
    assert first["size"] == [320, 240]
    assert all(finding["photo"] == 0 for finding in first["findings"])
    assert all(finding["photo"] is None for finding in first["package_findings"])


def test_each_judges_photos_apart(photos: Path) -> None:
    (photos / "3.png").write_bytes(b"no photo")
    result = run("inspect", photos, "--json", "--each", "--declaration", EXAMPLE, *SKIP)
    assert [line["decision"] for line in lines(result)] == ["release", "release", "review"]
    assert len({line["inspection"] for line in lines(result)}) == 3
    assert result.exit_code == 1


def test_each_with_a_report_has_one_section_per_photo(photos: Path, tmp_path: Path) -> None:
    run("inspect", photos, "--each", "--report", tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8").count("<main") == 2


def test_all_faces_makes_missing_of_unseen(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, detector=FakeDetector(()))

    def verdict(*more: str) -> str:
        whole = lines(run("inspect", photos, "--json", "--declaration", EXAMPLE, *more))[0]
        return next(one["verdict"] for one in whole["package_findings"] if one["item"] == "class9a")

    assert verdict() == "not_visible"
    assert verdict("--assume-all-faces") == "missing"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--skip", "integrty"), "Did you mean integrity"),
        (("--provider", "abacus"), "cpu"),
        (("--max-megapixels", "0"), "above 0"),
        (("--max-megapixels", "nan"), "above 0"),
        (("--declaration", "none.yaml"), "no such file"),
        (("--jobs", "0"), "jobs"),
    ],
)
def test_bad_options_are_named(photos: Path, options: tuple[str, ...], says: str) -> None:
    result = run("inspect", photos, *options)
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_a_wrong_artifact_is_named(tmp_path: Path) -> None:
    Image.fromarray(photo()).save(tmp_path / "a.png")
    for verb in ("inspect", "detect"):
        result = run(verb, tmp_path / "a.png", "--artifact", tmp_path)
        assert result.exit_code == 2
        assert "card" in result.stderr


def test_an_unexpected_error_is_said_without_traceback(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: LookerSettings) -> Looker:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(LookerSettings, "build", broken)
    monkeypatch.delenv("LIPACK_DEBUG", raising=False)
    result = run("inspect", photos)
    assert result.exit_code == 2
    assert "internal error: ZeroDivisionError: boom" in result.stderr
    assert "Traceback" not in result.output
    monkeypatch.setenv("LIPACK_DEBUG", "1")
    assert "Traceback" in run("inspect", photos).output


def test_an_interrupt_is_not_mistaken_for_an_answer(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(self: LookerSettings) -> Looker:
        raise KeyboardInterrupt

    monkeypatch.setattr(LookerSettings, "build", stopped)
    assert run("inspect", photos).exit_code == 130


def test_brackets_in_names_are_shown_as_they_are(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A short path: a long one is folded inside its column.
    monkeypatch.chdir(photos)
    odd = Path("[bold]x[.png")
    Image.fromarray(photo()).save(odd)
    result = run("inspect", odd)
    assert result.exit_code == 1
    assert "[bold]x[.png" in result.stdout


def test_read_shows_codes_and_their_problems(photos: Path) -> None:
    result = run("read", photos)
    assert result.exit_code == 0
    assert "4G/Y25/S/25/CN/C370012 PI:015" in result.stdout
    assert lines(run("read", photos, "--json"))[0]["readings"][0]["calibrated"] is True


def test_read_goes_on_after_a_bad_photo(photos: Path) -> None:
    (photos / "0.png").write_bytes(b"")
    result = run("read", photos, "--json")
    assert [line["error"] is None for line in lines(result)] == [False, True, True]
    assert result.exit_code == 1


def test_detect_finds_draws_and_counts(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from tests.helpers.marks_artifact import write_colour_artifact

    artifact = write_colour_artifact(tmp_path / "a")
    image = photo(size=(128, 128)) // 20
    image[32:64, 64:96] = 255
    Image.fromarray(image).save(tmp_path / "p.png")
    drawn = tmp_path / "drawn"
    result = run("detect", tmp_path / "p.png", "--json", "--artifact", artifact.folder, "--draw", drawn)
    assert result.exit_code == 0, result.output
    (line,) = lines(result)
    assert [mark["label"] for mark in line["marks"]] == ["class9a"]
    assert [path.name for path in drawn.iterdir()] == ["0000-p.jpg"]
    text = run("detect", tmp_path / "p.png", "--artifact", artifact.folder)
    assert "Class 9A label" in text.stdout
    none = run("detect", tmp_path / "p.png", "--artifact", artifact.folder, "--threshold", "1.0")
    assert "no marks" in none.stdout


def test_models_verifies_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnx")
    from tests.helpers.marks_artifact import write_colour_artifact

    monkeypatch.setattr("lipack_vision.artifact.WEIGHTS_FOLDER", tmp_path)
    assert "No models" in run("models").stdout
    write_colour_artifact(tmp_path, metrics=({"name": "AP50", "value": 0.5, "data": "rendered"},))
    result = run("models", "--json")
    assert result.exit_code == 0
    assert lines(result)[0]["metrics"][0]["name"] == "AP50"
    assert "AP50" in run("models").stdout
    (tmp_path / "marks" / "model.onnx").write_bytes(b"other")
    result = run("models")
    assert result.exit_code == 2
    assert "NOT USABLE" in result.stdout


def test_synth_writes_photos(tmp_path: Path) -> None:
    result = run("synth", "--count", 1, "--seed", 3, "--size", "96x64", "--json", tmp_path / "out")
    assert result.exit_code == 0, result.output
    (line,) = lines(result)
    assert Path(line["annotations"]).is_file()
    assert line["size"] == [96, 64]


@pytest.mark.parametrize("size", ["640", "x", "0x0", "640x", "99999x99999", "640x480x3"])
def test_synth_refuses_odd_sizes(tmp_path: Path, size: str) -> None:
    result = run("synth", "--count", 1, "--size", size, tmp_path / "out")
    assert result.exit_code == 2
    assert "--size" in result.stderr


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "lipack_vision.cli", "models"]
    result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, env=env)
    os.close(writer)
    assert "Traceback" not in result.stderr
