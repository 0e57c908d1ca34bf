"""What the loop finds and leaves in its folder, and settings it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from lipack_vision.errors import ArtifactError, ConfigError
from tests.helpers import toy_run
from tests.helpers.toy_run import ToyNet, ToyTask, stop_at
from training import checkpoint
from training.loop import Trainer
from training.record import put_aside

LAST, BEST = "last.safetensors", "best.safetensors"


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("straight")
    toy_run.run(folder, evaluate_steps=3)
    return folder


def test_a_new_run_moves_the_files_of_the_old_one_aside(tmp_path: Path) -> None:
    toy_run.run(tmp_path, steps=2, evaluate_steps=1)
    old = toy_run.tensors(tmp_path / LAST)
    (tmp_path / "config.yaml").write_text("a: 1")
    toy_run.run(tmp_path, steps=3, evaluate=None)
    assert toy_run.steps(tmp_path) == [1, 2, 3]
    assert toy_run.steps(tmp_path / "previous-1") == [1, 2]
    assert toy_run.same(toy_run.tensors(tmp_path / "previous-1" / LAST), old)
    assert not (tmp_path / BEST).exists()
    assert put_aside(tmp_path, ["config.yaml"]) == tmp_path / "previous-2"
    assert (tmp_path / "previous-2" / "config.yaml").exists()
    assert put_aside(tmp_path) is None


def test_resuming_cleans_up_after_a_killed_run(tmp_path: Path, straight: Path) -> None:
    with pytest.raises(SystemExit):
        toy_run.run(tmp_path, task=ToyTask(stop_at(4)), evaluate_steps=3)
    (tmp_path / "last.part").write_bytes(b"half a checkpoint")
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 5, "square": 1.0}\n{"step": 6, "evaluation": {"score": 1}}\n{"step": 7, "squ')
    toy_run.run(tmp_path, resume=True, evaluate_steps=3)
    assert not list(tmp_path.glob("*.part"))
    assert toy_run.steps(tmp_path) == list(range(1, 9))
    assert [row["step"] for row in toy_run.lines(tmp_path) if "evaluation" in row] == [3, 6, 8]
    assert toy_run.same(toy_run.tensors(tmp_path / LAST), toy_run.tensors(straight / LAST))


def flip(content: bytes) -> bytes:
    return content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda content: content[: len(content) // 2], "whole checkpoint"),
        (lambda content: b"", "whole checkpoint"),
        (lambda content: content[::-1], "whole checkpoint"),
        (flip, "checksum"),
    ],
)
def test_a_damaged_checkpoint_is_refused(
    tmp_path: Path, straight: Path, change: Callable[[bytes], bytes], found: str
) -> None:
    (tmp_path / LAST).write_bytes(change((straight / LAST).read_bytes()))
    with pytest.raises(ArtifactError, match=f"{found}.*resume=false"):
        toy_run.run(tmp_path, resume=True)


def test_a_checkpoint_of_something_else_or_none_at_all_is_refused(tmp_path: Path, straight: Path) -> None:
    with pytest.raises(ArtifactError, match="no such file"):
        toy_run.run(tmp_path, resume=True)
    path, net = straight / LAST, ToyNet()
    adam = torch.optim.AdamW(net.parameters())
    with pytest.raises(ArtifactError, match="checkpoint of this net"):
        checkpoint.load(path, nn.Linear(4, 3), net, adam)
    with pytest.raises(ArtifactError, match=r"this optimizer.*groups of \[2, 3\] instead of \[5\]"):
        checkpoint.load(path, net, net, adam)
    with pytest.raises(ArtifactError, match="AdamW instead of SGD"):
        checkpoint.load(path, net, net, torch.optim.SGD(net.parameters(), lr=0.1))


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"steps": 0}, "trainer.steps"),
        ({"batch": 0}, "trainer.batch"),
        ({"evaluate_steps": 0}, "trainer.evaluate_steps"),
        ({"patience": 3}, "trainer.patience"),
        ({"clip": 0.0}, "trainer.clip"),
        ({"decay": 1.0}, "trainer.decay"),
        ({"devices": "two"}, "trainer.devices"),
        ({"devices": 0}, "trainer.devices"),
        ({"precision": "64"}, "trainer.precision"),
        ({"accelerator": "tpu"}, "trainer.accelerator"),
        ({"strategy": "fsdp"}, "trainer.strategy"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        Trainer(**{"steps": 4} | settings)


def test_what_this_machine_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="trainer=cpu"):
        Trainer(steps=1, accelerator="cuda").fabric()
    with pytest.raises(ConfigError, match=r"trainer\.precision"):
        Trainer(steps=1, accelerator="auto", precision="16-mixed").fabric()
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ConfigError, match=r"trainer\.devices=2"):
        Trainer(steps=1).fabric()
    monkeypatch.delenv("TORCHELASTIC_RUN_ID")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ConfigError, match=r"trainer\.devices=1"):
        Trainer(steps=1, accelerator="cuda", devices=2).fabric()
