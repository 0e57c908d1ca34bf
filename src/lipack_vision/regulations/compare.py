"""Compare a declared UN packaging mark with one that was read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lipack_vision.regulations.model import MarkReading, PackagingCode
from lipack_vision.regulations.parser import elements_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One element that is not the declared one; None where it is not there.

    Attributes:
        element: its name, a key of `ELEMENT_LETTERS`.
        declared, read: its texts.
    """

    element: str
    declared: str | None
    read: str | None

    def __str__(self) -> str:
        return f"{self.element.replace('_', ' ')} {self.read or 'none'} for {self.declared or 'none'}"


def differences(declared: MarkReading, code: PackagingCode) -> list[Difference]:
    """Elements in which a mark that was read is not the declared one, by name.

    A declared mark may be its first line only; then the elements that it has are compared. A batch or month
    that only one of the two has is no difference: a declared mark often stands for all of them, and the month
    may stand beside the mark.

    Args:
        declared: reading of the declared mark, complete or partial.
        code: the mark that was read.
    """
    read = elements_of(code)
    wanted = {name: text for name, text in declared.elements.items() if name not in declared.missing}
    due = set(wanted) if declared.status == "partial" else set(wanted) | set(read)
    if "code" in due:
        due.add("suffix")  # 4G and 4GW are two types of packaging
    due -= {name for name in ("batch", "month") if name not in wanted or name not in read}
    return [
        Difference(name, wanted.get(name), read.get(name))
        for name in sorted(due)
        if not alike(name, wanted.get(name), read.get(name))
    ]


def alike(element: str, one: str | None, other: str | None) -> bool:
    """The same text, the same figure (25.0 is 25), or the same maker but for blanks, which OCR loses."""
    if one is None or other is None or one == other:
        return one == other
    if element == "maker":
        return without_blanks(one) == without_blanks(other)
    try:
        return "." in one + other and Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def without_blanks(text: str) -> str:
    """The text without its blanks."""
    return "".join(text.split())
