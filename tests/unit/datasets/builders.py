"""Small data sets of each format, sound ones, to be broken by the tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from lipack_vision.datasets import Finding, Report, examine, read_parts
from lipack_vision.errors import DatasetError

SIZE = (128, 64)
NAMES = ("class9", "battery_mark")
Box = tuple[str, int, int, int, int]
MARKS: dict[str, list[Box]] = {
    "a": [("class9", 32, 16, 32, 16), ("battery_mark", 64, 32, 64, 32)],
    "b": [("battery_mark", 0, 0, 16, 8)],
    "c": [],
}


def picture(seed: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A photo like no other: blocks of random colours."""
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 16, 3), np.uint8)
    return cv2.resize(blocks, size, interpolation=cv2.INTER_NEAREST)


def save(path: Path, seed: int, size: tuple[int, int] = SIZE, orientation: int = 1, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(picture(seed, size))
    exif = image.getexif()
    exif[0x0112] = orientation
    image.save(path, exif=exif, **options)
    return path


def write_photos(folder: Path, names: Sequence[str] = tuple(MARKS)) -> None:
    for name in names:
        save(folder / f"{name}.png", seed=int.from_bytes(name.encode(), "big"))


def coco_dict(marks: Mapping[str, Sequence[Box]] = MARKS, folder: str = "images/") -> dict[str, Any]:
    images = [
        {"id": i, "file_name": f"{folder}{n}.png", "width": SIZE[0], "height": SIZE[1]}
        for i, n in enumerate(marks)
    ]
    rows = [(i, box) for i, boxes in enumerate(marks.values()) for box in boxes]
    annotations = [
        {"id": k, "image_id": i, "category_id": NAMES.index(box[0]) + 1, "bbox": list(box[1:])}
        for k, (i, box) in enumerate(rows)
    ]
    categories = [{"id": k, "name": name} for k, name in enumerate(NAMES, start=1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def dump(data: dict[str, Any]) -> str:
    """One entry on each line: the line of images[0] is 2."""
    lists = [
        f'"{key}": [\n' + ",\n".join(json.dumps(one) for one in entries) + "\n]"
        for key, entries in data.items()
    ]
    return "{" + ",\n".join(lists) + "}\n"


def line_of(file: Path, text: str) -> str:
    """``file:line`` of the only line with this text."""
    found = [n for n, line in enumerate(file.read_text().splitlines(), start=1) if text in line]
    assert len(found) == 1, f"{text!r} is on lines {found} of {file}"
    return f"{file}:{found[0]}"


def write_coco(root: Path, data: dict[str, Any] | None = None) -> Path:
    write_photos(root / "images")
    file = root / "annotations.json"
    file.write_text(dump(coco_dict() if data is None else data))
    return file


def yolo_rows(boxes: Sequence[Box]) -> str:
    rows = [
        f"{NAMES.index(n)} {(x + w / 2) / SIZE[0]} {(y + h / 2) / SIZE[1]} {w / SIZE[0]} {h / SIZE[1]}\n"
        for n, x, y, w, h in boxes
    ]
    return "".join(rows)


def write_yolo(root: Path, part: str = "train") -> Path:
    write_photos(root / part / "images")
    labels = root / part / "labels"
    labels.mkdir(parents=True)
    for name, boxes in MARKS.items():
        (labels / f"{name}.txt").write_text(yolo_rows(boxes))
    file = root / "data.yaml"
    file.write_text(f"{part}: ../{part}/images\nnc: 2\nnames:\n- class9\n- battery_mark\n")
    return file


def voc_text(name: str, boxes: Sequence[Box]) -> str:
    objects = "".join(
        f"  <object>\n    <name>{n}</name>\n    <bndbox><xmin>{x + 1}</xmin><ymin>{y + 1}</ymin>"
        f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox>\n  </object>\n"
        for n, x, y, w, h in boxes
    )
    size = f"<size><width>{SIZE[0]}</width><height>{SIZE[1]}</height><depth>3</depth></size>"
    return f"<annotation>\n  <filename>{name}.png</filename>\n  {size}\n{objects}</annotation>\n"


def write_voc(root: Path) -> Path:
    write_photos(root / "JPEGImages")
    folder = root / "Annotations"
    folder.mkdir()
    for name, boxes in MARKS.items():
        (folder / f"{name}.xml").write_text(voc_text(name, boxes))
    return folder


def found(report: Report, severity: str = "error") -> list[tuple[str, str]]:
    """Check and place of the findings of one severity."""
    return [(one.check, one.where) for one in report.of(severity)]


def only_error(report: Report) -> Finding:
    assert len(report.errors) == 1, [str(one) for one in report.errors]
    return report.errors[0]


def adds_up(report: Report) -> None:
    for count in (report.summary.photos, report.summary.marks):
        assert count.read == count.kept + sum(count.left_out.values())


def check_one(root: Path, check: str, where: str, about: str, **options: Any) -> None:
    """The doctor finds this error alone, and training stops with it."""
    report = examine(root, **options)
    error = only_error(report)
    assert (error.check, error.where) == (check, where)
    assert about in error.message
    assert error.cure
    assert report.summary.manifest is None
    adds_up(report)
    with pytest.raises(DatasetError, match=re.escape(where)) as stop:
        read_parts(root, **options)
    assert about in str(stop.value)
