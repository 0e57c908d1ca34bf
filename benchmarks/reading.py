"""How long a photo with one UN mark takes on all cores, from the file to the code, beside RapidOCR.

    python -m benchmarks.reading [--count 24] [--rounds 3] [PHOTO...]

Ours is `PackagingCodeReader` as users get it: the marks detector, then the reader. The peer is RapidOCR with
its own settings on the whole photo, and the same parser on what it read. They take turns photo by photo.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# Idle threads of one library must not spin while another one works.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import cv2
import numpy as np
from rich.progress import track

from benchmarks.report import publish
from lipack_vision.artifact import load_artifact
from lipack_vision.codes import CodeReading, LineEngine, PackagingCodeReader, RapidOcrEngine
from lipack_vision.codes.assemble import find_marks
from lipack_vision.image import read_image
from training.codes.evidence import without_blanks
from training.codes.pictures import render_picture

FIRST_SEED = 43_000_000
Read = Callable[[Path], Sequence[CodeReading]]


def photos(folder: Path, count: int) -> dict[Path, str]:
    """Rendered photos, and the code on each."""
    found = {}
    for seed in track(range(FIRST_SEED, FIRST_SEED + count), "rendering"):
        picture = render_picture(seed, held_out=True)
        path = folder / f"{seed}.jpg"
        cv2.imwrite(str(path), picture.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
        found[path] = picture.mark.text
    return found


def rapid_ocr() -> Read:
    """RapidOCR on the whole photo, and the parser on its lines."""
    engine = RapidOcrEngine()
    return lambda path: find_marks(engine.read_lines(read_image(path)))


def measure(readers: dict[str, Read], photos: dict[Path, str], rounds: int) -> list[dict[str, Any]]:
    """Seconds per photo, the readers taking turns, and how many codes are right; the first round warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    right = dict.fromkeys(readers, 0)
    for turn in track(range(rounds + 1), "measuring"):
        for path, truth in photos.items():
            for name, read in readers.items():
                start = time.perf_counter()
                found = read(path)
                took = time.perf_counter() - start
                if turn:
                    seconds[name].append(took)
                elif any(one.code and without_blanks(one.text) == without_blanks(truth) for one in found):
                    right[name] += 1
    return [_row(name, times, right[name]) for name, times in seconds.items()]


def _row(name: str, times: list[float], right: int) -> dict[str, Any]:
    low, middle, high = (float(value) for value in np.quantile(times, (0.1, 0.5, 0.9)))
    return {"reader": name, "median s": middle, "10 % s": low, "90 % s": high, "exact": right}


def line_seconds(photos: dict[Path, str], rounds: int) -> float:
    """Median of one core for one line that was found, from the photo to its text."""
    cv2.setNumThreads(1)
    engine = LineEngine(threads=1)
    times = []
    for path in photos:
        image = read_image(path)
        for quad in engine.find(image):
            for turn in range(rounds + 1):
                start = time.perf_counter()
                engine.read_quads(image, [quad])
                if turn:
                    times.append(time.perf_counter() - start)
    return float(np.median(times))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=24, help="rendered photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("photos", nargs="*", type=Path, help="read these photos instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        chosen = dict.fromkeys(options.photos, "") or photos(Path(folder), options.count)
        readers: dict[str, Read] = {"ours": PackagingCodeReader().read, "RapidOCR": rapid_ocr()}
        rows = measure(readers, chosen, options.rounds)
        rows += [{"reader": "ours, one line on one core", "median s": line_seconds(chosen, 5)}]
    version = load_artifact("codes").version
    title = f"One photo with a UN mark, from file to code, codes {version}, {len(chosen)} photos"
    publish("reading", title, rows, command="python -m benchmarks.reading")


if __name__ == "__main__":
    main()
