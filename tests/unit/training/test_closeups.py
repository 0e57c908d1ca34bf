from __future__ import annotations

import numpy as np
import pytest
import torch

from lipack_vision.datasets import PhotoDataset, Sample
from lipack_vision.geometry import transform
from lipack_vision.labels.closeup import CLOSEUP_LABELS, GREY, Frame
from lipack_vision.labels.corners import corner_pixels
from lipack_vision.nets.closeup import HEAT_STRIDE, CloseupNet
from tests.helpers.marks_pictures import write_pictures
from tests.helpers.truth_samples import sample, square
from training.data.closeups import (
    NOTHING,
    UNTOLD,
    CloseupBatch,
    CloseupDraws,
    CloseupSettings,
    choose_frame,
    leant,
    told,
)
from training.data.hiding import MOST, covered, cut_off, misexposed
from training.data.rendered import rendered_marks
from training.tasks.closeups_loss import CloseupsLoss

SIZE = 64


MARK = ("class9a", square(200, 200, 50))
ABOUT = Frame.around(np.array(MARK[1]))
ELSEWHERE = Frame(500, 100, 70)


def test_a_mark_in_the_middle_is_what_the_picture_shows() -> None:
    label, corners = told(sample(MARK), ABOUT, SIZE)
    assert CLOSEUP_LABELS[label] == "class9a"
    np.testing.assert_allclose(corners.mean(axis=0), (SIZE - 1) / 2, atol=0.01)
    np.testing.assert_allclose(np.ptp(corners, axis=0), SIZE / 1.4, atol=0.01)


def test_the_mark_nearest_to_the_middle_counts() -> None:
    beside = ("class9", square(215, 200, 50))
    label, _ = told(sample(beside, MARK), ABOUT, SIZE)
    assert CLOSEUP_LABELS[label] == "class9a"


@pytest.mark.parametrize(
    ("shown", "frame"),
    [
        (sample(), ABOUT),
        (sample(MARK), ELSEWHERE),
        (sample(("carton", square(200, 200, 50))), ABOUT),
        (sample(lookalikes=(MARK[1],)), ABOUT),
        (sample(MARK), Frame(ABOUT.x, ABOUT.y, 1000)),
        (sample(MARK), Frame(ABOUT.x, ABOUT.y, 15)),
    ],
    ids=["empty", "elsewhere", "carton", "look-alike", "far away", "a small part"],
)
def test_no_mark_in_the_middle_is_nothing(shown: Sample, frame: Frame) -> None:
    label, corners = told(shown, frame, SIZE)
    assert label == NOTHING
    assert np.isnan(corners).all()


@pytest.mark.parametrize(
    ("shown", "frame"),
    [
        (sample(MARK, visible=0.1), ABOUT),
        (sample(("un_mark", square(200, 200, 4))), Frame.around(np.array(square(200, 200, 4)))),
        (sample(MARK), Frame(ABOUT.x + 25, ABOUT.y, ABOUT.width)),
        (sample(asked=False), ELSEWHERE),
    ],
    ids=["hidden", "tiny", "half in view", "nobody was asked"],
)
def test_what_nobody_can_tell_is_untold(shown: Sample, frame: Frame) -> None:
    assert told(shown, frame, SIZE)[0] == UNTOLD


def test_of_a_box_the_class_is_known_and_the_corners_are_not() -> None:
    label, corners = told(sample(MARK, ordered=False), ABOUT, SIZE)
    assert CLOSEUP_LABELS[label] == "class9a"
    assert np.isnan(corners).all()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PhotoDataset:
    folder = write_pictures(tmp_path_factory.mktemp("pictures"), count=6, seed=1, side=128)
    return rendered_marks(6, 0, folder=str(folder))


def test_a_draw_is_the_same_in_every_process(pictures: PhotoDataset) -> None:
    one, two = (CloseupDraws(pictures, SIZE, 5, CloseupSettings()) for _ in range(2))
    for first, second in zip(one[17], two[17], strict=True):
        np.testing.assert_array_equal(first.image, second.image)
        assert first.label == second.label
    assert any((a.image != b.image).any() for a, b in zip(one[17], one[18], strict=True))


def test_a_batch_leaves_out_what_is_untold(pictures: PhotoDataset) -> None:
    draws = CloseupDraws(pictures, SIZE, 5, CloseupSettings(each=8))
    drawn = [draws[n] for n in range(6)]
    batch = draws.collate(drawn)
    assert batch.images.shape == (len(batch), 3, SIZE, SIZE)
    assert len(batch) == sum(c.label != UNTOLD for closeups in drawn for c in closeups)
    assert batch.labels.min() >= 0


LOSS = CloseupsLoss(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def batch_of(corners: np.ndarray, labels: list[int]) -> CloseupBatch:
    images = torch.zeros(len(labels), 3, SIZE, SIZE, dtype=torch.uint8)
    return CloseupBatch(images, torch.tensor(labels), torch.from_numpy(corners.astype(np.float32)))


def test_the_loss_is_least_where_the_corners_are() -> None:
    corners = np.array([[[10.0, 12.5], [50, 11], [49, 52], [9, 51]]])
    y, x = np.indices((SIZE // HEAT_STRIDE,) * 2)
    places = (corners + 0.5) / HEAT_STRIDE - 0.5

    def loss(shift: float) -> float:
        apart = (x - places[..., :1, None] - shift) ** 2 + (y - places[..., 1:, None]) ** 2
        heat = torch.from_numpy((-0.5 * apart / LOSS.spread**2).astype(np.float32))

        def net(_: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.zeros(1, 8), heat

        return float(LOSS(net, batch_of(corners, [0]))["corner"])

    assert abs(loss(0.0)) < 1e-3
    assert loss(0.5) > 0.02
    assert loss(2.0) > loss(0.5)


def test_unknown_corners_and_corners_outside_are_not_taught() -> None:
    net = CloseupNet(width=16).train()
    outside = np.array([[[-30.0, 5], [200, 5], [200, 90], [-30, 90]]])
    for corners in (np.full((1, 4, 2), np.nan), outside):
        parts = LOSS(net, batch_of(np.repeat(corners, 2, axis=0), [1, NOTHING]))
        assert float(parts["corner"]) == 0
        parts["corner"].backward()


def test_a_small_net_learns_where_and_what() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    images = np.full((24, 3, SIZE, SIZE), 90, np.uint8)
    corners = np.full((24, 4, 2), np.nan, np.float32)
    labels = rng.integers(0, 2, 24)
    for i, label in enumerate(labels):
        x, y = rng.integers(8, 20, 2)
        images[i, label, y : y + 32, x : x + 32] = 250
        corners[i] = np.array(square(x, y, 32)) - 0.5
    batch = CloseupBatch(torch.from_numpy(images), torch.from_numpy(labels), torch.from_numpy(corners))
    net = CloseupNet(width=16).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for _ in range(40):
        loss = torch.stack(list(LOSS(net, batch).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits, heat = net(batch.images.float() / 127.5 - 1)  # in training mode: its norms are young
    assert (logits.argmax(1) == batch.labels).float().mean() > 0.9
    found, _ = corner_pixels(heat.numpy(), SIZE)
    assert np.abs(found - corners).mean() < 2.5


def test_a_leant_picture_takes_its_corners_along() -> None:
    picture = np.zeros((SIZE, SIZE, 3), np.uint8)
    picture[26:38, 26:38] = 255
    corners = np.array([[26, 26], [37, 26], [37, 37], [26, 37]], np.float32)
    for seed in range(20):
        out, moved = leant(picture, corners, np.random.default_rng(seed))
        y, x = np.indices(out.shape[:2])
        weight = np.where(out[..., 0] > 120, out[..., 0], 0).astype(float)  # not the grey around it
        middle = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
        np.testing.assert_allclose(middle, moved.mean(axis=0), atol=0.6)
    unknown = np.full((4, 2), np.nan, np.float32)
    assert np.isnan(leant(picture, unknown, np.random.default_rng(0))[1]).all()


CORNERS = np.array([[20, 20], [44, 20], [44, 44], [20, 44]], np.float32)


def _changed_share(before: np.ndarray, after: np.ndarray) -> float:
    inside = (before != after).any(axis=2)[21:44, 21:44]
    return float(inside.mean())


@pytest.mark.parametrize("seed", range(8))
def test_no_more_of_a_mark_is_hidden_than_leaves_it_told(seed: int) -> None:
    picture = np.full((SIZE, SIZE, 3), 1, np.uint8)
    rng = np.random.default_rng(seed)
    over, end = covered(picture, CORNERS, rng), cut_off(picture, CORNERS, Frame(50, 50, 90, 0.3), rng)
    for hidden in (over, end):
        assert _changed_share(picture, hidden) < MOST + 0.05
    # Of what shows no mark anything may be hidden, and nearly always something is.
    assert (covered(picture, np.full((4, 2), np.nan, np.float32), rng) != picture).any()


def test_beyond_the_end_of_the_photo_is_the_grey_of_cut_pictures() -> None:
    picture = np.full((SIZE, SIZE, 3), 1, np.uint8)
    ends = [cut_off(picture, CORNERS, Frame(50, 50, 90), np.random.default_rng(seed)) for seed in range(8)]
    assert set(np.unique(ends)) == {1, GREY}
    for end in ends:  # along the photo's axes: whole columns or whole rows
        grey = end[..., 0] == GREY
        assert (grey == grey[:1]).all() or (grey == grey[:, :1]).all()


def test_light_moves_to_white_or_black_and_leaves_something() -> None:
    picture = np.tile(np.arange(64, dtype=np.uint8)[:, None, None] * 4, (1, 64, 3))
    for seed in range(8):
        out = misexposed(picture, np.random.default_rng(seed)).astype(int)
        assert (out >= picture).all() or (out <= picture).all()
        assert 30 < np.ptp(out) < 180


def test_beyond_the_end_of_the_photo_is_grey_in_a_squeezed_and_turned_frame_too() -> None:
    # As `cut` paints it of a photo that ends there.
    frame = Frame(100, 60, 120, 0.2, 4.0)
    picture = np.full((SIZE, SIZE, 3), 1, np.uint8)
    for seed in range(12):
        end = cut_off(picture, np.full((4, 2), np.nan, np.float32), frame, np.random.default_rng(seed))
        y, x = np.nonzero(end[..., 0] == GREY)
        if len(x) < 20:
            continue
        beyond = transform(np.stack([x, y], axis=1), np.linalg.inv(frame.matrix(SIZE)))
        y, x = np.nonzero(end[..., 0] == 1)
        photo = transform(np.stack([x, y], axis=1), np.linalg.inv(frame.matrix(SIZE)))
        parted = [beyond.min(0) > photo.max(0) - 2.5, beyond.max(0) < photo.min(0) + 2.5]
        assert np.any(parted)  # by one straight line along the photo's x or y


LONG = ("un_mark", [[200.0, 200.0], [380.0, 200.0], [380.0, 215.0], [200.0, 215.0]])


@pytest.mark.parametrize("mark", [MARK, LONG])
def test_second_looks_show_the_mark_upright_or_on_its_head(mark: tuple[str, list[list[float]]]) -> None:
    rng, shown = np.random.default_rng(3), sample(mark)
    settings = CloseupSettings(fitted=1.0, elsewhere=0.0, part=0.0, any_angle=1.0)
    labels = []
    for _ in range(60):
        label, corners = told(shown, choose_frame(shown, rng, settings), 112)
        labels.append(label)
        if label not in (UNTOLD, NOTHING):
            along = corners[2] - corners[0] if mark is MARK else corners[3] - corners[0]
            assert abs(along[0]) < abs(along[1])
    assert labels.count(CLOSEUP_LABELS.index(mark[0])) >= 55
    assert NOTHING not in labels


def test_a_mark_of_which_only_a_box_is_known_is_not_turned() -> None:
    rng, shown = np.random.default_rng(3), sample(MARK, ordered=False)
    settings = CloseupSettings(fitted=1.0, elsewhere=0.0, part=0.0, tilt=0.0)
    angles = {round(choose_frame(shown, rng, settings).angle, 6) for _ in range(20)}
    assert angles <= {0.0, round(np.pi, 6)}
