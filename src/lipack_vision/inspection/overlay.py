"""Outlines and captions of marks over a photo, in the photo's own pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import bounding_box
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.names import DAMAGE_NAMES, LABEL_NAMES, percent

_LETTER_WIDTH = 0.64
"""Mean width of a letter as a part of the font size, to keep captions inside the picture."""


def shapes(evidence: PhotoEvidence) -> list[dict[str, Any]]:
    """One outline per mark, packaging code and damaged place, with captions that cover no other caption."""
    font = max(evidence.width, evidence.height) / 42
    items: list[tuple[str, str, npt.NDArray[np.float32]]] = [
        (mark.label, f"{LABEL_NAMES[mark.label]} {percent(mark.probability, mark.calibrated)}", mark.quad)
        for mark in evidence.marks
    ]
    items += [
        ("packaging_code", reading.text or "packaging code, not read", reading.quad)
        for reading in evidence.readings
    ]
    if evidence.integrity is not None:
        items += [
            ("damage", f"{DAMAGE_NAMES[one.type]} {percent(one.probability)}", one.polygon)
            for one in evidence.integrity.regions
        ]
    if evidence.reference is not None:
        match = evidence.reference.match
        items += [
            ("change", f"differs {percent(one.score, match.calibrated)}", one.polygon)
            for one in match.changes
        ]
        items += [("hidden", "not compared", one.polygon) for one in match.hidden]
    taken: list[tuple[float, float, float, float]] = []
    out = []
    for label, caption, quad in items:
        x, y = _free_place(quad, caption, font, evidence, taken)
        out.append(
            {
                "label": label,
                "caption": caption,
                "points": " ".join(f"{px:.1f},{py:.1f}" for px, py in quad.tolist()),
                "start": [round(float(value), 1) for value in quad[0]],
                "x": round(x, 1),
                "y": round(y, 1),
            }
        )
    return out


def _free_place(
    outline: npt.NDArray[np.float32],
    caption: str,
    font: float,
    evidence: PhotoEvidence,
    taken: list[tuple[float, float, float, float]],
) -> tuple[float, float]:
    """Baseline start of a caption above its outline, moved down past captions that stand there already."""
    left, top, _, _ = bounding_box(outline)
    wide = min(len(caption) * _LETTER_WIDTH * font, evidence.width)
    x = float(np.clip(left, 0, max(0.0, evidence.width - wide)))
    y = float(np.clip(top - 0.4 * font, font, evidence.height - 0.3 * font))
    for other in sorted(taken, key=lambda box: box[1]):
        if x < other[2] and other[0] < x + wide and y - font < other[3] and other[1] < y:
            y = min(other[3] + 1.1 * font, evidence.height - 0.3 * font)
    taken.append((x, y - font, x + wide, y))
    return x, y
