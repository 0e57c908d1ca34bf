"""What can be said of the condition of the cartons on a photo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ShapeError
from lipack_vision.labels.closeup import Frame

Polygon = npt.NDArray[np.float32]
"""Corners ``(N, 2)`` in pixels of the photo, N at least 3."""
Verdict = Literal["sound", "damaged", "cannot_judge"]
VERDICTS: tuple[str, ...] = get_args(Verdict)
Doubt = Literal["no_box", "too_small", "too_dark", "cut_off", "wrapped"]
"""Why the condition of a carton cannot be judged from a photo."""
DOUBTS: dict[str, str] = {
    "no_box": "no carton was found",
    "too_small": "the carton is too small on the photo",
    "too_dark": "the photo is too dark there",
    "cut_off": "the frame cuts the carton off",
    "wrapped": "film lies over the carton",
}


class DamageRegion(NamedTuple):
    """A damaged place.

    Attributes:
        type: one of `lipack_vision.types.DAMAGE_TYPES`.
        polygon: its outline.
        probability: 0..1 that there is damage of this type; see `Integrity.calibrated`.
    """

    type: str
    polygon: Polygon
    probability: float

    def to_dict(self) -> dict[str, Any]:
        """The region as plain JSON values."""
        return {"type": self.type, "polygon": self.polygon.tolist(), "probability": self.probability}

    @staticmethod
    def from_dict(data: dict[str, Any]) -> DamageRegion:
        """The region that `to_dict` wrote."""
        return DamageRegion(data["type"], as_polygon(data["polygon"]), data["probability"])


@dataclass(frozen=True, slots=True, eq=False)
class BoxCondition:
    """The condition of one carton.

    Attributes:
        outline: of the part of it that is seen.
        probability_damaged: 0..1; at least 0.5 of what cannot be judged.
        seen_probability: 0..1, from what can be seen alone.
        verdict: ``cannot_judge`` where no damage is seen but could be there unseen.
        doubts: why it cannot be judged, also where damage is seen in spite of them.
        regions: its damage.
    """

    outline: Polygon
    probability_damaged: float
    seen_probability: float
    verdict: Verdict
    doubts: tuple[Doubt, ...]
    regions: tuple[DamageRegion, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoxCondition) and self.to_dict() == other.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """The condition as plain JSON values."""
        return {
            "outline": self.outline.tolist(),
            "probability_damaged": self.probability_damaged,
            "seen_probability": self.seen_probability,
            "verdict": self.verdict,
            "doubts": list(self.doubts),
            "regions": [region.to_dict() for region in self.regions],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> BoxCondition:
        """The condition that `to_dict` wrote."""
        return cls(
            as_polygon(data["outline"]),
            data["probability_damaged"],
            data["seen_probability"],
            data["verdict"],
            tuple(data["doubts"]),
            tuple(DamageRegion.from_dict(region) for region in data["regions"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Integrity:
    """The condition of all cartons on a photo.

    Attributes:
        boxes: each carton on its own, the largest first; one that stands for the whole photo where no carton
            was found.
        calibrated: whether probabilities are calibrated; else they are raw scores.
        size: width and height of the photo in pixels.
        heat: parts of the photo with the damage seen there, ``float32 (h, w)`` of 0..1 each.
    """

    boxes: tuple[BoxCondition, ...]
    calibrated: bool
    size: tuple[int, int]
    heat: tuple[tuple[Frame, npt.NDArray[np.float32]], ...] = field(default=(), repr=False)

    @property
    def probability_damaged(self) -> float:
        """That of the worst carton, 0..1."""
        return max(box.probability_damaged for box in self.boxes)

    @property
    def regions(self) -> list[DamageRegion]:
        """Damage of all cartons, the most probable first."""
        every = [region for box in self.boxes for region in box.regions]
        return sorted(every, key=lambda region: -region.probability)

    @property
    def verdict(self) -> Verdict:
        """``damaged`` if one carton is, ``sound`` if all are, else ``cannot_judge``."""
        verdicts = {box.verdict for box in self.boxes}
        if "damaged" in verdicts:
            return "damaged"
        return "cannot_judge" if "cannot_judge" in verdicts else "sound"

    @property
    def heatmap(self) -> npt.NDArray[np.float32]:
        """How much each pixel of the photo looks damaged, 0..1, ``float32 (H, W)``; made anew each time."""
        width, height = self.size
        heat: npt.NDArray[np.float32] = np.zeros((height, width), np.float32)
        for frame, part in self.heat:
            back = np.linalg.inv(frame.matrix(part.shape[0]))[:2]
            placed = cv2.warpAffine(part, back, (width, height), flags=cv2.INTER_LINEAR)
            np.maximum(heat, placed, out=heat)
        return heat

    def to_dict(self) -> dict[str, Any]:
        """Everything but the heat map as plain JSON values."""
        return {
            "probability_damaged": self.probability_damaged,
            "verdict": self.verdict,
            "calibrated": self.calibrated,
            "size": list(self.size),
            "boxes": [box.to_dict() for box in self.boxes],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Integrity:
        """What `to_dict` wrote; without heat map."""
        boxes = tuple(BoxCondition.from_dict(box) for box in data["boxes"])
        return cls(boxes, data["calibrated"], (data["size"][0], data["size"][1]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Integrity) and self.to_dict() == other.to_dict()


def as_polygon(points: npt.ArrayLike | Iterable[Any]) -> Polygon:
    """Check and copy an outline.

    Raises:
        ShapeError: not at least three finite corners ``(N, 2)``.
    """
    polygon = np.array(points, np.float32)
    if polygon.ndim != 2 or polygon.shape[0] < 3 or polygon.shape[1] != 2 or not np.isfinite(polygon).all():
        raise ShapeError(
            "polygon",
            expected="at least three finite corners of shape (N, 2)",
            found=f"shape {polygon.shape}",
            cure="Pass [[x, y], ...].",
        )
    polygon.flags.writeable = False
    return polygon
