"""The frame that all diamonds share: sticker, ground, cut line, inner line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import (
    Points,
    box,
    clip_convex,
    diamond,
    points,
    rounded_box,
    rounded_diamond,
)
from lipack_vision.synth.artwork.styles import Rng, Style, between, chance, pick

HALF = 100 / math.sqrt(2)
"""Half the diagonal of the model diamond of 100 mm side, at which all diamonds are drawn and then scaled."""
INNER = HALF - 5 * math.sqrt(2)
"""Half diagonal of the outer side of the inner line, 5 mm inside the edge."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the drawing of one diamond.

    Attributes:
        side_mm: real length of the side.
        sticker: ``cut`` along the edge, ``square`` upright white sticker, ``direct`` print without ground.
        margin: mm of paper between the edge and a coloured field.
        corner: radius of the corners in model mm.
        cut_line: ``none``, ``dashed``, ``solid`` or ``dots``.
        cut_width, inner_width: line widths in model mm; an inner width of 0 leaves the line out.
        inner_inset: model mm from the edge to the outer side of the inner line.
        sheet: half width, upper and lower reach of a square sticker.
    """

    side_mm: float
    sticker: str
    margin: float
    corner: float
    cut_line: str
    cut_width: float
    inner_width: float
    inner_inset: float
    sheet: tuple[float, float, float]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """What the raster shows, in model mm."""
        if self.sticker == "square":
            half, up, down = self.sheet
            return (-half - 0.5, -up - 0.5, half + 0.5, down + 0.5)
        reach = HALF + 1.5
        return (-reach, -reach, reach, reach)

    @property
    def field(self) -> float:
        """Half diagonal of the coloured field."""
        return HALF - self.margin * math.sqrt(2)

    @property
    def inner(self) -> float:
        """Half diagonal of the inner line's outer side."""
        return HALF - self.inner_inset * math.sqrt(2)

    def canvas(self, px_per_mm: float) -> Canvas:
        """An empty canvas in model mm."""
        return Canvas(self.bounds, px_per_mm * self.side_mm / 100)


def choose_side(rng: Rng) -> float:
    """Side in mm: the standard 100 mm, reduced, a little larger, or a placard."""
    draw = float(rng.random())
    if draw < 0.68:
        return 100.0
    if draw < 0.86:
        return between(rng, 50, 98)
    if draw < 0.92:
        return between(rng, 101, 150)
    return between(rng, 250, 300)


def choose_frame(rng: Rng, style: Style, coloured: bool) -> Frame:
    """Draw a frame; ``coloured`` grounds need no cut line but often keep a paper margin."""
    direct = style.paper is None
    square = not direct and chance(rng, 0.22)
    margin = between(rng, 0.8, 4.0) if coloured and not direct and chance(rng, 0.35) else 0.0
    lines = (
        ("none",) * 5 + ("dashed", "solid")
        if coloured
        else ("dashed",) * 4 + ("none",) * 3 + ("solid",) * 3 + ("dots",)
    )
    line = pick(rng, ("solid", "solid", "dashed", "none") if direct else lines)
    inner = 0.0 if chance(rng, 0.06) else between(rng, 0.9, 2.4)
    if inner == 0.0 and line == "none" and (direct or square):
        # Something has to show where a label ends that has no edge of its own.
        inner = between(rng, 1.2, 2.4)
    half = HALF + between(rng, 1, 14)
    up = half if chance(rng, 0.7) else half + between(rng, 2, 30)
    down = half + (between(rng, 2, 40) if chance(rng, 0.3) else 0.0)
    return Frame(
        side_mm=choose_side(rng),
        sticker="direct" if direct else "square" if square else "cut",
        margin=margin,
        corner=between(rng, 1, 6) if chance(rng, 0.25) else 0.0,
        cut_line=line,
        cut_width=between(rng, 0.8, 2.2) if direct else between(rng, 0.4, 1.3),
        inner_width=inner,
        inner_inset=5.0 if chance(rng, 0.8) else between(rng, 3.6, 7.0),
        sheet=(half, up, down),
    )


def lay_ground(c: Canvas, frame: Frame, paper: Paint) -> None:
    """Put down the paper: the sticker or the diamond itself. Nothing for a direct print."""
    if frame.sticker == "square":
        half, up, down = frame.sheet
        c.fill(rounded_box(-half, -up, half, down, max(0.01, frame.corner)), paper)
    elif frame.sticker == "cut":
        c.fill(rounded_diamond(HALF, frame.corner), paper)


def in_field(shape: Points, half: float) -> Points:
    """The part of a shape inside the diamond with this half diagonal."""
    return clip_convex(shape, diamond(half))


def band_of_field(half: float, top: float, bottom: float) -> Points:
    """The slice of a diamond between two heights."""
    return in_field(box(-half, top, half, bottom), half)


def ring_part(half: float, width: float, top: float, bottom: float) -> list[Points]:
    """A line of ``width`` along the inside of a diamond, between two heights."""
    inner = half - width * math.sqrt(2)
    parts = []
    for sx in (-1, 1):
        for sy in (-1, 1):
            corners = points((0, sy * half), (sx * half, 0), (sx * inner, 0), (0, sy * inner))
            clipped = _between_heights(corners, top, bottom)
            if len(clipped) > 2:
                parts.append(clipped)
    return parts


def _between_heights(shape: Points, top: float, bottom: float) -> Points:
    return clip_convex(shape, box(-1e3, top, 1e3, bottom))


def cut_line(c: Canvas, frame: Frame, ink: Paint) -> None:
    """Draw the line along the edge."""
    if frame.cut_line == "none":
        return
    half = HALF - 0.2
    if frame.cut_line == "solid":
        for part in ring_part(half, frame.cut_width, -half, half):
            c.fill(part, ink)
        return
    period, share = (7.0, 0.55) if frame.cut_line == "dashed" else (2.6, 0.45)
    corners = diamond(half - frame.cut_width)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        count = max(2, round(100 / period))
        along = (b - a) / count
        for k in range(count):
            start = a + along * k
            c.stroke(np.vstack([start, start + along * share]), frame.cut_width, ink)


def inner_line(c: Canvas, frame: Frame, upper: Paint, lower: Paint, *, skip_upper: bool = False) -> None:
    """Draw the line inside the edge, the upper and lower half in their own ink."""
    if frame.inner_width <= 0:
        return
    if not skip_upper:
        for part in ring_part(frame.inner, frame.inner_width, -HALF, 0):
            c.fill(part, upper)
    for part in ring_part(frame.inner, frame.inner_width, 0, HALF):
        c.fill(part, lower)
