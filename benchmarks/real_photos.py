"""Real photos and their boxes, from a folder beside the project that holds nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lipack_vision.errors import DatasetError
from lipack_vision.image import PHOTO_SUFFIXES

REAL = Path(__file__).parents[2] / "shared" / "data" / "real-dev"


@dataclass(frozen=True, slots=True)
class BoxedPhoto:
    """A photo with upright boxes ``(x0, y0, x1, y1)`` in pixels, all of one class."""

    path: Path
    boxes: tuple[tuple[float, float, float, float], ...]


def hazard_diamonds(root: Path = REAL) -> list[BoxedPhoto]:
    """The hazard diamonds of ``hazmat_signs_roboflow``; none of them is class 9."""
    folder = _existing(root / "hazmat_signs_roboflow")
    coco = json.loads((folder / "annotations.coco.json").read_text(encoding="utf-8"))
    boxes: dict[int, list[tuple[float, float, float, float]]] = {p["id"]: [] for p in coco["images"]}
    for note in coco["annotations"]:
        x, y, width, height = note["bbox"]
        boxes[note["image_id"]].append((x, y, x + width, y + height))
    return [BoxedPhoto(folder / p["file_name"], tuple(boxes[p["id"]])) for p in coco["images"]]


def all_photos(root: Path = REAL) -> Iterator[Path]:
    """Every real photo; none shows a class 9 label, a 9A label or a battery mark."""
    for path in sorted(_existing(root).rglob("*")):
        if path.suffix.lower() in PHOTO_SUFFIXES:
            yield path


def _existing(folder: Path) -> Path:
    if folder.is_dir():
        return folder
    raise DatasetError(
        str(folder),
        expected="the folder of real photos",
        found="no such folder",
        cure="Put the photos there, or name their folder with --real.",
    )
