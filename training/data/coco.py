"""Read a COCO file, with or without ordered corners, as a list of photos with their marks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import DatasetError
from lipack_vision.types import LABELS, ImageArray


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The marks of one photo.

    Attributes:
        quads: ordered corners ``(M, 4, 2)`` float32 in pixels.
        labels: indices ``(M,)`` int64 into `LABELS`.
        visible: fraction ``(M,)`` float32 of each mark that can be seen, 0..1.
    """

    quads: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    visible: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)

    def keep(self, chosen: npt.NDArray[np.bool_]) -> Truth:
        """Only the chosen ``(M,)`` marks."""
        return Truth(self.quads[chosen], self.labels[chosen], self.visible[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One photo of a data set: its file, its size ``(width, height)`` and what it shows."""

    path: Path
    size: tuple[int, int]
    truth: Truth

    def image(self) -> ImageArray:
        """The photo as RGB ``uint8 (H, W, 3)``.

        Raises:
            DatasetError: the file is missing or no picture.
        """
        # Unchanged orientation: annotations count pixels of the stored picture, not of the EXIF-turned one.
        found = cv2.imread(str(self.path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if found is None:
            raise DatasetError(
                str(self.path),
                expected="a picture",
                found="a missing or unreadable file",
                cure="Make the data set again.",
            )
        return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class CocoDataset:
    """Photos of one COCO file; ``quads`` says whether marks have ordered corners or only boxes."""

    name: str
    samples: Sequence[Sample]
    quads: bool

    def __len__(self) -> int:
        return len(self.samples)


def read_coco(path: Path) -> CocoDataset:
    """Read a COCO file whose categories are named as `LABELS`.

    Annotations may carry ``quad`` (four ordered corners) and ``visible``; without ``quad`` the corners of the
    box are used, and without ``visible`` a mark is fully visible, or hidden if ``iscrowd``. Annotations of no
    category are look-alikes and are left out.

    Raises:
        DatasetError: no COCO file, an unknown category, or an annotation without a place.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        names = {c["id"]: c["name"] for c in data["categories"]}
        rows: dict[int, list[dict[str, Any]]] = {image["id"]: [] for image in data["images"]}
        for row in data["annotations"]:
            rows[row["image_id"]].append(row)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            str(path),
            expected="a COCO file with images, annotations and categories",
            found=f"{type(error).__name__}: {error}",
            cure="Write it with `lipack synth` or export COCO from the annotation tool.",
        ) from error
    _check_names(path, names)
    samples = [
        Sample(
            _picture(path, image["file_name"]),
            (image["width"], image["height"]),
            _truth(path, rows[image["id"]], names),
        )
        for image in data["images"]
    ]
    quads = all("quad" in row for row in data["annotations"])
    return CocoDataset(path.parent.name, samples, quads)


def _check_names(path: Path, names: dict[int, str]) -> None:
    unknown = sorted(set(names.values()) - set(LABELS))
    if unknown:
        raise DatasetError(
            f"{path}: categories",
            expected=f"names among {', '.join(LABELS)}",
            found=", ".join(unknown),
            cure="Rename or remove these categories.",
        )


def _picture(path: Path, name: str) -> Path:
    beside = path.parent / name
    return beside if beside.exists() else path.parent / "images" / name


def _truth(path: Path, rows: list[dict[str, Any]], names: dict[int, str]) -> Truth:
    kept = [row for row in rows if row.get("category_id") in names]
    quads = np.array([_quad(path, row) for row in kept], np.float32).reshape(-1, 4, 2)
    labels = np.array([LABELS.index(names[row["category_id"]]) for row in kept], np.int64)
    visible = np.array([row.get("visible", 0.0 if row.get("iscrowd") else 1.0) for row in kept], np.float32)
    return Truth(quads, labels, visible)


def _quad(path: Path, row: dict[str, Any]) -> npt.NDArray[np.float32]:
    if "quad" in row:
        return np.asarray(row["quad"], np.float32).reshape(4, 2)
    if len(row.get("bbox", ())) != 4:
        raise DatasetError(
            f"{path}: annotation {row.get('id')}",
            expected="quad or bbox",
            found="neither",
            cure="Annotate its place.",
        )
    x, y, width, height = row["bbox"]
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
