"""Everything a run needs to go on, in one safetensors file: tensors, and plain JSON in its header."""

from __future__ import annotations

import json
import logging
import os
import random
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from lipack_vision.errors import ArtifactError

log = logging.getLogger(__name__)

CHECKPOINT = "last.safetensors"
ASKED = ("full_lr", "weight_decay")
"""Settings of an optimizer's groups that a resumed run takes from its configuration."""
BEST = "best.safetensors"

State = dict[str, Any]


@dataclass(slots=True)
class Progress:
    """How far a run has come.

    Attributes:
        step: optimizer steps.
        seconds: spent in them, over all parts of the run.
        draws: taken by all processes together; the next one has this number.
        evaluated: step of the last evaluation, or -1.
        best: score of the best evaluation.
        best_step: its step.
        stale: evaluations since then.
    """

    step: int = 0
    seconds: float = 0.0
    draws: int = 0
    evaluated: int = -1
    best: float | None = None
    best_step: int | None = None
    stale: int = 0


def random_state(device: torch.device) -> dict[str, Tensor]:
    """The states of all random number generators, each a tensor of fixed shape."""
    _, keys, position, has_gauss, gauss = np.random.get_state(legacy=True)  # noqa: NPY002 - libraries draw from it
    _, numbers, spare = random.getstate()
    state = {
        "torch": torch.get_rng_state(),
        "numpy": torch.tensor([*np.asarray(keys).tolist(), position, has_gauss, gauss], dtype=torch.float64),
        "python": torch.tensor([*numbers, spare is not None, spare or 0.0], dtype=torch.float64),
    }
    return state | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def set_random_state(state: Mapping[str, Tensor], device: torch.device) -> None:
    """Put back what `random_state` gave."""
    torch.set_rng_state(state["torch"].clone())  # crashes on a row of a larger tensor
    *keys, position, has_gauss, gauss = state["numpy"].tolist()
    words = np.array(keys, np.uint32)
    np.random.set_state(("MT19937", words, int(position), int(has_gauss), gauss))  # noqa: NPY002 - see random_state
    *numbers, has_spare, spare = state["python"].tolist()
    random.setstate((3, tuple(int(n) for n in numbers), spare if has_spare else None))
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"].clone(), device)


def save(
    path: Path,
    net: nn.Module,
    average: nn.Module,
    optimizer: Optimizer,
    progress: Progress,
    *,
    randoms: Mapping[str, Tensor],
    scaler: State | None = None,
) -> None:
    """Write a checkpoint; a reader sees the old file or this one, never a part, even after a power cut.

    Args:
        path: the file.
        net: as trained, not wrapped.
        average: of its weights.
        optimizer: of its parameters, not wrapped.
        progress: of the run.
        randoms: `random_state` of all processes, ``(world, ...)`` each.
        scaler: state of the gradient scaler, if there is one.
    """
    tensors = {f"net.{k}": v for k, v in net.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.state_dict().items()}
    tensors |= {f"random.{k}": v for k, v in randoms.items()}
    state = optimizer.state_dict()
    for index, values in state["state"].items():
        tensors |= {f"optimizer.{index}.{k}": torch.as_tensor(v) for k, v in values.items() if v is not None}
    header = {"optimizer": type(optimizer).__name__, "groups": state["param_groups"], "scaler": scaler}
    _write(path, tensors, progress, header)


def save_average(path: Path, average: nn.Module, progress: Progress) -> None:
    """Write the averaged weights alone."""
    _write(path, {f"average.{k}": v for k, v in average.state_dict().items()}, progress, {})


def _write(path: Path, tensors: Mapping[str, Tensor], progress: Progress, header: State) -> None:
    plain = {
        k: v.detach().to("cpu", copy=True, memory_format=torch.contiguous_format) for k, v in tensors.items()
    }
    header = {"progress": asdict(progress), "crc32": _checksum(plain), **header}
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    save_file(plain, scratch, metadata={"state": json.dumps(header)})
    _to_disk(scratch)
    scratch.replace(path)
    _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows opens no folders
    handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checksum(tensors: Mapping[str, Tensor]) -> int:
    total = 0
    for name in sorted(tensors):
        total = zlib.crc32(tensors[name].reshape(-1).view(torch.uint8).numpy().data, total)
    return total


def load(
    path: Path, net: nn.Module, average: nn.Module, optimizer: Optimizer
) -> tuple[Progress, dict[str, Tensor], State | None]:
    """Read a checkpoint back into the given objects, which keep their devices and memory formats.

    Returns:
        Progress, the ``randoms`` and the ``scaler`` that were saved.

    Raises:
        ArtifactError: no checkpoint, a damaged one, or one of another net or optimizer.
    """
    tensors, header = _read(path)
    _fill(path, net, _part(tensors, "net."))
    _fill(path, average, _part(tensors, "average."))
    _restore(path, optimizer, _part(tensors, "optimizer."), header)
    return _progress(header), _part(tensors, "random."), header["scaler"]


def load_average(path: Path, net: nn.Module) -> Progress:
    """Read only the averaged weights of a checkpoint, or those of `save_average`, into ``net``."""
    tensors, header = _read(path)
    _fill(path, net, _part(tensors, "average."))
    return _progress(header)


def load_trained(folder: Path, net: nn.Module) -> Progress:
    """Read the averaged weights of a run into ``net``: those of its best evaluation, else the last ones.

    Returns:
        Progress at the step that the weights are of.
    """
    last = peek(folder / CHECKPOINT)
    best = folder / BEST
    if last.best_step is not None and best.is_file() and peek(best).step == last.best_step:
        return load_average(best, net)
    if last.best_step is not None:
        log.warning("%s is not of step %d; the last weights are taken", best, last.best_step)
    return load_average(folder / CHECKPOINT, net)


def peek(path: Path) -> Progress:
    """How far the run of a checkpoint has come, without its tensors."""
    with _opened(path) as stored:
        return _progress(_header(path, stored))


def clean(folder: Path) -> None:
    """Remove what a process that was killed while writing has left."""
    for scratch in folder.glob("*.part"):
        scratch.unlink()


def _fill(path: Path, net: nn.Module, tensors: dict[str, Tensor]) -> None:
    try:
        net.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise _foreign(path, "net", str(error).splitlines()[-1].strip()) from error


def _foreign(path: Path, what: str, found: str) -> ArtifactError:
    return ArtifactError(
        str(path),
        expected=f"a checkpoint of this {what}",
        found=found,
        cure="Use the configuration that the run was started with.",
    )


def _restore(path: Path, optimizer: Optimizer, tensors: dict[str, Tensor], header: State) -> None:
    kind = type(optimizer).__name__
    if header.get("optimizer") != kind:
        raise _foreign(path, "optimizer", f"{header.get('optimizer')} instead of {kind}")
    sizes = [len(group["params"]) for group in optimizer.param_groups]
    stored = [len(group["params"]) for group in header["groups"]]
    if stored != sizes:
        raise _foreign(path, "optimizer", f"groups of {stored} instead of {sizes} parameters")
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        index, key = name.split(".", 1)
        parameter = parameters[int(index)]
        if value.ndim and value.shape != parameter.shape:
            raise _foreign(path, "optimizer", f"{key} {tuple(value.shape)} for {tuple(parameter.shape)}")
        # Laid out like the parameter: updates over equal layouts are faster and round alike.
        like = torch.empty_like(parameter, dtype=value.dtype, device="cpu") if value.ndim else None
        state.setdefault(int(index), {})[key] = value if like is None else like.copy_(value)
    # Momenta go on; rate and decay are those that are asked for, so that a run that diverged can be calmed.
    groups = [
        {**old, **{key: own[key] for key in ASKED if key in own}}
        for old, own in zip(header["groups"], optimizer.param_groups, strict=True)
    ]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _damaged(path: Path, found: str) -> ArtifactError:
    return ArtifactError(
        str(path),
        expected="a whole checkpoint",
        found=found,
        cure="Restore the file from a copy, or move it away and train from the start with resume=false.",
    )


def _opened(path: Path) -> Any:
    if not path.is_file():
        raise ArtifactError(
            str(path),
            expected="a checkpoint",
            found="no such file",
            cure="Train first, or name the run with run=FOLDER.",
        )
    try:
        return safe_open(path, framework="pt")
    except (SafetensorError, OSError) as error:
        raise _damaged(path, str(error)) from error


def _header(path: Path, stored: Any) -> State:
    try:
        return dict(json.loads((stored.metadata() or {})["state"]))
    except (KeyError, ValueError) as error:
        raise _damaged(path, "a safetensors file of something else") from error


def _progress(header: State) -> Progress:
    return Progress(**header["progress"])


def _read(path: Path) -> tuple[dict[str, Tensor], State]:
    with _opened(path) as stored:
        header = _header(path, stored)
        # Copied out of the memory-mapped file, which the next save replaces.
        tensors = {name: stored.get_tensor(name).clone() for name in stored.keys()}  # noqa: SIM118
    if header.get("crc32") not in (None, _checksum(tensors)):
        raise _damaged(path, "contents that differ from their checksum")
    return tensors, header
