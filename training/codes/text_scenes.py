"""Pictures of print in any direction and size on board, with the place of every line."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import transform, unit_quad
from lipack_vision.synth.artwork import draw
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.un_mark import coloured
from lipack_vision.synth.un_mark_glyphs import line_ink, symbol_ink
from lipack_vision.synth.un_mark_text import break_lines, random_mark_text
from lipack_vision.types import ImageArray
from training.codes.line_pictures import bare_board, paste, print_style, printed_on
from training.codes.line_text import random_line, weighted

Rng = np.random.Generator
Quads = npt.NDArray[np.float32]

LETTER_PX = (8.0, 90.0)
"""Height of capital letters on the picture."""
_LEAST_PX = 6.0
"""Lines with lower capitals are not taught, neither as print nor as none."""
_ARTWORK = 0.3
"""Share of blocks that are artwork."""
_ARTWORK_KINDS = {"battery_mark": 4, "shipping_label": 2, "carton_data": 2} | dict.fromkeys(
    (
        "cargo_aircraft_only",
        "safety_sign",
        "chemical_label",
        "barcode",
        "class9",
        "class9a",
        "qr",
        "limited_quantity",
        "ghs02",
        "orientation_arrows",
        "plain_diamond",
        "zebra",
        "environmental",
    ),
    1,
)
"""How often which: UN numbers stand on battery marks."""
_LONG = 1.5
"""Lines on artwork that are not so many times as long as high are single signs, such as the 9 of a label:
neither taught as print nor as none."""
_SHORT, _SHORT_SIGNS = 0.15, 4
"""Share of lines of one to so many signs, as a state alone in its row is; they look like stains."""
_CENTRED = 0.25
_TURNS = (0.0, 90.0, 180.0, 270.0)
_MOST, _TRIES = 9, 24
_NO_QUADS: Quads = np.zeros((0, 4, 2), np.float32)


def text_scene(rng: Rng, size: int, largest: float = LETTER_PX[1]) -> tuple[ImageArray, Quads, Quads]:
    """A square picture of ``size`` px, with capital letters up to ``largest`` px high.

    Returns:
        RGB ``uint8 (size, size, 3)``; corners ``(N, 4, 2)`` of the lines, tight around the capitals, from
        where the text's top left corner is; corners ``(M, 4, 2)`` of what may or may not hold print.
    """
    inner = round(1.25 * size)
    picture = np.array(bare_board(rng, inner, inner))
    taken = np.zeros((inner, inner), bool)
    lines: list[Quads] = []
    hidden: list[Quads] = []
    turn = float(rng.choice(_TURNS, p=(0.7, 0.1, 0.1, 0.1)))
    for _ in range(int(rng.integers(1, _MOST + 1))):
        if rng.random() < _ARTWORK:
            rgba, boxes, unknown = _artwork(rng)
        else:
            rgba, boxes = _block(rng, largest)
            unknown = boxes[:0]
        angle = turn + float(rng.normal(0, 3)) if rng.random() < 0.8 else float(rng.uniform(0, 360))
        matrix = _place(rgba, angle, taken, rng)
        if matrix is None:
            continue
        _stamp(picture, rgba, matrix)
        lines += [transform(box, matrix) for box in boxes]
        hidden += [transform(box, matrix) for box in unknown]
    return _photographed(picture, lines, hidden, size, rng)


def _block(rng: Rng, largest: float = LETTER_PX[1]) -> tuple[npt.NDArray[np.uint8], Quads]:
    """One to five lines in one style, a mark with its symbol or other print: RGBA, and boxes of the lines."""
    letters = float(np.exp(rng.uniform(np.log(LETTER_PX[0]), np.log(largest))))
    style = print_style(rng, max(letters, 14.0))
    mark = rng.random() < 0.5
    texts = _mark_lines(rng) if mark else [_text(rng) for _ in range(int(rng.integers(1, 6)))]
    cap = style.letter_px
    inks = [line_ink(text, style, rng) for text in texts]
    pitch = cap * (1 + style.spacing * float(rng.uniform(0.8, 1.6)))
    symbol = (
        symbol_ink(_symbol_px(len(texts), pitch, cap, rng), style, rng)
        if mark and rng.random() < 0.85
        else None
    )
    beside = 0 if symbol is None else symbol.shape[1] + round(cap * float(rng.uniform(0.25, 0.9)))
    pad = round(0.8 * cap)
    widest = max(ink.shape[1] for ink, _ in inks)
    width = beside + widest
    centred = rng.random() < _CENTRED
    height = max(round(cap + pitch * (len(texts) - 1)), 0 if symbol is None else symbol.shape[0])
    sheet = np.zeros((height + 2 * pad, width + 2 * pad), np.uint8)
    boxes = []
    for number, (ink, baseline) in enumerate(inks):
        x = pad + beside + (round((widest - ink.shape[1]) / 2) if centred else 0)
        y = pad + cap + number * pitch
        paste(sheet, ink, x, round(y - baseline))
        boxes.append([[x, y - cap], [x + ink.shape[1], y - cap], [x + ink.shape[1], y], [x, y]])
    if symbol is not None:
        paste(sheet, symbol, pad, round(pad + (cap + pitch * (len(texts) - 1) - symbol.shape[0]) / 2))
    rgba = coloured(sheet, style, rng)
    # Small letters lose their form when they are drawn small; so drawn larger, then shrunk.
    shrink = min(1.0, letters / cap)
    if shrink < 1:
        rgba = np.asarray(
            cv2.resize(rgba, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
    return rgba, np.array(boxes, np.float32) * np.float32(shrink)


def _artwork(rng: Rng) -> tuple[npt.NDArray[np.uint8], Quads, Quads]:
    """A label, sign or sticker: RGBA, boxes of its lines, and of what may or may not count as one."""
    art = draw(weighted(rng, _ARTWORK_KINDS), rng, float(np.exp(rng.uniform(np.log(0.5), np.log(2.5)))))
    if art.lines is None:
        return art.rgba, _NO_QUADS, art.quad[None]
    lines = art.lines
    sides = lines[:, 2] - lines[:, 0]
    long = sides[:, 0] > _LONG * sides[:, 1]
    return art.rgba, lines[long], lines[~long]


def _mark_lines(rng: Rng) -> list[str]:
    """A mark in as many lines as marks have, or in any number of lines alike often."""
    count = None if rng.random() < 0.5 else int(rng.integers(1, 5))
    return break_lines(random_mark_text(rng), rng, count)


def _text(rng: Rng) -> str:
    text = random_line(rng)
    short = text[: int(rng.integers(1, _SHORT_SIGNS + 1))].strip()
    # A full stop alone is hardly to be seen, and far lower than the box of a line.
    return short if rng.random() < _SHORT and any(sign.isalnum() for sign in short) else text


def _symbol_px(lines: int, pitch: float, cap: float, rng: Rng) -> float:
    whole = cap + pitch * (lines - 1)
    return float(max(1.2 * cap, min(whole, 3.2 * cap) * rng.uniform(0.85, 1.2)))


def _place(
    rgba: npt.NDArray[np.uint8], angle: float, taken: npt.NDArray[np.bool_], rng: Rng
) -> npt.NDArray[np.float64] | None:
    """A free place for a picture turned by degrees: the map to it, or None."""
    height, width = rgba.shape[:2]
    side = len(taken)
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0), np.float64)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    ends = frame @ turn[:, :2].T + turn[:, 2]
    low, high = ends.min(axis=0), ends.max(axis=0)
    for _ in range(_TRIES):
        # Some run out of the picture.
        first, last = -0.3 * (high - low), side - 0.7 * (high - low)
        shift = rng.uniform(np.minimum(first, last), np.maximum(first, last)) - low
        outline = np.rint(ends + shift).astype(np.int32)
        mask = np.zeros(taken.shape, np.uint8)
        cv2.fillPoly(mask, [outline], (1,))
        if mask.any() and not (taken & (mask > 0)).any():
            taken |= mask > 0
            turn[:, 2] += shift
            return np.vstack([turn, [0, 0, 1]])
    return None


def _stamp(picture: ImageArray, rgba: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float64]) -> None:
    height, width = rgba.shape[:2]
    seen = transform(unit_quad(width, height), matrix)
    size = picture.shape[1], picture.shape[0]
    left, top = (int(v) for v in np.clip(np.floor(seen.min(axis=0)) - 1, 0, size))
    right, bottom = (int(v) for v in np.clip(np.ceil(seen.max(axis=0)) + 1, 0, size))
    if right <= left or bottom <= top:
        return
    part = picture[top:bottom, left:right]
    shifted = matrix[:2] - np.array([[0, 0, left], [0, 0, top]])
    art = cv2.warpAffine(
        cv2.cvtColor(rgba, cv2.COLOR_RGBA2mRGBA), shifted, part.shape[1::-1], flags=cv2.INTER_LINEAR
    )
    part[:] = printed_on(part, np.asarray(cv2.cvtColor(art, cv2.COLOR_mRGBA2RGBA), np.uint8))


def _photographed(
    picture: ImageArray, lines: list[Quads], hidden: list[Quads], size: int, rng: Rng
) -> tuple[ImageArray, Quads, Quads]:
    inner = len(picture)
    frame = np.array([[0, 0], [inner, 0], [inner, inner], [0, inner]], np.float32)
    spare = (inner - size) / 2
    slant = 0.16 * size * (1.0 if rng.random() < 0.7 else 0.3)
    seen = frame - spare + rng.uniform(-slant, slant, (4, 2))
    matrix = np.asarray(cv2.getPerspectiveTransform(frame, seen.astype(np.float32)), np.float64)
    flat = cv2.warpPerspective(
        picture, matrix, (size, size), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    image = take(np.asarray(flat, np.uint8), rng, SynthSettings(severity=float(rng.uniform(0.1, 0.8))))[1]
    placed = [transform(quad, matrix) for quad in lines]
    unknown = [transform(quad, matrix) for quad in hidden]
    small = [quad for quad in placed if _height(quad) < _LEAST_PX]
    shown = [quad for quad in placed if _height(quad) >= _LEAST_PX]
    return image, _stacked(shown), _stacked(unknown + small)


def _height(quad: Quads) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _stacked(quads: list[Quads]) -> Quads:
    return np.stack(quads).astype(np.float32) if quads else _NO_QUADS
