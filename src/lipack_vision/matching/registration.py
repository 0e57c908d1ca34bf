"""Which faces of a carton two pictures both show, and how one lies on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, transform
from lipack_vision.integrity.types import Polygon
from lipack_vision.matching.features import Features, PointSet, matched_points, single_pairs
from lipack_vision.matching.moved import moved_print
from lipack_vision.matching.region import face_region, hull_of, intersection, within
from lipack_vision.matching.tilted import guided_points
from lipack_vision.types import ImageArray, Quad

Floats = npt.NDArray[np.float32]
Counts = Callable[[Floats], npt.NDArray[np.bool_]]
Plane = tuple[Homography, Floats]
"""From the reference to the photo, and the pairs ``(N, 2, 2)`` that agree with it."""

_MOST_FACES = 5
"""A photo of a carton shows three faces, one of an unfolded carton more."""
_REACH = 3.0
"""Pixels at working size by which a pair may miss its place."""
_NEAR = 10.0
"""Pixels at working size within which a pair belongs to a face found before: cartons bulge."""
LEAST_PAIRS = 16
"""Pairs from which a face counts as found."""
LEAST_ALONE = 24
"""Pairs from which it does where the carton's faces do not confirm it."""
LEAST_AGREEMENT = 0.4
"""Share of all pairs on the found part of the face which must agree with it."""
_LEAST_SPREAD = 10.0
"""Standard deviation in pixels at working size of the pairs along their narrower direction: one line of
print gives no plane."""
_MOST_STRETCH = 8.0
"""By how much more one direction may be squeezed than the other."""

WEAK = 60
"""Pairs on all faces below which it is worth looking more thoroughly."""
_MOVED = 0.5
"""Share of a plane's pairs that were moved on another one, from which it is no face of its own."""
_SHARED = 0.3
"""Share of the smaller of two regions from which they are the same place."""


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """A face that both pictures show.

    Attributes:
        matrix: 3 x 3, from pixels of the reference to those of the photo.
        pairs: ``(N, 2, 2)`` points that agree: on the reference, on the photo.
        region: ``(N, 2)`` the part of the reference that lies on the face, convex.
        moved: ``(M, 2, 2)`` points of print that lies elsewhere on the face; see `moved.moved_print`.
    """

    matrix: Homography
    pairs: Floats
    region: Polygon
    moved: Floats = field(default_factory=lambda: np.zeros((0, 2, 2), np.float32))


def register(
    reference: ImageArray | Features,
    photo: ImageArray | Features,
    *,
    reference_faces: Sequence[Quad] = (),
    photo_faces: Sequence[Quad] = (),
    aslant: Callable[[], Sequence[PointSet]] | None = None,
    counts: Counts = lambda pairs: np.ones(len(pairs), bool),
) -> list[Registered]:
    """Find the faces that two pictures both show, the best supported first; empty: they cannot be compared.

    Args:
        reference, photo: RGB ``uint8 (H, W, 3)``, or their points found before.
        reference_faces, photo_faces: faces of the carton ``(4, 2)`` as far as they are known. They help to
            find points on what is seen aslant, and only with them is a face taken whole; else it is that part
            of it in which points agree.
        aslant: gives points of the photo seen from aslant (`tilted.tilted_points`), to look among where
            little is found; that takes a second.
        counts: which of pairs ``(N, 2, 2)``, on the reference and on the photo, may make a face: those on the
            carton; ``bool (N,)``.
    """
    first = reference if isinstance(reference, Features) else Features.of(reference, reference_faces)
    second = photo if isinstance(photo, Features) else Features.of(photo, photo_faces)
    unit = np.array([first.unit, second.unit], np.float32)
    planes: list[Plane] = []
    alike: list[Floats] = []
    for one, other, most in _set_pairs(first, second):
        alike.append(matched_points(one, other))
        planes += _planes(alike[-1][counts(alike[-1])], unit, most)
    found = _faces(planes, first, unit, reference_faces, photo_faces)
    if aslant is not None and sum(len(one.pairs) for one in found) < WEAK:
        more, pairs = _aslant(first, second, unit, aslant(), counts)
        alike += pairs
        found = _faces(planes + more, first, unit, reference_faces, photo_faces)
    if not found:
        return []
    every = single_pairs(np.concatenate(alike))
    rest = every[np.logical_and.reduce([_misses(one.matrix, every, unit) > _NEAR for one in found])]
    return [replace(one, moved=moved_print(one.matrix, one.pairs, rest, float(unit[0]))) for one in found]


def _faces(
    planes: list[Plane],
    first: Features,
    unit: Floats,
    reference_faces: Sequence[Quad],
    photo_faces: Sequence[Quad],
) -> list[Registered]:
    """The planes that are faces, each place once; print that was moved on one of them is no face."""
    found: list[Registered] = []
    for matrix, own in sorted(planes, key=lambda plane: -len(plane[1])):
        reach = face_region(matrix, own, first.size, reference_faces, photo_faces)
        if reach is None or (not reach.confirmed and len(own) < LEAST_ALONE):
            continue
        if any(_same_place(matrix, reach.region, before) for before in found):
            continue
        if not any(_was_moved(own, before, unit) for before in found):
            found.append(Registered(matrix, own, reach.region))
    return found[:_MOST_FACES]


def _was_moved(pairs: Floats, face: Registered, unit: Floats) -> bool:
    """Whether a plane is print that was moved on a face found before."""
    return len(moved_print(face.matrix, face.pairs, pairs, float(unit[0]))) > _MOVED * len(pairs)


def _aslant(
    first: Features, second: Features, unit: Floats, views: Sequence[PointSet], counts: Counts
) -> tuple[list[Plane], list[Floats]]:
    """Planes found on aslant views, then looked at again as they lie on the reference; and those pairs."""
    better: list[Plane] = []
    pairs: list[Floats] = []
    for points in views:
        found = matched_points(first.whole, points)
        for matrix, own in _planes(found[counts(found)], unit, _MOST_FACES):
            again = matched_points(first.whole, guided_points(first, second, matrix))
            better += [(matrix, own), *_planes(again[counts(again)], unit, 1)]
            pairs.append(again)
    return better, pairs


def _set_pairs(first: Features, second: Features) -> Iterator[tuple[PointSet, PointSet, int]]:
    """Which points to look for among which, and how many planes there may be."""
    yield first.whole, second.whole, _MOST_FACES
    for one in first.faces or (first.whole,):
        for other in second.faces or (second.whole,):
            if first.faces or second.faces:
                yield one, other, 1 if first.faces and second.faces else 2


def _planes(pairs: Floats, unit: Floats, most: int) -> list[Plane]:
    """Planes that many pairs agree with, one after the other, and those pairs."""
    found: list[Plane] = []
    rest = pairs
    for _ in range(2 * most):
        matrix = _fit(rest, unit)
        if matrix is None or len(found) == most:
            break
        agree = _misses(matrix, rest, unit) <= _REACH
        own = rest[agree]
        if len(own) < LEAST_PAIRS:
            break
        if _plausible(matrix, own, pairs, unit):
            found.append((matrix, own))
            rest = rest[_misses(matrix, rest, unit) > _NEAR]
        else:
            rest = rest[~agree]
    return found


def _same_place(matrix: Homography, region: Polygon, other: Registered) -> bool:
    """Whether two planes claim the same part of the reference, or of the photo."""
    on_photo = transform(region, matrix), transform(other.region, other.matrix)
    for one, two in ((region, other.region), on_photo):
        shared = intersection(one, two)
        least = min(float(cv2.contourArea(hull_of(part))) for part in (one, two))
        if shared is not None and float(cv2.contourArea(shared)) > _SHARED * least:
            return True
    return False


def _fit(pairs: Floats, unit: Floats) -> Homography | None:
    """The plane that most pairs agree with, by MAGSAC; the same pairs always give the same one."""
    if len(pairs) < LEAST_PAIRS:
        return None
    source, target = pairs[:, 0] / unit[0], pairs[:, 1] / unit[1]
    matrix, _ = cv2.findHomography(source, target, cv2.USAC_MAGSAC, _REACH, maxIters=5000, confidence=0.999)
    if matrix is None or not np.isfinite(matrix).all() or abs(np.linalg.det(matrix)) < 1e-12:
        return None
    scaled = np.diag([unit[1], unit[1], 1.0]) @ matrix @ np.diag([1 / unit[0], 1 / unit[0], 1.0])
    return np.asarray(scaled / scaled[2, 2], np.float64) if abs(scaled[2, 2]) > 1e-12 else None


def _misses(matrix: Homography, pairs: Floats, unit: Floats) -> Floats:
    """By how many pixels ``(N,)`` of the photo at working size each pair misses its place."""
    if not len(pairs):
        return np.zeros(0, np.float32)
    away = np.linalg.norm(transform(pairs[:, 0], matrix) - pairs[:, 1], axis=1) / unit[1]
    return np.asarray(np.nan_to_num(away, nan=np.inf), np.float32)


def _plausible(matrix: Homography, own: Floats, pairs: Floats, unit: Floats) -> bool:
    """Whether agreeing pairs can be a face of a carton, not chance or one line of print."""
    for side in (0, 1):
        spread = np.linalg.eigvalsh(np.cov((own[:, side] / unit[side]).T))
        if np.sqrt(max(float(spread[0]), 0.0)) < _LEAST_SPREAD:
            return False
    hull = hull_of(own[:, 0])
    agreeing = _misses(matrix, pairs[within(hull, pairs[:, 0])], unit) <= _NEAR
    return bool(agreeing.mean() >= LEAST_AGREEMENT) and _seen_from_outside(matrix, hull, unit)


def _seen_from_outside(matrix: Homography, hull: Floats, unit: Floats) -> bool:
    """Whether a camera can see the hull so: not mirrored, not beyond the horizon, not squeezed to a line."""
    points = np.concatenate([hull, hull.mean(axis=0, keepdims=True)])
    ends = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    if not ((ends[:, 2] > 1e-9).all() or (ends[:, 2] < -1e-9).all()):
        return False
    for x, y, w in ends:
        local = (matrix[:2, :2] - np.outer([x / w, y / w], matrix[2, :2])) / w * unit[0] / unit[1]
        values = np.linalg.svd(local, compute_uv=False)
        if np.linalg.det(local) <= 0 or values[0] > _MOST_STRETCH * values[1] or not 0.05 < values[0] < 20:
            return False
    return True
