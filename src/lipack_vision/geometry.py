"""Quads, homographies, rectifying, and millimetres from a label of known size."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ShapeError
from lipack_vision.types import ImageArray, Quad, as_quad

Homography = npt.NDArray[np.float64]
"""3 x 3 projective map of pixel coordinates."""
NEXT_CORNER = [1, 2, 3, 0]
"""Numbers of the corners that follow corners 0 to 3; `np.roll` takes ten times as long."""
_GRID, _FAR = 64, 10_000
"""Steps of the grid along the longer side of a polygon whose share is counted, and from it at most."""


def unit_quad(width: float, height: float) -> Quad:
    """Corners of an upright ``width`` x ``height`` rectangle, from the top-left one clockwise."""
    return as_quad(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))


def homography(source: Quad, target: Quad) -> Homography:
    """The projective map that takes the four ``source`` corners to the ``target`` corners.

    Raises:
        ShapeError: three corners of a quad lie on one line.
    """
    for name, quad in (("source", source), ("target", target)):
        if not is_convex(quad):
            raise ShapeError(
                f"{name} quad",
                expected="a convex quadrilateral",
                found=np.array2string(np.asarray(quad), precision=1, separator=", "),
                cure="Give the corners in order around the shape, no three on one line.",
            )
    matrix = cv2.getPerspectiveTransform(np.asarray(source, np.float32), np.asarray(target, np.float32))
    return np.asarray(matrix, np.float64)


def transform(points: npt.ArrayLike, matrix: Homography) -> npt.NDArray[np.float32]:
    """Map points ``(N, 2)`` by a homography."""
    given = np.asarray(points, np.float64).reshape(-1, 1, 2)
    return cv2.perspectiveTransform(given, matrix).reshape(-1, 2).astype(np.float32)


def is_convex(quad: npt.ArrayLike) -> bool:
    """Whether the corners, in order, make a convex shape with no three on one line."""
    # Plain numbers: this is asked hundreds of times per photo, and NumPy begins slowly.
    a, b, c, d = np.asarray(quad, np.float64).tolist()
    edges = [(q[0] - p[0], q[1] - p[1]) for p, q in ((a, b), (b, c), (c, d), (d, a))]
    cross = [p[0] * q[1] - p[1] * q[0] for p, q in zip(edges, [*edges[1:], edges[0]], strict=True)]
    least = 1e-4 * max(1e-9, *(abs(step) for edge in edges for step in edge)) ** 2
    return all(turn > least for turn in cross) or all(turn < -least for turn in cross)


def is_clockwise(quad: npt.ArrayLike) -> bool:
    """Whether the corners make a convex shape and run clockwise, with y pointing down as in photos."""
    return is_convex(quad) and _turned_area(quad) > 0


def area(quad: npt.ArrayLike) -> float:
    """Area in square pixels (shoelace formula)."""
    return abs(_turned_area(quad))


def _turned_area(quad: npt.ArrayLike) -> float:
    """The area, above 0 where the corners run clockwise: half the product of the diagonals."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = np.asarray(quad, np.float64).tolist()
    return float((cx - ax) * (dy - by) - (dx - bx) * (cy - ay)) / 2


def side_lengths(quad: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Lengths ``(4,)`` in pixels of the sides, the first from corner 0 to corner 1."""
    points = np.asarray(quad, np.float64)
    return np.asarray(np.linalg.norm(points[NEXT_CORNER] - points, axis=1))


def bounding_box(quad: npt.ArrayLike) -> tuple[float, float, float, float]:
    """Smallest upright box ``(x0, y0, x1, y1)`` around the corners."""
    points = np.asarray(quad, np.float64)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def quad_iou(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Intersection over union of two convex quads, 0..1."""
    inter = _shared(first, second)
    union = area(first) + area(second) - inter
    return min(max(inter / union, 0.0), 1.0) if union > 0 else 0.0


def quad_cover(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Intersection of two convex quads over the area of the smaller one, 0..1."""
    smaller = min(area(first), area(second))
    return min(max(_shared(first, second) / smaller, 0.0), 1.0) if smaller > 0 else 0.0


def covered_share(polygon: npt.ArrayLike, others: Iterable[npt.ArrayLike]) -> float:
    """Share 0..1 of a polygon ``(N, 2)`` that others, of any shape, cover together; counted on a grid."""
    corners = np.asarray(polygon, np.float64)
    low, zoom = corners.min(axis=0), _GRID / max(float(np.ptp(corners, axis=0).max()), 1e-6)
    own, shared = np.zeros((2, _GRID + 1, _GRID + 1), np.uint8)
    for mask, group in ((own, [corners]), (shared, others)):
        for one in group:
            # Beyond some thousand steps OpenCV draws nothing.
            steps = np.clip((np.asarray(one, np.float64) - low) * zoom, -_FAR, _FAR)
            cv2.fillPoly(mask, [np.rint(steps).astype(np.int32)], 1)
    return float((own & shared).sum() / max(int(own.sum()), 1))


def _shared(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    a, b = (np.asarray(q, np.float32).reshape(4, 1, 2) for q in (first, second))
    try:
        inter, _ = cv2.intersectConvexConvex(a, b)
    except cv2.error:
        # OpenCV refuses some degenerate shapes; those overlap nothing.
        return 0.0
    return float(inter)


def expand(quad: npt.ArrayLike, fraction: float) -> Quad:
    """The quad with each corner moved away from the centre by ``fraction`` of its distance."""
    points = np.asarray(quad, np.float32)
    centre = points.mean(axis=0)
    return as_quad(centre + (points - centre) * (1 + fraction))


def natural_size(quad: npt.ArrayLike) -> tuple[int, int]:
    """Width and height in whole pixels that keep the longest sides of the quad undiminished."""
    top, right, bottom, left = side_lengths(quad)
    return max(1, round(max(top, bottom))), max(1, round(max(left, right)))


def rectify(image: ImageArray, quad: npt.ArrayLike, size: tuple[int, int] | None = None) -> ImageArray:
    """Warp what lies inside the quad to an upright ``(height, width, 3)`` picture.

    Args:
        image: RGB ``uint8 (H, W, 3)``.
        quad: corners ``(4, 2)``; the first becomes the top-left corner of the result.
        size: ``(width, height)`` of the result; by default `natural_size`.
    Raises:
        ShapeError: the quad is not convex.
    """
    corners = as_quad(quad)
    width, height = size or natural_size(corners)
    matrix = homography(corners, unit_quad(width, height))
    natural_width, natural_height = natural_size(corners)
    shrinks = width < natural_width / 2 or height < natural_height / 2
    if not shrinks:
        return _warp(image, matrix, (width, height))
    # Warping to a much smaller size would skip pixels; warp at full size, then average.
    full = rectify(image, corners, (natural_width, natural_height))
    return np.asarray(cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _warp(image: ImageArray, matrix: Homography, size: tuple[int, int]) -> ImageArray:
    warped = cv2.warpPerspective(image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def millimetre_map(quad: npt.ArrayLike, width_mm: float, height_mm: float) -> Homography:
    """Map from pixels to millimetres in the plane of a mark of known size.

    Only points on the same flat face may be measured with it.

    Args:
        quad: the mark's corners in pixels.
        width_mm: its true width (a hazard label: its side, 100 mm).
        height_mm: its true height.
    """
    return homography(as_quad(quad), unit_quad(width_mm, height_mm))


def size_mm(quad: npt.ArrayLike, to_mm: Homography) -> tuple[float, float]:
    """Width and height in millimetres of another mark on the same face."""
    top, right, bottom, left = side_lengths(transform(quad, to_mm))
    return float(top + bottom) / 2, float(left + right) / 2
