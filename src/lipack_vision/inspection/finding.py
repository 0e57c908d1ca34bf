"""One thing that an inspection found out, and whether it stands in the way of release."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from lipack_vision.errors import ShapeError
from lipack_vision.types import Quad, as_quad

Verdict = Literal["right", "wrong", "missing", "not_visible", "not_checked", "uncertain", "skipped"]
VERDICTS: tuple[str, ...] = get_args(Verdict)

Severity = Literal["fail", "warn", "info"]
SEVERITIES: tuple[str, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What one rule or check says about a package.

    Attributes:
        rule: stable name: a packing rule such as ``R2``, or a check of the inspection such as
            ``photo.readable``, ``declared.packaging_code``, ``certainty``, ``check.integrity``.
        item: what was looked at, in a few words.
        verdict: ``right``, ``wrong`` or ``missing``; ``not_visible`` in the views given; ``uncertain`` when
            seen without enough probability; ``not_checked``; ``skipped`` when switched off by name.
        severity: ``fail``; ``warn`` for what rests on an unsure fact or a question of form; ``info``.
        message: one sentence for the person who decides.
        expected: what would have been right, if that can be said.
        found: what was there.
        source: the regulation, or the source of the fact.
        certainty: ``verified`` or ``unsure`` for facts of the regulations, else None.
        photo: index of the photo it was seen on, or None when it concerns the package.
        photo_name: that photo's name.
        quad: where on the photo, ``(4, 2)`` in pixels, when located.
        blocks: whether it alone is enough for ``review`` under the policy of the inspection.
    """

    rule: str
    item: str
    verdict: Verdict
    severity: Severity
    message: str
    expected: str | None = None
    found: str | None = None
    source: str | None = None
    certainty: str | None = None
    photo: int | None = None
    photo_name: str | None = None
    quad: Quad | None = None
    blocks: bool = True

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("verdict", self.verdict, VERDICTS),
            ("severity", self.severity, SEVERITIES),
        ):
            if value not in allowed:
                raise ShapeError(
                    f"Finding.{name}",
                    expected=f"one of {', '.join(allowed)}",
                    found=repr(value),
                    cure="Use one of these words.",
                )
        if self.quad is not None:
            object.__setattr__(self, "quad", as_quad(self.quad, "Finding.quad"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self.to_dict() == other.to_dict()

    def with_blocks(self, blocks: bool) -> Finding:
        """The same finding, marked as standing in the way of release or not."""
        return replace(self, blocks=blocks)

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        return {
            "rule": self.rule,
            "item": self.item,
            "verdict": self.verdict,
            "severity": self.severity,
            "blocks": self.blocks,
            "message": self.message,
            "expected": self.expected,
            "found": self.found,
            "source": self.source,
            "certainty": self.certainty,
            "photo": self.photo,
            "photo_name": self.photo_name,
            "quad": None if self.quad is None else self.quad.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """The finding that `to_dict` wrote."""
        values = dict(data)
        values["quad"] = None if data["quad"] is None else as_quad(data["quad"])
        return cls(**values)
