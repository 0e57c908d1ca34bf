"""Samples and their manifest from what a reader read and the photo files are."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lipack_vision.datasets.naming import Naming
from lipack_vision.datasets.pictures import Look
from lipack_vision.datasets.raw import RawMark, RawPhoto, RawSet
from lipack_vision.datasets.types import PhotoDataset, Sample, Truth

UPSIDE_DOWN = frozenset({2, 3, 4})
"""EXIF orientations that keep width and height."""


def is_turned(told: tuple[int, int] | None, look: Look) -> bool | None:
    """Whether annotations that tell this size count pixels after the photo's EXIF turn; None: neither fits.

    Where both have the same size the answer is yes, as annotation tools show photos turned.
    """
    if told is None or told == look.turned_size:
        return look.orientation != 1
    return False if told == look.size else None


def is_ambiguous(told: tuple[int, int] | None, look: Look) -> bool:
    """The size tells nothing about the turn, yet there is one."""
    return told is not None and look.orientation != 1 and look.size == look.turned_size


def counted_size(photo: RawPhoto, look: Look) -> tuple[int, int]:
    """Width and height of the pixels that the annotations count."""
    return look.turned_size if is_turned(photo.told, look) else look.size


def pixels(mark: RawMark, size: tuple[int, int]) -> tuple[float, ...]:
    """The mark's corners in pixels, eight numbers."""
    if not mark.relative:
        return mark.corners
    width, height = size
    return tuple(value * (height if index % 2 else width) for index, value in enumerate(mark.corners))


def broken_place(corners: tuple[float, ...], ordered: bool) -> str:
    """What keeps the corners from being a place at all; empty when nothing does."""
    if not all(map(math.isfinite, corners)):
        return "has a coordinate that is no finite number"
    if not ordered:
        width, height = corners[2] - corners[0], corners[5] - corners[1]
        if width <= 0 or height <= 0:
            return f"has a box of width {width:g} and height {height:g}"
    return ""


def make_sample(photo: RawPhoto, look: Look, naming: Naming, occurring: tuple[str, ...]) -> Sample:
    """The photo with those of its marks whose class is one of ours.

    Args:
        occurring: their classes to take for asked where the photo does not say.
    """
    size = counted_size(photo, look)
    kept = [(mark, label) for mark in photo.marks if (label := naming.ours(mark.name)) is not None]
    truth = Truth(
        np.array([pixels(mark, size) for mark, _ in kept], np.float32).reshape(-1, 4, 2),
        np.array([naming.classes.index(label) for _, label in kept], np.int64),
        np.array([mark.visible for mark, _ in kept], np.float32),
        np.array([mark.ordered for mark, _ in kept], np.bool_),
    )
    asked = naming.asked(photo, occurring)
    return Sample(photo.path, size, truth, asked, bool(is_turned(photo.told, look)))


def occurring_classes(raw: RawSet) -> tuple[str, ...]:
    """Classes with a mark anywhere, as the data set calls them, in order of names."""
    return tuple(sorted(Counter(mark.name for photo in raw.photos for mark in photo.marks)))


def make_dataset(
    name: str,
    root: Path,
    photos: Iterable[RawPhoto],
    looks: dict[Path, Look],
    naming: Naming,
    occurring: tuple[str, ...],
) -> PhotoDataset:
    """A data set of these photos, in the order of their names."""
    # Sorted, as the order of entries in a file means nothing, but would change what a seed draws.
    ordered = sorted(photos, key=lambda photo: photo.path.as_posix())
    samples = [make_sample(photo, looks[photo.path], naming, occurring) for photo in ordered]
    digests = [looks[photo.path].digest for photo in ordered]
    return PhotoDataset(name, samples, manifest(root, samples, digests, naming.classes))


def manifest(root: Path, samples: Sequence[Sample], digests: Sequence[str], classes: Sequence[str]) -> str:
    """SHA-256 over names, contents and annotations of the photos, whatever their order.

    Args:
        root: folder that the names count from.
        digests: SHA-256 of each photo's file.
        classes: what the labels mean.
    """
    rows = sorted(
        _row(root, sample, digest, classes) for sample, digest in zip(samples, digests, strict=True)
    )
    total = hashlib.sha256(b"lipack photos 1\n")
    for row in rows:
        total.update(row)
    return total.hexdigest()


def _row(root: Path, sample: Sample, digest: str, classes: Sequence[str]) -> bytes:
    truth = sample.truth
    # Little-endian bytes of the exact numbers: the same on every machine, and no digit is rounded away.
    quads, visible = truth.quads.astype("<f4"), truth.visible.astype("<f4")
    marks = sorted(
        f"{classes[label]} {int(ordered)} {seen.tobytes().hex()} {quad.tobytes().hex()}"
        for label, ordered, seen, quad in zip(
            truth.labels.tolist(), truth.ordered, visible, quads, strict=True
        )
    )
    asked = [label for label, is_asked in zip(classes, sample.asked, strict=True) if is_asked]
    path = sample.path.relative_to(root) if sample.path.is_relative_to(root) else Path(sample.path.name)
    fields = [path.as_posix(), digest, *map(str, sample.size), str(int(sample.turned)), ",".join(asked)]
    content = "\0".join([*fields, *marks]).encode("utf-8", "surrogateescape")
    # The length keeps two rows from reading like two others.
    return len(content).to_bytes(8, "little") + content
