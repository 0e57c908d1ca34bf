"""Views of photos as the net is to meet them, one pipeline. The only file that imports albumentations.

A mirrored diamond is another picture, so nothing here mirrors.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lipack_vision.datasets.types import Sample, Truth
from lipack_vision.errors import ConfigError
from lipack_vision.geometry import Homography
from lipack_vision.labels.closeup import GREY
from lipack_vision.types import ImageArray
from training.data.warp import (
    WarpSettings,
    framed,
    moved_quads,
    random_homography,
    read_photo,
    resample,
)

# Set before the import, which otherwise asks PyPI for a newer release.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

import albumentations as alb
from albumentations.core.type_definitions import Targets

Photo = tuple[ImageArray, Truth]
"""RGB ``uint8 (H, W, 3)`` and its marks."""

_MOSAIC_ZOOM = 0.55


class Augment:
    """Random views of photos.

    Args:
        warp: how far photos are moved.
        strength: of the changes of colour, blur, noise and compression; 0: none, 1: the usual amount.

    Raises:
        ConfigError: a negative strength.
    """

    def __init__(self, warp: WarpSettings, strength: float = 1.0) -> None:
        if not 0 <= strength <= 10:
            raise ConfigError(
                "augment.strength",
                expected="a number from 0 to 10",
                found=repr(strength),
                cure="0 leaves colours as they are, 1 is the usual amount.",
            )
        self.settings = warp
        self.pipeline = alb.Compose(
            [View(warp), *_photometric(strength)],
            # Corners outside the view still tell where the mark lies.
            keypoint_params=alb.KeypointParams("xy", remove_invisible=False),
        )

    def read(self, sample: Sample) -> Photo:
        """The photo and its marks, as large as the closest view needs them.

        Raises:
            DatasetError: the file is missing or no picture.
        """
        return read_photo(sample, self.settings.enough(sample.size))

    def __call__(
        self, rng: np.random.Generator, draw: Callable[[], Photo], size: int, *, boxed: bool = False
    ) -> Photo:
        """A random view of one photo, or of four side by side; the same ``rng`` state gives the same view.

        Args:
            rng: source of all randomness but that of ``draw``.
            draw: gives a photo and its marks, such as `read` returns.
            size: side of the square view in pixels, even.
            boxed: move photos like those of which only boxes are known. For the photos without marks of such
                a data set: else a tilted view would always be an empty one.

        Returns:
            RGB ``uint8 (size, size, 3)`` and the marks that are at least partly in it.
        """
        photos = [draw() for _ in range(4 if rng.random() < self.settings.mosaic else 1)]
        # One generator for all steps: `set_random_seed` would give each step the same random numbers, so all
        # would act on the same views.
        self.pipeline.set_random_state(rng, random.Random(int(rng.integers(2**62))))  # noqa: S311
        corners = np.concatenate([truth.quads.reshape(-1, 2) for _, truth in photos])
        out = self.pipeline(image=photos[0][0], keypoints=corners, photos=photos, size=size, boxed=boxed)
        quads = np.asarray(out["keypoints"], np.float32).reshape(-1, 4, 2)
        parts, first = [], 0
        for (_, truth), frame in zip(photos, _frames(size, len(photos)), strict=True):
            parts.append(framed(truth, quads[first : first + len(truth)], frame))
            first += len(truth)
        return np.ascontiguousarray(out["image"], np.uint8), Truth.joined(parts)


class Photometric:
    """Random changes of colour, blur, noise and compression alone.

    Args:
        strength: 0: none, 1: the usual amount.
    """

    def __init__(self, strength: float = 1.0) -> None:
        self.pipeline = alb.Compose(_photometric(strength))

    def __call__(self, rng: np.random.Generator, image: ImageArray) -> ImageArray:
        """The picture changed; the same ``rng`` state gives the same picture."""
        self.pipeline.set_random_state(rng, random.Random(int(rng.integers(2**62))))  # noqa: S311
        return np.ascontiguousarray(self.pipeline(image=image)["image"], np.uint8)


def _frames(size: int, count: int) -> list[tuple[int, int, int]]:
    if count == 1:
        return [(0, 0, size)]
    half = size // 2
    return [(0, 0, half), (half, 0, half), (0, half, half), (half, half, half)]


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    image: ImageArray
    marks: int
    frame: tuple[int, int, int]
    zoom: float
    matrix: Homography


class View(alb.DualTransform):  # type: ignore[misc]
    """A crop, zoom, turn and perspective of one photo, or four such tiles, each resampled once.

    Beside ``image`` it needs ``photos``, the one photo or the four, ``size`` and ``boxed``; ``keypoints`` are
    the corners of the marks of all photos, one after another, each in pixels of its own photo.
    """

    _targets = (Targets.IMAGE, Targets.KEYPOINTS)

    def __init__(self, settings: WarpSettings) -> None:
        super().__init__(p=1.0)
        self.settings = settings

    @property
    def targets_as_params(self) -> list[str]:
        """Names of the data that the view depends on."""
        return ["photos", "size", "boxed"]

    def get_params_dependent_on_data(
        self,
        params: dict[str, Any],  # noqa: ARG002 - albumentations passes it by name
        data: dict[str, Any],
    ) -> dict[str, Any]:
        """Draw each tile's homography."""
        photos: list[Photo] = data["photos"]
        tiles = []
        for (image, truth), frame in zip(photos, _frames(data["size"], len(photos)), strict=True):
            extent = image.shape[1], image.shape[0]
            zoom = self.settings.scale(self.random_generator, extent)
            zoom *= _MOSAIC_ZOOM if len(photos) > 1 else 1.0
            matrix = random_homography(
                self.random_generator, extent, frame[2], truth, self.settings, zoom, data["boxed"]
            )
            tiles.append(_Tile(image, len(truth), frame, zoom, matrix))
        return {"tiles": tiles, "side": data["size"]}

    def apply(self, img: ImageArray, *, tiles: Sequence[_Tile], side: int, **_: Any) -> ImageArray:
        """The view ``uint8 (side, side, 3)``."""
        if len(tiles) == 1:
            return resample(img, tiles[0].matrix, side, tiles[0].zoom)
        canvas = np.full((side, side, 3), GREY, np.uint8)
        for tile in tiles:
            x, y, half = tile.frame
            canvas[y : y + half, x : x + half] = resample(tile.image, tile.matrix, half, tile.zoom)
        return canvas

    def apply_to_keypoints(
        self, keypoints: npt.NDArray[np.float32], *, tiles: Sequence[_Tile], **_: Any
    ) -> npt.NDArray[np.float32]:
        """Move corners ``(4 M, 2 or more)``."""
        moved, first = keypoints.copy(), 0
        for tile in tiles:
            rows = slice(first, first + 4 * tile.marks)
            quads = moved_quads(keypoints[rows, :2].reshape(-1, 4, 2), tile.matrix)
            moved[rows, :2] = (quads + np.array(tile.frame[:2], np.float32)).reshape(-1, 2)
            first = rows.stop
        return moved


def _photometric(strength: float) -> list[alb.BasicTransform | alb.BaseCompose]:
    """What printing, light, lens, sensor and file do to a picture, each in a millisecond or two."""
    if strength == 0:
        return []

    def often(share: float) -> float:
        return min(1.0, share * strength)

    blur = [
        alb.MotionBlur(blur_limit=(3, 9), p=1.0),
        alb.GaussianBlur(blur_limit=(3, 5), p=1.0),
        # Flat on top, as out of focus.
        alb.AdvancedBlur(blur_limit=(3, 7), sigma_x_limit=(0.5, 2.0), sigma_y_limit=(0.5, 2.0), p=0.5),
    ]
    noise = [
        alb.GaussNoise(std_range=(0.01, 0.06), p=1.0),
        # Colours of a sensor are made from neighbouring pixels, so real noise is blotchy.
        alb.GaussNoise(std_range=(0.02, 0.08), noise_scale_factor=0.5, p=1.0),
    ]
    return [
        alb.RandomBrightnessContrast(brightness_limit=0.25, contrast_limit=0.3, p=often(0.5)),
        alb.RandomGamma(gamma_limit=(75, 135), p=often(0.25)),
        # Hazard classes differ by colour, orange from yellow by 20 degrees: hues move by 4 at most.
        alb.ColorJitter(
            brightness=(1, 1), contrast=(1, 1), saturation=(0.7, 1.3), hue=(-0.014, 0.014), p=often(0.4)
        ),
        alb.RGBShift(r_shift_limit=14, g_shift_limit=8, b_shift_limit=14, p=often(0.25)),
        alb.OneOf(blur, p=often(0.25)),
        alb.Downscale(scale_range=(0.4, 0.85), p=often(0.12)),
        alb.OneOf(noise, p=often(0.2)),
        alb.ImageCompression(quality_range=(30, 95), p=often(0.4)),
    ]
