"""Which artwork to show, drawn by the settings' weights, and how it has been handled."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from lipack_vision.synth.ageing import age
from lipack_vision.synth.artwork import KINDS, Artwork, draw
from lipack_vision.synth.canvas import premultiply
from lipack_vision.synth.deform import bend, lose_corner, random_relief
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import Rng
from lipack_vision.synth.un_mark import draw_un_mark
from lipack_vision.types import as_quad

UN_MARK = "un_mark"
ALL_KINDS: tuple[str, ...] = (*(kind for kind in KINDS if kind != UN_MARK), UN_MARK)
LITHIUM = ("class9a", "class9", "battery_mark")

MIN_PX_PER_MM, MAX_PX_PER_MM = 1.0, 6.0
"""Below the first, artwork is drawn larger and shrunk; above the second it would cost more than it shows."""
MAX_RASTER_PX = 900
"""Larger pictures, of placards, are shrunk before they are worn and bent."""
PRINTED = 0.6
"""Artwork that leaves more of its picture clear than this is print without paper of its own."""


def choose_kind(rng: Rng, settings: SynthSettings) -> str:
    """One artwork kind, by weight."""
    weights = np.array([settings.kind_weights.get(kind, settings.other_weight) for kind in ALL_KINDS])
    total = float(weights.sum())
    if total <= 0:
        return ALL_KINDS[int(rng.integers(len(ALL_KINDS)))]
    return ALL_KINDS[int(rng.choice(len(ALL_KINDS), p=weights / total))]


def make(kind: str, rng: Rng, px_per_mm: float, settings: SynthSettings) -> Artwork:
    """Draw one artwork at a scale that suits a surface of ``px_per_mm``, worn and bent by chance.

    Its quad is in pixels whose centres are whole numbers, as homographies and warps take them.
    """
    scale = float(np.clip(px_per_mm, MIN_PX_PER_MM, MAX_PX_PER_MM))
    art = draw_un_mark(rng, scale) if kind == UN_MARK else draw(kind, rng, scale)
    return handled(_limited(replace(art, quad=as_quad(art.quad - 0.5, kind), lines=None)), rng, settings)


def _limited(art: Artwork) -> Artwork:
    """The artwork with no more pixels than any photo shows of it."""
    height, width = art.rgba.shape[:2]
    factor = MAX_RASTER_PX / max(height, width)
    if factor >= 1:
        return art
    wanted = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(premultiply(art.rgba), wanted, interpolation=cv2.INTER_AREA)
    part = np.array(wanted) / (width, height)
    return replace(
        art,
        rgba=np.asarray(cv2.cvtColor(small, cv2.COLOR_mRGBA2RGBA), np.uint8),
        quad=as_quad((art.quad + 0.5) * part - 0.5, art.kind),
        px_per_mm=art.px_per_mm * factor,
    )


def is_print(art: Artwork) -> bool:
    """Whether the artwork is print without paper of its own."""
    return float((art.rgba[..., 3] < 128).mean()) > PRINTED


def handled(art: Artwork, rng: Rng, settings: SynthSettings) -> Artwork:
    """Age and bend artwork with the probabilities of the settings."""
    if rng.random() < settings.ageing:
        art = replace(art, rgba=age(art.rgba, rng))
    bent, lost = rng.random() < settings.relief, rng.random() < settings.lost_corner
    if is_print(art):
        return art
    if lost:
        art = lose_corner(art, rng)
    if bent:
        art = bend(art, random_relief(rng, float(rng.uniform(0.3, 1.5))))
    return art
