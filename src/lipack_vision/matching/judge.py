"""From logits to probabilities and thresholds, by the numbers of the card."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipack_vision.artifact import Calibration, Card
from lipack_vision.errors import ArtifactError
from lipack_vision.matching.compared import changed_logit
from lipack_vision.matching.encoder import CLASSES

Floats = npt.NDArray[np.float32]

HIDDEN = "hidden"
"""Name of the score of a cell, in a card's operating points, from which it counts as hidden; 0.5 where it is
not named."""
_MOVED = 2.0
"""Weight of print that was moved: a dozen of its points outweighs cells that all look alike."""
_PLAIN = Calibration(a=1.0, b=0.0, positives=0, negatives=0)
"""For a card without calibration: the raw score."""


def identity_logit(cosine: float, inliers: int) -> float:
    """How much two photos look like one packaging.

    Args:
        cosine: of their embeddings, -1..1.
        inliers: points that agree on all registered faces.
    """
    return 3 * cosine + math.log1p(inliers)


def difference_logit(logits: Floats, moved: int) -> float:
    """How much a face differs from that of the reference.

    Args:
        logits: of its compared cells ``(N,)``; at least one.
        moved: points of print that lies elsewhere on it; see `moved.moved_print`.
    """
    return changed_logit(logits) + _MOVED * math.log1p(moved)


@dataclass(frozen=True, slots=True)
class Judge:
    """Calibration and thresholds of a card.

    Attributes:
        identity_fit, changed_fit: how logits become probabilities.
        identity_threshold: probability from which a photo counts as the packaging, changed or not.
        changed_threshold: probability from which it counts as changed.
        hidden_level: logit above which a cell counts as hidden.
        calibrated: whether both fits are of the card.
    """

    identity_fit: Calibration
    changed_fit: Calibration
    identity_threshold: float
    changed_threshold: float
    hidden_level: float
    calibrated: bool

    @classmethod
    def of(cls, card: Card, point: str) -> Judge:
        """That of a card at one of its operating points.

        Raises:
            ArtifactError: the card has no such operating point, or not both thresholds in it.
        """
        thresholds = card.operating_points.get(point, {})
        if not set(CLASSES) <= set(thresholds):
            known = sorted(name for name, one in card.operating_points.items() if set(CLASSES) <= set(one))
            raise ArtifactError(
                f"card of {card.name}",
                expected=f"an operating point with {' and '.join(CLASSES)}: {', '.join(known) or '(none)'}",
                found=point,
                cure="Choose one of them, or calibrate the artifact.",
            )
        identity, changed = CLASSES
        return cls(
            card.calibration.get(identity, _PLAIN),
            card.calibration.get(changed, _PLAIN),
            thresholds[identity],
            thresholds[changed],
            hidden_level(card, point),
            set(CLASSES) <= set(card.calibration),
        )

    def identity(self, cosine: float, inliers: int) -> float:
        """Probability 0..1 that two photos show the same packaging, changed or not; see `identity_logit`."""
        return self.identity_fit.probability(identity_logit(cosine, inliers))

    def changed(self, logit: float) -> float:
        """Probability 0..1 that a face, or a place on it, differs; see `difference_logit`."""
        return self.changed_fit.probability(logit)

    @property
    def level(self) -> float:
        """Logit above which a cell belongs to a place that differs; low enough to lose none that counts."""
        wanted = (_logit(self.changed_threshold) - self.changed_fit.b) / self.changed_fit.a
        return min(0.0, wanted)


def hidden_level(card: Card, point: str) -> float:
    """Logit above which a cell counts as hidden, at an operating point of a card."""
    return _logit(card.operating_points.get(point, {}).get(HIDDEN, 0.5))


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))
