"""Whether the corners of a mark can be those of a mark on the photo."""

from __future__ import annotations

from dataclasses import dataclass

from lipack_vision.datasets.assemble import broken_place

TOLERANCE = 1.0
"""Pixels by which a box may reach over the photo's edge, as rounding of exports makes it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is odd about a place; ``wrong`` when it cannot be one."""

    message: str
    wrong: bool = True


def place_problem(
    corners: tuple[float, ...], ordered: bool, visible: float, size: tuple[int, int]
) -> Problem | None:
    """What is wrong with a mark's corners.

    A box ends at the photo's edge; ordered corners may lie outside, as the frame may cut a mark. Of a mark
    that cannot be seen no shape is asked: it may lie on the far side of a carton.

    Args:
        corners: x and y of four corners in pixels.
        ordered: they are the mark's own corners, not those of a box.
        visible: fraction that can be seen.
        size: width and height of the photo.
    """
    broken = broken_place(corners, ordered)
    if broken:
        return Problem(broken)
    x, y = corners[0::2], corners[1::2]
    over = max(-min(x), -min(y), max(x) - size[0], max(y) - size[1])
    if not ordered:
        if over > TOLERANCE:
            found = f"x {min(x):g}..{max(x):g}, y {min(y):g}..{max(y):g}"
            return Problem(
                f"has a box ({found}) that reaches {over:.1f} px out of the photo of {_text(size)}"
            )
        if min(max(x) - min(x), max(y) - min(y)) < 1:
            return Problem("has a box narrower than a pixel", wrong=False)
        return None
    if visible <= 0:
        return None
    if max(x) <= 0 or max(y) <= 0 or min(x) >= size[0] or min(y) >= size[1]:
        return Problem(f"has all its corners outside the photo of {_text(size)}, but counts as visible")
    return _shape_problem(list(zip(x, y, strict=True)))


def _shape_problem(points: list[tuple[float, float]]) -> Problem | None:
    a, b, c, d = points
    if _cross(a, b, c, d) or _cross(b, c, d, a):
        return Problem("has crossed sides: its corners are not in the order around it")
    turns = [_turn(points[i - 2], points[i - 1], points[i]) for i in range(4)]
    area = (_turn(a, b, c) + _turn(a, c, d)) / 2
    if area < 0:
        return Problem("has its corners counter-clockwise: the mark would be mirrored")
    if area < 1:
        return Problem(f"covers {area:.2g} square pixels", wrong=area == 0)
    if min(turns) < 0:
        return Problem("has an inward corner, as no flat mark shows", wrong=False)
    return None


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    """Twice the area of a triangle; positive when it runs clockwise on the photo, where y grows downwards."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _cross(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    """Whether the lines from a to b and from c to d cut each other."""
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]} px"
