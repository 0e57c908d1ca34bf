"""Everything that the checks of one package look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lipack_vision.codes import CodeReading
from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.finding import Finding, Severity, Verdict
from lipack_vision.inspection.policy import ReleasePolicy
from lipack_vision.types import Mark, Quad


@dataclass(frozen=True, slots=True)
class Case:
    """One package: its photos, what was declared, and what is asked of the evidence."""

    photos: tuple[PhotoEvidence, ...]
    declaration: Declaration | None
    policy: ReleasePolicy
    all_faces: bool = False

    @property
    def packaging_type(self) -> str | None:
        """The declared packaging type, such as ``4G``; None where no packaging code is declared."""
        return None if self.declaration is None else self.declaration.packaging_type

    def finding(
        self,
        rule: str,
        item: str,
        verdict: Verdict,
        severity: Severity,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        source: str | None = None,
        certainty: str | None = None,
        photo: int | None = None,
        quad: Quad | None = None,
    ) -> Finding:
        """A finding of this case; ``photo`` is the index of the photo it was seen on."""
        name = None if photo is None else self.photos[photo].name
        return Finding(
            rule, item, verdict, severity, message, expected, found, source, certainty, photo, name, quad
        )

    def marks(self) -> Iterator[tuple[int, Mark]]:
        """Every mark with the index of its photo."""
        for index, photo in enumerate(self.photos):
            for mark in photo.marks:
                yield index, mark

    def readings(self) -> Iterator[tuple[int, CodeReading]]:
        """Every code reading with the index of its photo."""
        for index, photo in enumerate(self.photos):
            for reading in photo.readings:
                yield index, reading

    def best_mark(self, label: str) -> tuple[int, Mark] | None:
        """The mark of a label that proves most, calibrated ones first."""
        found = [(index, mark) for index, mark in self.marks() if mark.label == label]
        return max(found, key=lambda item: (item[1].calibrated, item[1].probability), default=None)

    def best_reading(
        self, counts: Callable[[CodeReading], bool] = lambda _: True
    ) -> tuple[int, CodeReading] | None:
        """The code reading that proves most, of those that count: whole, unrepaired, calibrated, probable."""
        found = [item for item in self.readings() if counts(item[1])]
        return max(found, key=lambda item: _proof(item[1]), default=None)


def _proof(reading: CodeReading) -> tuple[bool, bool, bool, float]:
    return reading.code is not None, not reading.repairs, reading.calibrated, reading.probability


Check = Callable[[Case], list[Finding]]
