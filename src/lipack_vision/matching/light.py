"""The light of one photo put on another, so that only what the carton shows differs."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.types import ImageArray

_SIDE = 64
"""Longer side in pixels at which light is compared: finer differences are print, not light."""
_FLOOR = 12.0
"""Grey value added before the logarithm, so that noise in the dark weighs little."""
_BLOWN = 250
"""Value of all colours from which a pixel shows nothing."""
_PRINTED, _COLOURED = 0.7, 50
"""Share of the brightest value around below which there is print, and difference of colours from which it is
more than white paper."""
_WHITE_AROUND = 17
"""Side in pixels of what must be blown out around a pixel: print may lie a little elsewhere."""
_ROUNDS = 8
_LEAST = 16
"""Pixels both pictures must show for a fit."""


def matched_light(photo: ImageArray, reference: ImageArray, mask: npt.NDArray[np.bool_]) -> ImageArray:
    """The photo with colour and brightness of the reference.

    Per channel one gain that may change evenly across the picture (three numbers), fitted robustly. It cannot
    follow a label that is missing or a wet place, and so does not hide them.

    Args:
        photo: RGB ``uint8 (H, W, 3)``, lying on the reference pixel by pixel.
        reference: RGB ``uint8 (H, W, 3)``.
        mask: ``bool (H, W)``: what both show.

    Returns:
        RGB ``uint8 (H, W, 3)``; the photo itself where the mask is nearly empty.
    """
    height, width = mask.shape
    zoom = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    share = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    shown = share > 0.9
    if int(shown.sum()) < _LEAST:
        return photo
    small = [
        cv2.resize(one, size, interpolation=cv2.INTER_AREA).astype(np.float32) for one in (photo, reference)
    ]
    wanted = np.log(small[1] + _FLOOR) - np.log(small[0] + _FLOOR)
    basis = _plane(size[0], size[1])
    fits = [_robust(basis[shown], wanted[..., channel][shown]) for channel in range(3)]
    # Light changes so evenly that its gain need not be computed for each pixel.
    gain = cv2.resize(np.exp(basis @ np.stack(fits, axis=1)), (width, height), interpolation=cv2.INTER_LINEAR)
    lit = photo.astype(np.float32) + np.float32(_FLOOR)
    lit *= np.asarray(gain, np.float32)
    lit -= np.float32(_FLOOR)
    return np.asarray(cv2.convertScaleAbs(np.maximum(lit, 0)), np.uint8)


def blown_print(blown: ImageArray, printed: ImageArray) -> npt.NDArray[np.bool_]:
    """Pixels ``bool (H, W)`` where one picture is blown out and the other one shows print or board.

    Overexposed, or where a lamp is mirrored, a picture tells nothing: that print is not missing, nor there.

    Args:
        blown, printed: RGB ``uint8 (H, W, 3)``, one lying on the other.
    """
    around = np.ones((_WHITE_AROUND, _WHITE_AROUND), np.uint8)
    white = np.asarray(cv2.erode(blown.min(axis=2), around) >= _BLOWN, bool)
    if not white.any():
        return white
    bright = printed.max(axis=2)
    # Not by its own value: a white carton in dim light is grey, and no print.
    nearby = cv2.dilate(bright, np.ones((2 * _WHITE_AROUND, 2 * _WHITE_AROUND), np.uint8))
    darker = bright < _PRINTED * nearby.astype(np.float32)
    coloured = bright - printed.min(axis=2) > _COLOURED
    return np.asarray(white & (darker | coloured), bool)


def _plane(width: int, height: int) -> npt.NDArray[np.float32]:
    """``(height, width, 3)``: one, and x and y from -1 to 1."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([np.ones_like(x), (2 * x + 1) / width - 1, (2 * y + 1) / height - 1], axis=-1).astype(
        np.float32
    )


def _robust(basis: npt.NDArray[np.float32], wanted: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Least squares with Tukey's weights, begun at the median: what changed does not pull the light along."""
    fit = np.array([np.median(wanted), 0, 0], np.float64)
    for _ in range(_ROUNDS):
        rest = wanted - basis @ fit
        reach = 4.7 * max(1.48 * float(np.median(np.abs(rest))), 0.02)
        weight = np.square(np.clip(1 - np.square(rest / reach), 0, None))
        weighed = basis * weight[:, None]
        # The ridge keeps a nearly empty side of the mask from tilting the plane.
        normal = weighed.T @ basis + np.diag([0.0, 0.02, 0.02]) * weight.sum()
        fit = np.linalg.solve(normal + np.eye(3) * 1e-6, weighed.T @ wanted)
    return fit.astype(np.float32)
