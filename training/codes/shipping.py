"""Turn trained nets into a codes artifact: the finder and the reader of lines, calibrated together."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from omegaconf import DictConfig
from safetensors.torch import save_file
from torch import nn

from lipack_vision.artifact import Artifact, Preprocessing, load_artifact, write_artifact
from lipack_vision.codes.calibration import CODE, LINE, TASK
from lipack_vision.codes.line_engine import FINDER_FILE, READER_FILE
from lipack_vision.codes.line_image import LINE_HEIGHT, WIDEST
from lipack_vision.errors import ArtifactError
from training import onnx_export, shipping
from training.calibrate_codes import DATA_LICENCE, recalibrate
from training.codes.line_text import ALPHABET
from training.infer import Floats

_WIDTHS = {"finder": (96, 320), "reader": (64, 384)}
"""Of the random pictures on which ONNX Runtime must agree with torch."""
_FILES = {
    "finder": (FINDER_FILE, shipping.FINDER_WEIGHTS, onnx_export.export_text_map_net),
    "reader": (READER_FILE, shipping.READER_WEIGHTS, onnx_export.export_line_net),
}


class Fed(Protocol):
    """How a task feeds its net."""

    @property
    def name(self) -> str:
        """Of the task."""

    @property
    def mean(self) -> tuple[float, float, float]:
        """Per channel, of pixel values 0..1."""

    @property
    def std(self) -> tuple[float, float, float]:
        """Per channel."""


def ship(config: DictConfig, nets: Mapping[str, nn.Module], task: Fed, training: dict[str, Any]) -> Artifact:
    """Write a trained net with the other one of ``config.codes`` to ``config.artifact``.

    With both nets there what they read is calibrated on ``config.calibrate`` rendered pictures.
    """
    other = None if config.codes is None else load_artifact(config.codes)
    told = {} if other is None else dict(other.card.training)
    licences = {} if other is None else dict(other.card.licences)
    started = training["started_from"]
    licences |= {
        "code": "Apache-2.0",
        f"{task.name} weights": shipping.weights_licence(started),
        "data": DATA_LICENCE,
    }
    folder = Path(config.artifact)
    artifact = export_codes(
        folder,
        nets,
        other,
        mean=task.mean,
        std=task.std,
        training={**told, task.name: training},
        licences=licences,
    )
    return (
        recalibrate(artifact, folder, config.calibrate)
        if {FINDER_FILE, READER_FILE} <= artifact.card.files.keys()
        else artifact
    )


def export_codes(
    folder: Path,
    nets: Mapping[str, nn.Module],
    other: Artifact | None,
    *,
    mean: tuple[float, float, float],
    std: tuple[float, float, float],
    training: Mapping[str, Any],
    licences: Mapping[str, str],
) -> Artifact:
    """Write the trained nets, ``finder`` or ``reader`` or both, and take what is missing from another
    artifact.

    Probabilities stay uncalibrated; see `training.calibrate_codes`.

    Raises:
        ArtifactError: ONNX Runtime does not agree with torch, or the other artifact was fed otherwise.
    """
    pre = Preprocessing(width=WIDEST, height=LINE_HEIGHT, mean=mean, std=std, fixed=False)
    if other is not None and other.card.preprocessing != pre:
        raise ArtifactError(
            str(other.folder),
            expected=f"preprocessing {pre}",
            found=f"{other.card.preprocessing}",
            cure="Train both nets alike.",
        )
    with tempfile.TemporaryDirectory() as scratch:
        files: dict[str, Path] = {}
        parity: dict[str, float] = {}
        for name, (model, weights, export) in _FILES.items():
            if name in nets:
                files |= {model: Path(scratch) / model, weights: Path(scratch) / weights}
                parity[name] = _export(nets[name], files[model], export, _WIDTHS[name])
                save_file(shipping.half_precision(nets[name]), files[weights])
            elif other is not None and model in other.card.files:
                files |= {file: other.path(file) for file in (model, weights)}
        card = {
            "name": TASK,
            "task": TASK,
            "classes": (CODE, LINE),
            "preprocessing": pre,
            "alphabet": ALPHABET if READER_FILE in files else None,
            "training": {**training, **shipping.circumstances(parity)},
            "git_commit": shipping.git_commit(),
            "licences": dict(licences),
            "opset": onnx_export.OPSET,
        }
        return write_artifact(folder, card, files)


def _export(
    net: nn.Module, path: Path, export: Callable[[nn.Module, Path], None], widths: Sequence[int]
) -> float:
    export(net, path)
    rng = np.random.default_rng(0)
    height = LINE_HEIGHT if path.name == READER_FILE else 160
    batches: list[Floats] = [rng.uniform(-1, 1, (2, 3, height, width)).astype(np.float32) for width in widths]
    return onnx_export.check_codes_net(net, path, batches)
