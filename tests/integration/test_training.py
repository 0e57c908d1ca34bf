"""Every configuration composes and builds; a tiny net trains, resumes, exports and is used, end to end."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from lipack_vision.artifact import load_artifact
from lipack_vision.labels import HazardLabelDetector
from lipack_vision.types import LABELS
from tests.helpers.marks_pictures import write_pictures
from training import experiment
from training.build import build

CONFIGS = Path(__file__).parents[2] / "configs"


def composed(name: str, *overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return compose(name, list(overrides))


def options() -> list[str]:
    groups = [folder for folder in sorted(CONFIGS.iterdir()) if folder.is_dir()]
    return [f"{group.name}={path.stem}" for group in groups for path in sorted(group.glob("*.yaml"))]


@pytest.mark.parametrize("option", options())
def test_every_option_composes_and_builds(option: str) -> None:
    config = composed("train", option)
    assert build(config.trainer).steps > 0
    assert list(build(config.task.losses).mean) == list(config.model.mean)
    assert len(LABELS) == config.model.net.classes
    assert build(config.augment.warp).zoom[0] <= build(config.augment.warp).zoom[1]
    build(config.augment.photometric)
    net = experiment.make_net(config, pretrained=False)
    assert experiment.preprocessing(config).width == config.model.input_size
    optimizer = build(config.optim.optimizer, list(net.parameters()), lr=config.optim.lr)
    assert isinstance(optimizer, torch.optim.Optimizer)


def test_parts_of_the_data_never_share_a_seed() -> None:
    data = composed("train").data
    spans = sorted((data[p].seed, data[p].seed + data[p].count) for p in ("train", "calibration", "test"))
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_evaluate_configuration_composes() -> None:
    assert composed("evaluate").artifact == "marks"


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> DictConfig:
    place = tmp_path_factory.mktemp("smoke")
    pictures = write_pictures(place / "pictures", count=6, seed=1, side=128)
    folders = [f"data.{part}.folder={pictures}" for part in ("train", "calibration", "test")]
    return composed(
        "train", "trainer=smoke", "model=tiny", f"run={place}/run", f"artifact={place}/marks", *folders
    )


def test_a_run_trains_resumes_and_ships_an_artifact_that_loads(smoke: DictConfig) -> None:
    experiment.train(smoke)
    longer = smoke.copy()
    longer.resume, longer.trainer.steps = True, 6
    net = experiment.train(longer)
    rows = [json.loads(line) for line in (Path(smoke.run) / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {"class", "corner", "box", "seconds_per_step", "seconds_left"} <= set(rows[0])
    stored = experiment.trained_net(smoke)
    for one, two in zip(net.state_dict().values(), stored.state_dict().values(), strict=True):
        assert torch.equal(one, two)

    artifact = experiment.ship(longer, net)
    assert load_artifact(artifact.folder).card == artifact.card
    assert set(artifact.card.files) == {"model.onnx", "model.safetensors"}
    assert artifact.card.training["steps"] == 6
    assert artifact.card.preprocessing.width == 128
    assert set(artifact.card.operating_points) == {"sensitive", "balanced", "strict"}
    photo = np.random.default_rng(0).integers(0, 256, (90, 131, 3), np.uint8)
    marks = HazardLabelDetector(artifact.folder, threshold=0.01).detect(photo)
    assert all(mark.label in LABELS for mark in marks)


@pytest.mark.parametrize(("batch", "steps"), [(1, 60), (4, 30)])
def test_training_learns_ordered_corners_of_a_few_pictures(tmp_path: Path, batch: int, steps: int) -> None:
    pictures = write_pictures(tmp_path / "pictures", count=2, seed=5, side=96)
    overrides = ["trainer=smoke", "model=tiny", "augment=none", "augment.warp.zoom=[1,1]", "export=false"]
    config = composed(
        "train", *overrides, f"run={tmp_path}/run", f"data.train.folder={pictures}", f"trainer.batch={batch}",
        f"trainer.steps={steps}", "trainer.max_minutes=null", "trainer.log_every=10",
        "model.net.freeze_stages=0", "optim.backbone=1",
    )  # fmt: skip
    experiment.train(config)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["corner"] < 0.85 * rows[0]["corner"]
