"""Other things printed or stuck on cartons: brand text, tables, barcodes, shipping papers."""

from __future__ import annotations

import string

import cv2
import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.fonts import FontStyle, choose_font, text_mask
from lipack_vision.synth.texture import U8, Rng
from lipack_vision.types import as_quad

_WORDS = (
    "LITHIUM ION BATTERY", "MADE IN CHINA", "BATTERY PACK", "FRAGILE", "HANDLE WITH CARE", "THIS SIDE UP",
    "KEEP DRY", "G.W.: 18.5 KGS", "N.W.: 16.2 KGS", "QTY: 40 PCS", "C/NO. 1-120", "MEAS: 420x310x280MM",
    "POWER", "ENERGY", "CELL", "HEAVY", "DO NOT STACK", "ITEM NO.", "MODEL", "LOT NO.", "UN3480", "UN3481",
    "PI 965", "SHIP TO:", "NET WT", "OVERPACK", "EXPORT", "GLOBAL TRADE CO., LTD", "WEIGHT:", "DIMENSION:",
    "DO NOT ACCEPT IF SEAL IS BROKEN", "RECYCLE", "P/N", "CARTON NO.", "TOP", "OPEN HERE", "BREWERY", "FOODS",
)  # fmt: skip
_STYLES: tuple[FontStyle, ...] = ("bold", "condensed", "regular", "serif", "mono")

MAX_TEXT_PX = 160


def _line(rng: Rng) -> str:
    roll = rng.random()
    if roll < 0.6:
        return str(_WORDS[int(rng.integers(len(_WORDS)))])
    if roll < 0.8:
        letters = rng.choice(list(string.ascii_uppercase), int(rng.integers(3, 9)))
        return "".join(letters)
    digits = "".join(rng.choice(list(string.digits + "-"), int(rng.integers(4, 13))))
    return f"{rng.choice(['No.', 'LOT', 'SN', 'PO', ''])} {digits}".strip()


def _mask(text: str, font: str, px: float) -> U8:
    """Text coverage with capitals near ``px``; few sizes are rasterised, so that they can be kept."""
    wanted = float(np.clip(px, 5, MAX_TEXT_PX))
    size = int(2 ** (np.ceil(np.log2(wanted) * 2) / 2))
    mask = text_mask(font, size, text)
    factor = px / size
    span = (max(1, round(mask.shape[1] * factor)), max(1, round(mask.shape[0] * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return cv2.resize(mask, span, interpolation=method)


def _as_artwork(rgba: U8, kind: str, px_per_mm: float) -> Artwork:
    height, width = rgba.shape[:2]
    quad = as_quad([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    return Artwork(rgba, None, kind, quad, (width / px_per_mm, height / px_per_mm), None, px_per_mm)


def text_block(rng: Rng, px_per_mm: float, ink: tuple[float, float, float], width_mm: float) -> Artwork:
    """One to four lines of text, as ink without paper, at most ``width_mm`` wide."""
    font = choose_font(rng, _STYLES[int(rng.choice(5, p=[0.45, 0.2, 0.2, 0.08, 0.07]))])
    height = float(rng.choice([rng.uniform(6, 16), rng.uniform(16, 70)])) * px_per_mm
    lines = [_mask(_line(rng), font, max(height, 3.0)) for _ in range(int(rng.integers(1, 5)))]
    widest = max(mask.shape[1] for mask in lines)
    factor = min(1.0, width_mm * px_per_mm / widest)
    if factor < 1:
        lines = [
            cv2.resize(
                mask,
                (max(1, int(mask.shape[1] * factor)), max(1, int(mask.shape[0] * factor))),
                interpolation=cv2.INTER_AREA,
            )
            for mask in lines
        ]
    gap = int(np.ceil(max(mask.shape[0] for mask in lines) * rng.uniform(0.25, 0.7)))
    width = max(mask.shape[1] for mask in lines)
    alpha = np.zeros((sum(mask.shape[0] + gap for mask in lines) - gap, width), np.uint8)
    centred, top = rng.random() < 0.4, 0
    for mask in lines:
        left = (width - mask.shape[1]) // 2 if centred else 0
        alpha[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
        top += mask.shape[0] + gap
    return _as_artwork(_inked(alpha, ink), "text", px_per_mm)


def _inked(alpha: U8, ink: tuple[float, float, float]) -> U8:
    rgba = np.empty((*alpha.shape, 4), np.uint8)
    rgba[..., :3] = np.array(ink, np.uint8)
    rgba[..., 3] = alpha
    return rgba


def _bars(rng: Rng, width: int, height: int) -> U8:
    """A linear barcode as grey picture."""
    modules = int(rng.integers(50, 110))
    runs = rng.integers(1, 4, modules)
    pattern = np.repeat(np.arange(modules) % 2, runs).astype(np.uint8) * 255
    return cv2.resize(pattern[None, :], (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)


def _matrix(rng: Rng, side: int) -> U8:
    cells = (rng.random((21, 21)) < 0.5).astype(np.uint8) * 255
    for y, x in ((0, 0), (0, 14), (14, 0)):
        cells[y : y + 7, x : x + 7] = 0
        cells[y + 1 : y + 6, x + 1 : x + 6] = 255
        cells[y + 2 : y + 5, x + 2 : x + 5] = 0
    return cv2.resize(cells, (max(1, side), max(1, side)), interpolation=cv2.INTER_AREA)


def paper_label(rng: Rng, px_per_mm: float) -> Artwork:
    """A shipping paper: rules, texts, barcodes, at times with a coloured field."""
    size = rng.choice(
        [(100, 150), (100, 100), (148, 105), (80, 40), (60, 30), (150, 60), (105, 74), (90, 25)]
    )
    width, height = (max(8, round(float(v) * px_per_mm)) for v in size)
    paper = rng.integers(225, 255) - np.array([0, 0, rng.integers(0, 12)])
    if rng.random() < 0.12:
        paper = np.array(
            [(245, 210, 60), (240, 130, 60), (120, 190, 230), (250, 190, 200)][int(rng.integers(4))]
        )
    picture = np.full((height, width, 3), paper, np.uint8)
    font = choose_font(rng, ("bold", "regular", "condensed"))
    margin, y = 0.05 * width, 0.05 * height
    while y < height * 0.92:
        row = height * float(rng.uniform(0.07, 0.28))
        roll = rng.random()
        if roll < 0.28:
            bars = _bars(rng, int(width * rng.uniform(0.5, 0.9)), int(row * 0.8))
            _darken(picture, bars, int(margin), int(y))
        elif roll < 0.36:
            _darken(picture, _matrix(rng, int(row * 0.9)), int(width * rng.uniform(0.05, 0.7)), int(y))
        else:
            cap = min(row, 0.13 * height) * float(rng.uniform(0.35, 0.9))
            row = cap * 1.5
            _darken(picture, 255 - _mask(_line(rng), font, max(cap, 2.0)), int(margin), int(y))
            if rng.random() < 0.3:
                cv2.line(
                    picture, (0, int(y + row)), (width, int(y + row)), (30, 30, 30), max(1, height // 150)
                )
        y += row + 0.03 * height
    if rng.random() < 0.5:
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), (40, 40, 40), max(1, width // 120))
    alpha = np.full((height, width, 1), 255, np.uint8)
    return _as_artwork(np.concatenate([picture, alpha], axis=2), "paper", px_per_mm)


def _darken(picture: U8, grey: U8, x: int, y: int) -> None:
    height, width = picture.shape[:2]
    cut = grey[: max(0, height - y), : max(0, width - x)]
    if cut.size:
        place = picture[y : y + cut.shape[0], x : x + cut.shape[1]]
        place[:] = cv2.multiply(place, cv2.cvtColor(cut, cv2.COLOR_GRAY2RGB), scale=1 / 255)


def envelope(rng: Rng, px_per_mm: float) -> Artwork:
    """A packing-list pouch: clear film over paper."""
    width, height = max(8, round(165 * px_per_mm)), max(8, round(120 * px_per_mm))
    rgba = np.full((height, width, 4), (225, 225, 222, 150), np.uint8)
    inset = max(1, width // 18)
    rgba[inset:-inset, inset:-inset] = (238, 238, 236, 235)
    sheet = rgba[..., :3].copy()
    for row in range(inset * 2, height - inset * 2, max(2, height // 14)):
        end = int(width * rng.uniform(0.3, 0.85))
        cv2.line(sheet, (inset * 2, row), (end, row), (90, 90, 95), max(1, height // 90))
    rgba[..., :3] = sheet
    return _as_artwork(rgba, "envelope", px_per_mm)
