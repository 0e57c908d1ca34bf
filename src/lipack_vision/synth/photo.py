"""One seed -> one photo with its truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipack_vision.errors import ConfigError
from lipack_vision.synth import scene_cartons, scene_negatives, scene_surfaces
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.lens import Lens
from lipack_vision.synth.occluders import random_occluder
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.types import Photo, TruthMark
from lipack_vision.types import as_quad

MIN_SIDE, MAX_SIDE = 64, 4096


def render_jpeg(
    seed: int, size: tuple[int, int] = (640, 640), settings: SynthSettings | None = None
) -> tuple[bytes, Photo]:
    """Render a photo, and the JPEG bytes that decode to exactly its pixels.

    Args:
        seed: 0 or more; with ``size`` and ``settings`` it fixes every pixel.
        size: ``(width, height)`` px, each 64..4096.
        settings: mixture and severity; default `SynthSettings()`.

    Raises:
        ConfigError: the seed is negative or the size out of range.
    """
    settings = SynthSettings() if settings is None else settings
    if seed < 0:
        raise ConfigError(
            "seed", expected="0 or more", found=str(seed), cure="Pass a seed that is not negative."
        )
    if not all(MIN_SIDE <= side <= MAX_SIDE for side in size):
        raise ConfigError(
            "size",
            expected=f"width and height of {MIN_SIDE}..{MAX_SIDE} px",
            found=str(size),
            cure="Change the size.",
        )
    rng = np.random.default_rng([seed, size[0], size[1]])
    # Out of focus, zoomed by software or stored small: what shows less detail is painted smaller.
    part = float(rng.uniform(0.45, 0.85)) if rng.random() < settings.coarse * settings.severity else 1.0
    inner = (max(48, round(size[0] * part)), max(48, round(size[1] * part)))
    canvas = Canvas.blank(inner)
    weights = np.array([settings.cartons, settings.surfaces, settings.negatives])
    scene = int(rng.choice(3, p=weights / weights.sum()))
    (scene_cartons.scene, scene_surfaces.scene, scene_negatives.scene)[scene](canvas, rng, settings)
    if rng.random() < settings.occlusion:
        random_occluder(canvas, rng)
    lens = Lens.random(rng, settings.lens, settings.warp)
    marks = tuple(_enlarged(mark, inner, size) for mark in canvas.truth(lens))
    data, image = take(lens.warp(canvas.rgb), rng, settings, size)
    return data, Photo(image, marks, seed)


def _enlarged(mark: TruthMark, inner: tuple[int, int], size: tuple[int, int]) -> TruthMark:
    """The mark on a photo enlarged from ``inner`` to ``size``; centres of pixels are whole numbers."""
    if inner == size:
        return mark
    factor = np.array(size, np.float32) / np.array(inner, np.float32)
    return replace(mark, quad=as_quad((mark.quad + 0.5) * factor - 0.5, mark.kind))


def render_photo(
    seed: int, size: tuple[int, int] = (640, 640), settings: SynthSettings | None = None
) -> Photo:
    """Render a photo; see `render_jpeg`."""
    return render_jpeg(seed, size, settings)[1]
