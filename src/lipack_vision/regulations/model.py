"""What a UN packaging mark says: `PackagingCode`, and what a text gave: `MarkReading`."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any, Literal

from lipack_vision.errors import LipackError
from lipack_vision.regulations import china
from lipack_vision.regulations.codes import Family, meaning

ELEMENT_LETTERS: dict[str, str] = {
    "symbol": "a",
    "code": "b",
    "suffix": "b",
    "level": "c",
    "gross_mass": "c",
    "density": "c",
    "gross_mass_or_density": "c",
    "class": "c",
    "solid_or_pressure": "d",
    "month": "e",
    "year": "e",
    "state": "f",
    "maker": "g",
    "batch": "g",
    "thickness": "",
    "stacking_load": "g",
    "reconditioned": "",
    "extra": "",
}
"""Every element name that a value, problem or warning may carry -> its letter in 6.1.3.1.

For large packagings and IBCs the order of 6.6.3.1 and 6.5.2.1 rules; ``gross_mass`` is their last figure."""

Note = tuple[str, str]
"""``(element, reason)``"""


class PackagingCodeError(LipackError):
    """A text is not a complete and valid UN packaging mark.

    Args:
        element: name of the element at fault, a key of `ELEMENT_LETTERS`.
        reason: what is wrong with it.
        text: the text as given.
    """

    def __init__(self, element: str, reason: str, *, text: str = "") -> None:
        self.element, self.reason, self.text = element, reason, text
        letter = ELEMENT_LETTERS.get(element, "")
        super().__init__(
            f"UN packaging mark, element {element}" + (f" ({letter})" if letter else ""),
            expected="a complete mark such as 4G/Y25/S/25/CN/C370012 PI:015",
            found=f"{reason} in {text!r}",
            cure="Read the mark again or photograph it closer.",
        )


@dataclass(frozen=True, slots=True)
class Reconditioning:
    """Who reconditioned a drum or jerrican, and when (6.1.3.8).

    Attributes:
        state: sign of the state.
        maker: name of the reconditioner.
        year: last two digits.
        leakproof: whether the leakproofness test was passed (``RL``).
    """

    state: str
    maker: str
    year: int
    leakproof: bool

    def __str__(self) -> str:
        return f"{self.state}/{self.maker}/{self.year:02d} {'RL' if self.leakproof else 'R'}"


@dataclass(frozen=True, slots=True)
class PackagingCode:
    """One complete UN packaging mark. ``parse_packaging_code(str(x)) == x``.

    Attributes:
        family: which of the four grammars: 6.1, 6.3, 6.6 or 6.5.
        code: packaging code without suffix, such as ``4G``.
        suffix: ``V``, ``W``, ``T``, ``U`` or empty.
        level: ``X``, ``Y`` or ``Z``; None for infectious substances.
        gross_mass: kg. 6.1 for solids: maximum gross mass; 6.5 and 6.6: the last figure (flexible: net mass).
        density: relative density for liquids, or None when it is left out.
        pressure_kpa: hydraulic test pressure for liquids; None means ``S``.
        month: 1 to 12; always there for 6.5 and 6.6.
        year: last two digits of the year of manufacture.
        state: sign of the authorising state.
        maker: element (g) as printed, without the batch.
        stacking_load: kg, 6.5 and 6.6 only.
        thickness: wall thickness in mm as printed, such as ``1.0-1.2-1.0``.
        batch: production batch after ``PI:`` on Chinese marks.
        reconditioned: the reconditioner's tail.
        extra: further figures with units after the mark of an IBC, as printed.
    """

    family: Family
    code: str
    year: int
    state: str
    maker: str
    suffix: str = ""
    level: str | None = None
    gross_mass: Decimal | None = None
    density: Decimal | None = None
    pressure_kpa: int | None = None
    month: int | None = None
    stacking_load: int | None = None
    thickness: str | None = None
    batch: str | None = None
    reconditioned: Reconditioning | None = None
    extra: tuple[str, ...] = ()

    def __str__(self) -> str:
        return format_packaging_code(self)

    @property
    def meaning(self) -> str:
        """What the packaging code stands for."""
        return meaning(self.code) or self.code

    @property
    def for_solids(self) -> bool:
        """Whether the mark covers solids, inner packagings and articles (``S``, or no liquid form at all)."""
        return self.pressure_kpa is None and self.density is None

    @property
    def full_year(self) -> int:
        """Year of manufacture with the century; marks are taken as 1970 to 2069."""
        return full_year(self.year)

    @property
    def works_code(self) -> str | None:
        """``C`` and six digits on a Chinese mark, else None."""
        return china.works_code(self.maker) if self.state == "CN" else None

    @property
    def customs_district(self) -> str | None:
        """Customs district of the works code, else None."""
        return china.district(self.maker) if self.state == "CN" else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; decimals as text, so that digits stay as printed."""
        out: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ("gross_mass", "density"):
            out[name] = None if out[name] is None else str(out[name])
        out["extra"] = list(self.extra)
        if self.reconditioned is not None:
            again = self.reconditioned
            out["reconditioned"] = {item.name: getattr(again, item.name) for item in fields(again)}
        return out

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PackagingCode:
        """Undo `to_dict`."""
        values = dict(data)
        for name in ("gross_mass", "density"):
            values[name] = None if values.get(name) is None else Decimal(values[name])
        if values.get("reconditioned") is not None:
            values["reconditioned"] = Reconditioning(**values["reconditioned"])
        values["extra"] = tuple(values.get("extra", ()))
        return cls(**values)


def full_year(two_digits: int) -> int:
    """Year with the century for the two digits of a mark."""
    return (1900 if two_digits >= 70 else 2000) + two_digits


def format_packaging_code(code: PackagingCode) -> str:
    """Canonical text, such as ``4G/Y25/S/25/CN/C370012 PI:015``: one line, slashes, no UN symbol."""
    head, year, level = code.code + code.suffix, f"{code.year:02d}", code.level or ""
    if code.month is not None:
        year = f"{code.month:02d} {year}"
    if code.family == "infectious":
        parts = [head, "CLASS 6.2", year, code.state, code.maker]
    elif code.family == "packaging":
        value = code.density if code.gross_mass is None else code.gross_mass
        level += "" if value is None else str(value)
        form = "S" if code.pressure_kpa is None else str(code.pressure_kpa)
        parts = [head, level, form, year, code.state, code.maker]
        parts += [code.thickness] if code.thickness else []
    else:
        parts = [head, level, year, code.state, code.maker]
        parts += [str(code.stacking_load), str(code.gross_mass), *code.extra]
    text = "/".join(parts)
    if code.batch is not None:
        text += f" PI:{code.batch}"
    if code.reconditioned is not None:
        text += f"/{code.reconditioned}"
    return text


Status = Literal["complete", "partial", "malformed", "none"]


@dataclass(frozen=True, slots=True)
class MarkReading:
    """What a text says as a UN packaging mark.

    Attributes:
        status: ``complete``; ``partial``: a right beginning whose end is missing; ``malformed``: an element
            is wrong, or one in the middle or at the beginning is missing; ``none``: no mark in the text.
        text: canonical text when complete, else the text with its separators put in order.
        code: the mark when complete, else None.
        symbol: how the UN symbol was written, or None when it was not in the text.
        elements: the elements found, by name, as printed. An element that could be two things is left out.
        missing: names of the elements that are not there.
        problems: ``(element, reason)``, empty when complete.
        warnings: ``(element, reason)`` about values that are allowed and unlikely, or tolerated.
    """

    status: Status
    text: str
    code: PackagingCode | None = None
    symbol: str | None = None
    elements: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    problems: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "status": self.status,
            "text": self.text,
            "code": None if self.code is None else self.code.to_dict(),
            "symbol": self.symbol,
            "elements": dict(self.elements),
            "missing": list(self.missing),
            "problems": [list(note) for note in self.problems],
            "warnings": [list(note) for note in self.warnings],
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> MarkReading:
        """Undo `to_dict`."""
        return cls(
            status=data["status"],
            text=data["text"],
            code=None if data["code"] is None else PackagingCode.from_dict(data["code"]),
            symbol=data["symbol"],
            elements=dict(data["elements"]),
            missing=tuple(data["missing"]),
            problems=tuple((a, b) for a, b in data["problems"]),
            warnings=tuple((a, b) for a, b in data["warnings"]),
        )
