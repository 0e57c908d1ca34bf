"""Near-twins of a design: one thing changed, and where that shows."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.designs.plan import CartonPlan
from lipack_vision.synth.designs.prints import (
    LINES,
    PAPER,
    SCRAWL,
    STRIP,
    Print,
    aligned,
    difference,
    extent,
    outline,
)
from lipack_vision.synth.marks import UN_MARK
from lipack_vision.synth.texture import Rng

MOVED_MM = 40.0
SIZE, DEPTH = "size", "depth"
"""What a carton of another size differs in; a carton that is only deeper has the same front."""
NINES = {"class9": "class9a", "class9a": "class9"}
_CHARACTER = 0.4
"""Part of a text that one changed character takes, at most."""
_LABELS = ("class9", "class9a", "battery_mark", "cargo_aircraft_only", UN_MARK, "orientation_arrows")

Change = tuple[tuple[Print, ...], list[Points]]


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A design that differs from another in one thing.

    Attributes:
        plan: of the twin.
        edit: one of `EDITS`, or `SIZE` or `DEPTH`.
        face: where it differs; empty for those two, which change several.
        regions: polygons ``(N, 2)`` in mm on that face of what is changed: old and new place.
    """

    plan: CartonPlan
    edit: str
    face: str
    regions: tuple[Points, ...]


def _chosen(prints: tuple[Print, ...], rng: Rng, *kinds: str) -> int | None:
    """Index of a print of one of the kinds, all by chance; of any kind without ``kinds``."""
    fit = [i for i, one in enumerate(prints) if not kinds or one.kind in kinds]
    return int(rng.choice(fit)) if fit else None


def _with(prints: tuple[Print, ...], index: int, one: Print) -> tuple[Print, ...]:
    return (*prints[:index], one, *prints[index + 1 :])


def _missing(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    prints = plan.faces[face]
    index = _chosen(prints, rng, *_LABELS)
    index = _chosen(prints, rng) if index is None else index
    if index is None:
        return None
    return (*prints[:index], *prints[index + 1 :]), [outline(prints[index], plan.ink)]


def _nine(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    prints = plan.faces[face]
    index = _chosen(prints, rng, *NINES)
    if index is None:
        return None
    other = replace(prints[index], kind=NINES[prints[index].kind])
    region = difference(prints[index], other, plan.ink)
    return None if region is None else (_with(prints, index, other), [region])


def _character(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    return _retyped(plan, face, rng, UN_MARK)


def _text(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    return _retyped(plan, face, rng, LINES)


def _retyped(plan: CartonPlan, face: str, rng: Rng, kind: str) -> Change | None:
    prints = plan.faces[face]
    index = _chosen(prints, rng, kind)
    if index is None:
        return None
    old = prints[index]
    text = old.text or ""
    places = [i for i, sign in enumerate(text) if sign.isascii() and sign.isdigit()]
    for place in rng.permutation(places)[:6]:
        other = str(rng.choice([sign for sign in string.digits if sign != text[place]]))
        new = aligned(old, replace(old, text=text[:place] + other + text[place + 1 :]), plan.ink)
        region = difference(old, new, plan.ink)
        # Where digits differ in width, what stands behind them moves; that is more than one character.
        if region is not None and np.ptp(region, axis=0).max() < _CHARACTER * max(extent(old, plan.ink)):
            return _with(prints, index, new), [region]
    return None


def _moved(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    prints = plan.faces[face]
    index = _chosen(prints, rng, *_LABELS, "brand_print", PAPER, LINES)
    if index is None:
        return None
    one = prints[index]
    room = np.array(plan.face_size(face)) - extent(one, plan.ink)
    for _ in range(8):
        turn = rng.uniform(0, 2 * np.pi)
        way = float(np.clip(rng.normal(1, 0.15), 0.7, 1.4)) * MOVED_MM
        place = np.array(one.place) + way * np.array([np.cos(turn), np.sin(turn)])
        if (np.abs(place - np.array(plan.face_size(face)) / 2) <= room / 2).all():
            moved = replace(one, place=(float(place[0]), float(place[1])))
            return _with(prints, index, moved), [outline(one, plan.ink), outline(moved, plan.ink)]
    return None


def _brand(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    prints = plan.faces[face]
    index = _chosen(prints, rng, "brand_print")
    if index is None:
        return None
    old = prints[index]
    new = replace(old, seed=int(rng.integers(2**31)), scale=1.0)
    width, height = extent(old, plan.ink)
    own = extent(new, plan.ink)
    new = replace(new, scale=min(width / own[0], height / own[1]))
    return _with(prints, index, new), [outline(old, plan.ink), outline(new, plan.ink)]


def _added(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    return _put_on(plan, face, rng, str(rng.choice([PAPER, PAPER, "shipping_label", "barcode", "class9a"])))


def _written(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    return _put_on(plan, face, rng, SCRAWL)


def _taped(plan: CartonPlan, face: str, rng: Rng) -> Change | None:
    return _put_on(plan, face, rng, STRIP)


def _put_on(plan: CartonPlan, face: str, rng: Rng, kind: str) -> Change | None:
    angle = float(rng.normal(0, 0.15) + (np.pi / 2 if rng.random() < 0.3 else 0.0))
    one = Print(kind, int(rng.integers(2**31)), angle=angle)
    size = np.array(plan.face_size(face))
    span = np.array(extent(one, plan.ink))
    fit = min(1.0, float((0.95 * size / span).min()))
    room = np.maximum(size - span * fit, 0)
    place = size / 2 + rng.uniform(-0.5, 0.5, 2) * room
    one = replace(one, place=(float(place[0]), float(place[1])), scale=fit)
    return (*plan.faces[face], one), [outline(one, plan.ink)]


_Edit = Callable[[CartonPlan, str, Rng], Change | None]
_EDITS: dict[str, _Edit] = {
    "missing": _missing,
    "nine": _nine,
    "character": _character,
    "text": _text,
    "moved": _moved,
    "brand": _brand,
    "added": _added,
    "written": _written,
    "taped": _taped,
}
EDITS: tuple[str, ...] = tuple(_EDITS)
"""What can be changed on one face."""


def twin(plan: CartonPlan, edit: str, face: str, seed: int) -> Twin | None:
    """The design with one thing changed on a face; None where it has nothing of that kind.

    Raises:
        KeyError: ``edit`` is none of `EDITS`.
    """
    changed = _EDITS[edit](plan, face, np.random.default_rng([seed, 19]))
    if changed is None:
        return None
    prints, regions = changed
    return Twin(plan.with_face(face, prints), edit, face, tuple(regions))


def other_size(plan: CartonPlan, seed: int) -> Twin:
    """The same print on a carton that is longer, wider or higher by a fifth to a half."""
    rng = np.random.default_rng([seed, 23])
    factors = np.ones(3)
    factors[rng.choice(3, int(rng.integers(1, 3)), replace=False)] = rng.uniform(1.2, 1.5)
    length, width, height = (float(v) for v in np.array(plan.size) * factors)
    larger = replace(plan, size=(length, width, height))
    faces = {}
    for name, prints in plan.faces.items():
        part = np.array(larger.face_size(name)) / plan.face_size(name)
        faces[name] = tuple(
            replace(p, place=(float(p.place[0] * part[0]), float(p.place[1] * part[1]))) for p in prints
        )
    same_front = (length, height) == (plan.size[0], plan.size[2])
    return Twin(replace(larger, faces=faces), DEPTH if same_front else SIZE, "", ())
