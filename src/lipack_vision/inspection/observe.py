"""Turn the evidence of all photos of a package into one observation for the packing rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from lipack_vision.codes import CodeReading
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.look import contains
from lipack_vision.regulations import (
    MarkReading,
    Observation,
    PackagingCode,
    SeenMark,
    elements_of,
    read_mark,
)
from lipack_vision.types import Mark

UN_NUMBER = re.compile(r"(?<![A-Z])UN ?[-.:]? ?(\d{4})(?!\d)")

_DETECTED = (
    "class9",
    "class9a",
    "battery_mark",
    "cargo_aircraft_only",
    "orientation_arrows",
    "other_hazard",
    "un_mark",
)
"""Labels that the detector judges. Limited quantity marks and stacking pictograms are not among them."""


def observe(photos: Sequence[PhotoEvidence], *, all_faces: bool) -> Observation:
    """What was seen of a package on all of its photos.

    Args:
        photos: the evidence; a check that failed on every photo is not judged.
        all_faces: whether the caller vouches that every face was photographed. Believed only when every photo
            was looked at completely.
    """
    complete = all(photo.readable and not photo.failures for photo in photos)
    marks = _judged(photos, "marks")
    texts = _judged(photos, "text")
    coded = _judged(photos, "code")
    seen: dict[str, Any] = {label: _seen(label, marks) if marks else None for label in _DETECTED}
    return Observation(
        **seen,
        packaging_codes=tuple(distinct_codes(coded)) if coded else None,
        incomplete_marks=tuple(reading for _, _, reading in incomplete(coded)),
        un_numbers_printed=_printed(texts) if texts else None,
        un_numbers_battery_mark=_on_battery_marks(texts) if texts and marks else None,
        texts=tuple(line.text for photo in texts for line in photo.lines) if texts else None,
        all_faces_seen=all_faces and complete,
    )


def distinct_codes(photos: Sequence[PhotoEvidence]) -> list[PackagingCode]:
    """The complete packaging codes that were read, each once."""
    codes: list[PackagingCode] = []
    for photo in photos:
        for reading in photo.readings:
            if reading.code is not None and reading.code not in codes:
                codes.append(reading.code)
    return codes


def incomplete(photos: Sequence[PhotoEvidence]) -> Iterator[tuple[int, CodeReading, MarkReading]]:
    """Readings that are not whole and that no whole reading explains: photo index, reading, what it says.

    A mark that a finger covers on one photo and that is whole on another is one mark.
    """
    codes = distinct_codes(photos)
    for index, reading in partial_readings(photos):
        said = what_it_says(reading)
        if not any(agrees(said, code) for code in codes):
            yield index, reading, said


def partial_readings(photos: Sequence[PhotoEvidence]) -> Iterator[tuple[int, CodeReading]]:
    """Readings without a whole code, with the index of their photo."""
    for index, photo in enumerate(photos):
        for reading in photo.readings:
            if reading.code is None:
                yield index, reading


def what_it_says(reading: CodeReading) -> MarkReading:
    """The elements of a reading as far as they are there."""
    return read_mark(reading.text or reading.raw)


def agrees(said: MarkReading, code: PackagingCode) -> bool:
    """Whether each element of an incomplete reading is that of a complete code, and there is at least one."""
    whole = elements_of(code)
    return bool(said.elements) and all(
        whole.get(name, value if name == "gross_mass_or_density" else None) == value
        for name, value in said.elements.items()
    )


def un_numbers(text: str) -> list[int]:
    """UN numbers in a text, such as 3480 in ``UN 3480``."""
    return [int(digits) for digits in UN_NUMBER.findall(text.upper())]


def _judged(photos: Sequence[PhotoEvidence], check: str) -> list[PhotoEvidence]:
    return [photo for photo in photos if photo.readable and photo.failed(check) is None]


def _seen(label: str, photos: Sequence[PhotoEvidence]) -> tuple[SeenMark, ...]:
    return tuple(SeenMark() for photo in photos for mark in photo.marks if mark.label == label)


def _battery_marks(photo: PhotoEvidence) -> list[Mark]:
    return [mark for mark in photo.marks if mark.label == "battery_mark"]


def _printed(photos: Sequence[PhotoEvidence]) -> tuple[int, ...]:
    found = set()
    for photo in photos:
        marks = _battery_marks(photo)
        for line in photo.lines:
            if not any(contains(mark, line) for mark in marks):
                found.update(un_numbers(line.text))
    return tuple(sorted(found))


def _on_battery_marks(photos: Sequence[PhotoEvidence]) -> tuple[int, ...] | None:
    found = set()
    for photo in photos:
        for mark in _battery_marks(photo):
            inside = " ".join(line.text for line in photo.lines if contains(mark, line))
            found.update(un_numbers(inside))
    return tuple(sorted(found)) or None
