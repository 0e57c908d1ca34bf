"""What a look at one label's form gives: its elements, each measured, and the answer that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from lipack_vision.regulations.facts import Certainty
from lipack_vision.types import Quad, as_quad

Verdict = Literal["right", "wrong", "cannot_tell"]
Answer = Literal["conforming", "faulty", "cannot_tell"]

FAULTS: dict[str, str] = {
    "stripe_count": "not seven stripes in the upper half",
    "stripes_uneven": "stripes of unequal width or distance",
    "stripes_short": "the stripes end above the middle",
    "stripes_below": "the stripes reach into the lower half",
    "digit_missing": "no class number in the bottom corner",
    "digit_misplaced": "the class number stands in a side corner",
    "digit_turned": "the class number stands upside down below the stripes",
    "digit_other": "the class number is not 9",
    "underline_missing": "the class number is not underlined",
    "inner_line_missing": "no line inside the edge",
    "inner_line_offset": "the inner line is not about 5 mm from the edge",
    "symbol_missing": "no group of batteries",
    "symbol_present": "a symbol in the lower half of model 9, which has none",
    "too_small": "smaller than the rules ask for",
    "not_square": "not a square",
    "angle": "does not stand on its corner",
    "border_missing": "no hatched border",
    "border_solid": "the border is not hatched",
    "border_colour": "the hatching is not red",
    "aspect": "neither a square nor an allowed rectangle",
    "un_number_missing": "no UN number below the symbol",
}
"""Name of each fault -> what it means."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a label, measured and compared with its rule.

    Attributes:
        name: ``stripes``, ``regularity``, ``halves``, ``digit``, ``underline``, ``inner_line``, ``symbol``,
            ``size``, ``angle``, ``border``, ``hatching``, ``colour``, ``aspect`` or ``un_number``.
        verdict: ``right``, ``wrong`` or ``cannot_tell``.
        required: what the rule asks for.
        source: the provision.
        certainty: how well the fact is founded; an unsure one warns and never rejects.
        found: what was measured, in words; empty when nothing could be.
        value: the measured number in the unit of ``required``, if there is one.
        reason: why it is wrong or cannot be told; empty when right.
        fault: a name of `FAULTS` when wrong.
        counts: whether the answer needs it; what only a scale can tell does not count without one.
    """

    name: str
    verdict: Verdict
    required: str
    source: str
    certainty: Certainty
    found: str = ""
    value: float | None = None
    reason: str = ""
    fault: str | None = None
    counts: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The element as plain JSON values."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "required": self.required,
            "source": self.source,
            "certainty": self.certainty.value,
            "found": self.found,
            "value": self.value,
            "reason": self.reason,
            "fault": self.fault,
            "counts": self.counts,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Element:
        """The element that `to_dict` wrote."""
        return cls(**{**data, "certainty": Certainty(data["certainty"])})


@dataclass(frozen=True, slots=True, eq=False)
class Conformity:
    """Whether a label has the form that the rules give it.

    Attributes:
        label: what the mark was called.
        answer: ``faulty`` when an element is wrong; ``conforming`` when every element that counts is right;
            else ``cannot_tell``.
        elements: everything that was looked at.
        quad: the corners ``(4, 2)`` in pixels of the photo after the border was found, turned as the artwork
            stands.
        side_px: length in pixels of the shortest side, which limits what can be seen.
    """

    label: str
    answer: Answer
    elements: tuple[Element, ...]
    quad: Quad
    side_px: float

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of the faults, see `FAULTS`."""
        return tuple(element.fault for element in self.elements if element.fault is not None)

    def element(self, name: str) -> Element | None:
        """The element of that name, if it was looked at."""
        return next((element for element in self.elements if element.name == name), None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conformity) and self.to_dict() == other.to_dict()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON values."""
        return {
            "label": self.label,
            "answer": self.answer,
            "faults": list(self.faults),
            "elements": [element.to_dict() for element in self.elements],
            "quad": self.quad.tolist(),
            "side_px": self.side_px,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Conformity:
        """The result that `to_dict` wrote."""
        elements = tuple(Element.from_dict(item) for item in data["elements"])
        return cls(data["label"], data["answer"], elements, as_quad(data["quad"]), data["side_px"])


def conclude(elements: tuple[Element, ...]) -> Answer:
    """The answer that follows from the elements."""
    if any(element.verdict == "wrong" for element in elements):
        return "faulty"
    needed = [element for element in elements if element.counts]
    return "conforming" if needed and all(one.verdict == "right" for one in needed) else "cannot_tell"
