"""The drawn artwork and how it is packed from a canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipack_vision.synth.artwork.canvas import Canvas
from lipack_vision.synth.artwork.curves import Points
from lipack_vision.types import Quad, as_quad


@dataclass(frozen=True, slots=True, eq=False)
class Artwork:
    """One mark as printed, upright, before any camera.

    Attributes:
        rgba: ``uint8 (H, W, 4)`` with straight alpha, transparent outside the print.
        label: one of `lipack_vision.types.LABELS`, or None for a look-alike that must not be found.
        kind: what was drawn, one of `KINDS`.
        quad: the mark's own corners ``(4, 2)`` in pixels of ``rgba``: top, right, bottom, left of a diamond,
            clockwise from the top left of a rectangle.
        size_mm: width and height of the mark; a diamond's side twice.
        text: UN numbers that can be read on the mark, divided by spaces, or None.
        px_per_mm: scale of ``rgba``.
        hidden: which of the points that `synth.canvas.quad_points` spreads over the quad are torn off or
            covered on the label itself, ``(N,)``; None for none.
        lines: every line of text ``(N, 4, 2)``, tight around its capitals, in pixels of ``rgba``; None where
            they are not known, as after it was bent or moved.
    """

    rgba: npt.NDArray[np.uint8]
    label: str | None
    kind: str
    quad: Quad
    size_mm: tuple[float, float]
    text: str | None
    px_per_mm: float
    hidden: npt.NDArray[np.bool_] | None = None
    lines: npt.NDArray[np.float32] | None = None


def pack(
    canvas: Canvas,
    kind: str,
    label: str | None,
    corners: Points,
    size_mm: tuple[float, float],
    px_per_mm: float,
    text: str | None = None,
) -> Artwork:
    """Make the artwork from a finished canvas; ``corners`` are in the canvas's model units."""
    return Artwork(
        rgba=canvas.image(),
        label=label,
        kind=kind,
        quad=as_quad(canvas.to_px(corners), "Artwork.quad"),
        size_mm=(round(size_mm[0], 3), round(size_mm[1], 3)),
        text=text,
        px_per_mm=px_per_mm,
        lines=canvas.lines,
    )
