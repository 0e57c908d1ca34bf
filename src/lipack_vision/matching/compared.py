"""How much each cell of a face differs, and which of its cells could be compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import Homography, transform
from lipack_vision.integrity.maps import outline
from lipack_vision.integrity.types import Polygon, as_polygon
from lipack_vision.matching.region import enlarged, hull_of, without_strays

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

STRIDE = 4
"""Pixels of a picture per cell of the features."""
WORST = 0.002
"""Share of the compared cells that decide whether anything changed: the worst ones."""
LEAST_WORST = 3
NOTHING_SEEN = 30.0
"""Logit of change of a face of which nothing is to be seen."""
_BEYOND = 0.05
"""By which part the hull of the points that agree is enlarged when it is asked what lies beyond them."""
_SLIVER = 0.05
"""Part of a face's side, the root of its area, from its edge within which what differs or is hidden may be
what stands behind it; what reaches further in is something on the face."""
_LEAST_PLACE = 3
"""Cells of a place from which it is told; a smaller one is no thing that stands before a carton."""


def changed_logit(logits: Floats) -> float:
    """How changed compared cells ``(N,)`` look: the mean of the worst ones.

    Args:
        logits: of the comparison head; none: nothing is to be seen.
    """
    if not len(logits):
        return NOTHING_SEEN
    number = max(LEAST_WORST, round(WORST * len(logits)))
    return float(np.sort(logits)[::-1][:number].mean())


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFace:
    """How much each cell of a face differs.

    Attributes:
        logits: ``(h, w)``.
        shown: ``bool (h, w)`` the cells of the face that both pictures are supposed to show.
        hidden: ``bool (h, w)`` those of them where one of the pictures does not show the face.
        to_reference, to_photo: 3 x 3, from cells to pixels of the reference and of the photo.
        beyond: ``bool (h, w)`` cells along the edge that may not be of the face, see `within`; or ``(1, 1)``
            for all cells.
    """

    logits: Floats
    shown: Cells
    hidden: Cells
    to_reference: Homography
    to_photo: Homography
    beyond: Cells = field(default_factory=lambda: np.zeros((1, 1), bool))

    @property
    def cells(self) -> Cells:
        """``bool (h, w)``: the cells that were compared."""
        return self.shown & ~self.hidden & ~self.beyond

    def places(self, level: float) -> list[tuple[Polygon, float]]:
        """Places whose logits lie above a level: outline on the photo, and how changed each looks."""
        return [
            (_laid(own, self.to_photo), changed_logit(self.logits[own]))
            for own in places_of((self.logits > level) & self.cells)
        ]

    def hidden_places(self) -> list[tuple[Polygon, Polygon]]:
        """Places that one of the pictures does not show: their outlines on the photo and on the reference."""
        return [(_laid(own, self.to_photo), _laid(own, self.to_reference)) for own in places_of(self.hidden)]

    def compared_outlines(self) -> list[Polygon]:
        """Outer outlines on the reference of what was compared; hidden places may lie within."""
        return [_laid(own, self.to_reference) for own in places_of(self.cells)]

    def within(self, points: Floats) -> ComparedFace:
        """The same face without what may not be of it.

        How far a face reaches is not always known well. What differs or is hidden, lies beyond the points
        that agree and runs along the edge of the face may be what stands behind it: that is not compared,
        neither changed nor a hidden place.

        Args:
            points: ``(N, 2)`` on the reference that agree with the photo.
        """
        on_cells = transform(points, np.asarray(np.linalg.inv(self.to_reference), np.float64))
        corners = np.rint(enlarged(hull_of(without_strays(on_cells)), _BEYOND)).astype(np.int32)
        agreed = cv2.fillConvexPoly(np.zeros(self.shown.shape, np.uint8), corners, 1) > 0
        padded = np.pad(self.shown.astype(np.uint8), 1)
        depth = np.asarray(cv2.distanceTransform(padded, cv2.DIST_C, 3)[1:-1, 1:-1])
        rim = (depth <= 1) & self.shown
        _, labels = cv2.connectedComponents((((self.logits > 0) | self.hidden) & self.shown).astype(np.uint8))
        sliver = _SLIVER * math.sqrt(float(self.shown.sum()))
        beyond = np.zeros_like(self.shown)
        for part in np.unique(labels[rim & (labels > 0)]):
            own = labels == part
            if not (own & agreed).any() and float(depth[own].max()) <= sliver:
                beyond |= own
        return replace(self, hidden=self.hidden & ~beyond, beyond=beyond)


def places_of(cells: Cells) -> Iterator[Cells]:
    """The connected places ``bool (h, w)`` of cells ``bool (h, w)`` that are large enough to be told."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8), connectivity=8)
    for part in range(1, count):
        if stats[part, cv2.CC_STAT_AREA] >= _LEAST_PLACE:
            yield np.asarray(labels == part, bool)


def cell_shares(mask: npt.NDArray[Any], cells: Cells) -> Floats:
    """Share of each of some cells ``bool (h, w)`` that a mask ``(H, W)`` of 0 and 1 covers; else 0."""
    rows, columns = cells.shape
    whole = np.zeros((rows * STRIDE, columns * STRIDE), np.float32)
    whole[: mask.shape[0], : mask.shape[1]] = mask
    share = whole.reshape(rows, STRIDE, columns, STRIDE).mean(axis=(1, 3))
    return np.asarray(share * cells, np.float32)


def cells_to_pixels() -> Homography:
    """From cells to pixels of the pictures that were compared."""
    middle = (STRIDE - 1) / 2
    return np.array([[STRIDE, 0, middle], [0, STRIDE, middle], [0, 0, 1.0]])


def _laid(cells: Cells, matrix: Homography) -> Polygon:
    """The outline of cells where a matrix takes them."""
    from_pixels = np.asarray(matrix @ np.linalg.inv(cells_to_pixels()), np.float64)
    return as_polygon(transform(outline(cells), from_pixels))
