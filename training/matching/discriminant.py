"""The last layer of a carton's vector, fitted in closed form: linear discriminant analysis over designs.

Few designs fit into a step, so a short training hardly teaches what all designs have in common. The
covariance of photos of one design says it at once: what changes with view and light is scaled down, what
differs between designs is kept (Fisher 1936).
"""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt
import torch
from rich.progress import track

from lipack_vision.nets.siamese import SiameseNet
from lipack_vision.synth.designs.dataset import DesignFolder
from lipack_vision.types import ImageArray
from training.data.designs import design_squares
from training.tasks.pixels import normalise

BATCH = 16
SHRINKAGE = 0.1
"""Share of the covariance within designs that is replaced by an even one: photos are few for its numbers."""

Doubles = npt.NDArray[np.float64]
Stats = tuple[float, float, float]
log = logging.getLogger(__name__)


def fit_embedding(
    net: SiameseNet, designs: DesignFolder, size: int, mean: Stats, std: Stats, count: int
) -> None:
    """Replace the weights of ``net.embedding`` by those that tell the first ``count`` designs apart best.

    Args:
        net: trained; every other layer stays.
        designs: with photos; a twin is a design of its own.
        size: side of the squares in pixels.
        mean, std: how the net is fed.
        count: designs at most.
    """
    net.eval()
    pictures, numbers = [], []
    found: list[Doubles] = []
    entries = designs.designs[:count]
    total = sum(len(entry.hulls) + len(entry.twin_hulls) for entry in entries)
    squares = design_squares(designs, len(entries), size)
    for picture, number in track(squares, "fitting vectors", total=total):
        pictures.append(picture)
        numbers.append(number)
        if len(pictures) == BATCH:
            found.append(_pooled(net, pictures, mean, std))
            pictures = []
    if pictures:
        found.append(_pooled(net, pictures, mean, std))
    matrix, middle = discriminant(np.concatenate(found), np.array(numbers), net.embedding.out_features)
    weight = np.zeros((net.embedding.out_features, matrix.shape[0]))
    weight[: matrix.shape[1]] = matrix.T
    with torch.no_grad():
        net.embedding.weight.copy_(torch.from_numpy(weight).float())
        net.embedding.bias.copy_(torch.from_numpy(-weight @ middle).float())
    log.info("vectors fitted to %d photos of %d designs", len(numbers), len(set(numbers)))


def discriminant(features: Doubles, numbers: npt.NDArray[np.int64], most: int) -> tuple[Doubles, Doubles]:
    """The map ``(D, K)`` under which photos of one design lie together, K at most ``most``, and the middle.

    Args:
        features: ``(N, D)``.
        numbers: ``(N,)`` of the designs.
        most: columns wanted.
    """
    _, index = np.unique(numbers, return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, features.shape[1]))
    np.add.at(sums, index, features)
    means = sums / np.bincount(index)[:, None]
    apart = features - means[index]
    # Of one scale first, or the loudest features would set how much the quiet ones are shrunk.
    scale = np.sqrt(np.square(apart).mean(axis=0))
    scale = np.maximum(scale, max(1e-3 * float(scale.max()), 1e-9))
    within = (apart / scale).T @ (apart / scale) / max(len(features) - len(means), 1)
    even = np.eye(len(within)) * (np.trace(within) / len(within))
    values, axes = np.linalg.eigh((1 - SHRINKAGE) * within + SHRINKAGE * even)
    white = axes / np.sqrt(values) / scale[:, None]
    middle = means.mean(axis=0)
    _, _, directions = np.linalg.svd((means - middle) @ white, full_matrices=False)
    found = white @ directions[:most].T
    # Vectors are brought to length 1, so only directions matter; so small, the numbers fit into 16 bits.
    return found / np.abs(found).max(), middle


@torch.no_grad()
def _pooled(net: SiameseNet, pictures: list[ImageArray], mean: Stats, std: Stats) -> Doubles:
    device = next(net.parameters()).device
    images = torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy()).to(device)
    pooled = net.pooled(net.maps(normalise(images, mean, std))[2])
    return np.asarray(pooled.double().cpu().numpy())
