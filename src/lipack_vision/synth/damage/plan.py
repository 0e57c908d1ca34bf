"""Which damage a carton has: drawn at random, mostly where the camera can see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lipack_vision.synth.camera import Points
from lipack_vision.synth.carton import Face
from lipack_vision.synth.damage.bend import Blunt, Buckle, Crumple, Harm, Lip, Press, Settle, Size
from lipack_vision.synth.damage.cuts import HOLE, TEAR, Cut, Peel, Stain, Wound
from lipack_vision.synth.texture import Rng

DENT, CRUSH, OPEN = 1, 2, 32
"""Bits of `lipack_vision.types.DAMAGE_TYPES`."""


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """How far the four flaps of the top stand open.

    Attributes:
        angles: degrees from closed of the flaps at the front, back, right and left edge.
        curl: degrees that a flap bends on its own way.
    """

    angles: tuple[float, float, float, float]
    curl: float


@dataclass(slots=True, eq=False)
class Damage:
    """All that is wrong with one carton.

    Attributes:
        settled: what every carton has.
        bends: displacements, each with its bit; 0 for what is no damage.
        wounds: of the board.
        opening: of its flaps; None for a closed top.
    """

    settled: Settle
    bends: list[tuple[Harm, int]] = field(default_factory=list)
    wounds: list[Wound] = field(default_factory=list)
    opening: Opening | None = None

    @property
    def hollow(self) -> bool:
        """Whether one may look inside."""
        return self.opening is not None or any(isinstance(wound, Cut) for wound in self.wounds)


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What a draw of damage needs to know: the box, and its faces that the camera sees, in its own frame."""

    size: Size
    faces: list[Face]
    rng: Rng

    @property
    def unit(self) -> float:
        """mm, the box's shortest side."""
        return min(self.size)

    def spot(self, margin: float = 0.08) -> tuple[Points, Face]:
        """A place on one of the faces."""
        face = self.faces[int(self.rng.choice(len(self.faces), p=self._weights()))]
        u, v = self.rng.uniform(margin, 1 - margin, 2)
        return face.origin + face.right * face.size[0] * u + face.down * face.size[1] * v, face

    def corner(self) -> Points:
        """A corner of the box that is seen, on the floor at times."""
        face = self.faces[int(self.rng.integers(len(self.faces)))]
        return np.asarray(face.corners()[int(self.rng.integers(4))])

    def edge(self) -> tuple[Points, Points]:
        """A place on an edge that is seen, and the edge's unit vector."""
        face = self.faces[int(self.rng.integers(len(self.faces)))]
        corners, start = face.corners(), int(self.rng.integers(4))
        a, b = corners[start], corners[(start + 1) % 4]
        return a + (b - a) * self.rng.uniform(0.12, 0.88), (b - a) / np.linalg.norm(b - a)

    def inward(self, place: Points, wander: float) -> Points:
        """About the way from a place of the hull to the middle of the box."""
        way = np.array([0, 0, self.size[2] / 2]) - place
        way = way / np.linalg.norm(way) + self.rng.normal(0, wander, 3)
        return np.asarray(way / np.linalg.norm(way))

    def _weights(self) -> Points:
        area = np.array([face.size[0] * face.size[1] for face in self.faces]) ** 0.5
        return np.asarray(area / area.sum())


def _log(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def dent(stage: Stage, damage: Damage) -> None:
    """A face pushed in."""
    rng = stage.rng
    place, face = stage.spot()
    reach = _log(rng, 0.12, 0.5) * stage.unit * rng.uniform(0.6, 1.5, 3)
    way = -face.normal + rng.normal(0, 0.2, 3)
    most = float(reach.min() * rng.uniform(0.18, 0.55))
    region = Blunt.random(rng, place, reach, int(rng.integers(3, 10)))
    damage.bends.append(
        (Press(region, way / np.linalg.norm(way), max(most, 5.0), rng.uniform(0.35, 1)), DENT)
    )
    if rng.random() < 0.5:
        period = float(reach.mean() * rng.uniform(0.25, 0.7))
        wide = Blunt(place, region.sides / 1.3)
        damage.bends.append(
            (Crumple.random(rng, stage.size, most * rng.uniform(0.2, 0.6), period, wide), DENT)
        )


def corner(stage: Stage, damage: Damage) -> None:
    """A corner that hit the floor."""
    rng, place = stage.rng, stage.corner()
    reach = _log(rng, 0.15, 0.6) * stage.unit * rng.uniform(0.6, 1.5, 3)
    region = Blunt.random(rng, place, reach, int(rng.integers(4, 12)))
    most = float(reach.min() * rng.uniform(0.25, 0.7))
    damage.bends.append((Press(region, stage.inward(place, 0.3), max(most, 7.0), rng.uniform(0.4, 1)), CRUSH))
    _crumpled(stage, damage, region, place, most)


def edge(stage: Stage, damage: Damage) -> None:
    """An edge pressed in."""
    rng = stage.rng
    place, along = stage.edge()
    across = _log(rng, 0.1, 0.4) * stage.unit
    reach = across * (1 + np.abs(along) * rng.uniform(0.3, 2.5)) * rng.uniform(0.7, 1.3, 3)
    region = Blunt.random(rng, place, reach, int(rng.integers(4, 10)))
    way = stage.inward(place, 0.25)
    way = way - along * (way @ along) * 0.8
    most = float(across * rng.uniform(0.25, 0.7))
    damage.bends.append(
        (Press(region, way / np.linalg.norm(way), max(most, 6.0), rng.uniform(0.4, 1)), CRUSH)
    )
    _crumpled(stage, damage, region, place, most)


def _crumpled(stage: Stage, damage: Damage, region: Blunt, place: Points, most: float) -> None:
    """Creases around a crushed place; at times the board splits along it."""
    rng = stage.rng
    reach = float(1 / np.linalg.norm(region.sides, axis=1).mean())
    wide = Blunt(place, region.sides / rng.uniform(1.0, 1.7))
    crease = Crumple.random(
        rng, stage.size, most * rng.uniform(0.15, 0.5), reach * rng.uniform(0.25, 0.8), wide
    )
    damage.bends.append((crease, CRUSH))
    if rng.random() < 0.3:
        size = np.maximum(reach * rng.uniform(0.06, 0.5, 3), 5.0)
        split = Blunt.random(rng, place + rng.normal(0, 0.2, 3) * reach, size, 6)
        damage.wounds.append(Cut(split, 0.3, rng.uniform(1.5, 7), TEAR))


def buckle(stage: Stage, damage: Damage) -> None:
    """Pressed from above, by too high a stack."""
    rng = stage.rng
    damage.bends.append((Buckle.random(rng, stage.size), CRUSH))
    if rng.random() < 0.6:
        most, period = stage.unit * rng.uniform(0.01, 0.05), stage.unit * rng.uniform(0.15, 0.6)
        damage.bends.append((Crumple.random(rng, stage.size, most, period), CRUSH))


def sunken(stage: Stage, damage: Damage) -> None:
    """The top pressed down."""
    rng = stage.rng
    top = np.array([*(rng.uniform(-0.25, 0.25, 2) * stage.size[:2]), stage.size[2]])
    reach = np.array([*(np.array(stage.size[:2]) * rng.uniform(0.3, 0.6, 2)), stage.size[2] * 0.5])
    most = float(stage.unit * _log(rng, 0.05, 0.3))
    region = Blunt.random(rng, top, reach, int(rng.integers(3, 9)))
    damage.bends.append((Press(region, np.array([0.0, 0.0, -1.0]), most, rng.uniform(0.4, 1.0)), CRUSH))


def crumple(stage: Stage, damage: Damage) -> None:
    """Creases all over, as after a fall or rain."""
    rng = stage.rng
    for _ in range(int(rng.integers(1, 4))):
        most, period = stage.unit * _log(rng, 0.025, 0.08), stage.unit * _log(rng, 0.15, 0.8)
        damage.bends.append((Crumple.random(rng, stage.size, most, period), CRUSH))


def hole(stage: Stage, damage: Damage) -> None:
    """Pierced by a fork or another load; mostly pushed in around."""
    rng = stage.rng
    if rng.random() < 0.25:
        place, way = stage.corner(), None
    elif rng.random() < 0.25:
        place, way = stage.edge()[0], None
    else:
        place, face = stage.spot()
        way = -face.normal
    reach = np.maximum(_log(rng, 0.05, 0.28) * stage.unit * rng.uniform(0.5, 1.6, 3), 7.0)
    region = Blunt.random(rng, place, reach, int(rng.integers(3, 9)))
    damage.wounds.append(Cut(region, rng.uniform(0.08, 0.4), rng.uniform(1.5, 9), HOLE))
    if rng.random() < 0.7:
        inwards = stage.inward(place, 0.1) if way is None else way
        wide = Blunt(place, region.sides / rng.uniform(1.6, 3.2))
        damage.bends.append((Press(wide, inwards, float(reach.mean() * rng.uniform(0.2, 0.7))), HOLE))


def tear(stage: Stage, damage: Damage) -> None:
    """A rip, one lip of it standing out."""
    rng = stage.rng
    if rng.random() < 0.4:
        place, along = stage.edge()
        out = -stage.inward(place, 0.0)
    else:
        place, face = stage.spot()
        turn = rng.uniform(0, 2 * np.pi)
        along, out = face.right * np.cos(turn) + face.down * np.sin(turn), face.normal
    half, wide = stage.unit * _log(rng, 0.1, 0.45), max(stage.unit * _log(rng, 0.01, 0.05), 3.0)
    long = Blunt.random(rng, place, np.full(3, wide), 6)
    # Stretched along the rip: what counts across counts less along.
    sides = long.sides - np.outer(long.sides @ along, along) * (1 - wide / half)
    damage.wounds.append(Cut(Blunt(place, sides), rng.uniform(0.15, 0.5), rng.uniform(1.5, 6), TEAR))
    side = np.cross(out, along)
    side = side / max(float(np.linalg.norm(side)), 1e-9) * rng.choice([-1.0, 1.0])
    if rng.random() < 0.75:
        width = max(half * rng.uniform(0.3, 0.9), 12.0)
        lift = width * rng.uniform(0.1, 0.5) * rng.choice([1.0, 1.0, -1.0])
        damage.bends.append((Lip(place, along, side, out, half * 1.2, width, lift), TEAR))


def peel(stage: Stage, damage: Damage) -> None:
    """The outer paper torn off, as by tape or a hook."""
    rng = stage.rng
    place = stage.spot()[0] if rng.random() < 0.7 else stage.edge()[0]
    reach = np.maximum(_log(rng, 0.06, 0.4) * stage.unit * rng.uniform(0.4, 1.6, 3), 9.0)
    flutes = float(rng.uniform(4, 8.5)) if rng.random() < 0.55 else 0.0
    region = Blunt.random(rng, place, reach, int(rng.integers(3, 9)))
    damage.wounds.append(Peel(region, rng.uniform(0.1, 0.4), flutes))


def wet(stage: Stage, damage: Damage) -> None:
    """Stood in water or rained upon; the board sags."""
    rng = stage.rng
    region, level = None, float(stage.size[2] * rng.uniform(0.12, 0.7))
    if rng.random() < 0.5:
        place = stage.spot()[0]
        reach = _log(rng, 0.15, 0.7) * stage.unit * rng.uniform(0.6, 1.6, 3)
        region = Blunt.random(rng, place, reach, int(rng.integers(6, 16)))
    damage.wounds.append(
        Stain(region, level, rng.uniform(0.18, 0.5), rng.choice([0.0, rng.uniform(0.1, 0.6)]))
    )
    if rng.random() < 0.4:
        most, period = stage.unit * rng.uniform(0.01, 0.03), stage.unit * rng.uniform(0.2, 0.6)
        damage.bends.append((Crumple.random(rng, stage.size, most, period), 0))


def open_flap(stage: Stage, damage: Damage) -> None:
    """The top stands open: wide, gaping, or with one flap up."""
    rng = stage.rng
    roll = rng.random()
    if roll < 0.35:
        angles = rng.uniform(80, 235, 4)
    elif roll < 0.7:
        angles = np.array([*rng.uniform(6, 75, 2), *rng.uniform(0, 12, 2)])
    else:
        angles = np.zeros(4)
        angles[int(rng.integers(2))] = rng.uniform(15, 220)
    # The flaps that meet in the middle are those of the longer edges.
    if stage.size[1] > stage.size[0]:
        angles = angles[[2, 3, 0, 1]]
    front, back, right, left = (float(angle) for angle in angles)
    damage.opening = Opening((front, back, right, left), float(rng.normal(0, 15)))


Maker = Callable[[Stage, Damage], None]
MAKERS: tuple[tuple[Maker, float], ...] = (
    (dent, 2.2),
    (corner, 2.0),
    (edge, 1.8),
    (buckle, 0.9),
    (sunken, 0.6),
    (crumple, 1.2),
    (hole, 1.7),
    (tear, 1.7),
    (peel, 1.0),
    (wet, 1.1),
    (open_flap, 1.3),
)


def random_damage(stage: Stage, damage: Damage) -> None:
    """One to four kinds of damage; one that was crushed is often torn as well."""
    weights = np.array([weight for _, weight in MAKERS])
    for _ in range(1 + int(min(stage.rng.poisson(0.8), 3))):
        MAKERS[int(stage.rng.choice(len(MAKERS), p=weights / weights.sum()))][0](stage, damage)
