"""Splits and manifests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipack_vision.datasets import PhotoDataset, examine, read_coco, read_parts
from lipack_vision.errors import ConfigError
from tests.unit.datasets.builders import coco_dict, picture, save, write_coco, write_photos

PARTS = ("train", "validation", "test")


def flat_set(root: Path, names: list[str], scene: Callable[[str], str] = lambda name: name) -> Path:
    """Photos in one folder; those of the same scene differ only in brightness and a little noise."""
    for index, name in enumerate(names):
        image = picture(int.from_bytes(scene(name).encode(), "big")).astype(np.float64)
        noise = np.random.default_rng(index).normal(0, 2, image.shape)
        (root / "images").mkdir(parents=True, exist_ok=True)
        seen = np.clip(image * (0.7 + 0.02 * index) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(seen).save(root / f"images/{name}.png")
    file = root / "annotations.json"
    file.write_text(json.dumps(coco_dict({name: [("class9", 8, 8, 40, 40)] for name in names})))
    return file


def stems(parts: dict[str, PhotoDataset]) -> dict[str, list[str]]:
    return {key: [sample.path.stem for sample in part.samples] for key, part in parts.items()}


def test_split_is_the_same_wherever_and_in_whatever_order(tmp_path: Path) -> None:
    names = [f"p{i:02}" for i in range(20)]
    flat_set(tmp_path / "one", names)
    flat_set(tmp_path / "two", names)
    file = tmp_path / "two/annotations.json"
    data = json.loads(file.read_text())
    data["images"].reverse()
    file.write_text(json.dumps(data, indent=1))
    first, second = read_parts(tmp_path / "one", seed=4), read_parts(tmp_path / "two", seed=4)
    assert stems(first) == stems(second)
    assert stems(first) != stems(read_parts(tmp_path / "one", seed=5))
    assert all(len(first[key]) for key in PARTS)
    assert len(first["train"]) > len(first["validation"]) + len(first["test"])
    assert sorted(stem for part in stems(first).values() for stem in part) == names


def test_near_duplicates_stay_together(tmp_path: Path) -> None:
    names = [f"{scene}{i}" for scene in "abcdef" for i in range(3)]
    flat_set(tmp_path, names, scene=lambda name: name[0])
    assert examine(tmp_path).summary.near_groups == 6
    for seed in range(3):
        parts = stems(read_parts(tmp_path, seed=seed, split=(0.5, 0.25, 0.25)))
        scenes = [{name[0] for name in photos} for photos in parts.values()]
        assert sum(map(len, scenes)) == 6
        assert all(scenes)


def test_each_part_with_a_share_gets_a_photo_and_groups_stay_whole(tmp_path: Path) -> None:
    flat_set(tmp_path, ["a1", "a2", "a3", "a4", "b1", "c1"], scene=lambda name: name[0])
    for seed in range(4):
        parts = stems(read_parts(tmp_path, seed=seed))
        assert sorted(map(sorted, parts.values())) == [["a1", "a2", "a3", "a4"], ["b1"], ["c1"]]
    assert read_parts(tmp_path, split=(0.9, 0, 0.1))["validation"].samples == []


def test_photos_added_later_move_no_other(tmp_path: Path) -> None:
    names = [f"p{i:02}" for i in range(40)]
    flat_set(tmp_path / "few", names[:30])
    flat_set(tmp_path / "more", names)
    few, more = stems(read_parts(tmp_path / "few")), stems(read_parts(tmp_path / "more"))
    assert all(set(few[key]) <= set(more[key]) for key in PARTS)


@pytest.mark.parametrize("split", [(0.5, 0.5), (0.9, 0.2, -0.1), (0.7, 0.2, 0.2), (float("nan"), 0.5, 0.5)])
def test_split_that_is_none(tmp_path: Path, split: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"data\.split"):
        read_parts(tmp_path, split=split)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_coco(tmp_path)
    return tmp_path


def test_manifest_ignores_order_ids_and_layout_of_the_file(folder: Path, tmp_path: Path) -> None:
    before = read_coco(folder).manifest
    data = coco_dict()
    data["images"].reverse()
    data["annotations"].reverse()
    data["info"] = {"year": 2024}
    for entry in data["annotations"]:
        entry["id"] += 100
    (folder / "annotations.json").write_text(json.dumps(data, indent=3))
    assert read_coco(folder).manifest == before
    assert examine(folder).summary.manifest == before
    assert len(before) == 64
    folder.rename(tmp_path.parent / f"{tmp_path.name}-moved")
    assert read_coco(tmp_path.parent / f"{tmp_path.name}-moved").manifest == before


def test_manifest_sees_every_change(folder: Path) -> None:
    seen = [read_coco(folder).manifest]
    file = folder / "annotations.json"

    def changed(**options: object) -> None:
        seen.append(read_coco(folder, **options).manifest)  # type: ignore[arg-type]

    data = coco_dict()
    for change in (
        lambda: data["annotations"][0].update(bbox=[32, 16, 32, 16.001]),
        lambda: data["annotations"][0].update(visible=0.5),
        lambda: data["annotations"][0].update(category_id=2),
        lambda: data["annotations"][0].update(quad=[[32, 16], [64, 16], [64, 32], [32, 32]]),
        lambda: data["annotations"].pop(),
        lambda: data["categories"].append({"id": 3, "name": "carton"}),
        lambda: data["images"].pop(),
    ):
        change()
        file.write_text(json.dumps(data))
        changed()
    changed(names={"class9": "class9a"})
    changed(annotated=["class9"])
    pixels = np.asarray(Image.open(folder / "images/a.png")).copy()
    pixels[5, 5, 0] ^= 1
    Image.fromarray(pixels).save(folder / "images/a.png")
    changed()
    assert len(set(seen)) == len(seen) == 11


def test_manifest_covers_names_of_files(folder: Path) -> None:
    before = read_coco(folder).manifest
    file = folder / "annotations.json"
    file.write_text(file.read_text().replace("a.png", "z.png"))
    (folder / "images/a.png").rename(folder / "images/z.png")
    assert read_coco(folder).manifest != before


def test_given_parts_are_kept_and_have_manifests_of_their_own(tmp_path: Path) -> None:
    for part, name in (("train", "a"), ("test", "b")):
        write_photos(tmp_path / part, [name])
        (tmp_path / part / "_annotations.coco.json").write_text(json.dumps(coco_dict({name: []}, "")))
    parts = read_parts(tmp_path, split=(0, 0, 1))
    assert stems(parts) == {"train": ["a"], "validation": [], "test": ["b"]}
    assert len({part.manifest for part in parts.values()}) == 3
    save(tmp_path / "test/b.png", 77)
    assert read_parts(tmp_path)["train"].manifest == parts["train"].manifest
    assert read_parts(tmp_path)["test"].manifest != parts["test"].manifest
