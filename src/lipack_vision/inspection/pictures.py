"""Photos and crops of marks as small pictures inside the report."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from lipack_vision.errors import ConfigError, ShapeError
from lipack_vision.geometry import expand, homography, natural_size, rectify, transform, unit_quad
from lipack_vision.image import ImageSource
from lipack_vision.types import ImageArray, Mark, Quad

PHOTO_SIDE = 1280
"""Longest side, in pixels, of a photo in the report."""

CROP_SIDE = 360
"""Longest side, in pixels, of a rectified mark in the report."""

STRIP_HEIGHT = 96
"""Height, in pixels, of a line of print in the report."""

_QUALITY = 85

_COLOURS: dict[str, tuple[int, int, int]] = {
    "class9": (179, 0, 76),
    "class9a": (179, 0, 76),
    "battery_mark": (154, 61, 0),
    "other_hazard": (198, 35, 0),
    "cargo_aircraft_only": (122, 74, 0),
    "orientation_arrows": (0, 102, 92),
    "un_mark": (11, 79, 179),
    "carton": (74, 85, 96),
}


def photo_sha256(source: ImageSource) -> str:
    """SHA-256 of the photo's file, or of the pixels of an array.

    Raises:
        OSError: the file cannot be read.
    """
    if isinstance(source, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(source).tobytes()).hexdigest()
    if isinstance(source, (bytes, bytearray, memoryview)):
        return hashlib.sha256(source).hexdigest()
    return hashlib.sha256(Path(os.fspath(source)).read_bytes()).hexdigest()


def data_uri(image: ImageArray, longest: int = PHOTO_SIDE) -> str:
    """RGB ``uint8 (H, W, 3)`` as a JPEG inside a ``data:`` address, shrunk to the longest side."""
    height, width = image.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if scale < 1.0:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return "data:image/jpeg;base64," + base64.b64encode(_encoded(image, ".jpg")).decode("ascii")


def draw_marks(image: ImageArray, marks: Sequence[Mark]) -> ImageArray:
    """A copy of the photo with each mark's outline, label and probability; the dot is its first corner."""
    canvas = image.copy()
    thick = max(1, round(max(image.shape[:2]) / 400))
    for mark in marks:
        colour = _COLOURS.get(mark.label, (200, 0, 80))
        corners = np.round(mark.quad).astype(np.int32)
        cv2.polylines(canvas, [corners.reshape(-1, 1, 2)], True, colour, thick, cv2.LINE_AA)
        cv2.circle(canvas, tuple(corners[0].tolist()), thick * 3, colour, -1, cv2.LINE_AA)
        place = int(corners[:, 0].min()), max(12 * thick, int(corners[:, 1].min()) - 4 * thick)
        text = f"{mark.label} {mark.probability:.2f}"
        for shade, width in (((255, 255, 255), 4 * thick), (colour, thick)):
            font = cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(canvas, text, place, font, 0.45 * thick, shade, width, cv2.LINE_AA)
    return canvas


def save_picture(image: ImageArray, path: Path) -> None:
    """Write RGB ``uint8 (H, W, 3)``, as a PNG where the name ends so, else as a JPEG; makes the folder.

    Raises:
        ConfigError: the folder or file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_encoded(image, ".png" if path.suffix.lower() == ".png" else ".jpg"))
    except OSError as error:
        raise ConfigError(
            str(path),
            expected="a place that can be written to",
            found=error.strerror or str(error),
            cure="Choose another folder.",
        ) from error


def crop_uri(image: ImageArray, quad: Quad, *, diamond: bool) -> str | None:
    """A mark rectified to stand upright, as a ``data:`` address; None when its quad is no convex shape.

    Args:
        image: RGB ``uint8 (H, W, 3)``.
        quad: the mark's corners ``(4, 2)`` in pixels of the image.
        diamond: the quad starts at the top corner and shall be shown standing on a corner.
    """
    try:
        upright = _around_diamond(expand(quad, 0.04)) if diamond else expand(quad, 0.06)
        width, height = natural_size(upright)
        scale = min(1.0, CROP_SIDE / max(width, height))
        size = max(16, round(width * scale)), max(16, round(height * scale))
        return data_uri(rectify(image, upright, size), CROP_SIDE)
    except (ShapeError, cv2.error):
        return None


def strip_uri(image: ImageArray, quad: Quad) -> str | None:
    """A line of print rectified to `STRIP_HEIGHT`, as a ``data:`` address; None for no convex quad."""
    try:
        width, height = natural_size(quad)
        size = max(16, round(width * STRIP_HEIGHT / max(height, 1e-6))), STRIP_HEIGHT
        return data_uri(rectify(image, quad, size), PHOTO_SIDE)
    except (ShapeError, cv2.error):
        return None


def _encoded(image: ImageArray, suffix: str) -> bytes:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(suffix, bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return bytes(encoded.tobytes())


def _around_diamond(quad: Quad) -> Quad:
    """Corners of the upright square that a diamond (top, right, bottom, left) stands in."""
    # In the square's own frame the diamond touches the middle of each side.
    middles = np.array([[0.5, 0.0], [1.0, 0.5], [0.5, 1.0], [0.0, 0.5]], np.float32)
    return transform(unit_quad(1, 1), homography(middles, quad))
