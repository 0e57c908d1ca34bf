"""See what is on one photo: marks, text, packaging codes. Nothing that goes wrong here is lost or fatal."""

from __future__ import annotations

import importlib.metadata
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np

from lipack_vision.codes import CodeReading, TextEngine, TextLine
from lipack_vision.errors import ImageError, LipackError, ShapeError
from lipack_vision.geometry import expand, homography, natural_size, rectify, transform, unit_quad
from lipack_vision.image import MAX_PIXELS, ImageSource, read_image
from lipack_vision.inspection.evidence import CheckFailure, PhotoEvidence, ReferenceEvidence
from lipack_vision.inspection.forms import check_forms
from lipack_vision.inspection.pictures import photo_sha256
from lipack_vision.integrity import Integrity
from lipack_vision.matching.types import Match
from lipack_vision.types import ImageArray, Mark

T = TypeVar("T")

_CLOSE_UP_HEIGHT = 640
"""Height in pixels to which a mark without any text found in it is enlarged before looking again."""


class Detector(Protocol):
    """Anything that finds marks, such as `HazardLabelDetector`."""

    def detect(self, image: ImageArray) -> list[Mark]:
        """Marks on an RGB ``uint8 (H, W, 3)`` photo, in its pixels."""
        ...


class Reader(Protocol):
    """Anything that reads packaging codes, such as `PackagingCodeReader`."""

    def read(
        self,
        image: ImageArray,
        marks: Sequence[Mark] | None = None,
        lines: Sequence[TextLine] | None = None,
    ) -> list[CodeReading]:
        """Packaging codes on the photo, given the marks and lines that were found on it before."""
        ...


class Assessor(Protocol):
    """Anything that judges the condition of cartons, such as `IntegrityDetector`."""

    def assess(self, image: ImageArray) -> Integrity:
        """The condition of every carton on an RGB ``uint8 (H, W, 3)`` photo."""
        ...


class Matcher(Protocol):
    """Anything that tells which qualified packaging a photo shows, such as `ReferenceMatcher`."""

    def match(self, image: ImageArray, among: str | None = None) -> Match:
        """The answer for an RGB ``uint8 (H, W, 3)`` photo, among references of a packaging type."""
        ...


class Looker:
    """Looks at one photo after the other with the same models.

    Args:
        detector: finds marks; made at the first photo when None.
        reader: reads packaging codes; made at the first photo when None.
        engine: reads lines of text; by default the shipped nets' `LineEngine`.
        provider: ONNX Runtime provider for what is made here.
        threads: threads inside one run of a net; 0 means all cores.
        max_pixels: larger photos are refused before decoding.
        works: known works codes and their names; None: any will do.
        assessor: judges the condition of cartons; made at the first photo when None.
        matcher: tells which qualified packaging a photo shows; None: photos are not compared.
        skip: checks that are switched off, see `policy.SKIPPABLE`; nothing is looked for on their account.
    """

    def __init__(
        self,
        detector: Detector | None = None,
        reader: Reader | None = None,
        engine: TextEngine | None = None,
        *,
        provider: str = "cpu",
        threads: int = 0,
        max_pixels: int = MAX_PIXELS,
        works: Mapping[str, str] | None = None,
        assessor: Assessor | None = None,
        matcher: Matcher | None = None,
        skip: Collection[str] = (),
    ) -> None:
        self._detector, self._reader, self._engine = detector, reader, engine
        self._assessor, self._skip = assessor, frozenset(skip)
        self.provider, self.threads, self.max_pixels = provider, threads, max_pixels
        self._works, self._matcher = works, matcher

    def look(
        self, source: ImageSource, name: str | None = None, *, among: str | None = None
    ) -> PhotoEvidence:
        """What is on the photo; an unreadable photo or a failed check is said in the answer, never raised.

        Args:
            source: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            name: what to call the photo; by default its path.
            among: packaging type of the references that it is compared with; None: all.
        """
        photo, evidence = self._open(source, name)
        if photo is None:
            return evidence
        failures: list[CheckFailure] = []
        marks = _attempt("marks", failures, lambda: self._find_marks(photo))
        forms = _attempt("form", failures, lambda: check_forms(photo, marks or []))
        lines = _attempt("text", failures, lambda: self._read_lines(photo, marks or []))
        readings = _attempt("code", failures, lambda: self._read_codes(photo, marks, lines))
        condition = None
        if "integrity" not in self._skip:
            condition = _attempt("integrity", failures, lambda: self._make_assessor().assess(photo))
        reference = _attempt("reference", failures, lambda: self._compare(photo, among))
        return replace(
            evidence,
            integrity=condition,
            reference=reference,
            marks=tuple(marks or ()),
            readings=tuple(readings or ()),
            lines=tuple(lines or ()),
            failures=tuple(failures),
            forms=tuple(forms or ()),
        )

    def read(self, source: ImageSource, name: str | None = None) -> PhotoEvidence:
        """Only the packaging codes on the photo; otherwise as `look`."""
        photo, evidence = self._open(source, name)
        if photo is None:
            return evidence
        failures: list[CheckFailure] = []
        readings = _attempt("code", failures, lambda: self._read_codes(photo, None, None))
        return replace(evidence, readings=tuple(readings or ()), failures=tuple(failures))

    def find(self, source: ImageSource, name: str | None = None) -> PhotoEvidence:
        """Only the marks on the photo; otherwise as `look`."""
        photo, evidence = self._open(source, name)
        if photo is None:
            return evidence
        failures: list[CheckFailure] = []
        marks = _attempt("marks", failures, lambda: self._find_marks(photo))
        return replace(evidence, marks=tuple(marks or ()), failures=tuple(failures))

    def _open(self, source: ImageSource, name: str | None) -> tuple[ImageArray | None, PhotoEvidence]:
        name = printable(name or photo_name(source))
        try:
            photo = read_image(source, max_pixels=self.max_pixels, name=name)
            digest = photo_sha256(source)
        except LipackError as error:
            return None, PhotoEvidence(name, error=error.to_dict())
        except Exception as error:  # a broken photo must not stop the others, whatever it breaks
            return None, PhotoEvidence(name, error=_unexpected(name, error).to_dict())
        return photo, PhotoEvidence(name, digest, photo.shape[1], photo.shape[0])

    def versions(self) -> dict[str, str]:
        """Which models take part: ``name version`` for those that can be loaded."""
        told = {
            "onnxruntime": _installed("onnxruntime"),
            "marks": _version(self._make_detector),
            "codes": _version(self._make_engine),
        }
        if "integrity" not in self._skip:
            told["integrity"] = _version(self._make_assessor)
        if self._matcher is not None and "reference" not in self._skip:
            told["matching"] = _version(lambda: self._matcher)
        return told

    def _make_detector(self) -> Detector:
        if self._detector is None:
            from lipack_vision.labels import HazardLabelDetector

            self._detector = HazardLabelDetector(provider=self.provider, threads=self.threads)
        return self._detector

    def _make_assessor(self) -> Assessor:
        if self._assessor is None:
            from lipack_vision.integrity import IntegrityDetector

            self._assessor = IntegrityDetector(provider=self.provider, threads=self.threads)
        return self._assessor

    def _make_engine(self) -> TextEngine:
        if self._engine is None:
            from lipack_vision.codes import LineEngine

            self._engine = LineEngine(provider=self.provider, threads=self.threads)
        return self._engine

    def _make_reader(self) -> Reader:
        if self._reader is None:
            from lipack_vision.codes import PackagingCodeReader

            self._reader = PackagingCodeReader(engine=self._make_engine(), works=self._works)
        return self._reader

    def _compare(self, photo: ImageArray, among: str | None) -> ReferenceEvidence | None:
        if self._matcher is None or "reference" in self._skip:
            return None
        return ReferenceEvidence(among, self._matcher.match(photo, among))

    def _find_marks(self, photo: ImageArray) -> list[Mark]:
        return list(self._make_detector().detect(photo))

    def _read_lines(self, photo: ImageArray, marks: list[Mark]) -> list[TextLine]:
        engine = self._make_engine()
        lines = list(engine.read_lines(photo))
        for mark in marks:
            # The UN number in a battery mark is a few pixels high when the whole carton is on the photo.
            if mark.label == "battery_mark" and not any(contains(mark, line) for line in lines):
                lines.extend(_close_up(engine, photo, mark))
        return lines

    def _read_codes(
        self, photo: ImageArray, marks: list[Mark] | None, lines: list[TextLine] | None
    ) -> list[CodeReading]:
        return list(self._make_reader().read(photo, marks=marks, lines=lines))


def photo_name(source: ImageSource) -> str:
    """What a photo is called when nobody named it."""
    if isinstance(source, np.ndarray):
        return "array"
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "bytes"
    return os.fspath(source)


def printable(name: str) -> str:
    """The name with whatever no terminal or UTF-8 file can hold replaced by question marks."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def contains(mark: Mark, line: TextLine) -> bool:
    """Whether the middle of a line of text lies inside a mark."""
    middle = line.quad.mean(axis=0, keepdims=True)
    try:
        x, y = transform(middle, homography(mark.quad, unit_quad(1, 1)))[0]
    except ShapeError:
        return False
    return bool(0 <= x <= 1 and 0 <= y <= 1)


def _close_up(engine: TextEngine, photo: ImageArray, mark: Mark) -> list[TextLine]:
    quad = expand(mark.quad, 0.04)
    width, height = natural_size(quad)
    scale = min(4.0, max(1.0, _CLOSE_UP_HEIGHT / height))
    size = round(width * scale), round(height * scale)
    back = homography(unit_quad(*size), quad)
    return [
        replace(line, quad=transform(line.quad, back))
        for line in engine.read_lines(rectify(photo, quad, size))
    ]


def _attempt(check: str, failures: list[CheckFailure], work: Callable[[], T]) -> T | None:
    """The result, or None after noting why there is none."""
    try:
        return work()
    except LipackError as error:
        failures.append(CheckFailure(check, str(error)))
    except Exception as error:  # fail closed: whatever goes wrong in a check is a reason for review
        failures.append(CheckFailure(check, f"{type(error).__name__}: {error}"))
    return None


def _unexpected(name: str, error: Exception) -> ImageError:
    return ImageError(
        name,
        expected="a photo that can be decoded",
        found=f"{type(error).__name__}: {error}",
        cure="Save it again as JPEG or PNG; please report this photo if it opens elsewhere.",
    )


def _version(make: Callable[[], object]) -> str:
    """Version of the artifact behind a detector or an engine; ``none`` where there is none."""
    try:
        artifact = getattr(make(), "artifact", None)
    except Exception:  # each photo's evidence says why there is none
        return "none"
    return str(getattr(artifact, "version", "none"))


def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
