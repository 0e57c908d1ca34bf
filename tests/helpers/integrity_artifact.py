"""An integrity artifact whose net knows colours: green is carton, red a hole, pale green film."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lipack_vision.artifact import Artifact, Calibration, Preprocessing, write_artifact
from lipack_vision.integrity.maps import ANY, CHANNELS, CORE, STRIDE, WRAPPED
from lipack_vision.types import DAMAGE_TYPES

SIZE = 320
CALIBRATION = {"damaged": Calibration(a=1.0, b=0.0, positives=20, negatives=20)}


def integrity_artifact(folder: Path, **changes: Any) -> Artifact:
    """Write it; ``changes`` replace fields of its card."""
    model = folder.parent / f"{folder.name}.onnx"
    onnx.save_model(_colours(), str(model))
    card: Mapping[str, Any] = {
        "name": "integrity",
        "task": "integrity",
        "classes": CHANNELS,
        "preprocessing": Preprocessing(width=SIZE, height=SIZE, mean=(0.5,) * 3, std=(0.5,) * 3),
        "calibration": CALIBRATION,
        "operating_points": {"balanced": {"damaged": 0.5}, "sensitive": {"damaged": 0.1}},
        "training": {"made": "by hand"},
        "git_commit": "none",
        "licences": {"code": "Apache-2.0"},
        "opset": 18,
    }
    return write_artifact(folder, {**card, **changes}, {"model.onnx": model})


def _colours() -> onnx.ModelProto:
    """The mean colour of each cell, then a weight for each of red, green and blue."""
    weights, bias = np.zeros((len(CHANNELS), 3, 1, 1), np.float32), np.full(len(CHANNELS), -8, np.float32)
    for channel in (ANY, DAMAGE_TYPES.index("hole")):
        weights[channel, :, 0, 0] = (8, -8, 0)
    weights[CORE, :, 0, 0], bias[CORE] = (0, 8, -8), -2
    weights[WRAPPED, :, 0, 0], bias[WRAPPED] = (8, 8, 0), -8
    nodes = [
        helper.make_node(
            "AveragePool", ["images"], ["cells"], kernel_shape=[STRIDE] * 2, strides=[STRIDE] * 2
        ),
        helper.make_node("Conv", ["cells", "weights", "bias"], ["maps"], kernel_shape=[1, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "colours",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, SIZE, SIZE])],
        [helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["n", len(CHANNELS), None, None])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
