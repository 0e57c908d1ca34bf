"""When a package may be released without a person looking at it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from lipack_vision.errors import ConfigError
from lipack_vision.inspection.finding import Finding
from lipack_vision.regulations import Certainty

SKIPPABLE: dict[str, str] = {
    "integrity": "condition of the box: dents, tears, holes, wetness, open flaps",
    "reference": "comparison with the qualified packaging",
}
"""Checks that a caller may switch off by name. Marks, codes and the declaration always count."""

_OPEN = frozenset({"missing", "not_visible", "not_checked"})
"""Verdicts that leave a demand of a rule unanswered."""

_WORDING = frozenset({Certainty.VERIFIED.value, Certainty.MEMORY.value})
"""Certainties of what a regulation says, unlike our own inference."""


@dataclass(frozen=True, slots=True)
class ReleasePolicy:
    """What is asked of the evidence before the answer may be ``release``.

    Attributes:
        min_probability: least calibrated probability, 0..1, of every mark and code that is used as proof.
            An uncalibrated score proves nothing, however high it is.
        block_on_warnings: whether findings that rest on unsure facts, or on form alone, ask for a person too.
            They are shown either way.
        skip: checks that are switched off, of `SKIPPABLE`; report and JSON name them.
    Raises:
        ConfigError: a probability outside 0..1 or an unknown check.
    """

    min_probability: float = 0.95
    block_on_warnings: bool = False
    skip: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_probability <= 1.0:
            raise ConfigError(
                "ReleasePolicy.min_probability",
                expected="a probability from 0 to 1",
                found=repr(self.min_probability),
                cure="Pass a value such as 0.95.",
            )
        object.__setattr__(self, "skip", check_names(self.skip))

    def with_skip(self, names: Collection[str]) -> ReleasePolicy:
        """The same policy with more checks switched off."""
        return replace(self, skip=self.skip | check_names(names))

    def blocks(self, finding: Finding) -> bool:
        """Whether this finding alone asks for a person.

        What is right, switched off or for information does not; what breaks a rule does. A warning does when
        it leaves a demand of a sure rule unanswered, or names a breach of what a regulation says; otherwise
        `block_on_warnings` decides.
        """
        if finding.verdict in {"right", "skipped"} or finding.severity == "info":
            return False
        if finding.severity == "fail" or self.block_on_warnings:
            return True
        if finding.verdict == "wrong":
            return finding.certainty in _WORDING
        return finding.verdict in _OPEN and finding.certainty not in {None, Certainty.UNSURE.value}

    def to_dict(self) -> dict[str, Any]:
        """The policy as plain JSON values."""
        return {
            "min_probability": self.min_probability,
            "block_on_warnings": self.block_on_warnings,
            "skip": sorted(self.skip),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ReleasePolicy:
        """The policy that `to_dict` wrote."""
        return cls(data["min_probability"], data["block_on_warnings"], frozenset(data["skip"]))


def check_names(names: Collection[str]) -> frozenset[str]:
    """The names as a set.

    Raises:
        ConfigError: a name that is not in `SKIPPABLE`.
    """
    given = {names} if isinstance(names, str) else set(names)
    for name in sorted(given - set(SKIPPABLE)):
        near = difflib.get_close_matches(name, SKIPPABLE, n=1)
        raise ConfigError(
            "skip",
            expected=f"one of {', '.join(SKIPPABLE)}",
            found=repr(name),
            cure=f"Did you mean {near[0]}?" if near else "Other checks cannot be switched off.",
        )
    return frozenset(given)
