from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.artifact import Preprocessing
from lipack_vision.geometry import is_convex, quad_iou
from lipack_vision.labels.decode import Detection, decode, letterbox, normalise, sigmoid, suppress
from lipack_vision.types import LABELS

SQUARE = np.float32([0, 0, 20, 0, 20, 20, 0, 20])


def scene(*objects: tuple[str, float, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    logits = np.full((len(objects), len(LABELS)), -20, np.float32)
    for row, (label, logit, _) in enumerate(objects):
        logits[row, LABELS.index(label)] = logit
    return logits, np.stack([corners for *_, corners in objects]).astype(np.float32)


def test_doubles_are_removed_and_the_best_comes_first() -> None:
    found = decode(*scene(("class9", 1, SQUARE), ("class9", 3, SQUARE + 1), ("class9", 2, SQUARE + 100)))
    assert [(LABELS[d.index], d.logit) for d in found] == [("class9", 3), ("class9", 2)]


def test_a_diamond_has_one_class_but_a_mark_may_lie_on_a_carton() -> None:
    found = decode(*scene(("class9", 1, SQUARE), ("class9a", 2, SQUARE), ("carton", 1, SQUARE)))
    assert [LABELS[d.index] for d in found] == ["class9a", "carton"]


def test_low_scores_and_impossible_quads_are_dropped() -> None:
    bow_tie = SQUARE[[0, 1, 4, 5, 2, 3, 6, 7]]
    assert decode(*scene(("class9", -5, SQUARE), ("class9", 5, bow_tie))) == []


@pytest.mark.parametrize("iou", [0.2, 0.5])
def test_of_many_overlapping_quads_those_are_kept_that_no_better_one_covers(iou: float) -> None:
    rng = np.random.default_rng(5)
    turned = np.float32([[0, -1], [1, 0], [0, 1], [-1, 0]])
    quads = [
        rng.uniform(0, 60, 2) + turned * rng.uniform(5, 30, 2) + rng.normal(0, 2, (4, 2)) for _ in range(80)
    ]
    found = [
        Detection(0, -float(i), quad.astype(np.float32)) for i, quad in enumerate(quads) if is_convex(quad)
    ]
    kept: list[Detection] = []
    for one in found:
        if all(quad_iou(one.quad, other.quad) <= iou for other in kept):
            kept.append(one)
    assert 5 < len(kept) < 70 < len(found)
    assert suppress(found, iou) == kept


@pytest.mark.parametrize("shape", [(100, 300), (300, 100), (640, 640), (37, 1023)])
def test_letterbox_and_back(shape: tuple[int, int]) -> None:
    height, width = shape
    photo = np.zeros((height, width, 3), np.uint8)
    y, x = height // 3, width // 4
    photo[y - 2 : y + 3, x - 2 : x + 3] = 255
    pre = Preprocessing(width=640, height=512)
    canvas, box = letterbox(photo, pre)
    assert canvas.shape == (512, 640, 3)
    bright = np.argwhere(canvas[:, :, 0] > 200).mean(axis=0)[::-1]
    np.testing.assert_allclose(box.to_photo(np.float32(bright)), (x, y), atol=0.6)


@pytest.mark.parametrize(
    ("shape", "wanted"), [((300, 400), (480, 640)), ((1000, 300), (640, 192)), ((9, 900), (32, 640))]
)
def test_letterbox_of_a_net_for_any_sides_ends_with_the_photo(
    shape: tuple[int, int], wanted: tuple[int, int]
) -> None:
    photo = np.full((*shape, 3), 200, np.uint8)
    canvas, box = letterbox(photo, Preprocessing(width=640, height=640, fixed=False))
    assert canvas.shape == (*wanted, 3)
    assert box.scale == pytest.approx(640 / max(shape))
    whole, _ = letterbox(photo, Preprocessing(width=640, height=640))
    np.testing.assert_array_equal(canvas, whole[: wanted[0], : wanted[1]])


def test_normalise_uses_the_card() -> None:
    pre = Preprocessing(width=32, height=32, mean=(0, 0.5, 1), std=(1, 0.5, 1))
    planes = normalise(np.full((32, 32, 3), 255, np.uint8), pre)
    assert planes.shape == (1, 3, 32, 32)
    np.testing.assert_allclose(planes[0, :, 0, 0], (1, 1, 0), atol=1e-6)


def test_sigmoid_does_not_overflow() -> None:
    np.testing.assert_allclose(sigmoid([-1e4, 0, 1e4]), [0, 0.5, 1])
