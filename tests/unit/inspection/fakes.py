"""A package that is right in everything, with fakes in place of the models that would see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lipack_vision.codes import CodeReading, TextLine
from lipack_vision.inspection import Declaration, Inspector
from lipack_vision.integrity import BoxCondition, DamageRegion, Integrity
from lipack_vision.integrity.types import Doubt, Verdict, as_polygon
from lipack_vision.regulations import parse_packaging_code
from lipack_vision.types import Mark, as_quad

EXAMPLE = Path(__file__).parents[3] / "examples" / "declaration.yaml"
CODE = "4G/Y25/S/25/CN/C370012 PI:015"
ALL_SKIPPED = frozenset({"integrity", "reference"})


def box(x: float, y: float, width: float = 60, height: float = 40) -> Any:
    return as_quad([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])


def photo(seed: int = 0, size: tuple[int, int] = (320, 240)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)


def mark(
    label: str, probability: float = 0.99, calibrated: bool = True, at: tuple[float, float] = (20, 20)
) -> Mark:
    return Mark(label, probability, box(*at), calibrated)


def reading(text: str = CODE, **changes: Any) -> CodeReading:
    whole = CodeReading(text, text, 0.99, box(100, 100, 160, 40), parse_packaging_code(text), calibrated=True)
    return replace(whole, **changes)


def partial(text: str, *problems: tuple[str, str]) -> CodeReading:
    return CodeReading(text, text, 0.0, box(100, 100, 160, 40), None, problems=problems)


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedLine(TextLine):
    """A line of an engine that vouches for its probability."""

    calibrated: bool = True


def line(text: str, probability: float = 0.99, at: tuple[float, float] = (200, 20)) -> TextLine:
    return CalibratedLine(text, probability, box(*at, 100, 12))


@dataclass
class FakeDetector:
    marks: Sequence[Mark] = (mark("class9a"), mark("un_mark", at=(100, 100)))
    error: Exception | None = None

    def detect(self, image: np.ndarray) -> list[Mark]:
        if self.error:
            raise self.error
        return list(self.marks)


@dataclass
class FakeEngine:
    lines: Sequence[TextLine] = (line("UN3480"), line("LITHIUM ION BATTERIES", at=(200, 40)))
    error: Exception | None = None

    def read_lines(self, image: np.ndarray) -> list[TextLine]:
        if self.error:
            raise self.error
        return list(self.lines)


@dataclass
class FakeReader:
    readings: Sequence[CodeReading] = field(default_factory=lambda: (reading(),))
    error: Exception | None = None

    def read(self, image: np.ndarray, marks: Any = None, lines: Any = None) -> list[CodeReading]:
        if self.error:
            raise self.error
        return list(self.readings)


OUTLINE = as_polygon([[10, 10], [200, 10], [200, 150]])


def carton(
    probability: float = 0.01, verdict: Verdict = "sound", *doubts: Doubt, types: tuple[str, ...] = ()
) -> BoxCondition:
    """A carton in a condition."""
    regions = tuple(DamageRegion(name, OUTLINE, 0.8) for name in types)
    return BoxCondition(OUTLINE, probability, probability, verdict, doubts, regions)


@dataclass
class FakeAssessor:
    """Gives each photo its cartons; the last ones to all further photos."""

    photos: Sequence[tuple[BoxCondition, ...]] = ((carton(),),)
    calibrated: bool = True
    error: Exception | None = None
    calls: int = 0

    def assess(self, image: np.ndarray) -> Integrity:
        if self.error:
            raise self.error
        boxes = self.photos[min(self.calls, len(self.photos) - 1)]
        self.calls += 1
        return Integrity(boxes, self.calibrated, (image.shape[1], image.shape[0]))


def inspector(
    detector: FakeDetector | None = None,
    reader: FakeReader | None = None,
    engine: FakeEngine | None = None,
    **options: Any,
) -> Inspector:
    """An inspector that sees the right package; what is given replaces a part of it."""
    options.setdefault("skip", ALL_SKIPPED)
    return Inspector(
        detector or FakeDetector(), reader or FakeReader(), engine=engine or FakeEngine(), **options
    )


def declared(**changes: Any) -> Declaration:
    """The example declaration; None takes a field away."""
    facts = Declaration.load(EXAMPLE).to_dict() | changes
    return Declaration(**{name: value for name, value in facts.items() if value is not None})
