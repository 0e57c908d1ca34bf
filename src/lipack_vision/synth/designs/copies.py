"""One carton made to a design: its board, ink and stickers differ from those of the next one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from lipack_vision.synth.ageing import dirty, faded, shifted
from lipack_vision.synth.board import blank_sheet, crease, edges, flaps, tape
from lipack_vision.synth.camera import Points
from lipack_vision.synth.designs.plan import CartonPlan
from lipack_vision.synth.designs.prints import Print, drawn
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng, with_alpha

STICKER_MM, STICKER_TURN = 1.0, 0.012
"""By how much a sticker lies elsewhere on the next carton: standard deviations in mm and radians."""
PRINTED_MM = 0.6
_WORN = 0.1
"""Share of prints that have faded or come from another printer."""


def face_sheet(plan: CartonPlan, name: str, px_per_mm: float, copy: int) -> Sheet:
    """A whole face of carton number ``copy`` of the design.

    Args:
        name: one of `synth.carton.FACES`.
        px_per_mm: scale of the texture.
        copy: seed of all that differs between cartons of one design.
    """
    size = plan.face_size(name)
    rng = np.random.default_rng([copy, plan.seed, sum(name.encode())])
    sheet = blank_sheet(plan.board, rng, (0.0, 0.0), size, px_per_mm)
    crease(sheet, size, rng)
    if name == "top":
        flaps(sheet, size, rng)
    offset = np.clip(rng.normal(0, PRINTED_MM, 2), -1.5, 1.5)
    for one in plan.faces[name]:
        _put(sheet, plan, one, offset, rng)
    _seal(sheet, plan, name, size)
    edges(sheet, size, rng, plan.board.wear)
    return sheet


def _put(sheet: Sheet, plan: CartonPlan, one: Print, offset: Points, rng: Rng) -> None:
    art = drawn(one, plan.ink)
    if rng.random() < _WORN:
        change = faded if rng.random() < 0.5 else shifted
        colour = change(cv2.cvtColor(art.rgba, cv2.COLOR_RGBA2RGB), rng)
        art = replace(art, rgba=with_alpha(colour, cv2.extractChannel(art.rgba, 3)))
    turn = 0.0
    if not one.ink:
        offset = np.clip(rng.normal(0, STICKER_MM, 2), -2.5, 2.5)
        turn = float(np.clip(rng.normal(0, STICKER_TURN), -0.03, 0.03))
    place = (float(one.place[0] + offset[0]), float(one.place[1] + offset[1]))
    sheet.stamp(art, place, one.angle + turn, rng, ink=one.ink, scale=one.scale)


def _seal(sheet: Sheet, plan: CartonPlan, name: str, size: tuple[float, float]) -> None:
    """Tape along the slit and down the two short sides, of the same kind on every copy."""
    if plan.tape_mm <= 0:
        return
    width, height = size
    rng = np.random.default_rng([plan.seed, 29])
    if name == "top":
        ends = ((0.0, height / 2), (width, height / 2)) if width >= height else (
            (width / 2, 0.0), (width / 2, height)
        )  # fmt: skip
        tape(sheet, *ends, plan.tape_mm, rng)
    elif name in ("left", "right"):
        tape(sheet, (width / 2, 0.0), (width / 2, 70.0), plan.tape_mm, rng)


def soil(sheet: Sheet, size: tuple[float, float], rng: Rng) -> None:
    """What happens to a carton and changes nothing: clear tape over it, dirt."""
    if rng.random() < 0.25:
        ends = rng.uniform(0, 1, (2, 2)) * size
        first, last = ((float(x), float(y)) for x, y in ends)
        tape(sheet, first, last, float(rng.choice([48.0, 60.0, 72.0])), rng, clear=1.0)
    if rng.random() < 0.15:
        sheet.rgb[:] = dirty(sheet.rgb, rng)
