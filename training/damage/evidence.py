"""What a detector says of the cartons of rendered photos, beside the truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lipack_vision.image import ImageSource, read_image
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.integrity.detector import Seen
from lipack_vision.integrity.maps import ANY, carton_logit, damaged_places
from lipack_vision.synth.damage.dataset import DamageFolder
from lipack_vision.synth.damage.types import DamagePhoto
from lipack_vision.types import DAMAGE_TYPES
from training.data.damage import DamagePicture, damage_picture
from training.data.own_cartons import OwnCartons

MATCH = 0.5
"""Least share of the cells of a found carton that show one true carton."""
_RIGHT = 0.3
"""Share of the cells of a damaged place that must have that damage."""


@dataclass(slots=True)
class Evidence:
    """Of each found carton that can be judged, or of each own photo, the logit and whether it is damaged; of
    each damaged place of any found carton the same, by type.
    """

    logits: list[float] = field(default_factory=list)
    damaged: list[bool] = field(default_factory=list)
    places: dict[str, tuple[list[float], list[bool]]] = field(
        default_factory=lambda: {name: ([], []) for name in DAMAGE_TYPES}
    )
    missed: int = 0
    """True cartons, large enough to be asked about, that were not found."""


def gather(detector: IntegrityDetector, folder: DamageFolder | OwnCartons) -> Evidence:
    """Look at all photos."""
    if isinstance(folder, OwnCartons):
        logits = [photo_logit(detector, path) for path in folder.paths]
        return Evidence(logits, list(folder.damaged))
    found = Evidence()
    for index in range(len(folder)):
        photo = folder[index]
        told: set[int] = set()
        for seen, truth, number in found_cartons(detector, photo):
            told.add(number)
            if not detector.doubts(photo.image, seen):
                # What cannot be judged is never called sound, so it must not say how sure "sound" may be.
                found.logits.append(carton_logit(seen.told[ANY], seen.cells))
                found.damaged.append(bool(truth.damaged[number]))
            for name, cells, score in damaged_places(seen.told, seen.cells):
                share = float((truth.damage[DAMAGE_TYPES.index(name)][cells] > 0.5).mean())
                scores, right = found.places[name]
                scores.append(score)
                right.append(share >= _RIGHT)
        large = [box.number for box in photo.boxes if box.pixels > 0.02 * photo.owner.size]
        found.missed += len(set(large) - told)
    return found


def found_cartons(
    detector: IntegrityDetector, photo: DamagePhoto
) -> Iterator[tuple[Seen, DamagePicture, int]]:
    """The true cartons that are found on a photo, with the truth of their pictures and their numbers; without
    those of which nobody can tell whether they are damaged.
    """
    for seen in detector.look(photo.image):
        truth = truth_of(detector, photo, seen)
        number = shown_carton(truth, seen)
        if number is not None and not np.isnan(truth.damaged[number]):
            yield seen, truth, number


def photo_logit(detector: IntegrityDetector, image: ImageSource) -> float:
    """How damaged the worst carton of a photo looks."""
    return max(carton_logit(seen.told[ANY], seen.cells) for seen in detector.look(read_image(image)))


def truth_of(detector: IntegrityDetector, photo: DamagePhoto, seen: Seen) -> DamagePicture:
    """The truth of the picture that a carton was judged by."""
    image = np.zeros((detector.size, detector.size, 3), np.uint8)
    return damage_picture(image, photo, seen.frame.matrix(detector.size)[:2])


def shown_carton(truth: DamagePicture, seen: Seen) -> int | None:
    """Number of the true carton that most of the cells of a found one show; None for none."""
    numbers, counts = np.unique(truth.owner[seen.cells], return_counts=True)
    if not len(numbers):
        return None
    best = int(counts.argmax())
    enough = counts[best] >= MATCH * counts.sum()
    return int(numbers[best]) if enough and numbers[best] > 0 else None
