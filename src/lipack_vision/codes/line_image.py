"""One line of print as the line net takes it: upright, of one height, a little wider than it is."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.geometry import natural_size, rectify
from lipack_vision.types import ImageArray, Quad

LINE_HEIGHT = 32
"""Pixels; capital letters take about two thirds of them."""
STEP = 4
"""Pixels of a line's width per step of the net's answer."""
_WIDER = 1.25
"""Narrow letters such as ``1`` and ``/`` need a step of their own each."""
_NARROWEST, WIDEST = 16, 1280


def line_image(photo: ImageArray, quad: Quad) -> ImageArray:
    """The line in a quad.

    Args:
        photo: RGB ``uint8 (H, W, 3)``.
        quad: corners of the line ``(4, 2)``, from where the text's top left corner is.

    Returns:
        RGB ``uint8 (LINE_HEIGHT, W, 3)``; W is a multiple of `STEP`.
    """
    width, height = natural_size(quad)
    wide = _WIDER * LINE_HEIGHT * width / max(height, 1e-6)
    wide = int(np.clip(STEP * round(wide / STEP), _NARROWEST, WIDEST))
    # Shrunk in one step the fine strokes would be skipped; so first as it is, then smaller by areas.
    line = rectify(photo, quad, (wide, LINE_HEIGHT)) if height <= LINE_HEIGHT else rectify(photo, quad)
    if line.shape[:2] == (LINE_HEIGHT, wide):
        return line
    return np.asarray(cv2.resize(line, (wide, LINE_HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
