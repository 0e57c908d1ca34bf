"""Rendered photos of damage on disk: JPEG files, the truth of each pixel as PNG, and a list of boxes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lipack_vision.errors import DatasetError
from lipack_vision.synth.damage.scene import DamageSettings, render_damage_jpeg
from lipack_vision.synth.damage.types import DamagePhoto, TruthBox
from lipack_vision.synth.rendering import Progress, in_processes, read_list

BOXES = "boxes.json"
SUFFIXES = (".jpg", ".png")
"""Of the photo and of the truth of its pixels."""


def write_damage(
    out: Path,
    count: int,
    seed: int,
    size: tuple[int, int],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    settings: DamageSettings | None = None,
) -> None:
    """Render photos ``seed .. seed + count - 1`` into a folder; the files do not depend on ``jobs``."""
    out.mkdir(parents=True, exist_ok=True)
    work = partial(_write, out=out, first=seed, size=size, settings=settings)
    listed = [[asdict(box) for box in boxes] for boxes in in_processes(work, count, jobs, progress)]
    # Written last: a folder without it is unfinished.
    (out / BOXES).write_text(json.dumps({"seed": seed, "boxes": listed}), encoding="utf-8")


def _write(
    index: int, out: Path, first: int, size: tuple[int, int], settings: DamageSettings | None
) -> tuple[TruthBox, ...]:
    data, photo = render_damage_jpeg(first + index, size, settings)
    (out / f"{index:06d}.jpg").write_bytes(data)
    truth = np.dstack([photo.damage, photo.owner, np.zeros_like(photo.owner)])
    cv2.imwrite(str(out / f"{index:06d}.png"), truth)
    return photo.boxes


@dataclass(frozen=True, slots=True, eq=False)
class DamageFolder:
    """Photos that `write_damage` wrote.

    Attributes:
        folder: where they lie.
        seed: of the first one.
        boxes: of each photo.
    """

    folder: Path
    seed: int
    boxes: tuple[tuple[TruthBox, ...], ...]

    @staticmethod
    def read(folder: Path) -> DamageFolder:
        """Read the list of boxes.

        Raises:
            DatasetError: the folder has no finished data set.
        """

        def parse(stored: dict[str, Any]) -> DamageFolder:
            boxes = tuple(
                tuple(TruthBox(**{**box, "types": tuple(box["types"])}) for box in photo)
                for photo in stored["boxes"]
            )
            return DamageFolder(folder, int(stored["seed"]), boxes)

        return read_list(folder / BOXES, "rendered photos of damage", parse)

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def manifest(self) -> str:
        """SHA-256 over all photos, their truth and the list of boxes."""
        digest = hashlib.sha256((self.folder / BOXES).read_bytes())
        for index in range(len(self)):
            for suffix in SUFFIXES:
                digest.update((self.folder / f"{index:06d}{suffix}").read_bytes())
        return digest.hexdigest()

    def __getitem__(self, index: int) -> DamagePhoto:
        """Photo number ``index``.

        Raises:
            DatasetError: a file is missing or damaged.
        """
        files = [self.folder / f"{index:06d}{suffix}" for suffix in SUFFIXES]
        image = cv2.imread(str(files[0]), cv2.IMREAD_COLOR_RGB)
        truth = cv2.imread(str(files[1]), cv2.IMREAD_COLOR)
        if image is None or truth is None:
            lost = files[0] if image is None else files[1]
            raise DatasetError(str(lost), expected="a picture", found="none", cure="Render them again.")
        damage, owner = (np.asarray(truth[..., channel], np.uint8) for channel in (0, 1))
        return DamagePhoto(np.asarray(image, np.uint8), damage, owner, self.boxes[index], self.seed + index)
