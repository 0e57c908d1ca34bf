"""Everything a run needs to go on, in one safetensors file: tensors, and plain JSON in its header."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from lipack_vision.errors import ArtifactError


@dataclass(slots=True)
class Progress:
    """How far a run has come: optimizer steps, and seconds spent training over all its parts."""

    step: int = 0
    seconds: float = 0.0


def save(path: Path, net: nn.Module, average: nn.Module, optimizer: Optimizer, progress: Progress) -> None:
    """Write a checkpoint; a reader sees the old file or the new one, never a part."""
    tensors = {f"net.{k}": v for k, v in net.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    state = optimizer.state_dict()
    for index, values in state["state"].items():
        tensors |= {f"optimizer.{index}.{key}": torch.as_tensor(value) for key, value in values.items()}
    tensors["random.torch"] = torch.get_rng_state()
    kind, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 - other libraries draw from it
    header = {
        "progress": asdict(progress),
        "groups": state["param_groups"],
        "random": {"python": random.getstate(), "numpy": [kind, np.asarray(keys).tolist(), *rest]},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    plain = {name: value.detach().contiguous().clone() for name, value in tensors.items()}
    save_file(plain, scratch, metadata={"state": json.dumps(header)})
    scratch.replace(path)


def load(path: Path, net: nn.Module, average: nn.Module, optimizer: Optimizer | None = None) -> Progress:
    """Read a checkpoint back into the given objects; with an optimizer also the random states.

    Raises:
        ArtifactError: no checkpoint, or one of another net.
    """
    tensors, header = _read(path)
    try:
        net.load_state_dict(_part(tensors, "net."), strict=True)
        average.load_state_dict(_part(tensors, "average."), strict=True)
    except RuntimeError as error:
        raise ArtifactError(
            str(path),
            expected="a checkpoint of this net",
            found=str(error).splitlines()[-1].strip(),
            cure="Use the configuration that the run was started with.",
        ) from error
    if optimizer is not None:
        _restore(optimizer, tensors, header)
    return Progress(**header["progress"])


def _restore(optimizer: Optimizer, tensors: dict[str, Tensor], header: dict[str, Any]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimizer.").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": header["groups"]})
    torch.set_rng_state(tensors["random.torch"])
    version, numbers, gauss = header["random"]["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = header["random"]["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))  # noqa: NPY002 - see save


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    if not path.is_file():
        raise ArtifactError(
            str(path),
            expected="a checkpoint",
            found="no such file",
            cure="Train first, or name the run with run=FOLDER.",
        )
    with safe_open(path, framework="pt") as stored:
        header = json.loads(stored.metadata()["state"])
        # Copied out of the memory-mapped file, which the next save replaces.
        return {name: stored.get_tensor(name).clone() for name in stored.keys()}, header  # noqa: SIM118


def peek(path: Path) -> Progress:
    """How far the run of a checkpoint has come, without its tensors."""
    with safe_open(path, framework="pt") as stored:
        return Progress(**json.loads(stored.metadata()["state"])["progress"])
