"""Results: frozen, comparable, and ``from_dict(to_dict(x)) == x``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ShapeError

Label = Literal[
    "class9",
    "class9a",
    "battery_mark",
    "other_hazard",
    "cargo_aircraft_only",
    "orientation_arrows",
    "un_mark",
    "carton",
]
LABELS: tuple[str, ...] = get_args(Label)
DAMAGE_TYPES = ("dent", "crush", "tear", "hole", "wet", "open_flap")
"""What may be wrong with a carton."""
DIAMONDS = frozenset({"class9", "class9a", "other_hazard"})
"""Labels whose quad starts at the top corner; turned by 45 degrees to stand as printed."""

Quad = npt.NDArray[np.float32]
"""Four corners ``(4, 2)`` in pixels, clockwise as the artwork stands upright, starting at the top-left
corner (rectangles) or at the top corner (diamonds)."""

ImageArray = npt.NDArray[np.uint8]
"""RGB photo ``(H, W, 3)``."""


def as_quad(points: npt.ArrayLike, where: str = "quad") -> Quad:
    """Check and copy four corners.

    Raises:
        ShapeError: not ``(4, 2)`` finite numbers.
    """
    quad = np.array(points, dtype=np.float32)
    if quad.shape != (4, 2) or not np.isfinite(quad).all():
        raise ShapeError(
            where,
            expected="four finite corners of shape (4, 2)",
            found=f"shape {quad.shape}" if quad.shape != (4, 2) else "a corner that is not finite",
            cure="Pass [[x, y], ...] clockwise from the top or top-left corner.",
        )
    quad.flags.writeable = False
    return quad


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """One label, mark or carton face found on a photo.

    Attributes:
        label: what it is, one of `LABELS`.
        probability: 0..1; a calibrated probability when ``calibrated``, else the raw score of the net.
        quad: its own four corners ``(4, 2)`` in pixels of the photo as given; see `Quad`.
        calibrated: whether the artifact carries a calibration for this label.
    """

    label: str
    probability: float
    quad: Quad
    calibrated: bool = False

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise ShapeError(
                "Mark.label",
                expected=f"one of {', '.join(LABELS)}",
                found=repr(self.label),
                cure="Use a label of lipack_vision.types.LABELS.",
            )
        object.__setattr__(self, "quad", as_quad(self.quad, "Mark.quad"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mark) and self.to_dict() == other.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """The mark as plain JSON values."""
        return {
            "label": self.label,
            "probability": float(self.probability),
            "calibrated": self.calibrated,
            "quad": self.quad.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Mark:
        """The mark that `to_dict` described."""
        return cls(data["label"], data["probability"], as_quad(data["quad"]), data["calibrated"])
