"""Read one COCO file as it is, quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lipack_vision.datasets.assemble import broken_place, is_turned, make_dataset
from lipack_vision.datasets.coco import FILES, read_coco_file
from lipack_vision.datasets.naming import make_naming, unknown_classes
from lipack_vision.datasets.pictures import Look, glance, look_at_all
from lipack_vision.datasets.raw import Finding, RawSet
from lipack_vision.datasets.types import PhotoDataset
from lipack_vision.errors import DatasetError
from lipack_vision.types import LABELS


def read_coco(
    path: Path,
    *,
    names: Mapping[str, str | None] | None = None,
    annotated: Sequence[str] | None = None,
    classes: Sequence[str] = LABELS,
) -> PhotoDataset:
    """Read one COCO file without the doctor: for rendered sets and quick measuring.

    Photos are opened for their size, EXIF turn and digest, but neither decoded nor compared with each other.
    Marks may be of any shape, as rendered ones seen edge-on are; only what is no place at all is refused.

    Args:
        path: the file, or the folder that holds it under one of its usual names.
        names: their names of classes mapped to ours; None leaves their marks out.
        annotated: our classes that the annotators were asked to draw; by default those that the file lists.
        classes: our classes; labels are indices into them.

    Returns:
        The photos in the order of their names.

    Raises:
        DatasetError: a fault of the file, an unknown class, a missing photo or one of another size, naming
            file and line of the first and the number of others.
        ConfigError: ``names`` or ``annotated`` name no class of ours.
    """
    naming = make_naming(names, annotated, classes)
    file = _file(Path(path))
    raw = RawSet(file.parent, "coco")
    read_coco_file(raw, file)
    looks = look_at_all((photo.path for photo in raw.photos), glance)
    faults = [*raw.findings, *unknown_classes(raw, naming), *_faults(raw, looks)]
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        raise errors[0].to_error(len(errors) - 1)
    return make_dataset(file.parent.name, raw.root, raw.photos, looks, naming, ())


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = next((path / name for name in FILES if (path / name).is_file()), None)
    if found is None:
        raise DatasetError(
            str(path),
            expected=f"a COCO file ({' or '.join(FILES)})",
            found="none",
            cure="Name the file itself.",
        )
    return found


def _faults(raw: RawSet, looks: dict[Path, Look]) -> list[Finding]:
    faults: list[Finding] = []
    for photo in raw.photos:
        seen = looks[photo.path]
        if not seen.sound:
            problem = f"is damaged: {seen.problem}" if seen.exists else "is missing"
            cure = "Put the file back, or remove its entry."
            faults.append(Finding("image", "error", photo.where, f"photo {photo.path} {problem}", cure))
            continue
        if is_turned(photo.told, seen) is None or not seen.turns:
            told = f"photo {photo.path} has {seen.size} px, EXIF turn {seen.orientation}, not {photo.told} px"
            cure = "Export the data set again from these photos."
            faults.append(Finding("size", "error", photo.where, told, cure))
        for mark in photo.marks:
            problem = broken_place(mark.corners, mark.ordered)
            if problem:
                cure = "Draw it again, or remove it."
                faults.append(Finding("place", "error", mark.where, f"the annotation {problem}", cure))
    return faults
