"""Training pictures of the matching net: squares around cartons of designs, and cuts of registered faces."""

from __future__ import annotations

import logging
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.datasets import Truth
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.matching.change import GREY, compared_pictures
from lipack_vision.matching.compared import STRIDE, cell_shares
from lipack_vision.matching.view import ROOM
from lipack_vision.synth.designs.dataset import LIST, DesignFolder, DesignSettings, write_designs
from lipack_vision.synth.designs.pairs import FacePair
from lipack_vision.types import ImageArray
from training.data.augment import Photometric
from training.data.batches import View
from training.data.rendered import cache_folder, synth_version

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
log = logging.getLogger(__name__)

_MOSTLY = 0.5
"""Share of a cell from which it counts as hidden."""


def rendered_designs(
    count: int,
    seed: int,
    size: tuple[int, int] = (320, 320),
    *,
    views: int = 3,
    pairs: int = 4,
    changed: int = 0,
    folder: str | None = None,
    cache: str | None = None,
    jobs: int = 2,
) -> DesignFolder:
    """Rendered designs, made on first use and kept.

    Args:
        count: number of designs.
        seed: of the first one; the following ones count upwards.
        size: width and height of the photos in pixels.
        views: photos of each design and of each twin.
        pairs: registered faces of each design.
        changed: photos of twins of each design whose front is changed.
        folder: read this folder instead, whatever renderer wrote it.
        cache: see `training.data.rendered.cache_folder`.
        jobs: processes that render.
    """
    if folder is not None:
        return DesignFolder.read(Path(folder).expanduser())
    name = f"designs-{count}-{seed}-{size[0]}x{size[1]}-{views}-{pairs}-{changed}-{synth_version()}"
    place = cache_folder(cache) / name
    if not (place / LIST).exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=place.parent, prefix=".rendering-"))
        try:
            settings = DesignSettings(views, pairs, changed, (size[0], size[1]))
            write_designs(scratch, count, seed, settings, jobs=jobs, progress=_say)
            # Renamed when complete: an interrupted rendering must not pass for a data set.
            scratch.rename(place)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return DesignFolder.read(place)


def _say(done: int, total: int) -> None:
    if done == total or done % max(50, total // 20) == 0:
        log.info("rendering: %d of %d designs", done, total)


@dataclass(frozen=True, slots=True)
class DesignDrawing:
    """How pictures are cut.

    Attributes:
        views: photos of a design in a draw, and of its twin where it has one.
        pairs: cuts of registered faces in a draw.
        near: least and most sides of the square, in sides of the square around the carton.
        shift: of the square, in sides, at most.
        tilt: degrees, standard deviation.
        whole: share of squares that show the whole photo, as where no carton is found.
        changed: share of cuts that are laid around a changed place, where there is one.
        strength: of the changes of colour, blur, noise and compression of photos.
    """

    views: int = 2
    pairs: int = 2
    near: tuple[float, float] = (0.85, 1.3)
    shift: float = 0.06
    tilt: float = 3.0
    whole: float = 0.05
    changed: float = 0.75
    strength: float = 0.5


class PairCut(NamedTuple):
    """A cut of two registered faces.

    Attributes:
        reference, photo: ``uint8 (3, S, S)``.
        compared: ``(S / 4, S / 4)`` 1 where both show the face.
        changed: ``(S / 4, S / 4)`` share of each cell that is changed.
        hidden: ``(S / 4, S / 4)`` 1 where one of them does not show the face though it is supposed to.
    """

    reference: Pixels
    photo: Pixels
    compared: Floats
    changed: Floats
    hidden: Floats


class DesignDraw(NamedTuple):
    """A draw: pictures ``uint8 (3, S, S)`` of cartons, the numbers of their designs, and cuts of faces."""

    cartons: list[Pixels]
    designs: list[int]
    pairs: list[PairCut]


@dataclass(frozen=True, slots=True, eq=False)
class DesignBatch:
    """What a step learns from.

    Attributes:
        images: uint8 ``(N + 2 * P, 3, S, S)``: N cartons, P references, P photos of faces.
        designs: int64 ``(N,)``, equal for pictures of one design.
        compared: ``(P, S / 4, S / 4)``.
        changed: ``(P, S / 4, S / 4)``.
        hidden: ``(P, S / 4, S / 4)``.
    """

    images: Tensor
    designs: Tensor
    compared: Tensor
    changed: Tensor
    hidden: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> DesignBatch:
        """The same batch on a device."""
        return DesignBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> DesignBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return DesignBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, ...]:
        return self.images, self.designs, self.compared, self.changed, self.hidden


class DesignDraws(Dataset[DesignDraw]):
    """Endless draws of designs, addressed by number.

    Args:
        source: rendered designs.
        size: side of the pictures in pixels.
        seed: of everything random.
        settings: how they are cut.
    """

    def __init__(self, source: DesignFolder, size: int, seed: int, settings: DesignDrawing) -> None:
        self.source, self.size, self.seed, self.settings = source, size, seed, settings
        self.photometric = Photometric(settings.strength)

    def __getitem__(self, number: int) -> DesignDraw:
        """Draw number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 13, number])
        epoch, place = divmod(number, len(self.source))
        order = np.random.default_rng([self.seed, 12, epoch]).permutation(len(self.source))
        index = int(order[place])
        entry = self.source.designs[index]
        cartons: list[Pixels] = []
        designs: list[int] = []
        for part, hulls in enumerate((entry.hulls, entry.twin_hulls)):
            for view in rng.permutation(len(hulls))[: self.settings.views]:
                image, hull = self.source.photo(index, part, int(view))
                picture = self.photometric(rng, carton_square(image, hull, self.size, rng, self.settings))
                cartons.append(_upside(picture))
                designs.append(2 * index + part)
        chosen = rng.permutation(len(entry.edits))[: self.settings.pairs]
        pairs = [self._cut(self.source.pair(index, int(one)), rng) for one in chosen]
        return DesignDraw(cartons, designs, pairs)

    def _cut(self, pair: FacePair, rng: np.random.Generator) -> PairCut:
        whole = whole_pair(pair)
        height, width = whole.reference.shape[1:]
        rows, columns = np.nonzero(whole.changed > 0)
        middle = rng.uniform(0, 1, 2) * (height, width)
        if len(rows) and rng.random() < self.settings.changed:
            one = int(rng.integers(len(rows)))
            middle = STRIDE * np.array([rows[one], columns[one]]) + rng.normal(0, 0.2, 2) * self.size
        room = np.maximum(np.array([height, width]) - self.size, 0)
        low = np.clip(np.rint((middle - self.size / 2) / STRIDE) * STRIDE, 0, room).astype(int)
        # Either picture may be the older one, and print may stand anyhow: what is changed stays the same.
        turns, swapped = int(rng.integers(4)), rng.random() < 0.5
        cells, side = low // STRIDE, self.size // STRIDE
        reference, photo = (
            _turned(_padded(part, low, self.size, GREY), turns) for part in (whole.reference, whole.photo)
        )
        compared, changed, hidden = (
            _turned(_padded(part, cells, side, 0), turns)
            for part in (whole.compared, whole.changed, whole.hidden)
        )
        first, second = (photo, reference) if swapped else (reference, photo)
        return PairCut(first, second, compared, changed, hidden)

    def shown(self, number: int) -> list[View]:
        """The pictures of a draw for people: of pairs the photo, what is changed in red, hidden in blue."""
        draw = self[number]
        none = Truth(
            np.zeros((0, 4, 2), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, bool)
        )
        quiet = np.zeros(0, bool)
        views: list[View] = [
            (f"draw {number}, design {design}", image, none, quiet)
            for image, design in zip(draw.cartons, draw.designs, strict=True)
        ]
        for pair in draw.pairs:
            views.append((f"draw {number}, reference", pair.reference, none, quiet))
            shown = pair.photo.astype(np.float32)
            for cells, colour in ((pair.changed, (255, 0, 0)), (pair.hidden, (0, 0, 255))):
                part = 0.4 * np.kron(cells, np.ones((STRIDE, STRIDE), np.float32))[None]
                shown = shown * (1 - part) + np.array(colour, np.float32)[:, None, None] * part
            views.append((f"draw {number}, photo", shown.astype(np.uint8), none, quiet))
        return views

    @staticmethod
    def collate(drawn: list[DesignDraw]) -> DesignBatch:
        """Join draws to a batch."""
        pairs = [pair for draw in drawn for pair in draw.pairs]
        images = [image for draw in drawn for image in draw.cartons]
        images += [pair.reference for pair in pairs] + [pair.photo for pair in pairs]
        return DesignBatch(
            torch.from_numpy(np.stack(images)),
            torch.tensor([design for draw in drawn for design in draw.designs]),
            torch.from_numpy(np.stack([pair.compared for pair in pairs])),
            torch.from_numpy(np.stack([pair.changed for pair in pairs])),
            torch.from_numpy(np.stack([pair.hidden for pair in pairs])),
        )


def carton_square(
    image: ImageArray,
    hull: npt.NDArray[np.float32],
    size: int,
    rng: np.random.Generator,
    settings: DesignDrawing,
) -> ImageArray:
    """A square around the carton as detectors find it: not always well."""
    frame = true_frame(image, hull)
    if rng.random() < settings.whole:
        height, width = image.shape[:2]
        frame = Frame((width - 1) / 2, (height - 1) / 2, float(max(width, height)))
    side = frame.width * math.exp(rng.uniform(*np.log(settings.near)))
    x, y = np.array([frame.x, frame.y]) + rng.uniform(-1, 1, 2) * settings.shift * side
    return cut(image, Frame(float(x), float(y), side, math.radians(rng.normal(0, settings.tilt))), size)


def true_frame(image: ImageArray, hull: npt.NDArray[np.float32]) -> Frame:
    """The square around the part of a carton that the photo shows, as `matching.view` makes it."""
    height, width = image.shape[:2]
    return Frame.around(np.clip(hull, 0, (width - 1, height - 1)), ROOM)


def design_squares(designs: DesignFolder, count: int, size: int) -> Iterator[tuple[ImageArray, int]]:
    """The squares around the cartons on all photos of the first designs, with numbers; a twin has its own.

    Args:
        count: designs.
        size: side of the squares in pixels.
    """
    for index, entry in enumerate(designs.designs[:count]):
        for part, hulls in enumerate((entry.hulls, entry.twin_hulls)):
            for view in range(len(hulls)):
                image, hull = designs.photo(index, part, view)
                yield cut(image, true_frame(image, hull), size), 2 * index + part


def whole_pair(pair: FacePair) -> PairCut:
    """A pair of faces as the net takes it, whole; see `matching.change.compared_pictures`."""
    seen = compared_pictures(pair.reference, pair.photo, pair.compared > 0)
    hidden = cell_shares(pair.hidden, seen.cells)
    # Of a cell that is hidden in part nobody can say whether it is, or whether something changed there.
    clear = seen.cells & ((hidden == 0) | (hidden > _MOSTLY))
    return PairCut(
        _upside(seen.reference),
        _upside(seen.photo),
        clear.astype(np.float32),
        cell_shares(pair.changed, clear & (hidden == 0)),
        np.asarray(clear & (hidden > 0), np.float32),
    )


def _upside(image: ImageArray) -> Pixels:
    return np.ascontiguousarray(image.transpose(2, 0, 1))


def _turned(part: npt.NDArray[Any], turns: int) -> npt.NDArray[Any]:
    return np.ascontiguousarray(np.rot90(part, turns, axes=(-2, -1)))


def _padded(part: npt.NDArray[Any], low: npt.NDArray[Any], size: int, fill: int) -> npt.NDArray[Any]:
    """The square ``size`` x ``size`` of the last two axes from ``low`` (row, column) on."""
    cut_out = part[..., low[0] : low[0] + size, low[1] : low[1] + size]
    rest = [(0, 0)] * (part.ndim - 2) + [(0, size - n) for n in cut_out.shape[-2:]]
    return np.pad(cut_out, rest, constant_values=fill)
