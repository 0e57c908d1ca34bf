"""Print that lies elsewhere on a face than on the reference: a moved label, a carton of another size.

What was also turned by more than a little is not found: its points miss their places in different ways.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, transform
from lipack_vision.matching.region import enlarged, hull_of, within

Floats = npt.NDArray[np.float32]

LEAST_MOVED = 12
"""Pairs from which print counts as moved; fewer agree by chance."""
_LEAST_AWAY = 18.0
"""Pixels at working size by which it must have moved."""
_ALIKE = 4.0
"""Pixels at working size by which the ways of its points may differ."""
_ACROSS = 200.0
"""Pixels at working size of the reference from one of its points to the others, at most."""
_LEAST_SPREAD = 6.0
"""Standard deviation in pixels at working size of its points along their narrower direction."""
_MOST_GROWN, _MOST_SHRUNK = 1.15, 0.85
"""By how much it may seem larger or smaller: print on another face of the carton is seen at another angle."""
_STAYS = 0.5
"""Part of its way by which it must miss its place everywhere between it and the rest of the face."""
_STEPS = 21
_WHOLE, _AROUND = 0.6, 0.3
"""Share of the points in question on and around it that must be of it."""
_COPY = 0.2
"""Share of its points up to which others on the same place may be where they belong: one of two signs that
look alike has not moved onto the other."""
_MOST = 1500
"""Pairs that are looked at, at most."""


def moved_print(matrix: Homography, own: Floats, pairs: Floats, unit: float) -> Floats:
    """The largest group of pairs that lie on a face of the reference but elsewhere on that of the photo.

    Laid back on the reference by the plane of the face, all points of such a print miss their place in the
    same way. What lies on another face does not: seen at another angle it is squeezed, or misses its place
    the less, the nearer it is to the edge that both faces share.

    Args:
        matrix: of the face, from the reference to the photo.
        own: ``(N, 2, 2)`` points that agree with it: on the reference, on the photo.
        pairs: ``(N, 2, 2)`` points that look alike and do not agree with the plane.
        unit: pixels of the reference in one at working size.

    Returns:
        ``(M, 2, 2)`` on the reference and on the photo; M is 0 or at least `LEAST_MOVED`.
    """
    seen = pairs[:: max(1, math.ceil(len(pairs) / _MOST))]
    if len(seen) < LEAST_MOVED:
        return pairs[:0]
    middle = own[:, 0].mean(axis=0) / unit
    before = seen[:, 0] / unit
    laid = transform(seen[:, 1], np.asarray(np.linalg.inv(matrix), np.float64)) / unit
    alike = _alike(before, laid)
    rest = np.ones(len(seen), bool)
    while True:
        # The largest group that is left: a point's fellows, where the point itself is left.
        sizes = np.where(rest, (alike & rest).sum(axis=1), 0)
        group = alike[int(sizes.argmax())] & rest
        if sizes.max() < LEAST_MOVED:
            return pairs[:0]
        if _same_face(before[group], laid[group], middle) and _as_a_whole(seen[group], seen[rest], own):
            return np.asarray(seen[group], np.float32)
        rest &= ~group


def _alike(before: Floats, laid: Floats) -> npt.NDArray[np.bool_]:
    """Which points ``(N, N)`` are near each other and miss their place in the same way."""
    away = laid - before
    known = np.isfinite(away).all(axis=1)
    away[~known] = 0
    alike = np.linalg.norm(away[:, None] - away[None], axis=2) <= _ALIKE
    alike &= np.linalg.norm(before[:, None] - before[None], axis=2) <= _ACROSS
    return np.asarray(alike & np.outer(known, known), bool)


def _as_a_whole(group: Floats, rest: Floats, own: Floats) -> bool:
    """Whether print moved as a whole, away from where nothing is now, and to where nothing was."""
    if len(group) < _WHOLE * _inside(group[:, 0], rest[:, 0], _AROUND):
        return False
    return all(_inside(group[:, side], own[:, side]) <= _COPY * len(group) for side in (0, 1))


def _inside(group: Floats, points: Floats, around: float = 0.0) -> int:
    """How many points lie within the hull of a group, enlarged by a part."""
    hull = enlarged(hull_of(group), around)
    return int(within(hull, points).sum())


def _same_face(before: Floats, laid: Floats, middle: Floats) -> bool:
    """Whether points ``(N, 2)`` were moved on the face around ``middle``, and are not on another one."""
    way = float(np.linalg.norm((laid - before).mean(axis=0)))
    if way < _LEAST_AWAY:
        return False
    spread = np.linalg.eigvalsh(np.cov(before.T))
    if np.sqrt(max(float(spread[0]), 0.0)) < _LEAST_SPREAD:
        return False
    fit, _ = cv2.estimateAffine2D(before, laid, ransacReprojThreshold=_ALIKE)
    if fit is None:
        return False
    local = np.asarray(fit[:, :2], np.float64)
    grown = np.linalg.svd(local, compute_uv=False)
    if np.linalg.det(local) <= 0 or grown[0] > _MOST_GROWN or grown[1] < _MOST_SHRUNK:
        return False
    # Where the plane of another face meets this one, at their edge, nothing misses its place.
    line = np.linspace(before.mean(axis=0), middle, _STEPS)
    missed = np.linalg.norm(line @ local.T + fit[:, 2] - line, axis=1)
    return bool(missed.min() >= _STAYS * way)
