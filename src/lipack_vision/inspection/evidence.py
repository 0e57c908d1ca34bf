"""What was seen on one photo, and what could not be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lipack_vision.codes import CodeReading, TextLine
from lipack_vision.integrity import Integrity
from lipack_vision.labels.conformity_types import Conformity
from lipack_vision.matching.types import Match
from lipack_vision.types import Mark


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """A check that could not be done on a photo.

    Attributes:
        check: ``marks``, ``form``, ``text``, ``code``, ``integrity`` or ``reference``.
        message: why.
    """

    check: str
    message: str

    def to_dict(self) -> dict[str, str]:
        """The failure as plain JSON values."""
        return {"check": self.check, "message": self.message}


@dataclass(frozen=True, slots=True)
class ReferenceEvidence:
    """What a photo is beside the qualified packagings.

    Attributes:
        among: packaging type of the references that it was compared with; None: all.
        match: the answer.
    """

    among: str | None
    match: Match

    def to_dict(self) -> dict[str, Any]:
        """The evidence as plain JSON values."""
        return {"among": self.among, "match": self.match.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ReferenceEvidence:
        """The evidence that `to_dict` wrote."""
        return cls(data["among"], Match.from_dict(data["match"]))


@dataclass(frozen=True, slots=True)
class PhotoEvidence:
    """What was seen on one photo.

    Attributes:
        name: the photo's name as given; untrusted text.
        sha256: of the photo's file (of the pixels of an array); empty when it could not be read.
        width: pixels, upright; 0 when it could not be read.
        height: pixels, upright; 0 when it could not be read.
        marks: labels, marks and cartons, most probable first.
        readings: UN packaging codes.
        lines: all text, from the top down.
        error: why the photo could not be read, as `LipackError.to_dict` gives it.
        failures: checks that could not be done on it.
        forms: of each of ``marks`` whether it has the form of its label, None where that is not checked;
            empty when no form was checked.
        integrity: condition of the cartons; None when it was not looked at.
        reference: which qualified packaging it shows; None when it was not compared.
    """

    name: str
    sha256: str = ""
    width: int = 0
    height: int = 0
    marks: tuple[Mark, ...] = ()
    readings: tuple[CodeReading, ...] = ()
    lines: tuple[TextLine, ...] = ()
    error: dict[str, str] | None = None
    failures: tuple[CheckFailure, ...] = ()
    forms: tuple[Conformity | None, ...] = ()
    integrity: Integrity | None = None
    reference: ReferenceEvidence | None = None

    @property
    def readable(self) -> bool:
        """Whether the photo could be decoded."""
        return self.error is None

    def failed(self, check: str) -> str | None:
        """Why a check could not be done on this photo, or None."""
        return next((failure.message for failure in self.failures if failure.check == check), None)

    def to_dict(self) -> dict[str, Any]:
        """The evidence as plain JSON values."""
        return {
            "name": self.name,
            "sha256": self.sha256,
            "width": self.width,
            "height": self.height,
            "marks": [mark.to_dict() for mark in self.marks],
            "readings": [reading.to_dict() for reading in self.readings],
            "lines": [line.to_dict() for line in self.lines],
            "error": self.error,
            "failures": [failure.to_dict() for failure in self.failures],
            "forms": [None if form is None else form.to_dict() for form in self.forms],
            "integrity": None if self.integrity is None else self.integrity.to_dict(),
            "reference": None if self.reference is None else self.reference.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PhotoEvidence:
        """The evidence that `to_dict` wrote."""
        return cls(
            name=data["name"],
            sha256=data["sha256"],
            width=data["width"],
            height=data["height"],
            marks=tuple(Mark.from_dict(item) for item in data["marks"]),
            readings=tuple(CodeReading.from_dict(item) for item in data["readings"]),
            lines=tuple(TextLine.from_dict(item) for item in data["lines"]),
            error=data["error"],
            failures=tuple(CheckFailure(**item) for item in data["failures"]),
            # Evidence of before forms were checked has none.
            forms=tuple(
                None if item is None else Conformity.from_dict(item) for item in data.get("forms", ())
            ),
            # Nor had that of before cartons were judged their condition.
            integrity=Integrity.from_dict(data["integrity"]) if data.get("integrity") else None,
            reference=ReferenceEvidence.from_dict(data["reference"]) if data.get("reference") else None,
        )
