"""Photos and an encoder for libraries: designs are told by their coarse colours, the same each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lipack_vision.library import QualifiedLibrary
from lipack_vision.library.photos import Floats
from lipack_vision.types import ImageArray

SIZE = (480, 360)
DIMENSION = 48


@dataclass
class ColourEncoder:
    """Coarse colours of the upper left quarter, so that photos of one design lie near each other."""

    version: str = "colours-1"
    dimension: int = DIMENSION
    calls: int = 0

    def embed(self, images: Sequence[ImageArray]) -> Floats:
        self.calls += 1
        rows = []
        for image in images:
            height, width = image.shape[:2]
            cells = cv2.resize(image[: height // 2, : width // 2], (4, 4), interpolation=cv2.INTER_AREA)
            row = cells.astype(np.float32).ravel() - 127.5
            rows.append(row / max(float(np.linalg.norm(row)), 1e-6))
        return np.stack(rows)


def carton(design: int, view: int = 0, size: tuple[int, int] = SIZE) -> ImageArray:
    """A sharp picture: the design's colours in its upper left quarter, around it what differs by view."""
    width, height = size
    print_, place = np.random.default_rng(design), np.random.default_rng(10_000 + 100 * design + view)
    picture = place.integers(0, 255, (8, 10, 3), dtype=np.uint8)
    picture[:4, :5] = 0
    image = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
    own = cv2.resize(
        print_.integers(0, 255, (4, 4, 3), dtype=np.uint8),
        (width // 2, height // 2),
        interpolation=cv2.INTER_NEAREST,
    )
    image[: height // 2, : width // 2] = own
    return image


def jpeg(image: ImageArray, quality: int = 95) -> bytes:
    done, data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return data.tobytes()


def photo(design: int, view: int = 0) -> bytes:
    """`carton` as a JPEG file."""
    return jpeg(carton(design, view))


def library(url: Any, **options: Any) -> QualifiedLibrary:
    """A library with a `ColourEncoder`, unless another one is given."""
    return QualifiedLibrary(url, **{"encoder": ColourEncoder()} | options)
