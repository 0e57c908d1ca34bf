"""Artwork that nobody here drew, warped, lit and blurred onto real photos: is it found, is it told apart?

    python -m benchmarks.artwork

Neither the artwork (22 ADR labels, of which two are class 9 and 9A) nor the photos are ever trained on. The
renderer has drawings of its own, so this measures drawings of others, under made-up light, on real grounds.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

from benchmarks.marks import as_result
from benchmarks.real_photos import REAL, all_photos
from benchmarks.report import publish
from lipack_vision import HazardLabelDetector
from lipack_vision.artifact import load_artifact
from lipack_vision.datasets import Sample, Truth
from lipack_vision.errors import DatasetError
from lipack_vision.geometry import homography, transform
from lipack_vision.image import read_image
from lipack_vision.inspection.pictures import draw_marks
from lipack_vision.labels.finder import LEAST_SCORE
from lipack_vision.types import DIAMONDS, LABELS, ImageArray, Quad, as_quad
from training import metrics
from training.infer import Result
from training.pictures import contact_sheet

ARTWORK = REAL.parent / "artwork"
CLASSES = {"ADR_9": "class9", "ADR_9A": "class9a"}
"""Files that are no other hazard."""
GROUNDS = (
    "packages_doorstep",
    "cardboard_textures_trashnet",
    "carton_damage_roboflow",
    "reference_match_tampar",
    "backgrounds_warehouse",
)
"""Folders of real photos without any diamond."""
SHARE_OF_NINE = 0.5
SEED = 9

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """One label: RGBA ``uint8 (H, W, 4)``, its class, and its corners from the top one clockwise."""

    name: str
    label: str
    rgba: npt.NDArray[np.uint8]
    quad: Quad


def drawings(folder: Path = ARTWORK) -> list[Drawing]:
    """All labels of the folder."""
    found = []
    for path in sorted(folder.glob("*.png")):
        stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if stored is None or stored.ndim != 3 or stored.shape[2] != 4:
            raise DatasetError(
                str(path),
                expected="a picture with transparency around the label",
                found="something else",
                cure="Put the file back, or remove it.",
            )
        rgba = np.asarray(cv2.cvtColor(stored, cv2.COLOR_BGRA2RGBA), np.uint8)
        outline = np.argwhere(rgba[..., 3] > 127)[:, ::-1].astype(np.float32)
        corners = cv2.boxPoints(cv2.minAreaRect(outline))
        middle = corners.mean(axis=0)
        # From the top one clockwise: by the angle from straight up.
        angles = np.arctan2(corners[:, 0] - middle[0], middle[1] - corners[:, 1]) % (2 * np.pi)
        angles[angles > 2 * np.pi - np.pi / 4] -= 2 * np.pi
        quad = as_quad(corners[np.argsort(angles)])
        found.append(Drawing(path.stem, CLASSES.get(path.stem, "other_hazard"), rgba, quad))
    return found


def place(
    photo: ImageArray, drawing: Drawing, rng: np.random.Generator, share: tuple[float, float]
) -> tuple[ImageArray, Quad]:
    """The drawing on the photo, seen at an angle, in the photo's light.

    Args:
        share: least and greatest length of its side, in shorter sides of the photo.
    """
    height, width = photo.shape[:2]
    side = min(height, width) * math.exp(rng.uniform(*np.log(share)))
    turn = math.radians(rng.normal(0, 8)) if rng.random() < 0.8 else rng.uniform(-math.pi, math.pi)
    directions = turn + np.arange(4) * math.pi / 2
    flat = np.stack([np.sin(directions), -np.cos(directions)], axis=1) * side / math.sqrt(2)
    slant = flat * [rng.uniform(0.6, 1.0), 1.0] @ _rotation(rng.uniform(-0.3, 0.3))
    slant += rng.uniform(-0.05, 0.05, (4, 2)) * side
    reach = np.abs(slant).max(axis=0)
    room = np.maximum([width, height] - 2 * reach, 1)
    quad = as_quad(slant + reach + rng.uniform(0, 1, 2) * room)
    shrink = side / (drawing.rgba.shape[0] / math.sqrt(2))
    art, corners = drawing.rgba, drawing.quad
    if shrink < 0.7:
        art = np.asarray(cv2.resize(art, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8)
        factor = np.array(art.shape[1::-1]) / drawing.rgba.shape[1::-1]
        corners = as_quad((corners + 0.5) * factor - 0.5)
    premultiplied = cv2.cvtColor(art, cv2.COLOR_RGBA2mRGBA)
    matrix = homography(corners, quad)
    pasted = cv2.warpPerspective(premultiplied, matrix, (width, height), flags=cv2.INTER_LINEAR)
    lit = pasted[..., :3] * _light(photo, rng)
    alpha = pasted[..., 3:].astype(np.float32) / 255
    return np.asarray(np.clip(photo * (1 - alpha) + lit, 0, 255), np.uint8), as_quad(
        transform(corners, matrix)
    )


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])


def _light(photo: ImageArray, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """What the photo's own slow changes of brightness and colour do to white paper, ``(H, W, 3)``."""
    height, width = photo.shape[:2]
    small = cv2.resize(photo, (24, 24), interpolation=cv2.INTER_AREA).astype(np.float32)
    slow = cv2.GaussianBlur(small, (0, 0), 4)
    bright = slow.mean(axis=2, keepdims=True)
    light = (0.35 + 0.65 * bright / max(float(bright.max()), 1)) * rng.uniform(0.6, 1.05)
    tint = 1 + rng.uniform(-0.06, 0.06, 3)
    return np.asarray(cv2.resize(light * tint, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def taken(image: ImageArray, rng: np.random.Generator) -> bytes:
    """Blur, noise and compression of a phone, as JPEG."""
    unit = max(image.shape[:2]) / 640
    sigma = rng.gamma(1.5, 0.45) * unit
    blurred = cv2.GaussianBlur(image, (0, 0), sigma) if sigma > 0.2 else image
    noisy = blurred + rng.normal(0, rng.gamma(1.5, 2.0), image.shape)
    quality = int(rng.uniform(40, 96))
    rgb = np.clip(noisy, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(
        ".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return packed.tobytes()


def write(
    folder: Path, count: int, real: Path, share: tuple[float, float] = (0.06, 0.6), side: int | None = None
) -> list[Sample]:
    """Make the pictures; one drawing on each.

    Args:
        side: length of the photos' longer side in pixels after enlarging, or None: as they are.
    """
    grounds = [path for path in all_photos(real) if path.relative_to(real).parts[0] in GROUNDS]
    known = drawings()
    nines = [drawing for drawing in known if drawing.label != "other_hazard"]
    rng = np.random.default_rng(SEED)
    samples = []
    for number in track(range(count), "making pictures"):
        photo = read_image(grounds[int(rng.integers(len(grounds)))])
        if side:
            factor = side / max(photo.shape[:2])
            photo = np.asarray(cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC))
        drawn = nines if rng.random() < SHARE_OF_NINE else known
        drawing = drawn[int(rng.integers(len(drawn)))]
        image, quad = place(photo, drawing, rng, share)
        path = folder / f"{number:05d}.jpg"
        path.write_bytes(taken(image, rng))
        truth = Truth(
            quad[None],
            np.array([LABELS.index(drawing.label)], np.int64),
            np.ones(1, np.float32),
            np.ones(1, bool),
        )
        asked = np.array([label in DIAMONDS for label in LABELS])
        samples.append(Sample(path, (image.shape[1], image.shape[0]), truth, asked))
    return samples


def look(detector: HazardLabelDetector, samples: Sequence[Sample], sheet: Path | None) -> list[Result]:
    """What the detector tells of the pictures; those told wrongly on a contact sheet."""
    results, wrong = [], []
    for sample in track(samples, "looking"):
        image = sample.image()
        marks = [m for m in detector.detect(sample.path) if m.label in DIAMONDS]
        results.append(as_result(sample, marks, 1.0))
        best = max(marks, key=lambda m: m.probability, default=None)
        if sheet and (best is None or LABELS.index(best.label) != sample.truth.labels[0]):
            scale = 640 / max(image.shape[:2])
            small = cv2.resize(draw_marks(image, marks[:2]), None, fx=scale, fy=scale)
            told = f"{best.label} {best.probability:.2f}" if best else "nothing"
            wrong.append((f"{LABELS[sample.truth.labels[0]]}: {told}", np.asarray(small, np.uint8)))
    if sheet and wrong:
        contact_sheet(wrong[:40], sheet)
    return results


def rows(results: Sequence[Result], data: str) -> list[Row]:
    """AP50 per class, corner error, and how often the best finding of a 9 or 9A is the other."""
    figures = metrics.evaluate(results, boxes=False)
    wanted = ("AP50", "AP75", "corner_error", "class9_as_class9a", "class9a_as_class9")
    names = [n for n in figures if n in wanted or n.startswith(("AP50/", "corner_error/"))]
    return [{"data": data, "figure": name, "value": figures[name]} for name in names]


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="marks")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--large", type=int, default=40, help="pictures of 12 megapixels with small labels")
    parser.add_argument("--real", type=Path, default=REAL)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of what is told wrongly")
    options = parser.parse_args()
    cv2.setNumThreads(2)
    artifact = load_artifact(options.artifact)
    detector = HazardLabelDetector(artifact, threshold=LEAST_SCORE)
    table: list[Row] = []
    sets = (
        ("", options.count, (0.06, 0.6), None),
        ("12 MP, side 1.5 to 4 % of the photo, ", options.large, (0.02, 0.053), 4000),
    )
    for name, count, share, side in sets:
        with tempfile.TemporaryDirectory() as folder:
            samples = write(Path(folder), count, options.real, share, side)
            sheet = options.sheets / f"artwork-{side or 'all'}.png" if options.sheets else None
            results = look(detector, samples, sheet)
        table += rows(results, f"others' artwork on real photos, {name}{count} pictures")
    publish("artwork", f"Marks detector {artifact.version}", table, command="python -m benchmarks.artwork")


if __name__ == "__main__":
    main()
