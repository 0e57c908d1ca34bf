"""Packages as photos and declaration, and what an inspection says of them."""

from __future__ import annotations

from typing import Any

from lipack_vision.codes import CodeReading
from lipack_vision.inspection import Declaration, Finding, PhotoEvidence, ReleasePolicy
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.inspector import decide
from tests.unit.inspection.fakes import ALL_SKIPPED, CODE, line, mark, reading

GERMAN = "4G/Y25/S/25/D/BAM 1234-XY"
NAME = ("UN3480", "LITHIUM ION BATTERIES")
PACKED = ("UN3481", "LITHIUM ION BATTERIES PACKED WITH EQUIPMENT")
INSIDE = ("UN3481", "LITHIUM ION BATTERIES CONTAINED IN EQUIPMENT")

Facts = dict[str, Any]


def seen(labels: str, lines: tuple[Any, ...] = (), *codes: str | CodeReading) -> PhotoEvidence:
    """A photo with labels side by side; a line ``(text, i)`` stands in the i-th label, others below."""
    marks = tuple(mark(label, at=(20 + 100 * index, 20)) for index, label in enumerate(labels.split()))
    texts = tuple(
        line(one[0], at=(100 * one[1] - 10, 34))
        if isinstance(one, tuple)
        else line(one, at=(20, 300 + 20 * row))
        for row, one in enumerate(lines)
    )
    readings = tuple(reading(code) if isinstance(code, str) else code for code in codes)
    return PhotoEvidence("p.jpg", "0" * 64, 2000, 2000, marks, readings, texts)


def facts(**fields: Any) -> Facts:
    """A box of fully regulated UN 3480 by sea; None takes a field away."""
    usual: Facts = {
        "un_number": 3480,
        "section": "fully regulated",
        "mode": "sea",
        "packing": "box",
        "state": "normal",
        "gross_kg": 24,
        "overpack": False,
        "chinese_export": False,
    }
    return {name: value for name, value in (usual | fields).items() if value is not None}


def judge(photos: PhotoEvidence | list[PhotoEvidence], fields: Facts) -> tuple[str, tuple[Finding, ...]]:
    several = tuple(photos) if isinstance(photos, list) else (photos,)
    policy = ReleasePolicy(skip=ALL_SKIPPED)
    return decide(Case(several, Declaration(**fields), policy, all_faces=True))


BOX = seen("class9a un_mark", NAME, GERMAN)
CHINESE = seen("class9a un_mark", NAME, CODE)
EXPORT = facts(packaging_code=CODE, chinese_export=True)
SMALL = facts(section="SP188")
