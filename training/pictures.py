"""Contact sheets: the pictures that a figure stands for, and the views that a net is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.datasets.types import Bools, Truth
from lipack_vision.errors import ConfigError
from lipack_vision.geometry import bounding_box
from lipack_vision.inspection.pictures import draw_marks
from lipack_vision.types import ImageArray, Mark, Quad

_PAPER = 40
_CAPTION = 22
_GREY = (165, 165, 165)
_COLOURS = (
    (255, 70, 70),
    (60, 220, 90),
    (80, 170, 255),
    (255, 170, 30),
    (240, 90, 240),
    (40, 225, 225),
    (250, 240, 60),
    (190, 150, 255),
)
"""By class, bright on a dark rim; classes beyond the last start again."""

_Place = tuple[int, int, int, int]


def draw_beside_truth(image: ImageArray, marks: Sequence[Mark], truth: Sequence[Quad]) -> ImageArray:
    """A copy of the photo with the true quads in white under the marks that were found."""
    canvas = image.copy()
    width = 2 * max(1, round(max(image.shape[:2]) / 400))
    for quad in truth:
        cv2.polylines(canvas, [np.asarray(quad, np.int32)], True, (255, 255, 255), width, cv2.LINE_AA)
    return draw_marks(canvas, marks)


def draw_truth(
    image: ImageArray, truth: Truth, ignored: Bools, classes: Sequence[str], side: int
) -> ImageArray:
    """A view enlarged to ``side`` with the marks that it shows, in the manner that `legend` explains.

    Args:
        image: RGB ``uint8 (S, S, 3)``.
        truth: its marks.
        ignored: which of them are neither asked for nor forbidden, ``(M,)``.
        classes: names of the classes.
        side: of the result in pixels.
    """
    scale = side / image.shape[0]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    canvas = np.asarray(cv2.resize(image, (side, side), interpolation=way), np.uint8)
    quads = (truth.quads + 0.5) * scale - 0.5
    wanted = ~np.asarray(ignored, bool)
    for n in [*np.flatnonzero(~wanted), *np.flatnonzero(wanted)]:
        colour = _COLOURS[truth.labels[n] % len(_COLOURS)] if wanted[n] else _GREY
        draw_quad(canvas, quads[n], colour, ordered=bool(truth.ordered[n]))
    taken: list[_Place] = []
    for n in np.flatnonzero(wanted):
        colour = _COLOURS[truth.labels[n] % len(_COLOURS)]
        _write_beside(canvas, classes[truth.labels[n]], quads[n], colour, taken)
    return canvas


def draw_quad(
    canvas: ImageArray, quad: npt.NDArray[np.float32], colour: tuple[int, int, int], *, ordered: bool
) -> None:
    """Draw a mark in place: a dot on its first corner, its first side thick; a mere box dashed."""
    corners = np.round(quad).astype(int)
    sides = list(zip(corners.tolist(), np.roll(corners, -1, axis=0).tolist(), strict=True))
    for shade, extra in (((0, 0, 0), 1), (colour, 0)):
        for number, (start, end) in enumerate(sides):
            if ordered:
                width = (4 if number == 0 else 2) + extra
                cv2.line(canvas, start, end, shade, width, cv2.LINE_AA)
            else:
                _dashes(canvas, start, end, shade, 2 + extra)
        if ordered:
            cv2.circle(canvas, corners[0].tolist(), 5 + extra, shade, -1, cv2.LINE_AA)


def _dashes(
    canvas: ImageArray, start: list[int], end: list[int], shade: tuple[int, int, int], width: int
) -> None:
    first, last = np.array(start, float), np.array(end, float)
    count = max(1, round(float(np.linalg.norm(last - first)) / 16))
    for n in range(count):
        a, b = (np.round(first + (last - first) * (n + part) / count).astype(int) for part in (0.25, 0.75))
        cv2.line(canvas, a.tolist(), b.tolist(), shade, width, cv2.LINE_AA)


def _write_beside(
    canvas: ImageArray,
    text: str,
    quad: npt.NDArray[np.float32],
    colour: tuple[int, int, int],
    taken: list[_Place],
) -> None:
    seen = np.clip(quad, 0, canvas.shape[0] - 1)
    x0, y0, x1, y1 = (round(v) for v in bounding_box(seen))
    width, height = _extent(text)
    if max(x1 - x0, y1 - y0) < width / 2:
        return  # a name larger than its mark would hide others; the colour tells the class
    room = canvas.shape[1] - width, canvas.shape[0] - height
    middle = (x0 + x1 - width) // 2, (y0 + y1) // 2
    wanted = [(x0, y0 - height - 4), (x0, y1 + 4), (x1 - width, y0 + 4), middle]
    places = [(min(max(x, 0), room[0]), min(max(y, 0), room[1])) for x, y in wanted]
    free = [p for p in places if not any(_meet((*p, width, height), other) for other in taken)]
    x, y = (free or places)[0]
    taken.append((x, y, width, height))
    # Half the picture shines through.
    canvas[y : y + height, x : x + width] //= 3
    _write(canvas, text, (x + 3, y + height - 5), colour)


def _meet(one: _Place, two: _Place) -> bool:
    return all(one[i] < two[i] + two[i + 2] and two[i] < one[i] + one[i + 2] for i in (0, 1))


def _extent(text: str) -> tuple[int, int]:
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    return width + 6, height + base + 4


def _write(
    canvas: ImageArray, text: str, place: tuple[int, int], colour: tuple[int, int, int] = (255, 255, 255)
) -> None:
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)


def legend(classes: Sequence[str], width: int) -> ImageArray:
    """What the lines and colours of `draw_truth` mean, as a strip ``uint8 (H, width, 3)``."""
    strip = np.full((60, width, 3), _PAPER, np.uint8)
    box = np.array([[0, 0], [26, 0], [26, 16], [0, 16]], np.float32)
    lines = (
        ("the mark's own corners: dot on the first, thick side to the second", (255, 255, 255), True),
        ("only its box is known", (255, 255, 255), False),
        ("ignored: too small or hidden", _GREY, True),
    )
    x = 14
    for text, colour, ordered in lines:
        draw_quad(strip, box + np.array([x, 10], np.float32), colour, ordered=ordered)
        _write(strip, text, (x + 38, 23))
        x += 38 + _extent(text)[0] + 30
    x = 10
    for number, text in enumerate(classes):
        _write(strip, text, (x, 50), _COLOURS[number % len(_COLOURS)])
        x += _extent(text)[0] + 14
    return strip


def contact_sheet(
    tiles: Sequence[tuple[str, ImageArray]],
    path: Path,
    *,
    side: int = 320,
    columns: int = 5,
    head: ImageArray | None = None,
) -> None:
    """Write named pictures as one PNG, row by row.

    Args:
        tiles: name and RGB picture ``uint8 (H, W, 3)`` of each.
        path: of the PNG; its folder is made when missing.
        side: of the square that a picture is fitted into, in pixels.
        columns: pictures per row.
        head: a strip ``uint8 (H, W, 3)`` above the pictures, at most as wide as they are.

    Raises:
        ConfigError: the file cannot be written.
    """
    cells = [_cell(name, image, side) for name, image in tiles]
    while len(cells) % columns:
        cells.append(np.full((side + _CAPTION, side, 3), _PAPER, np.uint8))
    rows = [np.hstack(cells[i : i + columns]) for i in range(0, len(cells), columns)]
    if head is not None:
        rows.insert(0, head)
    _, png = cv2.imencode(".png", cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png.tobytes())
    except OSError as error:
        raise ConfigError(
            str(path),
            expected="a place that can be written to",
            found=error.strerror or str(error),
            cure="Choose another file.",
        ) from error


def _cell(name: str, image: ImageArray, side: int) -> ImageArray:
    scale = side / max(image.shape[:2])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    cell = np.full((side + _CAPTION, side, 3), _PAPER, np.uint8)
    cell[: size[1], : size[0]] = small
    _write(cell, name[-(side // 8) :], (4, side + 15))
    return cell
