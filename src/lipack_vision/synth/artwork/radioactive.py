"""What stands inside the labels of class 7."""

from __future__ import annotations

from lipack_vision.synth.artwork.canvas import Canvas
from lipack_vision.synth.artwork.curves import box, points
from lipack_vision.synth.artwork.frames import INNER
from lipack_vision.synth.artwork.styles import RED, Rng, Style, between, chance, pick
from lipack_vision.synth.artwork.symbols import trefoil

_BARS = {"7a": 1, "7b": 2, "7c": 3}


def radioactive_body(kind: str, c: Canvas, rng: Rng, style: Style) -> None:
    """Trefoil, RADIOACTIVE with one to three red bars, contents and index box; or FISSILE (``7e``)."""
    ink = style.ink
    fold = between(rng, -1, 1)
    c.stroke(points((-INNER, fold), (INNER, fold)), between(rng, 0.4, 1.2), ink)
    if kind == "7e":
        c.text(
            0,
            fold - between(rng, 7, 9),
            "FISSILE",
            between(rng, 7, 10),
            style.font,
            ink,
            stretch=style.stretch,
        )
        _index_box(c, rng, style, ("CRITICALITY", "SAFETY INDEX"), 12)
        return
    trefoil(c.placed(0, between(rng, -27, -24), between(rng, 0.36, 0.42)), rng, ink, None)
    if kind == "7c" and chance(rng, 0.3):
        # The placard of class 7 has the word alone.
        c.text(
            0, 10, "RADIOACTIVE", between(rng, 8, 11), style.font, ink, stretch=style.stretch, max_width=92
        )
        return
    height = between(rng, 5, 7)
    width = c.text(-5, 7, "RADIOACTIVE", height, style.font, ink, stretch=style.stretch, max_width=62)
    x = -5 + width / 2 + 3
    red = style.tone(RED)
    for bar in range(_BARS[kind]):
        c.fill(box(x + bar * 3.6, 7 - height * 0.6, x + bar * 3.6 + 2, 7 + height * 0.6), red)
    dots = pick(rng, (".", "_")) * 14
    for row, word in enumerate(("CONTENTS", "ACTIVITY")):
        c.text(0, 14 + row * 4.6, word + dots, 2.6, style.font, ink, max_width=64 - 10 * row)
    _index_box(c, rng, style, ("TRANSPORT", "INDEX"), 23)


def _index_box(c: Canvas, rng: Rng, style: Style, words: tuple[str, str], top: float) -> None:
    c.stroke(box(-15, top, 15, top + 13), between(rng, 0.4, 0.9), style.ink, closed=True)
    for row, word in enumerate(words):
        c.text(0, top + 3.6 + row * 4.4, word, 2.4, style.font, style.ink, max_width=26)
