"""Runs of several processes and runs that are killed: what is left, and how they go on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch

from tests.helpers import toy_run
from tests.helpers.toy_run import ToyDraws
from training import checkpoint

ROOT = Path(__file__).parents[2]
LAST = "last.safetensors"
TORCHRUN = ("torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m")
TWO: dict[str, Any] = {"devices": 2, "strategy": "ddp", "norm": False, "drop": 0.0, "evaluate_steps": 4}


def start(folder: Path, *launcher: str, **options: Any) -> subprocess.Popen[str]:
    """`toy_run` in processes of its own, by default started by itself."""
    argument = json.dumps({"folder": str(folder), **options})
    command = [sys.executable, "-m", *launcher, "tests.helpers.toy_run", argument]
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and what was told; a run that hangs is killed with all its processes."""
    try:
        errors = process.communicate(timeout=120)[1]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    return process.returncode, errors


def test_two_processes_equal_one_with_their_joint_batch_and_resume(tmp_path: Path) -> None:
    two, one = tmp_path / "two", tmp_path / "one"
    # Started by Fabric and stopped by a signal to the second process only; resumed by torchrun.
    code, errors = finish(start(two, fault={"rank": 1, "stop": 5}, **TWO))
    assert code == 128 + signal.SIGTERM, errors
    assert "resume=true" in errors
    assert checkpoint.peek(two / LAST).step == 5
    code, errors = finish(start(two, *TORCHRUN, resume=True, **TWO))
    assert code == 0, errors

    draws = ToyDraws()
    toy_run.run(one, draws=draws, norm=False, drop=0.0, evaluate_steps=4, batch=4)
    first, second = (toy_run.tensors(two / f"weights-{rank}.safetensors") for rank in (0, 1))
    assert toy_run.same(first, second)
    single, double = toy_run.tensors(one / LAST), toy_run.tensors(two / LAST)
    for name in single:
        if not name.startswith("random."):
            assert torch.allclose(single[name], double[name], atol=1e-6, rtol=1e-5), name
    assert double["random.torch"].shape[0] == 2

    numbers = [json.loads((two / f"draws-{rank}.json").read_text()) for rank in (0, 1)]
    assert not set(numbers[0]) & set(numbers[1])
    assert set(numbers[0]) | set(numbers[1]) == set(range(20, 32)) == set(draws.numbers[20:])
    assert toy_run.steps(two) == list(range(1, 9))
    for ours, theirs in zip(toy_run.lines(one), toy_run.lines(two), strict=True):
        for name in {"square", "size", "norm", "rate"} & ours.keys():
            assert abs(ours[name] - theirs[name]) < 1e-4


def test_when_one_process_fails_all_end_and_the_fault_is_told(tmp_path: Path) -> None:
    code, errors = finish(start(tmp_path, fault={"rank": 1, "fail": 4}, checkpoint_steps=2, **TWO))
    assert code != 0
    assert "process 2 of 2: ValueError('a fault on purpose')" in errors
    assert checkpoint.peek(tmp_path / LAST).step == 2


def wait_for_lines(process: subprocess.Popen[str], log: Path, count: int) -> None:
    limit = time.monotonic() + 100
    while not log.is_file() or len(log.read_text().splitlines()) < count:
        assert process.poll() is None, finish(process)[1]
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_an_interrupt_of_the_whole_terminal_saves_and_says_how_to_go_on(tmp_path: Path) -> None:
    process = start(tmp_path, steps=2000, workers=1, fault={"pause": 0.02})
    wait_for_lines(process, tmp_path / "log.jsonl", 3)
    # To the workers that prepare draws as well, as Ctrl-C does.
    os.killpg(process.pid, signal.SIGINT)
    code, errors = finish(process)
    assert code == 128 + signal.SIGINT, errors
    assert "resume=true" in errors
    assert checkpoint.peek(tmp_path / LAST).step >= 3


def test_a_killed_run_leaves_a_whole_checkpoint_and_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    killed, straight = tmp_path / "killed", tmp_path / "straight"
    log = killed / "log.jsonl"
    process = start(killed, checkpoint_steps=2, steps=30, fault={"pause": 0.02})
    wait_for_lines(process, log, 5)
    process.kill()
    finish(process)
    told, kept = max(toy_run.steps(killed)), checkpoint.peek(killed / LAST).step
    assert 4 <= kept < 30
    assert kept % 2 == 0
    assert told - kept <= 2
    (killed / "last.part").write_bytes((killed / LAST).read_bytes()[:1000])
    toy_run.run(killed, resume=True, steps=30)
    toy_run.run(straight, steps=30)
    assert toy_run.same(toy_run.tensors(killed / LAST), toy_run.tensors(straight / LAST))
    assert toy_run.steps(killed) == list(range(1, 31))
    assert not list(killed.glob("*.part"))
