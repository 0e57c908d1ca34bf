"""A small run of the training loop, in this process or its own: ``python -m tests.helpers.toy_run JSON``."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.loop import Evaluation, Trainer, fit, mean_over_processes
from training.processes import end_talk
from training.schedule import parameter_groups

SETTINGS: dict[str, Any] = {"steps": 8, "batch": 2, "workers": 0, "threads": 1, "warmup": 2, "log_every": 1}


class ToyNet(nn.Module):
    """All that has a state of its own: convolution, statistics, random numbers."""

    def __init__(self, norm: bool = True, drop: float = 0.3) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(4) if norm else nn.Identity()
        self.drop = nn.Dropout(drop)
        self.last = nn.Linear(4, 1)

    def forward(self, images: Tensor) -> Tensor:
        seen = self.norm(self.first(images)).relu().mean((2, 3))
        return self.last(self.drop(seen)).squeeze(1)


@dataclass
class ToyBatch:
    images: Tensor
    targets: Tensor
    weights: Tensor

    def to(self, device: torch.device, non_blocking: bool) -> ToyBatch:
        return ToyBatch(self.images.to(device), self.targets.to(device), self.weights.to(device))

    def __len__(self) -> int:
        return len(self.images)


class ToyDraws:
    """Pictures from the draw number alone; keeps the numbers asked for."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def __getitem__(self, number: int) -> tuple[np.ndarray[Any, Any], float, float]:
        self.numbers.append(number)
        rng = np.random.default_rng([5, number])
        image = rng.normal(size=(3, 6, 6)).astype(np.float32)
        return image, float(image[0].mean() * 4 + 1), float(rng.integers(1, 5))

    def collate(self, items: list[Any]) -> ToyBatch:
        images, targets, weights = zip(*items, strict=True)
        return ToyBatch(torch.from_numpy(np.stack(images)), torch.tensor(targets), torch.tensor(weights))


@dataclass
class ToyTask:
    """Weighted squares, divided by the weights of all processes.

    Attributes:
        before: called with the number of the step in this process, from 1, before its loss.
        scale: of the loss.
    """

    before: Callable[[int], None] = lambda step: None
    scale: float = 1.0
    calls: int = field(default=0, init=False)

    def losses(self, net: nn.Module, batch: ToyBatch) -> dict[str, Tensor]:
        self.calls += 1
        self.before(self.calls)
        off = (net(batch.images) - batch.targets) * self.scale
        total = mean_over_processes(batch.weights.sum())
        return {
            "square": (off.square() * batch.weights).sum() / total,
            "size": 0.1 * (off.abs() * batch.weights).sum() / total,
        }


def measure(net: nn.Module) -> Evaluation:
    """Minus the mean square on draws that training never sees; uses up random numbers, too."""
    draws = ToyDraws()
    batch = draws.collate([draws[10**9 + i] for i in range(8)])
    torch.rand(7)
    error = float((net(batch.images) - batch.targets).square().mean())
    tile = np.full((20, 30, 3), 90, np.uint8)
    return Evaluation(-error, {"error": error}, [("worst one", tile), ("second", tile)])


def run(
    folder: Path,
    *,
    task: ToyTask | None = None,
    draws: ToyDraws | None = None,
    norm: bool = True,
    drop: float = 0.3,
    resume: bool = False,
    evaluate: Callable[[nn.Module], Evaluation] | None = measure,
    **settings: Any,
) -> nn.Module:
    """`fit` of a `ToyNet`, always from the same weights."""
    trainer = Trainer(**SETTINGS | settings)
    fabric = trainer.fabric()
    torch.manual_seed(3)
    net = ToyNet(norm, drop)
    optimizer = torch.optim.AdamW(parameter_groups(net, 0.02, 1.0, 0.01), lr=0.02)
    task, draws = task or ToyTask(), draws or ToyDraws()
    return fit(
        fabric, task, net, optimizer, draws, trainer, folder, evaluate=evaluate, resume=resume
    )  # fmt: skip


def lines(folder: Path) -> list[dict[str, Any]]:
    """The log, evaluations included."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def steps(folder: Path) -> list[int]:
    """The steps that the log tells of."""
    return [row["step"] for row in lines(folder) if "evaluation" not in row]


def tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint."""
    loaded: dict[str, Tensor] = load_file(path)
    return loaded


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> bool:
    """Bit for bit."""
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def stop_at(step: int, number: int = signal.SIGTERM) -> Callable[[int], None]:
    """For `ToyTask.before`: a signal to this process in a step."""

    def before(current: int) -> None:
        if current == step:
            os.kill(os.getpid(), number)

    return before


def _fault(options: dict[str, Any]) -> Callable[[int], None]:
    def before(step: int) -> None:
        time.sleep(options.get("pause", 0.0))
        here = int(os.environ.get("LOCAL_RANK", "0")) == options.get("rank", 0)
        if here and step == options.get("fail"):
            raise ValueError("a fault on purpose")
        if here and step == options.get("stop"):
            os.kill(os.getpid(), signal.SIGTERM)

    return before


def main() -> None:
    """Run as the JSON argument says; leave each process's weights and draw numbers beside the checkpoint."""
    options = json.loads(sys.argv[1])
    folder, fault = Path(options.pop("folder")), options.pop("fault", {})
    draws = ToyDraws()
    net = run(folder, task=ToyTask(_fault(fault)), draws=draws, **options)
    rank = os.environ.get("LOCAL_RANK", "0")
    save_file(
        {k: v.contiguous() for k, v in net.state_dict().items()}, folder / f"weights-{rank}.safetensors"
    )
    (folder / f"draws-{rank}.json").write_text(json.dumps(draws.numbers))
    end_talk()


if __name__ == "__main__":
    main()
