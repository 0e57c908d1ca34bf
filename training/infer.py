"""Find marks on the photos of a data set, with the decoder that users get."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from lipack_vision.artifact import Artifact, Preprocessing
from lipack_vision.datasets import PhotoDataset, Sample
from lipack_vision.labels.decode import Detection, decode, letterbox, normalise
from lipack_vision.runtime import OnnxModel

Floats = npt.NDArray[np.float32]
Network = Callable[[Floats], tuple[Floats, Floats]]
"""``(1, 3, H, W)`` -> ``logits (1, A, K)``, ``corners (1, A, 8)``, by torch or by ONNX Runtime."""

LEAST_SCORE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A photo with what was found on it, in its pixels; ``scale`` is net pixels per photo pixel."""

    sample: Sample
    found: list[Detection]
    scale: float


def torch_network(net: nn.Module) -> Network:
    """A torch net as a `Network`."""
    device = next(net.parameters()).device

    @torch.inference_mode()
    def run(images: Floats) -> tuple[Floats, Floats]:
        logits, corners = net(torch.from_numpy(images).to(device))
        return logits.cpu().numpy(), corners.cpu().numpy()

    net.eval()
    return run


def onnx_network(artifact: Artifact, threads: int = 0) -> Network:
    """The ONNX file of an artifact as a `Network`; ``threads`` 0 leaves the number to ONNX Runtime."""
    session = OnnxModel(artifact.path("model.onnx"), threads=threads)

    def run(images: Floats) -> tuple[Floats, Floats]:
        logits, corners = session.run(images)
        return logits, corners

    return run


def find_marks(network: Network, dataset: PhotoDataset, pre: Preprocessing) -> Iterator[Result]:
    """Run every photo; classes that the net does not know never occur."""
    for sample in dataset.samples:
        canvas, box = letterbox(sample.image(), pre)
        logits, corners = network(normalise(canvas, pre))
        found = decode(logits[0], corners[0], threshold=LEAST_SCORE)
        moved = [Detection(d.index, d.logit, box.to_photo(d.quad)) for d in found]
        yield Result(sample, moved, box.scale)
