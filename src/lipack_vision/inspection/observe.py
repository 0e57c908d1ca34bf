"""Turn the evidence of all photos of a package into one observation for the packing rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

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
from lipack_vision.regulations.compare import alike, without_blanks
from lipack_vision.regulations.parser import RID_ADR_SYMBOL
from lipack_vision.types import Mark

# UN3480, UN 3480, UN-3480, UN No. 3480, UN/3480; after it further numbers, as in UN3480/3481, which must not
# begin a date. OCR loses blanks: it may stand right behind BATTERIES or EQUIPMENT.
_UN_NUMBERS = re.compile(
    r"(?:(?<![A-Z])|(?<=IES)|(?<=ENT))U ?N ?(?:[-.]? ?(?:NUMBER|NO|NR|N°))? ?[-.:/#]* ?"
    r"(?P<first>[0-9]{4})(?![0-9])"
    r"(?P<further>(?: ?[/,&+] ?[0-9]{4}(?![0-9]|[-.][0-9]))*)"
)

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
        un_symbol=_symbol(coded),
        un_numbers_printed=_printed(texts) if texts else None,
        un_numbers_battery_mark=_on_battery_marks(texts) if texts and marks else None,
        texts=tuple(line.text for photo in texts for line in photo.lines) if texts else None,
        all_faces_seen=all_faces and complete,
    )


def distinct_codes(photos: Sequence[PhotoEvidence]) -> list[PackagingCode]:
    """The complete packaging codes that were read, each once.

    A code is the same with other blanks in its maker, which OCR loses, and with its batch out of sight.
    """
    codes: dict[PackagingCode, PackagingCode] = {}
    for photo in photos:
        for reading in photo.readings:
            if reading.code is not None:
                codes.setdefault(without_makers_blanks(reading.code), reading.code)
    with_batch = {replace(same, batch=None) for same in codes if same.batch is not None}
    return [code for same, code in codes.items() if same.batch is not None or same not in with_batch]


def without_makers_blanks(code: PackagingCode) -> PackagingCode:
    """The code as it is compared with others that were read."""
    return replace(code, maker=without_blanks(code.maker))


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
        alike(name, whole.get(name, value if name == "gross_mass_or_density" else None), value)
        for name, value in said.elements.items()
    )


def un_numbers(text: str) -> list[int]:
    """UN numbers in a text, such as 3480 in ``UN 3480``, ``UN No. 3480`` and ``UN3480/3481``."""
    plain = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    return [
        int(digits)
        for found in _UN_NUMBERS.finditer(plain)
        for digits in re.findall("[0-9]{4}", found["first"] + found["further"])
    ]


def _symbol(photos: Sequence[PhotoEvidence]) -> Literal["rid_adr"] | None:
    """What text can tell of the UN symbol: RID/ADR in its place."""
    readings = [reading for photo in photos for reading in photo.readings]
    return "rid_adr" if any(RID_ADR_SYMBOL in reading.warnings for reading in readings) else None


def _judged(photos: Sequence[PhotoEvidence], check: str) -> list[PhotoEvidence]:
    return [photo for photo in photos if photo.readable and photo.failed(check) is None]


def _seen(label: str, photos: Sequence[PhotoEvidence]) -> tuple[SeenMark, ...]:
    return tuple(SeenMark() for photo in photos for mark in photo.marks if mark.label == label)


def battery_marks(photo: PhotoEvidence) -> list[Mark]:
    """The battery marks on a photo."""
    return [mark for mark in photo.marks if mark.label == "battery_mark"]


def _printed(photos: Sequence[PhotoEvidence]) -> tuple[int, ...]:
    found = set()
    for photo in photos:
        marks = battery_marks(photo)
        for line in photo.lines:
            if not any(contains(mark, line) for mark in marks):
                found.update(un_numbers(line.text))
    return tuple(sorted(found))


def _on_battery_marks(photos: Sequence[PhotoEvidence]) -> tuple[int, ...] | None:
    found = set()
    for photo in photos:
        for mark in battery_marks(photo):
            inside = " ".join(line.text for line in photo.lines if contains(mark, line))
            found.update(un_numbers(inside))
    return tuple(sorted(found)) or None
