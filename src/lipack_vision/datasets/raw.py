"""A data set as its files tell it, in one form for all formats, each entry with its place in the files."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lipack_vision.errors import DatasetError
from lipack_vision.image import PHOTO_SUFFIXES

Severity = Literal["error", "warning", "note"]

PARTS = ("train", "validation", "test")
"""The parts of a data set, in the order of tables."""

FAULTY = "faulty (see the errors)"
"""Reason for leaving out what an error names."""

_PART_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "validation",
    "val": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a data set, or worth knowing.

    Attributes:
        check: name of the check that found it.
        severity: an ``error`` stops training; a ``warning`` is for a person to judge; a ``note`` informs.
        where: ``file:line``, ``file:line:column`` where the line holds more than this entry, or a file.
        message: what is wrong.
        cure: what to do about it.
    """

    check: str
    severity: Severity
    where: str
    message: str
    cure: str

    def to_dict(self) -> dict[str, str]:
        """The finding as plain JSON values."""
        return {
            "check": self.check,
            "severity": self.severity,
            "where": self.where,
            "message": self.message,
            "cure": self.cure,
        }

    def to_error(self, others: int = 0) -> DatasetError:
        """The finding as an error to raise, saying how many others there are."""
        more = f" (and {others} more error{'s' if others > 1 else ''})" if others else ""
        return DatasetError(
            self.where, expected="a sound data set", found=self.message + more, cure=self.cure
        )


@dataclass(frozen=True, slots=True)
class RawMark:
    """One annotation.

    Attributes:
        name: class as the data set calls it.
        where: its place in the annotation file.
        corners: x and y of four corners, eight numbers; of a box from its top-left corner clockwise.
        ordered: the corners are the mark's own; False: those of a box.
        relative: the corners are fractions of the photo's width and height, not pixels.
        visible: fraction that can be seen, 0..1.
    """

    name: str
    where: str
    corners: tuple[float, ...]
    ordered: bool = False
    relative: bool = False
    visible: float = 1.0


@dataclass(slots=True)
class RawPhoto:
    """One photo and its annotations.

    Attributes:
        path: the file, which may not exist.
        where: place of the entry that names it; the photo itself where no entry does.
        told: width and height in pixels according to the annotations, if they say.
        part: ``train``, ``validation`` or ``test``, if the data set has parts.
        asked: names of the classes that its annotators were asked to draw; None: the data set does not say.
        marks: its annotations.
    """

    path: Path
    where: str
    told: tuple[int, int] | None = None
    part: str | None = None
    asked: tuple[str, ...] | None = None
    marks: list[RawMark] = field(default_factory=list)


@dataclass(slots=True)
class RawSet:
    """A data set as its files tell it.

    Attributes:
        root: its folder.
        format: ``coco``, ``yolo`` or ``voc``.
        photos: the photos, in the order of the files.
        classes: name of each listed class and the place that lists it; empty where the format has no list.
        findings: what was wrong on reading.
        photos_read: photos that the files name.
        marks_read: annotations that the files hold.
        marks_left_out: reason and number of annotations that no photo carries.
        photos_left_out: the same of photos.
        boxed: file and number of its polygons whose enclosing box was taken.
        refused: photos of entries that were refused, for which an error speaks already.
        folders: where photos lie, and the file that should name them, to look for those that it does not.
    """

    root: Path
    format: str
    photos: list[RawPhoto] = field(default_factory=list)
    classes: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    photos_read: int = 0
    marks_read: int = 0
    marks_left_out: Counter[str] = field(default_factory=Counter)
    photos_left_out: Counter[str] = field(default_factory=Counter)
    boxed: Counter[str] = field(default_factory=Counter)
    refused: set[Path] = field(default_factory=set)
    folders: dict[Path, str] = field(default_factory=dict)

    def short(self, place: str | Path) -> str:
        """A path or place without the data set's own folder, for use inside a message."""
        return str(place).removeprefix(f"{self.root}{os.sep}")

    def error(self, check: str, where: str, message: str, cure: str) -> None:
        """Add an error."""
        self.findings.append(Finding(check, "error", where, message, cure))

    def warning(self, check: str, where: str, message: str, cure: str) -> None:
        """Add a warning."""
        self.findings.append(Finding(check, "warning", where, message, cure))

    def note(self, check: str, where: str, message: str, cure: str) -> None:
        """Add a note."""
        self.findings.append(Finding(check, "note", where, message, cure))

    def refuse(self, check: str, where: str, message: str, cure: str) -> None:
        """Add an error that costs an annotation."""
        self.error(check, where, message, cure)
        self.marks_left_out[FAULTY] += 1


class Lines:
    """Where in a file an offset into its text lies."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._text = str(file), text
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)

    def where(self, offset: int) -> str:
        """``file:line``, and ``:column`` (from 1) unless the line begins with what is there."""
        line = bisect_right(self._starts, offset)
        start = self._starts[line - 1]
        # The limit keeps this quick for a file of 40 MB on one line.
        begins = offset - start < 400 and not self._text[start:offset].strip()
        return f"{self._file}:{line}" if begins else f"{self._file}:{line}:{offset - start + 1}"


def read_bytes(raw: RawSet, file: Path) -> bytes | None:
    """The content of an annotation file; None, and an error in ``raw``, when it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        cure = "Put the file back, or give this user the right to read it."
        raw.error("unreadable", str(file), f"cannot be read: {error.strerror or error}", cure)
        return None


def read_text(raw: RawSet, file: Path) -> str | None:
    """The text of an annotation file; None, and an error in ``raw``, when it cannot be read."""
    data = read_bytes(raw, file)
    if data is None:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raw.error(
            "unreadable", f"{file}:{line}", f"is not UTF-8 text: {error.reason}", "Save the file as UTF-8."
        )
        return None


def box_corners(x: float, y: float, width: float, height: float) -> tuple[float, ...]:
    """Corners of an upright box, from the top-left one clockwise, as eight numbers."""
    return (x, y, x + width, y, x + width, y + height, x, y + height)


def number(value: Any) -> float | None:
    """A number of a file as float; None when it is none. What is too large becomes infinite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def numbers(value: Any, count: int) -> tuple[float, ...] | None:
    """A list of ``count`` numbers of a file; None when it is something else."""
    if not isinstance(value, (list, tuple)) or len(value) != count:
        return None
    # Nearly all are floats already, and a rendered data set has half a million of them.
    if all(type(one) is float for one in value):
        return tuple(value)
    found = [one for one in map(number, value) if one is not None]
    return tuple(found) if len(found) == count else None


def part_named(name: str) -> str | None:
    """The part that a folder or a file name stands for, such as ``validation`` for ``valid``."""
    return _PART_NAMES.get(name.lower())


def part_folders(root: Path) -> dict[Path, str]:
    """Folders directly below ``root`` that are named like parts, those of training first."""
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    named = [(path, part) for path in folders if (part := part_named(path.name)) is not None]
    return dict(sorted(named, key=lambda pair: PARTS.index(pair[1])))


def photos_in(folder: Path) -> list[Path]:
    """Photo files in a folder, sorted; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)


def inside(root: Path, base: Path, name: str) -> Path | None:
    """``base / name``, or None when that lies outside ``root`` or is an absolute path."""
    # Tools on Windows write backslashes, which no other system reads as a folder's end.
    name = name.replace("\\", "/")
    if not name or "\0" in name or name.startswith("/") or name[1:2] == ":":
        return None
    path = Path(os.path.normpath(base / name)) if ".." in name else base / name
    return path if path.is_relative_to(root) and path != root else None


def nearest(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """``; did you mean 'x'?`` when a known word is spelt alike, else nothing."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
