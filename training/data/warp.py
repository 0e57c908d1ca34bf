"""Crop, scale, rotation and perspective of a photo and its marks as one random homography, never a mirror."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.datasets.types import Bools, Sample, Truth
from lipack_vision.errors import ConfigError
from lipack_vision.geometry import Homography, area, bounding_box, transform, unit_quad
from lipack_vision.labels.closeup import GREY
from lipack_vision.types import LABELS, ImageArray, Quad

CARTON = LABELS.index("carton")
_NEAREST = 0.1
"""Least depth of a corner, where the middle of the view has 1."""


@dataclass(frozen=True, slots=True)
class WarpSettings:
    """How far photos are moved.

    A photo with a mark of which only the upright box is known is zoomed, shifted and stretched, and in the
    share `any_angle` turned by quarters: its box does not tell what box fits the mark after any other turn.

    Attributes:
        zoom: least and most pixels of the result per pixel of the photo, drawn evenly on a log scale.
        zoom_at: longer side in pixels of the photos that `zoom` is meant for; a photo of twice that size is
            reduced twice as much. None: `zoom` counts the pixels of every photo as it is.
        focus: share of views centred near one of the marks instead of anywhere.
        tilt: standard deviation of the rotation, degrees.
        any_angle: share of views turned by any angle.
        perspective: most change of scale across the view, as a fraction.
        mosaic: share of views tiled from four photos at half the scale.

    Raises:
        ConfigError: a value that means nothing, such as a share above 1.
    """

    zoom: tuple[float, float] = (0.55, 1.6)
    zoom_at: int | None = 640
    focus: float = 0.5
    tilt: float = 6.0
    any_angle: float = 0.2
    perspective: float = 0.15
    mosaic: float = 0.15

    def __post_init__(self) -> None:
        if len(self.zoom) != 2 or not 0 < self.zoom[0] <= self.zoom[1] < math.inf:
            raise _wrong("zoom", "two numbers above 0, the lesser first", self.zoom)
        if self.zoom_at is not None and not self.zoom_at >= 1:
            raise _wrong("zoom_at", "a number of pixels, or null", self.zoom_at)
        for name in ("focus", "any_angle", "mosaic"):
            if not 0 <= getattr(self, name) <= 1:
                raise _wrong(name, "a share from 0 to 1", getattr(self, name))
        if not 0 <= self.tilt <= 180:
            raise _wrong("tilt", "degrees from 0 to 180", self.tilt)
        if not 0 <= self.perspective <= 0.8:
            # Near 1 the horizon comes into view.
            raise _wrong("perspective", "a fraction from 0 to 0.8", self.perspective)

    def scale(self, rng: np.random.Generator, photo: tuple[int, int]) -> float:
        """Draw a zoom for a photo of ``photo`` = (width, height) pixels."""
        drawn = math.exp(rng.uniform(math.log(self.zoom[0]), math.log(self.zoom[1])))
        return drawn * (self.zoom_at / max(photo) if self.zoom_at else 1.0)

    def enough(self, photo: tuple[int, int]) -> int:
        """1, 2, 4 or 8: how much smaller a photo of these pixels may be and still serve the closest view."""
        if self.zoom_at is None:
            return 1
        return max(f for f in (1, 2, 4, 8) if f == 1 or max(photo) >= f * self.zoom_at * self.zoom[1])


def _wrong(name: str, expected: str, found: object) -> ConfigError:
    return ConfigError(
        f"augment.warp.{name}", expected=expected, found=repr(found), cure="See configs/augment/default.yaml."
    )


def read_photo(sample: Sample, reduce: int) -> tuple[ImageArray, Truth]:
    """A photo as RGB ``uint8 (H, W, 3)`` and its marks, both ``reduce`` times smaller if that is quick.

    A JPEG of many megapixels is decoded at a half, a quarter or an eighth in half the time. Other formats
    gain nothing and are read at full size.

    Args:
        sample: the photo.
        reduce: 1, 2, 4 or 8.
    Raises:
        DatasetError: the file is missing or no picture.
    """
    flags = {
        2: cv2.IMREAD_REDUCED_COLOR_2,
        4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }.get(reduce)
    if flags is None or sample.path.suffix.lower() not in (".jpg", ".jpeg"):
        return sample.image(), sample.truth
    found = cv2.imread(str(sample.path), flags if sample.turned else flags | cv2.IMREAD_IGNORE_ORIENTATION)
    if found is None:
        return sample.image(), sample.truth  # which says what is wrong with it
    # Coordinates count from the middle of the first pixel.
    quads = (sample.truth.quads + 0.5) / reduce - 0.5
    image = np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
    return image, replace(sample.truth, quads=np.asarray(quads, np.float32))


def random_homography(
    rng: np.random.Generator,
    photo: tuple[int, int],
    size: int,
    truth: Truth,
    settings: WarpSettings,
    zoom: float,
    boxed: bool = False,
) -> Homography:
    """Draw a map, scaled by ``zoom``, from a photo of (width, height) to a square of ``size`` pixels.

    See `WarpSettings` on photos of which only upright boxes are known; ``boxed`` treats any other like them.
    """
    centre = _centre(rng, photo, size / zoom, truth, settings.focus)
    any_angle = rng.random() < settings.any_angle
    stretch = math.exp(rng.uniform(-0.12, 0.12))
    if truth.ordered.all() and not boxed:
        angle = rng.uniform(-math.pi, math.pi) if any_angle else math.radians(rng.normal(0.0, settings.tilt))
        cos, sin = math.cos(angle), math.sin(angle)
        lean = rng.uniform(-1, 1, 2) * settings.perspective / size
    else:
        quarter = int(rng.integers(4)) if any_angle else 0
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
        lean = np.zeros(2)
    to_origin = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1]])
    turn = np.array([[cos * stretch, -sin, 0], [sin * stretch, cos, 0], [0, 0, 1 / zoom]]) * zoom
    tilt = np.array([[1, 0, 0], [0, 1, 0], [lean[0], lean[1], 1]])
    half = (size - 1) / 2
    place = np.array([[1, 0, half], [0, 1, half], [0, 0, 1]])
    return np.asarray(place @ tilt @ turn @ to_origin, np.float64)


def _centre(
    rng: np.random.Generator, photo: tuple[int, int], window: float, truth: Truth, focus: float
) -> npt.NDArray[np.float64]:
    extent = np.array(photo, np.float64)
    if len(truth) and rng.random() < focus:
        mark = truth.quads[_focused(rng, truth)].mean(axis=0) + rng.uniform(-0.35, 0.35, 2) * window
        # The window stays on the photo for the most part; padding teaches little.
        edge = np.minimum(0.35 * window, extent / 2)
        return np.asarray(np.clip(mark, edge, extent - edge))
    # Mostly within the photo: a window as large as the photo stays near its middle.
    room = np.maximum(extent - window, 0.15 * extent) / 2
    return np.asarray(extent / 2 + rng.uniform(-1, 1, 2) * room)


def _focused(rng: np.random.Generator, truth: Truth) -> int:
    # Cartons are half of all marks and in view nearly always; a mark on them is what needs to be looked for.
    wanted = np.flatnonzero(truth.labels != CARTON)
    return int(rng.choice(wanted if len(wanted) else np.arange(len(truth))))


def resample(image: ImageArray, matrix: Homography, size: int, zoom: float) -> ImageArray:
    """What a homography makes of a photo.

    Args:
        image: RGB ``uint8 (H, W, 3)``.
        matrix: map from the photo to the result, as `random_homography` gives it.
        size: side of the square result in pixels.
        zoom: scale of the map; a strong reduction is averaged first, since warping alone would skip pixels.

    Returns:
        ``uint8 (size, size, 3)``.
    """
    seen = transform(unit_quad(size, size) - 0.5, np.asarray(np.linalg.inv(matrix), np.float64))
    margin = 2 + 2 / zoom
    x0, y0 = np.maximum(np.floor(seen.min(axis=0) - margin), 0).astype(int).tolist()
    x1, y1 = np.ceil(seen.max(axis=0) + margin).astype(int).tolist()
    image = image[y0 : max(y1, 0), x0 : max(x1, 0)]
    if not image.size:
        return np.full((size, size, 3), GREY, np.uint8)
    applied = matrix @ np.array([[1, 0, x0], [0, 1, y0], [0, 0, 1]])
    if zoom < 0.8:
        image = np.asarray(cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)
        shift = 0.5 / zoom - 0.5
        applied = applied @ np.array([[1 / zoom, 0, shift], [0, 1 / zoom, shift], [0, 0, 1]])
    out = cv2.warpPerspective(
        image, applied, (size, size), flags=cv2.INTER_LINEAR, borderValue=(GREY, GREY, GREY)
    )
    return np.asarray(out, np.uint8)


def moved_quads(quads: npt.NDArray[np.float32], matrix: Homography) -> npt.NDArray[np.float32]:
    """Quads ``(M, 4, 2)`` after a homography; NaN where a corner reaches behind its horizon."""
    if not len(quads):
        return quads
    moved = transform(quads.reshape(-1, 2), matrix).reshape(-1, 4, 2)
    # A corner behind the horizon of the map comes back on the other side, as a shape that means nothing.
    depth = quads.astype(np.float64) @ matrix[2, :2] + matrix[2, 2]
    moved[depth.min(axis=1) <= _NEAREST] = np.nan
    return moved


def framed(truth: Truth, quads: npt.NDArray[np.float32], frame: tuple[int, int, int]) -> Truth:
    """The marks at their new places that are at least partly in the frame.

    `Truth.visible` falls by what the frame cuts off. An upright box is cut at the frame, since it stands for
    what can be seen of the mark, and starts at its top-left corner whichever way it was turned.

    Args:
        truth: the marks.
        quads: where each lies, ``(M, 4, 2)``; NaN: nowhere.
        frame: left, top and side of the square frame in pixels.
    """
    x, y, side = frame
    corner = np.array([x, y], np.float32)
    inside = np.array([inside_fraction(q - corner, side, side) for q in quads], np.float32)
    chosen: Bools = inside > 0
    quads = quads.copy()
    for n in np.flatnonzero(chosen & ~truth.ordered):
        x0, y0, x1, y1 = bounding_box(np.clip(quads[n], corner - 0.5, corner + side - 0.5))
        quads[n] = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    return truth.moved(quads, truth.visible * inside).keep(chosen)


def inside_fraction(quad: Quad, width: float, height: float) -> float:
    """Fraction 0..1 of the quad ``(4, 2)`` that lies within the frame; 0 for a quad that is nowhere."""
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    whole = area(quad)
    if not whole > 0:
        return 0.0
    overlap, _ = cv2.intersectConvexConvex(quad.reshape(4, 1, 2).astype(np.float32), frame.reshape(4, 1, 2))
    return float(np.clip(overlap / whole, 0.0, 1.0))
