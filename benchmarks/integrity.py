"""The integrity detector on rendered cartons and on real photos, beside peers on the same photos.

    python -m benchmarks.integrity [--artifact DIR] [--rendered 400] [--real FOLDER] [--sheets FOLDER]

No real photo of a damaged or sound carton was used for training. The peers were told more: the linear probe
and the memory bank see the other real photos of the same set, labels included (leave-one-out).
"""

from __future__ import annotations

import argparse
import csv
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from benchmarks.integrity_peers import linear_probe, memory_bank
from benchmarks.real_photos import REAL
from benchmarks.report import publish
from lipack_vision import IntegrityDetector
from lipack_vision.image import PHOTO_SUFFIXES, read_image
from lipack_vision.integrity import Integrity
from lipack_vision.synth.damage.dataset import DamageFolder, write_damage
from lipack_vision.types import ImageArray
from training.damage.measures import measures
from training.pictures import contact_sheet

SEED = 700_000_000
"""Of the rendered photos; training and calibration use other seeds."""
LABELLED, DOORSTEP, BOARD = "carton_damage_roboflow", "packages_doorstep", "cardboard_textures_trashnet"
_ROUNDS = 20
_PAINTED = 640
"""Longest side of the photos on which damage is painted over, in pixels."""
_ENOUGH = 1.1
"""Damaged pixels for each sound one that is painted over instead, at most."""
_HOT = 0.3
"""How much a place looks damaged from which it is painted over, 0..1."""

Row = dict[str, Any]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A real photo, the folder it comes from, and whether its carton is damaged."""

    path: Path
    source: str
    damaged: bool


def real_photos(root: Path) -> list[Labelled]:
    """Damaged and undamaged closed cartons, and ordinary parcels and board as undamaged ones."""
    with (root / LABELLED / "labels.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = [
        Labelled(root / LABELLED / row["file"], LABELLED, row["label"] == "damaged")
        for row in rows
        if row["label"] in ("damaged", "undamaged")
    ]
    for source in (DOORSTEP, BOARD):
        images = sorted(p for p in (root / source).rglob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
        found += [Labelled(path, source, False) for path in images]
    return found


def rendered_rows(detector: IntegrityDetector, count: int) -> list[Row]:
    """Figures on rendered cartons with damage of seeds that no training used."""
    with tempfile.TemporaryDirectory() as folder:
        write_damage(Path(folder), count, SEED, (640, 640), jobs=2)
        told = measures(detector, DamageFolder.read(Path(folder)))
    return [{"data": f"rendered, {count} photos", "figure": k, "value": v} for k, v in told.items()]


def real_rows(photos: Sequence[Labelled], scores: Floats, threshold: float | None, who: str) -> list[Row]:
    """AUROC, and at a threshold the shares told rightly."""
    damaged = np.array([photo.damaged for photo in photos])
    source = np.array([photo.source for photo in photos])
    labelled = source == LABELLED
    rows: list[Row] = [
        _row(who, LABELLED, "AUROC", roc_auc_score(damaged[labelled], scores[labelled])),
        _row(who, "all three", "AUROC", roc_auc_score(damaged, scores)),
    ]
    if threshold is None:
        return rows
    told = scores >= threshold
    for name, chosen in ((LABELLED, labelled), ("all three", np.ones(len(photos), bool))):
        caught, passed = told[chosen & damaged].mean(), (~told[chosen & ~damaged]).mean()
        rows += [
            _row(who, name, "damaged told", caught),
            _row(who, name, "sound told", passed),
            _row(who, name, "balanced accuracy", (caught + passed) / 2),
        ]
    rows += [_row(who, one, "sound told", (~told[source == one]).mean()) for one in (DOORSTEP, BOARD)]
    return rows


def _row(who: str, data: str, figure: str, value: float) -> Row:
    return {"who": who, "data": f"real, {data}", "figure": figure, "value": float(value)}


def score(told: Integrity) -> float:
    """What a photo is ranked by: its worst carton, as seen, whether it can be judged or not."""
    return max(box.seen_probability for box in told.boxes)


def shortcut_rows(detector: IntegrityDetector, photos: Sequence[Labelled]) -> list[Row]:
    """Whether the answer comes from the damage: it falls when the damage is painted over, stays when as much
    of the carton is painted over where it looks sound, and stays when all but the carton is cut away.
    """
    fallen, sound, kept, cropped, damaged = [], [], [], [], []
    for photo in track(photos, "shortcuts"):
        if photo.source != LABELLED:
            continue
        image = read_image(photo.path)
        told = detector.assess(image)
        cropped.append(score(detector.assess(_crop(image, told))))
        damaged.append(photo.damaged)
        if not photo.damaged:
            continue
        image = _reduced(image)
        told = detector.assess(image)
        if score(told) < detector.threshold:
            continue
        hurt, other = damage_masks(told)
        # Of a carton that is damaged all over there is too little sound board to compare with.
        if 0 < hurt.sum() <= _ENOUGH * other.sum():
            without, control = (score(detector.assess(painted_over(image, mask))) for mask in (hurt, other))
            fallen.append(without < score(told))
            sound.append(without < detector.threshold)
            kept.append(control >= detector.threshold)
    return [
        _row("ours", LABELLED, "photos on which places are painted over", float(len(kept))),
        _row("ours", LABELLED, "told damaged, less so with the damage painted over", float(np.mean(fallen))),
        _row("ours", LABELLED, "told damaged, not so with the damage painted over", float(np.mean(sound))),
        _row("ours", LABELLED, "told damaged, still so with sound board painted over", float(np.mean(kept))),
        _row("ours", LABELLED, "AUROC, cropped to the carton", roc_auc_score(damaged, cropped)),
    ]


def _reduced(image: ImageArray) -> ImageArray:
    scale = min(1.0, _PAINTED / max(image.shape[:2]))
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def damage_masks(told: Integrity) -> tuple[Mask, Mask]:
    """Pixels ``(H, W)`` of cartons that look damaged, and at most as many in whole patches of those that look
    most sound.
    """
    heat = told.heatmap
    painted = np.zeros(heat.shape, np.uint8)
    for box in told.boxes:
        cv2.fillPoly(painted, [np.rint(box.outline).astype(np.int32)], 1)
    cartons = painted > 0
    hurt = (cv2.dilate((heat > _HOT).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & cartons
    beside = np.flatnonzero(cartons & ~hurt)
    count = min(int(hurt.sum()), len(beside))
    # Blurred, so that patches are chosen: specks would be filled in as they were.
    around = max(3, round(math.sqrt(count) / 2))
    blurred = cv2.blur(np.where(cartons & ~hurt, heat, 1.0).astype(np.float32), (around, around))
    other = np.zeros(heat.shape, bool)
    other.flat[beside[np.argsort(blurred.flat[beside], kind="stable")[:count]]] = True
    return hurt, other


def painted_over(image: ImageArray, mask: Mask) -> ImageArray:
    """The photo with the pixels of a mask filled in from around."""
    return np.asarray(cv2.inpaint(image, mask.astype(np.uint8), 3, cv2.INPAINT_TELEA), np.uint8)


def _crop(image: ImageArray, told: Integrity) -> ImageArray:
    worst = max(told.boxes, key=lambda box: box.seen_probability)
    low, high = worst.outline.min(axis=0), worst.outline.max(axis=0)
    room = 0.04 * (high - low).max()
    height, width = image.shape[:2]
    x0, y0 = np.clip(low - room, 0, (width - 32, height - 32)).astype(int)
    x1, y1 = np.clip(high + room, (x0 + 32, y0 + 32), (width, height)).astype(int)
    return np.ascontiguousarray(image[y0:y1, x0:x1])


def speed_rows(detector: IntegrityDetector, photos: Sequence[Labelled]) -> list[Row]:
    """Milliseconds for each carton, from pixels to the answer, on all cores."""
    images = [read_image(photo.path) for photo in photos if photo.source == LABELLED][:_ROUNDS]
    times = []
    for image in [images[0], *images]:
        start = time.perf_counter()
        told = detector.assess(image)
        times.append(1000 * (time.perf_counter() - start) / len(told.boxes))
    return [_row("ours", LABELLED, "ms per carton", float(np.median(times[1:])))]


def drawn(image: ImageArray, told: Integrity) -> ImageArray:
    """The photo with the heat of damage in red and the outlines of cartons."""
    heat = told.heatmap[..., None] * 0.55
    out = np.asarray(image * (1 - heat) + np.array([255.0, 0, 0]) * heat, np.uint8)
    for box in told.boxes:
        cv2.polylines(out, [np.rint(box.outline).astype(np.int32)], True, (0, 90, 255), 2, cv2.LINE_AA)
    return out


def sheet(
    photos: Sequence[Labelled], answers: Sequence[Integrity], wrong: Callable[[int], bool], path: Path
) -> None:
    """Those photos for which ``wrong`` holds, drawn."""
    tiles = []
    for index in filter(wrong, range(len(photos))):
        told = answers[index]
        title = f"{photos[index].path.stem[:24]} {score(told):.2f} {told.verdict}"
        tiles.append((title, drawn(read_image(photos[index].path), told)))
    if tiles:
        contact_sheet(tiles, path)


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="integrity")
    parser.add_argument("--rendered", type=int, default=400)
    parser.add_argument("--real", type=Path, default=REAL)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of right and wrong answers")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    options = parser.parse_args()
    detector = IntegrityDetector(options.artifact)
    photos = real_photos(options.real)
    answers = [detector.assess(photo.path) for photo in track(photos, "real photos")]
    scores = np.array([score(told) for told in answers])
    rows = rendered_rows(detector, options.rendered) if options.rendered else []
    rows += real_rows(photos, scores, detector.threshold, "ours")
    rows += shortcut_rows(detector, photos) + speed_rows(detector, photos)
    if not options.no_peers:
        images = [read_image(photo.path) for photo in photos]
        damaged = np.array([photo.damaged for photo in photos])
        rows += real_rows(photos, linear_probe(images, damaged), None, "linear probe, leave-one-out")
        rows += real_rows(photos, memory_bank(images, damaged), None, "memory bank, leave-one-out")
    if options.sheets:
        for name, right in (("wrong", False), ("right", True)):
            wanted = [
                (s >= detector.threshold) == photo.damaged for s, photo in zip(scores, photos, strict=True)
            ]
            chosen = [ok == right for ok in wanted]
            sheet(photos, answers, chosen.__getitem__, options.sheets / f"{name}.png")
    title = f"Integrity detector {detector.artifact.version}"
    if options.rendered and not options.no_peers:
        publish("integrity", title, rows, command="python -m benchmarks.integrity")
    else:
        for row in rows:
            print(row)


if __name__ == "__main__":
    main()
