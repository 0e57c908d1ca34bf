"""What hides a part of a picture: something in front of it, the end of the photo, bad light."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.labels.closeup import GREY, Frame
from lipack_vision.types import ImageArray

MOST = 0.55
"""Share of a mark that is hidden at most; of less than the rest nobody can tell what it is."""
_TRIES = 4

Mask = npt.NDArray[np.uint8]


def covered(picture: ImageArray, corners: npt.NDArray[np.float32], rng: np.random.Generator) -> ImageArray:
    """Something of one colour lies over a part: round, long or cornered, lit from one side.

    Args:
        picture: ``uint8 (S, S, 3)``.
        corners: of the mark or face ``(4, 2)``, or NaN; of it no more than `MOST` is hidden.
    """
    for _ in range(_TRIES):
        mask = _shape(len(picture), rng)
        if _hidden(mask, corners) <= MOST:
            alpha = mask[..., None].astype(np.float32) / 255
            out = picture * (1 - alpha) + _surface(len(picture), rng) * alpha
            return np.asarray(np.clip(out, 0, 255), np.uint8)
    return picture


def cut_off(
    picture: ImageArray, corners: npt.NDArray[np.float32], frame: Frame, rng: np.random.Generator
) -> ImageArray:
    """The photo ends within the picture; beyond is the grey that `closeup.cut` puts there.

    Args:
        picture: ``uint8 (S, S, 3)``.
        corners: of the mark or face ``(4, 2)``, or NaN; of it no more than `MOST` is hidden.
        frame: that the picture was cut from; photos end along their own sides.
    """
    size = len(picture)
    side = np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)][int(rng.integers(4))])
    out = np.linalg.inv(frame.matrix(size)[:2, :2]).T @ side  # the side's normal, as the picture shows it
    out /= np.linalg.norm(out)
    y, x = np.mgrid[:size, :size]
    for _ in range(_TRIES):
        beyond = (x * out[0] + y * out[1]) > (size / 2) * out.sum() + rng.uniform(-0.05, 0.45) * size
        if _hidden(np.asarray(beyond * 255, np.uint8), corners) <= MOST:
            return np.asarray(np.where(beyond[..., None], GREY, picture), np.uint8)
    return picture


def misexposed(picture: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Washed out by too much light, or nearly black."""
    if rng.random() < 0.6:
        out = 255 - (255 - picture.astype(np.float32)) * rng.uniform(0.2, 0.6)
    else:
        out = picture.astype(np.float32) * rng.uniform(0.25, 0.6)
    return np.asarray(out, np.uint8)


def _hidden(mask: Mask, corners: npt.NDArray[np.float32]) -> float:
    """Share of the mark that a mask covers; 0 where no mark is known."""
    if not np.isfinite(corners).all():
        return 0.0
    mark = np.zeros_like(mask)
    # A corner far beyond the picture is where it is, so the share is of what the picture shows.
    cv2.fillConvexPoly(mark, np.rint(np.clip(corners, -2000, 2000)).astype(np.int32), 255)
    shown = np.count_nonzero(mark)
    return float(np.count_nonzero(mark & (mask > 127)) / shown) if shown else 1.0


def _shape(size: int, rng: np.random.Generator) -> Mask:
    """255 where it lies, ``(S, S)``, with smooth edges."""
    mask: Mask = np.zeros((size, size), np.uint8)
    middle = rng.uniform(0.05, 0.95, 2) * size
    long = float(rng.uniform(0.08, 0.4)) * size
    wide = long * float(rng.uniform(0.35, 1.0))
    angle = float(rng.uniform(0, 2 * math.pi))
    kind = int(rng.integers(3))
    if kind == 0:
        cv2.ellipse(mask, (tuple(middle), (2 * long, 2 * wide), math.degrees(angle)), 255, -1, cv2.LINE_AA)
    elif kind == 1:
        reach = np.array([math.cos(angle), math.sin(angle)]) * size * float(rng.choice([0.5, 2.0]))
        ends = [np.rint(end).astype(int).tolist() for end in (middle, middle + reach)]
        cv2.line(mask, ends[0], ends[1], 255, max(2, round(wide)), cv2.LINE_AA)
    else:
        turns = np.sort(rng.uniform(0, 2 * math.pi, int(rng.integers(3, 7))))
        points = middle + np.stack([np.cos(turns) * long, np.sin(turns) * long], axis=1) * 1.3
        cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 255, cv2.LINE_AA)
    return mask


def _surface(size: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Its colour ``(S, S, 3)``, brighter to one side, seldom quite smooth."""
    colour = rng.uniform(10, 245, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(10, 245))
    y, x = np.mgrid[:size, :size] / size - 0.5
    angle = rng.uniform(0, 2 * math.pi)
    light = 1 + (x * math.cos(angle) + y * math.sin(angle)) * rng.uniform(0, 0.9)
    grain = cv2.resize(rng.normal(0, rng.uniform(0, 14), (size // 4, size // 4)), (size, size))
    return np.asarray(colour * light[..., None] + grain[..., None], np.float32)
