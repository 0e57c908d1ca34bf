"""Find marks on the photos of a data set, with the finder that users get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from lipack_vision.datasets import PhotoDataset, Sample
from lipack_vision.labels.decode import Detection
from lipack_vision.labels.finder import Finder, Network

Floats = npt.NDArray[np.float32]


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
        first, second = net(torch.from_numpy(images).to(device))
        return first.cpu().numpy(), second.cpu().numpy()

    net.eval()
    return run


def find_marks(finder: Finder, dataset: PhotoDataset) -> Iterator[Result]:
    """Look at every photo; classes that the net does not know never occur."""
    for sample in dataset.samples:
        image = sample.image()
        scale = min(finder.pre.width / image.shape[1], finder.pre.height / image.shape[0])
        yield Result(sample, finder(image), scale)
