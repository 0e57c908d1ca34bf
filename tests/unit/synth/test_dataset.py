"""Data sets on disk: the files do not depend on how many processes wrote them, and read back the same."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.synth.dataset import load_dataset, write_dataset
from lipack_vision.synth.photo import render_photo
from lipack_vision.types import LABELS

SIZE = (160, 128)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    write_dataset(folder, 6, seed=40, size=SIZE)
    return folder


def test_files_do_not_depend_on_jobs(written: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path / "two", 6, seed=40, size=SIZE, jobs=2)
    names = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    assert len(names) == 7
    for name in names:
        assert (written / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_reads_back_what_was_rendered(written: Path) -> None:
    records = load_dataset(written)
    assert [record.seed for record in records] == list(range(40, 46))
    for record in records:
        photo = render_photo(record.seed, SIZE)
        assert record.size == SIZE
        assert (cv2.imread(str(record.path), cv2.IMREAD_COLOR_RGB) == photo.image).all()
        assert len(record.marks) == len(photo.marks)
        for read, mark in zip(record.marks, photo.marks, strict=True):
            assert (read.label, read.kind, read.text) == (mark.label, mark.kind, mark.text)
            assert (read.quad == mark.quad).all()
            assert read.size_mm == pytest.approx(mark.size_mm)
            assert read.visible == mark.visible


def test_coco_fields(written: Path) -> None:
    data = json.loads((written / "annotations.json").read_text())
    assert [(category["id"], category["name"]) for category in data["categories"]] == list(
        enumerate(LABELS, 1)
    )
    assert data["info"]["settings"]["severity"] == 1.0
    assert data["info"]["version"]
    assert data["annotations"]
    for entry in data["annotations"]:
        quad = np.array(entry["quad"])
        assert np.array(entry["segmentation"][0]).reshape(4, 2) == pytest.approx(quad)
        x, y, width, height = entry["bbox"]
        assert [x, y, x + width, y + height] == pytest.approx([*quad.min(axis=0), *quad.max(axis=0)])
        assert entry["area"] == pytest.approx(cv2.contourArea(quad.astype(np.float32)), rel=1e-3, abs=0.5)
    assert all("category_id" not in entry for entry in data["distractors"])


def test_progress_counts_up(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    path = write_dataset(tmp_path, 3, size=(64, 64), progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert path == tmp_path / "annotations.json"


def test_never_overwrites(written: Path) -> None:
    with pytest.raises(DatasetError, match="no data set yet"):
        write_dataset(written, 1, size=SIZE)


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 1, "jobs": 0}, {"count": 1, "seed": -1}])
def test_bad_numbers_are_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        write_dataset(tmp_path, **wrong)


@pytest.mark.parametrize("content", [None, "not json", "{}", '{"categories": 3}'])
def test_a_broken_file_is_an_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "annotations.json").write_text(content)
    with pytest.raises(DatasetError):
        load_dataset(tmp_path)
