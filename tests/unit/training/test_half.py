from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lipack_vision.errors import ArtifactError
from lipack_vision.runtime import OnnxModel
from training.half import store_half


def product_model(weights: np.ndarray) -> onnx.ModelProto:
    """x (1, 64) @ weights + bias, with a bias too small to be worth halving."""
    bias = numpy_helper.from_array(np.full(weights.shape[1], 1 / 3, np.float32), "bias")
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["y"]),
        ],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights"), bias],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_half_the_size_and_the_same_answer(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(64, 128)).astype(np.float32)
    model = product_model(weights)
    before = model.ByteSize()
    store_half(model)
    onnx.checker.check_model(model)
    assert model.ByteSize() < 0.6 * before
    onnx.save(model, tmp_path / "half.onnx")
    x = rng.normal(size=(1, 64)).astype(np.float32)
    (y,) = OnnxModel(tmp_path / "half.onnx").run(x)
    exact = x @ weights.astype(np.float16).astype(np.float32) + np.float32(1 / 3)
    np.testing.assert_allclose(y, exact, rtol=1e-5, atol=1e-5)


def test_numbers_that_half_precision_cannot_hold_are_refused() -> None:
    weights = np.ones((64, 128), np.float32)
    weights[3, 4] = 1e6
    with pytest.raises(ArtifactError, match="weights"):
        store_half(product_model(weights))
