"""How sure a fact of the regulations is, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Certainty(StrEnum):
    """How well a fact is founded. An `UNSURE` fact may warn and never fails a package."""

    VERIFIED = "verified"  # read in a stored copy of the named source
    MEMORY = "memory"  # believed right, not read again
    UNSURE = "unsure"
    INFERENCE = "inference"  # our own conclusion, not the wording of a rule


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """One value of the rules with its source.

    Attributes:
        value: the value, in the unit that its name tells.
        source: provision or document.
        certainty: how well it is founded.
    """

    value: T
    source: str
    certainty: Certainty
