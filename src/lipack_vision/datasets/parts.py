"""Read a data set of any format as its parts."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from lipack_vision.datasets.assemble import make_dataset
from lipack_vision.datasets.doctor import study_of
from lipack_vision.datasets.pictures import Progress
from lipack_vision.datasets.raw import PARTS
from lipack_vision.datasets.study import Study
from lipack_vision.datasets.types import PhotoDataset
from lipack_vision.errors import ConfigError
from lipack_vision.types import LABELS


def read_parts(
    root: str | Path,
    *,
    format: str = "auto",  # noqa: A002 - the word of the settings and of the command line
    names: Mapping[str, str | None] | None = None,
    annotated: Sequence[str] | None = None,
    split: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int = 0,
    classes: Sequence[str] = LABELS,
    progress: Progress | None = None,
) -> dict[str, PhotoDataset]:
    """Read a data set as ``train``, ``validation`` and ``test``, after the doctor has examined it.

    A data set with parts of its own keeps them; those that it lacks are empty. Any other is split by photos:
    what shows nearly the same stays together, and the same seed and file names give the same split.

    Args:
        root: its folder, or its COCO or YAML file.
        format: ``coco``, ``yolo``, ``voc`` or ``auto``.
        names: their names of classes mapped to ours; None leaves their marks out.
        annotated: our classes that the annotators were asked to draw; by default those that the data set
            lists.
        split: fractions of photos for the three parts, together 1.
        seed: another seed gives another split.
        classes: our classes; labels are indices into them.
        progress: called with (done, total) after each photo that was examined.

    Raises:
        DatasetError: there is no data set, or the doctor found errors: file and line of the first, and how
            many others there are.
        ConfigError: a setting names no class or format, or ``split`` is no split.
    """
    fractions = _fractions(split)
    study, report = study_of(root, format, names, annotated, classes, progress)
    if report.errors:
        raise report.errors[0].to_error(len(report.errors) - 1)
    part = study.part if study.has_parts else split_photos(study, fractions, seed)
    return {
        name: make_dataset(
            f"{study.raw.root.name}/{name}",
            study.raw.root,
            [photo for photo in study.kept if part[photo.path] == name],
            study.looks,
            study.naming,
            study.occurring,
        )
        for name in PARTS
    }


def split_photos(study: Study, fractions: tuple[float, ...], seed: int) -> dict[Path, str]:
    """Part of each photo.

    Groups of photos that show nearly the same go to one part, by a hash of seed and name against the
    fractions: a photo that is added later moves no other one, unless a part would be empty that has a share.
    """
    together = {path: tuple(group) for group in study.near for path in group}
    groups = list(dict.fromkeys(together.get(photo.path, (photo.path,)) for photo in study.kept))
    places = {group: _place(min(_name(study, path) for path in group), seed) for group in groups}
    borders = list(accumulate(fractions))
    part_of = {group: sum(place >= border for border in borders[:-1]) for group, place in places.items()}
    for lacking in (i for i, share in enumerate(fractions) if share > 0 and i not in part_of.values()):
        counts = Counter(part_of.values())
        # Of the part with the most groups the one nearest to the border.
        rich = max(counts, key=lambda one: counts[one]) if counts else lacking
        if counts[rich] > 1:
            middle = borders[lacking] - fractions[lacking] / 2
            nearest = min((g for g in groups if part_of[g] == rich), key=lambda g: abs(places[g] - middle))
            part_of[nearest] = lacking
    return {path: PARTS[part_of[group]] for group in groups for path in group}


def _name(study: Study, path: Path) -> str:
    return path.relative_to(study.raw.root).as_posix()


def _place(name: str, seed: int) -> float:
    """A number from 0 to below 1 that depends on nothing else."""
    digest = hashlib.sha256(f"{seed}/{name}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6]) / 2**48


def _fractions(split: Sequence[float]) -> tuple[float, ...]:
    shares = tuple(float(share) for share in split)
    if len(shares) != len(PARTS) or not all(share >= 0 for share in shares) or abs(sum(shares) - 1) > 1e-6:
        raise ConfigError(
            "data.split",
            expected="three fractions for train, validation and test that add up to 1",
            found=", ".join(f"{share:g}" for share in shares),
            cure="Pass [0.7, 0.15, 0.15] or so.",
        )
    return shares
