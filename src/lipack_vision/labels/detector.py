"""Find hazard labels, handling marks, UN packaging marks and carton faces on a photo."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lipack_vision.artifact import Artifact, Card, artifact_for, operating_point
from lipack_vision.errors import ConfigError
from lipack_vision.image import MAX_PIXELS, ImageSource, read_reduced
from lipack_vision.labels.decode import Detection
from lipack_vision.labels.finder import load_finder
from lipack_vision.types import LABELS, Mark

DEFAULT_POINT = "balanced"


class HazardLabelDetector:
    """The marks detector.

    Args:
        artifact: folder of a marks artifact; by default the shipped one.
        point: operating point of the card that gives each class its threshold.
        threshold: one threshold for all classes instead of an operating point.
        labels: look for these alone, which takes less time; by default for all.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        threads: threads inside one run; 0 means all cores.
    Raises:
        ArtifactError: the artifact is missing, altered or not one for marks.
        ConfigError: there is no such label, or none was given.
    """

    def __init__(
        self,
        artifact: str | os.PathLike[str] | Artifact = "marks",
        *,
        point: str = DEFAULT_POINT,
        threshold: float | None = None,
        labels: str | Iterable[str] = LABELS,
        provider: str = "cpu",
        threads: int = 0,
    ) -> None:
        self.artifact = artifact_for("marks", LABELS, artifact)
        self._finder = load_finder(self.artifact, labels=_checked(labels), provider=provider, threads=threads)
        self._thresholds = _thresholds(self.artifact.card, point, threshold)

    def detect(self, image: ImageSource, *, max_pixels: int = MAX_PIXELS) -> list[Mark]:
        """Every mark at or above its class's threshold, most probable first.

        Args:
            image: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            max_pixels: larger photos are refused before decoding.
        Raises:
            ImageError: the photo cannot be used.
        """
        photo = read_reduced(image, self._finder.least_side, max_pixels=max_pixels)
        marks = [_to_mark(found, self.artifact.card) for found in self._finder.find(photo)]
        kept = [mark for mark in marks if mark.probability >= self._thresholds[mark.label]]
        return sorted(kept, key=lambda mark: -mark.probability)


def _checked(labels: str | Iterable[str]) -> frozenset[str]:
    given = frozenset({labels} if isinstance(labels, str) else labels)
    if given and given <= set(LABELS):
        return given
    raise ConfigError(
        "labels",
        expected=f"some of {', '.join(LABELS)}",
        found=", ".join(sorted(given - set(LABELS))) or "none",
        cure="Leave it out to look for all of them.",
    )


def _to_mark(found: Detection, card: Card) -> Mark:
    label = card.classes[found.index]
    fit = card.calibration.get(label)
    if fit is None:
        return Mark(label, found.score, found.quad, calibrated=False)
    return Mark(label, fit.probability(found.logit), found.quad, calibrated=True)


def _thresholds(card: Card, point: str, threshold: float | None) -> dict[str, float]:
    if threshold is not None:
        return dict.fromkeys(card.classes, threshold)
    thresholds = operating_point(card, point)
    return {label: thresholds.get(label, 0.5) for label in card.classes}
