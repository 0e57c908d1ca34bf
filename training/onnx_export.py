"""Nets as ONNX files, refused when ONNX Runtime does not agree with torch."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxscript import optimizer
from torch import Tensor, nn

from lipack_vision.artifact import Preprocessing
from lipack_vision.codes.line_image import LINE_HEIGHT, STEP
from lipack_vision.datasets import PhotoDataset
from lipack_vision.errors import ArtifactError
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.labels.decode import decode, letterbox, normalise
from lipack_vision.labels.finder import LEAST_SCORE
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray
from training.infer import Floats, torch_network

OPSET = 18
LOGIT_TOLERANCE = 1e-2
CORNER_TOLERANCE = 0.1
"""Pixels of the net's input."""
ODD_SHAPES = ((640, 640), (333, 517), (641, 97), (64, 640), (31, 33))
_FEW = 64
"""Numbers of a tensor below which it is stored as it is."""
_CURE = "Nothing was written. Export with versions of torch and onnxscript that agree."


def export_marks_net(net: nn.Module, path: Path, pre: Preprocessing) -> None:
    """Write the marks net for batches of any length of inputs ``(N, 3, H, W)``, see `Preprocessing.fixed`."""
    # An example whose sides differ: the exporter takes equal numbers for one and the same.
    height, width = (pre.height, pre.width) if pre.fixed or pre.height == 32 else (pre.height - 32, pre.width)
    sides = {}
    if not pre.fixed:
        sides = {2: 32 * torch.export.Dim("rows", max=4096), 3: 32 * torch.export.Dim("columns", max=4096)}
    _export(net, path, torch.zeros(2, 3, height, width), ("logits", "corners"), sides)


def export_closeup_net(net: nn.Module, path: Path, size: int) -> None:
    """Write the close-up net for batches of any length of inputs ``(N, 3, size, size)``."""
    _export(net, path, torch.zeros(2, 3, size, size), ("logits", "heat"), {})


def export_text_map_net(net: nn.Module, path: Path) -> None:
    """Write the finder of lines for batches of any length of inputs ``(N, 3, H, W)`` of any sides."""
    sides = {2: 16 * torch.export.Dim("rows", max=512), 3: 16 * torch.export.Dim("columns", max=512)}
    _export(net, path, torch.zeros(2, 3, 160, 192), ("logits", "directions"), sides)


def export_line_net(net: nn.Module, path: Path) -> None:
    """Write the reader of lines for batches of any length of lines of any width."""
    sides = {3: STEP * torch.export.Dim("steps", max=2048)}
    _export(net, path, torch.zeros(2, 3, LINE_HEIGHT, 160), ("logits",), sides)


def export_damage_net(net: nn.Module, path: Path, size: int) -> None:
    """Write the damage net for batches of any length of inputs ``(N, 3, size, size)``."""
    _export(net, path, torch.zeros(2, 3, size, size), ("maps",), {})


def export_siamese_net(net: nn.Module, path: Path) -> None:
    """Write the matching net for batches of any length of inputs ``(N, 3, H, W)`` of any sides."""
    sides = {2: 16 * torch.export.Dim("rows", max=512), 3: 16 * torch.export.Dim("columns", max=512)}
    _export(net, path, torch.zeros(2, 3, 160, 192), ("embedding", "features"), sides)


def export_comparison(head: nn.Module, path: Path, channels: int) -> None:
    """Write the head that compares two batches of feature maps ``(N, channels, h, w)`` of any sides."""
    sides = {2: torch.export.Dim("rows", max=2048), 3: torch.export.Dim("columns", max=2048)}
    examples = (torch.zeros(2, channels, 40, 48), torch.zeros(2, channels, 40, 48))
    _export(head, path, examples, ("maps",), sides, ("a", "b"))


def check_codes_net(net: nn.Module, path: Path, batches: Sequence[Floats | tuple[Floats, ...]]) -> float:
    """Largest difference of ONNX Runtime from torch in any number, on inputs of the net.

    Raises:
        ArtifactError: a difference above the tolerance.
    """
    session, worst = OnnxModel(path), 0.0
    net.eval()
    for batch in batches:
        given = batch if isinstance(batch, tuple) else (batch,)
        with torch.no_grad():
            told = net(*map(torch.from_numpy, given))
        expected = told if isinstance(told, tuple) else (told,)
        for one, other in zip(expected, session.run(*given), strict=True):
            worst = max(worst, float(np.abs(one.numpy() - other).max()))
    if not worst <= LOGIT_TOLERANCE:
        raise ArtifactError(
            str(path), expected=f"answers of torch within {LOGIT_TOLERANCE}", found=f"{worst:.2g}", cure=_CURE
        )
    return worst


def _export(
    net: nn.Module,
    path: Path,
    example: Tensor | tuple[Tensor, ...],
    outputs: tuple[str, ...],
    sides: dict[int, Any],
    inputs: tuple[str, ...] = ("images",),
) -> None:
    shape = {0: torch.export.Dim("batch"), **sides}
    # The example has two pictures: with one the exporter would take the batch length for a constant.
    net.eval()
    for chatty in ("onnx_ir", "onnxscript"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    program = torch.onnx.export(
        net,
        example if isinstance(example, tuple) else (example,),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_shapes=dict.fromkeys(inputs, shape),
        opset_version=OPSET,
        dynamo=True,
        # Constants are folded below; batch norms are left to ONNX Runtime, which folds them when it loads the
        # file: folded here, weights would no longer be numbers of half precision.
        optimize=False,
        verbose=False,
    )
    if program is None:
        raise ArtifactError(
            str(path), expected="an ONNX program", found="nothing", cure="Update torch and onnxscript."
        )
    optimizer.fold_constants(program.model)
    optimizer.remove_unused_nodes(program.model)
    model = halved(program.model_proto)
    onnx.checker.check_model(model)
    onnx.save_model(model, str(path))


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the weights that are numbers of half precision as such: half the file, the same net.

    They are widened when the file is loaded; see `shipping.round_weights`.
    """
    graph = model.graph
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FEW:
            continue
        half = values.astype(np.float16)
        if np.array_equal(half.astype(np.float32), values):
            graph.initializer.remove(tensor)
            graph.initializer.append(numpy_helper.from_array(half, f"{tensor.name}.half"))
            widen = helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT)
            graph.node.insert(0, widen)
    return model


def check_marks_net(
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
                cure=_CURE,
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


def check_closeup_net(
    net: nn.Module, path: Path, size: int, pre: Preprocessing, images: Sequence[ImageArray]
) -> float:
    """Largest difference of ONNX Runtime from torch in any logit, on pictures cut from photos.

    Raises:
        ArtifactError: a difference above the tolerance.
    """
    of_torch, session = torch_network(net), OnnxModel(path)
    worst = 0.0
    for image in images:
        height, width = image.shape[:2]
        frames = [Frame(width / 2, height / 2, max(height, width) * part, part) for part in (0.2, 0.5, 1.0)]
        batch = np.concatenate([normalise(cut(image, frame, size), pre) for frame in frames])
        for one, other in zip(of_torch(batch), session.run(batch), strict=True):
            worst = max(worst, float(np.abs(one - other).max()))
        if not worst <= LOGIT_TOLERANCE:
            raise ArtifactError(
                str(path),
                expected=f"logits of torch within {LOGIT_TOLERANCE}",
                found=f"{worst:.2g} on a photo of shape {image.shape}",
                cure=_CURE,
            )
    return worst


def parity_images(datasets: Sequence[PhotoDataset]) -> list[ImageArray]:
    """Photos cut to odd shapes, from thin strips to smaller than one cell of the coarsest grid."""
    samples = [sample for dataset in datasets for sample in dataset.samples]
    images = []
    for sample, (height, width) in zip(samples, ODD_SHAPES, strict=False):
        image = sample.image()
        images.append(np.ascontiguousarray(image[:height, :width]))
    return images
