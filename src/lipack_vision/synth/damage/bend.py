"""How a carton loses its shape: displacements that depend on the place alone, so that faces stay joined.

All places are in the box's own frame in mm: x along its length, y along its width, the middle of its
underside at the origin, z up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipack_vision.synth.camera import Points
from lipack_vision.synth.texture import Rng

Size = tuple[float, float, float]


def outward(places: Points, size: Size) -> Points:
    """Unit vectors ``(..., 3)`` out of the box: normals on the faces, blended close to the edges."""
    half = np.array(size) / 2
    local = (places - np.array([0.0, 0.0, half[2]])) / half
    steep = np.sign(local) * np.minimum(np.abs(local), 1.2) ** 15
    return np.asarray(steep / np.maximum(np.linalg.norm(steep, axis=-1, keepdims=True), 1e-9))


def directions(rng: Rng, count: int) -> Points:
    """Unit vectors ``(count, 3)`` to all sides."""
    raw = rng.normal(0, 1, (count, 3))
    return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True))


@dataclass(frozen=True, slots=True, eq=False)
class Blunt:
    """A region with flat sides around a place.

    Attributes:
        centre: ``(3,)`` mm.
        sides: ``(K, 3)`` vectors in 1/mm; the region is where none of them reaches 1.
    """

    centre: Points
    sides: Points

    @staticmethod
    def random(rng: Rng, centre: Points, reach: Points, count: int = 12) -> Blunt:
        """About ``reach`` (3,) mm large along the axes."""
        raw = directions(rng, count) * rng.uniform(0.8, 1.3, (count, 1))
        box = np.concatenate([np.eye(3), -np.eye(3)]) * rng.uniform(0.7, 1.2, (6, 1))
        return Blunt(centre, np.concatenate([raw, box]) / reach)

    def depth(self, places: Points) -> Points:
        """1 at the centre, 0 on the rim, below 0 outside; flat facets in between."""
        return np.asarray(1 - ((places - self.centre) @ self.sides.T).max(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class Press:
    """Board pushed in: a pyramid with facets, at times with a flat floor.

    Attributes:
        way: unit vector ``(3,)`` into the box.
        most: mm at the deepest place.
        floor: share of the depth at which it goes no deeper, 1 for a pyramid.
    """

    region: Blunt
    way: Points
    most: float
    floor: float = 1.0

    def move(self, places: Points) -> Points:
        """Displacement ``(..., 3)`` mm."""
        depth = np.clip(self.region.depth(places) / self.floor, 0, 1)
        return np.asarray(depth[..., None] * self.way * self.most)

    def hurt(self, places: Points) -> npt.NDArray[np.bool_]:
        """Where board counts as damaged, ``(...)``."""
        return np.asarray(self.region.depth(places) > 0.1)


@dataclass(frozen=True, slots=True, eq=False)
class Crumple:
    """Straight creases and flat facets between them, over a region or everywhere.

    Attributes:
        waves: ``(K, 3)`` in periods per mm; phases ``(K,)``.
        bend: ``(2, 3)`` in waves per mm, by which the creases leave their straight and even way.
        most: mm.
        region: where; None for the whole box.
    """

    size: Size
    waves: Points
    phases: Points
    bend: Points
    most: float
    region: Blunt | None = None

    @staticmethod
    def random(rng: Rng, size: Size, most: float, period: float, region: Blunt | None = None) -> Crumple:
        """Creases about ``period`` mm apart."""
        count = int(rng.integers(2, 5))
        # Board folds in straight lines some distance apart, and never deeper than its facets are steep.
        period = max(period, 0.1 * min(size), 25.0)
        waves = directions(rng, count) / (period * rng.uniform(0.8, 2.2, (count, 1)))
        slow = directions(rng, 2) / (period * rng.uniform(2.5, 6.0, (2, 1)))
        return Crumple(size, waves, rng.uniform(0, 1, count), slow, min(most, 0.2 * period), region)

    def hurt(self, places: Points) -> npt.NDArray[np.bool_]:
        """Where board counts as damaged, ``(...)``."""
        if self.region is None:
            return np.ones(places.shape[:-1], bool)
        return np.asarray(self.region.depth(places) > 0.06)

    def move(self, places: Points) -> Points:
        """Displacement ``(..., 3)`` mm, inwards mostly."""
        slow = np.sin(places @ self.bend.T * 2 * np.pi + self.phases[:2])
        phase = (places @ self.waves.T + self.phases + 0.35 * slow[..., :1]) % 1
        folds = (np.abs(phase * 2 - 1) * 2 - 1).mean(axis=-1) - 0.15
        folds = folds * (0.65 + 0.45 * slow[..., 1])
        if self.region is not None:
            folds = folds * np.clip(self.region.depth(places) * 3, 0, 1)
        return np.asarray(folds[..., None] * self.most * outward(places, self.size))


@dataclass(frozen=True, slots=True, eq=False)
class Buckle:
    """A carton pressed from above: its walls fold along a line around it, and all above comes down.

    Attributes:
        height: mm of the fold.
        band: mm above and below that the fold takes.
        most: mm outwards (or inwards below 0).
        down: mm that the top sinks; lean: share by which it sinks more to one side, ``(2,)``.
    """

    size: Size
    height: float
    band: float
    most: float
    down: float
    lean: Points
    waves: Points

    @staticmethod
    def random(rng: Rng, size: Size) -> Buckle:
        """Anywhere between a slight fold and half a collapse."""
        height = size[2] * rng.uniform(0.25, 0.85)
        band = min(height, size[2] - height, size[2] * rng.uniform(0.1, 0.35))
        most = band * rng.uniform(0.15, 0.5) * rng.choice([-1.0, 1.0])
        down = min(band * 0.8, abs(most) * rng.uniform(0.4, 1.2))
        return Buckle(size, height, band, most, down, rng.uniform(-1, 1, 2), rng.uniform(0.002, 0.012, 2))

    def move(self, places: Points) -> Points:
        """Displacement ``(..., 3)`` mm."""
        length, width, _ = self.size
        x, y, z = places[..., 0], places[..., 1], places[..., 2]
        fold = np.clip(1 - np.abs(z - self.height) / self.band, 0, 1)
        uneven = 0.7 + 0.6 * np.abs(((x * self.waves[0] + y * self.waves[1]) % 1) * 2 - 1)
        flat = outward(places * (1, 1, 0) + np.array([0, 0, self.size[2] / 2]), self.size)
        sunk = np.clip((z - self.height + self.band) / (2 * self.band), 0, 1)
        tilt = 1 + self.lean[0] * 2 * x / length + self.lean[1] * 2 * y / width
        moved = flat * (fold * uneven * self.most)[..., None]
        moved[..., 2] -= sunk * self.down * np.clip(tilt, 0, 2)
        return np.asarray(moved)

    def hurt(self, places: Points) -> npt.NDArray[np.bool_]:
        """Where board counts as damaged, ``(...)``."""
        return np.asarray(np.abs(places[..., 2] - self.height) < self.band * 0.8)


@dataclass(frozen=True, slots=True, eq=False)
class Lip:
    """Board beside a tear that stands out on one side of it.

    Attributes:
        middle: ``(3,)`` of the tear; along, side, out: unit vectors ``(3,)``.
        half: mm, half of its length; width: mm that lift; most: mm at its rim.
    """

    middle: Points
    along: Points
    side: Points
    out: Points
    half: float
    width: float
    most: float

    def move(self, places: Points) -> Points:
        """Displacement ``(..., 3)`` mm."""
        offset = places - self.middle
        beside, reach, off = offset @ self.side, np.abs(offset @ self.along), np.abs(offset @ self.out)
        lift = np.clip(1 - beside / self.width, 0, 1) * (beside > 0) * np.clip(1 - reach / self.half, 0, 1)
        return np.asarray((lift * (off < 8) * self.most)[..., None] * self.out)

    def hurt(self, places: Points) -> npt.NDArray[np.bool_]:
        """Where board counts as damaged, ``(...)``."""
        return np.asarray(np.linalg.norm(self.move(places), axis=-1) > 0.15 * abs(self.most))


@dataclass(frozen=True, slots=True, eq=False)
class Settle:
    """What every carton has: faces slightly round or hollow, and a slight lean. No damage.

    Attributes:
        bulge: mm outwards in the middle of the faces, ``(3,)`` for the axes.
        lean: mm that the top stands aside, ``(2,)``.
    """

    size: Size
    bulge: Points
    lean: Points

    @staticmethod
    def random(rng: Rng, size: Size) -> Settle:
        """Up to three hundredths of a face."""
        bulge = np.clip(rng.normal(0.004, 0.008, 3), -0.012, 0.03) * min(size)
        return Settle(size, bulge, rng.normal(0, 0.006, 2) * size[2])

    def move(self, places: Points) -> Points:
        """Displacement ``(..., 3)`` mm."""
        half = np.array(self.size) / 2
        local = np.abs((places - np.array([0.0, 0.0, half[2]])) / half)
        ordered = np.sort(np.minimum(local, 1), axis=-1)
        swell = (1 - ordered[..., 0] ** 2) * (1 - ordered[..., 1] ** 2)
        moved = outward(places, self.size) * self.bulge * swell[..., None]
        moved[..., :2] += (places[..., 2] / self.size[2])[..., None] * self.lean
        return np.asarray(moved)


Harm = Press | Crumple | Buckle | Lip
"""Displacements that may be damage."""
