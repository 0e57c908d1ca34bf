"""The commands as a user types them: multirun, two processes, start from an artifact, evaluate, calibrate."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from omegaconf import OmegaConf
from safetensors.torch import load_file

from lipack_vision.artifact import load_artifact
from lipack_vision.synth.damage.dataset import write_damage
from lipack_vision.synth.designs.dataset import DesignSettings, write_designs
from tests.helpers.integrity_artifact import integrity_artifact
from tests.helpers.marks_pictures import write_pictures
from tests.helpers.matching_artifact import matching_artifact

ROOT = Path(__file__).parents[2]
TINY = ["trainer=smoke", "model=tiny", "init=random", "export=false", "trainer.evaluate_steps=null"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures"), count=8, seed=1, side=128)


def command(name: str, *arguments: object, module: tuple[str, ...] = ("-m",)) -> str:
    words = [sys.executable, *module, f"training.{name}", *map(str, arguments)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def weights(run: Path) -> dict[str, torch.Tensor]:
    stored = load_file(run / "last.safetensors")
    return {name: value for name, value in stored.items() if name.startswith("net.")}


def test_the_runs_of_a_multirun_differ_in_what_was_asked(pictures: Path, tmp_path: Path) -> None:
    command("train", "-m", "optim.lr=0.001,0.03", *TINY, f"run={tmp_path}", f"data.train.folder={pictures}")
    one, two = tmp_path / "000", tmp_path / "001"
    assert [OmegaConf.load(run / "config.yaml").optim.lr for run in (one, two)] == [0.001, 0.03]
    first, second = weights(one), weights(two)
    assert any(not torch.equal(first[name], second[name]) for name in first)
    # And only in that: the same seed starts both with the same numbers.
    rows = [json.loads((run / "log.jsonl").read_text().splitlines()[0]) for run in (one, two)]
    assert rows[0]["class"] == pytest.approx(rows[1]["class"], rel=1e-3)


def test_two_processes_train_one_net(pictures: Path, tmp_path: Path) -> None:
    two = ["trainer.devices=2", "trainer.strategy=ddp", "trainer.batch=1"]
    command("train", *TINY, *two, f"run={tmp_path}", f"data.train.folder={pictures}")
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4]
    assert weights(tmp_path)


def test_own_photos_start_from_an_artifact_and_become_one(pictures: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    rendered = [
        f"data.rendered.{part}.folder={pictures}" for part in ("train", "validation", "calibration", "test")
    ]
    mixed = ["data=mix", f"data.root={pictures}", *rendered]
    command("train", *TINY, "export=true", f"run={first}", *mixed)
    again = tmp_path / "again"
    said = command("train", *TINY, f"init={first}/artifact", f"run={again}", "trainer.steps=1", *mixed)
    before = load_artifact(first / "artifact")
    assert f"started from init {first}/artifact, artifact marks, version {before.version}" in said
    names = {row["name"] for row in before.card.training["data"]}
    assert {name.split("/")[0] for name in names} >= {"rendered"}
    assert len(names) > 1
    started, trained = load_file(first / "artifact" / "model.safetensors"), weights(again)
    frozen = "backbone.conv_stem.weight"
    assert torch.equal(trained[f"net.{frozen}"], started[frozen].float())

    out = tmp_path / "report.json"
    command("evaluate", f"artifact={first}/artifact", "data=coco", f"data.root={pictures}", f"out={out}")
    (told,) = json.loads(out.read_text())
    assert told["artifact"] == before.version
    assert told["photos"] >= 1
    assert "AP50" in told["metrics"]

    other = tmp_path / "calibrated"
    command("calibrate", f"artifact={first}/artifact", "data=coco", f"data.root={pictures}", f"out={other}")
    after = load_artifact(other)
    assert after.card.training["calibrated_again"]["from"] == before.version
    assert after.card.files == before.card.files
    assert load_artifact(first / "artifact").version == before.version


def test_a_data_set_with_an_error_stops_training_and_is_named(pictures: Path, tmp_path: Path) -> None:
    place = tmp_path / "photos"
    shutil.copytree(pictures, place)
    data = json.loads((place / "annotations.json").read_text())
    data["annotations"][3]["bbox"] = [100, 100, 90, 90]
    del data["annotations"][3]["quad"]
    rows = ",\n".join(json.dumps(row) for row in data.pop("annotations"))
    head = json.dumps(data)[:-1]
    (place / "annotations.json").write_text(f'{head},\n"annotations": [\n{rows}\n]}}')
    words = [
        sys.executable,
        "-m",
        "training.train",
        *TINY,
        "data=coco",
        f"data.root={place}",
        f"run={tmp_path}/r",
    ]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    # Line 1 has the photos, line 2 opens the list.
    assert f"{place}/annotations.json:6" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert not (tmp_path / "r" / "log.jsonl").exists()


def test_a_damage_net_is_measured_and_calibrated_again(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_damage(photos, 24, 70, (320, 320), jobs=2)
    given = integrity_artifact(tmp_path / "given")
    words = [f"artifact={given.folder}", "experiment=integrity", f"data.test.folder={photos}"]
    out = tmp_path / "report.json"
    command("evaluate", *words, f"out={out}")
    (told,) = json.loads(out.read_text())
    assert told["artifact"] == given.version
    assert told["photos"] == 24
    command("calibrate", *words, f"data.calibration.folder={photos}", f"out={tmp_path}/again")
    after = load_artifact(tmp_path / "again")
    assert after.card.training["calibrated_again"]["from"] == given.version
    assert after.card.files == given.card.files


def test_a_matching_net_is_measured_and_calibrated_again(tmp_path: Path) -> None:
    designs = tmp_path / "designs"
    write_designs(designs, 2, 90, DesignSettings(views=2, pairs=0, changed=1, size=(240, 240)))
    given = matching_artifact(tmp_path / "given")
    words = [f"artifact={given.folder}", "experiment=matching", f"data.test.folder={designs}"]
    out = tmp_path / "report.json"
    command("evaluate", *words, f"out={out}")
    (told,) = json.loads(out.read_text())
    assert told["artifact"] == given.version
    assert told["metrics"]["pairs_of_one_design"] >= 2
    command("calibrate", *words, f"data.calibration.folder={designs}", f"out={tmp_path}/again")
    after = load_artifact(tmp_path / "again")
    assert after.card.training["calibrated_again"]["from"] == given.version
    assert after.card.files == given.card.files
