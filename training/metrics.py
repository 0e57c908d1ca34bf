"""COCO metrics on quads, corner errors and mix-ups between class 9 and class 9A."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from faster_coco_eval import COCO, COCOeval_faster
from faster_coco_eval.core import mask
from rich.console import Console
from rich.table import Table

from lipack_vision.datasets import Truth
from lipack_vision.geometry import area, bounding_box, quad_iou, side_lengths
from lipack_vision.labels.decode import Detection
from lipack_vision.types import LABELS, Quad, as_quad
from training.data.batches import ignored_marks
from training.infer import Result

# It tells of every step of every evaluation.
logging.getLogger("faster_coco_eval").setLevel(logging.WARNING)

DIAMONDS = ("class9", "class9a")
MATCH = 0.5
"""Least intersection over union at which a finding is a mark's."""


def evaluate(results: Sequence[Result], *, boxes: bool | None = None) -> dict[str, float]:
    """All metrics by name, 0..1; a metric without any mark to measure on is left out.

    Findings of classes that a photo's annotations do not cover count neither way.

    Args:
        results: photos with findings.
        boxes: compare enclosing boxes; by default where the marks of some photo have only boxes.

    Returns:
        ``AP``, ``AP50``, ``AP75``, ``AP/<label>``, ``AP50/<label>``, ``corner_error`` and
        ``corner_error/<label>`` (median distance of corresponding corners in lengths of the mark's side),
        ``<a>_as_<b>`` (share of found marks of class a whose best finding says b).
    """
    results = [asked_only(result) for result in results]
    if boxes is None:
        boxes = not all(bool(result.sample.truth.ordered.all()) for result in results)
    figures = _coco(results, boxes)
    if not boxes:
        figures |= _corner_errors(results)
    return figures | _mix_ups(results)


def asked_only(result: Result) -> Result:
    """The photo without marks and findings of classes that its annotations do not cover."""
    sample = result.sample
    kept = replace(sample, truth=sample.truth.keep(sample.asked[sample.truth.labels]))
    return replace(result, sample=kept, found=[d for d in result.found if sample.asked[d.index]])


def _coco(results: Sequence[Result], boxes: bool) -> dict[str, float]:
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(_truth_dict(results, boxes))
        rows = [_finding(i, r.sample.size, d, boxes) for i, r in enumerate(results) for d in r.found]
        if not truth.anns:
            return {}
        found = truth.loadRes(rows or [_nothing(boxes)])
        run = COCOeval_faster(truth, found, "bbox" if boxes else "segm", extra_calc=False)
        run.evaluate()
        run.accumulate()
    # (IoU thresholds, recall levels, classes, areas, most findings); -1 where there is no mark.
    table = np.asarray(run.eval["precision"])[:, :, :, 0, -1]
    figures = {name: _mean(table[rows_of]) for name, rows_of in _IOUS.items()}
    for index, label in enumerate(LABELS):
        figures |= {f"{name}/{label}": _mean(table[_IOUS[name]][:, :, index]) for name in ("AP", "AP50")}
    return {name: value for name, value in figures.items() if value >= 0}


_IOUS = {"AP": slice(None), "AP50": slice(0, 1), "AP75": slice(5, 6)}


def _mean(table: npt.NDArray[np.float64]) -> float:
    asked = table[table > -1]
    return float(asked.mean()) if asked.size else -1.0


def _truth_dict(results: Sequence[Result], boxes: bool) -> dict[str, Any]:
    images: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number, result in enumerate(results):
        width, height = result.sample.size
        images.append({"id": number, "width": width, "height": height})
        truth = result.sample.truth
        for quad, label, hidden in zip(
            truth.quads, truth.labels, ignored_marks(truth, result.scale), strict=True
        ):
            place = _place(box_on_photo(quad, result.sample.size) if boxes else quad)
            row = {
                "id": len(rows) + 1,
                "image_id": number,
                "category_id": int(label) + 1,
                "iscrowd": int(hidden),
            }
            rows.append({**row, **place})
    categories = [{"id": i + 1, "name": label} for i, label in enumerate(LABELS)]
    return {"images": images, "annotations": rows, "categories": categories, "info": {}}


def _place(quad: npt.NDArray[np.float32]) -> dict[str, Any]:
    x0, y0, x1, y1 = bounding_box(quad)
    return {
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "segmentation": [[float(v) for v in quad.reshape(-1)]],
        "area": area(quad),
    }


def _finding(image: int, size: tuple[int, int], found: Detection, boxes: bool) -> dict[str, Any]:
    row = {"image_id": image, "category_id": found.index + 1, "score": found.score}
    if boxes:
        return {**row, "bbox": _place(box_on_photo(found.quad, size))["bbox"]}
    place = _place(found.quad)
    return {**row, "segmentation": mask.frPyObjects(place["segmentation"], size[1], size[0])[0]}


def _nothing(boxes: bool) -> dict[str, Any]:
    # The evaluator refuses an empty list of findings; one far from every mark and of no certainty changes
    # nothing.
    outside = np.array([[-9, -9], [-8, -9], [-8, -8], [-9, -8]], np.float32)
    return _finding(0, (32, 32), Detection(0, -30.0, outside), boxes)


def _corner_errors(results: Sequence[Result]) -> dict[str, float]:
    errors: dict[str, list[float]] = {}
    for result in results:
        truth = result.sample.truth
        asked = truth.keep(~ignored_marks(truth, result.scale))
        for index, (quad, label) in enumerate(zip(asked.quads, asked.labels, strict=True)):
            found = [d for d in result.found if d.index == label]
            best = best_finding(found, asked, index, result.sample.size)
            if best is not None:
                apart = np.linalg.norm(best.quad - quad, axis=1).mean() / side_lengths(quad).mean()
                errors.setdefault(LABELS[label], []).append(float(apart))
    figures = {f"corner_error/{label}": float(np.median(values)) for label, values in sorted(errors.items())}
    every = [value for values in errors.values() for value in values]
    return figures | ({"corner_error": float(np.median(every))} if every else {})


def overlap(found: npt.ArrayLike, truth: Truth, index: int, size: tuple[int, int]) -> float:
    """Intersection over union of a finding and a mark of a photo of ``size`` (width, height), 0..1; of their
    boxes on it, where only that is known."""
    if truth.ordered[index]:
        return quad_iou(found, truth.quads[index])
    return quad_iou(box_on_photo(found, size), truth.quads[index])


def box_on_photo(quad: npt.ArrayLike, size: tuple[int, int]) -> Quad:
    """Corners of the upright box around what a photo of ``size`` (width, height) shows of a quad, from the
    top-left one clockwise.

    People draw boxes up to where the photo ends, while a quad goes on to where the mark's corner lies.
    """
    x0, y0, x1, y1 = np.clip(bounding_box(quad), 0, [*size, *size])
    return as_quad([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def best_finding(
    found: Sequence[Detection], truth: Truth, index: int, size: tuple[int, int]
) -> Detection | None:
    """The most certain finding that overlaps the mark enough, or None; ``found`` is in order of certainty."""
    return next((d for d in found if overlap(d.quad, truth, index, size) >= MATCH), None)


def _mix_ups(results: Sequence[Result]) -> dict[str, float]:
    counts = {a: dict.fromkeys(DIAMONDS, 0) for a in DIAMONDS}
    for result in results:
        truth = result.sample.truth
        asked = truth.keep(~ignored_marks(truth, result.scale))
        rivals = [d for d in result.found if LABELS[d.index] in DIAMONDS]
        for index, label in enumerate(asked.labels):
            near = rivals if LABELS[label] in DIAMONDS else []
            best = best_finding(near, asked, index, result.sample.size)
            if best is not None:
                counts[LABELS[label]][LABELS[best.index]] += 1
    shares: dict[str, float] = {}
    for a, row in counts.items():
        if total := sum(row.values()):
            shares |= {f"{a}_as_{b}": row[b] / total for b in DIAMONDS if b != a}
    return shares


def show(title: str, figures: dict[str, float]) -> None:
    """Print metrics as a table: the whole first, then one line per label."""
    console = Console()
    console.print(title)
    columns = ("AP", "AP50", "corner_error")
    for name, value in figures.items():
        if "/" not in name or name.split("/")[0] not in columns:
            console.print(f"  {name:24s} {value:.4f}")
    table = Table("label", *columns)
    for label in LABELS:
        cells = [figures.get(f"{name}/{label}") for name in columns]
        if any(cell is not None for cell in cells):
            table.add_row(label, *("" if cell is None else f"{cell:.3f}" for cell in cells))
    if table.row_count:
        console.print(table)
