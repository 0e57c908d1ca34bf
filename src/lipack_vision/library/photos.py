"""Photos on their way into a library: read, decoded, measured, embedded, before any transaction begins."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.datasets.pictures import prints
from lipack_vision.errors import ShapeError
from lipack_vision.image import ImageSource, read_bytes, read_image
from lipack_vision.library.sharpness import SIDE, sharpness
from lipack_vision.library.types import Refusal
from lipack_vision.types import ImageArray

if TYPE_CHECKING:
    from lipack_vision.matching.encoder import Encoder
    from lipack_vision.matching.view import Carton

LEAST_SIDE = 256
"""Shorter side of a photo in pixels: that of the picture which is embedded of it."""
MOST_BLUR = 3.5
"""Blur of the edges in pixels at a longer side of 1024. None of 74 real photos is blurred by more than 2.6;
blurred on purpose by 4 px all of them are refused, smeared by 20 px along a line 99 %."""
LEAST_CONTRAST = 1.0
"""Slope of the steepest edges in grey levels per pixel."""
NOTHING_SEEN = "neither the face of a carton nor a label or mark"
"""What is found on a photo with which nothing can be compared."""
BATCH = 8
"""Photos that are decoded at once; one of 12 megapixels takes 36 MB."""

Floats = npt.NDArray[np.float32]


@runtime_checkable
class CartonEncoder(Protocol):
    """An `Encoder` that finds the carton on a photo first, such as `SiameseEncoder`."""

    def find_cartons(self, images: Sequence[ImageArray]) -> list[Carton]:
        """The largest carton of each RGB ``uint8 (H, W, 3)`` photo, its faces ``(4, 2)`` in pixels of it."""
        ...

    def embed_cartons(self, images: Sequence[ImageArray], cartons: Sequence[Carton]) -> Floats:
        """Unit rows ``float32 (N, dimension)`` of photos whose cartons are known."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class NewPhoto:
    """A photo that shall come into a library.

    Attributes:
        name: path, or number among those given.
        data: its file.
        hash, thumb: its prints as bytes; see `lipack_vision.datasets.pictures.prints`.
        vector: unit vector ``float32 (D,)``.
        refusals: what is wrong with the photo on its own.
    """

    name: str
    data: bytes = field(repr=False)
    sha256: str
    width: int
    height: int
    hash: bytes
    thumb: bytes
    vector: Floats
    refusals: tuple[Refusal, ...]


def files(images: ImageSource | Iterable[ImageSource]) -> list[tuple[str, bytes]]:
    """Name and bytes of each photo; arrays become PNG, which loses nothing.

    Raises:
        ImageError: a photo cannot be read.
    """
    if isinstance(images, (str, os.PathLike, bytes)) or (isinstance(images, np.ndarray) and images.ndim < 4):
        return [_file(1, images)]
    return [_file(number, image) for number, image in enumerate(images, start=1)]


def prepared(given: Sequence[tuple[str, bytes]], encoder: Encoder, max_pixels: int) -> list[NewPhoto]:
    """Decode, measure and embed photos.

    Raises:
        ImageError: a photo cannot be used.
        ShapeError: the encoder's vectors are none.
    """
    photos: list[NewPhoto] = []
    for start in range(0, len(given), BATCH):
        part = given[start : start + BATCH]
        images = [read_image(data, name=name, max_pixels=max_pixels) for name, data in part]
        vectors, seen = embedded_and_seen(encoder, images)
        photos += [_prepared(*one) for one in zip(part, images, vectors, seen, strict=True)]
    return photos


def embedded_and_seen(encoder: Encoder, images: Sequence[ImageArray]) -> tuple[Floats, list[bool]]:
    """`embedded`, and whether a packaging was found on each; for an encoder that looks for none, on all."""
    if not isinstance(encoder, CartonEncoder):
        return embedded(encoder, images), [True] * len(images)
    cartons = encoder.find_cartons(images)
    rows = _checked(encoder.embed_cartons(images, cartons), encoder, len(images))
    return rows, [carton.shows_packaging for carton in cartons]


def embedded(encoder: Encoder, images: Sequence[ImageArray]) -> Floats:
    """Unit rows ``float32 (N, D)`` of photos.

    Raises:
        ShapeError: the encoder's vectors are not such rows.
    """
    return _checked(encoder.embed(images), encoder, len(images))


def _checked(rows: Floats, encoder: Encoder, count: int) -> Floats:
    rows = np.asarray(rows, np.float32)
    expected = count, encoder.dimension
    # Not a number is not near one either.
    if rows.shape != expected or not np.all(np.abs(np.linalg.norm(rows, axis=-1) - 1) < 1e-3):
        raise ShapeError(
            f"encoder {encoder.version}",
            expected=f"unit rows of shape {expected}",
            found=f"shape {rows.shape}" if rows.shape != expected else "rows of another length than 1",
            cure="Mend the encoder.",
        )
    return rows


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _file(number: int, image: ImageSource) -> tuple[str, bytes]:
    name = f"photo {number}"
    if isinstance(image, np.ndarray):
        checked = read_image(image, name=name)
        return name, cv2.imencode(".png", cv2.cvtColor(checked, cv2.COLOR_RGB2BGR))[1].tobytes()
    if isinstance(image, bytes):
        return name, bytes(image)
    return os.fspath(image), read_bytes(Path(image))


def _prepared(file: tuple[str, bytes], image: ImageArray, vector: Floats, seen: bool) -> NewPhoto:
    name, data = file
    height, width = image.shape[:2]
    code, thumb = prints(image)
    return NewPhoto(
        name=name,
        data=data,
        sha256=digest(data),
        width=width,
        height=height,
        hash=code.tobytes(),
        thumb=thumb.astype(np.uint8).tobytes(),
        vector=vector,
        refusals=tuple(_refusals(name, image, seen)),
    )


def _refusals(name: str, image: ImageArray, seen: bool) -> list[Refusal]:
    refused: list[Refusal] = []
    height, width = image.shape[:2]
    if min(width, height) < LEAST_SIDE:
        expected, found = f"at least {LEAST_SIDE} px on each side", f"{width} x {height} px"
        cure = "Use the original photo, not a thumbnail."
        refused.append(Refusal("tiny", name, found, expected, cure, min(width, height), LEAST_SIDE))
    blur, contrast = sharpness(image)
    if contrast < LEAST_CONTRAST:
        expected = f"edges of at least {LEAST_CONTRAST:g} grey levels per px"
        found = f"a photo without any: {contrast:.2f} grey levels per px"
        cure = "Take the photo again, in good light and with the packaging on it."
        refused.append(Refusal("blurred", name, found, expected, cure, contrast, LEAST_CONTRAST))
    elif blur > MOST_BLUR:
        expected = f"edges blurred by at most {MOST_BLUR:g} px at a longer side of {SIDE} px"
        cure = "Take the photo again: hold still, let the camera focus, add light."
        refused.append(Refusal("blurred", name, f"{blur:.1f} px", expected, cure, blur, MOST_BLUR))
    if not seen:
        cure = "Take it from nearer, in good light; photos could not be compared with this one."
        refused.append(Refusal("empty", name, NOTHING_SEEN, "a packaging with its marks", cure))
    return refused
