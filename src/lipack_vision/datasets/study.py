"""A data set with everything that its checks look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lipack_vision.datasets.assemble import counted_size, is_turned, occurring_classes, pixels
from lipack_vision.datasets.duplicates import exact_groups, near_groups
from lipack_vision.datasets.naming import Naming
from lipack_vision.datasets.pictures import Look
from lipack_vision.datasets.places import Problem, place_problem
from lipack_vision.datasets.raw import FAULTY, RawMark, RawPhoto, RawSet, photos_in

UNNAMED = "named in no annotation file"
LOST_PHOTO = "on a photo that is left out"
WHOLE = "all"
"""Name of the only part of a data set without parts."""


@dataclass
class Study:
    """A data set as it was read, its photo files as they were seen, and what both amount to."""

    raw: RawSet
    naming: Naming
    looks: dict[Path, Look]

    @cached_property
    def kept(self) -> list[RawPhoto]:
        """Photos that can be used, each file once."""
        usable: dict[Path, RawPhoto] = {}
        for photo in self.raw.photos:
            seen = self.looks[photo.path]
            if seen.sound and seen.turns and is_turned(photo.told, seen) is not None:
                usable.setdefault(photo.path, photo)
        return list(usable.values())

    @cached_property
    def where(self) -> dict[Path, str]:
        """Place of the first entry of each photo."""
        return {photo.path: photo.where for photo in reversed(self.raw.photos)}

    @cached_property
    def part(self) -> dict[Path, str]:
        """Part of each photo."""
        return {photo.path: photo.part or WHOLE for photo in reversed(self.raw.photos)}

    @cached_property
    def has_parts(self) -> bool:
        """The data set comes with parts of its own."""
        return any(photo.part for photo in self.raw.photos)

    @cached_property
    def occurring(self) -> tuple[str, ...]:
        """Their classes that occur, to be taken for asked where no list of classes exists."""
        return occurring_classes(self.raw)

    @cached_property
    def exact(self) -> list[list[Path]]:
        """Groups of files with the same bytes."""
        return exact_groups(self.looks, (photo.path for photo in self.kept))

    @cached_property
    def near(self) -> list[list[Path]]:
        """Groups of photos that show nearly the same, exact copies among them."""
        return near_groups(self.looks, (photo.path for photo in self.kept))

    @cached_property
    def unnamed(self) -> list[tuple[Path, str]]:
        """Photo files that no annotation names, and the file or folder that should."""
        named = {photo.path for photo in self.raw.photos} | self.raw.refused
        found: list[tuple[Path, str]] = []
        for folder, teller in self.raw.folders.items():
            for path in photos_in(folder):
                if path not in named and not (Path(teller) / f"{path.stem}.xml").is_file():
                    found.append((path, teller))
        return found

    @cached_property
    def placed(self) -> list[tuple[RawPhoto, RawMark, tuple[float, ...], Problem | None]]:
        """Each mark of our classes on a usable photo, its corners in pixels, and what is wrong with them."""
        found: list[tuple[RawPhoto, RawMark, tuple[float, ...], Problem | None]] = []
        for photo in self.kept:
            size = counted_size(photo, self.looks[photo.path])
            for mark in photo.marks:
                if self.naming.ours(mark.name) is not None:
                    corners = pixels(mark, size)
                    problem = place_problem(corners, mark.ordered, mark.visible, size)
                    found.append((photo, mark, corners, problem))
        return found

    def count_photos(self) -> tuple[int, Counter[str]]:
        """How many photos there are, and reason and number of those left out."""
        left = Counter(self.raw.photos_left_out)
        left[FAULTY] += len(self.raw.photos) - len(self.kept)
        left[UNNAMED] += len(self.unnamed)
        return self.raw.photos_read + len(self.unnamed), +left

    def count_marks(self) -> tuple[int, Counter[str]]:
        """How many annotations there are, and reason and number of those left out."""
        left = Counter(self.raw.marks_left_out)
        kept = {id(photo) for photo in self.kept}
        for photo in self.raw.photos:
            for mark in photo.marks:
                if id(photo) not in kept:
                    left[LOST_PHOTO] += 1
                elif not self.naming.known(mark.name):
                    left[FAULTY] += 1
                elif self.naming.ours(mark.name) is None:
                    left[f"class {mark.name!r}, left out by names"] += 1
        left[FAULTY] += sum(problem is not None and problem.wrong for *_, problem in self.placed)
        return self.raw.marks_read, +left
