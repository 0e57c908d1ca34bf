"""Draws and batches: the same number is the same view, and what is known of each mark stays with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.datasets import PhotoDataset, Truth, read_coco
from lipack_vision.errors import DatasetError
from lipack_vision.types import LABELS
from tests.helpers.marks_pictures import write_pictures
from training.data.augment import Augment
from training.data.batches import MarksDraws, ignored_marks
from training.data.rendered import cache_folder, rendered_marks
from training.data.warp import WarpSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures"), count=4, seed=3, side=160)


@pytest.fixture(scope="module")
def dataset(folder: Path) -> PhotoDataset:
    return read_coco(folder / "annotations.json")


def draws(dataset: PhotoDataset, seed: int = 7, strength: float = 0.0) -> MarksDraws:
    return MarksDraws(dataset, 64, seed, Augment(WarpSettings(), strength))


def test_hidden_and_tiny_marks_are_ignored() -> None:
    square = np.array([[0, 0], [20, 0], [20, 20], [0, 20]], np.float32)
    thin = np.array([[0, 0], [20, 0], [20, 6], [0, 6]], np.float32)
    visible = np.array([1, 0.3, 1], np.float32)
    truth = Truth(np.stack([square, square, thin]), np.zeros(3, np.int64), visible, np.ones(3, bool))
    assert ignored_marks(truth).tolist() == [False, True, True]
    assert ignored_marks(truth, 2.0).tolist() == [False, True, False]


def test_a_draw_number_is_always_the_same_picture(dataset: PhotoDataset) -> None:
    one, two = draws(dataset, strength=1.0), draws(dataset, strength=1.0)
    first = [one[n].image for n in (0, 5, 9)]
    again = [two[n].image for n in (9, 5, 0)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], draws(dataset, seed=8, strength=1.0)[0].image)


def test_batches_keep_marks_and_what_is_known_of_them_apart(dataset: PhotoDataset) -> None:
    views = draws(dataset)
    batch = MarksDraws.collate([views[0], views[1]])
    assert len(batch) == 2
    assert batch.images.shape == (2, 3, 64, 64)
    assert [q.shape[1] for q in batch.quads] == [8, 8]
    assert [len(q) for q in batch.quads] == [len(o) for o in batch.ordered] == [len(i) for i in batch.ignored]
    assert batch.asked.shape == (2, len(LABELS))
    moved = batch.to("cpu")
    assert moved.images.equal(batch.images)
    assert moved.asked.equal(batch.asked)


def test_a_view_asks_only_what_its_data_set_asks(folder: Path) -> None:
    views = draws(read_coco(folder / "annotations.json", annotated=["class9", "carton"]))
    assert {LABELS[i] for i in np.flatnonzero(views[0].asked)} == {"class9", "carton"}


def test_no_photos_are_no_training_data() -> None:
    with pytest.raises(DatasetError, match="at least one photo"):
        draws(PhotoDataset("empty", [], ""))


def test_rendered_photos_are_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPACK_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    first = rendered_marks(1, 11, (160, 160), jobs=1)
    stamp = first.samples[0].path.stat().st_mtime_ns
    again = rendered_marks(1, 11, (160, 160), jobs=1)
    assert again.samples[0].path.stat().st_mtime_ns == stamp
    assert first.samples[0].image().shape == (160, 160, 3)
    assert len(list(tmp_path.iterdir())) == 1
    assert max((int(s.truth.labels.max()) for s in first.samples if len(s.truth)), default=0) < len(LABELS)


def test_photos_without_marks_are_moved_like_the_others_of_their_data_set(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "boxes")
    path = tmp_path / "boxes" / "annotations.json"
    data = json.loads(path.read_text())
    data["annotations"] = [r for r in data["annotations"] if r["image_id"]]
    for row in data["annotations"]:
        del row["quad"]
    path.write_text(json.dumps(data))
    boxed = read_coco(path)
    settings = WarpSettings(any_angle=0.0, tilt=30.0, mosaic=0.0)
    views = MarksDraws(boxed, 64, 1, Augment(settings, 0.0))
    empty = [n for n in range(40) if views.source.pick(1, n)[1] == 0]
    # Upright edges of the photo: a row of the view is all photo or all border in the middle columns.
    for number in empty[:5]:
        grey = (views[number].image == 114).all(axis=0)
        assert all(len(set(row)) == 1 for row in grey[:, 30:34])
