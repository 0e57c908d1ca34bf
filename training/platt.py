"""Platt scaling: two numbers that turn a raw logit into a probability."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]


def platt(logits: npt.ArrayLike, right: npt.ArrayLike) -> tuple[float, float]:
    """``a, b`` of ``sigmoid(a * logit + b)``, fitted to whether findings were right.

    Targets are drawn in by one count on each side (Platt 1999), so that a sample without errors does not give
    certainty and clean separation stays finite.

    Args:
        logits: ``(N,)`` raw logits.
        right: ``(N,)`` bool.
    """
    x, y = np.asarray(logits, np.float64), np.asarray(right, bool)
    positives, negatives = int(y.sum()), int((~y).sum())
    target = np.where(y, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    # A target between 0 and 1 is both answers, each with its weight; C is high, for the targets regularise.
    model = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000)
    answers = np.repeat([1, 0], len(x))
    model.fit(np.concatenate([x, x])[:, None], answers, sample_weight=np.concatenate([target, 1 - target]))
    return float(model.coef_[0, 0]), float(model.intercept_[0])
