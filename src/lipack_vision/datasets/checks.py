"""The checks of the doctor: each looks at one kind of fault and says where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from lipack_vision.datasets.assemble import is_ambiguous, is_turned
from lipack_vision.datasets.naming import unknown_classes, unused_names
from lipack_vision.datasets.raw import PARTS, Finding, RawMark, RawPhoto, Severity
from lipack_vision.datasets.study import Study
from lipack_vision.geometry import quad_iou

Check = Callable[[Study], Iterator[Finding]]

CHECKS: list[Check] = []
"""All checks, in the order of the report."""

SAME_MARK = 0.95
"""Overlap (intersection over union) from which two marks of a class are one, annotated twice."""

FEW_MARKS = 10
"""A class with fewer marks cannot be learned nor measured."""

_REDRAW = "Draw it again, or remove it."


def _check(function: Check) -> Check:
    CHECKS.append(function)
    return function


@_check
def empty(study: Study) -> Iterator[Finding]:
    """Nothing to train on."""
    name = "empty"
    unread = any(one.severity == "error" for one in study.raw.findings)
    if not study.raw.photos and not unread:
        message = "the data set has no photo"
        yield Finding(name, "error", str(study.raw.root), message, "Name the right folder.")
    elif study.raw.photos and not any(photo.marks for photo in study.raw.photos):
        message = "no photo has a mark"
        yield Finding(name, "warning", study.raw.photos[0].where, message, "Check the annotations.")


@_check
def pictures(study: Study) -> Iterator[Finding]:
    """Photos that are missing or damaged."""
    for photo in study.raw.photos:
        seen = study.looks[photo.path]
        if not seen.exists:
            message = f"photo {study.raw.short(photo.path)} is missing"
            cure = "Put the file back, or remove its entry."
            yield Finding("missing_image", "error", photo.where, message, cure)
        elif seen.problem:
            message = f"photo {study.raw.short(photo.path)} is damaged: {seen.problem}"
            cure = "Copy it again from where it came, or remove it with its annotations."
            yield Finding("corrupt_image", "error", photo.where, message, cure)


@_check
def sizes(study: Study) -> Iterator[Finding]:
    """Photos of another size than told, or turned in a way that the annotations leave open."""
    for photo in study.raw.photos:
        seen = study.looks[photo.path]
        if not seen.sound:
            continue
        name = study.raw.short(photo.path)
        if is_turned(photo.told, seen) is None and photo.told is not None:
            found, told = (f"{size[0]} x {size[1]} px" for size in (seen.size, photo.told))
            message = f"photo {name} has {found}, not {told} as its annotations count"
            cure = "Export the data set again from these photos, or put the right photo here."
            yield Finding("size", "error", photo.where, message, cure)
        elif not seen.turns:
            message = f"photo {name} has an EXIF turn ({seen.orientation}), which works in JPEG and PNG only"
            yield Finding("exif", "error", photo.where, message, "Save the photo as JPEG, upright.")
        elif is_ambiguous(photo.told, seen):
            message = (
                f"photo {name} has an EXIF turn ({seen.orientation}) that keeps its size; "
                "its annotations are taken to count pixels after the turn"
            )
            cure = "Look at a few; if the marks are displaced, remove the EXIF data from the photo."
            yield Finding("exif", "warning", photo.where, message, cure)


@_check
def listed_twice(study: Study) -> Iterator[Finding]:
    """One photo file with two entries."""
    first: dict[Path, RawPhoto] = {}
    for photo in study.raw.photos:
        other = first.setdefault(photo.path, photo)
        if other is not photo:
            part = f" for the {other.part} part" if other.part != photo.part else ""
            names = study.raw.short(photo.path), study.raw.short(other.where)
            message = f"photo {names[0]} is listed at {names[1]}{part} already"
            cure = "Keep one entry, with the marks of both."
            yield Finding("duplicate_image", "error", photo.where, message, cure)


@_check
def classes(study: Study) -> Iterator[Finding]:
    """Classes that are none of ours, and settings that do not fit the data set."""
    yield from unknown_classes(study.raw, study.naming)
    yield from unused_names(study.raw, study.naming)
    annotated = study.naming.annotated
    if annotated is None:
        return
    others: dict[str, list[str]] = {}
    for photo in study.raw.photos:
        for mark in photo.marks:
            label = study.naming.ours(mark.name)
            if label is not None and label not in annotated:
                others.setdefault(label, []).append(mark.where)
    for label, places in others.items():
        message = f"there are {len(places)} marks of {label}, which is not among the annotated classes"
        cure = "Add it to data.annotated, or leave these marks out (null in data.names)."
        yield Finding("annotated", "warning", places[0], message, cure)


@_check
def places(study: Study) -> Iterator[Finding]:
    """Boxes outside the photo or of no size, corners in a wrong order."""
    for _, mark, _, problem in study.placed:
        if problem is not None:
            severity: Severity = "error" if problem.wrong else "warning"
            yield Finding("place", severity, mark.where, f"{mark.name!r} {problem.message}", _REDRAW)


@_check
def marks_twice(study: Study) -> Iterator[Finding]:
    """Two marks of a class in one place."""
    by_photo: dict[Path, list[tuple[RawMark, tuple[float, ...]]]] = {}
    for photo, mark, corners, problem in study.placed:
        if problem is None:
            by_photo.setdefault(photo.path, []).append((mark, corners))
    for marks in by_photo.values():
        for index, (mark, corners) in enumerate(marks):
            for other, its_corners in marks[:index]:
                if study.naming.ours(other.name) == study.naming.ours(mark.name) and _same(
                    corners, its_corners
                ):
                    message = f"the same {mark.name!r} as at {study.raw.short(other.where)}"
                    yield Finding("duplicate_mark", "warning", mark.where, message, "Remove one of them.")
                    break


def _same(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    # Most pairs are apart; their first corners tell so without any geometry.
    side = max(max(first[0::2]) - min(first[0::2]), max(first[1::2]) - min(first[1::2]))
    if abs(min(first[0::2]) - min(second[0::2])) > side / 4:
        return False
    return quad_iou(np.reshape(first, (4, 2)), np.reshape(second, (4, 2))) > SAME_MARK


@_check
def unnamed(study: Study) -> Iterator[Finding]:
    """Photo files that no annotation names."""
    for path, teller in study.unnamed:
        message = f"photo that {study.raw.short(teller)} does not name; it is left out"
        cure = "Annotate it, or list it without marks if it shows none."
        yield Finding("unnamed_image", "warning", str(path), message, cure)


@_check
def exact_copies(study: Study) -> Iterator[Finding]:
    """The same file twice: in two parts it makes the measured figures too good."""
    for group in study.exact:
        for path in group[1:]:
            across = study.part[path] != study.part[group[0]]
            others = [p for p in group if study.part[p] != study.part[path]] if across else group
            message = f"photo {_named(study, path)} is a copy of {_named(study, others[0])}"
            cure = "Keep one of them."
            yield Finding("copies", "error" if across else "warning", study.where[path], message, cure)


@_check
def near_copies(study: Study) -> Iterator[Finding]:
    """Nearly the same photo in two parts; within one it is only counted."""
    copies = {frozenset(group) for group in study.exact}
    groups = [group for group in study.near if frozenset(group) not in copies]
    for group in groups if study.has_parts else []:
        parts = {study.part[path] for path in group}
        for path in group[1:]:
            other = next((p for p in group if study.part[p] != study.part[path]), None)
            first_of_part = next(p for p in group if study.part[p] == study.part[path]) == path
            if len(parts) > 1 and other is not None and first_of_part:
                message = f"photo {_named(study, path)} shows nearly the same as {_named(study, other)}"
                message += f" (group of {len(group)})" if len(group) > 2 else ""
                cure = "Keep photos of one scene in one part."
                yield Finding("near_copies", "warning", study.where[path], message, cure)
    if groups:
        photos = sum(map(len, groups))
        message = f"{photos} photos are nearly the same as another one ({len(groups)} groups)"
        cure = "No matter within a part; a split made here keeps each group together."
        yield Finding("near_copies", "note", study.where[groups[0][1]], message, cure)


def _named(study: Study, path: Path) -> str:
    part = f" ({study.part[path]})" if study.has_parts else ""
    return f"{study.raw.short(path)}{part}"


@_check
def balance(study: Study) -> Iterator[Finding]:
    """Classes that cannot be learned or measured."""
    counts: dict[str, Counter[str]] = {}
    first: dict[str, dict[str, str]] = {}
    for photo, mark, _, problem in study.placed:
        if problem is None or not problem.wrong:
            label, part = study.naming.ours(mark.name) or "", study.part[photo.path]
            counts.setdefault(label, Counter())[part] += 1
            first.setdefault(label, {}).setdefault(part, mark.where)
    with_train = any(part == PARTS[0] for part in study.part.values())
    for label, of_part in counts.items():
        if with_train and not of_part[PARTS[0]]:
            part, where = next(iter(first[label].items()))
            message = f"{label} is in the {part} part, but has no mark in the train part"
            yield Finding("balance", "warning", where, message, "Move photos of it into the train part.")
        elif of_part.total() < FEW_MARKS:
            message = f"{label} has {of_part.total()} mark{'s' if of_part.total() > 1 else ''} in all"
            where = next(iter(first[label].values()))
            yield Finding("balance", "note", where, message, f"Annotate {FEW_MARKS} or more.")
    for name, where in study.raw.classes.items():
        listed = study.naming.ours(name)
        asked = study.naming.annotated is None or listed in study.naming.annotated
        if listed is not None and asked and listed not in counts:
            message = f"{listed} is listed but has no mark: all photos count as not showing it"
            cure = "If nobody was asked to draw it, name the classes that were in data.annotated."
            yield Finding("balance", "note", where, message, cure)


@_check
def left_out(study: Study) -> Iterator[Finding]:
    """What is left out or changed on purpose."""
    places: dict[str, list[str]] = {}
    for photo in study.raw.photos:
        for mark in photo.marks:
            if study.naming.known(mark.name) and study.naming.ours(mark.name) is None:
                places.setdefault(mark.name, []).append(mark.where)
    for name, found in places.items():
        message = (
            f"{len(found)} mark{'s' if len(found) > 1 else ''} of class {name!r} are left out, as names tell"
        )
        yield Finding("left_out", "note", found[0], message, f"Nothing, unless {name!r} is a class of ours.")
    for where, count in study.raw.boxed.items():
        message = f"{count} polygon{'s' if count > 1 else ''} of unknown order: the box around each is taken"
        yield Finding("boxed", "note", where, message, "Nothing; export boxes to silence this.")
