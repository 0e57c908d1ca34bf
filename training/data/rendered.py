"""Rendered pictures as a data set: made on first use and kept in a cache."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import lipack_vision.synth
from lipack_vision.datasets import PhotoDataset, read_coco
from lipack_vision.synth.dataset import load_dataset

Progress = Callable[[int, int], None]

log = logging.getLogger(__name__)


def cache_folder(given: str | None = None) -> Path:
    """Where rendered pictures are kept: as given, else ``$LIPACK_CACHE``, else ``~/.cache/lipack-vision``."""
    chosen = given or os.environ.get("LIPACK_CACHE")
    return Path(chosen).expanduser() if chosen else Path.home() / ".cache" / "lipack-vision"


def synth_version() -> str:
    """First 12 digits of the SHA-256 of the renderer's source: another renderer draws other pictures."""
    root = Path(lipack_vision.synth.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def rendered_marks(
    count: int,
    seed: int,
    size: tuple[int, int] = (640, 640),
    *,
    folder: str | None = None,
    cache: str | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
) -> PhotoDataset:
    """Rendered photos with ordered corners.

    Args:
        count: number of photos.
        seed: seed of the first photo; the following ones count upwards.
        size: width and height of the photos in pixels.
        folder: a folder with a COCO file to read instead, whatever renderer wrote it.
        cache: see `cache_folder`.
        jobs: processes that render.
        progress: called with (done, count) while rendering; by default lines in the log.
    """
    if folder is not None:
        return _named(_read(_coco_file(Path(folder).expanduser())))
    place = cache_folder(cache) / f"marks-{count}-{seed}-{size[0]}x{size[1]}-{synth_version()}"
    if not place.exists():
        _render(place, count, seed, size, jobs, progress or _say)
    return _named(_read(_coco_file(place)))


def _named(dataset: PhotoDataset) -> PhotoDataset:
    # A figure in a card must say whether it was measured on rendered or on real photos.
    return replace(dataset, name=f"rendered/{dataset.name}")


def _read(file: Path) -> PhotoDataset:
    """The data set with the places of look-alikes, where the file tells of them as the renderer does."""
    dataset = read_coco(file)
    if '"distractors"' not in file.read_text(encoding="utf-8"):
        return dataset
    quads = {
        record.path.resolve(): [mark.quad for mark in record.marks if mark.label is None]
        for record in load_dataset(file)
    }
    samples = [
        replace(s, lookalikes=np.array(quads[s.path.resolve()], np.float32).reshape(-1, 4, 2))
        for s in dataset.samples
    ]
    return replace(dataset, samples=samples)


def _say(done: int, total: int) -> None:
    if done == total or done % max(50, total // 20) == 0:
        log.info("rendering: %d of %d photos", done, total)


def _render(place: Path, count: int, seed: int, size: tuple[int, int], jobs: int, progress: Progress) -> None:
    from lipack_vision.synth.dataset import write_dataset

    place.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=place.parent, prefix=".rendering-"))
    try:
        write_dataset(scratch, count=count, seed=seed, size=size, jobs=jobs, progress=progress)
        # Renamed when complete: an interrupted rendering must not pass for a data set.
        try:
            scratch.rename(place)
        except OSError:
            # Another run rendered the same photos meanwhile.
            if not place.exists():
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _coco_file(place: Path) -> Path:
    if place.is_file():
        return place
    found = sorted(place.glob("*.json"))
    return found[0] if found else place / "annotations.json"
