"""A UN mark printed on plain board."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lipack_vision.codes import TextEngine, TextLine
from lipack_vision.synth.un_mark import draw_un_mark_text
from lipack_vision.types import ImageArray, Quad

TEXT = "4G/Y25/S/25/CN/C370012 PI:015"


def printed_mark(seed: int, **how: object) -> tuple[ImageArray, Quad]:
    """A photo ``(360, 640, 3)`` of a mark with `TEXT`, and its quad.

    Args:
        how: see `draw_un_mark_text`.
    """
    art = draw_un_mark_text(TEXT, np.random.default_rng(seed), 2.5, **how)  # type: ignore[arg-type]
    photo = np.full((360, 640, 3), (186, 150, 110), np.uint8)
    height, width = art.rgba.shape[:2]
    alpha = art.rgba[..., 3:] / 255
    part = photo[40 : 40 + height, 30 : 30 + width]
    part[:] = part * (1 - alpha) + art.rgba[..., :3] * alpha
    return photo, art.quad + np.float32((30, 40))


def read_in_two_threads(engine: TextEngine) -> list[list[TextLine]]:
    """What each of two threads reads on the same photo with one engine, at the same time."""
    photo, _ = printed_mark(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(engine.read_lines, [photo, photo]))
