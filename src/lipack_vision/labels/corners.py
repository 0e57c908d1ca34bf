"""Corners of a mark from the maps of a close-up, in NumPy."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import NEXT_CORNER

_AROUND = 2
"""Cells on each side of a peak of a corner map that tell its place."""
_PEAKS = 4
"""Peaks of each corner map that may be its corner."""
_LIKELY = 0.05
"""Share of its map that another peak than the highest must have to be a corner."""
_LEAST_TURN = 1.0
"""Twice the area in cells of the triangle that a corner makes with its neighbours, at least."""


def corner_places(heat: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The corners that maps tell, taken together.

    A map of a mark that is seen turned has peaks at several corners. Its highest one alone may be the corner
    of another map too, so of the highest peaks of all four maps those are taken that make a convex,
    clockwise quad and are likeliest together.

    Args:
        heat: ``(N, 4, h, w)`` logits.

    Returns:
        ``(N, 4, 2)`` x, y in cells, cell centres at whole numbers, and ``(N, 4)`` the share 0..1 of each map
        that lies near its corner: how sure the place is.
    """
    number, corners, height, width = heat.shape
    flat = heat.reshape(number * corners, height * width).astype(np.float64)
    weight = np.exp(flat - flat.max(axis=1, keepdims=True))
    weight = (weight / weight.sum(axis=1, keepdims=True)).reshape(number, corners, height, width)
    peaks = _peaks(weight)  # (N, 4, P) cell numbers, highest first
    share, places = _around(weight, peaks)  # (N, 4, P), (N, 4, P, 2)
    chosen = _together(share, places)  # (N, 4) numbers of peaks
    at = np.arange(number)[:, None], np.arange(corners)[None, :], chosen
    return places[at].astype(np.float32), share[at].astype(np.float32)


def _peaks(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Cells ``(N, 4, P)`` of the highest local maxima of maps ``(N, 4, h, w)``, highest first."""
    channels = np.ascontiguousarray(weight.reshape(-1, *weight.shape[2:]))
    highest = np.empty_like(channels)
    for channel, found in zip(channels, highest, strict=True):
        cv2.dilate(channel, np.ones((3, 3), np.uint8), found)
    lone = np.where(channels >= highest, channels, 0.0)
    lone = lone.reshape(*weight.shape[:2], weight.shape[2] * weight.shape[3])
    best = np.argpartition(lone, -_PEAKS, axis=2)[..., -_PEAKS:]
    order = np.argsort(-np.take_along_axis(lone, best, axis=2), axis=2, kind="stable")
    return np.asarray(np.take_along_axis(best, order, axis=2))


def _around(
    weight: npt.NDArray[np.float64], peaks: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How much of its map lies near each peak ``(N, 4, P)``, and the mean place of that ``(N, 4, P, 2)``."""
    number, corners = weight.shape[:2]
    y, x = np.divmod(peaks, weight.shape[3])
    steps = np.arange(-_AROUND, _AROUND + 1)
    padded = np.pad(weight, ((0, 0), (0, 0), (_AROUND, _AROUND), (_AROUND, _AROUND)))
    first, second = np.ogrid[:number, :corners]
    rows = y[..., None, None] + _AROUND + steps[:, None]
    columns = x[..., None, None] + _AROUND + steps
    near = padded[first[..., None, None, None], second[..., None, None, None], rows, columns]
    total = near.sum(axis=(3, 4))
    scale = np.maximum(total, 1e-300)
    across = (near * steps).sum(axis=(3, 4)) / scale
    down = (near * steps[:, None]).sum(axis=(3, 4)) / scale
    return total, np.stack([x + across, y + down], axis=-1)


def _together(share: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Which peak of each map, ``(N, 4)``: the likeliest ones that make a convex clockwise quad.

    Where none of some likelihood do, the highest of each map.
    """
    corners, peaks = share.shape[1:]
    ways = np.stack(np.meshgrid(*[np.arange(peaks)] * corners, indexing="ij"), axis=-1).reshape(-1, corners)
    quads = places[:, np.arange(corners), ways]  # (N, ways, 4, 2)
    side = quads[:, :, NEXT_CORNER] - quads
    after = side[:, :, NEXT_CORNER]
    turn = side[..., 0] * after[..., 1] - side[..., 1] * after[..., 0]  # twice a corner's triangle, in cells
    highest = np.arange(peaks) == 0
    value = np.where((share >= _LIKELY) | highest, np.log(np.maximum(share, 1e-12)), -np.inf)
    likely = value[:, np.arange(corners), ways].sum(axis=2)
    likely[turn.min(axis=2) < _LEAST_TURN] = -np.inf
    # Of ways that are all impossible the first is taken: the highest peak of each map.
    return np.asarray(ways[likely.argmax(axis=1)])


def corner_pixels(
    heat: npt.NDArray[np.float32], size: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """As `corner_places`, in pixels of the picture of ``size`` x ``size``."""
    places, sure = corner_places(heat)
    return (places + np.float32(0.5)) * np.float32(size / heat.shape[-1]) - np.float32(0.5), sure
