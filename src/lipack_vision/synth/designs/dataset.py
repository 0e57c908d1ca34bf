"""Designs on disk: photos of cartons, their near-twins' too, registered faces, and a list of it all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from lipack_vision.errors import DatasetError
from lipack_vision.synth.camera import Points, apply
from lipack_vision.synth.carton import FACES
from lipack_vision.synth.designs.pairs import SIDE, FacePair, face_pair
from lipack_vision.synth.designs.photos import design_photo
from lipack_vision.synth.designs.plan import FRONT, CartonPlan, random_plan
from lipack_vision.synth.designs.twins import EDITS, Twin, other_size, twin
from lipack_vision.synth.rendering import Progress, in_processes, read_list
from lipack_vision.synth.texture import Rng
from lipack_vision.types import ImageArray

LIST = "designs.json"
SAME = 0.35
"""Share of faces on which nothing was changed."""
_TWINS = 0.5
"""Share of designs with a twin that can be told from it at a glance."""
_FRONTS = 0.75
_WEIGHTS = (0.12, 0.13, 0.24, 0.16, 0.12, 0.08, 0.06, 0.05, 0.04)
"""Of `EDITS`."""
CHANGED = 2
"""Part of photos of twins with a changed front."""
_PHOTO_SEEDS = 1000


@dataclass(frozen=True, slots=True)
class DesignSettings:
    """What is rendered of each design.

    Attributes:
        views: photos of it, and of its twin.
        pairs: registered faces.
        size: width and height of the photos in pixels.
        side: longer side of the faces in pixels.
        changed: photos of twins whose front is changed.
    """

    views: int = 3
    pairs: int = 4
    changed: int = 0
    size: tuple[int, int] = (320, 320)
    side: int = SIDE


Outline = tuple[tuple[float, float], ...]
"""Points x, y in pixels of a photo."""


@dataclass(frozen=True, slots=True)
class ChangedPhoto:
    """What the list tells of a photo of a twin whose front is changed.

    Attributes:
        edit: one of `synth.designs.twins.EDITS`.
        hull: of the carton.
        regions: of what is changed.
    """

    edit: str
    hull: Outline
    regions: tuple[Outline, ...]


@dataclass(frozen=True, slots=True)
class DesignEntry:
    """What the list tells of one design.

    Attributes:
        hulls: of each photo of the design the carton's outline.
        twin: what its twin differs in, ``brand``, ``size`` or ``depth``; None without twin.
        twin_hulls: the same for photos of the twin.
        edits: of each pair of faces what was changed, empty for nothing.
        changed: photos of other twins.
    """

    hulls: tuple[Outline, ...]
    twin: str | None
    twin_hulls: tuple[Outline, ...]
    edits: tuple[str, ...]
    changed: tuple[ChangedPhoto, ...] = ()


def write_designs(
    out: Path,
    count: int,
    seed: int,
    settings: DesignSettings,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> None:
    """Render designs ``seed .. seed + count - 1`` into a folder; the files do not depend on ``jobs``."""
    out.mkdir(parents=True, exist_ok=True)
    work = partial(_write, out=out, first=seed, settings=settings)
    listed = [asdict(entry) for entry in in_processes(work, count, jobs, progress)]
    # Written last: a folder without it is unfinished.
    (out / LIST).write_text(json.dumps({"seed": seed, "designs": listed}), encoding="utf-8")


def _write(index: int, out: Path, first: int, settings: DesignSettings) -> DesignEntry:
    rng = np.random.default_rng([first + index, 43])
    plan = random_plan(first + index)
    near = glance_twin(plan, rng) if rng.random() < _TWINS else None
    hulls: list[tuple[Outline, ...]] = []
    for part, shown in enumerate((plan, None if near is None else near.plan)):
        outlines = []
        for view in range(0 if shown is None else settings.views):
            # The first one is the reference: whoever qualifies a packaging photographs it with care.
            seed = part * _PHOTO_SEEDS + view
            photo = design_photo(shown or plan, seed, settings.size, clear=view == 0)
            (out / photo_name(index, part, view)).write_bytes(photo.jpeg)
            outlines.append(_rounded(photo.hull))
        hulls.append(tuple(outlines))
    edits = []
    for number in range(settings.pairs):
        pair = random_pair(plan, rng, settings.side)
        _write_pair(out / pair_name(index, number), pair)
        edits.append(pair.edit)
    changed: list[ChangedPhoto] = []
    for _ in range(settings.changed):
        one = _write_changed(
            out / photo_name(index, CHANGED, len(changed)), len(changed), plan, rng, settings
        )
        changed += [] if one is None else [one]
    return DesignEntry(hulls[0], None if near is None else near.edit, hulls[1], tuple(edits), tuple(changed))


def _write_changed(
    path: Path, view: int, plan: CartonPlan, rng: Rng, settings: DesignSettings
) -> ChangedPhoto | None:
    made = some_twin(plan, FRONT, rng)
    if made is None:
        return None
    photo = design_photo(made.plan, CHANGED * _PHOTO_SEEDS + view, settings.size)
    if FRONT not in photo.faces:
        return None
    path.write_bytes(photo.jpeg)
    regions = tuple(_rounded(apply(photo.faces[FRONT], region)) for region in made.regions)
    return ChangedPhoto(made.edit, _rounded(photo.hull), regions)


def _rounded(points: Points) -> Outline:
    return tuple((round(float(x), 1), round(float(y), 1)) for x, y in points)


def glance_twin(plan: CartonPlan, rng: Rng) -> Twin:
    """A twin that one can tell from the design on a small picture: other brand print, or other size."""
    seed = int(rng.integers(2**31))
    made = twin(plan, "brand", FRONT, seed) if rng.random() < 0.6 else None
    return other_size(plan, seed) if made is None else made


def random_pair(plan: CartonPlan, rng: Rng, side: int = SIDE) -> FacePair:
    """A face of the design beside the same or a changed one."""
    face = FRONT if rng.random() < _FRONTS else str(rng.choice([name for name in FACES if name != FRONT]))
    seed = int(rng.integers(2**31))
    made = some_twin(plan, face, rng) if rng.random() >= SAME else None
    return face_pair(plan, made, face, seed, side)


def some_twin(plan: CartonPlan, face: str, rng: Rng) -> Twin | None:
    """A twin with some change on that face."""
    # Not every face has a mark to change, but on each something can be written.
    for edit in rng.choice(EDITS, len(EDITS), replace=False, p=_WEIGHTS):
        made = twin(plan, str(edit), face, int(rng.integers(2**31)))
        if made is not None:
            return made
    return None


def photo_name(index: int, part: int, view: int) -> str:
    """File of photo ``view`` of design ``index``; ``part`` 1 is its twin, `CHANGED` another one."""
    return f"{index:06d}-{part}-{view}.jpg"


def pair_name(index: int, number: int) -> str:
    """File of one pair of faces, without suffix."""
    return f"{index:06d}-pair-{number}"


def _write_pair(path: Path, pair: FacePair) -> None:
    both = cv2.cvtColor(np.concatenate([pair.reference, pair.photo]), cv2.COLOR_RGB2BGR)
    cv2.imwrite(f"{path}.jpg", both, [cv2.IMWRITE_JPEG_QUALITY, 95])
    cv2.imwrite(f"{path}.png", pair.compared + 2 * pair.changed + 4 * pair.hidden)


def _entry(stored: dict[str, Any]) -> DesignEntry:
    changed = tuple(ChangedPhoto(**one) for one in stored["changed"])
    return DesignEntry(**{**stored, "changed": changed})


@dataclass(frozen=True, slots=True, eq=False)
class DesignFolder:
    """Designs that `write_designs` wrote.

    Attributes:
        folder: where they lie.
        seed: of the first one.
        designs: the list.
    """

    folder: Path
    seed: int
    designs: tuple[DesignEntry, ...]

    @staticmethod
    def read(folder: Path) -> DesignFolder:
        """Read the list.

        Raises:
            DatasetError: the folder has no finished data set.
        """

        def parse(stored: dict[str, Any]) -> DesignFolder:
            designs = tuple(_entry(one) for one in stored["designs"])
            return DesignFolder(folder, int(stored["seed"]), designs)

        return read_list(folder / LIST, "rendered designs", parse)

    def __len__(self) -> int:
        return len(self.designs)

    @property
    def manifest(self) -> str:
        """SHA-256 over all files that the list names, and the list."""
        digest = hashlib.sha256((self.folder / LIST).read_bytes())
        for name in self._files():
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()

    def _files(self) -> Iterator[str]:
        for index, entry in enumerate(self.designs):
            for part, hulls in enumerate((entry.hulls, entry.twin_hulls)):
                yield from (photo_name(index, part, view) for view in range(len(hulls)))
            yield from (photo_name(index, CHANGED, view) for view in range(len(entry.changed)))
            for number in range(len(entry.edits)):
                yield from (f"{pair_name(index, number)}.{end}" for end in ("jpg", "png"))

    def photo(self, index: int, part: int, view: int) -> tuple[ImageArray, Points]:
        """A photo and the outline ``(N, 2)`` of its carton; see `photo_name`.

        Raises:
            DatasetError: the file is missing or damaged.
        """
        entry = self.designs[index]
        hull = entry.changed[view].hull if part == CHANGED else (entry.hulls, entry.twin_hulls)[part][view]
        image = self._picture(photo_name(index, part, view), cv2.IMREAD_COLOR_RGB)
        return image, np.array(hull, np.float32)

    def pair(self, index: int, number: int) -> FacePair:
        """A pair of faces.

        Raises:
            DatasetError: a file is missing or damaged.
        """
        name = pair_name(index, number)
        both = self._picture(f"{name}.jpg", cv2.IMREAD_COLOR_RGB)
        bits = self._picture(f"{name}.png", cv2.IMREAD_GRAYSCALE)
        height = len(bits)
        edit = self.designs[index].edits[number]
        return FacePair(both[:height], both[height:], bits & 1, bits >> 1 & 1, edit, bits >> 2)

    def _picture(self, name: str, how: int) -> ImageArray:
        picture = cv2.imread(str(self.folder / name), how)
        if picture is None:
            raise DatasetError(
                str(self.folder / name), expected="a picture", found="none", cure="Render them again."
            )
        return np.asarray(picture, np.uint8)
