"""How many photos per second the renderer makes, and how they look beside real ones.

    python -m benchmarks.synth [--count 400] [--jobs 2]
    python -m benchmarks.synth --sheet sheet.png [--real FOLDER] [--count 20] [--seed 0]

With ``--sheet`` nothing is measured: a row of rendered photos and a row of real ones take turns.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.real_photos import all_photos
from benchmarks.report import publish
from lipack_vision.image import read_image
from lipack_vision.synth.dataset import write_dataset
from lipack_vision.synth.photo import render_jpeg, render_photo
from lipack_vision.types import ImageArray
from training.pictures import contact_sheet

COLUMNS = 5
CPU_PHOTOS = 60


def measure(count: int, jobs: int, side: int) -> None:
    """Time to write ``count`` square photos with ``jobs`` processes, start included; CPU time of one."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_dataset(Path(folder), count, seed=0, size=(side, side), jobs=jobs)
        seconds = time.perf_counter() - start
    cv2.setNumThreads(1)
    # The first photo also makes the banks of noise.
    render_jpeg(count, (side, side))
    start = time.process_time()
    for seed in range(count, count + CPU_PHOTOS):
        render_jpeg(seed, (side, side))
    cpu = (time.process_time() - start) / CPU_PHOTOS
    row = {
        "photos": count,
        "side px": side,
        "jobs": jobs,
        "photos per s": count / seconds,
        "CPU ms per photo, one process": 1000 * cpu,
    }
    publish("synth", "Rendering", [row], command="python -m benchmarks.synth")


def sheet(out: Path, real: Path | None, count: int, seed: int, side: int) -> None:
    """Write ``count`` rendered photos, in rows that take turns with rows of photos from ``real``."""
    rendered: list[tuple[str, ImageArray]] = [
        (f"rendered {number}", render_photo(number, (side, side)).image)
        for number in range(seed, seed + count)
    ]
    photos: list[tuple[str, ImageArray]] = []
    if real is not None:
        files = list(all_photos(real))
        order = np.random.default_rng(seed).permutation(len(files))
        photos = [(f"real {files[i].name[:20]}", read_image(files[i])) for i in islice(order, count)]
    tiles: list[tuple[str, ImageArray]] = []
    for row in range(0, count, COLUMNS):
        tiles += rendered[row : row + COLUMNS] + photos[row : row + COLUMNS]
    contact_sheet(tiles, out, columns=COLUMNS)


def main() -> None:
    """Measure and publish, or write the contact sheet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, help="photos to render; 400, or 20 on a sheet")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--side", type=int, default=640)
    parser.add_argument("--seed", type=int, default=0, help="first seed of a sheet")
    parser.add_argument("--sheet", type=Path, help="PNG to write instead of measuring")
    parser.add_argument("--real", type=Path, help="folder of real photos for the sheet")
    options = parser.parse_args()
    if options.sheet is None:
        measure(options.count or 400, options.jobs, options.side)
    else:
        sheet(options.sheet, options.real, options.count or 20, options.seed, options.side)


if __name__ == "__main__":
    main()
