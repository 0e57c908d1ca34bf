"""Probabilities that mean what they say, and thresholds, both fitted on pictures unseen in training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchmetrics.functional.classification import binary_calibration_error

from lipack_vision.artifact import Calibration
from lipack_vision.datasets import Truth
from lipack_vision.labels.decode import Detection, sigmoid
from lipack_vision.types import LABELS
from training.data.batches import ignored_marks
from training.infer import Result
from training.metrics import MATCH, overlap
from training.platt import Floats, platt

ENOUGH = 20
"""Least right and least wrong findings from which a class gets numbers of its own."""
POINTS = {"sensitive": (2.0, 0.35), "balanced": (1.0, 0.5), "strict": (0.5, 0.9)}
"""Operating points: the beta of the F score that each is best for (above 1 recall weighs more), and the
highest threshold. What is more likely a mark than not is told at all points but the strict one."""
FLOOR = 0.1
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the right findings that lie below a level at which the highest probability is looked for."""


@dataclass(slots=True)
class Evidence:
    """Findings of one class: raw logits, whether each was right, and how many marks there were to find."""

    logits: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    marks: int = 0


def gather(results: Sequence[Result]) -> dict[str, Evidence]:
    """Match findings with marks of their class at IoU 0.5.

    Findings on ignored marks, and of classes that the photo's annotations do not cover, do not count.
    """
    evidence = {label: Evidence() for label in LABELS}
    for result in results:
        truth = result.sample.truth
        hidden = ignored_marks(truth, result.scale)
        for index in np.flatnonzero(result.sample.asked):
            own = truth.labels == index
            found = [d for d in result.found if d.index == index]
            asked, left = truth.keep(own & ~hidden), truth.keep(own & hidden)
            _match(evidence[LABELS[index]], found, asked, left, result.sample.size)
    return evidence


def _match(
    evidence: Evidence, found: list[Detection], asked: Truth, hidden: Truth, size: tuple[int, int]
) -> None:
    evidence.marks += len(asked)
    free = list(range(len(asked)))
    for detection in sorted(found, key=lambda d: -d.logit):
        overlaps = [overlap(detection.quad, asked, i, size) for i in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        hit = best >= 0 and overlaps[best] >= MATCH
        if hit:
            free.pop(best)
        elif any(overlap(detection.quad, hidden, i, size) > MATCH / 2 for i in range(len(hidden))):
            continue
        evidence.logits.append(detection.logit)
        evidence.right.append(hit)


def calibrations(parts: Sequence[Mapping[str, Evidence]]) -> dict[str, Calibration]:
    """Platt numbers of every class with enough right and wrong findings; the others stay uncalibrated.

    Args:
        parts: the evidence of each data set.
    """
    fits: dict[str, Calibration] = {}
    for label in LABELS:
        seen = pooled([part[label] for part in parts])
        numbers = _platt_numbers(seen.logits, seen.right, ENOUGH)
        if numbers is not None:
            most = highest_supported([part[label] for part in parts], seen)
            fits[label] = Calibration(**numbers, most=most)
    return fits


def _platt_numbers(logits: Sequence[float], right: Sequence[bool], enough: int) -> dict[str, Any] | None:
    """What a `Calibration` says but for its ends; None where findings are too few or tell nothing."""
    positives = sum(right)
    negatives = len(right) - positives
    if min(positives, negatives) < enough:
        return None
    a, b = platt(logits, right)
    # Where surer findings are not righter there is no calibration.
    return {"a": a, "b": b, "positives": positives, "negatives": negatives} if a > 0 else None


def pooled(parts: Sequence[Evidence]) -> Evidence:
    """All findings of a class as one evidence."""
    return Evidence(
        [logit for part in parts for logit in part.logits],
        [right for part in parts for right in part.right],
        sum(part.marks for part in parts),
    )


def highest_supported(parts: Sequence[Evidence], seen: Evidence) -> float:
    """The highest probability that the findings support.

    That is the best of Laplace's estimates ``(k + 1) / (n + 2)`` with ``k`` right of the ``n`` findings above
    some logit, of those from the median of the right ones on; it guards against what the curve promises
    beyond its evidence. And no more than any one data set allows there if its next finding were right,
    ``(k + 1) / (n + 1)``: many rendered photos must not outvote the few real ones on which the net errs.
    """
    logits, right = np.array(seen.logits), np.array(seen.right, bool)
    most = 0.0
    for level in np.quantile(logits[right], LEVELS):
        sure = logits >= level
        told = (right[sure].sum() + 1) / (sure.sum() + 2)
        for part in parts:
            own = np.array(part.logits) >= level
            told = min(told, (np.array(part.right, bool)[own].sum() + 1) / (own.sum() + 1))
        most = max(most, float(told))
    return math.floor(1e4 * most) / 1e4


def supported(logits: Sequence[float], right: Sequence[bool]) -> dict[str, float]:
    """``least`` and ``most`` of a `Calibration`: both ends that these findings support; see
    `highest_supported`.
    """
    seen = Evidence(list(logits), list(right), 0)
    mirrored = Evidence([-logit for logit in logits], [not one for one in right], 0)
    most, other = (highest_supported([one], one) for one in (seen, mirrored))
    return {"least": round(1 - other, 4), "most": most}


def fitted(logits: Sequence[float], right: Sequence[bool], enough: int) -> Calibration | None:
    """Platt numbers and both ends that findings support; None where they are too few or tell nothing.

    Args:
        logits: raw, one for each finding.
        right: whether it was.
        enough: least right and least wrong findings.
    """
    numbers = _platt_numbers(logits, right, enough)
    return None if numbers is None else Calibration(**numbers, **supported(logits, right))


def probabilities(seen: Evidence, fit: Calibration | None) -> Floats:
    """What a user is told for each finding: the calibrated probability, or the raw score without a fit."""
    if fit is None:
        return sigmoid(seen.logits)
    return np.array([fit.probability(logit) for logit in seen.logits], np.float64)


def operating_points(
    parts: Sequence[Mapping[str, Evidence]],
    fitted: Mapping[str, Calibration],
    former: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, dict[str, float]]:
    """Per operating point and class the threshold with the best F score, from `FLOOR` to the point's highest.

    Args:
        parts: the evidence of each data set.
        fitted: calibration of the classes that have one.
        former: thresholds of classes with too little evidence; 0.5 or the point's highest without.
    """
    seen = {label: pooled([part[label] for part in parts]) for label in LABELS}
    points: dict[str, dict[str, float]] = {}
    for point, (beta, highest) in POINTS.items():
        points[point] = {}
        for label, evidence in seen.items():
            if label in fitted:
                told = probabilities(evidence, fitted[label])
                right = np.asarray(evidence.right, bool)
                points[point][label] = _best_threshold(told, right, evidence.marks, beta, highest)
            else:
                # A threshold from a handful of findings would hide marks by chance.
                points[point][label] = (former or {}).get(point, {}).get(label, min(0.5, highest))
    return points


def carried_points(
    points: Mapping[str, Mapping[str, float]],
    former: Mapping[str, Calibration],
    fitted: Mapping[str, Calibration],
) -> dict[str, dict[str, float]]:
    """Thresholds that lie at the same logits under another calibration, so that the same marks are found."""

    def carried(label: str, threshold: float) -> float:
        if label not in former or label not in fitted or not 0 < threshold < 1:
            return threshold
        logit = (math.log(threshold / (1 - threshold)) - former[label].b) / former[label].a
        # Rounded down: beyond the highest supported probability all lie within less than the last digit.
        return math.floor(1e4 * fitted[label].probability(logit)) / 1e4

    return {name: {label: carried(label, t) for label, t in point.items()} for name, point in points.items()}


def _best_threshold(
    told: Floats, right: npt.NDArray[np.bool_], marks: int, beta: float, highest: float
) -> float:
    thresholds = np.arange(FLOOR, highest + 1e-9, 0.01)
    kept = told[None] >= thresholds[:, None]
    hits, total = (kept & right).sum(1), kept.sum(1)
    scores = (1 + beta**2) * hits / np.maximum(total + beta**2 * marks, 1)
    # The middle of equally good thresholds is the least touched by chance.
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    return round(float(thresholds[best].mean()), 3)


def calibration_error(told: Floats, right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error, 0..1: mean gap between what was told and how often it was right."""
    if not len(told):
        return 0.0
    given = (
        torch.from_numpy(np.asarray(told, np.float64)),
        torch.from_numpy(np.asarray(right).astype(np.int64)),
    )
    return float(binary_calibration_error(*given, n_bins=bins, norm="l1"))


def error_of(evidence: Mapping[str, Evidence], fitted: Mapping[str, Calibration]) -> float | None:
    """`calibration_error` over the findings of all calibrated classes; None without any."""
    seen = [(found, fitted[label]) for label, found in evidence.items() if label in fitted and found.logits]
    if not seen:
        return None
    told = np.concatenate([probabilities(found, fit) for found, fit in seen])
    return calibration_error(told, np.concatenate([np.asarray(found.right, bool) for found, _ in seen]))
