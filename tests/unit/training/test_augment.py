"""Views of photos: corners follow their pixels, nothing is mirrored, boxes stay boxes, all is repeatable."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from omegaconf import OmegaConf
from PIL import Image

from lipack_vision.datasets.types import Sample, Truth
from lipack_vision.errors import ConfigError, DatasetError
from training.build import build
from training.data import augment
from training.data.augment import Augment, Photo
from training.data.warp import WarpSettings, framed, inside_fraction, moved_quads, random_homography, resample

ROOT = Path(__file__).parents[3]
DOTS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255))
RED = (220, 20, 20)
STILL: dict[str, Any] = {"focus": 0, "tilt": 0, "any_angle": 0, "perspective": 0, "mosaic": 0}


def turn(quad: np.ndarray) -> float:
    """Twice the signed area; positive for clockwise corners with y pointing down."""
    x, y = np.asarray(quad, np.float64).T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def truth_of(quads: Any, *, ordered: bool = True, label: int = 0) -> Truth:
    corners = np.array(quads, np.float32).reshape(-1, 4, 2)
    count = len(corners)
    return Truth(corners, np.full(count, label), np.ones(count, np.float32), np.full(count, ordered))


def dotted(width: int = 240, height: int = 200, label: int = 0) -> Photo:
    """A photo with one mark whose corners are dots of four colours."""
    image = np.zeros((height, width, 3), np.uint8)
    quad = np.array([[0.3, 0.25], [0.7, 0.3], [0.65, 0.75], [0.25, 0.7]]) * (width, height)
    quad = quad.round()
    for (x, y), colour in zip(quad, DOTS, strict=True):
        cv2.circle(image, (int(x), int(y)), height // 22, colour, -1)
    return image, truth_of(quad, label=label)


def boxed(label: int = 0) -> Photo:
    """A photo with a red rectangle of which only the box is known."""
    image = np.zeros((300, 400, 3), np.uint8)
    image[90:190, 120:280] = RED
    edges = [[119.5, 89.5], [279.5, 89.5], [279.5, 189.5], [119.5, 189.5]]
    return image, truth_of(edges, ordered=False, label=label)


def red_box(image: np.ndarray) -> list[float] | None:
    """Edges x0, y0, x1, y1 around the red pixels."""
    ys, xs = np.nonzero((image[..., 0] > 167) & (image[..., 1] < 67))
    return [xs.min() - 0.5, ys.min() - 0.5, xs.max() + 0.5, ys.max() + 0.5] if len(xs) else None


def dots_found(image: np.ndarray, quad: np.ndarray, frame: tuple[int, int, int]) -> int:
    """How many corners lie well inside the frame; each of them must lie on its dot."""
    x0, y0, side = frame
    found = 0
    for (x, y), colour in zip(quad, DOTS, strict=True):
        if x0 + 3 < x < x0 + side - 4 and y0 + 3 < y < y0 + side - 4:
            assert np.abs(image[round(float(y)), round(float(x))].astype(int) - colour).max() < 90
            found += 1
    return found


def views(made: Augment, photo: Photo, count: int, size: int = 160) -> Iterator[Photo]:
    for seed in range(count):
        yield made(np.random.default_rng(seed), lambda: photo, size)


def test_corners_follow_their_pixels_through_the_pipeline() -> None:
    settings = WarpSettings(zoom=(0.3, 0.9), zoom_at=None, any_angle=0.5, perspective=0.3, mosaic=0)
    found = sum(
        dots_found(image, quad, (0, 0, 160))
        for image, truth in views(Augment(settings, 0), dotted(), 60)
        for quad in truth.quads
    )
    assert found > 100


def test_corners_follow_their_pixels_into_every_tile_of_a_mosaic() -> None:
    made = Augment(WarpSettings(zoom=(0.5, 1.0), zoom_at=None, any_angle=0.5, perspective=0.3, mosaic=1), 0)
    found = np.zeros(4, int)
    for seed in range(30):
        photos = iter([dotted(240 - 20 * tile, 200, tile) for tile in range(4)])
        image, truth = made(np.random.default_rng(seed), lambda it=photos: next(it), 160)
        for quad, tile in zip(truth.quads, truth.labels, strict=True):
            found[tile] += dots_found(image, quad, (80 * (tile % 2), 80 * (tile // 2), 80))
    assert (found > 20).all()


def test_nothing_is_ever_mirrored() -> None:
    settings = WarpSettings(zoom_at=None, any_angle=0.5, perspective=0.8, tilt=90, mosaic=0.3)
    seen = 0
    for _, truth in views(Augment(settings), dotted(), 100):
        assert all(turn(quad) > 0 for quad in truth.quads)
        seen += len(truth)
    assert seen > 60


def steps(node: Any) -> Iterator[Any]:
    for child in node.transforms:
        yield child
        if isinstance(child, augment.alb.BaseCompose):
            yield from steps(child)


def test_only_the_view_moves_pixels() -> None:
    first, *others = steps(Augment(WarpSettings()).pipeline)
    assert isinstance(first, augment.View)
    assert len(others) >= 8
    assert all(isinstance(step, augment.alb.ImageOnlyTransform | augment.alb.OneOf) for step in others)


def test_corners_outside_the_view_are_kept() -> None:
    processor = Augment(WarpSettings()).pipeline.processors["keypoints"]
    assert processor.params.remove_invisible is False


def test_boxes_stay_tight_whatever_quarter_they_are_turned_by() -> None:
    made = Augment(WarpSettings(zoom=(0.4, 1.5), zoom_at=None, focus=0.5, any_angle=1, mosaic=0), 0)
    whole, cut, shapes = 0, 0, set()
    for image, truth in views(made, boxed(), 120):
        around = red_box(image)
        if not len(truth) or around is None:
            assert around is None or min(around[2] - around[0], around[3] - around[1]) <= 2
            continue
        (x0, y0), _, (x1, y1), _ = truth.quads[0]
        assert truth.quads[0].tolist() == [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
        assert np.abs(np.array([x0, y0, x1, y1]) - around).max() < 2.1
        assert x0 >= -0.5
        assert max(x1, y1) <= 159.5
        if truth.visible[0] == pytest.approx(1, abs=1e-3):
            shapes.add(x1 - x0 > y1 - y0)
            whole += 1
        cut += truth.visible[0] < 0.9
    assert whole > 30
    assert cut > 30
    assert shapes == {True, False}


def test_a_photo_with_one_mere_box_is_neither_turned_nor_tilted() -> None:
    both = Truth.joined([dotted()[1], boxed()[1]])
    settings = WarpSettings(tilt=30, any_angle=0.5, perspective=0.5)
    for seed in range(30):
        matrix = random_homography(np.random.default_rng(seed), (400, 300), 160, both, settings, 0.5)
        assert np.array_equal(matrix[2], [0, 0, 1])
        assert sorted(np.abs(matrix[:2, :2]).ravel() > 0) == [False, False, True, True]
        assert np.linalg.det(matrix) > 0


def test_each_tile_of_a_mosaic_follows_the_rule_of_its_own_photo() -> None:
    made = Augment(WarpSettings(zoom=(0.6, 0.7), zoom_at=None, tilt=25, any_angle=0, mosaic=1), 0)
    turned = 0
    for seed in range(20):
        photos = iter([boxed(0), dotted(label=1), boxed(2), dotted(label=3)])
        _, truth = made(np.random.default_rng(seed), lambda it=photos: next(it), 200)
        for quad, label, ordered in zip(truth.quads, truth.labels, truth.ordered, strict=True):
            assert ordered == (label % 2 == 1)
            if not ordered:
                assert len(np.unique(quad[:, 0])) == len(np.unique(quad[:, 1])) == 2
                assert (quad >= (100 * (label % 2) - 0.5, 100 * (label // 2) - 0.5)).all()
            turned += ordered
    assert turned > 20


def test_visible_falls_by_what_the_frame_cuts_off() -> None:
    quad = np.array([[-5.5, 10], [4.5, 10], [4.5, 20], [-5.5, 20]], np.float32)
    assert inside_fraction(quad, 64, 64) == pytest.approx(0.5)
    truth = Truth(quad[None], np.array([2]), np.full(1, 0.8, np.float32), np.ones(1, bool))
    kept = framed(truth, truth.quads, (0, 0, 64))
    assert kept.visible.tolist() == pytest.approx([0.4])
    assert np.array_equal(kept.quads, truth.quads)
    assert len(framed(truth, truth.quads - 100, (0, 0, 64))) == 0
    mere = framed(truth_of(quad, ordered=False), quad[None], (0, 0, 64))
    assert mere.quads[0].tolist() == [[-0.5, 10], [4.5, 10], [4.5, 20], [-0.5, 20]]


def test_marks_that_reach_behind_the_horizon_are_left_out() -> None:
    quads = np.array(
        [[[10, 10], [30, 10], [30, 30], [10, 30]], [[10, 10], [90, 10], [90, 30], [10, 30]]], np.float32
    )
    matrix = np.array([[1, 0, 0], [0, 1, 0], [-0.0125, 0, 1]])
    moved = moved_quads(quads, matrix)
    assert np.isnan(moved).all(axis=(1, 2)).tolist() == [False, True]
    assert len(framed(truth_of(quads), moved, (0, 0, 64))) == 1


def test_a_photo_without_marks_and_a_view_beside_the_photo_are_fine() -> None:
    empty = np.full((50, 80, 3), 9, np.uint8), truth_of([])
    for image, truth in views(Augment(WarpSettings(mosaic=0.5)), empty, 10, 64):
        assert image.shape == (64, 64, 3)
        assert len(truth) == 0
        assert truth.quads.shape == (0, 4, 2)
    aside = resample(empty[0], np.array([[1, 0, 500], [0, 1, 0], [0, 0, 1.0]]), 64, 1.0)
    assert (aside == 114).all()


def test_zoom_goes_by_the_size_of_the_photo() -> None:
    large, truth = dotted(960, 800)
    small = cv2.resize(large, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    small_truth = truth_of((truth.quads + 0.5) / 4 - 0.5)
    made = Augment(WarpSettings(zoom=(0.6, 0.9), **STILL), 0)
    for seed in range(5):
        image, moved = made(np.random.default_rng(seed), lambda: (large, truth), 160)
        other, other_moved = made(np.random.default_rng(seed), lambda: (small, small_truth), 160)
        np.testing.assert_allclose(moved.quads, other_moved.quads, atol=2)
        # Edges of the smaller photo are softer.
        assert np.abs(image.astype(int) - other).mean() < 3
    plain = WarpSettings(zoom=(0.5, 0.5), zoom_at=None)
    assert plain.scale(np.random.default_rng(0), (4000, 3000)) == pytest.approx(0.5)
    assert plain.enough((4000, 3000)) == 1


def digest(made: Augment) -> str:
    total = hashlib.sha256()
    for image, truth in views(made, dotted(), 12, 96):
        total.update(image.tobytes() + truth.quads.tobytes() + truth.visible.tobytes())
    return total.hexdigest()


def test_the_same_random_state_gives_the_same_view_in_every_process() -> None:
    here = digest(Augment(WarpSettings(mosaic=0.3)))
    used = Augment(WarpSettings(mosaic=0.3))
    list(views(used, dotted(), 5))
    assert digest(used) == here
    code = "from tests.unit.training.test_augment import *\nprint(digest(Augment(WarpSettings(mosaic=0.3))))"
    there = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def whole(image: np.ndarray, strength: float) -> Callable[[int], np.ndarray]:
    """The changes of colour alone: photo and view are of one size."""
    side = image.shape[0]
    made = Augment(WarpSettings(zoom=(1, 1), zoom_at=side, **STILL), strength)
    made.pipeline.transforms = made.pipeline.transforms[1:]
    return lambda seed: made(np.random.default_rng(seed), lambda: (image, truth_of([])), side)[0]


def test_light_and_lens_change_colours_not_places() -> None:
    image = np.full((64, 64, 3), 200, np.uint8)
    image[20:40, 20:40] = 30
    change, keep = whole(image, 2.0), whole(image, 0.0)
    for seed in range(30):
        out = change(seed)
        assert out.shape == image.shape
        assert out.dtype == np.uint8
        assert out[25:35, 25:35].mean() < out[2:15, 2:60].mean()
        assert np.array_equal(keep(seed), image)


def test_the_steps_act_independently_of_each_other() -> None:
    image = np.random.default_rng(0).integers(40, 200, (64, 64, 3), np.uint8)
    change = whole(image, 1.0)
    same = sum(np.array_equal(change(seed), image) for seed in range(60))
    # All of eight steps stay away from 5 views in 100; from 50 if they drew the same numbers.
    assert same < 12


def test_hazard_colours_stay_what_they_are() -> None:
    patches = {"red": (215, 30, 35), "orange": (240, 120, 20), "yellow": (250, 215, 20), "blue": (9, 80, 170)}
    hues: dict[str, np.ndarray] = {}
    for name, colour in patches.items():
        change = whole(np.full((32, 32, 3), colour, np.uint8), 1.0)
        means = np.array([[change(seed).mean(axis=(0, 1))] for seed in range(100)], np.float32) / 255
        found = cv2.cvtColor(means, cv2.COLOR_RGB2HSV)[..., 0].ravel()
        # Overexposed orange is yellow on real photos as well; 19 of 20 views stay clear of that.
        hues[name] = np.quantile((found + 90) % 360 - 90, (0.05, 0.95))
    for low, high in (("red", "orange"), ("orange", "yellow"), ("yellow", "blue")):
        assert hues[low][1] + 5 < hues[high][0], (low, high)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"zoom": (2.0, 1.0)}, "lesser first"),
        ({"zoom": (0.0, 1.0)}, "above 0"),
        ({"zoom": (1.0,)}, "two numbers"),
        ({"zoom_at": 0}, "pixels"),
        ({"focus": 1.2}, "focus"),
        ({"any_angle": -0.1}, "any_angle"),
        ({"mosaic": float("nan")}, "mosaic"),
        ({"tilt": -1}, "tilt"),
        ({"perspective": 1.0}, "perspective"),
    ],
)
def test_meaningless_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WarpSettings(**settings)


def test_a_negative_strength_is_refused() -> None:
    with pytest.raises(ConfigError, match="strength"):
        Augment(WarpSettings(), -1)


@pytest.mark.parametrize("name", ["default", "none"])
def test_configurations_build(name: str) -> None:
    made = build(OmegaConf.load(ROOT / "configs" / "augment" / f"{name}.yaml"))
    assert isinstance(made, Augment)
    image, truth = made(np.random.default_rng(0), lambda: dotted(640, 640), 384)
    assert image.shape == (384, 384, 3)
    if name == "none":
        assert len(truth) == 1
        assert truth.visible.tolist() == [1]


def sample(path: Path, photo: Photo, *, turned: bool = False) -> Sample:
    image, truth = photo
    return Sample(path, (image.shape[1], image.shape[0]), truth, np.ones(8, bool), turned)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_large_jpegs_are_read_at_the_size_that_is_needed(tmp_path: Path, suffix: str) -> None:
    photo = dotted(1203, 1001)
    path = tmp_path / f"large{suffix}"
    Image.fromarray(photo[0]).save(path, quality=95)
    made = Augment(WarpSettings(zoom=(0.5, 2.0), zoom_at=150))
    image, truth = made.read(sample(path, photo))
    assert image.shape[:2] == ((251, 301) if suffix == ".jpg" else (1001, 1203))
    assert dots_found(image, truth.quads[0], (0, 0, min(image.shape[:2]))) >= 3
    full, same = Augment(WarpSettings(zoom=(0.5, 2.0), zoom_at=640)).read(sample(path, photo))
    assert full.shape == photo[0].shape
    assert np.array_equal(same.quads, photo[1].quads)


@pytest.mark.parametrize("turned", [True, False])
def test_reduced_photos_lie_as_their_annotations_say(tmp_path: Path, turned: bool) -> None:
    upright = dotted(1200, 1000)
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 3
    stored = np.rot90(upright[0]) if turned else upright[0]
    Image.fromarray(np.ascontiguousarray(stored)).save(path, quality=95, exif=exif)
    made = Augment(WarpSettings(zoom=(0.5, 1.0), zoom_at=300))
    image, truth = made.read(sample(path, upright, turned=turned))
    assert image.shape == (250, 300, 3)
    assert dots_found(image, truth.quads[0], (0, 0, 250)) == 4


def test_a_missing_photo_is_named(tmp_path: Path) -> None:
    large = sample(tmp_path / "gone.jpg", dotted(4000, 3000))
    with pytest.raises(DatasetError, match=r"gone\.jpg"):
        Augment(WarpSettings()).read(large)
