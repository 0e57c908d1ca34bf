"""Floors, walls and tables as square tiles, scaled in millimetres."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from lipack_vision.synth.texture import F32, U8, Rng, jitter, noise, tint

TILE = 512


def _base(rng: Rng, px_per_mm: float, cloud: float, fine: float, fine_mm: float, kind: str = "white") -> F32:
    shape = (TILE, TILE)
    light = np.ones(shape, np.float32)
    light += noise("cloud", rng, shape, rng.uniform(1.2, 4.0)) * np.float32(cloud * 0.6)
    if rng.random() < 0.4:
        # Scuffs and marks of wheels and feet.
        worn = noise("wrinkle", rng, shape, rng.uniform(0.7, 2.5), rng.uniform(0.3, 3.0))
        light += np.maximum(worn - 1.6, 0) * np.float32(rng.uniform(-0.05, 0.04))
    light += noise(kind, rng, shape, max(fine_mm * px_per_mm, 0.7)) * np.float32(fine * 1.5)
    return light


def concrete(rng: Rng, px_per_mm: float) -> U8:
    """Screed or concrete, at times cracked."""
    light = _base(rng, px_per_mm, rng.uniform(0.015, 0.075), rng.uniform(0.01, 0.05), 1.5)
    if rng.random() < 0.4:
        cracks = noise("wrinkle", rng, light.shape, rng.uniform(1, 3))
        light -= np.maximum(cracks - 2.8, 0) * np.float32(0.12)
    return tint(light, jitter(rng, (150, 148, 143), 28))


def terrazzo(rng: Rng, px_per_mm: float) -> U8:
    """Polished stone with chips."""
    light = _base(rng, px_per_mm, 0.03, rng.uniform(0.03, 0.12), rng.uniform(1.5, 5), "speckle")
    return tint(light, jitter(rng, (188, 176, 160), 30))


def asphalt(rng: Rng, px_per_mm: float) -> U8:
    """Coarse grey or sandy ground."""
    light = _base(rng, px_per_mm, 0.07, rng.uniform(0.08, 0.3), rng.uniform(1.5, 4), "white")
    light += noise("speckle", rng, light.shape, max(2.0 * px_per_mm, 0.8)) * np.float32(0.08)
    colour = jitter(rng, (112, 110, 106), 22) if rng.random() < 0.6 else jitter(rng, (158, 136, 116), 20)
    return tint(light, colour)


def carpet(rng: Rng, px_per_mm: float) -> U8:
    """Woven or looped carpet, at times in rows or fields."""
    light = _base(rng, px_per_mm, 0.05, rng.uniform(0.05, 0.22), rng.uniform(1.2, 3.0), "fibre")
    loop = max(rng.uniform(3, 8) * px_per_mm, 2.5)
    x = np.arange(TILE, dtype=np.float32)
    if rng.random() < 0.6:
        rows = np.sin(x * np.float32(2 * np.pi / loop))[:, None] * np.float32(rng.uniform(0.03, 0.15))
        light += rows * (1 + 0.6 * noise("white", rng, light.shape, loop))
    if rng.random() < 0.5:
        cells = rng.normal(0, 0.12, (max(2, int(TILE / (60 * px_per_mm) / 2) + 2),) * 2).astype(np.float32)
        light += cv2.resize(cells, (TILE, TILE), interpolation=cv2.INTER_NEAREST)
    palette = ((96, 98, 104), (140, 122, 98), (70, 74, 90), (120, 60, 52), (60, 84, 70), (168, 156, 138))
    return tint(light, jitter(rng, palette[int(rng.integers(6))], 14))


def _joints(tile: U8, rng: Rng, step: tuple[float, float], width: float, offset: bool, factor: float) -> None:
    """Draw the joints of tiles, bricks or planks and vary the pieces between them."""
    across, down = step
    start_x, start_y = rng.uniform(0, across), rng.uniform(0, down)
    spread = rng.uniform(0.0, 0.10)
    y, row = start_y - down, 0
    while y < TILE:
        shift = rng.uniform(0, across) if offset else start_x
        x = shift - across
        while x < TILE:
            x0, y0, x1, y1 = (round(v) for v in (max(x, 0), max(y, 0), x + across, y + down))
            piece = tile[y0:y1, x0:x1]
            if piece.size:
                np.copyto(piece, cv2.convertScaleAbs(piece, alpha=1 + rng.normal(0, spread)))
            x += across
            thick = max(1, round(width))
            if 0 <= x < TILE:
                joint = tile[y0:y1, int(x) : int(x) + thick]
                if joint.size:
                    np.copyto(joint, cv2.convertScaleAbs(joint, alpha=factor))
        y += down
        if 0 <= y < TILE:
            joint = tile[int(y) : int(y) + max(1, round(width))]
            if joint.size:
                np.copyto(joint, cv2.convertScaleAbs(joint, alpha=factor))
        row += 1


def tiles(rng: Rng, px_per_mm: float) -> U8:
    """Square floor or wall tiles with joints."""
    light = _base(rng, px_per_mm, rng.uniform(0.01, 0.06), rng.uniform(0.004, 0.03), 1.5)
    palette = ((214, 208, 198), (186, 176, 160), (120, 118, 116), (205, 190, 165), (90, 70, 60))
    tile = tint(light, jitter(rng, palette[int(rng.integers(5))], 14))
    side = rng.choice([100, 200, 300, 450, 600]) * px_per_mm
    if side > 14:
        _joints(tile, rng, (side, side), rng.uniform(2, 6) * px_per_mm, False, rng.uniform(0.5, 1.25))
    return tile


def bricks(rng: Rng, px_per_mm: float) -> U8:
    """Masonry in stretcher bond."""
    light = _base(rng, px_per_mm, 0.07, rng.uniform(0.03, 0.12), 2.0)
    palette = ((150, 78, 58), (176, 120, 84), (200, 196, 188), (130, 112, 92))
    tile = tint(light, jitter(rng, palette[int(rng.integers(4))], 14) * 0.9 + 12)
    if 65 * px_per_mm > 5:
        step = (215 * px_per_mm, 75 * px_per_mm)
        _joints(tile, rng, step, 10 * px_per_mm, True, rng.choice([0.6, 1.35]))
    return tile


def plywood(rng: Rng, px_per_mm: float) -> U8:
    """Wood with grain and knots."""
    light = _base(rng, px_per_mm, rng.uniform(0.02, 0.06), 0.012, 1.2)
    mm = rng.uniform(1.5, 5.0) * px_per_mm
    light += noise("grain", rng, light.shape, max(mm, 0.5), rng.uniform(1, 3)) * np.float32(
        rng.uniform(0.012, 0.05)
    )
    for _ in range(int(rng.poisson(1.5))):
        centre = (int(rng.integers(TILE)), int(rng.integers(TILE)))
        radius = max(1, int(rng.uniform(3, 9) * px_per_mm))
        if radius < 60:
            knot = np.zeros(light.shape, np.float32)
            cv2.ellipse(knot, centre, (radius * 2, radius), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
            light -= cv2.blur(knot, (radius + 1, radius + 1)) * np.float32(rng.uniform(0.08, 0.25))
    palette = ((206, 172, 120), (188, 146, 92), (226, 200, 156), (150, 104, 66), (110, 74, 48))
    tile = tint(light, jitter(rng, palette[int(rng.integers(5))], 14))
    return tile if rng.random() < 0.6 else np.ascontiguousarray(np.rot90(tile))


def planks(rng: Rng, px_per_mm: float) -> U8:
    """Boards side by side."""
    tile = plywood(rng, px_per_mm)
    width = rng.uniform(70, 200) * px_per_mm
    if width > 8:
        _joints(tile, rng, (width * rng.uniform(5, 12), width), rng.uniform(1, 5) * px_per_mm, True, 0.5)
    return tile if rng.random() < 0.5 else np.ascontiguousarray(np.rot90(tile))


def painted(rng: Rng, px_per_mm: float) -> U8:
    """Plain paint, plaster or plastic."""
    light = _base(rng, px_per_mm, rng.uniform(0.005, 0.06), rng.uniform(0.003, 0.03), rng.uniform(1, 3))
    palette = (
        (226, 224, 218),
        (200, 205, 206),
        (232, 226, 205),
        (150, 160, 165),
        (70, 100, 150),
        (60, 110, 90),
        (200, 160, 50),
        (38, 38, 40),
        (150, 50, 45),
        (120, 110, 100),
    )
    weights = np.array([4, 3, 3, 1.5, 1, 1, 1, 3, 1, 1])
    return tint(light, jitter(rng, palette[int(rng.choice(10, p=weights / weights.sum()))], 16))


def metal(rng: Rng, px_per_mm: float) -> U8:
    """Sheet metal: flat, ribbed, rusty."""
    light = _base(rng, px_per_mm, rng.uniform(0.02, 0.08), 0.01, 1.0)
    light += noise("grain", rng, light.shape, max(0.8 * px_per_mm, 0.5), 4.0) * np.float32(
        rng.uniform(0.01, 0.05)
    )
    ridge = rng.uniform(30, 280) * px_per_mm
    if rng.random() < 0.5 and ridge > 8:
        # Container walls and roller doors: flat lands with sloping flanks.
        phase = (np.arange(TILE, dtype=np.float32) / np.float32(ridge)) % 1
        profile = np.interp(phase, [0, 0.3, 0.36, 0.64, 0.7, 1.0], [1, 1, 0.72, 0.94, 1.12, 1.0])
        light *= profile.astype(np.float32)[None, :]
    if rng.random() < 0.4:
        rust = np.maximum(noise("cloud", rng, light.shape, rng.uniform(0.6, 2)) - 1.3, 0)
        light -= rust * np.float32(0.25)
    palette = ((165, 168, 172), (60, 90, 140), (150, 60, 45), (90, 100, 95), (200, 130, 40), (52, 54, 58))
    tile = tint(light, jitter(rng, palette[int(rng.integers(6))], 16))
    return tile if rng.random() < 0.5 else np.ascontiguousarray(np.rot90(tile))


def chipboard(rng: Rng, px_per_mm: float) -> U8:
    """Pressed chips of wood, seen as fine speckles."""
    light = _base(rng, px_per_mm, rng.uniform(0.01, 0.04), rng.uniform(0.03, 0.09), rng.uniform(0.8, 1.6))
    light += noise("fibre", rng, light.shape, max(rng.uniform(0.5, 1.2) * px_per_mm, 0.6)) * np.float32(
        rng.uniform(0.02, 0.07)
    )
    palette = ((196, 164, 130), (178, 150, 122), (206, 182, 152), (150, 122, 96))
    return tint(light, jitter(rng, palette[int(rng.integers(4))], 10))


def cardboard(rng: Rng, px_per_mm: float) -> U8:
    """Bare board."""
    light = _base(rng, px_per_mm, rng.uniform(0.015, 0.05), rng.uniform(0.01, 0.04), 0.8, "fibre")
    return tint(light, jitter(rng, (186, 148, 106), 16))


def fabric(rng: Rng, px_per_mm: float) -> U8:
    """Checks and stripes: cloth, hazard tape, mats."""
    period = max(rng.uniform(15, 160) * px_per_mm, 6.0)
    x, y = np.meshgrid(np.arange(TILE, dtype=np.float32), np.arange(TILE, dtype=np.float32))
    slope = float(rng.choice([0.0, 1.0, -1.0]))
    first = ((x + slope * y) / np.float32(period)) % 1 < rng.uniform(0.3, 0.7)
    if rng.random() < 0.35:
        first ^= (y / np.float32(period)) % 1 < 0.5
    light = _base(rng, px_per_mm, 0.04, 0.03, 1.2, "fibre")
    dark, bright = jitter(rng, (50, 50, 55), 30), jitter(rng, (210, 190, 110), 40)
    return np.where(first[..., None], tint(light, dark), tint(light, bright)).astype(np.uint8)


Surface = Callable[[Rng, float], U8]

FLOORS: tuple[tuple[Surface, float], ...] = (
    (concrete, 3.5),
    (chipboard, 1.8),
    (tiles, 2.5),
    (carpet, 1.8),
    (plywood, 1.2),
    (planks, 1.0),
    (terrazzo, 1.2),
    (asphalt, 1.4),
    (painted, 1.0),
    (bricks, 0.5),
    (fabric, 0.1),
)
WALLS: tuple[tuple[Surface, float], ...] = (
    (painted, 3.0),
    (plywood, 1.0),
    (metal, 1.8),
    (bricks, 0.9),
    (concrete, 1.2),
    (planks, 0.5),
    (cardboard, 1.2),
    (tiles, 0.6),
    (fabric, 0.08),
)


def random_surface(rng: Rng, px_per_mm: float, choices: tuple[tuple[Surface, float], ...]) -> U8:
    """A tile ``(TILE, TILE, 3)`` of a surface drawn by weight, at ``px_per_mm``."""
    weights = np.array([weight for _, weight in choices])
    surface = choices[int(rng.choice(len(choices), p=weights / weights.sum()))][0]
    return surface(rng, float(np.clip(px_per_mm, 0.02, 12.0)))
