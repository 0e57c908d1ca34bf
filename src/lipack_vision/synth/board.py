"""Corrugated board: fibre, flutes, seams, tape, wear."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import F32, Rng, jitter, noise, tint

Rgb = tuple[float, float, float]

_KRAFT: tuple[Rgb, ...] = (
    (186, 147, 104),
    (198, 163, 120),
    (172, 128, 84),
    (205, 172, 132),
    (161, 124, 88),
    (190, 156, 108),
    (178, 140, 106),
)
_WHITE: tuple[Rgb, ...] = ((232, 230, 225), (222, 222, 222), (238, 234, 222))
_PRINTED: tuple[Rgb, ...] = (
    (40, 70, 130),
    (30, 110, 80),
    (45, 45, 48),
    (170, 45, 40),
    (225, 180, 60),
    (120, 130, 140),
)


@dataclass(frozen=True, slots=True)
class Board:
    """Look of the board of one carton.

    Attributes:
        colour: RGB 0..255.
        ink: RGB of the printing.
        fibre, cloud, flute, speck: strengths of the noises, relative to the colour.
        flute_mm: distance of the flutes.
    """

    colour: Rgb
    ink: Rgb
    fibre: float
    cloud: float
    flute: float
    speck: float
    flute_mm: float
    wear: float


def random_board(rng: Rng) -> Board:
    """Kraft mostly, sometimes white or printed all over."""
    palette = (_KRAFT, _WHITE, _PRINTED)[int(rng.choice(3, p=[0.74, 0.19, 0.07]))]
    base = jitter(rng, palette[int(rng.integers(len(palette)))], 9.0)
    dark_ink = rng.random() < 0.8
    ink = jitter(rng, (38, 36, 38), 14) if dark_ink else jitter(rng, _PRINTED[int(rng.integers(6))], 15)
    if float(base.mean()) < 100:
        ink = jitter(rng, (235, 235, 230), 10)
    return Board(
        colour=(float(base[0]), float(base[1]), float(base[2])),
        ink=(float(ink[0]), float(ink[1]), float(ink[2])),
        fibre=float(rng.uniform(0.012, 0.05)),
        cloud=float(rng.uniform(0.01, 0.045)),
        flute=float(rng.choice([0.0, rng.uniform(0.004, 0.03)], p=[0.4, 0.6])),
        speck=float(rng.uniform(0.0, 0.03)),
        flute_mm=float(rng.uniform(4.0, 8.5)),
        wear=float(rng.uniform(0, 1) ** 2),
    )


def blank_sheet(
    board: Board, rng: Rng, low: tuple[float, float], high: tuple[float, float], px_per_mm: float
) -> Sheet:
    """Bare board of the window between two corners in mm."""
    width = max(4, round((high[0] - low[0]) * px_per_mm))
    height = max(4, round((high[1] - low[1]) * px_per_mm))
    shape = (height, width)
    light = np.ones(shape, np.float32)
    light += noise("cloud", rng, shape, max(width, height) / 400) * np.float32(board.cloud)
    light += noise("fibre", rng, shape, max(0.35 * px_per_mm, 0.5)) * np.float32(board.fibre)
    if board.speck > 0.012:
        light -= np.maximum(noise("speckle", rng, shape, max(0.5 * px_per_mm, 0.6)) - 1, 0) * np.float32(
            board.speck
        )
    if board.flute > 0 and board.flute_mm * px_per_mm > 3:
        x = low[0] + np.arange(width, dtype=np.float32) / np.float32(px_per_mm)
        wave = np.sin(x * np.float32(2 * np.pi / board.flute_mm)) * np.float32(board.flute)
        light += wave[None, :] * (1 + 0.5 * noise("cloud", rng, shape, max(width, height) / 200))
    if board.wear > 0.5:
        crease = noise("wrinkle", rng, shape, max(width, height) / 350) - 2.2
        light += np.clip(crease, 0, 1.5) * np.float32(0.06 * board.wear)
    return Sheet(tint(light, board.colour), px_per_mm, low)


def line(
    sheet: Sheet, start: tuple[float, float], end: tuple[float, float], width_mm: float, factor: float
) -> None:
    """Darken (factor < 1) or lighten a straight band of the board; ends soft."""
    ends = sheet.px([start, end])
    reach = max(width_mm * sheet.px_per_mm, 1.0)
    area = sheet.region(ends.min(axis=0) - reach, ends.max(axis=0) + reach)
    if area is None:
        return
    mask = np.zeros((area[0].stop - area[0].start, area[1].stop - area[1].start), np.uint8)
    local = np.rint((ends - (area[1].start, area[0].start)) * 8).astype(int)
    cv2.line(mask, local[0].tolist(), local[1].tolist(), 255, max(1, round(reach)), cv2.LINE_AA, 3)
    strength = min(1.0, width_mm * sheet.px_per_mm)
    if reach > 3:
        mask = cv2.blur(mask, (3, 3))
    change = (mask * np.float32((factor - 1) * strength / 255))[..., None]
    patch = sheet.rgb[area]
    sheet.rgb[area] = np.clip(patch * (1 + change), 0, 255).astype(np.uint8)


def edges(sheet: Sheet, size: tuple[float, float], rng: Rng, wear: float) -> None:
    """Folded edges of a face: darker or rubbed bright."""
    width, height = size
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        line(sheet, start, end, rng.uniform(3, 9), rng.uniform(0.72, 0.97))
        if rng.random() < 0.35 + 0.4 * wear:
            line(sheet, start, end, rng.uniform(1.5, 4), rng.uniform(1.08, 1.35))


def crease(sheet: Sheet, size: tuple[float, float], rng: Rng) -> None:
    """Score lines and the maker's joint."""
    width, height = size
    if rng.random() < 0.3:
        x = rng.choice([rng.uniform(25, 45), width - rng.uniform(25, 45)])
        line(sheet, (x, 0), (x, height), rng.uniform(0.8, 2.5), rng.uniform(0.6, 0.85))
        line(sheet, (x + 2, 0), (x + 2, height), 1.5, 1.08)
    for _ in range(int(rng.poisson(0.6))):
        ends = rng.uniform(0, 1, (2, 2)) * (width, height)
        first, second = (float(ends[0, 0]), float(ends[0, 1])), (float(ends[1, 0]), float(ends[1, 1]))
        line(sheet, first, second, rng.uniform(0.4, 1.5), rng.uniform(0.75, 1.2))


def flaps(sheet: Sheet, size: tuple[float, float], rng: Rng) -> None:
    """The slit of a top face, along its longer side."""
    width, height = size
    dark = float(rng.uniform(0.15, 0.6))
    if width >= height:
        line(sheet, (0, height / 2), (width, height / 2), rng.uniform(0.8, 3), dark)
    else:
        line(sheet, (width / 2, 0), (width / 2, height), rng.uniform(0.8, 3), dark)


def tape(
    sheet: Sheet,
    start: tuple[float, float],
    end: tuple[float, float],
    width_mm: float,
    rng: Rng,
    *,
    clear: float = 0.5,
) -> None:
    """A strip of tape between two points, see-through in a share ``clear``; opaque ones cover."""
    first, second = np.array(start), np.array(end)
    along = (second - first) / max(float(np.linalg.norm(second - first)), 1e-6)
    across = np.array([-along[1], along[0]]) * width_mm / 2
    quad = np.array([first + across, second + across, second - across, first - across])
    kind = int(rng.choice(4, p=[clear, *(np.array([0.5, 0.3, 0.2]) * (1 - clear))]))
    colour, alpha = (
        (jitter(rng, (206, 182, 140), 14), float(rng.uniform(0.12, 0.4))),
        (jitter(rng, (160, 112, 62), 14), float(rng.uniform(0.75, 1.0))),
        (jitter(rng, (236, 234, 230), 8), 1.0),
        (
            jitter(
                rng,
                (float(rng.integers(20, 240)), float(rng.integers(20, 200)), float(rng.integers(20, 200))),
                8,
            ),
            1.0,
        ),
    )[kind]
    if alpha > 0.7:
        sheet.covers.append(quad)
    lay_strip(sheet, quad, colour, alpha, rng)


def lay_strip(sheet: Sheet, quad: Points, colour: Points, alpha: float, rng: Rng) -> None:
    """Blend a glossy strip of RGB ``colour`` over the convex quad ``(4, 2)`` in mm."""
    points = sheet.px(quad)
    area = sheet.region(points.min(axis=0) - 1, points.max(axis=0) + 1)
    if area is None:
        return
    shape = (area[0].stop - area[0].start, area[1].stop - area[1].start)
    mask = np.zeros(shape, np.uint8)
    local = np.rint((points - (area[1].start, area[0].start)) * 8).astype(np.int32)
    cv2.fillConvexPoly(mask, local, 255, cv2.LINE_AA, 3)
    gloss: F32 = noise("grain", rng, shape, 1.5, 3.0) * np.float32(rng.uniform(2, 9))
    gloss += np.maximum(noise("cloud", rng, shape, max(shape) / 200) - 0.6, 0) * np.float32(
        rng.uniform(0, 40)
    )
    weight = (mask * np.float32(alpha / 255))[..., None]
    patch = sheet.rgb[area].astype(np.float32)
    patch += (colour.astype(np.float32) - patch) * weight
    patch += (gloss * (mask * np.float32(1 / 255)))[..., None]
    sheet.rgb[area] = np.clip(patch, 0, 255).astype(np.uint8)
    for start, end in ((0, 1), (2, 3)):
        line(sheet, tuple(quad[start]), tuple(quad[end]), 0.8, 0.85)
