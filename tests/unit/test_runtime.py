from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from lipack_vision.errors import ArtifactError, ConfigError
from lipack_vision.runtime import OnnxModel, resolve_provider
from tests.helpers.marks_artifact import write_colour_net


def test_runs_and_names_its_ends(tmp_path: Path) -> None:
    write_colour_net(tmp_path / "net.onnx", 64)
    net = OnnxModel(tmp_path / "net.onnx", threads=1)
    logits, corners = net.run(np.zeros((1, 3, 64, 64), np.float32))
    assert (list(net.inputs), list(net.outputs)) == (["images"], ["logits", "corners"])
    assert logits.shape == corners.shape == (1, 4, 8)


def test_metadata_is_the_texts_of_the_file(tmp_path: Path) -> None:
    write_colour_net(tmp_path / "net.onnx", 64)
    model = onnx.load(tmp_path / "net.onnx")
    assert OnnxModel(tmp_path / "net.onnx").metadata == {}
    onnx.helper.set_model_props(model, {"character": "A\nB"})
    onnx.save(model, tmp_path / "net.onnx")
    assert OnnxModel(tmp_path / "net.onnx").metadata == {"character": "A\nB"}


def test_unusable_model_and_provider(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"not a model")
    with pytest.raises(ArtifactError, match=r"net\.onnx"):
        OnnxModel(tmp_path / "net.onnx")
    assert resolve_provider("CPU") == "CPUExecutionProvider"
    with pytest.raises(ConfigError, match="cpu"):
        resolve_provider("abacus")
