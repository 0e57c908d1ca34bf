"""Photos that show the same: byte for byte, or nearly.

Nearly means that the 256-bit dHashes (which of two neighbouring cells of a 16 x 17 grid is the brighter one)
differ in at most `MAX_DISTANCE` bits, and that the fine structure of the 32 x 32 thumbnails correlates by at
least `MIN_CORRELATION`. Unrelated photos differ in 128 bits on average, so that hardly any come within 40;
those that do are dull ones, flat card or dark walls, whose cells differ by noise alone. The second test
settles them: with the coarse brightness taken out, unrelated photos correlate by less than 0.5 even then,
while the same scene scaled, recoloured, recompressed or taken a few seconds later stays above 0.75. A copy
that is mirrored or turned by more than a few degrees is not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.datasets.pictures import THUMB_SIDE, Look

MAX_DISTANCE = 40
MIN_CORRELATION = 0.65

_BLOCK = 256
_COARSE = 3.0
# Structure fainter than this many grey levels is noise; such a photo is like another only if the bytes agree.
_LEAST_CONTRAST = 1.0


def exact_groups(looks: dict[Path, Look], paths: Iterable[Path]) -> list[list[Path]]:
    """Groups of two or more different files with the same bytes."""
    by_digest: dict[str, list[Path]] = {}
    for path in dict.fromkeys(paths):
        if looks[path].digest:
            by_digest.setdefault(looks[path].digest, []).append(path)
    return [group for group in by_digest.values() if len(group) > 1]


def near_groups(looks: dict[Path, Look], paths: Iterable[Path]) -> list[list[Path]]:
    """Groups of two or more photos that show nearly the same, exact copies among them.

    A group is closed: what is like one of its photos is in it.
    """
    files = list(dict.fromkeys(paths))
    group = {path: path for path in files}
    for same in exact_groups(looks, files):
        for path in same[1:]:
            _join(group, same[0], path)
    compared = [path for path in files if looks[path].hash is not None]
    hashes = [bits for path in compared if (bits := looks[path].hash) is not None]
    thumbs = [thumb for path in compared if (thumb := looks[path].thumb) is not None]
    for first, second in _pairs(hashes, thumbs):
        _join(group, compared[first], compared[second])
    members: dict[Path, list[Path]] = {}
    for path in files:
        members.setdefault(_top(group, path), []).append(path)
    return [found for found in members.values() if len(found) > 1]


def _pairs(
    hashes: Sequence[npt.NDArray[np.uint64]], thumbs: Sequence[npt.NDArray[np.float32]]
) -> Iterable[tuple[int, int]]:
    if len(hashes) < 2:
        return
    table = np.stack(hashes)
    fine = np.stack([fine_structure(thumb) for thumb in thumbs])
    for start in range(0, len(table), _BLOCK):
        block = table[start : start + _BLOCK]
        differing = np.zeros((len(block), len(table) - start), np.uint16)
        for word in range(table.shape[1]):
            differing += np.bitwise_count(block[:, None, word] ^ table[None, start:, word])
        rows, columns = np.nonzero(differing <= MAX_DISTANCE)
        rows, columns = rows[columns > rows] + start, columns[columns > rows] + start
        alike = np.einsum("ij,ij->i", fine[rows], fine[columns]) >= MIN_CORRELATION
        yield from zip(rows[alike].tolist(), columns[alike].tolist(), strict=True)


def fine_structure(thumb: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A thumbnail ``(32, 32)`` less its blurred self, as a vector; the product of two is their correlation.

    It is of length 1, or shorter where the thumbnail is nearly flat.
    """
    fine = (thumb - cv2.GaussianBlur(thumb, (0, 0), _COARSE)).ravel()
    fine = fine - fine.mean()
    return np.asarray(fine / max(float(np.linalg.norm(fine)), _LEAST_CONTRAST * THUMB_SIDE), np.float32)


def _top(group: dict[Path, Path], path: Path) -> Path:
    while group[path] != path:
        group[path] = group[group[path]]
        path = group[path]
    return path


def _join(group: dict[Path, Path], first: Path, second: Path) -> None:
    group[_top(group, second)] = _top(group, first)
