"""A battery mark measured: hatched border, symbol, UN number, and its shape as far as one view tells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import homography, unit_quad
from lipack_vision.labels.conformity_view import F32, SCALE, find_ink, warp
from lipack_vision.types import ImageArray, Quad, as_quad

_WIDE, _PAD = 100, 2
_EDGE = (9 + _PAD) * SCALE
"""Raster pixels that the border takes up."""
_UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
_FOCAL = (0.7, 1.0, 1.6)
"""Focal lengths over the longer side of the photo that phones and cameras have, cut-outs included."""


@dataclass(frozen=True, slots=True)
class MarkForm:
    """A battery mark as measured; heights and widths as shares of the inner height and width.

    Attributes:
        dark: 0..1, mean over the four sides of how dark the border's bars are.
        light: 0..1, how dark the gaps between them are.
        redness: 0..1, how red the dark of the border is; 0 for black.
        colourful: whether the picture has colour at all.
        symbol: share of ink in the upper part, and the height over which it goes on.
        number: height of the highest row of letters below the symbol.
        contrast: of the black print.
        edge: mm over which it goes from paper to ink: what the photo resolves.
    """

    dark: float
    light: float
    redness: float
    colourful: bool
    symbol: tuple[float, float]
    number: float
    contrast: float
    edge: float


def mark_raster(part: ImageArray, quad: Quad, aspect: float) -> ImageArray:
    """The mark upright, 100 mm wide at `SCALE` px per mm, with 2 mm around it."""
    width, height = _WIDE, round(_WIDE * float(np.clip(aspect, 0.3, 2.5)))
    target = as_quad((unit_quad(width, height) + _PAD) * SCALE - 0.5)
    size = (width + 2 * _PAD) * SCALE, (height + 2 * _PAD) * SCALE
    return warp(part, homography(quad, target), *size)


def turn_of_mark(raster: ImageArray) -> int:
    """0, or 2 when the letters stand above the symbol."""
    _, below, above = _inside(_black(raster)[0])
    return 2 if above > below + 0.02 else 0


def measure_mark(raster: ImageArray) -> MarkForm:
    """Measure a rectified, upright mark."""
    balanced = _balanced(raster)
    darkness = 1 - balanced.min(axis=2)
    red = balanced[..., 0] - balanced[..., 1:].mean(axis=2)
    dark, light, redness = _border(darkness, red)
    chroma = raster.max(axis=2).astype(np.int16) - raster.min(axis=2)
    ink, contrast = _black(raster)
    symbol, number, _ = _inside(ink)
    colourful = float(np.percentile(chroma, 90)) > 14
    steepest = float(np.percentile(np.abs(np.diff(ink, axis=1)), 99)) * SCALE
    return MarkForm(dark, light, redness, colourful, symbol, number, contrast, 1 / max(steepest, 1e-3))


def _black(raster: ImageArray) -> tuple[F32, float]:
    """Ink inside the border ``(H, W)`` and its contrast."""
    grey = cv2.cvtColor(raster, cv2.COLOR_RGB2GRAY).astype(np.float32)
    inside = np.zeros(grey.shape, bool)
    inside[_EDGE:-_EDGE, _EDGE:-_EDGE] = True
    ink = find_ink(grey, inside, window_mm=30, dark=4)
    return ink.map[_EDGE:-_EDGE, _EDGE:-_EDGE], ink.contrast


def _balanced(raster: ImageArray) -> F32:
    """Colours over the paper's, which is white then, and light evened out."""
    values = raster.astype(np.float32)
    small = cv2.resize(values, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    paper = np.asarray(cv2.GaussianBlur(paper, (0, 0), 6), np.float32)
    full = cv2.resize(paper, (raster.shape[1], raster.shape[0]))
    return np.asarray(np.clip(values / np.maximum(full, 1), 0, 1), np.float32)


def _border(darkness: F32, red: F32) -> tuple[float, float, float]:
    """Dark and light of the bars along the sides, and how red their dark is; medians over the sides."""
    found = []
    for side in range(4):
        strip, tint = np.rot90(darkness, side), np.rot90(red, side)
        best = (-1.0, 0.0, 0.0, 0.0)
        for depth in (1.6, 2.4, 3.2, 4.0, 4.8):
            row = round((depth + _PAD) * SCALE)
            ends = round((8 + _PAD) * SCALE)
            values = strip[row - 1 : row + 2, ends:-ends].mean(axis=0)
            high, low = _bars(values)
            inked = values > max(0.08, (high + low) / 2 - 0.02)
            colour = tint[row - 1 : row + 2, ends:-ends].mean(axis=0)
            redness = float(colour[inked].mean() / values[inked].mean()) if inked.any() else 0.0
            # Along the inner edge the bars swing as much, but paler.
            if high - 0.3 * low > best[0]:
                best = high - 0.3 * low, high, low, redness
        found.append(best[1:])
    dark, light, redness = np.median(np.array(found), axis=0)
    return float(dark), float(light), float(redness)


def _bars(values: F32) -> tuple[float, float]:
    """Typical darkest and lightest within 15 mm along a side: light and tilt do not change within that."""
    window = np.ones(15 * SCALE, np.uint8)
    line = np.convolve(values, [0.25, 0.5, 0.25], mode="valid").astype(np.float32)[None, :]
    high, low = cv2.dilate(line, window[None, :]), cv2.erode(line, window[None, :])
    return float(np.median(np.asarray(high))), float(np.median(np.asarray(low)))


def _inside(ink: F32) -> tuple[tuple[float, float], float, float]:
    """Symbol (share of ink, height of its stretch of rows), height of the letters below and above it."""
    height, width = ink.shape
    middle = ink[:, round(width * 0.06) : round(width * 0.94)]
    share = (middle > 0.32).mean(axis=1)
    edges = np.diff(np.concatenate([[0], (share > 0.025).astype(np.int8), [0]]))
    runs = list(zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True))
    if not runs:
        return (0.0, 0.0), 0.0, 0.0
    # The symbol is the tallest stretch; letters stand below it.
    k = max(range(len(runs)), key=lambda i: runs[i][1] - runs[i][0])
    top, bottom = runs[k]
    symbol = float(share[top:bottom].mean()), float(bottom - top) / height
    # What is low and touches an end is left of the border.
    letters = [(a, float(b - a) / height) for a, b in runs if (a > 0 and b < height) or b - a > 0.08 * height]
    below = [size for a, size in letters if a > top]
    above = [size for a, size in letters if a < top]
    return symbol, max(below, default=0.0), max(above, default=0.0)


def aspect_range(quad: Quad, size: tuple[int, int]) -> tuple[float, float, float]:
    """Height over width of a flat rectangle in a photo of ``(width, height)`` px: likely, least, most.

    One view of a rectangle tells its proportions only as well as its corners and the focal length are
    known: corners may be off by 1 % of the side, focal lengths range over what cameras have.
    """
    shift = 0.01 * float(np.linalg.norm(quad[2] - quad[0])) / math.sqrt(2)
    moves = shift * np.vstack([np.eye(8), -np.eye(8)]).reshape(16, 4, 2)
    likely = _aspect(quad, size, _FOCAL[1])
    values = [likely, *(_aspect(quad, size, focal) for focal in _FOCAL)]
    values += [_aspect(quad + move, size, _FOCAL[1]) for move in moves]
    return likely, min(values), max(values)


def _aspect(quad: npt.NDArray[np.float32], size: tuple[int, int], focal: float) -> float:
    """Height over width for a focal length in units of the photo's longer side."""
    centred = (quad - (np.array(size) - 1) / 2) / (focal * max(size))
    matrix = cv2.getPerspectiveTransform(_UNIT, centred.astype(np.float32))
    return float(np.linalg.norm(matrix[:, 1]) / max(float(np.linalg.norm(matrix[:, 0])), 1e-9))
