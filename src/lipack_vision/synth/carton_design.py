"""What is printed and stuck on the faces of one carton."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.board import Board, blank_sheet, crease, edges, flaps, random_board, tape
from lipack_vision.synth.board_print import envelope, paper_label, text_block
from lipack_vision.synth.carton import Window
from lipack_vision.synth.marks import ALL_KINDS, UN_MARK, choose_kind, make
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Design:
    """One carton's look; cartons of one batch share it.

    Attributes:
        seed: of everything that is printed on its faces.
        board: the board.
        marked: whether it carries marks at all.
        crowd: how many things more than usual are on its faces.
        tape_mm: width of the sealing tape, 0 for none.
        main: the face that carries the labels; other faces carry them at times.
    """

    seed: int
    board: Board
    marked: bool
    crowd: float
    tape_mm: float
    main: str


def random_design(rng: Rng, *, marked: bool = True, main: str = "front") -> Design:
    """A carton's look."""
    return Design(
        seed=int(rng.integers(2**31)),
        board=random_board(rng),
        marked=marked,
        crowd=float(rng.uniform(0.5, 1.8)),
        tape_mm=float(rng.choice([0.0, 48.0, 60.0, 72.0], p=[0.15, 0.45, 0.25, 0.15])),
        main=main,
    )


def _mark_kinds(rng: Rng, settings: SynthSettings, crowd: float) -> list[str]:
    """The marks of a labelled face, either as exporters do it or at random."""
    if rng.random() < 0.45:
        kinds = [choose_kind(rng, settings) for _ in range(1 + int(rng.poisson(1.1 * crowd)))]
    else:
        weights = settings.kind_weights
        names = ["class9a", "class9", "battery_mark"]
        chances = np.array([weights.get(name, settings.other_weight) for name in names]) + 1e-9
        kinds = [str(rng.choice(names, p=chances / chances.sum()))]
        for kind, chance in (
            (UN_MARK, 0.6),
            ("cargo_aircraft_only", 0.4),
            ("orientation_arrows", 0.4),
            ("battery_mark", 0.12),
        ):
            if rng.random() < chance and weights.get(kind, settings.other_weight) > 0:
                kinds.append(kind)
        if rng.random() < 0.3:
            kinds.append(choose_kind(rng, settings))
    return [kind for kind in kinds if kind in ALL_KINDS][:6]


class Layout:
    """Finds free places on a face ``size`` (w, h) in mm."""

    def __init__(self, size: tuple[float, float], rng: Rng) -> None:
        self.size, self.rng = size, rng
        self.taken: list[Rect] = []

    def find(self, width: float, height: float, margin: float = 4.0) -> tuple[float, float] | None:
        """Centre of a free rectangle, or None; often in one row with the thing placed before."""
        rng, (across, down) = self.rng, self.size
        if width > across or height > down:
            return None
        for attempt in range(24):
            x = float(rng.uniform(width / 2, across - width / 2))
            y = float(rng.uniform(height / 2, down - height / 2))
            if self.taken and attempt < 8 and rng.random() < 0.7:
                x0, y0, x1, y1 = self.taken[-1]
                gap = float(rng.uniform(margin, 30))
                side = int(rng.integers(4))
                x = (x1 + gap + width / 2, x0 - gap - width / 2, (x0 + x1) / 2, x0 + width / 2)[side]
                y = ((y0 + y1) / 2, (y0 + y1) / 2, y1 + gap + height / 2, y1 + gap + height / 2)[side]
            if not (width / 2 <= x <= across - width / 2 and height / 2 <= y <= down - height / 2):
                continue
            rect = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            if all(
                rect[0] > b[2] + margin
                or rect[2] < b[0] - margin
                or rect[1] > b[3] + margin
                or rect[3] < b[1] - margin
                for b in self.taken
            ):
                self.taken.append(rect)
                return x, y
        return None


def _angle(rng: Rng) -> float:
    """Mostly straight; sometimes stuck on askew, sideways or anyhow."""
    roll = rng.random()
    if roll < 0.8:
        return float(np.deg2rad(rng.normal(0, 2.0)))
    if roll < 0.9:
        return float(np.deg2rad(rng.normal(0, 12)))
    if roll < 0.97:
        return float(rng.integers(1, 4) * np.pi / 2 + np.deg2rad(rng.normal(0, 2)))
    return float(rng.uniform(0, 2 * np.pi))


def put(sheet: Sheet, layout: Layout, art: Artwork, rng: Rng, *, ink: bool, grow: float = 1.0) -> bool:
    """Put artwork on a free place of the sheet, smaller if it does not fit."""
    angle = _angle(rng)
    height, width = (side / art.px_per_mm * grow for side in art.rgba.shape[:2])
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    span = (width * cos + height * sin, width * sin + height * cos)
    fit = min(1.0, 0.92 * layout.size[0] / span[0], 0.92 * layout.size[1] / span[1])
    place = layout.find(span[0] * fit, span[1] * fit)
    if place is None:
        return False
    sheet.stamp(art, place, angle, rng, ink=ink, scale=fit * grow)
    return True


def compose_face(
    design: Design, name: str, size: tuple[float, float], view: Window, settings: SynthSettings
) -> Sheet:
    """The window of one face, with everything on it."""
    rng = np.random.default_rng([design.seed, sum(name.encode())])
    board_rng = np.random.default_rng([design.seed, sum(name.encode()), 1])
    sheet = blank_sheet(design.board, board_rng, view.low, view.high, view.px_per_mm)
    crease(sheet, size, rng)
    if name == "top":
        flaps(sheet, size, rng)
    tape_late = rng.random() < 0.15
    if design.tape_mm > 0 and not tape_late:
        _seal(sheet, design, name, size, rng)
    layout = Layout(size, rng)
    chance = (0.45 if name == "top" else 0.3) if name != design.main else 1.0
    if design.marked and rng.random() < chance:
        _put_marks(sheet, layout, design, settings, rng)
    _put_others(sheet, layout, design, rng)
    if design.tape_mm > 0 and tape_late:
        _seal(sheet, design, name, size, rng)
    edges(sheet, size, rng, design.board.wear)
    return sheet


def _put_marks(sheet: Sheet, layout: Layout, design: Design, settings: SynthSettings, rng: Rng) -> None:
    grow = 1.0
    if min(layout.size) > 500 and rng.random() < 0.35:
        grow = float(rng.uniform(1.3, 2.5))
    for kind in _mark_kinds(rng, settings, design.crowd):
        art = make(kind, rng, sheet.px_per_mm * grow)
        clear = float((art.rgba[..., 3] < 128).mean())
        # Artwork without paper of its own is printed; a label rarely is.
        ink = clear > 0.6 or rng.random() < 0.06
        put(sheet, layout, art, rng, ink=ink, grow=grow)


def _put_others(sheet: Sheet, layout: Layout, design: Design, rng: Rng) -> None:
    scale = sheet.px_per_mm
    for _ in range(int(rng.poisson(1.2 * design.crowd))):
        ppm = float(np.clip(scale, 0.3, 6.0))
        roll = rng.random()
        if roll < 0.62:
            art = text_block(rng, ppm, design.board.ink, layout.size[0] * rng.uniform(0.3, 0.9))
            put(sheet, layout, art, rng, ink=float(np.mean(design.board.ink)) < 120)
        elif roll < 0.93:
            put(sheet, layout, paper_label(rng, ppm), rng, ink=False)
        else:
            put(sheet, layout, envelope(rng, ppm), rng, ink=False)


def _seal(sheet: Sheet, design: Design, name: str, size: tuple[float, float], rng: Rng) -> None:
    """Tape along the slit, which comes down the two short sides; sometimes across as well."""
    width, height = size
    seal = np.random.default_rng(design.seed)
    if name == "top":
        if width >= height:
            tape(sheet, (0, height / 2), (width, height / 2), design.tape_mm, seal)
        else:
            tape(sheet, (width / 2, 0), (width / 2, height), design.tape_mm, seal)
    elif name in ("left", "right"):
        tape(sheet, (width / 2, 0), (width / 2, float(rng.uniform(40, 110))), design.tape_mm, seal)
    if rng.random() < 0.12:
        x = float(rng.uniform(0.1, 0.9) * width)
        tape(sheet, (x, 0), (x + float(rng.normal(0, 20)), height), design.tape_mm, rng)
    if rng.random() < 0.06:
        y = float(rng.uniform(0.1, 0.9) * height)
        tape(sheet, (0, y), (width, y + float(rng.normal(0, 15))), design.tape_mm, rng)
