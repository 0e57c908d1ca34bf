"""What the renderer of damage gives."""

from __future__ import annotations

from dataclasses import dataclass

from lipack_vision.synth.texture import U8
from lipack_vision.types import ImageArray


@dataclass(frozen=True, slots=True)
class TruthBox:
    """One carton on a rendered photo.

    Attributes:
        number: its value in `DamagePhoto.owner`.
        types: damage of it that can be seen, of `lipack_vision.types.DAMAGE_TYPES`.
        pixels: how many pixels of it are seen.
        whole: share 0..1 of its silhouette that is seen; the rest is covered or outside of the frame.
        wrapped: whether film lies over it.
    """

    number: int
    types: tuple[str, ...]
    pixels: int
    whole: float
    wrapped: bool


@dataclass(frozen=True, slots=True, eq=False)
class DamagePhoto:
    """A rendered photo of cartons.

    Attributes:
        image: RGB uint8 ``(H, W, 3)``.
        damage: uint8 ``(H, W)``, bit k is set where damage of type k is seen.
        owner: uint8 ``(H, W)``, number of the carton that is seen, 0 for none.
        boxes: the cartons.
        seed: that gives it again.
    """

    image: ImageArray
    damage: U8
    owner: U8
    boxes: tuple[TruthBox, ...]
    seed: int
