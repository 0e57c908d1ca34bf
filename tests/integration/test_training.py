"""Every configuration composes and builds; a tiny net trains, resumes, exports and is used, end to end."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf
from safetensors.torch import load_file

from lipack_vision.artifact import load_artifact
from lipack_vision.codes.line_image import LINE_HEIGHT
from lipack_vision.errors import ArtifactError, ConfigError
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.labels import HazardLabelDetector
from lipack_vision.matching.matcher import ReferenceMatcher
from lipack_vision.synth.damage.dataset import write_damage
from lipack_vision.synth.designs.dataset import DesignSettings, write_designs
from lipack_vision.types import LABELS
from tests.helpers.marks_pictures import write_pictures
from tests.helpers.photo_formats import write_voc, write_yolo
from training import experiment, parts
from training.build import build
from training.data.batches import Batch
from training.tasks.marks import MarksTask, preprocessing

CONFIGS = Path(__file__).parents[2] / "configs"
TINY = ["trainer=smoke", "model=tiny", "init=random"]


def composed(name: str, *overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return compose(name, list(overrides))


OF_A_KIND = ("closeups", "faces", "codes", "text", "integrity")
"""Options that go only with the experiment of the same name."""


def options() -> list[str]:
    groups = [folder for folder in sorted(CONFIGS.iterdir()) if folder.is_dir()]
    return [f"{group.name}={path.stem}" for group in groups for path in sorted(group.glob("*.yaml"))]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures"), count=6, seed=1, side=128)


@pytest.fixture(scope="module")
def cartons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered photos of cartons, and the folders good and bad with a few pictures."""
    folder = tmp_path_factory.mktemp("cartons")
    write_damage(folder, 24, 50, (96, 96), jobs=2)
    rng = np.random.default_rng(0)
    for index, name in enumerate(("good", "bad") * 12):
        (folder / name).mkdir(exist_ok=True)
        small = rng.integers(0, 256, (8, 8, 3), np.uint8)
        picture = cv2.resize(small, (64, 64), interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(folder / name / f"{index}.png"), picture)
    return folder


@pytest.fixture(scope="module")
def designs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered designs of cartons, photos of them and pairs of faces."""
    folder = tmp_path_factory.mktemp("designs")
    write_designs(folder, 3, 80, DesignSettings(views=2, pairs=2, changed=1, size=(160, 160), side=128))
    return folder


def rendered(pictures: Path, where: str = "data") -> list[str]:
    return [f"{where}.{part}.folder={pictures}" for part in parts.PARTS]


def of_option(option: str, pictures: Path, cartons: Path, designs: Path, scratch: Path) -> list[str]:
    """Overrides that point an option to the tiny pictures instead of thousands of rendered ones."""
    if option.split("=")[1] == "matching":
        return [*rendered(designs), "experiment=matching"]
    if option == "data=folder":
        own_cartons = [f"data.root={cartons}", f"data.train.rendered.folder={cartons}"]
        return [*own_cartons, "experiment=integrity", "data=folder"]
    if option == "data=damage" or option.split("=")[1] == "integrity":
        return [*rendered(cartons), "experiment=integrity"]
    own = [f"data.root={pictures}"]
    if option in ("data=coco", "data=photos"):
        return own
    if option in ("data=mix", "experiment=adapt"):
        return own + rendered(pictures, "data.rendered")
    if (name := option.split("=")[1]) in OF_A_KIND:
        return [*rendered(pictures), f"experiment={name}"]
    writers = {"data=yolo": write_yolo, "data=voc": write_voc}
    if option in writers:
        return [f"data.root={writers[option](pictures, scratch / 'set')}"]
    return rendered(pictures)


@pytest.mark.parametrize("option", options())
def test_every_option_composes_and_builds(
    option: str, pictures: Path, cartons: Path, designs: Path, tmp_path: Path
) -> None:
    config = composed("train", option, *of_option(option, pictures, cartons, designs, tmp_path))
    assert build(config.trainer).steps > 0
    task = experiment.make_task(config)
    assert list(getattr(task, "loss", task).mean) == list(config.model.mean)
    net = task.net(config, init="random")
    if task.name == "marks":
        assert preprocessing(config).width == config.model.input_size
    optimizer = build(config.optim.optimizer, list(net.parameters()), lr=config.optim.lr)
    assert isinstance(optimizer, torch.optim.Optimizer)
    drawn = experiment.make_draws(config)[0]
    first = drawn[0] if isinstance(drawn, list) else drawn
    sides = (first.cartons[0] if task.name == "matching" else first.image).shape[1:]
    assert sides[0] == (LINE_HEIGHT if task.name == "codes" else config.model.train_size)
    assert task.name == "codes" or sides[1] == sides[0]
    for part in ("validation", "calibration", "test"):
        if task.name in ("integrity", "matching"):
            assert len(build(config.data[part]))
        else:
            assert all(len(dataset) for dataset in parts.datasets(config, part))


@pytest.mark.parametrize("command", sorted(path.stem for path in CONFIGS.glob("*.yaml")))
@pytest.mark.parametrize("experiment_", sorted(path.stem for path in (CONFIGS / "experiment").glob("*.yaml")))
def test_every_command_composes_every_experiment(command: str, experiment_: str) -> None:
    config = composed(
        command, f"experiment={experiment_}", "data.root=photos" if experiment_ == "adapt" else "seed=3"
    )
    OmegaConf.resolve(config)
    shipped = {"codes": "codes", "text": "codes", "integrity": "integrity", "matching": "matching"}
    assert config.task.artifact == shipped.get(experiment_, "marks")
    assert config.artifact.startswith(config.run)


def test_parts_of_the_data_never_share_a_seed() -> None:
    data = composed("train").data
    spans = sorted((data[p].seed, data[p].seed + data[p].count) for p in parts.PARTS)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> DictConfig:
    run = tmp_path_factory.mktemp("smoke") / "run"
    return composed("train", *TINY, f"run={run}", *rendered(pictures))


def test_a_close_up_net_is_trained_and_shipped_beside_a_marks_net(
    pictures: Path, smoke: DictConfig, tmp_path: Path
) -> None:
    experiment.train(smoke)
    alone = smoke.copy()
    alone.closeups, alone.artifact = None, str(tmp_path / "alone")
    marks = experiment.ship(alone, experiment.trained_net(alone))
    assert set(marks.card.files) == {"model.onnx", "model.safetensors"}
    words = ["experiment=closeups", "trainer=smoke", "init=random", "model.net.width=16", f"run={tmp_path}"]
    config = composed("train", *words, f"marks={marks.folder}", *rendered(pictures))
    net = experiment.train(config)
    artifact = experiment.ship(config, net)
    assert set(artifact.card.files) == {
        f"{name}.{kind}" for name in ("model", "closeup") for kind in ("onnx", "safetensors")
    }
    assert artifact.card.closeup_size == config.model.input_size
    assert artifact.card.training["steps"] == marks.card.training["steps"]
    assert artifact.card.training["closeups"]["steps"] == config.trainer.steps
    photo = np.random.default_rng(0).integers(0, 256, (90, 131, 3), np.uint8)
    assert HazardLabelDetector(artifact.folder, threshold=0.01).detect(photo) is not None

    again = composed("train", *words, f"marks={marks.folder}", *rendered(pictures))
    again.init = str(artifact.folder)
    started = experiment.make_task(again).net(again, init=again.init)
    for name, value in net.state_dict().items():
        kept = value.half().float() if value.is_floating_point() else value
        torch.testing.assert_close(started.state_dict()[name], kept, rtol=0, atol=0)

    pair = smoke.copy()
    pair.closeups, pair.artifact = str(artifact.folder), str(tmp_path / "both")
    both = experiment.ship(pair, experiment.trained_net(pair))
    assert both.card.files["closeup.onnx"] == artifact.card.files["closeup.onnx"]
    assert both.card.training["closeups"] == artifact.card.training["closeups"]

    words = [
        "experiment=faces",
        "trainer=smoke",
        "init=random",
        "model.net.width=16",
        f"run={tmp_path}/faces",
    ]
    third = composed("train", *words, f"marks={artifact.folder}", *rendered(pictures))
    whole = experiment.ship(third, experiment.train(third))
    assert set(whole.card.files) == {
        f"{name}.{kind}" for name in ("model", "closeup", "faces") for kind in ("onnx", "safetensors")
    }
    assert whole.card.files["closeup.onnx"] == artifact.card.files["closeup.onnx"]
    assert whole.card.training["closeups"] == artifact.card.training["closeups"]
    assert whole.card.training["faces"]["steps"] == third.trainer.steps
    assert HazardLabelDetector(whole.folder, threshold=0.01).detect(photo) is not None
    third.model.input_size, third.artifact = 96, str(tmp_path / "other")
    with pytest.raises(ArtifactError, match="96 px"):
        experiment.ship(third, experiment.trained_net(third))


def test_a_damage_net_is_trained_and_shipped(cartons: Path, tmp_path: Path) -> None:
    words = [
        "experiment=integrity",
        "trainer=smoke",
        "init=random",
        "model.net.width=16",
        "model.train_size=96",
    ]
    config = composed("train", *words, f"run={tmp_path}", *rendered(cartons))
    net = experiment.train(config)
    artifact = experiment.ship(config, net)
    assert set(artifact.card.files) == {"model.onnx", "model.safetensors"}
    assert {"balanced", "sensitive"} == set(artifact.card.operating_points)
    assert artifact.card.training["steps"] == config.trainer.steps
    told = IntegrityDetector(artifact.folder).assess(np.full((90, 120, 3), 150, np.uint8))
    assert told.heatmap.shape == (90, 120)
    assert 0 <= told.probability_damaged <= 1

    again = composed("train", *words, f"run={tmp_path}/again", *rendered(cartons))
    started = experiment.make_task(again).net(again, init=str(artifact.folder))
    for name, value in net.state_dict().items():
        kept = value.half().float() if value.is_floating_point() else value
        torch.testing.assert_close(started.state_dict()[name], kept, rtol=0, atol=0)


def test_exported_weights_may_be_drawn_towards_those_at_the_start(cartons: Path, tmp_path: Path) -> None:
    words = ["experiment=integrity", "trainer=smoke", "model.net.width=16", "model.train_size=96"]
    first = composed("train", *words, "init=random", f"run={tmp_path}/first", *rendered(cartons))
    began = experiment.ship(first, experiment.train(first))
    second = composed("train", *words, f"init={began.folder}", f"run={tmp_path}/second", *rendered(cartons))
    ended = experiment.train(second)
    second.blend, second.artifact = 0.25, str(tmp_path / "blended")
    blended = experiment.ship(second, experiment.trained_net(second))
    name = "out.weight"
    start = load_file(began.path("model.safetensors"))[name].float()
    wanted = 0.25 * start + 0.75 * ended.state_dict()[name]
    stored = load_file(blended.path("model.safetensors"))[name].float()
    assert not torch.equal(start, wanted.half().float())
    torch.testing.assert_close(stored, wanted, rtol=1e-3, atol=1e-6)
    assert blended.card.training["config"]["blend"] == 0.25

    first.blend = 0.5
    with pytest.raises(ConfigError, match="no artifact"):
        experiment.ship(first, ended)
    second.init = str(blended.folder)
    with pytest.raises(ConfigError, match=r"blend.*still there"):
        experiment.ship(second, ended)


def test_own_photos_of_cartons_adapt_a_damage_net(cartons: Path, tmp_path: Path) -> None:
    words = ["experiment=integrity", "data=folder", "trainer=smoke", "init=random", "model.net.width=16"]
    own = [f"data.root={cartons}", f"data.train.rendered.folder={cartons}", "model.train_size=96"]
    config = composed("train", *words, *own, f"run={tmp_path}", "data.split=[0.4,0.2,0.2,0.2]")
    artifact = experiment.ship(config, experiment.train(config))
    names = {metric.name for metric in artifact.card.metrics}
    assert {"auroc", "balanced_accuracy"} <= names
    assert {metric.data for metric in artifact.card.metrics} == {cartons.name}


def test_a_matching_net_is_trained_and_shipped(designs: Path, tmp_path: Path) -> None:
    words = [
        "experiment=matching",
        "trainer=smoke",
        "init=random",
        "model.net.width=16",
        "model.train_size=96",
    ]
    config = composed("train", *words, f"run={tmp_path}", *rendered(designs))
    net = experiment.train(config)
    artifact = experiment.ship(config, net)
    assert set(artifact.card.files) == {"model.onnx", "compare.onnx", "model.safetensors"}
    assert artifact.card.classes == ("identity", "changed")
    assert set(artifact.card.operating_points["balanced"]) == {"identity", "changed", "hidden"}
    assert artifact.card.training["steps"] == config.trainer.steps
    assert [row["designs"] for row in artifact.card.training["data"]] == [3] * 4
    photo = np.full((90, 120, 3), 150, np.uint8)
    told = ReferenceMatcher(artifact=artifact.folder).compare(photo, photo)
    assert not told.comparable
    assert 0 <= told.probability <= 1

    again = composed("train", *words, f"run={tmp_path}/again", *rendered(designs))
    started = experiment.make_task(again).net(again, init=str(artifact.folder))
    for name, value in net.state_dict().items():
        kept = value.half().float() if value.is_floating_point() else value
        torch.testing.assert_close(started.state_dict()[name], kept, rtol=0, atol=0)


def test_a_matching_net_may_begin_with_the_path_of_the_text_finder(designs: Path) -> None:
    config = composed("train", "experiment=matching", *rendered(designs))
    nets = [experiment.make_task(config).net(config, init="imagenet")]
    config.task.path = None
    nets.append(experiment.make_task(config).net(config, init="imagenet"))
    lent, own = (net.lateral[0].weight for net in nets)
    assert not torch.equal(lent, own)
    config.model.net.width, config.task.path = 16, "codes"
    with pytest.raises(ArtifactError, match="width"):
        experiment.make_task(config).net(config, init="imagenet")


def test_a_task_refuses_the_net_of_another(pictures: Path) -> None:
    for words in (("task=closeups",), ("experiment=closeups", "model=marks"), ("model=closeups",)):
        config = composed("train", *words, *rendered(pictures))
        with pytest.raises(ConfigError, match=r"model.*experiment="):
            experiment.make_task(config).net(config, init="random")
    config = composed("train", "experiment=integrity", "model=marks", *rendered(pictures))
    with pytest.raises(ConfigError, match="experiment=integrity"):
        experiment.make_task(config).net(config, init="random")


def test_a_run_trains_resumes_and_ships_an_artifact_that_loads(smoke: DictConfig) -> None:
    experiment.train(smoke)
    longer = smoke.copy()
    longer.resume, longer.trainer.steps = True, 6
    net = experiment.train(longer)
    rows = [json.loads(line) for line in (Path(smoke.run) / "log.jsonl").read_text().splitlines()]
    steps = [row for row in rows if "evaluation" not in row]
    assert [row["step"] for row in steps] == [1, 2, 3, 4, 5, 6]
    assert {"class", "corner", "box", "seconds_per_step", "seconds_left"} <= set(steps[0])
    assert [row["step"] for row in rows if "evaluation" in row] == [2, 4, 6]
    assert sorted(path.name for path in Path(smoke.run, "worst").iterdir())
    stored = experiment.trained_net(smoke)
    for one, two in zip(net.state_dict().values(), stored.state_dict().values(), strict=True):
        assert torch.equal(one, two)

    artifact = experiment.ship(longer, net)
    assert load_artifact(artifact.folder).card == artifact.card
    # Beside it the released close-up nets.
    released = load_artifact("marks").card
    for name in ("closeup", "faces"):
        assert artifact.card.files[f"{name}.onnx"] == released.files[f"{name}.onnx"]
    for name in ("closeups", "faces"):
        assert artifact.card.training[name] == released.training[name]
    assert artifact.card.training["steps"] == 6
    told = {(row["part"], row["name"]): row for row in artifact.card.training["data"]}
    assert {part for part, _ in told} == set(parts.PARTS)
    assert all(len(row["manifest"]) == 64 and row["photos"] == 6 for row in told.values())
    assert "rendered" in artifact.card.licences["data"]
    assert artifact.card.preprocessing.width == 128
    assert set(artifact.card.operating_points) == {"sensitive", "balanced", "strict"}
    photo = np.random.default_rng(0).integers(0, 256, (90, 131, 3), np.uint8)
    marks = HazardLabelDetector(artifact.folder, threshold=0.01).detect(photo)
    assert all(mark.label in LABELS for mark in marks)


def test_a_run_that_broke_off_ends_with_the_same_weights(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [
        "trainer.steps=6",
        "trainer.max_minutes=null",
        "trainer.checkpoint_steps=2",
        "model.net.freeze_stages=5",
    ]

    def config(run: str, *more: str) -> DictConfig:
        return composed("train", *TINY, *given, f"run={tmp_path}/{run}", *rendered(pictures), *more)

    whole = experiment.train(config("whole"))
    losses, calls = MarksTask.losses, 0

    def failing(self: MarksTask, net: torch.nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise RuntimeError("power cut")
        return losses(self, net, batch)

    broken = config("broken")
    with monkeypatch.context() as patch:
        patch.setattr(MarksTask, "losses", failing)
        with pytest.raises(RuntimeError, match="power cut"):
            experiment.train(broken)
    resumed = experiment.train(config("broken", "resume=true"))
    for one, two in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize(("batch", "steps"), [(1, 60), (4, 30)])
def test_training_learns_ordered_corners_of_a_few_pictures(tmp_path: Path, batch: int, steps: int) -> None:
    pictures = write_pictures(tmp_path / "pictures", count=2, seed=5, side=96)
    overrides = [
        "trainer=smoke",
        "model=tiny",
        "augment=none",
        "augment.warp.zoom_at=null",
        "augment.warp.zoom=[1,1]",
        "export=false",
    ]
    config = composed(
        "train", *overrides, f"run={tmp_path}/run", f"data.train.folder={pictures}", f"trainer.batch={batch}",
        f"trainer.steps={steps}", "trainer.max_minutes=null", "trainer.log_every=10",
        "trainer.evaluate_steps=null",
        "model.net.freeze_stages=0", "optim.backbone=1",
    )  # fmt: skip
    experiment.train(config)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["corner"] < 0.85 * rows[0]["corner"]
