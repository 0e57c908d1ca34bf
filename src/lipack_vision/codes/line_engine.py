"""Read printed text with the project's own two nets: one finds lines, one reads them."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from lipack_vision.artifact import Artifact, Preprocessing, artifact_for
from lipack_vision.codes.calibration import ReaderCalibration
from lipack_vision.codes.lattice import of_probabilities
from lipack_vision.codes.line_image import STEP, line_image
from lipack_vision.codes.text import TextLine
from lipack_vision.codes.text_boxes import text_quads
from lipack_vision.errors import ArtifactError
from lipack_vision.labels.decode import FloatArray, letterbox, normalise
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray, Quad, as_quad

FINDER_FILE, READER_FILE = "finder.onnx", "reader.onnx"
_BATCH = 8
_DOUBTFUL = 0.95
"""Mean confidence below which a line is read from its other end too, and looked at again."""
_SHORT, _TURNED = 6, 0.5
"""Signs of a line that is as easily read from either end, and how sure such a line that is read against most
others must be from its other end, in parts of how sure it is as read: ``975`` on its head is surer ``S/6``,
but hardly any print stands on its head among other print."""
_LIFTS = (-0.05, 0.0, 0.05)
"""Doubtful lines are read so much higher and lower too, in heights of the line: together the readings are
right more often than one."""
_LEAST = 1e-9
"""Least probability of a sign in a look."""
_PARALLEL = 0.94
"""Cosine of the angle, 20 degrees, up to which lines lie alike."""


class LineEngine:
    """The shipped finder and reader of printed lines; safe to call from several threads.

    Args:
        artifact: folder of a codes artifact; by default the shipped one.
        threads: threads inside one run of a net; 0 means all cores.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        longest_side: photos are shrunk to this before lines are looked for. They are read at full size.
        shortest_side: smaller pictures are enlarged, at most twice, before lines are looked for.
        least_confidence: lines with a lower mean confidence are dropped.
        calibrated: whether probabilities are calibrated as the card says; else they are raw.

    Nets are loaded at the first use.

    Raises:
        ArtifactError: the artifact is missing, altered or not one for codes.
    """

    def __init__(
        self,
        artifact: str | os.PathLike[str] | Artifact = "codes",
        *,
        threads: int = 0,
        provider: str = "cpu",
        longest_side: int = 1280,
        shortest_side: int = 320,
        least_confidence: float = 0.4,
        calibrated: bool = True,
    ) -> None:
        self.artifact = artifact_for("codes", None, artifact)
        card = self.artifact.card
        if card.alphabet is None:
            raise ArtifactError(
                str(self.artifact.folder),
                expected="an alphabet",
                found="none",
                cure="Export the model again.",
            )
        self.threads, self.provider = threads, provider
        self.longest_side, self.shortest_side = longest_side, shortest_side
        self.least_confidence = least_confidence
        self._alphabet = card.alphabet
        self._calibrated = calibrated
        self._lock = threading.Lock()
        self._nets: tuple[OnnxModel, OnnxModel] | None = None

    @cached_property
    def calibration(self) -> ReaderCalibration | None:
        """What this engine's probabilities are worth; None where they are to stay raw."""
        return ReaderCalibration.of_card(self.artifact.card) if self._calibrated else None

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        """Every line of text, from the top of the picture down.

        Args:
            image: RGB ``uint8 (H, W, 3)``.

        Returns:
            Lines with quads in pixels of ``image``.

        Raises:
            ArtifactError: a net cannot be loaded.
        """
        read = self.read_quads(image, self.find(image))
        other: dict[int, TextLine] = {}
        doubtful = [number for number, line in enumerate(read) if line.probability < _DOUBTFUL]
        self._turn(image, read, other, dict.fromkeys(doubtful, 1.0))
        against = _against_the_others(read)
        self._turn(image, read, other, {n: _TURNED if len(read[n].text) <= _SHORT else 1.0 for n in against})
        doubtful = [n for n, line in enumerate(read) if line.text.strip() and line.probability < _DOUBTFUL]
        again = self.read_quads(image, [read[number].quad for number in doubtful], _LIFTS)
        for number, line in zip(doubtful, again, strict=True):
            if line.probability >= min(read[number].probability, self.least_confidence):
                read[number] = line
        kept = [line for line in read if line.text.strip() and line.probability >= self.least_confidence]
        if self.calibration:
            kept = [self.calibration.of_line(line) for line in kept]
        return sorted(kept, key=lambda line: (float(line.quad[:, 1].mean()), float(line.quad[0, 0])))

    def _turn(
        self, image: ImageArray, read: list[TextLine], other: dict[int, TextLine], least: Mapping[int, float]
    ) -> None:
        """Exchange lines for what is read from their other end, in place, where that is surer.

        Args:
            image: the photo.
            read: the lines.
            other: what was read from the other end, by number of the line; each end is read once.
            least: the lines that are asked about, and the factor by which the other end must be surer.
        """
        unread = [number for number in least if number not in other]
        ends = [as_quad(np.roll(read[number].quad, 2, axis=0)) for number in unread]
        other.update(zip(unread, self.read_quads(image, ends), strict=True))
        for number, factor in least.items():
            if self._is_better(other[number], read[number], factor):
                read[number], other[number] = other[number], read[number]

    def _is_better(self, one: TextLine, other: TextLine, least: float) -> bool:
        # What is less sure must be read at all.
        enough = one.probability > other.probability or one.probability >= self.least_confidence
        return enough and one.probability > least * other.probability

    def find(self, image: ImageArray) -> list[Quad]:
        """Corners ``(4, 2)`` of every line, with room around it, from where its first letter's top left
        corner is."""
        height, width = image.shape[:2]
        scale = min(1.0, self.longest_side / max(height, width))
        if min(height, width) < self.shortest_side:
            wanted = min(2.0, self.shortest_side / min(height, width))
            scale = min(wanted, self.longest_side / max(height, width))
        pre = self._preprocessing(round(width * scale), round(height * scale))
        canvas, box = letterbox(image, pre)
        logits, directions = self._load()[0].run(normalise(canvas, pre))
        inside = (
            slice(0, -(-round(height * box.scale) // STEP)),
            slice(0, -(-round(width * box.scale) // STEP)),
        )
        found = text_quads(logits[0][inside], directions[0][:, inside[0], inside[1]])
        return [as_quad(box.to_photo(quad)) for quad, _ in found]

    def read_quads(
        self, image: ImageArray, quads: Sequence[Quad], lifts: Sequence[float] = (0.0,)
    ) -> list[TextLine]:
        """What stands in each quad, with raw probabilities.

        Args:
            image: RGB ``uint8 (H, W, 3)``.
            quads: of the lines, ``(4, 2)`` each.
            lifts: how much higher each line is looked at, in parts of its height, at least one; what is seen
                is joined.
        """
        lifted = [_lifted(quad, lift) for quad in quads for lift in lifts]
        seen = self._see([line_image(image, quad) for quad in lifted])
        looks = [seen[first : first + len(lifts)] for first in range(0, len(seen), len(lifts))]
        return [self._to_line(_together(own), quad) for own, quad in zip(looks, quads, strict=True)]

    def _see(self, pictures: Sequence[ImageArray]) -> list[FloatArray]:
        """Probabilities ``(T, signs)`` of each line, step by step."""
        seen: dict[int, FloatArray] = {}
        # Lines of about one length together, so that little is read beyond their ends.
        order = sorted(range(len(pictures)), key=lambda number: pictures[number].shape[1])
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            seen.update(zip(chosen, self._see_batch([pictures[n] for n in chosen]), strict=True))
        return [seen[number] for number in range(len(pictures))]

    def _see_batch(self, pictures: Sequence[ImageArray]) -> list[FloatArray]:
        width = max(picture.shape[1] for picture in pictures)
        pre = self.artifact.card.preprocessing
        canvas = np.full((len(pictures), pictures[0].shape[0], width, 3), pre.pad, np.uint8)
        for row, picture in zip(canvas, pictures, strict=True):
            row[:, : picture.shape[1]] = picture
        batch = np.concatenate([normalise(row, pre) for row in canvas])
        (logits,) = self._load()[1].run(batch)
        return [
            _softmax(answer[: picture.shape[1] // STEP])
            for answer, picture in zip(logits, pictures, strict=True)
        ]

    def _to_line(self, seen: FloatArray, quad: Quad) -> TextLine:
        lattice = of_probabilities(self._alphabet, seen)
        confidences = tuple(run.confidence for run in lattice.runs)
        mean = float(np.mean(confidences)) if confidences else 0.0
        return TextLine(lattice.text, mean, quad, confidences=confidences, lattice=lattice)

    def _load(self) -> tuple[OnnxModel, OnnxModel]:
        with self._lock:
            if self._nets is None:
                finder, reader = (
                    OnnxModel(self.artifact.path(name), provider=self.provider, threads=self.threads)
                    for name in (FINDER_FILE, READER_FILE)
                )
                self._nets = finder, reader
            return self._nets

    def _preprocessing(self, width: int, height: int) -> Preprocessing:
        sides = {"width": 32 * -(-width // 32), "height": 32 * -(-height // 32)}
        return self.artifact.card.preprocessing.model_copy(update={**sides, "fixed": False})


def _lifted(quad: Quad, lift: float) -> Quad:
    """A line's quad higher on it, in parts of its height; below with less than 0."""
    up = quad[[0, 1, 1, 0]] - quad[[3, 2, 2, 3]]
    return as_quad(quad + np.float32(lift) * up)


def _together(looks: Sequence[FloatArray]) -> FloatArray:
    """What several looks at a line say of it: the normed geometric mean of their probabilities.

    Of looks whose widths were rounded otherwise, whose steps do not fit, the middle one.
    """
    if len({len(look) for look in looks}) > 1 or len(looks) == 1:
        return looks[len(looks) // 2]
    return _softmax(np.mean([np.log(look.clip(_LEAST)) for look in looks], axis=0))


def _against_the_others(lines: Sequence[TextLine]) -> list[int]:
    """Numbers of lines that are read against the direction in which most of the print is read that lies as
    they do: ``25/S`` on its head is well read as ``S/SZ``."""
    along = np.array([line.quad[1] - line.quad[0] for line in lines], np.float64).reshape(-1, 2)
    along /= np.linalg.norm(along, axis=1, keepdims=True).clip(1e-6)
    alike = along @ along.T
    weights = np.array([line.probability * len(line.text) for line in lines])
    votes = np.where(np.abs(alike) > _PARALLEL, np.sign(alike), 0.0) @ weights
    return [int(number) for number in np.flatnonzero(votes < 0)]


def _softmax(logits: FloatArray) -> FloatArray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)
