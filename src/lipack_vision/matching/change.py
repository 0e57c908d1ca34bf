"""What differs between two pictures of the same face: dense features and the comparison head, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import Homography, transform
from lipack_vision.integrity.maps import outline
from lipack_vision.integrity.types import Polygon, as_polygon
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.light import matched_light
from lipack_vision.matching.region import enlarged, hull_of, without_strays
from lipack_vision.matching.registration import Registered
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray

Floats = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

COMPARED_SIDE = 512
"""Longer side in pixels, at most, at which faces are compared."""
STRIDE = 4
"""Pixels of a picture per cell of the features."""
MULTIPLE = 16
"""Sides of pictures that the net takes are multiples of it."""
GREY = 114
"""Colour of what only one picture shows, in both."""
WORST = 0.002
"""Share of the compared cells that decide whether anything changed: the worst ones."""
LEAST_WORST = 3
_LEAST_SIDE = 64
"""Longer side in pixels of a face below which a missing label could not be seen."""
_LEAST_CELLS = 64
"""Cells of a face below which nothing is said of it."""
_BEYOND = 0.05
"""By which part the hull of the points that agree is enlarged when it is asked what lies beyond them."""
_SLIVER = 6
"""Cells from the edge of a face within which a difference may be what stands behind it; what reaches further
in is something on the face."""
_LEAST_PLACE = 3
"""Cells of a place that differs from which it is told."""


class ComparedPictures(NamedTuple):
    """Two pictures of a face as the net takes them.

    Attributes:
        reference, photo: RGB ``uint8 (H, W, 3)``, sides multiples of 16, in the same light, grey where only
            one of them shows the face.
        cells: ``bool (H/4, W/4)`` what both show.
    """

    reference: ImageArray
    photo: ImageArray
    cells: Cells


def compared_pictures(reference: ImageArray, photo: ImageArray, mask: Cells) -> ComparedPictures:
    """Make two pictures that lie on each other ready for the net; the same for training and use.

    Args:
        reference: RGB ``uint8 (H, W, 3)`` of any size.
        photo: the same size, lying on the reference.
        mask: ``bool (H, W)`` what both show.
    """
    lit = matched_light(photo, reference, mask)
    height, width = mask.shape
    rest = (0, -height % MULTIPLE), (0, -width % MULTIPLE)
    whole = np.pad(mask, rest)
    padded = [np.pad(one, (*rest, (0, 0))) for one in (reference, lit)]
    for one in padded:
        one[~whole] = GREY
    rows, columns = whole.shape[0] // STRIDE, whole.shape[1] // STRIDE
    cells = np.asarray(whole.reshape(rows, STRIDE, columns, STRIDE).all(axis=(1, 3)), bool)
    return ComparedPictures(padded[0], padded[1], cells)


def changed_logit(logits: Floats) -> float:
    """How changed compared cells ``(N,)`` look: the mean of the worst ones.

    Args:
        logits: of the comparison head; at least one.
    """
    number = max(LEAST_WORST, round(WORST * len(logits)))
    return float(np.sort(logits)[::-1][:number].mean())


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFace:
    """How much each cell of a face differs.

    Attributes:
        logits: ``(h, w)``.
        cells: ``bool (h, w)`` the cells that were compared.
        to_reference, to_photo: 3 x 3, from cells to pixels of the reference and of the photo.
    """

    logits: Floats
    cells: Cells
    to_reference: Homography
    to_photo: Homography

    def places(self, level: float) -> list[tuple[Polygon, float]]:
        """Places whose logits lie above a level: outline on the photo, and how changed each looks."""
        above = ((self.logits > level) & self.cells).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(above, connectivity=8)
        to_photo = self.to_photo @ np.linalg.inv(_cells_to_canvas())
        found = []
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] >= _LEAST_PLACE:
                own = np.asarray(labels == part, bool)
                polygon = as_polygon(transform(outline(own), to_photo))
                found.append((polygon, changed_logit(self.logits[own])))
        return found

    def within(self, points: Floats) -> ComparedFace:
        """The same face without what may not be of it.

        How far a face reaches is not always known well. What differs, lies beyond the points that agree and
        runs along the edge of the face may be what stands behind it: that is not compared, neither changed.

        Args:
            points: ``(N, 2)`` on the reference that agree with the photo.
        """
        on_cells = transform(points, np.asarray(np.linalg.inv(self.to_reference), np.float64))
        corners = np.rint(enlarged(hull_of(without_strays(on_cells)), _BEYOND)).astype(np.int32)
        agreed = cv2.fillConvexPoly(np.zeros(self.cells.shape, np.uint8), corners, 1) > 0
        padded = np.pad(self.cells.astype(np.uint8), 1)
        depth = np.asarray(cv2.distanceTransform(padded, cv2.DIST_C, 3)[1:-1, 1:-1])
        rim = (depth <= 1) & self.cells
        _, labels = cv2.connectedComponents(((self.logits > 0) & self.cells).astype(np.uint8))
        doubtful = np.zeros_like(self.cells)
        for part in np.unique(labels[rim & (labels > 0)]):
            own = labels == part
            if not (own & agreed).any() and float(depth[own].max()) <= _SLIVER:
                doubtful |= own
        return replace(self, cells=self.cells & ~doubtful)


class Comparison:
    """Compares registered faces by the matching artifact's nets. Safe to call from several threads.

    Args:
        encoder: whose dense features are compared; its artifact holds the comparison head, too.
        provider, threads: see `SiameseEncoder`.

    Raises:
        ArtifactError: the artifact has no comparison head.
    """

    def __init__(self, encoder: SiameseEncoder, *, provider: str = "cpu", threads: int = 0) -> None:
        self._encoder = encoder
        self._head = OnnxModel(encoder.artifact.path("compare.onnx"), provider=provider, threads=threads)

    def compare(
        self, reference: ImageArray, photo: ImageArray, face: Registered, taken: Sequence[Polygon] = ()
    ) -> ComparedFace | None:
        """How a face differs on the photo; None where it is too small to say so.

        Args:
            reference, photo: RGB ``uint8 (H, W, 3)``.
            face: how the one lies on the other.
            taken: parts ``(N, 2)`` of the reference that belong to other faces.

        Raises:
            ArtifactError: the net tells what is no number.
        """
        canvas = _canvas(face)
        if canvas is None:
            return None
        size, to_reference = canvas
        to_photo = face.matrix @ to_reference
        pictures = [_laid(one, back, size) for one, back in ((reference, to_reference), (photo, to_photo))]
        mask = _shown(photo, to_photo, size) & _filled(face.region, to_reference, size)
        for region in taken:
            mask &= ~_filled(region, to_reference, size)
        ready = compared_pictures(pictures[0], pictures[1], mask)
        # What lies on the very edge may be the neighbouring face, or what stands behind.
        kernel = np.ones((3, 3), np.uint8)
        inner = cv2.erode(ready.cells.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
        cells = np.asarray(inner, bool)
        if int(cells.sum()) < _LEAST_CELLS:
            return None
        _, features = self._encoder.run(np.stack([ready.reference, ready.photo]))
        (logits,) = self._head.run(features[:1], features[1:])
        if not np.isfinite(logits).all():
            raise ArtifactError(
                str(self._encoder.artifact.folder),
                expected="logits of finite numbers",
                found="some that are none",
                cure="Export the model again.",
            )
        shift = _cells_to_canvas()
        told = ComparedFace(
            np.asarray(logits[0, 0], np.float32), cells, to_reference @ shift, to_photo @ shift
        )
        told = told.within(face.pairs[:, 0])
        return told if int(told.cells.sum()) >= _LEAST_CELLS else None


def _cells_to_canvas() -> Homography:
    middle = (STRIDE - 1) / 2
    return np.array([[STRIDE, 0, middle], [0, STRIDE, middle], [0, 0, 1.0]])


def _canvas(face: Registered) -> tuple[tuple[int, int], Homography] | None:
    """Width and height at which a face is compared, and the map from there to the reference."""
    low, high = face.region.min(axis=0), face.region.max(axis=0)
    span = high - low + 1
    own, other = (
        abs(float(cv2.contourArea(np.ascontiguousarray(part))))
        for part in (face.region, transform(face.region, face.matrix))
    )
    if own <= 0 or not math.isfinite(other):
        return None
    # No larger than either picture shows the face: what one of them cannot show would count as changed.
    zoom = min(1.0, COMPARED_SIDE / float(span.max()), math.sqrt(other / own))
    width, height = (max(1, round(float(side) * zoom)) for side in span)
    if max(width, height) < _LEAST_SIDE:
        return None
    back = 1 / zoom
    shift = back / 2 - 0.5
    matrix = np.array([[back, 0, low[0] + shift], [0, back, low[1] + shift], [0, 0, 1.0]])
    return (width, height), matrix


def _laid(image: ImageArray, back: Homography, size: tuple[int, int]) -> ImageArray:
    """The picture of a canvas, given the map from the canvas to an image."""
    corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    area = abs(float(cv2.contourArea(transform(corners, back))))
    coarse = math.sqrt(max(area, 1.0) / (size[0] * size[1]))
    if coarse > 1.5:
        # Warping alone would skip pixels.
        height, width = image.shape[:2]
        small = max(1, round(width / coarse)), max(1, round(height / coarse))
        x, y = small[0] / width, small[1] / height
        image = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
        shrink: Homography = np.array([[x, 0, x / 2 - 0.5], [0, y, y / 2 - 0.5], [0, 0, 1.0]])
        back = shrink @ back
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = cv2.warpPerspective(image, back, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.uint8)


def _shown(image: ImageArray, back: Homography, size: tuple[int, int]) -> Cells:
    """Pixels ``bool (H, W)`` of a canvas that lie within an image."""
    x, y = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    places = transform(np.stack([x, y], axis=-1).reshape(-1, 2), back).reshape(size[1], size[0], 2)
    limit = np.array(image.shape[1::-1]) - 1
    return np.asarray(((places >= 0) & (places <= limit)).all(axis=2), bool)


def _filled(region: Polygon, back: Homography, size: tuple[int, int]) -> Cells:
    """Pixels ``bool (H, W)`` of a canvas inside a region of the reference."""
    corners = np.rint(transform(region, np.asarray(np.linalg.inv(back), np.float64))).astype(np.int32)
    return np.asarray(cv2.fillConvexPoly(np.zeros(size[::-1], np.uint8), corners, 1), bool)
