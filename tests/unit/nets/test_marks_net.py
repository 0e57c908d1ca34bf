"""The marks net: shapes, odd sizes, frozen stages, saving and ONNX parity."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto
from safetensors.torch import load_file, save_file

from lipack_vision.artifact import Preprocessing
from lipack_vision.errors import ArtifactError, ConfigError, ShapeError
from lipack_vision.nets.marks import STRIDES, MarksNet, cells
from lipack_vision.runtime import OnnxModel
from training import onnx_export
from training.shipping import round_weights


@pytest.fixture(scope="module")
def net() -> MarksNet:
    torch.manual_seed(0)
    return MarksNet(width=16, depth=1).eval()


@pytest.mark.parametrize(("count", "height", "width"), [(1, 32, 32), (2, 96, 64), (1, 64, 160)])
def test_outputs_have_one_row_per_cell_of_each_stride(
    net: MarksNet, count: int, height: int, width: int
) -> None:
    logits, corners = net(torch.randn(count, 3, height, width))
    rows = sum((height // s) * (width // s) for s in STRIDES)
    assert logits.shape == (count, rows, 8)
    assert corners.shape == (count, rows, 8)


def test_untrained_cells_predict_a_square_of_four_strides_about_their_centre(net: MarksNet) -> None:
    _, corners = net(torch.zeros(1, 3, 64, 64))
    centres, strides = cells(64, 64)
    shape = corners[0].view(-1, 4, 2)
    assert torch.allclose(shape.mean(1), centres, atol=4.0)
    width = (shape[:, 1, 0] - shape[:, 0, 0]) / strides
    assert torch.all((width - 4).abs() < 1)


def test_cells_are_ordered_by_stride_then_row_by_row() -> None:
    centres, strides = cells(64, 32)
    assert strides.tolist() == [8.0] * 32 + [16.0] * 8 + [32.0] * 2
    assert centres[:5].tolist() == [[4, 4], [12, 4], [20, 4], [28, 4], [4, 12]]
    assert centres[-1].tolist() == [16, 48]


def test_sides_that_are_no_multiple_of_32_are_refused(net: MarksNet) -> None:
    with pytest.raises(ShapeError, match="multiples of 32"):
        net(torch.zeros(1, 3, 64, 65))


def test_more_stages_than_there_are_cannot_be_frozen() -> None:
    with pytest.raises(ConfigError, match="freeze_stages"):
        MarksNet(freeze_stages=9)


def test_frozen_stages_keep_weights_and_statistics() -> None:
    net = MarksNet(width=16, depth=1, freeze_stages=3).train()
    before = {k: v.clone() for k, v in net.backbone.state_dict().items()}
    logits, corners = net(torch.randn(2, 3, 64, 64))
    (logits.mean() + corners.mean()).backward()
    torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1).step()
    changed = {k.split(".")[1] for k, v in net.backbone.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"2", "3", "4", "5", "6"}
    assert net.backbone.conv_stem.weight.grad is None


def test_backward_reaches_every_trainable_tensor() -> None:
    net = MarksNet(width=16, depth=1).train()
    logits, corners = net(torch.randn(2, 3, 64, 64))
    (logits.square().mean() + corners.square().mean()).backward()
    assert [n for n, p in net.named_parameters() if p.grad is None] == []


def test_saved_and_loaded_it_gives_the_same_bits(net: MarksNet, tmp_path: Path) -> None:
    save_file(net.state_dict(), tmp_path / "net.safetensors")
    other = MarksNet(width=16, depth=1).eval()
    other.load_state_dict(load_file(tmp_path / "net.safetensors"), strict=True)
    image = torch.randn(1, 3, 64, 64)
    for one, two in zip(net(image), other(image), strict=True):
        assert torch.equal(one, two)


PRE = Preprocessing(width=96, height=64)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[MarksNet, Path]:
    """A net whose outputs vary strongly, and its ONNX file."""
    torch.manual_seed(1)
    net = MarksNet(width=16, depth=1).eval()
    with torch.no_grad():
        net.classify.out.weight.normal_(std=0.5)
        net.place.out.weight.normal_(std=0.5)
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    onnx_export.export_marks_net(net, path, PRE)
    return net, path


def noise(*shapes: tuple[int, int]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (*shape, 3), np.uint8) for shape in shapes]


def test_onnx_agrees_with_torch_on_odd_shapes(exported: tuple[MarksNet, Path]) -> None:
    logits, corners = onnx_export.check_marks_net(*exported, PRE, noise((64, 96), (31, 33), (200, 7)))
    assert logits < 1e-3
    assert corners < 1e-2


def test_rounded_weights_take_half_the_room_and_give_the_same_answers(
    exported: tuple[MarksNet, Path], tmp_path: Path
) -> None:
    net, path = copy.deepcopy(exported[0]), tmp_path / "half.onnx"
    round_weights(net)
    onnx_export.export_marks_net(net, path, PRE)
    stored = {t.name: t.data_type for t in onnx.load(path).graph.initializer}
    assert path.stat().st_size < 0.65 * exported[1].stat().st_size
    assert TensorProto.FLOAT16 in stored.values()
    assert max(onnx_export.check_marks_net(net, path, PRE, noise((64, 96)))) < 1e-2
    # Weights of full precision stay what they are.
    assert TensorProto.FLOAT16 not in {
        t.data_type for t in onnx.load(exported[1]).graph.initializer if len(t.dims) == 4
    }


def test_a_number_too_large_for_half_precision_is_told(exported: tuple[MarksNet, Path]) -> None:
    net = copy.deepcopy(exported[0])
    with torch.no_grad():
        net.place.out.bias[0] = 1e6
    with pytest.raises(ArtifactError, match="place"):
        round_weights(net)


def test_export_refuses_onnx_that_differs_from_torch(exported: tuple[MarksNet, Path]) -> None:
    net, path = exported
    other = copy.deepcopy(net)
    with torch.no_grad():
        other.place.out.bias.add_(0.1)
    with pytest.raises(ArtifactError, match="corners within"):
        onnx_export.check_marks_net(other, path, PRE, noise((64, 96)))


def test_exported_net_takes_batches_of_any_length(exported: tuple[MarksNet, Path]) -> None:
    images = np.random.default_rng(1).normal(size=(3, 3, 64, 96)).astype(np.float32)
    session = OnnxModel(exported[1])
    together, alone = session.run(images), session.run(images[1:2])
    assert np.allclose(together[0][1:2], alone[0], atol=1e-4)
    assert together[1].shape == (3, 8 * 12 + 4 * 6 + 2 * 3, 8)
