"""One thing on a face: its artwork, where it lies, and what of it differs from another."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.artwork.canvas import Canvas as Drawing
from lipack_vision.synth.board_print import paper_label
from lipack_vision.synth.camera import Points
from lipack_vision.synth.fonts import choose_font
from lipack_vision.synth.marks import UN_MARK, make
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.texture import U8, Rng, jitter
from lipack_vision.synth.un_mark import draw_un_mark_text
from lipack_vision.types import as_quad

ART_PX_PER_MM = 2.5
"""Artwork is drawn at one scale, so that it is the same on every picture of a design."""
LINES, PAPER, SCRAWL, STRIP = "lines", "paper", "scrawl", "strip"
_CLEAN = SynthSettings(ageing=0.0, relief=0.0, lost_corner=0.0)
_UN_PRINTS = ("flexo", "clean", "stencil", "dots", "sticker")
_UN_WEIGHTS = (0.5, 0.25, 0.08, 0.05, 0.12)
_WORDS = (
    "LITHIUM ION BATTERY", "BATTERY PACK", "MODEL {L}{L}-{D}{D}{D}", "QTY: {D}{D} PCS",
    "G.W.: {D}{D}.{D} KGS", "N.W.: {D}{D}.{D} KGS", "C/NO. {D}-{D}{D}{D}", "MEAS: {D}{D}x{D}{D}x{D}{D} CM",
    "P/N {L}{D}{D}{D}{D}", "LOT {D}{D}{D}{D}{D}{D}", "MADE IN CHINA", "UN3480", "UN3481",
    "POWER {D}{D}00", "ITEM {L}{L}{L}-{D}{D}", "{L}{L}{L}{L}{L}", "REF {D}{D}{D}-{L}",
    "{D}{D} Wh", "{D}{D}.{D} V  {D}{D} Ah",
)  # fmt: skip

Ink = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Print:
    """A thing printed or stuck on a face.

    Attributes:
        kind: of artwork, see `synth.marks.ALL_KINDS`, or one of this module's.
        seed: of its looks.
        place: its middle in mm on the face.
        angle: radians clockwise.
        scale: on the face relative to the artwork's own size.
        ink: printed on the board, not stuck on it.
        text: of a UN mark, or lines divided by ``\\n``; other kinds choose their own.
    """

    kind: str
    seed: int
    place: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    scale: float = 1.0
    ink: bool = False
    text: str | None = None


def drawn(one: Print, ink: Ink) -> Artwork:
    """The artwork at `ART_PX_PER_MM`; ``ink`` colours lines of text."""
    return _drawn(one.kind, one.seed, one.text, ink if one.kind == LINES else (0, 0, 0))


@lru_cache(maxsize=192)
def _drawn(kind: str, seed: int, text: str | None, ink: Ink) -> Artwork:
    rng = np.random.default_rng([seed, 3])
    if kind == UN_MARK and text is not None:
        return draw_un_mark_text(text, rng, ART_PX_PER_MM, print_kind=_un_print(seed))
    if kind == LINES and text is not None:
        return _lines(text.split("\n"), rng, ink)
    if kind == PAPER:
        return paper_label(rng, ART_PX_PER_MM)
    if kind == SCRAWL:
        return _scrawl(rng)
    if kind == STRIP:
        return _strip(rng)
    return make(kind, rng, ART_PX_PER_MM, _CLEAN)


def _un_print(seed: int) -> str:
    return str(np.random.default_rng([seed, 4]).choice(_UN_PRINTS, p=_UN_WEIGHTS))


def _plain(one: Print, ink: Ink) -> Artwork:
    """The artwork without chance in its ink: what differs between two of them differs by design."""
    if one.kind != UN_MARK or one.text is None or _un_print(one.seed) == "sticker":
        return drawn(one, ink)
    rng = np.random.default_rng([one.seed, 3])
    return draw_un_mark_text(one.text, rng, ART_PX_PER_MM, print_kind="clean")


def random_lines(rng: Rng) -> str:
    """One to four lines of text."""
    count = int(rng.integers(1, 5))
    return "\n".join(_filled(str(words), rng) for words in rng.choice(_WORDS, count, replace=False))


def _filled(words: str, rng: Rng) -> str:
    for sign, values in (("{L}", string.ascii_uppercase), ("{D}", string.digits)):
        while sign in words:
            words = words.replace(sign, str(rng.choice(list(values))), 1)
    return words


def _lines(lines: list[str], rng: Rng, ink: Ink) -> Artwork:
    font = choose_font(rng, ("bold", "regular", "condensed"))
    height = float(rng.choice([rng.uniform(7, 14), rng.uniform(14, 40)]))
    pitch = height * float(rng.uniform(1.4, 1.9))
    width = min(height * 0.85 * max(map(len, lines)), 420.0)
    c = Drawing((-1, -1, width + 1, pitch * len(lines) + 1), ART_PX_PER_MM)
    for number, words in enumerate(lines):
        c.text(0, pitch * (number + 0.5), words, height, font, ink, anchor="lm", max_width=width)
    rgba = c.image()
    x, y, across, down = cv2.boundingRect(np.ascontiguousarray(rgba[..., 3]))
    return _artwork(np.ascontiguousarray(rgba[y : y + down, x : x + across]), LINES)


def _scrawl(rng: Rng) -> Artwork:
    """Strokes of a pen or marker as by a hand that writes."""
    width, height = (round(float(v) * ART_PX_PER_MM) for v in (rng.uniform(40, 150), rng.uniform(20, 60)))
    count = int(rng.integers(14, 40))
    x = np.linspace(0.06, 0.94, count) + rng.normal(0, 0.03, count)
    y = 0.5 + np.clip(rng.normal(0, 0.24, count), -0.42, 0.42)
    path = np.rint(np.stack([x * width, y * height], axis=1) * 8).astype(np.int32)
    alpha = np.zeros((height, width), np.uint8)
    thick = max(2, round(float(rng.uniform(0.7, 3.5)) * ART_PX_PER_MM))
    for part in np.array_split(path, int(rng.integers(1, 5))):
        cv2.polylines(alpha, [part], False, 255, thick, cv2.LINE_AA, 3)
    colour = np.array(((24, 26, 30), (30, 44, 150), (170, 30, 36))[int(rng.choice(3, p=[0.5, 0.35, 0.15]))])
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = colour, alpha
    return _artwork(rgba, SCRAWL)


def _strip(rng: Rng) -> Artwork:
    """A strip of tape that one does not see through."""
    width, height = (
        round(float(v) * ART_PX_PER_MM) for v in (rng.uniform(90, 320), rng.choice([48, 60, 72]))
    )
    colours = ((160, 112, 62), (236, 234, 230), (60, 90, 160), (40, 40, 42), (200, 50, 40))
    rgba = np.full((height, width, 4), 255, np.uint8)
    rgba[..., :3] = jitter(rng, colours[int(rng.choice(5, p=[0.45, 0.3, 0.1, 0.05, 0.1]))], 12).astype(
        np.uint8
    )
    return _artwork(rgba, STRIP)


def _artwork(rgba: U8, kind: str) -> Artwork:
    height, width = rgba.shape[:2]
    quad = as_quad([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    return Artwork(
        rgba, None, kind, quad, (width / ART_PX_PER_MM, height / ART_PX_PER_MM), None, ART_PX_PER_MM
    )


def extent(one: Print, ink: Ink) -> tuple[float, float]:
    """Width and height in mm that it takes on the face."""
    height, width = (side / ART_PX_PER_MM * one.scale for side in drawn(one, ink).rgba.shape[:2])
    cos, sin = abs(np.cos(one.angle)), abs(np.sin(one.angle))
    return float(width * cos + height * sin), float(width * sin + height * cos)


def outline(one: Print, ink: Ink) -> Points:
    """Convex hull ``(N, 2)`` in mm on the face of what can be seen of it."""
    alpha = drawn(one, ink).rgba[..., 3]
    hull = cv2.convexHull(np.asarray(cv2.findNonZero((alpha > 40).astype(np.uint8))))
    hull = cv2.approxPolyDP(hull, 2.0, True)
    return _on_face(hull[:, 0], one, alpha.shape)


def difference(one: Print, other: Print, ink: Ink) -> Points | None:
    """Box ``(4, 2)`` in mm of what differs between two prints; None for nothing that shows.

    The prints are of one kind, scale and angle, and their top left corners lie on each other; see `aligned`.
    """
    first, second = (_grey(_plain(p, ink)) for p in (one, other))
    shape = np.maximum(first.shape, second.shape)
    first, second = (_enlarged(part, shape) for part in (first, second))
    apart = cv2.absdiff(cv2.GaussianBlur(first, (0, 0), 1.2), cv2.GaussianBlur(second, (0, 0), 1.2))
    found = cv2.morphologyEx((apart > 40).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    x, y, width, height = cv2.boundingRect(found)
    if width < 4 or height < 4:
        return None
    pad = ART_PX_PER_MM
    low, high = np.array([x, y]) - pad, np.array([x + width, y + height]) + pad
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    return _on_face(corners, one, drawn(one, ink).rgba.shape)


def _grey(art: Artwork) -> U8:
    alpha = art.rgba[..., 3:].astype(np.float32) / 255
    flat = (art.rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY)


def _enlarged(grey: U8, shape: Points) -> U8:
    down, across = (int(v) for v in shape - grey.shape)
    return cv2.copyMakeBorder(grey, 0, down, 0, across, cv2.BORDER_CONSTANT, value=255)


def aligned(one: Print, other: Print, ink: Ink) -> Print:
    """The other print moved so that its top left corner lies on that of the first: text begins there."""
    first, second = (np.array(drawn(p, ink).rgba.shape[1::-1]) for p in (one, other))
    cos, sin = np.cos(one.angle), np.sin(one.angle)
    shift = (second - first) / 2 * one.scale / ART_PX_PER_MM @ np.array([[cos, sin], [-sin, cos]])
    return replace(other, place=(float(one.place[0] + shift[0]), float(one.place[1] + shift[1])))


def _on_face(pixels: Points, one: Print, shape: tuple[int, ...]) -> Points:
    middle = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2])
    cos, sin = np.cos(one.angle), np.sin(one.angle)
    step = one.scale / ART_PX_PER_MM
    return np.asarray((pixels - middle) * step @ np.array([[cos, sin], [-sin, cos]]) + one.place)
