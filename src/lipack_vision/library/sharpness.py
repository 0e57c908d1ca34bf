"""How sharp a photo is: the blur of its edges in pixels, measured by blurring them once more.

An edge that a camera blurred by ``s`` pixels has, after a further blur by ``t``, a slope of
``1 / sqrt(s^2 + t^2)``. The slopes after two known blurs therefore tell ``s``, whatever the contrast. The
photo is shrunk to `SIDE` first, so that the answer does not depend on how many pixels the camera has.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.types import ImageArray

Floats = npt.NDArray[np.float32]

SIDE = 1024
"""Longer side in pixels to which larger photos are shrunk."""
_FINE, _COARSE = 1.0, 2.5
_SECTORS = 4
"""Directions of edges that are measured each on its own: a camera that was shaken blurs some, not all."""
_STEEPEST = 0.005
"""Share of a direction's pixels that is measured."""
_LEAST_SHARE = 0.01
"""Share of all pixels from which a direction counts."""
_LEAST_SLOPE = 0.25
"""Slope from which it counts, in parts of the photo's `Sharpness.contrast`: shades are no blurred edges."""
_CONTRAST = 0.02
"""Share of all pixels that is steeper than the photo's contrast."""
_MOST = 50.0
"""Blur beyond which edges cannot be told from slow changes of light, in pixels."""


class Sharpness(NamedTuple):
    """How sharp a photo is.

    Attributes:
        blur: of the edges in the direction in which they are blurred most (a shaken camera blurs along one),
            as the sigma of a Gaussian in pixels of the photo at a longer side of `SIDE` or less.
        contrast: slope of the steep edges in grey levels per pixel.
    """

    blur: float
    contrast: float


def sharpness(image: ImageArray) -> Sharpness:
    """Measure an RGB ``uint8 (H, W, 3)`` photo."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    zoom = SIDE / max(grey.shape)
    if zoom < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
    values = grey.astype(np.float32)
    (fine, _), (coarse, angle) = _slopes(values, _FINE), _slopes(values, _COARSE)
    contrast = float(np.quantile(coarse, 1 - _CONTRAST))
    sector = np.round(angle * (_SECTORS / 180)).astype(np.int8) % _SECTORS
    blurs = []
    for number in range(_SECTORS):
        own = sector == number
        slopes = coarse[own]
        if slopes.size < _LEAST_SHARE * coarse.size:
            continue
        least = float(np.quantile(slopes, 1 - _STEEPEST))
        if least > _LEAST_SLOPE * contrast:
            steep = slopes >= least
            blurs.append(_blur(float(np.median(fine[own][steep]) / np.median(slopes[steep]))))
    return Sharpness(max(blurs, default=_MOST), contrast)


def _slopes(values: Floats, sigma: float) -> tuple[Floats, Floats]:
    """Steepness in grey levels per pixel and direction in degrees, after a blur."""
    smooth = cv2.GaussianBlur(values, (0, 0), sigma)
    x, y = (cv2.Sobel(smooth, cv2.CV_32F, *order, scale=1 / 8) for order in ((1, 0), (0, 1)))
    steepness, angle = cv2.cartToPolar(x, y, angleInDegrees=True)
    return np.asarray(steepness, np.float32), np.asarray(angle, np.float32)


def _blur(ratio: float) -> float:
    """The blur before two known ones, from the ratio of the slopes after them."""
    square = ratio * ratio
    if square <= 1:
        return _MOST
    return float(min(max((_COARSE**2 - square * _FINE**2) / (square - 1), 0.0) ** 0.5, _MOST))
