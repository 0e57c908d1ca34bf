"""Training pictures of the damage net: squares around cartons of rendered photos, and photos of a user's."""

from __future__ import annotations

import logging
import math
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from lipack_vision.datasets import Truth
from lipack_vision.image import read_image
from lipack_vision.integrity.maps import CORE_DEPTH, STRIDE
from lipack_vision.labels.closeup import GREY, Frame, cut
from lipack_vision.synth.damage.dataset import BOXES, DamageFolder, write_damage
from lipack_vision.synth.damage.types import DamagePhoto
from lipack_vision.synth.people import put_people
from lipack_vision.types import DAMAGE_TYPES, ImageArray
from training.data.augment import Photometric
from training.data.batches import View
from training.data.own_cartons import OwnCartons, WithOwn
from training.data.rendered import cache_folder, synth_version

LEAST_CELLS = 40
"""Cartons of fewer cells are not asked about."""
_DAMAGED, _SOUND = 0.004, 0.0006
"""Shares of a carton's cells with damage, from which it counts as damaged and up to which as sound."""

Floats = npt.NDArray[np.float32]
log = logging.getLogger(__name__)


def rendered_damage(
    count: int,
    seed: int,
    size: tuple[int, int] = (512, 512),
    *,
    folder: str | None = None,
    cache: str | None = None,
    jobs: int = 2,
) -> DamageFolder:
    """Rendered photos of cartons with the truth of every pixel; made on first use and kept.

    Args:
        count: number of photos.
        seed: of the first photo; the following ones count upwards.
        size: width and height of the photos in pixels.
        folder: read this folder instead, whatever renderer wrote it.
        cache: see `training.data.rendered.cache_folder`.
        jobs: processes that render.
    """
    if folder is not None:
        return DamageFolder.read(Path(folder).expanduser())
    place = cache_folder(cache) / f"damage-{count}-{seed}-{size[0]}x{size[1]}-{synth_version()}"
    if not (place / BOXES).exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=place.parent, prefix=".rendering-"))
        try:
            write_damage(scratch, count, seed, size, jobs=jobs, progress=_say)
            # Renamed when complete: an interrupted rendering must not pass for a data set.
            scratch.rename(place)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return DamageFolder.read(place)


def _say(done: int, total: int) -> None:
    if done == total or done % max(50, total // 20) == 0:
        log.info("rendering: %d of %d photos", done, total)


class DamagePicture(NamedTuple):
    """One picture and what is to be told of it.

    Attributes:
        image: ``uint8 (3, S, S)``.
        damage: ``(6, S / 4, S / 4)``, share of each cell with damage of each type; NaN where nobody knows.
        core: ``(S / 4, S / 4)``, 1 well inside a carton; NaN where nobody knows.
        wrapped: ``(S / 4, S / 4)``, 1 under film; NaN where no carton is.
        owner: uint8 ``(S / 4, S / 4)``, number of the carton, 0 for none.
        damaged: ``(256,)`` for each number 1 (damaged), 0 (sound) or NaN (nobody can tell).
    """

    image: npt.NDArray[np.uint8]
    damage: Floats
    core: Floats
    wrapped: Floats
    owner: npt.NDArray[np.uint8]
    damaged: Floats


@dataclass(frozen=True, slots=True, eq=False)
class DamageBatch:
    """The same as `DamagePicture`, with a first axis for the pictures."""

    images: Tensor
    damage: Tensor
    core: Tensor
    wrapped: Tensor
    owner: Tensor
    damaged: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device | str, non_blocking: bool = False) -> DamageBatch:
        """The same batch on a device."""
        return DamageBatch(*(t.to(device, non_blocking=non_blocking) for t in self._tensors()))

    def pin_memory(self) -> DamageBatch:
        """The same batch in page-locked memory, from where a GPU copies faster."""
        return DamageBatch(*(t.pin_memory() for t in self._tensors()))

    def _tensors(self) -> tuple[Tensor, ...]:
        return self.images, self.damage, self.core, self.wrapped, self.owner, self.damaged


@dataclass(frozen=True, slots=True)
class DamageSettings:
    """How pictures are cut.

    Attributes:
        each: pictures of each photo that is read.
        whole: share of pictures that show the whole photo.
        close: least and most sides of the square, in sides of the carton.
        shift: of the square, in sides of the carton, at most.
        tilt: degrees, standard deviation.
        squeeze: natural logarithm of how much wider than high, standard deviation.
        strength: of the changes of colour, blur, noise and compression.
        people: share of pictures with hands in front of the carton, or somebody behind it.
    """

    each: int = 2
    whole: float = 0.12
    close: tuple[float, float] = (0.8, 2.2)
    shift: float = 0.15
    tilt: float = 5.0
    squeeze: float = 0.12
    strength: float = 0.8
    people: float = 0.0


class DamageDraws(Dataset[list[DamagePicture]]):
    """Endless pictures, addressed by draw number; a draw gives `DamageSettings.each` of one photo.

    Args:
        source: rendered photos, at times with own ones.
        size: side of the pictures in pixels.
        seed: of everything random.
        settings: how they are cut.
    """

    def __init__(
        self, source: DamageFolder | WithOwn, size: int, seed: int, settings: DamageSettings
    ) -> None:
        self.mixed = source if isinstance(source, WithOwn) else None
        self.source = source.rendered if isinstance(source, WithOwn) else source
        self.size, self.seed, self.settings = size, seed, settings
        self.photometric = Photometric(settings.strength)

    def __getitem__(self, number: int) -> list[DamagePicture]:
        """Draw number ``number``, the same in every process and every run."""
        rng = np.random.default_rng([self.seed, 9, number])
        if self.mixed is not None and rng.random() < self.mixed.share:
            return [self._draw_own(self.mixed.own, rng) for _ in range(self.settings.each)]
        epoch, place = divmod(number, len(self.source))
        order = np.random.default_rng([self.seed, 8, epoch]).permutation(len(self.source))
        photo = self.source[int(order[place])]
        return [self._draw(photo, rng) for _ in range(self.settings.each)]

    def _draw_own(self, own: OwnCartons, rng: np.random.Generator) -> DamagePicture:
        # Good and bad photos alike, however many there are of each.
        wanted = rng.random() < 0.5
        chosen = [i for i, damaged in enumerate(own.damaged) if damaged == wanted] or range(len(own))
        index = int(rng.choice(chosen))
        image = read_image(own.paths[index])
        height, width = image.shape[:2]
        side = max(width, height) * math.exp(rng.uniform(-0.15, 0.15))
        shift = rng.uniform(-1, 1, 2) * 0.05 * side
        frame = Frame(width / 2 + shift[0], height / 2 + shift[1], side, math.radians(rng.normal(0, 4)))
        picture = self.photometric(rng, cut(image, frame, self.size))
        if rng.random() < 0.5:
            picture = np.asarray(cv2.flip(picture, 1), np.uint8)
        return own_picture(picture, own.damaged[index])

    def _draw(self, photo: DamagePhoto, rng: np.random.Generator) -> DamagePicture:
        matrix = random_square(photo, self.size, rng, self.settings)
        image = warped(photo.image, matrix, self.size)
        covered = None
        if rng.random() < self.settings.people:
            image, covered = with_people(image, photo, matrix, rng)
        return damage_picture(self.photometric(rng, image), photo, matrix, covered)

    def shown(self, number: int) -> list[View]:
        """The pictures of a draw for people: damage in red."""
        views: list[View] = []
        none = Truth(
            np.zeros((0, 4, 2), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, bool)
        )
        for picture in self[number]:
            share = np.nan_to_num(picture.damage).max(axis=0)
            red = cv2.resize(share, (self.size, self.size), interpolation=cv2.INTER_NEAREST)[None]
            tint = np.array([255, 0, 0], np.float32)[:, None, None]
            shown = picture.image * (1 - 0.5 * red) + tint * 0.5 * red
            views.append((f"draw {number}", shown.astype(np.uint8), none, np.zeros(0, bool)))
        return views

    @staticmethod
    def collate(drawn: list[list[DamagePicture]]) -> DamageBatch:
        """Join draws to a batch."""
        return collate([picture for pictures in drawn for picture in pictures])


def collate(pictures: list[DamagePicture]) -> DamageBatch:
    """Join pictures to a batch."""
    return DamageBatch(*(torch.from_numpy(np.stack(part)) for part in zip(*pictures, strict=True)))


def random_square(
    photo: DamagePhoto, size: int, rng: np.random.Generator, settings: DamageSettings
) -> npt.NDArray[np.float64]:
    """Affine map ``(2, 3)`` from pixels of the photo to those of a square around one of its cartons."""
    height, width = photo.owner.shape
    centre, side = np.array([width, height]) / 2, float(max(width, height))
    boxes = [box for box in photo.boxes if box.pixels >= 300]
    if not photo.boxes:
        side *= math.exp(rng.uniform(-1.6, 0.0))
        centre = rng.uniform(0, 1, 2) * (width, height)
    if boxes and rng.random() >= settings.whole:
        area = np.array([math.sqrt(box.pixels) for box in boxes])
        box = boxes[int(rng.choice(len(boxes), p=area / area.sum()))]
        rows, columns = np.nonzero(photo.owner == box.number)
        if len(rows):
            low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()])
            extent = float((high - low).max()) + 1
            side = extent * math.exp(rng.uniform(*np.log(settings.close)))
            centre = (low + high) / 2 + rng.uniform(-1, 1, 2) * settings.shift * extent
    turn = math.radians(rng.normal(0, settings.tilt))
    squeeze = math.exp(rng.normal(0, settings.squeeze))
    mirror = 1.0 if rng.random() < 0.5 else -1.0
    scale = size / side
    stretch = np.diag([mirror * scale * math.sqrt(squeeze), scale / math.sqrt(squeeze)])
    linear = stretch @ np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    return np.column_stack([linear, (size - 1) / 2 - linear @ centre])


def warped(image: ImageArray, matrix: npt.NDArray[np.float64], size: int) -> ImageArray:
    """The square of a photo; shrunk by area first where pixels would be skipped."""
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale < 0.7:
        height, width = image.shape[:2]
        small = cv2.resize(
            image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
        )
        matrix = matrix @ np.diag([width / small.shape[1], height / small.shape[0], 1.0])
        image = np.asarray(small, np.uint8)
    return np.asarray(cv2.warpAffine(image, matrix, (size, size), borderValue=(GREY,) * 3), np.uint8)


def with_people(
    image: ImageArray, photo: DamagePhoto, matrix: npt.NDArray[np.float64], rng: np.random.Generator
) -> tuple[ImageArray, npt.NDArray[np.bool_]]:
    """A square ``(S, S, 3)`` with people on it, and the pixels ``(S, S)`` that their arms cover.

    Drawn anew for every picture: that costs less than reading it, and nobody's hands are learned by heart.
    """
    size, flags = image.shape[1::-1], cv2.INTER_NEAREST
    owner = cv2.warpAffine(photo.owner, matrix, size, flags=flags)
    shown = cv2.warpAffine(np.ones_like(photo.owner), matrix, size, flags=flags) > 0
    painted = image.copy()
    covered = put_people(painted, np.asarray((owner == 0) * 255, np.uint8), rng) > 0
    painted[~shown] = GREY
    return painted, covered & shown


def damage_picture(
    image: ImageArray,
    photo: DamagePhoto,
    matrix: npt.NDArray[np.float64],
    covered: npt.NDArray[np.bool_] | None = None,
) -> DamagePicture:
    """A square with what is to be told of it; of pixels that something covers, nothing is."""
    size = len(image)
    flags = cv2.INTER_NEAREST
    bits, owner = (
        np.array(cv2.warpAffine(part, matrix, (size, size), flags=flags), np.uint8)
        for part in (photo.damage, photo.owner)
    )
    if covered is not None:
        bits[covered], owner[covered] = 0, 0
    side = size // STRIDE
    types = (bits[None] >> np.arange(len(DAMAGE_TYPES), dtype=np.uint8)[:, None, None]) & 1
    damage = types.reshape(len(types), side, STRIDE, side, STRIDE).mean((2, 4), dtype=np.float32)
    cells = owner[STRIDE // 2 :: STRIDE, STRIDE // 2 :: STRIDE].copy()
    damage *= cells > 0
    films = {box.number for box in photo.boxes if box.wrapped}
    under = np.isin(cells, list(films)).astype(np.float32)
    wrapped = np.where(cells > 0, under, np.nan).astype(np.float32)
    return DamagePicture(
        np.ascontiguousarray(image.transpose(2, 0, 1)),
        damage,
        _cores(cells),
        wrapped,
        cells,
        _damaged(damage.max(axis=0), cells),
    )


def own_picture(picture: ImageArray, damaged: bool) -> DamagePicture:
    """A picture of a photo of which only the verdict is known: its worst cells decide, wherever they are."""
    side = len(picture) // STRIDE
    unknown: Floats = np.full((side, side), np.nan, np.float32)
    # Nothing on a photo of a good carton is damaged.
    damage = np.full((len(DAMAGE_TYPES), side, side), np.nan if damaged else 0.0, np.float32)
    told: Floats = np.full(256, np.nan, np.float32)
    told[1] = float(damaged)
    pixels = np.ascontiguousarray(picture.transpose(2, 0, 1))
    return DamagePicture(pixels, damage, unknown, unknown, np.ones((side, side), np.uint8), told)


def _cores(cells: npt.NDArray[np.uint8]) -> Floats:
    cores: Floats = np.zeros(cells.shape, np.float32)
    for number in np.unique(cells[cells > 0]):
        own = (cells == number).astype(np.uint8)
        # Where the picture ends the carton may go on.
        padded = cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        inside = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
        cores[inside > max(1.0, CORE_DEPTH * math.sqrt(float(own.sum())))] = 1
    return cores


def _damaged(share: Floats, cells: npt.NDArray[np.uint8]) -> Floats:
    told: Floats = np.full(256, np.nan, np.float32)
    for number in np.unique(cells[cells > 0]):
        own = cells == number
        count = int(own.sum())
        if count < LEAST_CELLS:
            continue
        hurt = float(share[own].sum())
        if hurt >= max(2.0, _DAMAGED * count):
            told[number] = 1
        elif hurt <= max(0.5, _SOUND * count):
            told[number] = 0
    return told
