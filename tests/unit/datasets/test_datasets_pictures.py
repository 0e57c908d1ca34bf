"""Photos turned by their EXIF tag, and of other kinds than RGB."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipack_vision.datasets import examine, read_coco
from lipack_vision.errors import DatasetError
from tests.unit.datasets.builders import SIZE, found, picture, save, write_coco


def exif_set(root: Path, orientation: int, told: tuple[int, int] | None, end: str = "jpg") -> Path:
    image = {"id": 0, "file_name": f"a.{end}"}
    if told is not None:
        image |= {"width": told[0], "height": told[1]}
    mark = {"id": 0, "image_id": 0, "category_id": 1, "bbox": [0, 0, 60, 60]}
    categories = [{"id": 1, "name": "class9"}]
    save(root / f"a.{end}", 1, SIZE, orientation, quality=95)
    file = root / "annotations.json"
    file.write_text(json.dumps({"images": [image], "annotations": [mark], "categories": categories}))
    return file


@pytest.mark.parametrize(
    ("orientation", "told", "turned"),
    [
        (1, SIZE, False),
        (1, None, False),
        (6, SIZE, False),
        (6, SIZE[::-1], True),
        (6, None, True),
        (3, SIZE, True),
        (2, None, True),
    ],
)
def test_pixels_before_or_after_the_exif_turn(
    tmp_path: Path, orientation: int, told: tuple[int, int] | None, turned: bool
) -> None:
    sample = read_coco(exif_set(tmp_path, orientation, told)).samples[0]
    assert sample.turned is turned
    upright = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 6: lambda a: np.rot90(a, -1)}
    stored = picture(1)
    wanted = upright[orientation](stored) if turned else stored
    assert sample.size == (wanted.shape[1], wanted.shape[0])
    assert np.abs(sample.image().astype(int) - wanted).mean() < 12
    unsure = told is not None and orientation == 3
    assert (("exif", f"{tmp_path}/annotations.json:1:13") in found(examine(tmp_path), "warning")) is unsure


def test_exif_turn_that_cannot_be_followed(tmp_path: Path) -> None:
    file = exif_set(tmp_path, 6, SIZE[::-1], "webp")
    assert found(examine(tmp_path)) == [("exif", f"{file}:1:13")]
    with pytest.raises(DatasetError, match="EXIF turn 6"):
        read_coco(file)


def test_grey_and_transparent_photos_are_sound(tmp_path: Path) -> None:
    write_coco(tmp_path)
    Image.fromarray(picture(1)).convert("L").save(tmp_path / "images/a.png")
    Image.fromarray(picture(2)).convert("RGBA").save(tmp_path / "images/b.png")
    assert examine(tmp_path).errors == ()
