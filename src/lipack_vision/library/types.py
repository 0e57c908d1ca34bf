"""What a library tells: references, their history, problems, and the vectors to match with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from lipack_vision.errors import LipackError
from lipack_vision.library.facts import QUALIFIED

Kind = Literal["wrong", "stale", "duplicate", "tampered"]
"""What may be the matter with an entry."""
Ground = Literal["tiny", "blurred", "empty", "duplicate", "similar", "contradicting"]
"""Why a photo is refused."""
ALLOWABLE: tuple[str, ...] = tuple(ground for ground in get_args(Ground) if ground != "duplicate")
"""Grounds that a caller may pass over by name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A qualified packaging.

    Attributes:
        maker: who makes it.
        packaging_type: UN packaging code without suffix, such as ``4G``, or a name of the user's own.
        un_code: its UN packaging mark.
        performance_sheet: number of its packaging performance sheet (性能单).
        valid_from, valid_to: first and last day on which it is qualified; None: without an end.
        status: ``qualified`` or ``withdrawn``.
        photos: SHA-256 of each of its photos, in the order in which they came.
    """

    reference_id: str
    maker: str | None = None
    packaging_type: str | None = None
    un_code: str | None = None
    performance_sheet: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    status: str = QUALIFIED
    photos: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        """Whether it is qualified on that day, first and last day among them."""
        begun = self.valid_from is None or self.valid_from <= day
        return self.status == QUALIFIED and begun and (self.valid_to is None or day <= self.valid_to)

    def to_dict(self) -> dict[str, Any]:
        """The reference as plain JSON values."""
        days = {name: day and day.isoformat() for name, day in self._days().items()}
        return asdict(self) | days | {"photos": list(self.photos)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reference:
        """The reference that `to_dict` wrote."""
        days = {name: data[name] and date.fromisoformat(data[name]) for name in ("valid_from", "valid_to")}
        return cls(**data | days | {"photos": tuple(data["photos"])})

    def _days(self) -> dict[str, date | None]:
        return {"valid_from": self.valid_from, "valid_to": self.valid_to}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a reference.

    Attributes:
        time: when, in UTC.
        author: who.
        action: ``enrolled``, ``changed`` or ``removed``.
        facts: name -> value before and after.
        photos: SHA-256 of the photos that came, or went with the reference.
        allowed: ground -> photos that came in spite of it.
        digest: SHA-256 over this change and the digest of the one before it in the library. Whoever writes
            the last one down elsewhere can tell later that nothing before it was altered.
    """

    reference_id: str
    time: datetime
    author: str
    action: str
    facts: dict[str, tuple[str | None, str | None]]
    photos: tuple[str, ...]
    allowed: dict[str, tuple[str, ...]]
    digest: str

    def to_dict(self) -> dict[str, Any]:
        """The change as plain JSON values."""
        return asdict(self) | {
            "time": self.time.isoformat(),
            "facts": {name: list(pair) for name, pair in self.facts.items()},
            "photos": list(self.photos),
            "allowed": {ground: list(photos) for ground, photos in self.allowed.items()},
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is the matter with a library's entry.

    Attributes:
        kind: ``wrong``: contradicts itself or its photos; ``stale``: out of date; ``duplicate``: shows the
            same as another reference; ``tampered``: altered by something other than this library.
        photo: SHA-256 of the photo at fault, or None.
        message: what was found, and the cure.
    """

    kind: Kind
    reference_id: str
    photo: str | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """The problem as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one photo was refused.

    Attributes:
        photo: its path, or its number among those given.
        found, expected: in words.
        measured, threshold: the same as numbers, where there are any.
        cure: what to do about it.
    """

    ground: Ground
    photo: str
    found: str
    expected: str
    cure: str
    measured: float | None = None
    threshold: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The refusal as plain JSON values."""
        return asdict(self)


class EnrolmentError(LipackError):
    """Photos were refused, and nothing was written.

    Attributes:
        refusals: all of them; the error's text tells the first.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first = refusals[0]
        self.refusals = tuple(refusals)
        cure = first.cure
        if first.ground in ALLOWABLE:
            cure += f" allow={{'{first.ground}'}} (--allow {first.ground}) takes it all the same."
        if len(refusals) > 1:
            others = dict.fromkeys(f"{one.photo} ({one.ground})" for one in refusals[1:])
            cure += f" Also refused: {', '.join(others)}."
        super().__init__(first.photo, expected=first.expected, found=first.found, cure=cure)

    def to_dict(self) -> dict[str, Any]:
        """The error as plain JSON values."""
        return super().to_dict() | {"refusals": [one.to_dict() for one in self.refusals]}


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """The photos of valid references, as one state of the library holds them.

    Attributes:
        reference_ids, photo_sha256: of each row.
        matrix: unit rows ``float32 (N, D)``; read-only.
        version: of the encoder that made them.
        revision: of the library when they were read.
    """

    reference_ids: tuple[str, ...]
    photo_sha256: tuple[str, ...]
    matrix: npt.NDArray[np.float32]
    version: str
    revision: int

    def __len__(self) -> int:
        return len(self.reference_ids)
