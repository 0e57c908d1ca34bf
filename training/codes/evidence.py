"""Read rendered pictures and compare with what they say."""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import cv2
from rich.progress import track

from lipack_vision.codes import CodeReading, LineEngine, PackagingCodeReader, RapidOcrEngine, TextLine
from lipack_vision.codes.layout import is_inside
from lipack_vision.regulations.parser import read_mark
from lipack_vision.types import Mark
from training.codes.pictures import CodePicture, Print, render_picture

WAYS = ("photo", "photo", "photo", "crop", "text")
"""Ways to read, one after the other: the mark's place and the photo's lines are known, as in an inspection;
only the mark's place; only the photo's lines."""


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """One reading of one mark, with raw probability.

    Attributes:
        truth: what is printed; empty where no mark is.
        valid: whether that is a right mark.
        text: what was read, canonical; empty where nothing whole was read.
        whole: all elements were read and follow the grammar.
        plain: whole, without repairs and problems.
        right: the same as the truth, blanks aside.
        seconds: of the processor's time for reading the mark, given its place and nothing else; None for
            other ways. On one thread it is what a free machine takes.
    """

    seed: int
    way: str
    kind: str
    letter_px: float
    truth: str
    valid: bool
    text: str
    probability: float
    whole: bool
    plain: bool
    right: bool
    seconds: float | None


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """One line as read, with its raw mean and weakest confidence; without ``truth`` nothing is printed."""

    seed: int
    letter_px: float
    truth: str
    text: str
    mean: float
    weakest: float
    right: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was read on some pictures; ``printed`` lines of plain print stood on those read as a whole."""

    codes: tuple[CodeEvidence, ...]
    lines: tuple[LineEvidence, ...]
    printed: int


def gather(
    seeds: Sequence[int],
    jobs: int = 2,
    *,
    artifact: str | Path | None = "codes",
    held_out: bool = False,
    broken: float = 0.0,
) -> Evidence:
    """Render and read one picture per seed, with raw probabilities.

    Args:
        artifact: folder or name of the codes artifact that reads; None for RapidOCR, the peer.
        held_out, broken: see `render_picture`.
    """
    read = partial(read_picture, artifact=artifact, held_out=held_out, broken=broken)
    found = list(track(_read_all(read, seeds, jobs), f"reading {len(seeds)} pictures", total=len(seeds)))
    return Evidence(
        tuple(code for one in found for code in one.codes),
        tuple(line for one in found for line in one.lines),
        sum(one.printed for one in found),
    )


def _read_all(read: Callable[[int], Evidence], seeds: Sequence[int], jobs: int) -> Iterator[Evidence]:
    if jobs < 2:
        yield from map(read, seeds)
        return
    # Spawned, because ONNX Runtime's threads do not survive a fork.
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from pool.imap(read, seeds, chunksize=2)


@cache
def _reader(artifact: str | Path | None) -> PackagingCodeReader:
    cv2.setNumThreads(1)
    if artifact is None:
        return PackagingCodeReader(RapidOcrEngine(threads=1))
    return PackagingCodeReader(LineEngine(artifact, threads=1, calibrated=False))


def read_picture(
    seed: int, artifact: str | Path | None = "codes", *, held_out: bool = False, broken: float = 0.0
) -> Evidence:
    """Render and read the picture of one seed, in the way that the seed gives; see `gather`."""
    picture = render_picture(seed, held_out=held_out, broken=broken)
    reader, way = _reader(artifact), WAYS[seed % len(WAYS)]
    place = [Mark("un_mark", 1.0, picture.mark.quad)]
    lines = None if way == "crop" else reader.read_text(picture.image)
    start = time.process_time()
    readings = reader.read(picture.image, marks=[] if way == "text" else place, lines=lines)
    seconds = time.process_time() - start if way == "crop" else None
    printed = () if lines is None else picture.lines
    compared = [_compare_line(seed, line, picture) for line in lines or ()]
    return Evidence(
        tuple(_codes(seed, way, readings, picture.mark, seconds)),
        tuple(line for line in compared if line is not None),
        len(printed),
    )


def _codes(
    seed: int, way: str, readings: Sequence[CodeReading], mark: Print, seconds: float | None
) -> Iterator[CodeEvidence]:
    """The best reading of the mark, or one that says nothing, and whole readings where no mark is."""
    at_mark = [reading for reading in readings if _stands_in(reading, mark)]
    best = max(at_mark, key=lambda r: (r.code is not None, r.probability), default=None)
    elsewhere = [r for r in readings if r.code is not None and not _stands_in(r, mark)]
    for reading in (best, *elsewhere):
        whole = reading is not None and reading.code is not None
        text = reading.text if reading is not None and whole else ""
        truth = mark.text if reading is best else ""
        yield CodeEvidence(
            seed,
            way,
            mark.kind,
            mark.letter_px,
            truth,
            read_mark(truth).code is not None,
            text,
            reading.probability if reading is not None else 0.0,
            whole,
            plain=reading is not None and whole and not reading.repairs and not reading.problems,
            right=without_blanks(text) == without_blanks(truth),
            seconds=seconds if reading is best else None,
        )


def _stands_in(reading: CodeReading, mark: Print) -> bool:
    return is_inside(TextLine("", 0.0, reading.quad), mark.quad)


def _compare_line(seed: int, line: TextLine, picture: CodePicture) -> LineEvidence | None:
    """A line beside the printed one at its place; None for those of the UN mark."""
    if is_inside(line, picture.mark.quad):
        return None
    found = [printed for printed in picture.lines if is_inside(line, printed.quad)]
    truth = found[0].text if found else ""
    return LineEvidence(
        seed,
        found[0].letter_px if found else 0.0,
        truth,
        line.text,
        line.probability,
        line.weakest,
        right=line_is_right(line.text, truth),
    )


def line_is_right(text: str, truth: str) -> bool:
    """Whether a line reads as one or more whole words of the printed line, in order, blanks aside.

    A finder may take a long line for two; each part is right if it begins and ends with a word.
    """
    words = truth.split()
    wanted = without_blanks(text)
    spans = ((i, j) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
    return any("".join(words[i:j]) == wanted for i, j in spans)


def without_blanks(text: str) -> str:
    """The text without blanks and line breaks."""
    return re.sub(r"\s+", "", text)
