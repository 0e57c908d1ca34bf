"""What was read of one UN packaging mark: `CodeReading`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lipack_vision.regulations.model import PackagingCode
from lipack_vision.types import Quad, as_quad

Problem = tuple[str, str]
"""``(element, reason)``"""
Repair = tuple[str, str, str]
"""``(element, from, to)``"""


@dataclass(frozen=True, slots=True, eq=False)
class ReadElement:
    """One element of a mark where it stands on one line of print.

    Attributes:
        name: a key of `regulations.ELEMENT_LETTERS`.
        text: its signs, after repairs.
        probability: of its weakest sign, 0..1, not calibrated.
        quad: corners ``(4, 2)`` in pixels of the photo, clockwise from its top left corner.
        line: number of the line of print, from 0.
    """

    name: str
    text: str
    probability: float
    quad: Quad
    line: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "text": self.text,
            "probability": float(self.probability),
            "quad": self.quad.tolist(),
            "line": self.line,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ReadElement:
        """Undo `to_dict`."""
        return cls(data["name"], data["text"], data["probability"], as_quad(data["quad"]), data["line"])


@dataclass(frozen=True, slots=True, eq=False)
class CodeReading:
    """One UN packaging mark as read from a photo.

    Attributes:
        text: canonical text of the whole mark; where it is not whole, the right beginning of it, or ``""``.
        raw: the lines as the engine read them, divided by line breaks.
        probability: 0..1 for the whole code, 0 where ``code`` is None. Calibrated, it says how often such a
            reading is right in every character. Else it is the engine's own probability of all characters
            together, or where the engine gives none the confidence of the weakest one, lowered for every
            repair and contradiction.
        quad: corners ``(4, 2)`` in pixels of the photo, clockwise from the mark's top left corner.
        code: the parsed mark, or None when an element is hidden, missing or wrong.
        problems: ``(element, reason)`` for all that keeps the reading from being taken as it is.
        repairs: ``(element, from, to)`` for every character that the grammar changed.
        warnings: ``(element, reason)`` about values that are allowed and unlikely.
        suggestion: the right mark that is nearest to a print that is none; empty where none is near. It is
            for the person who looks, and no reading: what it changes may be printed so.
        elements: where each element stands; empty where that is not known.
        calibrated: whether ``probability`` is calibrated: never with repairs or problems, and only where the
            engine's networks are those that a calibration was fitted for.
    """

    text: str
    raw: str
    probability: float
    quad: Quad
    code: PackagingCode | None
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    warnings: tuple[Problem, ...] = ()
    calibrated: bool = False
    suggestion: str = ""
    elements: tuple[ReadElement, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "quad", as_quad(self.quad, "CodeReading.quad"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeReading) and self.to_dict() == other.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "text": self.text,
            "raw": self.raw,
            "probability": float(self.probability),
            "calibrated": self.calibrated,
            "quad": self.quad.tolist(),
            "code": None if self.code is None else self.code.to_dict(),
            "problems": [list(note) for note in self.problems],
            "repairs": [list(note) for note in self.repairs],
            "warnings": [list(note) for note in self.warnings],
            "suggestion": self.suggestion,
            "elements": [element.to_dict() for element in self.elements],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CodeReading:
        """Undo `to_dict`."""
        code = data["code"]
        return cls(
            text=data["text"],
            raw=data["raw"],
            probability=data["probability"],
            quad=as_quad(data["quad"]),
            code=None if code is None else PackagingCode.from_dict(code),
            problems=tuple((a, b) for a, b in data["problems"]),
            repairs=tuple((a, b, c) for a, b, c in data["repairs"]),
            warnings=tuple((a, b) for a, b in data["warnings"]),
            calibrated=data["calibrated"],
            suggestion=data.get("suggestion", ""),
            elements=tuple(ReadElement.from_dict(element) for element in data.get("elements", ())),
        )
