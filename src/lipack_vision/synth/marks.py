"""Which artwork to show, drawn by the settings' weights."""

from __future__ import annotations

import numpy as np

from lipack_vision.synth.artwork import KINDS, Artwork, draw
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import Rng
from lipack_vision.synth.un_mark import draw_un_mark

UN_MARK = "un_mark"
ALL_KINDS: tuple[str, ...] = (*(kind for kind in KINDS if kind != UN_MARK), UN_MARK)
LITHIUM = ("class9a", "class9", "battery_mark")

MIN_PX_PER_MM, MAX_PX_PER_MM = 1.0, 6.0
"""Below the first, artwork is drawn larger and shrunk; above the second it would cost more than it shows."""


def choose_kind(rng: Rng, settings: SynthSettings) -> str:
    """One artwork kind, by weight."""
    weights = np.array([settings.kind_weights.get(kind, settings.other_weight) for kind in ALL_KINDS])
    total = float(weights.sum())
    if total <= 0:
        return ALL_KINDS[int(rng.integers(len(ALL_KINDS)))]
    return ALL_KINDS[int(rng.choice(len(ALL_KINDS), p=weights / total))]


def make(kind: str, rng: Rng, px_per_mm: float) -> Artwork:
    """Draw one artwork at a scale that suits a surface of ``px_per_mm``."""
    scale = float(np.clip(px_per_mm, MIN_PX_PER_MM, MAX_PX_PER_MM))
    if kind == UN_MARK:
        return draw_un_mark(rng, scale)
    return draw(kind, rng, scale)
