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
        "class9": 4.0,
        "class9a": 6.5,
        "battery_mark": 6.0,
        "cargo_aircraft_only": 4.0,
        "orientation_arrows": 3.0,
        "un_mark": 4.0,
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
                "qr",
                "shipping_label",
                "brand_print",
                "carton_data",
            ),
            0.15,
        ),
        **dict.fromkeys((f"ghs0{number}" for number in range(1, 10)), 0.4),
        **dict.fromkeys(
            (
                "environmental",
                "limited_quantity",
                "excepted_quantity",
                "striped_diamond",
                "nfpa704",
                "plain_diamond",
                "zebra",
            ),
            0.5,
        ),
    }
)
"""Weights of lithium marks and look-alikes; a kind that is not named, such as each of the hazard labels,
weighs `SynthSettings.other_weight`."""


@dataclass(frozen=True, slots=True)
class SynthSettings:
    """Mixture of scenes, marks and camera faults.

    Attributes:
        cartons, surfaces, negatives: weights of the three kinds of scene.
        kind_weights: weight of each artwork kind; kinds not named weigh ``other_weight``.
        other_weight: weight of each hazard label or look-alike without an own weight.
        backgrounds: folder of photos to use as backgrounds in a part of the scenes.
        severity: 0..1 scales blur, noise, compression and bad light; 0 gives clean photos.
        occlusion: probability that something stands or lies in front of the scene.
        lens: probability of visible lens distortion.

    Raises:
        ConfigError: a weight is negative, all scene weights are zero, a fraction is outside 0..1, or
            ``backgrounds`` is not a folder.
    """

    cartons: float = 0.5
    surfaces: float = 0.4
    negatives: float = 0.1
    kind_weights: Mapping[str, float] = field(default_factory=lambda: dict(KIND_WEIGHTS))
    other_weight: float = 1.6
    backgrounds: Path | None = None
    severity: float = 1.0
    occlusion: float = 0.25
    lens: float = 0.4

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
        for name in ("severity", "occlusion", "lens"):
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
            "severity": self.severity,
            "occlusion": self.occlusion,
            "lens": self.lens,
        }
