"""The pictures of `tests.helpers.marks_pictures` as YOLO and VOC data sets, boxes only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lipack_vision.types import LABELS


def _entries(pictures: Path) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    data = json.loads((pictures / "annotations.json").read_text(encoding="utf-8"))
    for image in data["images"]:
        yield image, [row for row in data["annotations"] if row["image_id"] == image["id"]]


def write_yolo(pictures: Path, folder: Path) -> Path:
    """Write ``data.yaml``, ``images/`` and ``labels/``; return the folder."""
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    for image, rows in _entries(pictures):
        shutil.copy(pictures / image["file_name"], folder / "images")
        lines = []
        for row in rows:
            x, y, w, h = row["bbox"]
            shares = (
                (x + w / 2) / image["width"],
                (y + h / 2) / image["height"],
                w / image["width"],
                h / image["height"],
            )
            lines.append(" ".join([str(row["category_id"] - 1), *(f"{share:.9f}" for share in shares)]))
        name = Path(image["file_name"]).stem
        (folder / "labels" / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "data.yaml").write_text(json.dumps({"names": list(LABELS)}), encoding="utf-8")
    return folder


def write_voc(pictures: Path, folder: Path) -> Path:
    """Write ``Annotations/`` and ``JPEGImages/``; return the folder."""
    (folder / "Annotations").mkdir(parents=True)
    (folder / "JPEGImages").mkdir()
    for image, rows in _entries(pictures):
        name = Path(image["file_name"]).name
        shutil.copy(pictures / image["file_name"], folder / "JPEGImages")
        size = (
            f"<size><width>{image['width']}</width><height>{image['height']}</height><depth>3</depth></size>"
        )
        objects = "\n".join(_object(row) for row in rows)
        text = f"<annotation>\n<filename>{name}</filename>\n{size}\n{objects}\n</annotation>\n"
        (folder / "Annotations" / f"{Path(name).stem}.xml").write_text(text, encoding="utf-8")
    return folder


def _object(row: dict[str, Any]) -> str:
    x, y, w, h = row["bbox"]
    # VOC counts pixels from 1.
    sides = {"xmin": x + 1, "ymin": y + 1, "xmax": x + w + 1, "ymax": y + h + 1}
    box = "".join(f"<{side}>{value:.3f}</{side}>" for side, value in sides.items())
    return f"<object><name>{LABELS[row['category_id'] - 1]}</name><bndbox>{box}</bndbox></object>"
