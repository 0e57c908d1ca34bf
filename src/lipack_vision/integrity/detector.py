"""Judge the condition of every carton on a photo."""

from __future__ import annotations

import os
from dataclasses import dataclass

import cv2
import numpy as np

from lipack_vision.artifact import Artifact, Calibration, artifact_for, operating_point
from lipack_vision.image import MAX_PIXELS, ImageSource, read_reduced
from lipack_vision.integrity import maps
from lipack_vision.integrity.maps import Cells, Floats
from lipack_vision.integrity.types import (
    BoxCondition,
    DamageRegion,
    Doubt,
    Integrity,
    Polygon,
    Verdict,
    as_polygon,
)
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.labels.decode import normalise
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray

DEFAULT_POINT = "balanced"
TASK, CLASS = "integrity", "damaged"
ROOM = 1.25
"""Side of the picture in lengths of the carton's longer side."""
_MOST_BOXES = 24
"""Cartons that are judged on one photo, the largest ones."""
_LEAST_PIXELS = 48
"""Shorter side of a carton on the photo, in pixels, below which damage cannot be seen."""
_DARK = 30.0
"""Median brightness 0..255 below which damage cannot be seen."""
_CUT = 0.4
"""Share of a carton's outline on the frame of the photo from which too little of it is seen."""
_FILM = 0.5
_CONFIRMED = 0.3
"""Share of a supposed carton that must be the inside of one when it is looked at from near."""
UNKNOWN = 0.5
"""Least probability of damage that is told of a carton which cannot be judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One carton in a picture of its own: the frame, the maps ``(9, h, w)``, and the cells of the carton."""

    frame: Frame
    told: Floats
    cells: Cells
    found: bool


class IntegrityDetector:
    """Tells damaged cartons from sound ones.

    Args:
        artifact: folder of an integrity artifact; by default the shipped one.
        point: operating point of the card: from which probability a carton counts as damaged.
        threshold: this probability instead.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        threads: threads inside one run; 0 means all cores.

    Raises:
        ArtifactError: the artifact is missing, altered or not one for integrity.
    """

    def __init__(
        self,
        artifact: str | os.PathLike[str] | Artifact = TASK,
        *,
        point: str = DEFAULT_POINT,
        threshold: float | None = None,
        provider: str = "cpu",
        threads: int = 0,
    ) -> None:
        self.artifact = artifact_for(TASK, maps.CHANNELS, artifact)
        card = self.artifact.card
        self.threshold = operating_point(card, point)[CLASS] if threshold is None else threshold
        self._model = OnnxModel(self.artifact.path("model.onnx"), provider=provider, threads=threads)
        self.size = card.preprocessing.width

    def assess(self, image: ImageSource, *, max_pixels: int = MAX_PIXELS) -> Integrity:
        """Judge every carton on a photo, each on its own.

        Args:
            image: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            max_pixels: larger photos are refused before decoding.

        Raises:
            ImageError: the photo cannot be used.
        """
        reduced = read_reduced(image, 2 * self.size, max_pixels=max_pixels)
        photo, factor = reduced.image, reduced.factor
        seen = self.look(photo)
        if factor > 1 and min(one.frame.width for one in seen) < self.size:
            # A carton that is small on the photo shows its damage only on the whole of it.
            photo, factor = reduced.whole(), 1
            seen = self.look(photo)
        boxes = tuple(self._judge(photo, one, factor) for one in seen)
        heat = tuple((one.frame.enlarged(factor), _heat(one)) for one in seen)
        height, width = photo.shape[:2]
        calibrated = CLASS in self.artifact.card.calibration
        return Integrity(boxes, calibrated, (width * factor, height * factor), heat)

    def look(self, image: ImageArray) -> list[Seen]:
        """The cartons on a photo RGB ``uint8 (H, W, 3)``, each looked at from near; see `assess`."""
        height, width = image.shape[:2]
        whole = Frame((width - 1) / 2, (height - 1) / 2, float(max(width, height)))
        told = self._run(image, whole)
        supposed = maps.cartons(told[maps.CORE])[:_MOST_BOXES]
        nearer = [self._nearer(image, whole, cells) for cells in supposed]
        found = [one for one in nearer if one.found]
        return found or [Seen(whole, told, _on_photo(whole, self.size, image), found=False)]

    def _nearer(self, image: ImageArray, whole: Frame, cells: Cells) -> Seen:
        """A supposed carton in a picture of its own; not ``found`` when it does not look like one there."""
        frame = Frame.around(_to_photo(_corners(cells), whole, self.size), ROOM)
        told = self._run(image, frame)
        matrix = frame.matrix(self.size) @ np.linalg.inv(whole.matrix(self.size))
        side = self.size // maps.STRIDE
        shrink = np.diag([1 / maps.STRIDE, 1 / maps.STRIDE, 1.0])
        moved = shrink @ matrix @ np.linalg.inv(shrink)
        expected = cv2.warpAffine(cells.astype(np.uint8), moved[:2], (side, side)) > 0
        core = (told[maps.CORE] > 0) & expected
        # What was no carton but a door or a hand does not look like one from near.
        confirmed = core.sum() >= _CONFIRMED * expected.sum()
        return Seen(frame, told, maps.grown(core) & _on_photo(frame, self.size, image), confirmed)

    def _run(self, image: ImageArray, frame: Frame) -> Floats:
        picture = cut(image, frame, self.size)
        (told,) = self._model.run(normalise(picture, self.artifact.card.preprocessing))
        return np.asarray(told[0], np.float32)

    def _judge(self, image: ImageArray, seen: Seen, factor: float) -> BoxCondition:
        fits = self.artifact.card.calibration
        logit = maps.carton_logit(seen.told[maps.ANY], seen.cells)
        told = _probability(fits.get(CLASS), logit)
        doubts = self.doubts(image, seen, factor)
        verdict: Verdict = "damaged" if told >= self.threshold else "sound"
        if verdict == "sound" and doubts:
            verdict = "cannot_judge"
        probability = max(told, UNKNOWN) if verdict == "cannot_judge" else told
        places = [
            (name, cells, _regional(fits.get(name), score))
            for name, cells, score in maps.damaged_places(seen.told, seen.cells)
        ]
        regions = [
            DamageRegion(name, self._polygon(cells, seen.frame, factor), probability)
            for name, cells, probability in maps.single_places(places)
        ]
        cells = seen.cells if seen.cells.any() else np.ones_like(seen.cells)
        return BoxCondition(
            self._polygon(cells, seen.frame, factor), probability, told, verdict, doubts, tuple(regions)
        )

    def doubts(self, image: ImageArray, seen: Seen, factor: float = 1.0) -> tuple[Doubt, ...]:
        """Why damage could be there unseen on a carton that `look` found.

        Args:
            image: the photo, or one that is ``factor`` times smaller.
        """
        doubts: list[Doubt] = []
        if not seen.found or not seen.cells.any():
            return ("no_box",)
        rows, columns = np.nonzero(seen.cells)
        shorter = min(np.ptp(rows), np.ptp(columns)) + 1
        if shorter * maps.STRIDE * seen.frame.width / self.size * factor < _LEAST_PIXELS:
            doubts.append("too_small")
        side = self.size // maps.STRIDE
        picture = cv2.resize(cut(image, seen.frame, self.size), (side, side), interpolation=cv2.INTER_AREA)
        if float(np.median(picture[seen.cells].mean(axis=1))) < _DARK:
            doubts.append("too_dark")
        if _share_cut(seen.cells, _on_photo(seen.frame, self.size, image)) > _CUT:
            doubts.append("cut_off")
        if float(maps.sigmoid(seen.told[maps.WRAPPED])[seen.cells].mean()) > _FILM:
            doubts.append("wrapped")
        return tuple(doubts)

    def _polygon(self, cells: Cells, frame: Frame, factor: float) -> Polygon:
        points = _to_photo(maps.outline(cells), frame, self.size)
        return as_polygon((points + 0.5) * factor - 0.5)


def _probability(fit: Calibration | None, logit: float) -> float:
    return float(maps.sigmoid(np.array(logit))) if fit is None else fit.probability(logit)


def _regional(fit: Calibration | None, score: float) -> float:
    safe = min(max(score, 1e-6), 1 - 1e-6)
    return score if fit is None else fit.probability(float(np.log(safe / (1 - safe))))


def _heat(seen: Seen) -> Floats:
    return maps.sigmoid(seen.told[maps.ANY]) * seen.cells.astype(np.float32)


def _corners(cells: Cells) -> Floats:
    """Outer corners ``(4, 2)`` of the cells' frame in pixels of the picture."""
    rows, columns = np.nonzero(cells)
    left, right = columns.min() * maps.STRIDE - 0.5, (columns.max() + 1) * maps.STRIDE - 0.5
    top, bottom = rows.min() * maps.STRIDE - 0.5, (rows.max() + 1) * maps.STRIDE - 0.5
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def _to_photo(points: Floats, frame: Frame, size: int) -> Floats:
    back = np.linalg.inv(frame.matrix(size))
    return np.asarray(points @ back[:2, :2].T + back[:2, 2], np.float32)


def _on_photo(frame: Frame, size: int, image: ImageArray) -> Cells:
    """Cells of a picture that show the photo, not what lies beside it."""
    side = size // maps.STRIDE
    middles = (np.arange(side) + 0.5) * maps.STRIDE - 0.5
    back = np.linalg.inv(frame.matrix(size))
    x, y = middles * back[0, 0] + back[0, 2], middles * back[1, 1] + back[1, 2]
    height, width = image.shape[:2]
    return np.outer((y >= 0) & (y <= height - 1), (x >= 0) & (x <= width - 1))


def _share_cut(cells: Cells, shown: Cells) -> float:
    """Share of a carton's outline that lies on the frame of the photo."""
    padded, on = np.pad(cells, 1), np.pad(shown, 1)
    kernel = np.ones((3, 3), np.uint8)
    rim = padded & ~np.asarray(cv2.erode(padded.astype(np.uint8), kernel), bool)
    end = ~np.asarray(cv2.erode(on.astype(np.uint8), kernel), bool)
    return float((rim & end).sum() / max(int(rim.sum()), 1))
