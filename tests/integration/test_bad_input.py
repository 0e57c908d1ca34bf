"""Every bad input of the real world: a typed error with file, expected, found and cure; never a traceback."""

from __future__ import annotations

import errno
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from lipack_vision.cli import app
from lipack_vision.inspection.look import Looker
from lipack_vision.inspection.pool import LookerSettings
from tests.unit.inspection.fakes import EXAMPLE, FakeDetector, FakeEngine, FakeReader, photo


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(self: LookerSettings) -> Looker:
        return Looker(
            FakeDetector(),
            FakeReader(),
            FakeEngine(),
            max_pixels=self.max_pixels,
            skip=self.skip,
        )

    monkeypatch.setattr(LookerSettings, "build", build)


def run(*args: object) -> Result:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def save(path: Path, **options: Any) -> Path:
    Image.fromarray(photo(size=(96, 64))).save(path, **options)
    return path


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG of any size, without its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def missing(path: Path) -> None:
    """There is no file."""


def text(path: Path) -> None:
    path.write_text("Dear customs, please find attached the photo.")


def truncated(path: Path) -> None:
    save(path, format="JPEG")
    path.write_bytes(path.read_bytes()[:-600])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def tiny(path: Path) -> None:
    Image.new("RGB", (1, 1)).save(path, format="PNG")


def huge(path: Path) -> None:
    path.write_bytes(png_header(30_000, 30_000))


def locked(path: Path) -> None:
    save(path, format="JPEG")
    path.chmod(0)


@pytest.fixture
def _no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read every file; let files without permissions be refused to it too."""
    really = Path.read_bytes

    def read_bytes(self: Path) -> bytes:
        if self.exists() and self.stat().st_mode & 0o777 == 0:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return really(self)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)


def folder_named_as_photo(path: Path) -> None:
    path.mkdir()
    save(path / "inside.png")


UNREADABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing file": (missing, "no such file"),
    "text renamed": (text, "text or another format"),
    "truncated JPEG": (truncated, "damaged data"),
    "zero bytes": (empty, "0 bytes"),
    "1x1 px": (tiny, "1 x 1 px"),
    "30000x30000 px": (huge, "30000 x 30000 px"),
    "no permission": (locked, "denied"),
}


@pytest.mark.usefixtures("_no_root")
@pytest.mark.parametrize("name", UNREADABLE)
def test_alone_it_is_exit_code_2_with_file_expected_found_and_cure(name: str, tmp_path: Path) -> None:
    make, found = UNREADABLE[name]
    path = tmp_path / "photo.jpg"
    make(path)
    result = run("inspect", path, "--declaration", EXAMPLE)
    assert result.exit_code == 2
    assert str(path) in result.stderr
    assert "expected" in result.stderr
    assert found in result.stderr
    (line,) = [json.loads(line) for line in run("inspect", path, "--json").stdout.splitlines()]
    assert line["decision"] == "review"
    error = line["error"]
    assert error["error"] == "ImageError"
    assert error["where"] == str(path)
    assert found in error["found"]
    assert error["expected"]
    assert error["cure"]


@pytest.mark.usefixtures("_no_root")
@pytest.mark.parametrize("name", UNREADABLE)
def test_in_a_batch_the_others_go_on_and_the_answer_is_review(name: str, tmp_path: Path) -> None:
    make, found = UNREADABLE[name]
    good, bad = save(tmp_path / "good.png"), tmp_path / "bad.jpg"
    make(bad)
    skip = ("--skip", "integrity", "--skip", "reference", "--declaration", EXAMPLE)
    assert run("inspect", good, *skip).exit_code == 0
    result = run("inspect", bad, good, "--json", *skip, "--report", tmp_path / "r.html")
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert found in first["error"]["found"]
    assert second["error"] is None
    assert second["marks"]
    assert first["decision"] == second["decision"] == "review"
    assert "could not be read" in (tmp_path / "r.html").read_text(encoding="utf-8")
    each = run("inspect", bad, good, "--json", "--each", *skip)
    assert [json.loads(line)["decision"] for line in each.stdout.splitlines()] == ["review", "release"]
    assert each.exit_code == 1


def test_an_empty_folder_alone_and_in_a_batch(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("inspect", tmp_path / "empty")
    assert result.exit_code == 2
    assert "a folder without any" in result.stderr
    good = save(tmp_path / "good.png")
    assert run("inspect", tmp_path / "empty", good, "--json").exit_code == 1
    assert run("read", tmp_path / "empty").exit_code == 2


def test_a_folder_named_like_a_photo_is_searched(tmp_path: Path) -> None:
    folder_named_as_photo(tmp_path / "a.jpg")
    (line,) = run("inspect", tmp_path / "a.jpg", "--json").stdout.splitlines()
    assert json.loads(line)["photo"].endswith("inside.png")
    (nested,) = run("inspect", tmp_path, "--json").stdout.splitlines()
    assert json.loads(nested)["error"]["found"] == "a folder"


def test_the_size_limit_is_an_option(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png")
    assert run("inspect", path, "--max-megapixels", "0.006").exit_code == 2
    assert run("inspect", path, "--max-megapixels", "0.007").exit_code == 1


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "LA", "1", "I;16", "F", "YCbCr"])
def test_every_kind_of_picture_is_read(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        deep = (photo(size=(96, 64))[..., 0].astype(np.uint16)) * 257
        picture = Image.fromarray(deep)
    else:
        picture = Image.fromarray(photo(size=(96, 64))).convert(mode)
    path = tmp_path / ("a.png" if mode in {"L", "P", "RGBA", "LA", "1", "I;16"} else "a.tif")
    picture.save(path)
    (line,) = run("inspect", path, "--json").stdout.splitlines()
    assert json.loads(line)["error"] is None
    assert json.loads(line)["size"] == [96, 64]


def test_an_exif_turned_photo_is_measured_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "a.jpg", exif=exif)
    (line,) = run("inspect", path, "--json", "--report", tmp_path / "r.html").stdout.splitlines()
    assert json.loads(line)["size"] == [64, 96]
    assert 'viewBox="0 0 64 96"' in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("un_numbr: UN3480\nsection: SP188\n", "Did you mean un_number?"),
        ("un_number: UN3480\nsection: SP188\ngross_kg: heavy\n", "gross_kg"),
        ("un_number: [\n", "YAML"),
        ("", "nothing"),
    ],
)
def test_a_wrong_declaration_is_named_before_any_photo_is_read(tmp_path: Path, text: str, says: str) -> None:
    photo_path, path = save(tmp_path / "a.png"), tmp_path / "d.yaml"
    path.write_text(text)
    result = run("inspect", photo_path, "--declaration", path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert str(path) in result.stderr
    assert says in result.stderr


def test_a_name_that_is_no_text_does_not_end_the_run(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe.png"
    try:
        with open(raw, "wb") as file:  # noqa: PTH123 - a path of bytes
            file.write(save(tmp_path / "a.png").read_bytes())
    except OSError:
        pytest.skip("this file system takes text names only")
    result = run("inspect", tmp_path, "--json", "--report", tmp_path / "r.html")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2


def test_as_a_command_without_any_model(tmp_path: Path) -> None:
    """No fakes: a text file, a terminal that knows ASCII only, a name in Chinese."""
    bad = tmp_path / "包装.jpg"
    bad.write_text("no photo")
    env = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    for options in ((), ("--json",)):
        command = [sys.executable, "-m", "lipack_vision.cli", "inspect", str(bad), *options]
        result = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr
