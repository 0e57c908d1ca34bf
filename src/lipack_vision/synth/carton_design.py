"""What is printed and stuck on the faces of one carton."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lipack_vision.synth.artwork import Artwork
from lipack_vision.synth.board import Board, blank_sheet, crease, edges, flaps, random_board, tape
from lipack_vision.synth.board_print import envelope, paper_label, text_block
from lipack_vision.synth.carton import Window
from lipack_vision.synth.carton_extras import (
    Straps,
    cover_in_part,
    print_along,
    random_straps,
    sticker,
    strap,
    trade_print,
)
from lipack_vision.synth.marks import ALL_KINDS, UN_MARK, choose_kind, is_print, make
from lipack_vision.synth.paper import on_paper
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.synth.sheet import Sheet
from lipack_vision.synth.texture import Rng
from lipack_vision.types import as_quad

Rect = tuple[float, float, float, float]

NOMINAL_MM = 110.0
"""About what a label takes of a face."""
LEAST_LABEL_PX = 9.0
PRINTED_TAPE = 0.25
"""Share of sealing tapes with a trade name along them."""
DARK_BOARD = 118.0
"""Mean of RGB below which dark ink is lost; such boards get stickers."""


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
        focus: where on the main face the first mark lies, as fractions of its width and height.
        quarters: quarter turns of everything on it: the carton lies on its side or head.
        straps: bands around it, or None.
    """

    seed: int
    board: Board
    marked: bool
    crowd: float
    tape_mm: float
    main: str
    focus: tuple[float, float]
    quarters: int
    straps: Straps | None


def random_design(rng: Rng, settings: SynthSettings, *, marked: bool = True, main: str = "front") -> Design:
    """A carton's look."""
    return Design(
        seed=int(rng.integers(2**31)),
        board=random_board(rng),
        marked=marked,
        crowd=float(rng.uniform(0.5, 1.8)),
        tape_mm=float(rng.choice([0.0, 48.0, 60.0, 72.0], p=[0.15, 0.45, 0.25, 0.15])),
        main=main,
        focus=(float(rng.uniform(0.12, 0.88)), float(rng.uniform(0.12, 0.88))),
        quarters=int(rng.integers(1, 4)) if rng.random() < settings.turned else 0,
        straps=random_straps(rng),
    )


def _mark_kinds(rng: Rng, settings: SynthSettings, crowd: float) -> list[str]:
    """The marks of a labelled face, either as exporters do it or at random."""
    if rng.random() < 0.5:
        kinds = [choose_kind(rng, settings) for _ in range(1 + int(rng.poisson(1.1 * crowd)))]
    else:
        weights = settings.kind_weights
        names = ["class9a", "class9", "battery_mark"]
        chances = np.array([weights.get(name, settings.other_weight) for name in names]) + 1e-9
        kinds = [str(rng.choice(names, p=chances / chances.sum()))]
        for kind, chance in (
            (UN_MARK, 0.5),
            ("cargo_aircraft_only", 0.35),
            ("orientation_arrows", 0.35),
            ("battery_mark", 0.1),
        ):
            if kind not in kinds and rng.random() < chance and weights.get(kind, settings.other_weight) > 0:
                kinds.append(kind)
        if rng.random() < 0.3:
            kinds.append(choose_kind(rng, settings))
    return [kind for kind in kinds if kind in ALL_KINDS][:6]


class Layout:
    """Finds free places on a face ``size`` (w, h) in mm; the first thing goes to ``first`` if it can."""

    def __init__(self, size: tuple[float, float], rng: Rng, first: tuple[float, float] | None = None) -> None:
        self.size, self.rng, self.first = size, rng, first
        self.taken: list[Rect] = []

    def may_show(self, sheet: Sheet, side: float) -> bool:
        """Whether to draw the next thing: always where the sheet shows most of the face.

        Close to a face most things would lie outside of the photo. A thing of about ``side`` mm is then
        drawn only as often as a random place lies on the sheet; the first one always is.
        """
        if self.first is not None and not self.taken:
            return True
        shown = np.array(sheet.rgb.shape[1::-1]) / sheet.px_per_mm
        share = np.minimum((shown + side) / np.maximum(self.size, side), 1.0)
        return bool(share.prod() > 0.7 or self.rng.random() < share.prod())

    def find(self, width: float, height: float, margin: float = 4.0) -> tuple[float, float] | None:
        """Centre of a free rectangle, or None; often in one row with the thing placed before."""
        rng, (across, down) = self.rng, self.size
        if width > across or height > down:
            return None
        if self.first is not None and not self.taken:
            x = float(np.clip(self.first[0], width / 2, across - width / 2))
            y = float(np.clip(self.first[1], height / 2, down - height / 2))
            self.taken.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            return x, y
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


def put(
    sheet: Sheet,
    layout: Layout,
    art: Artwork,
    rng: Rng,
    *,
    ink: bool,
    grow: float = 1.0,
    quarters: int = 0,
) -> bool:
    """Put artwork on a free place of the sheet, smaller if it does not fit."""
    angle = _angle(rng) + quarters * np.pi / 2
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
    focus = (design.focus[0] * size[0], design.focus[1] * size[1]) if name == design.main else None
    layout = Layout(size, rng, focus)
    # A top has no upside: one sees it from any side.
    quarters = int(rng.integers(4)) if name == "top" else design.quarters
    chance = (0.45 if name == "top" else 0.3) if name != design.main else 1.0
    # Where a label would take fewer pixels than anyone can tell it by, none is drawn.
    if sheet.px_per_mm * 100 > LEAST_LABEL_PX:
        if design.marked and rng.random() < chance:
            _put_marks(sheet, layout, design, settings, rng, quarters)
        _put_others(sheet, layout, design, rng, quarters)
        cover_in_part(sheet, rng, settings.covered)
    if design.tape_mm > 0 and tape_late:
        _seal(sheet, design, name, size, rng)
    if design.straps is not None:
        strap(sheet, design.straps, name, size, rng)
    edges(sheet, size, rng, design.board.wear)
    return sheet


def _put_marks(
    sheet: Sheet, layout: Layout, design: Design, settings: SynthSettings, rng: Rng, quarters: int
) -> None:
    grow = 1.0
    if min(layout.size) > 500 and rng.random() < 0.35:
        grow = float(rng.uniform(1.3, 2.5))
    for kind in _mark_kinds(rng, settings, design.crowd):
        own = np.random.default_rng(int(rng.integers(2**31)))
        if not layout.may_show(sheet, NOMINAL_MM * grow):
            continue
        art = make(kind, own, sheet.px_per_mm * grow, settings)
        pale = float(np.mean(design.board.colour)) >= DARK_BOARD
        if is_print(art) and not pale:
            rgba, moved = on_paper(art, own, always=True)
            art = replace(art, rgba=rgba, quad=as_quad(art.quad + moved, kind))
        # Artwork without paper of its own is printed; a label rarely is.
        ink = pale and (is_print(art) or own.random() < 0.06)
        put(sheet, layout, art, own, ink=ink, grow=grow, quarters=quarters)


def _put_others(sheet: Sheet, layout: Layout, design: Design, rng: Rng, quarters: int) -> None:
    ppm = float(np.clip(sheet.px_per_mm, 0.3, 6.0))
    dark = float(np.mean(design.board.ink)) < 120
    colour = (int(design.board.ink[0]), int(design.board.ink[1]), int(design.board.ink[2]))
    for _ in range(int(rng.poisson(1.3 * design.crowd))):
        own = np.random.default_rng(int(rng.integers(2**31)))
        if not layout.may_show(sheet, NOMINAL_MM):
            continue
        roll = own.random()
        width = layout.size[0] * own.uniform(0.3, 0.9)
        if roll < 0.3:
            art, ink = text_block(own, ppm, design.board.ink, width), dark
        elif roll < 0.55:
            art, ink = trade_print(own, ppm, colour, width), dark
        elif roll < 0.75:
            art, ink = paper_label(own, ppm), False
        elif roll < 0.95:
            art = sticker(own, ppm)
            ink = is_print(art)
        else:
            art, ink = envelope(own, ppm), False
        put(sheet, layout, art, own, ink=ink, quarters=quarters)


def _seal(sheet: Sheet, design: Design, name: str, size: tuple[float, float], rng: Rng) -> None:
    """Tape along the slit, which comes down the two short sides; sometimes across as well."""
    width, height = size
    seal = np.random.default_rng(design.seed)
    first, last = (0.0, height / 2), (width, height / 2)
    if name != "top" or width < height:
        first, last = (width / 2, 0.0), (width / 2, height if name == "top" else float(rng.uniform(40, 110)))
    if name in ("top", "left", "right"):
        tape(sheet, first, last, design.tape_mm, seal)
        if np.random.default_rng([design.seed, 2]).random() < PRINTED_TAPE:
            print_along(sheet, first, last, design.tape_mm, np.random.default_rng([design.seed, 3]))
    if rng.random() < 0.12:
        x = float(rng.uniform(0.1, 0.9) * width)
        tape(sheet, (x, 0), (x + float(rng.normal(0, 20)), height), design.tape_mm, rng)
    if rng.random() < 0.06:
        y = float(rng.uniform(0.1, 0.9) * height)
        tape(sheet, (0, y), (width, y + float(rng.normal(0, 15))), design.tape_mm, rng)
