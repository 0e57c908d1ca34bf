"""What the renderer gives: a photo and the truth about every mark on it."""

from __future__ import annotations

from dataclasses import dataclass

from lipack_vision.types import ImageArray, Quad


@dataclass(frozen=True, slots=True, eq=False)
class TruthMark:
    """One mark, carton face or look-alike on a rendered photo.

    Attributes:
        label: one of `lipack_vision.types.LABELS`; None for a look-alike that must not be reported.
        kind: the artwork drawn, such as ``"class9a"``, ``"4.1"``, ``"un_mark"`` or ``"carton"``.
        quad: four ordered corners ``(4, 2)`` in pixels of the photo; corners may lie outside of it.
        text: what the mark reads, for example the canonical UN packaging code.
        size_mm: real width and height in millimetres; a diamond gives its side twice.
        visible: fraction 0..1 of the mark's area inside the frame and not covered by something else.
    """

    label: str | None
    kind: str
    quad: Quad
    text: str | None
    size_mm: tuple[float, float]
    visible: float


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A rendered photo: RGB uint8 ``(H, W, 3)``, its marks, and the seed that gives it again."""

    image: ImageArray
    marks: tuple[TruthMark, ...]
    seed: int
