"""The whole job with the real text reader and a real, if tiny, marks artifact."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from lipack_vision import Declaration, Inspector
from lipack_vision.inspection.pictures import save_picture
from lipack_vision.labels import HazardLabelDetector
from tests.unit.inspection.fakes import EXAMPLE

pytest.importorskip("onnx")
from tests.helpers.marks_artifact import write_colour_artifact

CODE = "4G/Y25/S/25/CN/C370012 PI:015"


def print_photo(path: Path, *rows: str) -> Path:
    """A grey board with rows of print."""
    image = np.full((480, 800, 3), 110, np.uint8)
    for index, row in enumerate(rows):
        place = (60, 120 + 90 * index)
        cv2.putText(image, row, place, cv2.FONT_HERSHEY_SIMPLEX, 1.6, (10, 10, 10), 3, cv2.LINE_AA)
    save_picture(image, path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("package")
    print_photo(place / "a.jpg", "4G/Y25/S/25", "CN/C370012 PI:015")
    print_photo(place / "b.jpg", "UN3480", "LITHIUM ION BATTERIES")
    (place / "c.jpg").write_bytes(b"cut off")
    return place


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_colour_artifact(tmp_path_factory.mktemp("artifact")).folder


def lipack(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lipack_vision.cli", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def lines(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_two_processes_give_what_one_gives(folder: Path, artifact: Path) -> None:
    options = ("--json", "--declaration", EXAMPLE, "--artifact", artifact)
    one = lipack("inspect", folder, *options)
    two = lipack("inspect", folder, *options, "--jobs", 2)
    assert one.returncode == two.returncode == 1, one.stderr + two.stderr
    assert lines(one) == lines(two)
    first, second, third = lines(one)
    assert first["readings"][0]["text"] == CODE
    assert any("UN3480" in line["text"].replace(" ", "") for line in second["lines"])
    assert third["error"]["error"] == "ImageError"
    assert {line["decision"] for line in lines(one)} == {"review"}


def test_the_library_says_what_the_command_says(folder: Path, artifact: Path) -> None:
    inspector = Inspector(HazardLabelDetector(artifact), skip={"integrity", "reference"})
    answer = inspector.inspect([folder / "a.jpg", folder / "b.jpg"], Declaration.load(EXAMPLE))
    assert answer.decision == "review"
    right = {finding.rule for finding in answer.findings if finding.verdict == "right"}
    assert {"R2", "R12", "R13", "declaration.packaging_code"} <= right
    # No photo shows a label, and the tiny artifact sees none.
    assert any(reason.item == "class9a" for reason in answer.reasons)
    assert answer.versions["marks"] == HazardLabelDetector(artifact).artifact.version


def test_every_verb_runs_as_a_command(folder: Path, artifact: Path, tmp_path: Path) -> None:
    read = lipack("read", folder / "a.jpg", "--json")
    assert read.returncode == 0, read.stderr
    assert lines(read)[0]["readings"][0]["text"] == CODE
    detect = lipack("detect", folder / "a.jpg", "--artifact", artifact, "--draw", tmp_path)
    assert detect.returncode == 0, detect.stderr
    assert lipack("models").returncode == 0
    assert lipack("--version").stdout.startswith("lipack ")


def test_a_worker_that_dies_costs_one_photo_only(folder: Path) -> None:
    """The process that looks at b.jpg is killed; the others are still looked at."""
    script = f"""
import os
from pathlib import Path
from lipack_vision.inspection import pool
from lipack_vision.inspection.look import Looker

class Deadly(Looker):
    def look(self, source, name=None, *, among=None):
        if Path(source).name == "b.jpg":
            os._exit(9)
        return self.find(source)

class Settings(pool.LookerSettings):
    def build(self):
        return Deadly(type("Blind", (), {{"detect": lambda self, image: []}})())

if __name__ == "__main__":
    photos = [Path({str(folder)!r}) / name for name in ("a.jpg", "b.jpg", "c.jpg")]
    pool.LookerSettings = Settings
    seen, _ = pool.look_at(photos, Settings(), jobs=2)
    print([one.readable for one in seen], seen[1].error["found"])
"""
    path = folder.parent / "deadly.py"
    path.write_text(script)
    result = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=300)
    assert result.stdout.startswith("[True, False, False] the process that looked at it was killed"), (
        result.stdout + result.stderr[-2000:]
    )
