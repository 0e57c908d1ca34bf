"""Read a photo from a path, encoded bytes or an array into RGB ``uint8``, upright, with clear errors."""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from lipack_vision.errors import ImageError
from lipack_vision.types import ImageArray

ImageSource: TypeAlias = str | os.PathLike[str] | bytes | npt.NDArray[np.uint8]

MAX_PIXELS = 100_000_000
"""Largest photo that is decoded unless the caller allows more: 100 megapixels, 300 MB of RGB."""

MIN_SIDE = 16
"""Shortest side, in pixels, on which anything could be seen."""

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
"""Pillow knows fifty more; none comes from a camera, and each is code that a stranger's file could reach."""

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def read_image(source: ImageSource, *, max_pixels: int = MAX_PIXELS, name: str | None = None) -> ImageArray:
    """Return the photo as contiguous RGB ``uint8 (H, W, 3)``, turned upright as its EXIF tag says.

    Grey, palette, CMYK, 16-bit and transparent pictures are converted; transparency is laid on white.

    Args:
        source: path, encoded bytes, or an RGB ``uint8`` array ``(H, W, 3)``, which is returned as it is.
        max_pixels: larger pictures are refused before decoding.
        name: what to call the photo in errors when it is not a path.
    Raises:
        ImageError: missing, unreadable, not an image, damaged, too large or too small.
    """
    if isinstance(source, np.ndarray):
        return _check_array(source, name or "array", max_pixels)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode(bytes(source), name or "bytes", max_pixels)
    path = Path(source)
    return _decode(read_bytes(path), str(path), max_pixels)


@dataclass(frozen=True, slots=True)
class ReducedPhoto:
    """A photo that was decoded smaller than it is.

    Attributes:
        image: RGB ``uint8``, ``factor`` times smaller along each side.
        factor: 1, 2, 4 or 8.
        whole: decodes all of it, once.
    """

    image: ImageArray
    factor: int
    whole: Callable[[], ImageArray]


def read_reduced(source: ImageSource, least: int, *, max_pixels: int = MAX_PIXELS) -> ReducedPhoto:
    """A photo as small as JPEG can be decoded with a longer side of ``least`` pixels or more.

    Half the pixels along each side take a fifth of the time. Arrays and other formats stay as they are.

    Args:
        source, max_pixels: see `read_image`.
        least: pixels, 1 or more.
    Raises:
        ImageError: see `read_image`.
    """
    if isinstance(source, np.ndarray):
        image = _check_array(source, "array", max_pixels)
        return ReducedPhoto(image, 1, lambda: image)
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, where = bytes(source), "bytes"
    else:
        data, where = read_bytes(Path(source)), str(Path(source))
    image, factor = _decode_reduced(data, where, max_pixels, least)
    if factor == 1:
        return ReducedPhoto(image, 1, lambda: image)
    return ReducedPhoto(image, factor, cache(lambda: _decode(data, where, max_pixels)))


def find_photos(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Expand folders into the photos in them (sorted, not descending); files stay as they are given.

    Raises:
        ImageError: a path does not exist, or a folder holds no photo.
    """
    photos: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            photos.append(path)
            continue
        try:
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in PHOTO_SUFFIXES)
        except OSError as error:
            raise _unreadable(str(path), error) from error
        if not inside:
            raise ImageError(
                str(path),
                expected=f"a folder with photos ({', '.join(sorted(PHOTO_SUFFIXES))})",
                found="a folder without any",
                cure="Name the folder that holds the photos; folders below it are not searched.",
            )
        photos.extend(inside)
    return photos


def read_bytes(path: Path) -> bytes:
    """The bytes of a photo's file.

    Raises:
        ImageError: it is missing, or may not be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ImageError(
            str(path), expected="a photo", found="no such file", cure="Check the path."
        ) from error
    except IsADirectoryError as error:
        raise ImageError(
            str(path), expected="one photo", found="a folder", cure="Name a photo inside it."
        ) from error
    except OSError as error:
        raise _unreadable(str(path), error) from error


def _unreadable(where: str, error: OSError) -> ImageError:
    return ImageError(
        where,
        expected="a file that may be read",
        found=error.strerror or str(error),
        cure="Give this user the right to read it, or copy it elsewhere.",
    )


def _decode(data: bytes, where: str, max_pixels: int) -> ImageArray:
    return _decode_reduced(data, where, max_pixels, None)[0]


def _decode_reduced(data: bytes, where: str, max_pixels: int, least: int | None) -> tuple[ImageArray, int]:
    """The photo and by how much it was reduced; see `read_reduced`. None: not at all."""
    factor = 1
    if not data:
        raise ImageError(where, expected="a photo", found="0 bytes", cure="Copy or take the photo again.")
    try:
        with _pillow_limit(max_pixels):
            picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        _check_size(picture.width, picture.height, where, max_pixels)
        if least is not None:
            factor = _reduce(picture, least)
        picture.load()
    except Image.DecompressionBombError as error:
        raise _too_large(where, str(error), max_pixels) from error
    except UnidentifiedImageError as error:
        raise ImageError(
            where,
            expected="a JPEG, PNG, WebP, TIFF or BMP photo",
            found=_describe(data),
            cure="Pass the photo itself; a file's name does not make it one.",
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ImageError(
            where,
            expected="a whole photo",
            found=f"damaged data ({error})",
            cure="Copy it again from the camera; the file was probably cut off.",
        ) from error
    return _to_rgb(ImageOps.exif_transpose(picture)), factor


def _reduce(picture: Image.Image, least: int) -> int:
    """Make a JPEG be decoded at a half, a quarter or an eighth, and tell at which."""
    width, height = picture.size
    factor = next((f for f in (8, 4, 2) if max(width, height) >= f * least), 1)
    # A side that does not divide would end in a pixel of its own, and corners would be off by a part of one.
    while factor > 1 and (width % factor or height % factor):
        factor //= 2
    if factor == 1 or picture.format != "JPEG":
        return 1
    picture.draft(None, (width // factor, height // factor))
    return factor if picture.size == (width // factor, height // factor) else width // picture.width


_pillow_lock = threading.Lock()


@contextmanager
def _pillow_limit(max_pixels: int) -> Iterator[None]:
    """Silence Pillow's own size limit where the caller's is the higher one; ours is checked next."""
    pillow_limit = Image.MAX_IMAGE_PIXELS
    if pillow_limit is None or max_pixels <= pillow_limit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            yield
        return
    with _pillow_lock:
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = pillow_limit


def _describe(data: bytes) -> str:
    if b"\0" not in data[:512] and all(byte >= 9 for byte in data[:512]):
        return f"text or another format ({len(data)} bytes starting {data[:12]!r})"
    return f"{len(data)} bytes of another format"


def _to_rgb(picture: Image.Image) -> ImageArray:
    if picture.mode.startswith("I") or picture.mode == "F":
        return _from_deep_grey(np.asarray(picture))
    if picture.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        picture = Image.new("RGBA", rgba.size, "white")
        picture.alpha_composite(rgba)
    return np.ascontiguousarray(picture.convert("RGB"))


def _from_deep_grey(values: npt.NDArray[np.generic]) -> ImageArray:
    """Scale 16- or 32-bit grey to 8 bits by its type's range (Pillow's own conversion clips instead)."""
    grey = values.astype(np.float64)
    full = 255.0 if grey.max(initial=0.0) <= 255 else 65535.0 if grey.max() <= 65535 else grey.max()
    eight = np.clip(grey * (255.0 / full), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(eight[:, :, None], 3, axis=2))


def _check_array(array: npt.NDArray[np.uint8], where: str, max_pixels: int) -> ImageArray:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3:
        raise ImageError(
            where,
            expected="an RGB uint8 array of shape (H, W, 3)",
            found=f"{array.dtype} of shape {array.shape}",
            cure="Convert it first; OpenCV arrays are BGR: use cv2.cvtColor(a, cv2.COLOR_BGR2RGB).",
        )
    _check_size(array.shape[1], array.shape[0], where, max_pixels)
    return np.ascontiguousarray(array)


def _check_size(width: int, height: int, where: str, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise _too_large(where, f"{width} x {height} px", max_pixels)
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            where,
            expected=f"at least {MIN_SIDE} px on each side",
            found=f"{width} x {height} px",
            cure="Use the original photo, not a thumbnail.",
        )


def _too_large(where: str, found: str, max_pixels: int) -> ImageError:
    return ImageError(
        where,
        expected=f"at most {max_pixels / 1e6:g} megapixels",
        found=found,
        cure="Shrink it, or raise the limit (max_pixels=, --max-megapixels) where memory allows.",
    )
