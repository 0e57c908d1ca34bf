"""Examine a data set before it is trained on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lipack_vision.datasets.assemble import make_dataset
from lipack_vision.datasets.checks import CHECKS
from lipack_vision.datasets.formats import read_raw
from lipack_vision.datasets.naming import make_naming
from lipack_vision.datasets.pictures import Progress, look, look_at_all
from lipack_vision.datasets.raw import PARTS, Finding
from lipack_vision.datasets.study import WHOLE, Study
from lipack_vision.types import LABELS

_ORDER = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Count:
    """Of photos or marks: ``read`` is ``kept`` plus the sum of ``left_out`` (reason: number)."""

    read: int
    kept: int
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class PartSummary:
    """One part: photos, those of them without a mark, and marks by class."""

    photos: int
    negatives: int
    marks: dict[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """A data set in numbers.

    Attributes:
        root: its folder.
        format: ``coco``, ``yolo`` or ``voc``.
        photos: how many photos.
        marks: how many annotations.
        parts: by name; one part named ``all`` when the data set has no parts.
        asked: classes that all photos would show as annotations.
        near_groups: groups of photos that show nearly the same.
        manifest: hash of all photos and annotations; None while there are errors.
    """

    root: str
    format: str
    photos: Count
    marks: Count
    parts: dict[str, PartSummary]
    asked: tuple[str, ...]
    near_groups: int
    manifest: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found, errors first, and the data set in numbers."""

    findings: tuple[Finding, ...]
    summary: Summary

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop training."""
        return self.of("error")

    def of(self, severity: str) -> tuple[Finding, ...]:
        """The findings of one severity."""
        return tuple(one for one in self.findings if one.severity == severity)

    def to_dict(self) -> dict[str, Any]:
        """The summary as plain JSON values, with the number of findings by severity."""
        return {**asdict(self.summary), "findings": {name: len(self.of(name)) for name in _ORDER}}


def examine(
    root: str | Path,
    *,
    format: str = "auto",  # noqa: A002 - the word of the settings and of the command line
    names: Mapping[str, str | None] | None = None,
    annotated: Sequence[str] | None = None,
    classes: Sequence[str] = LABELS,
    progress: Progress | None = None,
) -> Report:
    """Examine a data set: every photo is decoded, every annotation checked, nothing is changed.

    Args:
        root: its folder, or its COCO or YAML file.
        format: ``coco``, ``yolo``, ``voc`` or ``auto``.
        names: their names of classes mapped to ours; None leaves their marks out.
        annotated: our classes that the annotators were asked to draw; by default those that the data set
            lists.
        classes: our classes.
        progress: called with (done, total) after each photo.

    Raises:
        DatasetError: there is no data set.
        ConfigError: a setting names no class or format.
    """
    return study_of(root, format, names, annotated, classes, progress)[1]


def study_of(
    root: str | Path,
    format_: str,
    names: Mapping[str, str | None] | None,
    annotated: Sequence[str] | None,
    classes: Sequence[str],
    progress: Progress | None,
) -> tuple[Study, Report]:
    """Examine a data set and keep what was read for use."""
    naming = make_naming(names, annotated, classes)
    raw = read_raw(Path(root), format_)
    study = Study(raw, naming, look_at_all((photo.path for photo in raw.photos), look, progress))
    found = [*raw.findings, *(finding for check in CHECKS for finding in check(study))]
    found.sort(key=lambda finding: _ORDER.index(finding.severity))
    return study, Report(tuple(found), _summary(study, sound=not found or found[0].severity != "error"))


def _summary(study: Study, sound: bool) -> Summary:
    raw = study.raw
    photos_read, photos_left = study.count_photos()
    marks_read, marks_left = study.count_marks()
    marks: dict[str, Counter[str]] = {}
    with_marks: set[Path] = set()
    for photo, mark, _, problem in study.placed:
        if problem is None or not problem.wrong:
            marks.setdefault(study.part[photo.path], Counter())[str(study.naming.ours(mark.name))] += 1
            with_marks.add(photo.path)
    parts: dict[str, PartSummary] = {}
    for part in (*PARTS, WHOLE):
        inside = [photo.path for photo in study.kept if study.part[photo.path] == part]
        if inside:
            counted = marks.get(part, Counter())
            of_class = {label: counted[label] for label in study.naming.classes}
            parts[part] = PartSummary(len(inside), len(set(inside) - with_marks), of_class)
    asked = [study.naming.asked(photo, study.occurring) for photo in study.kept]
    by_all = [label for i, label in enumerate(study.naming.classes) if asked and all(row[i] for row in asked)]
    whole = None
    if sound:
        whole = make_dataset(raw.root.name, raw.root, study.kept, study.looks, study.naming, study.occurring)
    return Summary(
        str(raw.root),
        raw.format,
        Count(photos_read, len(study.kept), dict(photos_left)),
        Count(marks_read, sum(count.total() for count in marks.values()), dict(marks_left)),
        parts,
        tuple(by_all),
        len(study.near),
        whole.manifest if whole is not None else None,
    )
