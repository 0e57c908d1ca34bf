"""How far a face reaches that was found by points on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, area, expand, is_convex, quad_iou, transform
from lipack_vision.integrity.types import Polygon, as_polygon
from lipack_vision.types import Quad

Floats = npt.NDArray[np.float32]

_BESIDE = 0.05
"""By which part a face is enlarged when it is asked which points lie on it."""
_OWN = 0.8
"""Share of the points that must lie on the face."""
_SAME_FACE = 0.65
"""IoU from which a face of the reference, mapped, is the one that was found on the photo."""
_COVERED = 0.4
"""Share of a face within the hull of its points from which it needs no face on the photo."""
_STRAY = 0.25
"""Distance to the third nearest point, in parts of the largest distance, from which a point is a stray."""
_OTHER_FACE = 0.4
"""IoU below which it is another face than the one that was found on the photo."""
_HULL_ROOM, _FACE_ROOM = 0.1, 0.4
"""By which part the hull is enlarged: without a face, and within one that is not confirmed."""


class Reach(NamedTuple):
    """How far a face reaches.

    Attributes:
        region: ``(N, 2)`` on the reference, convex.
        confirmed: whether it is the whole face, and the photo shows one there, too.
    """

    region: Polygon
    confirmed: bool


def hull_of(points: Floats) -> Floats:
    """Convex hull ``(K, 2)`` of points ``(N, 2)``."""
    contiguous = np.ascontiguousarray(points, np.float32)
    return np.asarray(cv2.convexHull(contiguous).reshape(-1, 2), np.float32)


def face_region(
    matrix: Homography,
    pairs: Floats,
    size: tuple[int, int],
    reference_faces: Sequence[Quad],
    photo_faces: Sequence[Quad],
) -> Reach | None:
    """The part of the reference that one plane covers.

    Args:
        matrix: from the reference to the photo.
        pairs: ``(N, 2, 2)`` points that agree with it: on the reference, on the photo.
        size: width and height of the reference.
        reference_faces, photo_faces: known faces of the carton ``(4, 2)``.

    Returns:
        None where the faces contradict the plane: the same label at another place of another carton.
    """
    hull = hull_of(without_strays(pairs[:, 0]))
    frame = np.array([[0, 0], [size[0] - 1, 0], [size[0] - 1, size[1] - 1], [0, size[1] - 1]], np.float32)
    face, other = _face_of(pairs[:, 0], reference_faces), _face_of(pairs[:, 1], photo_faces)
    shared = None if face is None else intersection(face, frame)
    if face is not None and shared is not None and _in_view(matrix, shared):
        alike = None if other is None else quad_iou(_mapped(matrix, face), other)
        covered = float(cv2.contourArea(hull)) >= _COVERED * area(face)
        if alike is not None and alike < _OTHER_FACE and not covered:
            return None
        if covered or (alike is not None and alike >= _SAME_FACE):
            return Reach(as_polygon(shared), True)
        wide = intersection(shared, enlarged(hull, _FACE_ROOM))
        if wide is not None:
            return Reach(as_polygon(wide), False)
    wide = intersection(enlarged(hull, _HULL_ROOM), frame)
    return Reach(as_polygon(wide if wide is not None and _in_view(matrix, wide) else hull), False)


def intersection(first: Floats, second: Floats) -> Floats | None:
    """What two convex polygons share; None for nothing."""
    a, b = (hull_of(one).reshape(-1, 1, 2) for one in (first, second))
    try:
        size, shared = cv2.intersectConvexConvex(a, b)
    except cv2.error:  # degenerate shapes share nothing
        return None
    if shared is None or size <= 0 or len(shared) < 3:
        return None
    return np.asarray(shared.reshape(-1, 2), np.float32)


def enlarged(hull: Floats, part: float) -> Floats:
    """The polygon with each corner moved away from the middle by a part of its distance."""
    middle = hull.mean(axis=0)
    return np.asarray(middle + (hull - middle) * (1 + part), np.float32)


def within(polygon: Floats, points: Floats) -> npt.NDArray[np.bool_]:
    """Which points ``(N, 2)`` lie in a polygon ``(K, 2)`` or on its edge: ``bool (N,)``."""
    outline = np.ascontiguousarray(polygon, np.float32)
    return np.array([cv2.pointPolygonTest(outline, point, False) >= 0 for point in points.tolist()], bool)


def _face_of(points: Floats, faces: Sequence[Quad]) -> Quad | None:
    """The smallest face with nearly all points on it."""
    fitting = []
    for face in faces:
        if within(expand(face, _BESIDE), points).mean() >= _OWN and is_convex(face):
            fitting.append(face)
    return min(fitting, key=area, default=None)


def without_strays(points: Floats) -> Floats:
    """Points that have others near them: one that agrees by chance must not make the hull large."""
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    third = np.sort(apart, axis=1)[:, min(3, len(points) - 1)]
    near = third <= _STRAY * float(apart.max())
    return points[near] if near.sum() >= 3 else points


def _mapped(matrix: Homography, face: Quad) -> Quad:
    """A face on the photo; a point where it reaches beyond the horizon."""
    return transform(face, matrix) if _in_view(matrix, face) else np.zeros((4, 2), np.float32)


def _in_view(matrix: Homography, polygon: Floats) -> bool:
    """Whether no corner lies beyond the horizon of the plane."""
    depth = np.column_stack([polygon, np.ones(len(polygon))]) @ matrix[2]
    return bool((depth > 1e-9).all() or (depth < -1e-9).all())
