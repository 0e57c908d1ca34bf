"""What print and handling do to a label's colours: faded, copied, scratched, dirty, written on."""

from __future__ import annotations

import cv2
import numpy as np

from lipack_vision.synth.texture import U8, Rng, noise, with_alpha


def age(rgba: U8, rng: Rng) -> U8:
    """One to three faults of print and wear on straight-alpha RGBA ``(h, w, 4)``; alpha seldom changes."""
    colour: U8 = cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)
    alpha = cv2.extractChannel(rgba, 3)
    makers = (faded, shifted, copied, scratched, dirty, banded, coarse_print, scribbled)
    weights = np.array([0.2, 0.18, 0.07, 0.2, 0.12, 0.07, 0.1, 0.06])
    count = int(rng.choice(3, p=[0.55, 0.33, 0.12])) + 1
    for index in rng.choice(len(makers), count, replace=False, p=weights):
        colour = makers[int(index)](colour, rng)
    if rng.random() < 0.12:
        alpha = rubbed(alpha, rng)
    return with_alpha(colour, alpha)


def faded(colour: U8, rng: Rng) -> U8:
    """Bleached by the sun: inks go towards the paper, red ones first."""
    amount = float(rng.beta(1.6, 3.0)) * 0.75
    red = amount * float(rng.uniform(0.8, 1.1))
    share = np.array([red * rng.uniform(0.8, 1.0), red, red])
    paper = np.array([250, 246, rng.uniform(225, 246)])
    return _levels(colour, 1 - share, paper * share)


def shifted(colour: U8, rng: Rng) -> U8:
    """Another printer's inks, or paper gone yellow."""
    gain = np.exp(rng.normal(0, 0.07, 3))
    if rng.random() < 0.35:
        gain *= (1.0, 0.96, float(rng.uniform(0.72, 0.93)))
    black = rng.uniform(0, 46, 3) * rng.random()
    return _levels(colour, gain * (1 - black / 255), black)


def copied(colour: U8, rng: Rng) -> U8:
    """A photocopy: greys, hard contrast, specks of toner."""
    grey = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    gain, middle = float(rng.uniform(1.1, 2.2)), float(rng.uniform(95, 150))
    grey = cv2.convertScaleAbs(np.clip((grey.astype(np.float32) - middle) * gain + middle, 8, 246))
    specks = noise("speckle", rng, grey.shape, 1.0)
    grey[specks > rng.uniform(2.6, 4.0)] = 40
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


def scratched(colour: U8, rng: Rng) -> U8:
    """Scuffs and lines down to the white of the paper."""
    height, width = colour.shape[:2]
    mask: U8 = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(2, 22))):
        start = rng.uniform(0, 1, 2) * (width, height)
        end = start + rng.normal(0, 0.22, 2) * max(width, height)
        ends = np.rint([start, end]).astype(int).tolist()
        shade = int(rng.integers(90, 255))
        cv2.line(mask, ends[0], ends[1], shade, max(1, round(max(width, height) * 0.0035)), cv2.LINE_AA)
    if rng.random() < 0.6:
        worn = noise("fibre", rng, (height, width), max(height, width) / 220)
        patch = noise("cloud", rng, (height, width), max(height, width) / 300)
        scuff = np.maximum(worn + patch - np.float32(rng.uniform(1.2, 2.6)), 0) * np.float32(150)
        mask = cv2.max(mask, cv2.convertScaleAbs(scuff))
    return cv2.add(colour, cv2.cvtColor(cv2.convertScaleAbs(mask, alpha=0.8), cv2.COLOR_GRAY2RGB))


def dirty(colour: U8, rng: Rng) -> U8:
    """Stains and the grey of handling."""
    height, width = colour.shape[:2]
    cloud = noise("cloud", rng, (height, width), max(height, width) / rng.uniform(120, 400))
    stain = np.maximum(cloud - np.float32(rng.uniform(0.2, 1.4)), 0) * np.float32(rng.uniform(15, 70))
    brown = (0.6, 0.75, 1.0) if rng.random() < 0.6 else (1.0, 1.0, 1.0)
    grey = cv2.convertScaleAbs(stain)
    return cv2.subtract(colour, cv2.merge([cv2.convertScaleAbs(grey, alpha=part) for part in brown]))


def banded(colour: U8, rng: Rng) -> U8:
    """Lines of a worn print head, along one direction."""
    height, width = colour.shape[:2]
    upright = rng.random() < 0.4
    count = width if upright else height
    rows = np.clip(rng.normal(0, 1, max(4, count // int(rng.integers(2, 9)))) - 0.9, 0, 2).astype(np.float32)
    line = cv2.resize(rows[:, None], (1, count), interpolation=cv2.INTER_NEAREST)[:, 0]
    lift = cv2.convertScaleAbs(line * np.float32(rng.uniform(20, 110))).ravel()
    lifted: U8 = np.broadcast_to(lift[None, :] if upright else lift[:, None], (height, width))
    return cv2.add(colour, cv2.cvtColor(np.ascontiguousarray(lifted), cv2.COLOR_GRAY2RGB))


def coarse_print(colour: U8, rng: Rng) -> U8:
    """Few dots per inch, or ink that has bled."""
    height, width = colour.shape[:2]
    part = float(rng.uniform(0.25, 0.7))
    small = cv2.resize(
        colour, (max(8, int(width * part)), max(8, int(height * part))), interpolation=cv2.INTER_AREA
    )
    way = cv2.INTER_NEAREST if rng.random() < 0.3 else cv2.INTER_LINEAR
    return cv2.resize(small, (width, height), interpolation=way)


def scribbled(colour: U8, rng: Rng) -> U8:
    """A few strokes of a pen or marker."""
    height, width = colour.shape[:2]
    inks = ((24, 26, 30), (30, 44, 120), (170, 30, 36))
    ink = inks[int(rng.integers(3))]
    result = colour.copy()
    thick = max(1, round(max(height, width) * float(rng.uniform(0.004, 0.02))))
    for _ in range(int(rng.integers(1, 4))):
        start = rng.uniform(0.1, 0.9, 2)
        path = start + np.cumsum(rng.normal(0, 0.06, (int(rng.integers(3, 14)), 2)), axis=0)
        places = np.rint(path * (width, height)).astype(np.int32)
        cv2.polylines(result, [places], False, ink, thick, cv2.LINE_AA)
    return result


def rubbed(alpha: U8, rng: Rng) -> U8:
    """Print or paper gone in patches: what lies below shows."""
    height, width = alpha.shape
    patch = noise("cloud", rng, (height, width), max(height, width) / 250)
    fibre = noise("fibre", rng, (height, width), max(height, width) / 250)
    worn = np.maximum(patch + fibre * np.float32(0.5) - np.float32(rng.uniform(1.4, 2.4)), 0)
    return cv2.subtract(alpha, cv2.convertScaleAbs(worn * np.float32(240)))


def _levels(colour: U8, gain: U8, rise: U8) -> U8:
    levels = np.arange(256, dtype=np.float32)
    tables = [
        np.clip(levels * np.float32(g) + np.float32(r), 0, 255).astype(np.uint8)
        for g, r in zip(gain, rise, strict=True)
    ]
    return cv2.LUT(colour, cv2.merge(tables))
