"""Lines of printed text on a photo, and what it takes to be an engine that reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from lipack_vision.codes.lattice import Lattice
from lipack_vision.errors import ShapeError
from lipack_vision.types import ImageArray, Quad, as_quad


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """One line of text as the engine read it.

    Attributes:
        text: the characters, as read.
        probability: that the text is right, 0..1, where ``calibrated``; else the mean confidence of the
            characters.
        quad: corners ``(4, 2)`` in pixels of the photo, clockwise from where the text's top left corner is.
        weakest: lowest confidence of one printed character, 0..1; by default of ``confidences``, else
            ``probability``.
        confidences: confidence of each character of ``text``, 0..1, or empty when the engine gives none.
        calibrated: whether ``probability`` was calibrated for the networks that read the line. ``weakest``
            and ``confidences`` are as the engine gave them either way.
        lattice: what else the engine took each sign for; None when it does not tell. Not part of `to_dict`.
    """

    text: str
    probability: float
    quad: Quad
    weakest: float = -1.0
    confidences: tuple[float, ...] = ()
    calibrated: bool = False
    lattice: Lattice | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "quad", as_quad(self.quad, "TextLine.quad"))
        if self.confidences and len(self.confidences) != len(self.text):
            raise ShapeError(
                "TextLine.confidences",
                expected=f"one number for each of the {len(self.text)} characters",
                found=f"{len(self.confidences)}",
                cure="Give one confidence per character, or none.",
            )
        if self.weakest < 0:
            object.__setattr__(self, "weakest", self.weakest_after(0))

    def weakest_after(self, skip: int) -> float:
        """Lowest confidence of a printed character after the first ``skip``."""
        if not self.confidences:
            return self.probability if self.weakest < 0 else self.weakest
        signs = zip(self.text[skip:], self.confidences[skip:], strict=True)
        return min((value for sign, value in signs if not sign.isspace()), default=self.probability)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextLine) and self.to_dict() == other.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """The line as plain JSON values."""
        return {
            "text": self.text,
            "probability": float(self.probability),
            "quad": self.quad.tolist(),
            "weakest": float(self.weakest),
            "confidences": list(self.confidences),
            "calibrated": self.calibrated,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TextLine:
        """The line that `to_dict` described."""
        quad = as_quad(data["quad"])
        confidences = tuple(data.get("confidences", ()))
        calibrated = data.get("calibrated", False)
        return cls(data["text"], data["probability"], quad, data["weakest"], confidences, calibrated)


class TextEngine(Protocol):
    """Anything that finds and reads lines of text."""

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        """Every line on an RGB ``uint8 (H, W, 3)`` picture, in pixels of that picture."""
        ...
