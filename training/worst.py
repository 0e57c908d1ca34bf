"""The photos with the most mistakes, drawn: where most progress comes from."""

from __future__ import annotations

from collections.abc import Sequence

from lipack_vision.types import LABELS, ImageArray, Mark
from training.data.batches import ignored_marks
from training.infer import Result
from training.metrics import MATCH, asked_only, overlap
from training.pictures import draw_beside_truth


def mistakes(result: Result, threshold: float = 0.5) -> int:
    """Missed marks plus false findings of a photo; ignored marks and classes not asked count neither way."""
    result = asked_only(result)
    truth = result.sample.truth
    hidden = ignored_marks(truth, result.scale)
    found = [d for d in result.found if d.score >= threshold]
    hit: set[int] = set()
    false = 0
    for finding in found:
        over = [
            i
            for i in range(len(truth))
            if overlap(finding.quad, truth, i, result.sample.size) >= MATCH
            and (hidden[i] or truth.labels[i] == finding.index)
        ]
        hit.update(over)
        false += not over
    return false + sum(i not in hit and not hidden[i] for i in range(len(truth)))


def worst(results: Sequence[Result], limit: int, threshold: float = 0.5) -> list[tuple[str, ImageArray]]:
    """Name and picture ``uint8 (H, W, 3)`` of the photos with the most mistakes, drawn beside truth."""
    counted = [(mistakes(result, threshold), result) for result in results]
    tiles = []
    for wrong, result in sorted(counted, key=lambda pair: pair[0], reverse=True)[:limit]:
        marks = [Mark(LABELS[d.index], d.score, d.quad) for d in result.found if d.score >= threshold]
        name = f"{wrong} wrong: {result.sample.path.name}"
        truth = list(result.sample.truth.quads)
        tiles.append((name, draw_beside_truth(result.sample.image(), marks, truth)))
    return tiles
