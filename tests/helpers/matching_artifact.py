"""A matching artifact of nets that know colours: where they lie is the packaging, what differs is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lipack_vision.artifact import Artifact, Calibration, Preprocessing, write_artifact

SIZE = 256
DIMENSION = 192
CALIBRATION = {
    "identity": Calibration(a=1.0, b=-5.0, positives=20, negatives=20),
    "changed": Calibration(a=1.0, b=0.0, positives=20, negatives=20),
}
"""An identity is likely from a cosine and points that together give 5, such as 0.6 and 30 points."""


def matching_artifact(folder: Path, **changes: Any) -> Artifact:
    """Write it; ``changes`` replace fields of its card."""
    files = {"model.onnx": _encoder(), "compare.onnx": _head()}
    paths = {}
    for name, model in files.items():
        paths[name] = folder.parent / f"{folder.name}-{name}"
        onnx.save_model(model, str(paths[name]))
    card: Mapping[str, Any] = {
        "name": "matching",
        "task": "matching",
        "classes": ("identity", "changed"),
        "preprocessing": Preprocessing(width=SIZE, height=SIZE, mean=(0.5,) * 3, std=(0.5,) * 3),
        "calibration": CALIBRATION,
        "operating_points": {"balanced": {"identity": 0.5, "changed": 0.5}},
        "training": {"made": "by hand"},
        "git_commit": "none",
        "licences": {"code": "Apache-2.0"},
        "opset": 18,
    }
    return write_artifact(folder, {**card, **changes}, paths)


def _encoder() -> onnx.ModelProto:
    """Embedding: colours of 8 x 8 places less the mean colour. Features: the colour of each cell."""
    nodes = [
        helper.make_node("AveragePool", ["images"], ["features"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("AveragePool", ["features"], ["places"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("GlobalAveragePool", ["places"], ["mean"]),
        helper.make_node("Sub", ["places", "mean"], ["apart"]),
        helper.make_node("Flatten", ["apart"], ["flat"]),
        helper.make_node("Add", ["flat", "little"], ["some"]),  # one colour all over has a direction, too
        helper.make_node("LpNormalization", ["some"], ["embedding"], axis=1, p=2),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, "h", "w"])
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", None]),
        helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 3, None, None]),
    ]
    little = numpy_helper.from_array(np.array(1e-3, np.float32), "little")
    return _model(helper.make_graph(nodes, "colours", [images], outputs, [little]))


def _head() -> onnx.ModelProto:
    """How far colours differ, blurred over three cells, so that a small shift does not matter.

    Hidden is what is pure magenta on the photo.
    """
    nodes = []
    for name in "ab":
        nodes.append(
            helper.make_node(
                "AveragePool", [name], [f"soft_{name}"], kernel_shape=[3, 3], strides=[1, 1], pads=[1] * 4
            )
        )
    nodes += [
        helper.make_node("Sub", ["soft_a", "soft_b"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["apart"]),
        helper.make_node("ReduceSum", ["apart", "axes"], ["sum"], keepdims=1),
        helper.make_node("Mul", ["sum", "steep"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["changed"]),
        helper.make_node("Conv", ["b", "magenta", "unlike"], ["hidden"]),
        helper.make_node("Concat", ["changed", "hidden"], ["maps"], axis=1),
    ]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, "h", "w"]) for name in "ab"]
    output = helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", 2, "h", "w"])
    numbers = [
        numpy_helper.from_array(np.array([1], np.int64), "axes"),
        numpy_helper.from_array(np.array(10, np.float32), "steep"),
        numpy_helper.from_array(np.array(-8, np.float32), "offset"),
        numpy_helper.from_array(np.array([[[[9]], [[-9]], [[9]]]], np.float32), "magenta"),
        numpy_helper.from_array(np.array([-16], np.float32), "unlike"),
    ]
    return _model(helper.make_graph(nodes, "difference", inputs, [output], numbers))


def _model(graph: onnx.GraphProto) -> onnx.ModelProto:
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
