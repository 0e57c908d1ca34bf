"""How well packaging codes and other print are read, on rendered pictures of seeds that no fit used.

    python -m benchmarks.codes [--count 800] [--peer 60] [--jobs 2] [--sheet FILE] [--keep FILE]

Two marks of five are printed wrong; all are printed in fonts that nothing was trained on (dot matrices
aside). Three of five marks are read as in an inspection, given their place and the lines of the photo; one of
five given its place alone, which is what is timed; one of five by the lines alone. Beside our engine the
first pictures are read with RapidOCR, which the same reader asks for lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.report import publish
from lipack_vision.artifact import Calibration, load_artifact
from lipack_vision.codes.calibration import ReaderCalibration, logit
from lipack_vision.inspection.policy import ReleasePolicy
from training.calibrate_codes import load_evidence, save_evidence
from training.calibration import calibration_error
from training.codes.evidence import CodeEvidence, Evidence, gather
from training.codes.pictures import PRINTS, render_picture
from training.pictures import contact_sheet

FIRST_SEED = 44_000_000
BROKEN = 0.4
"""Share of marks that are printed wrong."""
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


def code_rows(codes: Sequence[CodeEvidence]) -> list[Row]:
    """Rates per mark, and of whole readings where no mark is."""
    marks = [code for code in codes if code.truth and code.valid]
    groups: dict[str, list[CodeEvidence]] = {"all marks": marks}
    for name, (low, high) in HEIGHTS.items():
        groups[name] = [mark for mark in marks if low <= mark.letter_px < high]
    for way, name in WAY_NAMES.items():
        groups[name] = [mark for mark in marks if mark.way == way]
    for kind in PRINTS:
        groups[f"print: {kind}"] = [mark for mark in marks if mark.kind == kind]
    rows = [row for name, group in groups.items() if group for row in _rates(f"marks, {name}", group)]
    broken = [code for code in codes if code.truth and not code.valid]
    if broken:
        taken = sum(mark.plain for mark in broken) / len(broken)
        repaired = sum(mark.whole and not mark.plain for mark in broken) / len(broken)
        rows.append(_row("broken marks", len(broken), "taken for a right one", taken))
        told = "taken for a right one, and said to be repaired"
        rows.append(_row("broken marks", len(broken), told, repaired))
    strangers = sum(not code.truth for code in codes)
    rows.append(_row("marks, all marks", len(marks), "readings where no mark is", strangers))
    seconds = [mark.seconds for mark in marks if mark.seconds is not None]
    if seconds:
        median = float(np.median(seconds)) * 1000
        rows.append(_row("marks, place known", len(seconds), "median ms of one processor", median))
    return rows


def _row(data: str, number: int, figure: str, value: float) -> Row:
    return {"data": data, "number": number, "figure": figure, "value": value}


def _rates(name: str, marks: Sequence[CodeEvidence]) -> list[Row]:
    wrong = sum(mark.plain and not mark.right for mark in marks)
    exact = [mark for mark in marks if mark.right and mark.whole]
    return [
        _row(name, len(marks), "exact", len(exact) / len(marks)),
        _row(name, len(marks), "exact, nothing repaired", sum(mark.plain for mark in exact) / len(marks)),
        _row(name, len(marks), "wrong but accepted", wrong / len(marks)),
    ]


def line_rows(evidence: Evidence) -> list[Row]:
    """How many printed lines are read right, by height, and lines read where nothing is printed."""
    lines = [line for line in evidence.lines if line.truth]
    rows = [_row("lines", evidence.printed, "found, parts counted", len(lines) / max(evidence.printed, 1))]
    for name, (low, high) in {"all": (0.0, np.inf), **HEIGHTS}.items():
        group = [line for line in lines if low <= line.letter_px < high]
        if group:
            right = sum(line.right for line in group) / len(group)
            rows.append(_row(f"lines, {name}", len(group), "exact", right))
    strangers = len(evidence.lines) - len(lines)
    rows.append(_row("lines, all", len(evidence.lines), "read where nothing is", strangers))
    return rows


def certainty_rows(evidence: Evidence, calibration: ReaderCalibration | None) -> list[Row]:
    """Calibration error before and after, and what passes the default policy's least probability."""
    plain = [code for code in evidence.codes if code.plain and (code.valid or not code.truth)]
    codes = [code.probability for code in plain], [code.right for code in plain]
    lines = [line.weakest for line in evidence.lines], [line.right for line in evidence.lines]
    numbers = calibration or ReaderCalibration()
    return _certainty("accepted marks", *codes, numbers.code) + _certainty("lines", *lines, numbers.line)


def _certainty(
    name: str, raw: Sequence[float], right: Sequence[bool], numbers: Calibration | None
) -> list[Row]:
    truth = np.array(right, bool)
    rows = _told(f"{name}, raw", np.array(raw), truth)
    if numbers is not None:
        told = np.array([numbers.probability(logit(value)) for value in raw])
        rows += _told(f"{name}, calibrated", told, truth)
    return rows


def _told(name: str, told: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> list[Row]:
    if not len(told):
        return []
    least = ReleasePolicy().min_probability
    passed = told >= least
    return [
        _row(name, len(told), "right", float(right.mean())),
        _row(name, len(told), "mean told", float(told.mean())),
        _row(name, len(told), "ECE", calibration_error(told, right)),
        _row(name, len(told), "log loss", log_loss(told, right)),
        _row(name, len(told), f"told {least} or more", float(passed.mean())),
        _row(name, int(passed.sum()), f"wrong, told {least} or more", int((passed & ~right).sum())),
    ]


def log_loss(told: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Mean surprise at what came true, in nats; certainty that fails counts as 1 in 10,000.

    With few errors it tells more than the calibration error, whose bins then hold one error or none.
    """
    clipped = np.clip(told, 1e-4, 1 - 1e-4)
    return float(-np.log(np.where(right, clipped, 1 - clipped)).mean())


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=800, help="pictures")
    parser.add_argument("--artifact", default="codes", help="folder of a codes artifact")
    parser.add_argument("--peer", type=int, default=60, help="of them, also read with RapidOCR")
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
        seeds = range(FIRST_SEED, FIRST_SEED + options.count)
        evidence = gather(seeds, options.jobs, artifact=options.artifact, held_out=True, broken=BROKEN)
        if options.keep:
            save_evidence(evidence, options.keep)
    artifact = load_artifact(options.artifact)
    rows = _of("ours", figures(evidence, ReaderCalibration.of_card(artifact.card)))
    if options.peer:
        some = range(FIRST_SEED, FIRST_SEED + options.peer)
        peer = gather(some, options.jobs, artifact=None, held_out=True, broken=BROKEN)
        same = [code for code in evidence.codes if code.seed in some]
        rows += _of("ours, on the peer's pictures", code_rows(same))
        rows += _of("RapidOCR", figures(peer, None))
    title = f"Packaging codes and print, rendered, codes {artifact.version}"
    publish("codes", title, rows, command="python -m benchmarks.codes")


def figures(evidence: Evidence, calibration: ReaderCalibration | None) -> list[Row]:
    """All rows of what one engine read."""
    return code_rows(evidence.codes) + line_rows(evidence) + certainty_rows(evidence, calibration)


def _of(engine: str, rows: Sequence[Row]) -> list[Row]:
    return [{"engine": engine, **row} for row in rows]


def write_sheet(path: Path, count: int = 20) -> None:
    """Show the first pictures with the places of what is printed."""
    tiles = []
    for seed in range(FIRST_SEED, FIRST_SEED + count):
        picture = render_picture(seed, held_out=True, broken=BROKEN)
        image = picture.image.copy()
        for printed in (picture.mark, *picture.lines):
            cv2.polylines(image, [printed.quad.astype(np.int32)], True, (0, 200, 80), 1, cv2.LINE_AA)
        mark = picture.mark
        tiles.append((f"{mark.kind} {mark.letter_px:.0f} px {mark.text}", image))
    contact_sheet(tiles, path, side=400)


if __name__ == "__main__":
    main()
