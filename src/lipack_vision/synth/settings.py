"""How often the renderer shows what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lipack_vision.errors import ConfigError

KIND_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "class9": 6.6,
        "class9a": 7.2,
        "battery_mark": 6.5,
        "cargo_aircraft_only": 3.5,
        "orientation_arrows": 3.0,
        "un_mark": 6.5,
        **dict.fromkeys(
            (
                "fragile",
                "keep_dry",
                "stack_limit",
                "no_hooks",
                "temperature_limits",
                "recycling",
                "weee_bin",
                "barcode",
                "shipping_label",
                "brand_print",
                "carton_data",
            ),
            0.25,
        ),
        **dict.fromkeys((f"ghs0{number}" for number in range(1, 10)), 0.45),
        **dict.fromkeys(
            (
                "environmental",
                "limited_quantity",
                "excepted_quantity",
                "striped_diamond",
                "nfpa704",
                "plain_diamond",
                "zebra",
                "qr",
                "framed_notice",
                "battery_picture",
                "chemical_label",
                "safety_sign",
                "box_certificate",
                "text_panel",
                "ring_print",
            ),
            0.8,
        ),
    }
)
"""Weights of lithium marks and look-alikes; a kind that is not named, such as each of the hazard labels,
weighs `SynthSettings.other_weight`."""


FRACTIONS = (
    "severity", "occlusion", "lens", "close", "warp", "ageing", "relief", "lost_corner", "covered",
    "wrapped", "turned", "coarse",
)  # fmt: skip
"""The settings that are numbers in 0..1."""


@dataclass(frozen=True, slots=True)
class SynthSettings:
    """Mixture of scenes, marks and camera faults.

    Attributes:
        cartons, surfaces, negatives: weights of the three kinds of scene.
        close: share of the carton scenes that are taken up close to one mark.
        kind_weights: weight of each artwork kind; kinds not named weigh ``other_weight``.
        other_weight: weight of each hazard label or look-alike without an own weight.
        backgrounds: folder of photos to use as backgrounds in a part of the scenes.
        severity: 0..1 scales blur, noise, compression and bad light; 0 gives clean photos.
        occlusion: probability that something stands or lies in front of the scene.
        lens: probability of visible lens distortion.
        warp: probability that straight things come out slightly bent: bulging faces, soft edges.
        ageing: probability that a label or mark is faded, copied, scratched, dirty or badly printed.
        relief: probability that a sticker is slack, creased or bubbled.
        lost_corner: probability that a sticker has a corner folded back or torn off.
        covered: probability that a label on a carton lies in part under tape or another paper.
        wrapped: probability that a carton has a label folded over one of its edges.
        coarse: probability that a photo has fewer pixels of its own than it is stored with.
        turned: probability that a carton lies on its side or head, with all that it carries.

    Raises:
        ConfigError: a weight is negative, all scene weights are zero, a fraction is outside 0..1, or
            ``backgrounds`` is not a folder.
    """

    cartons: float = 0.52
    surfaces: float = 0.39
    negatives: float = 0.09
    kind_weights: Mapping[str, float] = field(default_factory=lambda: dict(KIND_WEIGHTS))
    other_weight: float = 1.05
    backgrounds: Path | None = None
    severity: float = 1.0
    occlusion: float = 0.25
    lens: float = 0.4
    close: float = 0.45
    warp: float = 0.7
    ageing: float = 0.4
    relief: float = 0.65
    lost_corner: float = 0.07
    covered: float = 0.14
    wrapped: float = 0.1
    turned: float = 0.2
    coarse: float = 0.25

    def __post_init__(self) -> None:
        scenes = (self.cartons, self.surfaces, self.negatives)
        if min(scenes) < 0 or sum(scenes) <= 0:
            raise ConfigError(
                "SynthSettings.cartons/surfaces/negatives",
                expected="weights >= 0, at least one above 0",
                found=repr(scenes),
                cure="Give each scene a weight; they need not sum to 1.",
            )
        if self.other_weight < 0 or any(weight < 0 for weight in self.kind_weights.values()):
            raise ConfigError(
                "SynthSettings.kind_weights",
                expected="weights >= 0",
                found="a negative weight",
                cure="Use 0 to leave a kind out.",
            )
        for name in FRACTIONS:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(
                    f"SynthSettings.{name}",
                    expected="a number in 0..1",
                    found=repr(getattr(self, name)),
                    cure="Give a fraction.",
                )
        if self.backgrounds is not None and not self.backgrounds.is_dir():
            raise ConfigError(
                "SynthSettings.backgrounds",
                expected="a folder of photos",
                found=str(self.backgrounds),
                cure="Name an existing folder or leave it out.",
            )

    def to_dict(self) -> dict[str, Any]:
        """The settings as plain JSON values."""
        return {
            "cartons": self.cartons,
            "surfaces": self.surfaces,
            "negatives": self.negatives,
            "kind_weights": dict(self.kind_weights),
            "other_weight": self.other_weight,
            "backgrounds": None if self.backgrounds is None else str(self.backgrounds),
            **{name: getattr(self, name) for name in FRACTIONS},
        }
