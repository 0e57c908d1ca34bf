"""Reading, moving and batching pictures: corners keep their order and nothing is mirrored."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import DatasetError
from lipack_vision.types import LABELS
from tests.helpers.marks_pictures import write_pictures
from training.data.augment import Photometric
from training.data.batches import MarksDraws, Numbers, collate, ignored_marks, loader
from training.data.coco import Truth, read_coco
from training.data.rendered import cache_folder, rendered_marks
from training.data.warp import WarpSettings, inside_fraction, random_homography, random_view, warp


def turn(quad: np.ndarray) -> float:
    """Twice the signed area; positive for clockwise corners with y pointing down."""
    x, y = np.asarray(quad, np.float64).T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures"), count=4, seed=3, side=160)


def test_coco_gives_ordered_corners_and_leaves_look_alikes_out(folder: Path) -> None:
    dataset = read_coco(folder / "annotations.json")
    assert dataset.quads
    assert all(turn(q) > 0 for s in dataset.samples for q in s.truth.quads)
    data = json.loads((folder / "annotations.json").read_text())
    data["annotations"] = [{**row, "category_id": None} for row in data["annotations"]]
    (folder / "none.json").write_text(json.dumps(data))
    assert sum(len(s.truth) for s in read_coco(folder / "none.json").samples) == 0
    (folder / "none.json").unlink()


def test_boxes_serve_for_measuring_but_not_for_training(folder: Path) -> None:
    data = json.loads((folder / "annotations.json").read_text())
    for row in data["annotations"]:
        del row["quad"]
        row["bbox"] = [10, 20, 30, 40]
    (folder / "boxes.json").write_text(json.dumps(data))
    dataset = read_coco(folder / "boxes.json")
    (folder / "boxes.json").unlink()
    assert not dataset.quads
    assert dataset.samples[0].truth.quads[0].tolist() == [[10, 20], [40, 20], [40, 60], [10, 60]]
    with pytest.raises(DatasetError, match="ordered corners"):
        MarksDraws(dataset, 64, 0, WarpSettings(), Photometric(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"categories": [{"id": 1, "name": "banana"}]}, "banana"),
        ({"annotations": [{"image_id": 77}]}, "KeyError"),
        ({"annotations": [{"image_id": 0, "category_id": 1}]}, "quad or bbox"),
    ],
)
def test_wrong_files_are_named(folder: Path, tmp_path: Path, change: dict[str, object], message: str) -> None:
    data = json.loads((folder / "annotations.json").read_text()) | change
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(data))
    with pytest.raises(DatasetError, match=message):
        read_coco(path)


def test_random_views_keep_order_and_never_mirror(folder: Path) -> None:
    dataset = read_coco(folder / "annotations.json")
    settings = WarpSettings(any_angle=0.5, perspective=0.3, mosaic=0.3)
    seen = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sample = dataset.samples[seed % 4]
        image, truth = random_view(rng, lambda s=sample: (s.image(), s.truth), 96, settings)
        assert image.shape == (96, 96, 3)
        assert all(turn(q) > 0 for q in truth.quads)
        seen += len(truth)
    assert seen > 100


def test_corners_move_with_the_picture() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    quad = np.array([[60, 50], [140, 60], [130, 150], [50, 140]], np.float32)
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    for (x, y), colour in zip(quad, colours, strict=True):
        cv2.circle(image, (int(x), int(y)), 7, colour, -1)
    truth = Truth(quad[None], np.array([0]), np.ones(1, np.float32))
    for seed in range(20):
        rng = np.random.default_rng(seed)
        zoom = float(rng.uniform(0.5, 0.9))
        matrix = random_homography(rng, (200, 200), 160, truth, WarpSettings(focus=1.0), zoom)
        out, moved = warp(image, truth, matrix, 160, zoom)
        for (x, y), colour in zip(moved.quads[0] if len(moved) else (), colours, strict=False):
            if 3 < x < 156 and 3 < y < 156:
                assert np.abs(out[round(float(y)), round(float(x))].astype(int) - colour).max() < 60


def test_visible_falls_by_what_the_frame_cuts_off() -> None:
    quad = np.array([[-5.5, 10], [4.5, 10], [4.5, 20], [-5.5, 20]], np.float32)
    assert inside_fraction(quad, 64, 64) == pytest.approx(0.5)
    truth = Truth(quad[None], np.array([2]), np.ones(1, np.float32))
    _, moved = warp(np.zeros((64, 64, 3), np.uint8), truth, np.eye(3), 64, 1.0)
    assert moved.visible.tolist() == pytest.approx([0.5])
    gone = Truth(quad[None] - 100, np.array([2]), np.ones(1, np.float32))
    assert len(warp(np.zeros((64, 64, 3), np.uint8), gone, np.eye(3), 64, 1.0)[1]) == 0


def test_marks_that_reach_behind_the_horizon_are_left_out() -> None:
    quads = np.array(
        [[[10, 10], [30, 10], [30, 30], [10, 30]], [[10, 10], [90, 10], [90, 30], [10, 30]]], np.float32
    )
    truth = Truth(quads, np.array([0, 1]), np.ones(2, np.float32))
    matrix = np.array([[1, 0, 0], [0, 1, 0], [-0.0125, 0, 1]])
    _, moved = warp(np.zeros((64, 64, 3), np.uint8), truth, matrix, 64, 1.0)
    assert moved.labels.tolist() == [0]


def test_hidden_and_tiny_marks_are_ignored() -> None:
    square = np.array([[0, 0], [20, 0], [20, 20], [0, 20]], np.float32)
    thin = np.array([[0, 0], [20, 0], [20, 6], [0, 6]], np.float32)
    truth = Truth(np.stack([square, square, thin]), np.zeros(3, np.int64), np.array([1, 0.3, 1], np.float32))
    assert ignored_marks(truth).tolist() == [False, True, True]
    assert ignored_marks(truth, 2.0).tolist() == [False, True, False]


def test_a_draw_number_is_always_the_same_picture(folder: Path) -> None:
    dataset = read_coco(folder / "annotations.json")
    one = MarksDraws(dataset, 64, 7, WarpSettings(), Photometric(1.0))
    two = MarksDraws(dataset, 64, 7, WarpSettings(), Photometric(1.0))
    first = [one[n][0] for n in (0, 5, 9)]
    again = [two[n][0] for n in (9, 5, 0)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], MarksDraws(dataset, 64, 8, WarpSettings(), Photometric(1.0))[0][0])


def test_every_photo_comes_once_per_epoch(folder: Path) -> None:
    draws = MarksDraws(read_coco(folder / "annotations.json"), 64, 7, WarpSettings(), Photometric(0))
    assert sorted(draws._order(0).tolist()) == [0, 1, 2, 3]
    assert sorted(draws._order(1).tolist()) == [0, 1, 2, 3]


def test_a_resumed_loader_goes_on_where_it_stopped(folder: Path) -> None:
    draws = MarksDraws(read_coco(folder / "annotations.json"), 64, 7, WarpSettings(), Photometric(0))
    whole = iter(loader(draws, 2, 0))
    next(whole)
    second = next(whole)
    resumed = next(iter(loader(draws, 2, 0, first_step=1)))
    assert second.images.equal(resumed.images)
    assert next(iter(Numbers(3, 6))) == [6, 7, 8]


def test_batches_keep_marks_apart(folder: Path) -> None:
    draws = MarksDraws(read_coco(folder / "annotations.json"), 64, 7, WarpSettings(), Photometric(0))
    batch = collate([draws[0], draws[1]])
    assert batch.images.shape == (2, 3, 64, 64)
    assert [q.shape[1] for q in batch.quads] == [8, 8]
    assert [len(q) for q in batch.quads] == [len(label) for label in batch.labels]


def test_photometric_changes_colours_not_places() -> None:
    image = np.full((64, 64, 3), 200, np.uint8)
    image[20:40, 20:40] = 30
    chain = Photometric(2.0)
    changed = 0
    for seed in range(20):
        out = chain(np.random.default_rng(seed), image)
        assert out.shape == image.shape
        assert out.dtype == np.uint8
        changed += int(not np.array_equal(out, image))
        assert out[25:35, 25:35].mean() < out[2:15, 2:60].mean()
    assert changed >= 10
    assert np.array_equal(Photometric(0)(np.random.default_rng(0), image), image)


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
