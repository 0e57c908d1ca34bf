"""Copies, forgotten photos, unbalanced classes and empty data sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipack_vision.datasets import examine, read_parts
from lipack_vision.errors import DatasetError
from tests.unit.datasets.builders import (
    adds_up,
    check_one,
    coco_dict,
    dump,
    found,
    line_of,
    save,
    write_coco,
    write_photos,
)


def roboflow(root: Path, **parts: list[str]) -> dict[str, Path]:
    """COCO files in folders of parts, one photo for each name."""
    files = {}
    for part, names in parts.items():
        write_photos(root / part, names)
        boxes = {name: [("class9", 8, 8, 40, 40)] for name in names}
        files[part] = root / part / "_annotations.coco.json"
        files[part].write_text(dump(coco_dict(boxes, folder="")))
    return files


def test_the_same_photo_in_two_parts(tmp_path: Path) -> None:
    files = roboflow(tmp_path, train=["a", "b"], test=["c", "d"])
    shutil.copy(tmp_path / "train/b.png", tmp_path / "test/d.png")
    check_one(
        tmp_path, "copies", line_of(files["test"], "d.png"), "d.png (test) is a copy of train/b.png (train)"
    )


def test_the_same_photo_twice_in_one_part_only_warns(tmp_path: Path) -> None:
    files = roboflow(tmp_path, train=["a", "b"])
    shutil.copy(tmp_path / "train/a.png", tmp_path / "train/b.png")
    report = examine(tmp_path)
    assert found(report) == []
    assert ("copies", line_of(files["train"], "b.png")) in found(report, "warning")


def test_nearly_the_same_photo_in_two_parts(tmp_path: Path) -> None:
    files = roboflow(tmp_path, train=["a", "b"], valid=["c", "d"])
    darker = np.asarray(Image.open(tmp_path / "train/a.png")).astype(np.float64) * 0.8 + 5
    Image.fromarray(darker.astype(np.uint8)).save(tmp_path / "valid/c.png")
    report = examine(tmp_path)
    assert found(report) == []
    assert [w for check, w in found(report, "warning") if check == "near_copies"] == [
        line_of(files["valid"], "c.png")
    ]


def test_flat_photos_are_not_alike(tmp_path: Path) -> None:
    roboflow(tmp_path, train=["a", "b"], test=["c", "d"])
    for seed, file in enumerate(sorted(tmp_path.glob("*/*.png"))):
        noise = np.random.default_rng(seed).normal(128, 1.5, (64, 128, 3))
        Image.fromarray(noise.astype(np.uint8)).save(file)
    assert examine(tmp_path).summary.near_groups == 0


def test_one_mark_annotated_twice(tmp_path: Path) -> None:
    data = coco_dict()
    data["annotations"].append({"id": 7, "image_id": 0, "category_id": 1, "bbox": [32, 16, 32, 15.9]})
    data["annotations"].append({"id": 8, "image_id": 0, "category_id": 2, "bbox": [32, 16, 32, 16]})
    file = write_coco(tmp_path, data)
    report = examine(tmp_path)
    assert [w for check, w in found(report, "warning") if check == "duplicate_mark"] == [
        line_of(file, '"id": 7, "image_id"')
    ]


def test_photo_that_nothing_names(tmp_path: Path) -> None:
    write_coco(tmp_path)
    save(tmp_path / "images/forgotten.jpg", 8)
    report = examine(tmp_path)
    assert ("unnamed_image", f"{tmp_path}/images/forgotten.jpg") in found(report, "warning")
    assert report.summary.photos.left_out == {"named in no annotation file": 1}
    adds_up(report)


def test_class_that_is_only_tested(tmp_path: Path) -> None:
    files = roboflow(tmp_path, train=["a", "b"], test=["c"])
    text = files["test"].read_text().replace('"category_id": 1', '"category_id": 2')
    files["test"].write_text(text)
    report = examine(tmp_path)
    assert ("balance", line_of(files["test"], '"id": 0, "image_id"')) in found(report, "warning")
    assert report.summary.parts["test"].marks["battery_mark"] == 1


def test_empty_data_set(tmp_path: Path) -> None:
    write_coco(tmp_path, {"images": [], "annotations": [], "categories": []})
    assert found(examine(tmp_path)) == [("empty", str(tmp_path))]


def test_other_errors_are_counted(tmp_path: Path) -> None:
    write_coco(tmp_path)
    (tmp_path / "images/a.png").unlink()
    (tmp_path / "images/b.png").unlink()
    with pytest.raises(DatasetError, match=r"and 1 more error\)"):
        read_parts(tmp_path)
