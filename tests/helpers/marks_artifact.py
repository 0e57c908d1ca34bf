"""A tiny marks artifact whose net 'sees' one colour, so that detection can be tested without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lipack_vision.artifact import Artifact, write_artifact
from lipack_vision.types import LABELS

STRIDE = 32


def write_colour_net(path: Path, size: int, label: str = "class9a") -> None:
    """Write a net: each 32 px cell that is brighter than mid-grey is one upright square of 32 px.

    Its outputs are those of the marks net, for one stride: logits ``(1, A, 8)`` and corners ``(1, A, 8)``.
    """
    cells = size // STRIDE
    y, x = np.mgrid[:cells, :cells].reshape(2, -1).astype(np.float32) * STRIDE
    corners = np.stack([x, y, x + STRIDE, y, x + STRIDE, y + STRIDE, x, y + STRIDE], axis=1)[None]
    # The mean of a normalised cell times 4: about +8 for white, -8 for black.
    weight = np.zeros((len(LABELS), 3, 1, 1), np.float32)
    weight[LABELS.index(label)] = 4 / 3
    bias = np.full(len(LABELS), -20, np.float32)
    bias[LABELS.index(label)] = 0
    constants = [
        numpy_helper.from_array(weight, "weight"),
        numpy_helper.from_array(bias, "bias"),
        numpy_helper.from_array(np.array([1, len(LABELS), -1]), "shape"),
        numpy_helper.from_array(corners, "corner_values"),
    ]
    nodes = [
        helper.make_node(
            "AveragePool", ["images"], ["mean"], kernel_shape=[STRIDE] * 2, strides=[STRIDE] * 2
        ),
        helper.make_node("Conv", ["mean", "weight", "bias"], ["map"]),
        helper.make_node("Reshape", ["map", "shape"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["logits"], perm=[0, 2, 1]),
        helper.make_node("Identity", ["corner_values"], ["corners"]),
    ]
    graph = helper.make_graph(
        nodes,
        "colour",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, size, size])],
        [
            helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, cells**2, 8])
            for n in ("logits", "corners")
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def write_colour_artifact(folder: Path, *, size: int = 128, **fields: Any) -> Artifact:
    """A whole artifact around `write_colour_net`; ``fields`` override those of its card."""
    folder.mkdir(parents=True, exist_ok=True)
    net = folder / "net.onnx"
    write_colour_net(net, size)
    card: dict[str, Any] = {
        "name": "marks-colour",
        "task": "marks",
        "classes": LABELS,
        "preprocessing": {"width": size, "height": size, "pad": 0},
        "operating_points": {"balanced": dict.fromkeys(LABELS, 0.5)},
        "training": {"command": "none: written by hand"},
        "git_commit": "none",
        "licences": {"weights": "Apache-2.0"},
        "opset": 17,
    }
    return write_artifact(folder / "marks", card | fields, {"model.onnx": net})
