"""The group of batteries, one of them broken and on fire, of label 9A and of the battery mark.

The group is drawn in a box of 160 by 100 around the origin. Printers draw it in different ways: in
perspective with white inner lines, flat, as outlines, or as coarse blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import Points, arc, box, points, rounded_box
from lipack_vision.synth.artwork.styles import Rng, between, chance, pick
from lipack_vision.synth.artwork.symbols import flame

WIDTH, HEIGHT = 160.0, 100.0


@dataclass(frozen=True, slots=True)
class _Pens:
    """What a drawing style needs: the body, the lines in it, and the width of those lines."""

    ink: Paint
    ground: Paint
    line: float


def _upright(
    c: Canvas, pens: _Pens, x: float, top: float, width: float, bottom: float, halo: bool = True
) -> None:
    """A standing round cell with its rim and terminal."""
    rx = width / 2
    ry = max(1.6, rx * 0.3)
    shape = np.vstack([arc(x, top, rx, ry, 180, 360), arc(x, bottom - ry, rx, ry, 0, 180)])
    if halo:
        c.stroke(shape, 2 * pens.line, pens.ground, closed=True)
    c.fill(shape, pens.ink)
    c.stroke(arc(x, top, rx * 0.96, ry, 0, 180), pens.line * 0.8, pens.ground)
    cap = rx * 0.36
    c.fill(arc(x, top - 0.2 * ry, cap * 1.35, max(0.9, ry * 0.65)), pens.ground)
    c.fill(
        np.vstack([arc(x, top - ry * 1.1, cap, ry * 0.35, 180, 360), arc(x, top, cap, ry * 0.35, 0, 180)]),
        pens.ink,
    )


def _block(c: Canvas, pens: _Pens, x: float, top: float, width: float, bottom: float, depth: float) -> None:
    """A rectangular cell seen on its edge, two terminals on top."""
    edge = x + width * 0.36
    right = x + width
    shape = points(
        (x, top), (x + width * 0.62, top - depth), (right, top - depth * 0.35), (right, bottom - depth * 0.9),
        (edge, bottom), (x, bottom - depth * 0.7),
    )  # fmt: skip
    c.stroke(shape, 2 * pens.line, pens.ground, closed=True)
    c.fill(shape, pens.ink)
    front = top + depth * 0.55
    c.stroke(points((x, top), (edge, front), (right, top - depth * 0.35)), pens.line * 0.8, pens.ground)
    c.stroke(points((edge, front), (edge, bottom)), pens.line * 0.8, pens.ground)
    for place in (0.36, 0.66):
        tx, ty = x + width * place, top - depth * (0.62 * place - 0.1) * 0.6
        c.fill(arc(tx, ty, width * 0.17, depth * 0.42), pens.ground)
        c.fill(
            rounded_box(tx - width * 0.11, ty - depth * 0.5, tx + width * 0.11, ty + depth * 0.2, 1.5),
            pens.ink,
        )


def _crack(x: float, y: float, height: float, rng: Rng) -> Points:
    """A lightning-like crack from above, tapering to a point."""
    w = between(rng, 2.2, 3.6)
    k = height / 30
    return points(
        (x - 4 * k, y), (x - 4 * k + w, y), (x + 2.5 * k, y + 9 * k), (x - 2 * k + w, y + 12 * k),
        (x + 8 * k, y + 28 * k), (x - 4 * k - w * 0.4, y + 14 * k), (x - 0.5 * k - w * 0.3, y + 10 * k),
    )  # fmt: skip


def _fire(c: Canvas, rng: Rng, pens: _Pens, x: float, foot: float, width: float, height: float) -> None:
    size = height / 100
    view = c.placed(x, foot - height / 2, size, squeeze=width / height)
    flame(view, rng, pens.ink, pens.ground, bar=False)


def _lying(c: Canvas, rng: Rng, pens: _Pens, left: float, top: float, right: float, bottom: float) -> None:
    """The large broken cell on its side, its round end to the right."""
    ry = (bottom - top) / 2
    rx = ry * between(rng, 0.25, 0.42)
    middle = (top + bottom) / 2
    shape = np.vstack([points((left, bottom), (left, top)), arc(right - rx, middle, rx, ry, -90, 90)])
    c.fill(shape, pens.ink)
    c.stroke(arc(right - rx, middle, rx * 0.92, ry * 0.96), pens.line * 0.8, pens.ground, closed=True)
    knob = ry * 0.36
    c.fill(arc(right - rx * 0.7, middle, rx * 0.55, knob * 1.2), pens.ground)
    c.fill(
        rounded_box(right - rx * 0.75, middle - knob * 0.8, right + rx * 0.12, middle + knob * 0.8, 1.6),
        pens.ink,
    )


def _perspective(c: Canvas, rng: Rng, pens: _Pens) -> None:
    """Solid bodies with white rims, as in the model of the regulations."""
    tall = between(rng, 36, 46)
    low = between(rng, -14, -4)
    lie_top = between(rng, -8, 2)
    start = -78 + between(rng, 0, 4)
    _lying(c, rng, pens, 4, lie_top, 79, between(rng, 30, 38))
    _upright(c, pens, start + 15 + tall / 2, between(rng, -44, -38), tall, 36, halo=False)
    slim = between(rng, 11, 15)
    _upright(c, pens, start + slim / 2, low, slim, 40)
    _upright(c, pens, start + slim * 1.6 + 6, low + 2, slim * 1.45, 49)
    edge = start + slim * 2.6 + between(rng, 8, 11)
    _block(c, pens, edge, low + 8, between(rng, 34, 42), 50, between(rng, 8, 12))
    x = between(rng, 34, 44)
    _fire(c, rng, pens, x - 3, lie_top + 3, between(rng, 34, 42), between(rng, 38, 46))
    c.fill(_crack(x - 2, lie_top - 2, between(rng, 24, 32), rng), pens.ground)


def _flat(c: Canvas, rng: Rng, pens: _Pens) -> None:
    """Plain fronts without perspective: rectangles with terminals on top."""
    round_ = pick(rng, (0.5, 2.5, 5.0))
    gap = pens.line * 1.4
    bottom = 46.0
    c.fill(rounded_box(-60, -36, -22, bottom, round_), pens.ink)
    c.fill(rounded_box(-48, -44, -34, -34, 1.5), pens.ink)
    for x, w, top in ((-79, 15, -8), (-58, 18, -2)):
        c.fill(rounded_box(x - gap, top - 7, x + w + gap, bottom + 5, round_), pens.ground)
        c.fill(rounded_box(x, top, x + w, bottom + 3, round_), pens.ink)
        c.fill(rounded_box(x + w * 0.3, top - 5, x + w * 0.7, top + 2, 1), pens.ink)
    c.fill(box(-34 - gap, -6, 4 + gap, bottom + 4), pens.ground)
    c.fill(rounded_box(-34, 2, 4, bottom + 3, round_ / 2), pens.ink)
    for x in (-28, -9):
        c.fill(rounded_box(x, -5, x + 9, 4, 1), pens.ink)
    c.fill(rounded_box(4 + gap, -2, 72, 38, round_), pens.ink)
    c.fill(rounded_box(71, 10, 79, 26, 1.5), pens.ink)
    if chance(rng, 0.6):
        c.fill(box(62, -2, 62 + pens.line, 38), pens.ground)
    _fire(c, rng, pens, 38, 0, between(rng, 34, 42), between(rng, 42, 48))
    c.fill(_crack(40, -6, between(rng, 32, 40), rng), pens.ground)


def _outlined(c: Canvas, rng: Rng, pens: _Pens) -> None:
    """Line drawing: white bodies with dark outlines, a dark flame."""
    line = max(2.4, pens.line * 1.3)
    inverse = _Pens(pens.ground, pens.ink, line)
    lie_top = between(rng, -6, 2)
    ry, middle = (36 - lie_top) / 2, (36 + lie_top) / 2
    c.outline(
        np.vstack([points((4, 36), (4, lie_top)), arc(70, middle, 8, ry, -90, 90)]),
        line,
        pens.ink,
        pens.ground,
    )
    c.stroke(arc(70, middle, 8, ry), line, pens.ink, closed=True)
    c.fill(arc(72, middle, 4, ry * 0.35), pens.ink)
    for x, top, width, bottom in ((-42, -40, 40, 36), (-71, -8, 14, 40), (-52, -5, 19, 47)):
        rx, lid = width / 2, width * 0.15
        shape = np.vstack([arc(x, top, rx, lid, 180, 360), arc(x, bottom - lid, rx, lid, 0, 180)])
        c.outline(shape, line, pens.ink, pens.ground)
        c.stroke(arc(x, top, rx, lid), line * 0.8, pens.ink, closed=True)
        c.fill(rounded_box(x - rx * 0.32, top - lid * 1.2, x + rx * 0.32, top + lid * 0.2, 1), pens.ink)
    _block(c, inverse, -34, 4, 38, 49, 10)
    c.stroke(points((-34, 4), (-34, 42), (-20, 49), (4, 40), (4, 0)), line, pens.ink)
    _fire(c, rng, pens, 38, lie_top + 1, between(rng, 34, 42), between(rng, 40, 46))
    c.fill(_crack(38, lie_top - 1, 32, rng), pens.ink)


def _coarse(c: Canvas, rng: Rng, pens: _Pens) -> None:
    """Thick simple shapes of small stock labels: fewer cells, no rims."""
    low = between(rng, -12, 2)
    c.fill(rounded_box(-79, low, -58, 46, 4), pens.ink)
    c.fill(rounded_box(-73, low - 6, -64, low + 2, 1), pens.ink)
    c.fill(rounded_box(-54, -38, -24, 46, 4), pens.ink)
    c.fill(rounded_box(-45, -45, -33, -36, 1.5), pens.ink)
    gap = pens.line * 1.3
    c.fill(rounded_box(-20 - gap / 2, -8, 8, 48, 2), pens.ink)
    for x in (-15, -3):
        c.fill(box(x, -15, x + 6, -7), pens.ink)
    c.fill(np.vstack([points((10 + gap, 44), (10 + gap, 2)), arc(68, 23, 10, 21, -90, 90)]), pens.ink)
    c.stroke(arc(66, 23, 8, 20.5, 90, 270), pens.line, pens.ground)
    _fire(c, rng, pens, 40, 4, between(rng, 38, 48), between(rng, 44, 52))
    c.fill(_crack(42, -2, between(rng, 34, 42), rng), pens.ground)


_STYLES: dict[str, tuple[Callable[[Canvas, Rng, _Pens], None], float]] = {
    "perspective": (_perspective, 0.62),
    "flat": (_flat, 0.14),
    "outlined": (_outlined, 0.10),
    "coarse": (_coarse, 0.14),
}
DRAWING_STYLES: tuple[str, ...] = tuple(_STYLES)


def battery_group(c: Canvas, rng: Rng, ink: Paint, ground: Paint, drawing: str | None = None) -> None:
    """Draw the group.

    Args:
        drawing: one of `DRAWING_STYLES`; None draws one by how common it is.
    """
    names = list(_STYLES)
    edges = np.cumsum([_STYLES[name][1] for name in names])
    drawn = names[int(np.searchsorted(edges, rng.uniform(0, edges[-1]), side="right"))]
    pens = _Pens(ink, ground, between(rng, 1.6, 3.2))
    view = c.placed(0, 0, squeeze=between(rng, 0.84, 1.02))
    _STYLES[drawing or drawn][0](view, rng, pens)
