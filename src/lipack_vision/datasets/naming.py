"""Translate a data set's names of classes into ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lipack_vision.datasets.raw import Finding, RawPhoto, RawSet, nearest
from lipack_vision.datasets.types import Bools
from lipack_vision.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Naming:
    """Which of our classes each class of a data set is.

    Attributes:
        classes: our classes; labels are indices into them.
        names: their names mapped to ours; None: their marks are left out.
        annotated: our classes that the annotators were asked to draw; None: those that the data set lists.
    """

    classes: tuple[str, ...]
    names: Mapping[str, str | None]
    annotated: tuple[str, ...] | None = None

    def ours(self, name: str) -> str | None:
        """Our name of their class; None when it is left out or unknown."""
        found = self.names.get(name, name)
        return found if found in self.classes else None

    def known(self, name: str) -> bool:
        """Whether their class is one of ours, or left out on purpose."""
        return name in self.names or name in self.classes

    def asked(self, photo: RawPhoto, occurring: tuple[str, ...]) -> Bools:
        """Per class of ours ``(K,)``: the photo would show its marks as annotations.

        Args:
            photo: the photo.
            occurring: classes, as the data set calls them, to assume where the photo does not say.
        """
        if self.annotated is not None:
            listed = set(self.annotated)
        else:
            listed = {self.ours(name) or "" for name in (photo.asked or occurring)}
        return np.array([label in listed for label in self.classes], np.bool_)


def make_naming(
    names: Mapping[str, str | None] | None, annotated: Sequence[str] | None, classes: Sequence[str]
) -> Naming:
    """Check the settings.

    Raises:
        ConfigError: a name on our side that is no class.
    """
    ours = tuple(classes)
    names = {} if names is None else dict(names)
    for theirs, label in names.items():
        if label is not None and label not in ours:
            _refuse(f"data.names.{theirs}", label, ours)
    for label in annotated or ():
        if label not in ours:
            _refuse("data.annotated", label, ours)
    return Naming(ours, names, None if annotated is None else tuple(annotated))


def _refuse(where: str, label: str, classes: tuple[str, ...]) -> None:
    raise ConfigError(
        where,
        expected=f"one of {', '.join(classes)}",
        found=f"{label!r}{nearest(label, classes)}",
        cure="Name one of these classes; leave the value empty (null) to leave such marks out.",
    )


def unknown_classes(raw: RawSet, naming: Naming) -> list[Finding]:
    """An error for each class with marks that is none of ours, a warning for one without marks."""
    marks: dict[str, list[str]] = {}
    for photo in raw.photos:
        for mark in photo.marks:
            marks.setdefault(mark.name, []).append(mark.where)
    found: list[Finding] = []
    for name in dict.fromkeys([*raw.classes, *marks]):
        if naming.known(name):
            continue
        places = marks.get(name, [])
        told = f"class {name!r} is none of ours ({', '.join(naming.classes)}){nearest(name, naming.classes)}"
        if places:
            count = f"{len(places)} mark{'s' if len(places) > 1 else ''}"
            told += f"; it has {count}, the first at {raw.short(places[0])}"
        found.append(
            Finding(
                "unknown_class",
                "error" if places else "warning",
                raw.classes.get(name) or places[0],
                told if places else f"{told}; it has no mark",
                f"Set 'data.names={{{name}: <ours>}}', null to leave it out (doctor: --name {name}=<ours>).",
            )
        )
    return found


def unused_names(raw: RawSet, naming: Naming) -> list[Finding]:
    """A warning for each name in the settings that the data set does not have."""
    known = {**raw.classes, **{mark.name: mark.where for photo in raw.photos for mark in photo.marks}}
    return [
        Finding(
            "unknown_name",
            "warning",
            f"data.names.{name}",
            f"the data set has no class {name!r}{nearest(name, known)}",
            "Correct or remove this setting.",
        )
        for name in naming.names
        if name not in known
    ]
