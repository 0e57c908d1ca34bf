"""What cartons carry beside marks: trade print, papers, notices, straps, and what partly covers a label."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lipack_vision.synth.artwork import Artwork, draw
from lipack_vision.synth.artwork.canvas import Canvas as Drawing
from lipack_vision.synth.artwork.canvas import Colour
from lipack_vision.synth.artwork.traps import ideographs
from lipack_vision.synth.board import lay_strip, tape
from lipack_vision.synth.board_print import paper_label
from lipack_vision.synth.camera import Points
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng, jitter
from lipack_vision.types import as_quad

Rgb = tuple[float, float, float]

_HANDLING = ("fragile", "keep_dry", "stack_limit", "no_hooks", "recycling", "temperature_limits", "weee_bin")
_STICKERS = (
    "framed_notice", "framed_notice", "qr", "barcode", "chemical_label", "battery_picture", "shipping_label",
    "excepted_quantity", "safety_sign",
)  # fmt: skip
_REPEATS = 12
"""Trade names along one tape, at most."""
_STRAPS: tuple[Rgb, ...] = ((28, 28, 30), (225, 226, 222), (214, 226, 60), (70, 120, 190), (60, 140, 90))


@dataclass(frozen=True, slots=True)
class Straps:
    """Bands around a carton: places as fractions of its length, width in mm, colour."""

    places: tuple[float, ...]
    width_mm: float
    colour: Rgb


def random_straps(rng: Rng, share: float = 0.13) -> Straps | None:
    """One or two bands, on this share of cartons."""
    if rng.random() >= share:
        return None
    middle = float(rng.uniform(0.15, 0.4))
    places = (middle, 1 - middle) if rng.random() < 0.7 else (0.5,)
    colour = jitter(rng, _STRAPS[int(rng.integers(len(_STRAPS)))], 10)
    return Straps(places, float(rng.uniform(8, 19)), (float(colour[0]), float(colour[1]), float(colour[2])))


def strap(sheet: Sheet, straps: Straps, name: str, size: tuple[float, float], rng: Rng) -> None:
    """The bands on the faces that they cross: front, back and top."""
    if name not in ("front", "back", "top"):
        return
    half = straps.width_mm / 2
    for place in straps.places:
        x = size[0] * place
        quad = np.array([[x - half, 0], [x + half, 0], [x + half, size[1]], [x - half, size[1]]], np.float64)
        sheet.covers.append(quad)
        lay_strip(sheet, quad, np.array(straps.colour), 1.0, rng)


def trade_print(rng: Rng, px_per_mm: float, ink: Colour, width_mm: float) -> Artwork:
    """Brands, shipping data, a row of handling signs, or a line of invented characters, as ink."""
    roll = rng.random()
    if roll < 0.15:
        return draw("brand_print", rng, px_per_mm)
    if roll < 0.35:
        return draw("ring_print", rng, px_per_mm)
    if roll < 0.5:
        return draw("carton_data", rng, px_per_mm)
    if roll < 0.75:
        return _sign_row(rng, px_per_mm, width_mm)
    return _foreign_line(rng, px_per_mm, ink, width_mm)


def print_along(
    sheet: Sheet, start: tuple[float, float], end: tuple[float, float], width_mm: float, rng: Rng
) -> None:
    """The same trade name again and again along a tape of ``width_mm`` between two points in mm."""
    art = draw(str(rng.choice(["ring_print", "brand_print"])), rng, float(np.clip(sheet.px_per_mm, 0.3, 6.0)))
    height, width = (side / art.px_per_mm for side in art.rgba.shape[:2])
    scale = float(rng.uniform(0.5, 0.85)) * width_mm / height
    first, along = np.array(start), np.array(end) - np.array(start)
    length = float(np.linalg.norm(along))
    step = width * scale * float(rng.uniform(1.1, 1.6))
    for place in np.arange(step / 2, length - width * scale / 2, step)[:_REPEATS]:
        x, y = first + along / max(length, 1e-6) * place
        sheet.stamp(
            art, (float(x), float(y)), float(np.arctan2(along[1], along[0])), rng, ink=False, scale=scale
        )


def _sign_row(rng: Rng, px_per_mm: float, width_mm: float) -> Artwork:
    """Two to four handling signs side by side, as most export cartons show them."""
    count = int(rng.integers(2, 5))
    kinds = rng.choice(_HANDLING, count, replace=False)
    arts = [draw(str(kind), rng, px_per_mm) for kind in kinds]
    tall = min(art.rgba.shape[0] for art in arts)
    gap = max(2, tall // 8)
    limit = max(12, int(width_mm * px_per_mm))
    rows = [art.rgba[:tall] for art in arts]
    width = sum(row.shape[1] + gap for row in rows)
    strip = np.zeros((tall, width, 4), np.uint8)
    left = 0
    for row in rows:
        strip[:, left : left + row.shape[1]] = row
        left += row.shape[1] + gap
    return _plain(np.ascontiguousarray(strip[:, :limit]), "signs", px_per_mm)


def _foreign_line(rng: Rng, px_per_mm: float, ink: Colour, width_mm: float) -> Artwork:
    size = float(rng.uniform(10, 60))
    count = int(np.clip(width_mm / (size * 1.08), 2, rng.integers(3, 9)))
    c = Drawing((-1, -1, size * 1.08 * count + 1, size + 1), px_per_mm)
    ideographs(c, rng, 0, 0, size, count, ink)
    return _plain(c.image(), "foreign", px_per_mm)


def _plain(rgba: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], kind: str, px_per_mm: float) -> Artwork:
    height, width = rgba.shape[:2]
    quad = as_quad([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    return Artwork(rgba, None, kind, quad, (width / px_per_mm, height / px_per_mm), None, px_per_mm)


def sticker(rng: Rng, px_per_mm: float) -> Artwork:
    """A sticker or print that is no mark but resembles one: notices, codes, chemical labels."""
    return draw(_STICKERS[int(rng.integers(len(_STICKERS)))], rng, px_per_mm)


def cover_in_part(sheet: Sheet, rng: Rng, share: float) -> None:
    """Lay tape or another paper over a part of some labels; what cannot be seen through hides them."""
    for mark in list(sheet.marks):
        if rng.random() >= share:
            continue
        middle, extent = mark.quad.mean(axis=0), float(np.ptp(mark.quad, axis=0).max())
        if rng.random() < 0.65:
            _tape_over(sheet, rng, middle, extent)
        else:
            art = paper_label(rng, sheet.px_per_mm)
            height, width = (side / art.px_per_mm for side in art.rgba.shape[:2])
            away = rng.choice([-1.0, 1.0], 2) * rng.uniform(0.25, 0.45, 2) * (extent + width, extent + height)
            if rng.random() < 0.5:
                away[int(rng.integers(2))] *= 0.3
            angle = float(rng.normal(0, 0.15))
            sheet.stamp(art, (float(middle[0] + away[0]), float(middle[1] + away[1])), angle, rng, ink=False)
            sheet.covers.append(sheet.marks[-1].quad)
            # A paper does not cover itself.
            sheet.marks[-1] = replace(sheet.marks[-1], covers_before=len(sheet.covers))


def _tape_over(sheet: Sheet, rng: Rng, middle: Points, extent: float) -> None:
    """A strip across or beside the middle, clear more often than not."""
    angle = float(rng.choice([0.0, np.pi / 2]) + rng.normal(0, 0.12))
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    centre = middle + across * float(rng.normal(0, 0.3)) * extent
    reach = along * extent * float(rng.uniform(0.6, 1.6))
    first, last = centre - reach, centre + reach
    tape(
        sheet, (float(first[0]), float(first[1])), (float(last[0]), float(last[1])),
        float(rng.choice([48.0, 60.0, 72.0])), rng, clear=0.8,
    )  # fmt: skip
