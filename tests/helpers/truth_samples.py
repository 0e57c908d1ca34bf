"""Annotated photos without a picture: what they show is all that matters."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lipack_vision.datasets import Sample, Truth
from lipack_vision.types import LABELS

Corners = list[list[float]]


def square(x: float, y: float, side: float) -> Corners:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side]]


def sample(
    *marks: tuple[str, Corners],
    visible: float = 1.0,
    ordered: bool = True,
    asked: bool = True,
    lookalikes: tuple[Corners, ...] = (),
) -> Sample:
    """A photo of 640 x 480 pixels with marks, each a label and four corners."""
    count = len(marks)
    truth = Truth(
        np.array([quad for _, quad in marks], np.float32).reshape(-1, 4, 2),
        np.array([LABELS.index(label) for label, _ in marks], np.int64),
        np.full(count, visible, np.float32),
        np.full(count, ordered),
    )
    others = np.array(lookalikes, np.float32).reshape(-1, 4, 2)
    return Sample(Path("none.jpg"), (640, 480), truth, np.full(8, asked), lookalikes=others)
