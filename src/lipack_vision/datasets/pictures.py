"""Look at the photo files of a data set: size, EXIF turn, contents, damage, and a print to compare."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from lipack_vision.errors import ImageError
from lipack_vision.image import read_image
from lipack_vision.types import ImageArray

Progress = Callable[[int, int], None]
"""Called with (done, total)."""

_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
_ORIENTATION = 0x0112
_SIDEWAYS = frozenset({5, 6, 7, 8})
# OpenCV turns or leaves these as it is asked; WebP is never turned by it, and TIFF always.
_TURNED_AS_ASKED = frozenset({"JPEG", "MPO", "PNG"})

HASH_SIDE = 16
THUMB_SIDE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one photo file is.

    Attributes:
        exists: there is such a file.
        problem: why it is no sound photo; empty when it is.
        size: stored width and height in pixels; (0, 0) unless sound.
        orientation: EXIF orientation, 1..8; 1 when it has none.
        turns: the orientation is one that `Sample.image` can follow.
        digest: SHA-256 of the file.
        hash: dHash ``(4,)`` uint64 of the upright photo; None unless it was decoded.
        thumb: its grey thumbnail ``(32, 32)`` float32; None unless it was decoded.
    """

    exists: bool = True
    problem: str = ""
    size: tuple[int, int] = (0, 0)
    orientation: int = 1
    turns: bool = True
    digest: str = ""
    hash: npt.NDArray[np.uint64] | None = None
    thumb: npt.NDArray[np.float32] | None = None

    @property
    def sound(self) -> bool:
        """There is a file, and it is a photo."""
        return self.exists and not self.problem

    @property
    def turned_size(self) -> tuple[int, int]:
        """Width and height after the EXIF turn."""
        return self.size[::-1] if self.orientation in _SIDEWAYS else self.size


def glance(path: Path) -> Look:
    """Read the file's header and its digest; nothing is decoded."""
    data = _bytes(path)
    return data if isinstance(data, Look) else _header(data)


def look(path: Path) -> Look:
    """The same, and decode the whole photo."""
    data = _bytes(path)
    if isinstance(data, Look):
        return data
    seen = _header(data)
    if not seen.sound:
        return seen
    try:
        upright = read_image(data, name=str(path))
    except ImageError as error:
        return Look(problem=error.found, digest=seen.digest)
    small, thumb = prints(upright)
    return Look(True, "", seen.size, seen.orientation, seen.turns, seen.digest, small, thumb)


def look_at_all(
    paths: Iterable[Path], how: Callable[[Path], Look], progress: Progress | None = None
) -> dict[Path, Look]:
    """Look at each path once, several at a time."""
    unique = list(dict.fromkeys(paths))
    seen: dict[Path, Look] = {}
    # Decoding releases the interpreter lock; more threads than this only cost memory.
    pool = ThreadPoolExecutor(min(8, os.cpu_count() or 1))
    try:
        for done, (path, found) in enumerate(zip(unique, pool.map(how, unique), strict=True), start=1):
            seen[path] = found
            if progress is not None:
                progress(done, len(unique))
    finally:
        # Whoever interrupts the run need not wait for the photos that are still queued.
        pool.shutdown(cancel_futures=True)
    return seen


def _bytes(path: Path) -> bytes | Look:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Look(exists=False)
    except OSError as error:
        return Look(problem=error.strerror or str(error))


def _header(data: bytes) -> Look:
    digest = hashlib.sha256(data).hexdigest()
    if not data:
        return Look(problem="0 bytes", digest=digest)
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        orientation = _orientation(picture, data)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        found = "not a JPEG, PNG, WebP, TIFF or BMP photo"
        return Look(problem=found if "cannot identify" in str(error) else str(error), digest=digest)
    turns = orientation == 1 or picture.format in _TURNED_AS_ASKED
    return Look(True, "", picture.size, orientation, turns, digest)


def _orientation(picture: Image.Image, data: bytes) -> int:
    # Asking a PNG for EXIF data decodes it whole, to look behind the pixels.
    if picture.format == "PNG" and b"eXIf" not in data:
        return 1
    try:
        found = picture.getexif().get(_ORIENTATION, 1)
    except (OSError, SyntaxError, ValueError, EOFError):
        # A damaged EXIF block turns nothing; viewers ignore it as well.
        return 1
    return int(found) if isinstance(found, int) and 1 <= found <= 8 else 1


def prints(image: ImageArray) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float32]]:
    """The dHash ``(4,)`` and grey thumbnail ``(32, 32)``, in whole numbers, of RGB ``uint8 (H, W, 3)``."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    thumb = cv2.resize(grey, (THUMB_SIDE, THUMB_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    wide = cv2.resize(grey, (HASH_SIDE + 1, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = np.packbits(wide[:, 1:] > wide[:, :-1])
    return bits.view(np.uint64), thumb
