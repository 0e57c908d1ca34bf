"""Read UN packaging codes from photos."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lipack_vision.artifact import shipped_artifacts
from lipack_vision.codes.assemble import find_marks, read_all, unreadable
from lipack_vision.codes.calibration import calibration_of
from lipack_vision.codes.layout import is_inside
from lipack_vision.codes.line_engine import LineEngine
from lipack_vision.codes.reading import CodeReading
from lipack_vision.codes.text import TextEngine, TextLine
from lipack_vision.codes.views import close_view, other_view, to_photo
from lipack_vision.codes.works import compared
from lipack_vision.geometry import quad_iou
from lipack_vision.image import MAX_PIXELS, ImageSource, read_image
from lipack_vision.regulations.parser import read_mark
from lipack_vision.types import ImageArray, Mark, Quad, as_quad

if TYPE_CHECKING:
    from lipack_vision.labels import HazardLabelDetector

_SURE = 0.9
"""A complete reading without repairs is not read again from this probability on."""
_LIKELY = 0.5
"""A place where nothing of a mark can be read counts as an unreadable mark from this probability of the
detector on; below, it is more likely other print."""
_UNLIKELY, _WHOLE = 0.5, 0.25
"""What a reading that the rules doubt counts beside others, and how much must be said for a reading that goes
on where another one ends, in parts of what is said for that one."""
_BESIDE = 1.0
"""Border of the crop of a mark whose ends are not known, as a part of its shorter side. Detectors err about
the ends most of all, and a crop that cuts a line off makes another code of it."""


class PackagingCodeReader:
    """Finds and reads UN packaging marks.

    Args:
        engine: what reads lines of text; by default `LineEngine`.
        detector: finds the marks; by default the shipped one, if there is one. Without a detector marks are
            found by their text alone.
        threads: threads of the default engine and detector; 0 means all cores.
        works: known works codes of Chinese marks and their names, see `codes.works.read_works`; marks that
            name another one get a warning. None: any will do.
    """

    def __init__(
        self,
        engine: TextEngine | None = None,
        detector: HazardLabelDetector | None = None,
        *,
        threads: int = 0,
        works: Mapping[str, str] | None = None,
    ) -> None:
        self.engine: TextEngine = engine if engine is not None else LineEngine(threads=threads)
        self._detector = detector
        self._threads, self._works = threads, works
        self._lock = threading.Lock()

    def read_text(self, image: ImageSource, *, max_pixels: int = MAX_PIXELS) -> list[TextLine]:
        """Every line of print on a photo; give them to `read` so that the photo is read once only.

        Raises:
            ImageError: the photo cannot be used.
            MissingExtraError, ArtifactError: the engine cannot be loaded.
        """
        return self.engine.read_lines(read_image(image, max_pixels=max_pixels))

    def read(
        self,
        image: ImageSource,
        marks: Sequence[Mark] | None = None,
        lines: Sequence[TextLine] | None = None,
        *,
        max_pixels: int = MAX_PIXELS,
    ) -> list[CodeReading]:
        """Read every UN mark of a photo, most probable first.

        A mark that was found and cannot be read is in the list too, with ``code`` None and its problems.
        Probabilities are calibrated where the engine's are, for readings without repairs and problems.

        Args:
            image: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            marks: what a detector found; by default the reader's own detector is asked.
            lines: what `read_text` gave for this photo.
            max_pixels: larger photos are refused before decoding.

        Raises:
            ImageError: the photo cannot be used.
            MissingExtraError, ArtifactError: the engine or the detector cannot be loaded.
        """
        photo = read_image(image, max_pixels=max_pixels)
        # Lines that another engine may have read say nothing about this one's certainty.
        own = all(line.calibrated for line in lines or ())
        found = marks if marks is not None else self._detect(photo)
        if lines is None:
            # Where a mark ends the photo's own lines tell better than a detector, which may cut them off.
            lines = self.engine.read_lines(photo)
        regions = [mark for mark in found if mark.label == "un_mark"]
        in_text = find_marks(lines)
        readings = [self._read_region(photo, mark.quad, lines, in_text) for mark in regions]
        readings = [
            reading
            for mark, reading in zip(regions, readings, strict=True)
            if reading.text or mark.probability >= _LIKELY
        ]
        by_text = [mark for mark in in_text if not _is_known(mark, readings)]
        readings = _merge(readings, [self._read_found(photo, mark) for mark in by_text])
        if lines and all(reading.code is None for reading in readings):
            readings = _better_way_up(readings, self._read_turned(photo))
        calibration = calibration_of(self.engine) if own else None
        if calibration is not None:
            readings = [calibration.of_reading(reading) for reading in readings]
        if self._works is not None:
            readings = [compared(reading, self._works) for reading in readings]
        return sorted(readings, key=lambda reading: -reading.probability)

    def _detect(self, photo: ImageArray) -> list[Mark]:
        with self._lock:
            if self._detector is None:
                if not any(folder.name == "marks" for folder in shipped_artifacts()):
                    return []
                from lipack_vision.labels import HazardLabelDetector

                self._detector = HazardLabelDetector(labels=("un_mark",), threads=self._threads)
        return self._detector.detect(photo)

    def _read_region(
        self, photo: ImageArray, quad: Quad, lines: Sequence[TextLine], in_text: Sequence[CodeReading]
    ) -> CodeReading:
        """Read one mark that a detector found: from the photo's lines if they will do, else from crops."""
        inside = [line for line in lines if is_inside(line, quad)]
        # A mark goes on beyond what the detector took for its end.
        whole = [mark for mark in in_text if mark.code is not None and _overlap(mark.quad, quad)]
        first = max(whole, key=_rank) if whole else read_all(inside)
        reading = self._read_again(photo, quad, [] if first is None else [first], _BESIDE)
        if reading is not None and reading.code is not None:
            return replace(reading, quad=quad)
        # A detector may take a mark upside down, which only its text tells.
        upside_down = as_quad(np.roll(quad, 2, axis=0))
        turned = self._read_again(photo, upside_down, [], _BESIDE)
        if turned is not None and (reading is None or _rank(turned) > _rank(reading)):
            return replace(turned, quad=upside_down)
        return unreadable(quad, inside) if reading is None else replace(reading, quad=quad)

    def _read_found(self, photo: ImageArray, first: CodeReading) -> CodeReading:
        """Read a mark again that was found by its text, where the first reading is not sure."""
        # An incomplete mark may go on below or beside what was read of it.
        reading = self._read_again(photo, first.quad, [first], 0.4 if first.code else _BESIDE)
        return first if reading is None else reading

    def _read_again(
        self, photo: ImageArray, quad: Quad, readings: list[CodeReading], margin: float
    ) -> CodeReading | None:
        for view in (close_view, other_view):
            if any(_is_sure(reading) for reading in readings):
                break
            crop, back = view(photo, quad, margin)
            reading = read_all([to_photo(line, back) for line in self.engine.read_lines(crop)])
            readings = readings if reading is None else [*readings, reading]
        return agree(readings) if readings else None

    def _read_turned(self, photo: ImageArray) -> list[CodeReading]:
        """Read a photo upside down; text a quarter turn off is then read as well, if it was not before."""
        height, width = photo.shape[:2]
        lines = self.engine.read_lines(np.ascontiguousarray(photo[::-1, ::-1]))
        corner = np.array([width, height], dtype=np.float32)
        lines = [replace(line, quad=as_quad(corner - line.quad)) for line in lines]
        return [self._read_found(photo, reading) for reading in find_marks(lines)]


def agree(readings: Sequence[CodeReading]) -> CodeReading:
    """The best of several readings of one mark, doubted as far as the others speak against it.

    The best is whole, without repairs, and what the readings together say rather than any other. Another
    reading with the same code confirms it. One that is incomplete costs half of the probability, and one with
    another code more; such a one, and another beginning of a code, also add a problem.
    """
    said = {one.text: 0.0 for one in readings}
    for one in readings:
        said[one.text] += one.probability
    for text in said:
        # What contradicts itself or the rules is rather misread.
        said[text] *= _UNLIKELY if text and read_mark(text).warnings else 1.0
    uncut = [one for one in readings if not any(_is_cut_off(one, other, said) for other in readings)]
    best = max(uncut, key=lambda one: (*_rank(one)[:2], said[one.text], *_rank(one)[2:]))
    if best.code is None:
        return best
    others = [reading for reading in readings if reading is not best]
    if any(other.code == best.code for other in others) and not best.repairs:
        others = [other for other in others if other.code is not None]
    probability, problems = best.probability, list(best.problems)
    for other in others:
        if other.code == best.code:
            continue
        probability *= 0.5 if other.code is None else (1 - other.probability) / 2
        if other.code is not None or _contradicts(other, best):
            problems.append(("code", f"readings of the mark differ: {best.text} and {other.text}"))
    return replace(best, probability=probability, problems=tuple(dict.fromkeys(problems)))


def _is_cut_off(reading: CodeReading, other: CodeReading, said: Mapping[str, float]) -> bool:
    """Whether another whole reading goes on in the word in which this one ends, ``PI:015`` after ``PI:01``,
    and enough is ``said`` for it: at times a stain is taken for one more sign."""
    if reading.code is None or other.code is None or other.repairs:
        return False
    rest = other.text.removeprefix(reading.text)
    goes_on = rest != other.text and rest[:1].isalnum() and reading.text[-1:].isalnum()
    return goes_on and said[other.text] >= _WHOLE * said[reading.text]


def _contradicts(beginning: CodeReading, whole: CodeReading) -> bool:
    """Whether an incomplete reading at the place of a whole one begins otherwise."""
    begins_alike = re.match(rf"{re.escape(beginning.text)}(?:[/ ]|$)", whole.text) is not None
    return bool(beginning.text) and not begins_alike and _overlap(beginning.quad, whole.quad)


def _is_sure(reading: CodeReading) -> bool:
    return (
        reading.code is not None
        and not reading.repairs
        and not reading.problems
        and reading.probability >= _SURE
    )


def _rank(reading: CodeReading) -> tuple[bool, int, float, int]:
    whole = reading.code is not None
    return whole, -len(reading.repairs) if whole else 0, reading.probability, len(reading.text)


def _better_way_up(upright: list[CodeReading], turned: list[CodeReading]) -> list[CodeReading]:
    """The readings of the photo as given, or turned by 180 degrees, whichever says more."""
    if not upright or not turned:
        return upright or turned
    return max(upright, turned, key=lambda readings: max(_rank(reading) for reading in readings))


def _is_known(mark: CodeReading, readings: Sequence[CodeReading]) -> bool:
    return any(known.code is not None and _overlap(known.quad, mark.quad) for known in readings)


def _merge(regions: list[CodeReading], others: Sequence[CodeReading]) -> list[CodeReading]:
    """Add marks found by their text to those found by the detector, each mark once."""
    merged = list(regions)
    for other in others:
        same = [i for i, known in enumerate(merged) if _overlap(known.quad, other.quad)]
        if not same:
            merged.append(other)
        for index in same:
            if merged[index].code is None:
                merged[index] = max(merged[index], other, key=_rank)
    return merged


def _overlap(first: Quad, second: Quad) -> bool:
    centre_inside = any(
        is_inside(TextLine("", 0.0, a), b, slack=0.0) for a, b in ((first, second), (second, first))
    )
    return centre_inside or quad_iou(first, second) > 0.2
