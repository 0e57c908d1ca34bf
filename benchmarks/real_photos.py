"""Real photos and their boxes, from a folder beside the project that holds nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lipack_vision.datasets import PhotoDataset, read_coco
from lipack_vision.errors import DatasetError
from lipack_vision.image import PHOTO_SUFFIXES

REAL = Path(__file__).parents[2] / "shared" / "data" / "real-dev"


HAZMAT = "hazmat_signs_roboflow"
HAZMAT_NAMES = {"lithium_mark": "battery_mark"}
"""Names of its classes that are not ours."""


def hazard_diamonds(root: Path = REAL) -> PhotoDataset:
    """The boxed hazard diamonds of ``hazmat_signs_roboflow``, as ``other_hazard``; none is class 9."""
    file = _existing(root / HAZMAT) / "annotations.coco.json"
    return read_coco(file, names=HAZMAT_NAMES, annotated=["other_hazard"])


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
