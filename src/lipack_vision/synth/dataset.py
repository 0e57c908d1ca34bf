"""Rendered data sets on disk: JPEG files and one COCO file with the ordered quads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lipack_vision._version import __version__
from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.synth.photo import render_jpeg
from lipack_vision.synth.rendering import Progress, in_processes, read_list
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.types import TruthMark
from lipack_vision.types import LABELS, as_quad

ANNOTATIONS = "annotations.json"


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One photo of a data set: its file, ``(width, height)``, seed and marks (label None: look-alike)."""

    path: Path
    size: tuple[int, int]
    seed: int
    marks: tuple[TruthMark, ...]


def write_dataset(
    out: Path,
    count: int,
    seed: int = 0,
    size: tuple[int, int] = (640, 640),
    jobs: int = 1,
    progress: Progress | None = None,
    settings: SynthSettings | None = None,
) -> Path:
    """Render photos ``seed .. seed + count - 1``; the files do not depend on ``jobs``.

    Args:
        out: folder, made when missing; gets ``images/000000.jpg`` and so on, and ``annotations.json``.
        size: ``(width, height)`` px.
        jobs: worker processes.
        progress: called with (done, total) after each photo.

    Returns:
        Path of the COCO file. Category ids are 1..8 in the order of `lipack_vision.types.LABELS`.

    Raises:
        ConfigError: a number is out of range.
        DatasetError: ``out`` already holds a data set.
    """
    if count < 1 or jobs < 1 or seed < 0:
        raise ConfigError(
            "write_dataset",
            expected="count >= 1, jobs >= 1, seed >= 0",
            found=f"count={count}, jobs={jobs}, seed={seed}",
            cure="Pass numbers in range.",
        )
    target = out / ANNOTATIONS
    if target.exists():
        raise DatasetError(
            str(target), expected="no data set yet", found="one", cure="Choose another folder."
        )
    settings = SynthSettings() if settings is None else settings
    folder = out / "images"
    folder.mkdir(parents=True, exist_ok=True)
    work = partial(_write_photo, folder=folder, first=seed, size=size, settings=settings)
    data: dict[str, Any] = _header(seed, size, settings)
    for index, marks in enumerate(in_processes(work, count, jobs, progress)):
        _add(data, index, seed + index, size, marks)
    # Written last and in one step: a folder without it is an unfinished data set.
    partly = target.with_suffix(".part")
    partly.write_text(json.dumps(data), encoding="utf-8")
    return partly.replace(target)


def load_dataset(path: Path) -> list[Record]:
    """Read a data set of `write_dataset` back.

    Args:
        path: its folder or its ``annotations.json``.

    Raises:
        DatasetError: the file is missing, no JSON, or lacks a field.
    """
    file = path / ANNOTATIONS if path.is_dir() else path

    def parse(data: dict[str, Any]) -> list[Record]:
        names = {category["id"]: category["name"] for category in data["categories"]}
        marks: dict[int, list[tuple[int, TruthMark]]] = {image["id"]: [] for image in data["images"]}
        for entry in (*data["annotations"], *data["distractors"]):
            label = names[entry["category_id"]] if "category_id" in entry else None
            marks[entry["image_id"]].append((entry["order"], _mark(entry, label)))
        return [_record(image, file.parent, marks[image["id"]]) for image in data["images"]]

    return read_list(file, "what `lipack synth` writes", parse)


def _record(image: dict[str, Any], folder: Path, marks: list[tuple[int, TruthMark]]) -> Record:
    ordered = tuple(mark for _, mark in sorted(marks, key=lambda pair: pair[0]))
    return Record(folder / image["file_name"], (image["width"], image["height"]), image["seed"], ordered)


def _mark(entry: dict[str, Any], label: str | None) -> TruthMark:
    width, height = entry["size_mm"]
    quad = as_quad(entry["quad"], "quad")
    return TruthMark(label, entry["kind"], quad, entry["text"], (width, height), entry["visible"])


def _write_photo(
    index: int, folder: Path, first: int, size: tuple[int, int], settings: SynthSettings
) -> tuple[TruthMark, ...]:
    data, photo = render_jpeg(first + index, size, settings)
    (folder / f"{index:06d}.jpg").write_bytes(data)
    return photo.marks


def _header(seed: int, size: tuple[int, int], settings: SynthSettings) -> dict[str, Any]:
    info = {
        "description": "rendered by lipack_vision.synth",
        "version": __version__,
        "seed": seed,
        "size": list(size),
        "settings": settings.to_dict(),
    }
    categories = [{"id": index, "name": label} for index, label in enumerate(LABELS, start=1)]
    return {"info": info, "categories": categories, "images": [], "annotations": [], "distractors": []}


def _add(
    data: dict[str, Any], index: int, seed: int, size: tuple[int, int], marks: tuple[TruthMark, ...]
) -> None:
    name = f"images/{index:06d}.jpg"
    data["images"].append({"id": index, "file_name": name, "width": size[0], "height": size[1], "seed": seed})
    for order, mark in enumerate(marks):
        low, high = mark.quad.min(axis=0).astype(float), mark.quad.max(axis=0).astype(float)
        x, y = mark.quad[:, 0].astype(float), mark.quad[:, 1].astype(float)
        entry: dict[str, Any] = {
            "image_id": index,
            "order": order,
            "bbox": [*low.tolist(), *(high - low).tolist()],
            "segmentation": [mark.quad.astype(float).ravel().tolist()],
            "area": float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2),
            "iscrowd": 0,
            "quad": mark.quad.astype(float).tolist(),
            "kind": mark.kind,
            "text": mark.text,
            "size_mm": [float(side) for side in mark.size_mm],
            "visible": mark.visible,
        }
        if mark.label is None:
            data["distractors"].append({"id": len(data["distractors"]) + 1, **entry})
        else:
            category = LABELS.index(mark.label) + 1
            data["annotations"].append({"id": len(data["annotations"]) + 1, "category_id": category, **entry})
