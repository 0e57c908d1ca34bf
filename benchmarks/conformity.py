"""How well faults of labels and battery marks are found and named, on rendered labels of unseen seeds.

python -m benchmarks.conformity --count 400
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.report import publish
from lipack_vision.geometry import Homography, transform
from lipack_vision.labels.conformity import Conformity, check_label
from lipack_vision.synth.artwork.base import Artwork
from lipack_vision.synth.artwork.faults import draw_checked, faults_of
from lipack_vision.synth.camera import look_at
from lipack_vision.synth.sensor import take
from lipack_vision.synth.settings import SynthSettings
from lipack_vision.types import ImageArray, Mark, Quad

KINDS = ("class9", "class9a", "battery_mark")
SIZES = ((60, 90), (90, 140), (140, 220), (220, 400))
REAL = Path(__file__).parents[2] / "shared" / "data" / "artwork"
NEEDS_SCALE = ("too_small", "not_square")
REPORTED_SEED = 5000
"""Thresholds were chosen on seeds below."""

_FILES = {"class9": "ADR_9.png", "class9a": "ADR_9A.png"}

Rng = np.random.Generator
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A photographed label: photo, true corners, corners as a detector gives them, map to mm."""

    image: ImageArray
    truth: Quad
    given: Quad
    to_mm: Homography


def photograph(
    artwork: Artwork, side_px: float, rng: Rng, *, severity: float = 1.0, turn: bool = True
) -> View:
    """Photograph artwork on a plain ground, ``side_px`` long where the camera looks straight at it."""
    scale = side_px / artwork.size_mm[0]
    size = int(np.clip(2.6 * side_px * max(1.0, artwork.size_mm[1] / artwork.size_mm[0]), 260, 1400))
    focal = rng.uniform(0.8, 1.4)
    distance = focal * size / scale
    yaw, pitch = np.clip(rng.normal(0, 0.3, 2), -0.8, 0.8)
    away = np.array([np.sin(yaw) * np.cos(pitch), -np.cos(yaw) * np.cos(pitch), np.sin(pitch)])
    shift = rng.uniform(-0.15, 0.15, 2) * side_px / scale
    target = np.array([shift[0], 0, shift[1]])
    camera = look_at(target + distance * away, target, (size, size), focal, roll=float(rng.normal(0, 0.12)))
    right, down = np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
    to_px = camera.plane(np.zeros(3), right, down)
    centre = artwork.quad.mean(axis=0)
    per_mm = 1 / artwork.px_per_mm
    to_plane = np.array([[per_mm, 0, -centre[0] * per_mm], [0, per_mm, -centre[1] * per_mm], [0, 0, 1]])
    image = _on_ground(artwork, to_px @ to_plane, size, rng)
    _, photo = take(image, rng, SynthSettings(severity=severity))
    truth = transform(artwork.quad, to_px @ to_plane)
    lengths = np.linalg.norm(truth - np.roll(truth, 1, axis=0), axis=1)
    given = truth + np.clip(rng.normal(0, 0.01, (4, 2)), -0.02, 0.02) * lengths.mean()
    if turn and rng.random() < 0.1:
        given = np.roll(given, int(rng.integers(1, 4)) if artwork.kind != "battery_mark" else 2, axis=0)
    return View(photo, truth, given.astype(np.float32), np.linalg.inv(to_px))


def _on_ground(artwork: Artwork, matrix: Homography, size: int, rng: Rng) -> ImageArray:
    grounds = ((196, 160, 118), (176, 140, 98), (222, 222, 218), (120, 120, 124), (70, 74, 82), (60, 90, 140))
    weights = (0.35, 0.25, 0.15, 0.1, 0.1, 0.05)
    # An ink needs a ground that it stands out from.
    light = artwork.rgba[..., 3].mean() < 150
    colour = np.array(grounds[int(rng.choice(3 if light else 6, p=None if light else weights))], np.float32)
    coarse = cv2.resize(
        rng.normal(0, 1, (9, 9)).astype(np.float32), (size, size), interpolation=cv2.INTER_CUBIC
    )
    fine = cv2.GaussianBlur(rng.normal(0, 1, (size, size)).astype(np.float32), (0, 0), 1.0)
    ground = colour + (coarse * 5 + fine * rng.uniform(2, 14))[..., None]
    rgba = artwork.rgba.astype(np.float32)
    alpha = rgba[..., 3:] / 255
    flat = np.concatenate([rgba[..., :3] * alpha, alpha], axis=2)
    laid = cv2.warpPerspective(flat, matrix, (size, size), flags=cv2.INTER_AREA)
    return np.clip(ground * (1 - laid[..., 3:]) + laid[..., :3], 0, 255).astype(np.uint8)


def cases(kind: str, count: int, seed: int) -> Iterator[tuple[str | None, float, View]]:
    """Half right, half with one fault each in turn; sides of 60 to 400 px, each octave as likely."""
    faults = faults_of(kind)
    for index in range(count):
        rng = np.random.default_rng([seed, KINDS.index(kind), index])
        fault = None if index % 2 == 0 else faults[index // 2 % len(faults)]
        side = _side(rng)
        # Its real size is part of the style: drawn once to know it, then at the scale wanted.
        style = int(rng.integers(2**31))
        width = draw_checked(kind, fault, np.random.default_rng(style), 0.2).size_mm[0]
        artwork = draw_checked(kind, fault, np.random.default_rng(style), 1.25 * side / width)
        yield fault, side, photograph(artwork, side, rng)


def _side(rng: Rng) -> float:
    """Side in px, each octave as likely."""
    return float(np.exp(rng.uniform(np.log(SIZES[0][0]), np.log(SIZES[-1][1]))))


def judge(fault: str | None, result: Conformity) -> str:
    """``correct``, ``cannot_tell``, ``false_fault``, ``missed`` or ``misnamed``."""
    if result.answer == "cannot_tell":
        return "cannot_tell"
    if fault is None:
        return "correct" if result.answer == "conforming" else "false_fault"
    if result.answer == "conforming":
        return "missed"
    return "correct" if fault in result.faults else "misnamed"


def real_artwork(kind: str, count: int, seed: int) -> Iterator[tuple[None, float, View]]:
    """A staged class 9 or 9A drawing that nobody here made, photographed the same way."""
    drawing = cv2.imread(str(REAL / _FILES.get(kind, "")), cv2.IMREAD_UNCHANGED)
    if drawing is None:
        return
    rgba = np.asarray(cv2.cvtColor(drawing, cv2.COLOR_BGRA2RGBA), np.uint8)
    for index in range(count):
        rng = np.random.default_rng([seed, 77, index])
        side = _side(rng)
        width = round(1.25 * side * 1.414)
        height = round(width * rgba.shape[0] / rgba.shape[1])
        small = np.asarray(cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        middle = ((width / 2, 0), (width, height / 2), (width / 2, height), (0, height / 2))
        quad = np.array(middle, np.float32)
        if rng.random() < 0.7:
            small = _on_paper(small, quad)
        artwork = Artwork(small, kind, kind, quad, (100.0, 100.0), None, 1.25 * side / 100)
        yield None, side, photograph(artwork, side, rng)


def _on_paper(rgba: Pixels, quad: Quad) -> Pixels:
    """White in the label's shape under a drawing whose ground is transparent."""
    paper = np.zeros(rgba.shape[:2], np.uint8)
    cv2.fillConvexPoly(paper, np.rint(quad).astype(np.int32), 255)
    ink = rgba[..., 3:].astype(np.float32) / 255
    colour = rgba[..., :3] * ink + 255 * (1 - ink)
    return np.dstack([colour, np.maximum(paper, rgba[..., 3])]).astype(np.uint8)


class Tally:
    """Counts of verdicts under each name that a label counts for."""

    def __init__(self, show: bool) -> None:
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.show = show
        self.seconds = 0.0

    def check(self, kind: str, fault: str | None, view: View, scaled: bool, *names: str) -> None:
        """Check one label and count the verdict."""
        start = time.perf_counter()
        result = check_label(view.image, Mark(kind, 1.0, view.given), to_mm=view.to_mm if scaled else None)
        self.seconds += time.perf_counter() - start
        verdict = judge(fault, result)
        for name in names:
            self.counts[name][verdict] += 1
        if self.show and verdict != "correct":
            why = [
                f"{one.name}: {one.fault or one.reason}" for one in result.elements if one.verdict != "right"
            ]
            print(names[-1], f"{result.side_px:.0f} px", fault, verdict, "|", "; ".join(why), flush=True)

    def row(self, name: str) -> dict[str, Any]:
        """The figures of one name."""
        tally = self.counts[name]
        total = sum(tally.values())
        told = total - tally["cannot_tell"]
        return {
            "what": name,
            "labels": total,
            "cannot tell %": round(100 * tally["cannot_tell"] / max(1, total), 1),
            "correct of told %": round(100 * tally["correct"] / told, 1) if told else "",
            "false faults": tally["false_fault"],
            "missed": tally["missed"],
            "misnamed": tally["misnamed"],
        }


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="labels of each kind")
    parser.add_argument("--seed", type=int, default=REPORTED_SEED)
    parser.add_argument("--show", action="store_true", help="name every error, publish nothing")
    args = parser.parse_args()
    tally = Tally(args.show)
    for kind in KINDS:
        for index, (fault, side, view) in enumerate(cases(kind, args.count, args.seed)):
            octave = next(f"side {a} to {b} px" for a, b in SIZES if side <= b)
            state = "right" if fault is None else "faulty"
            scaled = fault in NEEDS_SCALE or index % 4 == 0
            names = ("all", f"{octave}, {state}", f"{kind}: {fault or 'right'}")
            tally.check(kind, fault, view, scaled, *names)
    checked = sum(tally.counts["all"].values())
    speed = 1000 * tally.seconds / checked
    for kind in KINDS:
        for _, _, view in real_artwork(kind, args.count // 4, args.seed):
            tally.check(kind, None, view, False, f"{kind}: artwork of others, right")
    rows = [tally.row(name) for name in sorted(tally.counts, key=lambda name: (name != "all", name))]
    rows[0]["ms per label"] = speed
    if args.show:
        print(*rows, sep="\n")
        return
    command = f"python -m benchmarks.conformity --count {args.count}"
    publish("conformity", "Form of labels and marks", rows, command=command)


if __name__ == "__main__":
    main()
