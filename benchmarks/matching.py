"""The matcher on rendered designs that no training saw and on real parcels, beside peers on the same pairs.

    python -m benchmarks.matching [--artifact DIR] [--designs 60] [--real FOLDER] [--no-peers]

Identity: photos of one design, changed or not, beside those of all others but its own near-twin. Change:
photos of a carton with a changed front, of a near-twin, and unchanged ones, beside the reference; by kind of
edit. Registered faces: the same without detector and registration, at 768 px. No real photo was used for
training.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

from benchmarks import matching_peers as peers
from benchmarks.real_photos import REAL
from benchmarks.report import publish
from lipack_vision.image import read_image
from lipack_vision.matching.change import Comparison, compared_pictures
from lipack_vision.matching.compared import cell_shares, changed_logit
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.judge import hidden_level
from lipack_vision.synth.designs.dataset import DesignFolder, DesignSettings, random_pair, write_designs
from lipack_vision.synth.designs.plan import random_plan
from lipack_vision.types import ImageArray
from training.matching.evidence import gather
from training.matching.figures import accepted, auroc, found_share, overlaps
from training.matching.shipping import figures, level_of

SEED = 700_000_000
"""Of the rendered designs; training and calibration use other seeds."""
PHOTO = (1600, 1200)
"""Width and height of rendered photos: of one of 12 megapixels a little more is looked at."""
TAMPAR = "reference_match_tampar"
SIDES = {"top": (1, 0), "left": (0, 1), "center": (1, 1), "right": (2, 1), "bottom": (1, 2)}
"""Column and row of each side on a texture map of three by three squares."""

Row = dict[str, Any]
Mask = npt.NDArray[np.bool_]
Score = Callable[[ImageArray, ImageArray, Mask], float]
"""How changed a photo that lies on its reference looks; both RGB, and what both show."""


class Faces(NamedTuple):
    """Registered faces, and of each what was changed, empty for nothing."""

    pairs: list[tuple[ImageArray, ImageArray, Mask]]
    edits: list[str]


def _row(who: str, data: str, figure: str, value: float) -> Row:
    return {"who": who, "data": data, "figure": figure, "value": float(value)}


def photo_rows(encoder: SiameseEncoder, folder: DesignFolder, peers_too: bool) -> list[Row]:
    """Figures on whole photos, through detector, registration and comparison."""
    card = encoder.artifact.card
    told = gather(encoder, folder, level_of(encoder.artifact))
    rows = figures(told, card.calibration, card.operating_points["balanced"])
    data = f"rendered photos of {len(folder)} designs"
    out = [_row("ours", data, name, value) for name, value in rows.items()]
    if peers_too:
        for who, (same, other) in peers.identity(encoder, folder).items():
            out.append(_row(who, data, "accepted_at_false_0.001", accepted(same, other)))
            truth = np.arange(len(same) + len(other)) < len(same)
            out.append(_row(who, data, "identity_auroc", auroc(np.concatenate([same, other]), truth)))
    return out


class Head:
    """Our net on registered faces.

    Args:
        encoder: of the artifact.
    """

    def __init__(self, encoder: SiameseEncoder) -> None:
        level = hidden_level(encoder.artifact.card, "balanced")
        self._encoder, self._comparison = encoder, Comparison(encoder, hidden_level=level)

    def logits(
        self, reference: ImageArray, photo: ImageArray, mask: Mask
    ) -> tuple[npt.NDArray[np.float32], Mask, Mask]:
        """Logit of each cell, which cells both pictures are supposed to show, and which of them they do."""
        ready = compared_pictures(reference, photo, mask)
        _, features = self._encoder.run(np.stack([ready.reference, ready.photo]))
        logits, hidden = self._comparison.maps(features)
        return logits, ready.cells, ready.cells & (hidden <= self._comparison.hidden_level)

    def __call__(self, reference: ImageArray, photo: ImageArray, mask: Mask) -> float:
        """How changed the photo looks."""
        logits, _, seen = self.logits(reference, photo, mask)
        return changed_logit(logits[seen])


def face_rows(encoder: SiameseEncoder, count: int, peers_too: bool) -> list[Row]:
    """Figures on registered faces of designs that no training saw."""
    head, data = Head(encoder), f"rendered faces of {count} designs"
    rng = np.random.default_rng(SEED)
    faces, found, level = Faces([], []), [], level_of(encoder.artifact)
    for index in track(range(count), "faces"):
        pair = random_pair(random_plan(SEED + 500_000 + index), rng)
        mask = np.asarray(pair.compared > 0, bool)
        if pair.edit and not pair.changed.any():
            continue
        faces.pairs.append((pair.reference, pair.photo, mask))
        faces.edits.append(pair.edit)
        logits, cells, seen = head.logits(pair.reference, pair.photo, mask)
        wanted = np.asarray(cell_shares(pair.changed, cells) > 0.5, bool)
        found += overlaps((logits > level) & seen, wanted)
    rows = _ranked(faces, data, {"ours": head, **(peers.CHANGE if peers_too else {})})
    return [*rows, _row("ours", data, "regions_found", found_share(found))]


def _ranked(faces: Faces, data: str, scorers: Mapping[str, Score]) -> list[Row]:
    edits = np.array(faces.edits)
    rows = []
    for who, score in scorers.items():
        told = np.array([score(*pair) for pair in track(faces.pairs, who)])
        rows.append(_row(who, data, "changed_auroc", auroc(told, edits != "")))
        for edit in sorted(set(faces.edits) - {""}):
            chosen = (edits == edit) | (edits == "")
            rows.append(_row(who, data, f"changed_auroc/{edit}", auroc(told[chosen], edits[chosen] != "")))
    return rows


def real_rows(encoder: SiameseEncoder, root: Path, peers_too: bool) -> list[Row]:
    """How tampered sides of real parcels rank above all others."""
    faces = tampar_sides(root / TAMPAR)
    scorers: dict[str, Score] = {"ours": Head(encoder), **(peers.CHANGE if peers_too else {})}
    rows = []
    for who, score in scorers.items():
        told = np.array([score(*pair) for pair in faces.pairs])
        wrong = np.array(faces.edits) != ""
        data = f"real, {TAMPAR}, {int(wrong.sum())} of {len(wrong)} sides tampered"
        rows.append(_row(who, data, "changed_auroc", auroc(told, wrong)))
        rows.append(_row(who, data, "sides ranked rightly", float(np.mean(_halves(told, wrong)))))
    return rows


def _halves(told: npt.NDArray[np.float64], wrong: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whether each side is in its half when as many as are tampered are called so."""
    order = np.argsort(-told)
    called = np.zeros(len(told), bool)
    called[order[: int(wrong.sum())]] = True
    return np.asarray(called == wrong)


def tampar_sides(root: Path) -> Faces:
    """The sides of the observed texture maps of which the set says whether they were tampered with."""
    with (root / "simscores_validation.csv").open(encoding="utf-8") as stream:
        listed = {
            (Path(row["view"]).stem, row["sideface_name"]): row["tampering"] for row in csv.DictReader(stream)
        }
    faces = Faces([], [])
    for (view, side), tampering in sorted(listed.items()):
        observed = root / "observed_uvmaps" / f"{view}.png"
        reference = root / "reference_uvmaps" / f"{view[:5]}_uvmap.png"
        if not observed.is_file() or not reference.is_file():
            continue
        first, second = (_side(read_image(path), side) for path in (reference, observed))
        shown = cv2.erode((second.min(axis=2) < 254).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        faces.pairs.append((first, second, np.asarray(shown, bool)))
        faces.edits.append(tampering)
    return faces


def _side(image: ImageArray, name: str) -> ImageArray:
    step = len(image) // 3
    column, row = (step * place for place in SIDES[name])
    return np.ascontiguousarray(image[row : row + step, column : column + step])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="matching")
    parser.add_argument("--designs", type=int, default=60, help="designs whose photos are looked at")
    parser.add_argument("--faces", type=int, default=500, help="registered faces")
    parser.add_argument("--real", type=Path, default=REAL)
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    options = parser.parse_args(arguments)
    encoder, peers_too = SiameseEncoder(options.artifact), not options.no_peers
    rows = real_rows(encoder, options.real, peers_too) if (options.real / TAMPAR).is_dir() else []
    rows += face_rows(encoder, options.faces, peers_too) if options.faces else []
    if options.designs:
        with tempfile.TemporaryDirectory() as folder:
            settings = DesignSettings(views=2, pairs=0, changed=2, size=PHOTO)
            write_designs(Path(folder), options.designs, SEED, settings, jobs=2)
            rows += photo_rows(encoder, DesignFolder.read(Path(folder)), peers_too)
    title = f"Matching {encoder.artifact.version}"
    if options.designs and options.faces and peers_too:
        publish("matching", title, rows, command="python -m benchmarks.matching")
    else:
        for row in rows:
            print(row)


if __name__ == "__main__":
    main()
