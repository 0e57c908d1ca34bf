"""Drawings of handling marks in a box from -50 to 50: arrows, aircraft, glass, umbrella and others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lipack_vision.synth.artwork.canvas import Canvas, Paint
from lipack_vision.synth.artwork.curves import Points, arc, band, box, path, points, rounded_box
from lipack_vision.synth.artwork.styles import Rng, between, chance


def up_arrow(x: float, top: float, width: float, height: float, head: float, shaft: float) -> Points:
    """Outline of an arrow; ``head`` and ``shaft`` are fractions of its height and width."""
    neck, half = top + head * height, shaft * width / 2
    foot = top + height
    return points(
        (x, top), (x + width / 2, neck), (x + half, neck), (x + half, foot),
        (x - half, foot), (x - half, neck), (x - width / 2, neck),
    )  # fmt: skip


_FUSELAGE = (
    "M 0 -50 C 5 -46 6 -38 6 -30 L 6 -16 L 46 12 L 46 20 L 6 8 L 5 30 L 18 42 L 18 48"
    " L 0 43 L -18 48 L -18 42"
    " L -5 30 L -6 8 L -46 20 L -46 12 L -6 -16 L -6 -30 C -6 -38 -5 -46 0 -50 Z"
)


def aircraft_top(c: Canvas, rng: Rng, ink: Paint, _ground: Paint) -> None:
    """An airliner seen from above, nose up."""
    view = c.placed(0, 0, 1.0, squeeze=between(rng, 0.9, 1.15))
    view.fill(path(_FUSELAGE)[0], ink)
    for x in (-24, 24):
        view.fill(rounded_box(x - 2.6, -4, x + 2.6, 8, 2), ink)


_SIDE = (
    "M -50 2 C -49 -4 -44 -8 -36 -9 L 24 -9 L 38 -27 L 46 -27 L 41 -7 C 45 -5 48 -3 50 0 C 46 3 36 6 26 7"
    " L -36 8 C -45 8 -50 6 -50 2 Z"
)


def aircraft_side(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A freighter from the side, often with a cargo door and freight before it."""
    view = c.placed(0, 0, 1.0)
    view.fill(path(_SIDE)[0], ink)
    wing = points((-8, 1), (8, 1), (26, 14), (18, 15))
    view.stroke(wing, 2, ground, closed=True)
    view.fill(wing, ink)
    view.fill(points((36, -4), (46, -4), (52, -9), (47, -9)), ink)
    view.fill(rounded_box(-6, 7, 8, 12, 2.4), ink)
    view.fill(points((-46, -1), (-40, -6), (-36, -6), (-37, -1)), ground)
    if chance(rng, 0.6):
        view.fill(box(-30, -5, -14, 6), ground)
        for k in range(int(rng.integers(1, 4))):
            view.fill(box(-29 + 5 * k, 1, -25 + 5 * k, 6), ink)
        view.fill(points((-34, 20), (-10, 20), (-10, 17), (-34, 17)), ink)
        view.stroke(points((-32, 17), (-14, 8)), 1.5, ink)
        view.stroke(points((-14, 17), (-32, 8)), 1.5, ink)
        for x in (-30, -14):
            view.circle(x, 21, 2, ink)
    else:
        for x in range(-28, 26, 6):
            view.circle(x, -3, 1.3, ground)


def glass(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A broken wine glass: fragile."""
    bowl = path(
        "M -26 -46 L 26 -46 C 28 -14 18 4 4 8 L 4 36 L 20 42 L 20 47 L -20 47 L -20 42 L -4 36"
        " L -4 8 C -18 4 -28 -14 -26 -46 Z"
    )
    if chance(rng, 0.7):
        c.fill(bowl[0], ink)
        crack: Paint = ground
    else:
        c.outline(bowl[0], 4, ink, ground)
        crack = ink
    if chance(rng, 0.8):
        c.fill(points((2, -47), (9, -47), (3, -34), (10, -28), (-1, -12), (1, -26), (-5, -32)), crack)


def umbrella(c: Canvas, _rng: Rng, ink: Paint, _ground: Paint) -> None:
    """An umbrella under drops: keep dry."""
    canopy = (
        "M -44 2 C -40 -26 -20 -34 0 -34 C 20 -34 40 -26 44 2 C 36 -6 24 -6 16 2 C 10 -5 -10 -5 -16 2"
        " C -24 -6 -36 -6 -44 2 Z"
    )
    c.fill(path(canopy)[0], ink)
    c.fill(box(-2, -40, 2, 38), ink)
    c.stroke(np.vstack([points((0, 36)), arc(9, 38, 9, 9, 180, 20)]), 4, ink)
    for x in range(-40, 41, 16):
        c.fill(band(x + 3, -50, x, -42, 2.4), ink)


def stack_limit(c: Canvas, rng: Rng, ink: Paint, _ground: Paint) -> None:
    """Boxes between two plates with the number of layers."""
    c.fill(box(-34, -48, 34, -43), ink)
    c.fill(box(-34, 43, 34, 48), ink)
    for y in (-38, 14):
        c.stroke(box(-22, y, 22, y + 24), 3.5, ink, closed=True)
    c.text(0, 0, str(int(rng.integers(2, 13))), 17, "roboto-bold", ink)


def no_hooks(c: Canvas, _rng: Rng, ink: Paint, _ground: Paint) -> None:
    """A crossed-out cargo hook."""
    c.fill(box(-16, -48, 16, -40), ink)
    c.fill(box(-3, -42, 3, 8), ink)
    c.stroke(arc(-14, 8, 14, 26, 0, 170), 6, ink)
    for tilt in (38, -38):
        bar = c.placed(0, 0, angle=tilt)
        bar.fill(box(-3.4, -56, 3.4, 56), ink)


def temperature_limits(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A thermometer with two limits."""
    c.outline(rounded_box(-7, -46, 7, 28, 7), 3.5, ink, ground)
    c.circle(0, 34, 13, ink)
    c.fill(box(-3, between(rng, -20, 0), 3, 30), ink)
    for y, sign in ((-34, 1), (8, -1)):
        c.fill(band(8, y, 24, y - 6 * sign, 3), ink)
        c.text(
            36, y - 8 * sign, f"{int(rng.integers(2, 61)) * (1 if sign > 0 else -1)}°C", 8, "roboto-bold", ink
        )


def recycling(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """Three arrows chasing each other in a triangle."""
    hollow = chance(rng, 0.3)
    for turn in (0, 120, 240):
        arm = c.placed(0, 6, angle=turn)
        shape = points(
            (-26, 16), (12, 16), (12, 8), (30, 24), (12, 40), (12, 32), (-20, 32), (-34, 32), (-36, 26)
        )
        if hollow:
            arm.outline(shape, 2.4, ink, ground)
        else:
            arm.fill(shape, ink)


def weee_bin(c: Canvas, rng: Rng, ink: Paint, ground: Paint) -> None:
    """A crossed-out bin on wheels, mostly over a bar."""
    c.outline(points((-22, -26), (22, -26), (17, 26), (-17, 26)), 3.4, ink, ground)
    c.fill(np.vstack([arc(0, -27, 26, 10, 180, 360)]), ink)
    c.stroke(points((-10, -18), (-8, 20)), 2.4, ink)
    c.stroke(points((10, -18), (8, 20)), 2.4, ink)
    c.circle(15, 30, 6, ink)
    for x in (-1, 1):
        c.fill(band(-36 * x, -42, 36 * x, 34, 4), ink)
    if chance(rng, 0.7):
        c.fill(box(-28, 40, 28, 49), ink)


PICTOGRAMS: dict[str, Callable[[Canvas, Rng, Paint, Paint], None]] = {
    "fragile": glass,
    "keep_dry": umbrella,
    "stack_limit": stack_limit,
    "no_hooks": no_hooks,
    "temperature_limits": temperature_limits,
    "recycling": recycling,
    "weee_bin": weee_bin,
}
"""Drawings of the marks that carry no label here, by kind."""
