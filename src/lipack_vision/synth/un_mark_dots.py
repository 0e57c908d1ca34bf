"""Text as a 5 x 7 dot-matrix ink-jet coder prints it on a conveyor."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Ink = npt.NDArray[np.uint8]

# Five columns of seven dots per character, lowest bit at the top.
_GLYPHS: dict[str, str] = {
    "0": "3E5149453E", "1": "00427F4000", "2": "4261514946", "3": "2141454B31", "4": "1814127F10",
    "5": "2745454539", "6": "3C4A494930", "7": "0171090503", "8": "3649494936", "9": "064949291E",
    "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141221C", "E": "7F49494941",
    "F": "7F09090901", "G": "3E4149497A", "H": "7F0808087F", "I": "00417F4100", "J": "2040413F01",
    "K": "7F08142241", "L": "7F40404040", "M": "7F020C027F", "N": "7F0408107F", "O": "3E4141413E",
    "P": "7F09090906", "Q": "3E4151215E", "R": "7F09192946", "S": "4649494931", "T": "01017F0101",
    "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F", "X": "6314081463", "Y": "0708700807",
    "Z": "6151494543", "/": "2010080402", "+": "08083E0808", "-": "0808080808", ":": "0036360000",
    ".": "0060600000", " ": "0000000000", "u": "3C4040207C", "n": "7C08040478",
}  # fmt: skip

DOT_CHARACTERS = frozenset(_GLYPHS)


def dot_grid(text: str) -> npt.NDArray[np.bool_]:
    """The dots of a line, ``(7, 6 * characters - 1)``.

    Raises:
        KeyError: a character outside `DOT_CHARACTERS`.
    """
    columns: list[int] = []
    for character in text:
        columns.extend(bytes.fromhex(_GLYPHS[character]))
        columns.append(0)
    bits = np.array(columns[:-1], dtype=np.uint8)
    return (bits[None, :] >> np.arange(7, dtype=np.uint8)[:, None] & 1).astype(bool)


def print_dots(
    grid: npt.NDArray[np.bool_], height_px: float, stretch: float, rng: np.random.Generator
) -> Ink:
    """Print a dot grid as ink discs.

    Args:
        grid: dots ``(rows, columns)``.
        height_px: height of the printed rows in pixels.
        stretch: width of a column over the height of a row.
        rng: decides which dots are missing and how the belt shook.

    Returns:
        Ink coverage ``(H, W)``, 255 where printed.
    """
    rows, columns = grid.shape
    cell = max(4, int(np.ceil(height_px / rows)))
    centre = (cell - 1) / 2
    y, x = np.mgrid[:cell, :cell] - centre
    radius = cell * rng.uniform(0.42, 0.56)
    disc = np.clip(radius - np.hypot(x, y) + 0.5, 0, 1)
    strength = rng.uniform(0.75, 1.0, grid.shape) * grid * (rng.random(grid.shape) > 0.01)
    big = (strength[:, None, :, None] * disc[None, :, None, :]).reshape(rows * cell, columns * cell)
    size = (max(1, round(columns * stretch * height_px / rows)), max(1, round(height_px)))
    ink: Ink = np.asarray(cv2.resize((big * 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA))
    return ink
