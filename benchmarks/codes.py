"""How well packaging codes and other print are read, on rendered pictures of seeds that no fit used.

    python -m benchmarks.codes [--count 150] [--jobs 2] [--sheet FILE] [--keep FILE]

Three of five marks are read as in an inspection, given their place and the lines of the photo; one of five
given its place alone, which is what is timed; one of five by the lines alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.pictures import contact_sheet
from benchmarks.report import publish
from lipack_vision.artifact import Calibration
from lipack_vision.codes.calibration import ReaderCalibration, logit
from lipack_vision.codes.engine import PpOcrEngine
from lipack_vision.inspection.policy import ReleasePolicy
from training.calibrate import calibration_error
from training.calibrate_codes import load_evidence, save_evidence
from training.codes.evidence import CodeEvidence, Evidence, LineEvidence, gather
from training.codes.pictures import PRINTS, render_picture

FIRST_SEED = 42_000_000
HEIGHTS = {
    "letters 14 px or more": (14.0, np.inf),
    "letters 9 to 14 px": (9.0, 14.0),
    "letters below 9 px": (0.0, 9.0),
}
WAY_NAMES = {
    "photo": "place and photo's lines known",
    "crop": "place known",
    "text": "found by its text",
}

Row = dict[str, Any]
T = TypeVar("T", CodeEvidence, LineEvidence)


def code_rows(codes: Sequence[CodeEvidence]) -> list[Row]:
    """Rates per mark, and of whole readings where no mark is."""
    marks = [code for code in codes if code.truth]
    groups: dict[str, list[CodeEvidence]] = {"all marks": marks}
    for name, (low, high) in HEIGHTS.items():
        groups[name] = [mark for mark in marks if low <= mark.letter_px < high]
    for way, name in WAY_NAMES.items():
        groups[name] = [mark for mark in marks if mark.way == way]
    for kind in PRINTS:
        groups[f"print: {kind}"] = [mark for mark in marks if mark.kind == kind]
    rows = [_rates(name, group) for name, group in groups.items() if group]
    strangers = sum(not code.truth for code in codes)
    rows.append({"data": "readings where no mark is", "number": strangers})
    seconds = [mark.seconds for mark in marks if mark.seconds is not None]
    if seconds:
        median = float(np.median(seconds)) * 1000
        rows.append({"data": "time, place known, one thread", "number": len(seconds), "median ms": median})
    return rows


def _rates(name: str, marks: Sequence[CodeEvidence]) -> Row:
    accepted = [mark for mark in marks if mark.whole and mark.plain]
    wrong = sum(not mark.right for mark in accepted)
    return {
        "data": name,
        "number": len(marks),
        "exact": sum(mark.right and mark.whole for mark in marks) / len(marks),
        "exact, nothing repaired": sum(mark.right and mark.plain for mark in marks) / len(marks),
        "wrong but accepted": wrong / len(marks),
        "wrong of accepted": f"{wrong} of {len(accepted)}",
    }


def line_rows(evidence: Evidence) -> list[Row]:
    """How many printed lines are found and right, by height, and lines read where nothing is printed."""
    lines = [line for line in evidence.lines if line.truth]
    rows: list[Row] = []
    for name, (low, high) in {"all lines": (0.0, np.inf), **HEIGHTS}.items():
        group = [line for line in lines if low <= line.letter_px < high]
        if group:
            right = sum(line.right for line in group) / len(group)
            rows.append({"data": f"print, {name}", "number": len(group), "exact": right})
    rows.append({"data": "print, lines on the photos", "number": evidence.printed})
    rows.append({"data": "print, read where nothing is", "number": len(evidence.lines) - len(lines)})
    return rows


def certainty_rows(evidence: Evidence, calibration: ReaderCalibration | None) -> list[Row]:
    """Calibration error before and after, and what passes the default policy's least probability."""
    plain = [code for code in evidence.codes if code.plain]
    rows = _certainty("codes", plain, _code_score, calibration.code if calibration else None)
    rows += _certainty("print", evidence.lines, _line_score, calibration.line if calibration else None)
    return rows


def _code_score(code: CodeEvidence) -> float:
    return code.probability


def _line_score(line: LineEvidence) -> float:
    return line.weakest


def _certainty(
    name: str, found: Sequence[T], score: Callable[[T], float], numbers: Calibration | None
) -> list[Row]:
    raw = np.array([score(one) for one in found])
    right = np.array([one.right for one in found], bool)
    rows = [_told(f"{name}, raw", raw, right)]
    if numbers is not None:
        told = np.array([numbers.probability(logit(value)) for value in raw])
        rows.append(_told(f"{name}, calibrated", told, right))
    return rows


def _told(name: str, told: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> Row:
    least = ReleasePolicy().min_probability
    passed = told >= least
    return {
        "data": name,
        "number": len(told),
        "ECE": calibration_error(told, right),
        "mean told": float(told.mean()) if len(told) else 0.0,
        "right": float(right.mean()) if len(told) else 0.0,
        f"told {least} or more": float(passed.mean()) if len(told) else 0.0,
        "wrong among those": f"{int((passed & ~right).sum())} of {int(passed.sum())}",
    }


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=150, help="pictures")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--keep", type=Path, help="file of evidence: read if it is there, else written")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet of the first pictures, and stop")
    options = parser.parse_args()
    if options.sheet:
        write_sheet(options.sheet)
        return
    if options.keep and options.keep.is_file():
        evidence = load_evidence(options.keep)
    else:
        evidence = gather(range(FIRST_SEED, FIRST_SEED + options.count), options.jobs)
        if options.keep:
            save_evidence(evidence, options.keep)
    rows = code_rows(evidence.codes) + line_rows(evidence)
    rows += certainty_rows(evidence, PpOcrEngine().calibration)
    publish("codes", "Packaging codes and print, rendered", rows, command="python -m benchmarks.codes")


def write_sheet(path: Path, count: int = 20) -> None:
    """Show the first pictures with the places of what is printed."""
    tiles = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        picture = render_picture(seed)
        image = picture.image.copy()
        for printed in (picture.mark, *picture.lines):
            cv2.polylines(image, [printed.quad.astype(np.int32)], True, (0, 200, 80), 1, cv2.LINE_AA)
        mark = picture.mark
        tiles.append((f"{mark.kind} {mark.letter_px:.0f} px {mark.text}", image))
    contact_sheet(tiles, path, side=400)


if __name__ == "__main__":
    main()
