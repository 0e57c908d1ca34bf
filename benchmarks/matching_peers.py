"""What one gets without learning to match: ImageNet features, SIFT alone, similarity of structure."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import torch

from lipack_vision.labels.closeup import cut
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.features import Features
from lipack_vision.matching.light import matched_light
from lipack_vision.matching.registration import register
from lipack_vision.nets.fine import FineNet
from lipack_vision.synth.designs.dataset import DesignFolder
from lipack_vision.types import ImageArray
from training.data.designs import true_frame
from training.matching.figures import cosines
from training.pretrained import load_backbone

SIDE = 224
_REGISTERED = 60
"""Pairs of photos of two designs that SIFT is tried on; each takes a while."""
_WORST = 0.002
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


def identity(encoder: SiameseEncoder, folder: DesignFolder) -> dict[str, tuple[Floats, Floats]]:
    """Scores of pairs of photos of one design, and of two designs, by who gives them.

    The peers are told where the carton is; ours has to find it.
    """
    squares, images, numbers = [], [], []
    for index, entry in enumerate(folder.designs):
        for part, hulls in enumerate((entry.hulls, entry.twin_hulls)):
            for view in range(len(hulls)):
                image, hull = folder.photo(index, part, view)
                squares.append(cut(image, true_frame(image, hull), SIDE))
                images.append(image)
                numbers.append(2 * index + part)
    vectors = np.concatenate([_mean_features(square) for square in squares])
    own = np.concatenate([encoder.run(cut_for(encoder, one)[None])[0] for one in squares])
    return {
        "ours, vectors alone, carton known": cosines(own, numbers),
        "ImageNet features": cosines(vectors, numbers),
        "SIFT inliers": _inliers(images, numbers),
    }


def cut_for(encoder: SiameseEncoder, square: ImageArray) -> ImageArray:
    """A square picture at the size of the encoder."""
    size = (encoder.size, encoder.size)
    return np.asarray(cv2.resize(square, size, interpolation=cv2.INTER_AREA), np.uint8)


def _inliers(images: list[ImageArray], numbers: list[int]) -> tuple[Floats, Floats]:
    points = [Features.of(image) for image in images]
    first, second = np.triu_indices(len(images), 1)
    same = np.asarray(numbers)[first] == np.asarray(numbers)[second]
    rng = np.random.default_rng(0)
    scores = []
    for chosen in (np.flatnonzero(same), rng.permutation(np.flatnonzero(~same))[: 10 * _REGISTERED]):
        counts = [
            sum(len(face.pairs) for face in register(points[first[i]], points[second[i]]))
            for i in rng.permutation(chosen)[: 10 * _REGISTERED]
        ]
        scores.append(np.array(counts, np.float32))
    return scores[0], scores[1]


@cache
def _net() -> FineNet:
    net = FineNet(48)
    load_backbone(net)
    return net.eval()


@torch.inference_mode()
def _deep(image: ImageArray) -> torch.Tensor:
    """Features ``(C, h, w)`` at stride 16 of a picture of any size."""
    height, width = (side - side % 16 for side in image.shape[:2])
    pixels = torch.from_numpy(
        (image[:height, :width].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1).copy()
    )
    return _net().maps(pixels[None])[2][0]


def _mean_features(square: ImageArray) -> Floats:
    vector = _deep(square).mean((1, 2)).numpy()
    return np.asarray(vector / np.linalg.norm(vector), np.float32)[None]


def feature_change(reference: ImageArray, photo: ImageArray, mask: Mask) -> float:
    """Largest distance of ImageNet features at one place, those of a shift by one cell allowed."""
    lit = matched_light(photo, reference, mask)
    a, b = (torch.nn.functional.normalize(_deep(one), dim=0) for one in (reference, lit))
    rows, columns = a.shape[1:]
    wide = torch.nn.functional.pad(b, (1, 1, 1, 1))
    alike = [(a * wide[:, y : y + rows, x : x + columns]).sum(0) for y in range(3) for x in range(3)]
    apart = 1 - torch.stack(alike).amax(0).numpy()
    shown = mask[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16).all((1, 3))
    return _worst(apart[shown])


def structure_change(reference: ImageArray, photo: ImageArray, mask: Mask) -> float:
    """One minus the mean similarity of structure (SSIM, Wang et al. 2004), after registration."""
    lit = matched_light(photo, reference, mask)
    x, y = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (reference, lit))

    def mean(part: Floats) -> Floats:
        return np.asarray(cv2.GaussianBlur(part, (11, 11), 1.5), np.float32)

    mx, my = mean(x), mean(y)
    vx, vy, both = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    alike = (2 * mx * my + _C1) * (2 * both + _C2) / ((mx * mx + my * my + _C1) * (vx + vy + _C2))
    inner = cv2.erode(mask.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    return 1 - float(alike[inner].mean()) if inner.any() else 0.0


def keypoint_change(reference: ImageArray, photo: ImageArray, mask: Mask) -> float:
    """Minus the share of SIFT points of the reference that are found again at their place."""
    points = [Features.of(np.where(mask[..., None], one, 114).astype(np.uint8)) for one in (reference, photo)]
    faces = register(points[0], points[1])
    return -sum(len(face.pairs) for face in faces) / max(len(points[0].whole.points), 1)


def _worst(apart: Floats) -> float:
    if not len(apart):
        return 0.0
    count = max(3, round(_WORST * len(apart)))
    return float(np.sort(apart)[::-1][:count].mean())


CHANGE: dict[str, Callable[[ImageArray, ImageArray, Mask], float]] = {
    "ImageNet features": feature_change,
    "SIFT inliers": keypoint_change,
    "SSIM": structure_change,
}
