"""From photo to net input and from net output to quads, in NumPy: the same for training and use."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.artifact import Preprocessing
from lipack_vision.geometry import is_convex, quad_iou
from lipack_vision.types import DIAMONDS, LABELS, ImageArray, Quad

FloatArray = npt.NDArray[np.float32]

_RIVALS: tuple[frozenset[str], ...] = (DIAMONDS,)
"""Labels that exclude each other at one place: a diamond is of one class only."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """The photo was scaled by ``scale`` and padded at the right and bottom."""

    scale: float

    def to_photo(self, corners: FloatArray) -> FloatArray:
        """Corners ``(..., 2)`` of the net's input in pixels of the photo."""
        # Pixel centres lie at +0.5: scaling keeps the outer edge of the picture, not its first centre.
        return ((corners + 0.5) / self.scale - 0.5).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Detection:
    """One decoded object in pixels of the net's input: class index, raw logit, corners ``(4, 2)``."""

    index: int
    logit: float
    quad: Quad

    @property
    def score(self) -> float:
        """Uncalibrated score, 0..1."""
        return float(sigmoid(np.float64(self.logit)))


def sigmoid(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Logistic function that does not overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(values, np.float64))))


def letterbox(image: ImageArray, pre: Preprocessing) -> tuple[ImageArray, Letterbox]:
    """Scale the photo into the input size, aspect kept, padded at the right and bottom.

    Returns:
        RGB ``uint8``: of the full size if ``pre.fixed``, else no larger than the photo needs, with sides that
        are multiples of 32; and the way back to pixels of the photo.
    """
    height, width = image.shape[:2]
    scale = min(pre.width / width, pre.height / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    across, down = (pre.width, pre.height) if pre.fixed else (-(-side // 32) * 32 for side in size)
    canvas = np.full((down, across, 3), pre.pad, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(image, size, interpolation=interpolation)
    return canvas, Letterbox(scale)


def normalise(canvas: ImageArray, pre: Preprocessing) -> FloatArray:
    """``(H, W, 3)`` bytes to the net's ``(1, 3, H, W)`` float32."""
    mean = np.array(pre.mean, np.float32) * 255
    factor = 1 / (np.array(pre.std, np.float32) * 255)
    planes = np.empty((1, 3, *canvas.shape[:2]), np.float32)
    # Channel by channel: ten times as fast as all at once and turned over afterwards.
    for out, channel, middle, scale in zip(planes[0], cv2.split(canvas), mean, factor, strict=True):
        np.subtract(channel, middle, out=out)
        out *= scale
    return planes


def decode(
    logits: FloatArray, corners: FloatArray, *, threshold: float = 0.05, top: int = 300, iou: float = 0.5
) -> list[Detection]:
    """Objects above the threshold, overlapping doubles removed, best first.

    Args:
        logits: ``(A, K)`` raw class logits.
        corners: ``(A, 8)`` ordered corners in pixels of the net's input.
        threshold: least sigmoid score, 0..1.
        top: at most so many candidates are compared.
        iou: two quads of the same or of rival classes that overlap more are one object.
    """
    level = float(np.log(threshold / (1 - threshold)))
    cells, classes = np.nonzero(logits > level)
    values = logits[cells, classes]
    order = np.argsort(-values, kind="stable")[:top]
    candidates = [
        Detection(int(classes[i]), float(values[i]), corners[cells[i]].reshape(4, 2)) for i in order
    ]
    return suppress([c for c in candidates if is_convex(c.quad)], iou)


def suppress(candidates: list[Detection], iou: float = 0.5) -> list[Detection]:
    """The candidates, best first, without those that tell of the same object as a better one."""
    if not candidates:
        return []
    groups = np.array([rivals_of(c.index) for c in candidates])
    kept = without_doubles(np.stack([c.quad for c in candidates]), iou, groups[:, None] == groups[None])
    return [candidates[i] for i in kept]


def without_doubles(quads: FloatArray, iou: float, rivals: npt.NDArray[np.bool_] | None = None) -> list[int]:
    """Which convex quads ``(N, 4, 2)``, best first, overlap none of those before them that were kept.

    Args:
        quads: in pixels.
        iou: two that overlap more, as intersection over union, are one.
        rivals: which of them exclude each other at all, ``(N, N)``; by default all.
    """
    near = _may_overlap(quads, iou)
    if rivals is not None:
        near &= rivals
    kept: list[int] = []
    for i in range(len(quads)):
        # Only quads that may overlap so much are compared: that costs a hundred times as much.
        if not any(quad_iou(quads[i], quads[j]) > iou for j in kept if near[i, j]):
            kept.append(i)
    return kept


def _may_overlap(quads: FloatArray, iou: float) -> npt.NDArray[np.bool_]:
    """Which convex quads ``(N, 4, 2)`` can have a larger intersection over union than ``iou``: ``(N, N)``.

    What two quads share is no larger than either of them, nor than what their boxes share.
    """
    diagonals = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    areas = np.abs(diagonals[0][:, 0] * diagonals[1][:, 1] - diagonals[0][:, 1] * diagonals[1][:, 0]) / 2
    boxes = _shared_by_boxes(quads.min(axis=1), quads.max(axis=1))
    most = np.minimum(boxes, np.minimum(areas[:, None], areas[None]))
    return np.asarray(most > iou * (areas[:, None] + areas[None] - most), np.bool_)


def overlapping(low: FloatArray, high: FloatArray, least: float) -> npt.NDArray[np.bool_]:
    """Which boxes ``(N, 2), (N, 2)`` have a larger intersection over union than ``least``: ``(N, N)``."""
    shared = _shared_by_boxes(low, high)
    area = (high - low).prod(axis=-1)
    return np.asarray(shared > least * (area[:, None] + area[None] - shared), np.bool_)


def _shared_by_boxes(low: FloatArray, high: FloatArray) -> FloatArray:
    """Areas ``(N, N)`` that boxes ``(N, 2), (N, 2)`` share."""
    across, down = (
        np.minimum(high[:, None, axis], high[None, :, axis])
        - np.maximum(low[:, None, axis], low[None, :, axis])
        for axis in (0, 1)
    )
    return np.asarray(np.maximum(across, 0) * np.maximum(down, 0), np.float32)


def rivals_of(index: int) -> int:
    """Number of the group of a class; marks of one group exclude each other at one place."""
    return next((-n for n, group in enumerate(_RIVALS, start=1) if LABELS[index] in group), index)
