"""Artwork drawn by code of our own from the geometry in mm: labels, marks and look-alikes.

No picture or outline of others is copied. Every drawing varies the way printers differ.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lipack_vision.errors import ConfigError
from lipack_vision.synth.artwork.base import Artwork
from lipack_vision.synth.artwork.carton_print import draw_box_certificate, draw_text_panel
from lipack_vision.synth.artwork.handling import (
    draw_cargo_aircraft_only,
    draw_orientation_arrows,
    draw_pictogram,
)
from lipack_vision.synth.artwork.hazards import HAZARDS, draw_hazard
from lipack_vision.synth.artwork.lithium import UN_NUMBERS, draw_battery_mark, draw_class9
from lipack_vision.synth.artwork.lookalikes import (
    GHS,
    draw_environmental,
    draw_excepted_quantity,
    draw_ghs,
    draw_limited_quantity,
    draw_nfpa704,
    draw_plain_diamond,
    draw_striped_diamond,
)
from lipack_vision.synth.artwork.pictograms import PICTOGRAMS
from lipack_vision.synth.artwork.prints import (
    draw_barcode,
    draw_brand_print,
    draw_carton_data,
    draw_qr,
    draw_ring_print,
    draw_shipping_label,
    draw_zebra,
)
from lipack_vision.synth.artwork.traps import (
    draw_battery_picture,
    draw_chemical_label,
    draw_framed_notice,
    draw_safety_sign,
)

__all__ = ["KINDS", "UN_NUMBERS", "Artwork", "draw"]

_Draw = Callable[[str, np.random.Generator, float], Artwork]

_DRAW: dict[str, _Draw] = {
    "class9": draw_class9,
    "class9a": draw_class9,
    "battery_mark": draw_battery_mark,
    **dict.fromkeys(HAZARDS, draw_hazard),
    "cargo_aircraft_only": draw_cargo_aircraft_only,
    "orientation_arrows": draw_orientation_arrows,
    **dict.fromkeys(PICTOGRAMS, draw_pictogram),
    **dict.fromkeys(GHS, draw_ghs),
    "environmental": draw_environmental,
    "limited_quantity": draw_limited_quantity,
    "excepted_quantity": draw_excepted_quantity,
    "striped_diamond": draw_striped_diamond,
    "nfpa704": draw_nfpa704,
    "plain_diamond": draw_plain_diamond,
    "barcode": draw_barcode,
    "qr": draw_qr,
    "zebra": draw_zebra,
    "shipping_label": draw_shipping_label,
    "brand_print": draw_brand_print,
    "ring_print": draw_ring_print,
    "carton_data": draw_carton_data,
    "framed_notice": draw_framed_notice,
    "battery_picture": draw_battery_picture,
    "chemical_label": draw_chemical_label,
    "safety_sign": draw_safety_sign,
    "box_certificate": draw_box_certificate,
    "text_panel": draw_text_panel,
}
KINDS: tuple[str, ...] = tuple(_DRAW)
"""Every kind that `draw` knows."""


def draw(kind: str, rng: np.random.Generator, px_per_mm: float) -> Artwork:
    """Draw one mark in a style of its own.

    Args:
        kind: one of `KINDS`.
        rng: decides on the style; the same state draws the same artwork.
        px_per_mm: scale of the raster; a label of 100 mm side is then 141 mm across.

    Raises:
        ConfigError: no such kind, or a scale that is not above 0.
        MissingExtraError: Pillow or a font package is not installed.
    """
    if kind not in _DRAW:
        raise ConfigError(
            "kind", expected=f"one of {', '.join(KINDS)}", found=repr(kind), cure="See artwork.KINDS."
        )
    if not 0 < px_per_mm < 100:
        raise ConfigError(
            "px_per_mm",
            expected="above 0 and below 100",
            found=str(px_per_mm),
            cure="Pass pixels per millimetre.",
        )
    return _DRAW[kind](kind, rng, px_per_mm)
