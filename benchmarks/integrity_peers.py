"""What one gets without learning damage: plain ImageNet features of the same backbone."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import StandardScaler  # type: ignore[import-untyped]

from lipack_vision.nets.fine import FineNet
from lipack_vision.types import ImageArray
from training.pretrained import load_backbone

SIDE = 320
_BANK = 200
"""Places of each sound photo that are kept in the memory bank."""

Floats = npt.NDArray[np.float64]


def linear_probe(images: Sequence[ImageArray], damaged: npt.NDArray[np.bool_]) -> Floats:
    """Score of each photo by a logistic regression on mean features of all other photos."""
    features = np.stack([places.mean(axis=0) for places in _features(images)])
    scores = np.zeros(len(images))
    for index in range(len(images)):
        others = np.arange(len(images)) != index
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000)
        )
        model.fit(features[others], damaged[others])
        scores[index] = model.decision_function(features[index : index + 1])[0]
    return scores


def memory_bank(images: Sequence[ImageArray], damaged: npt.NDArray[np.bool_]) -> Floats:
    """Score of each photo as PatchCore's (Roth et al. 2022): the largest distance of one of its places to the
    nearest place of any other sound photo.
    """
    features = _features(images)
    rng = np.random.default_rng(0)
    banks = [places[rng.permutation(len(places))[:_BANK]] for places in features]
    scores = np.zeros(len(images))
    for index, places in enumerate(features):
        others = [bank for i, bank in enumerate(banks) if i != index and not damaged[i]]
        bank = torch.from_numpy(np.concatenate(others))
        nearest = torch.cdist(torch.from_numpy(places), bank).min(dim=1).values
        scores[index] = float(nearest.max())
    return scores


@torch.inference_mode()
def _features(images: Sequence[ImageArray]) -> list[npt.NDArray[np.float32]]:
    """Features ``(400, 112)`` of places on each photo, averaged over their neighbours."""
    net = FineNet(48)
    load_backbone(net)
    net.eval()
    found = []
    for image in images:
        small = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.float32)
        pixels = torch.from_numpy((small / 127.5 - 1).transpose(2, 0, 1)[None].copy())
        deep = torch.nn.functional.avg_pool2d(net.features(pixels)[1], 3, 1, 1)
        found.append(deep[0].flatten(1).T.numpy().copy())
    return found
