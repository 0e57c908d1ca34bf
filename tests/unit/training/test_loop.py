"""The training loop: resuming, early end, best weights, clipping, averaging, what it writes."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import torch
from torch import Tensor, nn

from lipack_vision.errors import ConfigError
from tests.helpers import toy_run
from tests.helpers.toy_run import ToyBatch, ToyDraws, ToyNet, ToyTask, stop_at
from training import checkpoint
from training.feed import Numbers
from training.loop import Evaluation
from training.record import Losses

LAST, BEST = "last.safetensors", "best.safetensors"


def scores(*values: float) -> Callable[[nn.Module], Evaluation]:
    left = iter(values)
    return lambda net: Evaluation(next(left), {})


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("straight")
    toy_run.run(folder, evaluate_steps=3)
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_and_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, straight: Path, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as left:
        toy_run.run(tmp_path, task=ToyTask(stop_at(5, number)), evaluate_steps=3)
    assert left.value.code == 128 + number
    assert "resume=true" in caplog.text
    assert checkpoint.peek(tmp_path / LAST).step == 5
    assert signal.getsignal(number) == before
    draws = ToyDraws()
    toy_run.run(tmp_path, resume=True, draws=draws, evaluate_steps=3)
    assert draws.numbers == list(range(10, 16))
    assert toy_run.steps(tmp_path) == list(range(1, 9))
    for name in (LAST, BEST):
        assert toy_run.same(toy_run.tensors(tmp_path / name), toy_run.tensors(straight / name))
    kept = [
        {k: v for k, v in row.items() if "second" not in k and k != "waited"}
        for row in toy_run.lines(tmp_path)
    ]
    told = [
        {k: v for k, v in row.items() if "second" not in k and k != "waited"}
        for row in toy_run.lines(straight)
    ]
    assert kept == told


def test_the_checkpoint_holds_all_state_and_the_weights_did_move(straight: Path) -> None:
    stored = toy_run.tensors(straight / LAST)
    kinds = {name.split(".")[0] for name in stored}
    assert kinds == {"net", "average", "optimizer", "random"}
    assert {"optimizer.0.exp_avg", "net.norm.running_var", "random.torch", "random.python"} <= stored.keys()
    assert not torch.equal(stored["net.first.weight"], stored["average.first.weight"])
    assert int(stored["net.norm.num_batches_tracked"]) == 8


def test_evaluating_does_not_change_the_training(tmp_path: Path, straight: Path) -> None:
    toy_run.run(tmp_path, evaluate=None)
    one, two = toy_run.tensors(tmp_path / LAST), toy_run.tensors(straight / LAST)
    assert toy_run.same(one, two)
    assert not (tmp_path / BEST).exists()


def test_evaluations_leave_lines_pictures_and_events(straight: Path) -> None:
    rows = [row for row in toy_run.lines(straight) if "evaluation" in row]
    assert [row["step"] for row in rows] == [3, 6, 8]
    assert set(rows[0]["evaluation"]) == {"score", "error"}
    assert sorted(p.name for p in (straight / "worst").iterdir()) == [
        f"step-00000{step}.png" for step in (3, 6, 8)
    ]
    assert cv2.imread(str(straight / "worst" / "step-000003.png")).ndim == 3
    row = toy_run.lines(straight)[0]
    assert {"square", "size", "norm", "waited", "rate", "seconds_per_step", "samples_per_second"} <= set(row)


def test_tensorboard_events_are_written(straight: Path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(straight / "tensorboard"))
    events.Reload()
    assert [e.step for e in events.Scalars("evaluation/score")] == [3, 6, 8]
    assert [e.step for e in events.Scalars("train/square")] == list(range(1, 9))
    assert [e.step for e in events.Images("worst")] == [3, 6, 8]


def test_the_weights_of_the_best_evaluation_are_returned(tmp_path: Path) -> None:
    seen: list[Tensor] = []
    values = iter([1.0, 3.0, 2.0, float("nan")])

    def evaluate(net: nn.Module) -> Evaluation:
        assert not net.training
        assert isinstance(net, ToyNet)
        seen.append(net.last.weight.clone())
        return Evaluation(next(values), {})

    net = toy_run.run(tmp_path, evaluate=evaluate, evaluate_steps=2)
    assert isinstance(net, ToyNet)
    assert torch.equal(net.last.weight, seen[1])
    assert not torch.equal(seen[1], seen[3])
    assert not net.training
    other = ToyNet()
    progress = checkpoint.load_trained(tmp_path, other)
    assert (progress.step, progress.best, progress.best_step) == (4, 3.0, 4)
    assert torch.equal(other.last.weight, seen[1])
    assert checkpoint.peek(tmp_path / LAST).step == 8


def test_a_run_ends_early_and_stays_ended(tmp_path: Path) -> None:
    settings = {"evaluate_steps": 1, "patience": 2}
    toy_run.run(tmp_path, evaluate=scores(1.0, 2.0, 2.0, 1.5, 9.0), **settings)
    assert toy_run.steps(tmp_path) == [1, 2, 3, 4]
    progress = checkpoint.peek(tmp_path / LAST)
    assert (progress.best, progress.best_step, progress.stale) == (2.0, 2, 2)
    toy_run.run(tmp_path, evaluate=scores(), resume=True, **settings)
    toy_run.run(tmp_path, evaluate=scores(3.0), resume=True, steps=5, **settings | {"patience": 3})
    assert toy_run.steps(tmp_path) == [1, 2, 3, 4, 5]
    assert checkpoint.peek(tmp_path / LAST).best_step == 5


def test_gradients_are_clipped(tmp_path: Path) -> None:
    norms: list[float] = []

    class Watched(ToyTask):
        def losses(self, net: nn.Module, batch: ToyBatch) -> dict[str, Tensor]:
            grads = [p.grad for p in net.parameters() if p.grad is not None]
            norms.extend([float(torch.stack([g.norm() for g in grads]).norm())] if grads else [])
            return super().losses(net, batch)

    toy_run.run(tmp_path, task=Watched(), clip=0.05, norm=False)
    told = [row["norm"] for row in toy_run.lines(tmp_path)]
    assert min(told) > 0.05
    assert norms == pytest.approx([0.05] * 7, rel=1e-3)


def test_the_average_follows_by_its_decay_and_the_rate_by_the_cosine(tmp_path: Path) -> None:
    # Early on the past counts (1 + step) / (10 + step), so one step leaves a tenth of the first weights.
    toy_run.run(tmp_path, steps=1, evaluate=None)
    torch.manual_seed(3)
    before = ToyNet().first.weight
    stored = toy_run.tensors(tmp_path / LAST)
    expected = 0.1 * before + 0.9 * stored["net.first.weight"]
    assert torch.allclose(stored["average.first.weight"], expected, atol=1e-7)
    toy_run.run(tmp_path / "rate", steps=4, warmup=1, evaluate=None)
    rates = [row["rate"] for row in toy_run.lines(tmp_path / "rate")]
    assert rates == pytest.approx([1.0, 0.855018, 0.505, 0.154982], abs=1e-5)


def test_time_ends_a_run(tmp_path: Path) -> None:
    toy_run.run(tmp_path, steps=10**6, max_minutes=0.001, evaluate=None, log_every=1000)
    progress = checkpoint.peek(tmp_path / LAST)
    assert 0 < progress.step < 10**6
    assert progress.seconds >= 0.06


@pytest.mark.parametrize("poison", ["loss", "gradient"])
def test_a_loss_that_is_not_finite_names_its_step_and_keeps_the_checkpoint(
    tmp_path: Path, poison: str
) -> None:
    class Poisoned(ToyTask):
        def losses(self, net: nn.Module, batch: ToyBatch) -> dict[str, Tensor]:
            parts = super().losses(net, batch)
            if self.calls == 6:
                # The root's slope at 0 is infinite, its value is not.
                parts["size"] = (
                    parts["size"] * float("nan") if poison == "loss" else (parts["size"] * 0).sqrt()
                )
            return parts

    with pytest.raises(ConfigError, match=r"step 6: .*square \d.*(size|gradient) (nan|inf)"):
        toy_run.run(tmp_path, task=Poisoned(), checkpoint_steps=2, log_every=8)
    assert checkpoint.peek(tmp_path / LAST).step == 4
    assert all(v.isfinite().all() for v in toy_run.tensors(tmp_path / LAST).values())


def test_a_scaler_may_skip_steps_but_not_hide_an_endless_loss() -> None:
    class Alone:
        def mean(self, tensor: Tensor) -> Tensor:
            return tensor

    losses = Losses(Alone(), skipping=True)  # type: ignore[arg-type]
    losses.add({"a": torch.tensor(1.0)}, torch.tensor(float("inf")))
    losses.add({"a": torch.tensor(2.0)}, torch.tensor(4.0))
    losses.settle(2)
    assert losses.take() == {"a": 1.5, "norm": 4.0}
    losses.add({"a": torch.tensor(float("inf"))}, torch.tensor(1.0))
    with pytest.raises(ConfigError, match="step 3"):
        losses.settle(3)


def test_an_error_that_follows_from_nan_is_explained(tmp_path: Path) -> None:
    class Fragile(ToyTask):
        def losses(self, net: nn.Module, batch: ToyBatch) -> dict[str, Tensor]:
            if self.calls == 3:
                raise IndexError("assignment found no cell")
            parts = super().losses(net, batch)
            return {k: v * (float("nan") if self.calls == 3 else 1.0) for k, v in parts.items()}

    with pytest.raises(ConfigError, match="step 3"):
        toy_run.run(tmp_path, task=Fragile(), log_every=8)


def test_mixed_precision_trains_and_resumes_on_the_cpu(tmp_path: Path) -> None:
    kinds: set[torch.dtype] = set()

    class Watched(ToyTask):
        def losses(self, net: nn.Module, batch: ToyBatch) -> dict[str, Tensor]:
            first = net.get_submodule("first")
            handle = first.register_forward_hook(lambda _, __, out: kinds.add(out.dtype))
            try:
                return super().losses(net, batch)
            finally:
                handle.remove()

    with pytest.raises(SystemExit):
        toy_run.run(tmp_path, task=ToyTask(stop_at(2)), steps=3, precision="bf16-mixed")
    toy_run.run(tmp_path, task=Watched(), steps=3, precision="bf16-mixed", resume=True)
    toy_run.run(tmp_path / "straight", steps=3, precision="bf16-mixed")
    stored = toy_run.tensors(tmp_path / LAST)
    assert kinds == {torch.bfloat16}
    assert stored["net.first.weight"].dtype == torch.float32
    assert toy_run.same(stored, toy_run.tensors(tmp_path / "straight" / LAST))


def test_processes_share_out_the_draws() -> None:
    def first_three(rank: int) -> list[list[int]]:
        return [numbers for numbers, _ in zip(Numbers(2, 8, rank, 2), range(3), strict=False)]

    assert first_three(0) == [[8, 9], [12, 13], [16, 17]]
    assert first_three(1) == [[10, 11], [14, 15], [18, 19]]


def test_worker_processes_give_the_same_batches(tmp_path: Path, straight: Path) -> None:
    toy_run.run(tmp_path, evaluate=None, workers=1)
    assert toy_run.same(toy_run.tensors(tmp_path / LAST), toy_run.tensors(straight / LAST))


def test_the_log_is_strict_json(tmp_path: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    toy_run.run(tmp_path, steps=1, evaluate_steps=1, evaluate=scores(float("nan")))
    for line in (tmp_path / "log.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=refuse)
