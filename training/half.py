"""Numbers stored in half precision and computed with in single precision: half the download, same speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lipack_vision.errors import ArtifactError

LEAST = 256
"""Smaller tensors stay as they are: there is nothing to save, and shapes and scales may need every digit."""
LARGEST = 65504.0


def store_half(model: onnx.ModelProto) -> None:
    """Replace large float32 constants by float16 ones that are cast back, in place.

    ONNX Runtime casts them once, when it loads the model.

    Raises:
        ArtifactError: a number is beyond what float16 holds.
    """
    graph = model.graph
    casts = []
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < LEAST:
            continue
        if not np.abs(values).max() <= LARGEST:
            raise ArtifactError(
                f"model.onnx: {tensor.name}",
                expected=f"numbers up to {LARGEST:g}",
                found=f"{np.abs(values).max():g}",
                cure="Train with a lower rate.",
            )
        name = f"{tensor.name}.half"
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [tensor.name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])


def halve(path: Path) -> None:
    """`store_half` for a file."""
    model = onnx.load(str(path))
    store_half(model)
    onnx.checker.check_model(model)
    onnx.save_model(model, str(path))
