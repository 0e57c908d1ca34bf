"""The plan of a carton: what is printed and stuck where on each of its faces, whatever it is drawn at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from lipack_vision.synth.board import Board, random_board
from lipack_vision.synth.carton import FACES
from lipack_vision.synth.carton_design import DARK_BOARD, Layout
from lipack_vision.synth.designs.prints import LINES, PAPER, Ink, Print, drawn, extent, random_lines
from lipack_vision.synth.marks import UN_MARK, is_print
from lipack_vision.synth.texture import Rng
from lipack_vision.synth.un_mark_text import random_mark_text

FRONT = "front"
"""The face that carries the marks of a transport."""
_SIGNS = ("fragile", "keep_dry", "stack_limit", "no_hooks", "recycling", "temperature_limits", "weee_bin")
_STICKERS = ("qr", "barcode", "chemical_label", "shipping_label", "framed_notice", "box_certificate")
_FRONT_CHANCES: tuple[tuple[str, float], ...] = (
    ("class9", 0.8),
    (UN_MARK, 0.8),
    ("brand_print", 0.85),
    ("battery_mark", 0.35),
    ("cargo_aircraft_only", 0.3),
    ("orientation_arrows", 0.4),
    (LINES, 0.7),
    ("carton_data", 0.4),
    (PAPER, 0.3),
)
_OTHER_CHANCES: tuple[tuple[str, float], ...] = (
    ("brand_print", 0.5),
    ("orientation_arrows", 0.3),
    (LINES, 0.5),
    ("carton_data", 0.25),
    (UN_MARK, 0.1),
)
_MARGIN_MM = 6.0


@dataclass(frozen=True, slots=True)
class CartonPlan:
    """One design of a carton.

    Attributes:
        seed: it was made from.
        size: length, width, height in mm.
        board: of all faces.
        faces: prints of each face, by the names of `synth.carton.FACES`, the lowest first.
        tape_mm: width of the sealing tape, 0 for none.
    """

    seed: int
    size: tuple[float, float, float]
    board: Board
    faces: Mapping[str, tuple[Print, ...]]
    tape_mm: float

    def face_size(self, name: str) -> tuple[float, float]:
        """Width and height of a face in mm."""
        length, width, height = self.size
        return {"top": (length, width), "left": (width, height), "right": (width, height)}.get(
            name, (length, height)
        )

    def with_face(self, name: str, prints: tuple[Print, ...]) -> CartonPlan:
        """The same plan with other prints on one face."""
        return replace(self, faces={**self.faces, name: prints})

    @property
    def ink(self) -> Ink:
        """Colour of what is printed on the board."""
        red, green, blue = self.board.ink
        return int(red), int(green), int(blue)


def random_plan(seed: int) -> CartonPlan:
    """The design number ``seed``."""
    rng = np.random.default_rng([seed, 17])
    length = float(np.exp(rng.uniform(np.log(220), np.log(620))))
    size = (
        length,
        float(np.clip(length * rng.uniform(0.5, 1.0), 160, 600)),
        float(np.clip(length * rng.uniform(0.45, 1.05), 150, 600)),
    )
    board = replace(random_board(rng), wear=float(0.4 * rng.random()))
    tape_mm = float(rng.choice([0.0, 48.0, 60.0, 72.0], p=[0.3, 0.35, 0.2, 0.15]))
    bare = CartonPlan(seed, size, board, {}, tape_mm)
    faces = {name: _prints(bare, name, rng) for name in FACES}
    return replace(bare, faces=faces)


def _prints(plan: CartonPlan, name: str, rng: Rng) -> tuple[Print, ...]:
    chances = _FRONT_CHANCES if name == FRONT else _OTHER_CHANCES
    kinds = [kind for kind, chance in chances if rng.random() < chance]
    kinds = ["class9a" if kind == "class9" and rng.random() < 0.55 else kind for kind in kinds]
    kinds += [str(kind) for kind in rng.choice(_SIGNS, int(rng.integers(0, 4)), replace=False)]
    if rng.random() < 0.4:
        kinds.append(str(rng.choice(_STICKERS)))
    # The marks come first, since places run out.
    width, height = plan.face_size(name)
    layout = Layout((width - 2 * _MARGIN_MM, height - 2 * _MARGIN_MM), rng)
    found = [_placed(plan, kind, layout, rng) for kind in kinds]
    return tuple(one for one in found if one is not None)


def _placed(plan: CartonPlan, kind: str, layout: Layout, rng: Rng) -> Print | None:
    """A print of this kind on a free place, smaller if it does not fit."""
    text = {UN_MARK: random_mark_text, LINES: random_lines}.get(kind)
    grow = float(rng.uniform(1.1, 1.9)) if kind == UN_MARK else float(rng.uniform(0.9, 1.2))
    if kind in (UN_MARK, LINES):
        # Large cartons have large letters.
        grow *= max(1.0, max(layout.size) / 400)
    bare = Print(kind, int(rng.integers(2**31)), scale=grow, text=None if text is None else text(rng))
    pale = float(np.mean(plan.board.colour)) >= DARK_BOARD
    printed = is_print(drawn(bare, plan.ink))
    # Dark print cannot be seen on dark board.
    if printed and not pale and kind != LINES:
        return None
    ink = printed and (pale or (kind == LINES and float(np.mean(plan.ink)) < 120))
    angle = float(np.deg2rad(rng.normal(0, 0.4 if ink else 1.5)))
    if rng.random() < 0.08:
        angle += float(rng.choice([-1, 1])) * np.pi / 2
    bare = replace(bare, ink=ink, angle=angle)
    span = extent(bare, plan.ink)
    fit = min(1.0, 0.9 * layout.size[0] / span[0], 0.9 * layout.size[1] / span[1])
    place = layout.find(span[0] * fit, span[1] * fit)
    if place is None:
        return None
    return replace(bare, place=(place[0] + _MARGIN_MM, place[1] + _MARGIN_MM), scale=bare.scale * fit)
