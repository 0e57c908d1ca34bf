"""Contact sheets: the pictures that a figure stands for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from lipack_vision.inspection.pictures import draw_marks
from lipack_vision.types import ImageArray, Mark, Quad


def draw_beside_truth(image: ImageArray, marks: Sequence[Mark], truth: Sequence[Quad]) -> ImageArray:
    """A copy of the photo with the true quads in white under the marks that were found."""
    canvas = image.copy()
    width = 2 * max(1, round(max(image.shape[:2]) / 400))
    for quad in truth:
        cv2.polylines(canvas, [np.asarray(quad, np.int32)], True, (255, 255, 255), width, cv2.LINE_AA)
    return draw_marks(canvas, marks)


def contact_sheet(
    tiles: Sequence[tuple[str, ImageArray]], path: Path, *, side: int = 320, columns: int = 5
) -> None:
    """Write named pictures as one PNG, row by row."""
    cells = [_cell(name, image, side) for name, image in tiles]
    while len(cells) % columns:
        cells.append(np.full((side + 18, side, 3), 40, np.uint8))
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def _cell(name: str, image: ImageArray, side: int) -> ImageArray:
    scale = side / max(image.shape[:2])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    cell = np.full((side + 18, side, 3), 40, np.uint8)
    cell[: size[1], : size[0]] = small
    cv2.putText(
        cell, name[-48:], (3, side + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA
    )
    return cell
