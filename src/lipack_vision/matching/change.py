"""What differs between two pictures of the same face: dense features and the comparison head, in NumPy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import Homography, transform
from lipack_vision.integrity.types import Polygon
from lipack_vision.matching.compared import (
    STRIDE,
    Cells,
    ComparedFace,
    Floats,
    cell_shares,
    cells_to_pixels,
    places_of,
)
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.light import blown_print, matched_light
from lipack_vision.matching.registration import Registered
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray

COMPARED_SIDE = 768
"""Longer side in pixels, at most, at which faces are compared."""
MULTIPLE = 16
"""Sides of pictures that the net takes are multiples of it."""
GREY = 114
"""Colour of what only one picture shows, in both."""
_BLOWN_SHARE = 0.15
"""Share of blown-out pixels from which a cell shows nothing."""
_LEAST_SIDE = 64
"""Longer side in pixels of a face below which a missing label could not be seen."""
_LEAST_CELLS = 64
"""Cells of a face below which nothing is said of it."""


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


def blown_cells(first: ImageArray, second: ImageArray, cells: Cells) -> Cells:
    """Those of some cells where one picture is blown out and the other is not; see `light.blown_print`.

    Args:
        first, second: RGB ``uint8 (H, W, 3)``, one lying on the other, before `matched_light`.
        cells: ``bool (h, w)`` that are asked for.
    """
    lost = blown_print(first, second) | blown_print(second, first)
    return np.asarray(cell_shares(lost, cells) >= _BLOWN_SHARE, bool)


class Comparison:
    """Compares registered faces by the matching artifact's nets. Safe to call from several threads.

    Args:
        encoder: whose dense features are compared; its artifact holds the comparison head, too.
        hidden_level: logit above which a cell counts as hidden; see `Judge.hidden_level`.
        provider, threads: see `SiameseEncoder`.

    Raises:
        ArtifactError: the artifact has no comparison head.
    """

    def __init__(
        self,
        encoder: SiameseEncoder,
        *,
        hidden_level: float = 0.0,
        provider: str = "cpu",
        threads: int = 0,
    ) -> None:
        self._encoder, self.hidden_level = encoder, hidden_level
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
        changed, lost = self.maps(features)
        hidden = cells & (lost > self.hidden_level) | blown_cells(pictures[0], pictures[1], cells)
        # One cell alone is nothing that stands before a carton, but may be a sign that changed; and what does
        # stand before it has a soft rim.
        hidden = np.logical_or.reduce([np.zeros_like(hidden), *places_of(hidden)])
        hidden = cells & (cv2.dilate(hidden.astype(np.uint8), kernel) > 0)
        shift = cells_to_pixels()
        told = ComparedFace(changed, cells, hidden, to_reference @ shift, to_photo @ shift)
        told = told.within(face.pairs[:, 0])
        return told if int(told.cells.sum()) >= _LEAST_CELLS else None

    def maps(self, features: Floats) -> tuple[Floats, Floats]:
        """Logits ``(h, w)`` of what is changed and of what is hidden.

        Args:
            features: ``(2, C, h, w)`` of the reference and of the photo.

        Raises:
            ArtifactError: the net has no two maps, or tells what is no number.
        """
        (logits,) = self._head.run(features[:1], features[1:])
        if logits.shape[1] != 2 or not np.isfinite(logits).all():
            raise ArtifactError(
                str(self._encoder.artifact.folder),
                expected="two maps of finite numbers, of what is changed and of what is hidden",
                found=f"{logits.shape[1]} maps" if logits.shape[1] != 2 else "some that are none",
                cure="Train and export the model again with this version.",
            )
        return np.asarray(logits[0, 0], np.float32), np.asarray(logits[0, 1], np.float32)


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
