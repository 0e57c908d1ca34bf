"""Probabilities that mean what they say, and thresholds, both fitted on pictures unseen in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
"""Least right and least wrong findings from which a class is calibrated."""
POINTS = {"sensitive": 2.0, "balanced": 1.0, "strict": 0.5}
"""Operating points: the beta of the F score that each is best for; above 1 recall weighs more."""
FLOOR, CEILING = 0.1, 0.9


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
            _match(evidence[LABELS[index]], found, truth.keep(own & ~hidden), truth.keep(own & hidden))
    return evidence


def _match(evidence: Evidence, found: list[Detection], asked: Truth, hidden: Truth) -> None:
    evidence.marks += len(asked)
    free = list(range(len(asked)))
    for detection in sorted(found, key=lambda d: -d.logit):
        overlaps = [_overlap(detection, asked, i) for i in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        hit = best >= 0 and overlaps[best] >= MATCH
        if hit:
            free.pop(best)
        elif any(_overlap(detection, hidden, i) > MATCH / 2 for i in range(len(hidden))):
            continue
        evidence.logits.append(detection.logit)
        evidence.right.append(hit)


def _overlap(detection: Detection, truth: Truth, index: int) -> float:
    return overlap(detection.quad, truth.quads[index], bool(truth.ordered[index]))


def calibrations(evidence: dict[str, Evidence]) -> dict[str, Calibration]:
    """Platt numbers of every class with enough right and wrong findings; the others stay uncalibrated."""
    fitted: dict[str, Calibration] = {}
    for label, seen in evidence.items():
        positives = sum(seen.right)
        negatives = len(seen.right) - positives
        if min(positives, negatives) < ENOUGH:
            continue
        a, b = platt(seen.logits, seen.right)
        # A class whose surer findings are not righter has no calibration.
        if a > 0:
            fitted[label] = Calibration(a=a, b=b, positives=positives, negatives=negatives)
    return fitted


def probabilities(seen: Evidence, fit: Calibration | None) -> Floats:
    """What a user is told for each finding: the calibrated probability, or the raw score without a fit."""
    if fit is None:
        return sigmoid(seen.logits)
    return np.array([fit.probability(logit) for logit in seen.logits], np.float64)


def operating_points(
    evidence: dict[str, Evidence], fitted: dict[str, Calibration]
) -> dict[str, dict[str, float]]:
    """Per operating point and class the threshold with the best F score, within 0.1 to 0.9."""
    told = {label: probabilities(seen, fitted.get(label)) for label, seen in evidence.items()}
    return {
        point: {
            label: _best_threshold(told[label], np.asarray(seen.right, bool), seen.marks, beta)
            for label, seen in evidence.items()
        }
        for point, beta in POINTS.items()
    }


def _best_threshold(told: Floats, right: npt.NDArray[np.bool_], marks: int, beta: float) -> float:
    if not marks or not right.any():
        return 0.5
    thresholds = np.arange(FLOOR, CEILING + 1e-9, 0.01)
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


def error_of(evidence: dict[str, Evidence], fitted: dict[str, Calibration]) -> float:
    """`calibration_error` over the findings of all calibrated classes."""
    seen = [(found, fitted[label]) for label, found in evidence.items() if label in fitted]
    if not seen:
        return 0.0
    told = np.concatenate([probabilities(found, fit) for found, fit in seen])
    return calibration_error(told, np.concatenate([np.asarray(found.right, bool) for found, _ in seen]))
