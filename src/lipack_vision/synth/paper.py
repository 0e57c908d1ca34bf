"""Paper under artwork: left uncut around it, waved, folded, glossy."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.camera import Points
from lipack_vision.synth.marks import PRINTED
from lipack_vision.synth.texture import U8, Rng, noise, with_alpha


def on_paper(art: Artwork, rng: Rng, *, always: bool = False) -> tuple[U8, Points]:
    """Artwork cut out, or left on a sheet of paper; also where its pixel (0, 0) went.

    ``always`` leaves it on paper whatever it is: dark print cannot be seen on a dark ground.
    """
    height, width = art.rgba.shape[:2]
    clear = float((art.rgba[..., 3] < 128).mean())
    if not always and clear < PRINTED and rng.random() < 0.75:
        return art.rgba, np.zeros(2, np.float32)
    pad = [int(v) for v in np.ceil(rng.uniform(0.02, 0.25, 4) * max(height, width))]
    paper = np.full((height + pad[0] + pad[1], width + pad[2] + pad[3], 4), 255, np.uint8)
    colour = rng.uniform(225, 255) - np.array([0, 0, rng.uniform(0, 10)])
    if rng.random() < 0.15:
        colour = np.array([(205, 170, 128), (240, 205, 60), (120, 120, 125)][int(rng.integers(3))], float)
    paper[..., :3] = colour.astype(np.uint8)
    place = paper[pad[0] : pad[0] + height, pad[2] : pad[2] + width, :3]
    alpha = art.rgba[..., 3:].astype(np.float32) / 255
    place[:] = (art.rgba[..., :3] * alpha + place * (1 - alpha)).astype(np.uint8)
    return paper, np.array([pad[2], pad[0]], np.float32)


def shaded(rgba: U8, rng: Rng) -> U8:
    """Slight waves of paper, a fold, gloss; straight alpha in and out."""
    height, width = rgba.shape[:2]
    light = 1 + noise("cloud", rng, (height, width), max(height, width) / 120) * np.float32(
        rng.uniform(0, 0.05)
    )
    if rng.random() < 0.12:
        light += (noise("wrinkle", rng, (height, width), max(height, width) / 200) - 1) * np.float32(0.05)
    if rng.random() < 0.15:
        at = int(rng.uniform(0.2, 0.8) * width)
        light[:, at:] *= np.float32(rng.uniform(0.85, 1.12))
    grey = cv2.convertScaleAbs(np.maximum(light, 0), alpha=128.0)
    colour = cv2.multiply(
        cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB), cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), scale=1 / 128
    )
    if rng.random() < 0.25:
        spot = noise("cloud", rng, (height, width), max(height, width) / 90)
        gloss = np.maximum(spot - 0.4, 0) * np.float32(rng.uniform(15, 90))
        colour = cv2.add(colour, cv2.cvtColor(cv2.convertScaleAbs(gloss), cv2.COLOR_GRAY2RGB))
    return with_alpha(colour, cv2.extractChannel(rgba, 3))
