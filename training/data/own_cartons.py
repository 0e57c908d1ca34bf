"""A factory's own photos of good and of bad cartons, beside rendered ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from lipack_vision.datasets.duplicates import near_groups
from lipack_vision.datasets.pictures import look, look_at_all
from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.image import find_photos
from lipack_vision.synth.damage.dataset import DamageFolder

GOOD, BAD = "good", "bad"
"""Names of the two folders."""
PARTS = ("train", "validation", "calibration", "test")


@dataclass(frozen=True, slots=True, eq=False)
class OwnCartons:
    """Photos of one carton each, of which only the verdict is known.

    Attributes:
        folder: that holds the folders `GOOD` and `BAD`.
        paths: of the photos of one part.
        damaged: of each whether its carton is damaged.
    """

    folder: Path
    paths: tuple[Path, ...]
    damaged: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def manifest(self) -> str:
        """SHA-256 over the names, verdicts and contents of the photos."""
        digest = hashlib.sha256()
        for path, damaged in zip(self.paths, self.damaged, strict=True):
            name = path.relative_to(self.folder).as_posix().encode("utf-8", "surrogateescape")
            digest.update(name + b"\0" + bytes([damaged]) + path.read_bytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class WithOwn:
    """Rendered photos and own ones.

    Attributes:
        rendered: to draw from otherwise.
        own: the own photos.
        share: of the draws that show an own photo.
    """

    rendered: DamageFolder
    own: OwnCartons
    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ConfigError(
                "data.share", expected="a number from 0 to 1", found=repr(self.share), cure="Pass 0.5 or so."
            )
        if self.share > 0 and not len(self.own):
            raise DatasetError(
                str(self.own.folder),
                expected="photos to train on",
                found="none in this part",
                cure="Add photos, or give the part a larger share in data.split.",
            )


def own_cartons(
    root: str, part: str, *, split: Sequence[float] = (0.6, 0.1, 0.15, 0.15), seed: int = 0
) -> OwnCartons:
    """The photos of one part of a folder with the folders ``good`` and ``bad``.

    Photos that show nearly the same stay in one part; the same seed and names give the same split.

    Args:
        root: the folder.
        part: ``train``, ``validation``, ``calibration`` or ``test``.
        split: shares of the four parts, together 1.
        seed: another seed gives another split.

    Raises:
        DatasetError: one of the two folders is missing, or a photo cannot be read.
        ConfigError: ``split`` is no split, or there is no such part.
    """
    borders = _borders(split)
    if part not in PARTS:
        raise ConfigError("part", expected=" or ".join(PARTS), found=part, cure="Name one of them.")
    folder = Path(root).expanduser()
    photos: dict[Path, bool] = {}
    for name, damaged in ((GOOD, False), (BAD, True)):
        if not (folder / name).is_dir():
            raise DatasetError(
                str(folder / name),
                expected=f"a folder with photos of {name} cartons",
                found="no such folder",
                cure=f"Put photos into {GOOD}/ and {BAD}/; with good ones alone use training.conform.",
            )
        photos |= dict.fromkeys(find_photos([folder / name]), damaged)
    looks = look_at_all(list(photos), look)
    bad = [path for path in photos if not looks[path].sound]
    if bad:
        raise DatasetError(
            str(bad[0]), expected="a readable photo", found=f"{len(bad)} that are not", cure="Remove them."
        )
    first = {path: path for path in photos}
    for group in near_groups(looks, photos):
        first |= dict.fromkeys(group, min(group))
    part_of: dict[Path, str] = {}
    for verdict in (False, True):
        leaders = [path for path in photos if first[path] == path and photos[path] == verdict]
        # In the order of their hashes, so that each part gets its share of the good and of the bad ones.
        leaders.sort(key=lambda path: _place(path.relative_to(folder).as_posix(), seed))
        for rank, path in enumerate(leaders):
            part_of[path] = PARTS[sum((rank + 0.5) / len(leaders) >= border for border in borders[:-1])]
    chosen = [path for path in photos if part_of[first[path]] == part]
    return OwnCartons(folder, tuple(chosen), tuple(photos[path] for path in chosen))


def check_both(own: OwnCartons, part: str) -> None:
    """See that a part has good and bad photos.

    Raises:
        DatasetError: it has not.
    """
    counts = Counter(own.damaged)
    if not (counts[True] and counts[False]):
        raise DatasetError(
            str(own.folder),
            expected=f"good and bad photos for {part}",
            found=f"{counts[False]} good and {counts[True]} bad ones",
            cure="Add photos, try another data.seed, or give the part a larger share in data.split.",
        )


def _borders(split: Sequence[float]) -> list[float]:
    if len(split) != len(PARTS) or min(split) < 0 or abs(sum(split) - 1) > 1e-6:
        raise ConfigError(
            "data.split",
            expected=f"shares of {', '.join(PARTS)} that add up to 1",
            found=", ".join(f"{share:g}" for share in split),
            cure="Pass [0.6, 0.1, 0.15, 0.15] or so.",
        )
    return list(accumulate(split))


def _place(name: str, seed: int) -> float:
    """A number from 0 to below 1 that depends on nothing else."""
    digest = hashlib.sha256(f"{seed}/{name}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:6]) / 2**48
