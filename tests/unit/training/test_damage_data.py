"""Training pictures of damage: what is told of them is what they show."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.nets.damage import DamageNet
from lipack_vision.synth.damage.dataset import DamageFolder, write_damage
from lipack_vision.synth.damage.types import DamagePhoto, TruthBox
from training.conform import conformal_level, least_photos
from training.damage.measures import au_pro, type_told, whole_cartons
from training.data.damage import DamageDraws, DamageSettings, collate, damage_picture, own_picture
from training.data.own_cartons import WithOwn, own_cartons
from training.tasks.integrity import IntegrityTask, carton_logits, measure, type_loss

HALF = (0.5, 0.5, 0.5)
TASK = IntegrityTask("integrity", "integrity", HALF, HALF)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DamageFolder:
    place = tmp_path_factory.mktemp("damage")
    write_damage(place, 6, 900, (192, 192), jobs=1)
    return DamageFolder.read(place)


def photo_of(damage: np.ndarray, owner: np.ndarray) -> DamagePhoto:
    boxes = tuple(
        TruthBox(int(n), (), int((owner == n).sum()), 1.0, n == 2) for n in np.unique(owner[owner > 0])
    )
    return DamagePhoto(np.zeros((*owner.shape, 3), np.uint8), damage, owner, boxes, 0)


def test_cells_tell_damage_core_film_and_verdict() -> None:
    owner = np.zeros((64, 64), np.uint8)
    owner[8:56, 4:32], owner[8:56, 32:60] = 1, 2
    damage = np.zeros_like(owner)
    damage[16:32, 8:24] = 0b1000
    image = np.zeros((64, 64, 3), np.uint8)
    told = damage_picture(image, photo_of(damage, owner), np.eye(3)[:2])
    assert told.damage[3, 5, 3] == 1
    assert told.damage.sum() == 16
    assert told.core[8, 4] == 1
    assert told.core[8, 8] == 0
    assert np.isnan(told.wrapped[0, 0])
    assert (told.wrapped[8, 4], told.wrapped[8, 12]) == (0, 1)
    assert (told.damaged[1], told.damaged[2]) == (1, 0)
    assert np.isnan(told.damaged[3])


def test_draws_are_the_same_each_time_and_make_batches(folder: DamageFolder) -> None:
    draws = DamageDraws(folder, 128, 3, DamageSettings(strength=0.5))
    first, second = draws[7], draws[7]
    assert len(first) == 2
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))
    batch = draws.collate([draws[0], draws[1]])
    assert len(batch) == 4
    assert batch.images.shape == (4, 3, 128, 128)
    assert batch.damage.shape == (4, 6, 32, 32)
    assert len(draws.shown(0)) == 2


def test_every_photo_comes_once_before_any_comes_again(folder: DamageFolder) -> None:
    settings = DamageSettings(each=1, whole=1.0, tilt=0.0, squeeze=0.0, strength=0.0)
    draws = DamageDraws(folder, 64, 0, settings)
    pictures = {draws[number][0].image.tobytes() for number in range(2 * len(folder))}
    # Each photo as it is and mirrored, by chance.
    assert len(folder) <= len(pictures) <= 2 * len(folder)


def test_a_step_learns(folder: DamageFolder) -> None:
    torch.manual_seed(0)
    draws = DamageDraws(folder, 96, 0, DamageSettings(strength=0.0))
    batch = draws.collate([draws[0], draws[1], draws[2]])
    net = DamageNet(16).train()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    totals = []
    for _ in range(8):
        loss = torch.stack(list(TASK.losses(net, batch).values())).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        totals.append(loss.item())
    assert totals[-1] < 0.8 * totals[0]


def test_the_worst_cells_of_each_carton_decide() -> None:
    logits = torch.full((1, 10, 10), -3.0)
    logits[0, 0, :3] = 5.0
    owner = torch.ones((1, 10, 10), dtype=torch.uint8)
    owner[0, 5:] = 2
    found, pictures, numbers = carton_logits(logits, owner)
    assert found.tolist() == [5.0, -3.0]
    assert pictures.tolist() == [0, 0]
    assert numbers.tolist() == [1, 2]


def test_measures_know_right_from_wrong(folder: DamageFolder) -> None:
    draws = DamageDraws(folder, 96, 0, DamageSettings(each=1, strength=0.0))
    pictures = [draws[number][0] for number in range(6)]
    figures = measure(DamageNet(16), pictures, HALF, HALF)
    assert 0 <= figures["carton_auroc"] <= 1
    assert 0 <= figures["cell_precision"] <= 1


def test_the_type_is_asked_where_it_is_one_alone() -> None:
    wanted = torch.zeros(1, 6, 4, 4)
    wanted[0, 2, :2] = wanted[0, 4, 1] = 1
    logits = torch.zeros(1, 6, 4, 4)
    assert type_loss(logits, wanted).item() == pytest.approx(math.log(6))
    logits[0, 2, 0] = 9.0
    assert type_loss(logits, wanted).item() < 0.01
    assert type_loss(logits, torch.zeros_like(wanted)).item() == 0


def test_where_nothing_can_be_judged_figures_are_no_numbers() -> None:
    told = whole_cartons(IntegrityDetector(), [], [])
    assert told["cartons"] == 0
    assert np.isnan(told["auroc"])
    assert np.isnan(whole_cartons(IntegrityDetector(), [1.0, 2.0], [True, True])["auroc"])


def test_overlap_with_regions_is_one_for_the_truth_and_low_for_its_opposite() -> None:
    hurt = np.zeros((20, 20), bool)
    hurt[5:10, 5:10] = True
    heat = hurt.astype(np.float32) + np.random.default_rng(0).normal(0, 0.01, hurt.shape).astype(np.float32)
    assert au_pro([heat], [hurt]) > 0.99
    assert au_pro([-heat], [hurt]) < 0.2
    assert np.isnan(au_pro([heat], [np.zeros_like(hurt)]))


def test_types_are_asked_where_one_damage_lies_alone() -> None:
    damage = np.zeros((6, 20, 20), np.float32)
    damage[2, :5, :5] = 1
    damage[3, 10:15, 10:15] = damage[4, 10:15, 10:15] = 1
    told = np.zeros((9, 20, 20), np.float32)
    told[2] = 1
    assert type_told(damage, told) == [True]
    assert type_told(damage, -told) == [False]


def write_photos(root: Path, name: str, count: int) -> None:
    (root / name).mkdir(parents=True)
    for index in range(count):
        rng = np.random.default_rng([index, len(name)])
        small = rng.integers(0, 255, (12, 12, 3), dtype=np.uint8)
        picture = cv2.resize(small, (96, 96), interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(root / name / f"{index}.png"), picture)


def test_own_photos_are_shared_out_once(tmp_path: Path) -> None:
    write_photos(tmp_path, "good", 12)
    write_photos(tmp_path, "bad", 12)
    parts = [own_cartons(str(tmp_path), part) for part in ("train", "validation", "calibration", "test")]
    paths = [path for part in parts for path in part.paths]
    assert len(paths) == len(set(paths)) == 24
    assert all(
        d == (p.parent.name == "bad") for part in parts for p, d in zip(part.paths, part.damaged, strict=True)
    )


def test_own_photos_teach_verdicts_only(tmp_path: Path, folder: DamageFolder) -> None:
    write_photos(tmp_path, "good", 8)
    write_photos(tmp_path, "bad", 8)
    own = own_cartons(str(tmp_path), "train", split=(1, 0, 0, 0))
    draws = DamageDraws(WithOwn(folder, own, 1.0), 64, 0, DamageSettings())
    batch = draws.collate([draws[number] for number in range(4)])
    losses = TASK.losses(DamageNet(16), batch)
    assert all(torch.isfinite(loss) for loss in losses.values())
    bad = own_picture(np.zeros((64, 64, 3), np.uint8), damaged=True)
    good = own_picture(np.zeros((64, 64, 3), np.uint8), damaged=False)
    assert np.isnan(bad.damage).all()
    assert not good.damage.any()
    assert collate([bad, good]).damaged[:, 1].tolist() == [1, 0]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    write_photos(tmp_path, "good", 1)
    with pytest.raises(DatasetError, match="bad"):
        own_cartons(str(tmp_path), "train")


def test_shares_must_add_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="add up to 1"):
        own_cartons(str(tmp_path), "train", split=(0.5, 0.1, 0.1, 0.1))


def test_the_conformal_level_keeps_its_promise() -> None:
    rng = np.random.default_rng(0)
    alarms = []
    for _ in range(400):
        level = conformal_level(rng.normal(size=39).tolist(), 0.1)
        alarms.append(float((rng.normal(size=100) > level).mean()))
    assert 0.085 < np.mean(alarms) < 0.105


def test_too_few_good_photos_promise_nothing() -> None:
    assert least_photos(0.05) == 19
    assert conformal_level(list(range(19)), 0.05) == 18
    with pytest.raises(DatasetError, match="at least 19"):
        conformal_level(list(range(18)), 0.05)
    with pytest.raises(ConfigError):
        least_photos(1.5)
