"""A tiny COCO folder of plain squares and diamonds with a dot at the first corner."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from lipack_vision.types import LABELS


def write_pictures(folder: Path, count: int, seed: int, side: int) -> Path:
    """Write ``count`` pictures of ``side`` pixels and ``annotations.json``; return the folder."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    images, rows = [], []
    for number in range(count):
        image = np.full((side, side, 3), rng.integers(120, 180, 3), np.uint8)
        for column in range(2):
            label = int(rng.integers(len(LABELS)))
            centre = np.array([side * (0.27 + 0.46 * column), side * rng.uniform(0.3, 0.7)])
            quad = _shape(rng, label) * side * 0.3 + centre
            _draw(image, quad, label)
            box = [*quad.min(0).tolist(), *np.ptp(quad, axis=0).tolist()]
            row = {"id": len(rows) + 1, "image_id": number, "category_id": label + 1, "visible": 1.0}
            rows.append({**row, "bbox": box, "quad": quad.tolist()})
        cv2.imwrite(str(folder / "images" / f"{number}.png"), image)
        images.append({"id": number, "file_name": f"images/{number}.png", "width": side, "height": side})
    categories = [{"id": i + 1, "name": label} for i, label in enumerate(LABELS)]
    data = {"images": images, "annotations": rows, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def _shape(rng: np.random.Generator, label: int) -> np.ndarray:
    if label < 4:
        shape = np.array([[0, -0.7], [0.7, 0], [0, 0.7], [-0.7, 0]])
    else:
        shape = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    angle = rng.normal(0, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return shape @ turn.T


def _draw(image: np.ndarray, quad: np.ndarray, label: int) -> None:
    colour = ((255, 255, 255), (0, 230, 255), (0, 0, 255), (0, 160, 0))[label % 4]
    cv2.fillPoly(image, [quad.round().astype(np.int32)], colour)
    dot = quad[0] * 0.6 + quad.mean(axis=0) * 0.4
    cv2.circle(image, (int(dot[0]), int(dot[1])), max(2, int(np.ptp(quad[:, 0]) * 0.1)), (0, 0, 0), -1)
