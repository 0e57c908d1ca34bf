"""The marks detector on rendered pictures and on real photos.

    python -m benchmarks.marks [--artifact DIR] [--rendered 300] [--real FOLDER] [--sheets FOLDER]

No real photo was used for training. The real photos show no class 9 label, no 9A label and no battery mark:
every one that is found there is a false alarm.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.progress import track

from benchmarks.real_photos import HAZMAT, REAL, all_photos, hazard_diamonds
from benchmarks.report import publish
from lipack_vision import HazardLabelDetector
from lipack_vision.artifact import load_artifact
from lipack_vision.datasets import PhotoDataset, Sample, read_coco
from lipack_vision.image import read_image
from lipack_vision.inspection.pictures import draw_marks
from lipack_vision.labels.decode import Detection, sigmoid
from lipack_vision.labels.finder import LEAST_SCORE
from lipack_vision.types import LABELS, Mark
from training import metrics
from training.calibration import calibration_error, gather, pooled
from training.infer import Result
from training.pictures import contact_sheet
from training.worst import worst

LITHIUM = ("class9", "class9a", "battery_mark")
SEED = 700_000_000
"""Of the rendered pictures; training and calibration use other seeds."""

Row = dict[str, Any]


def as_result(sample: Sample, marks: Sequence[Mark], scale: float) -> Result:
    """What the detector told of a photo, in the form that the metrics take."""
    found = [
        Detection(
            LABELS.index(m.label), float(np.log(m.probability / (1 - min(m.probability, 1 - 1e-9)))), m.quad
        )
        for m in marks
    ]
    return Result(sample, found, scale)


def rendered_rows(detector: HazardLabelDetector, count: int) -> list[Row]:
    """COCO metrics on quads over rendered pictures of seeds that no training used."""
    from lipack_vision.synth.dataset import write_dataset

    with tempfile.TemporaryDirectory() as folder:
        dataset = read_coco(write_dataset(Path(folder), count, seed=SEED, size=(640, 640), jobs=2))
        results = []
        for sample in track(dataset.samples, "rendered pictures"):
            scale = _scale(detector, sample.size)
            results.append(as_result(sample, detector.detect(sample.path), scale))
    figures = metrics.evaluate(results) | told_error(detector, results)
    data = f"rendered, {count} pictures"
    return [
        {"data": data, "figure": name, "value": value} for name, value in figures.items() if "AP/" not in name
    ]


def told_error(detector: HazardLabelDetector, results: Sequence[Result]) -> dict[str, float]:
    """Expected calibration error of the probabilities that were told, over all calibrated classes."""
    seen = [e for label, e in gather(results).items() if label in detector.artifact.card.calibration]
    found = pooled(seen)
    return {"calibration_error": calibration_error(sigmoid(found.logits), np.asarray(found.right, bool))}


def diamond_rows(detector: HazardLabelDetector, photos: PhotoDataset) -> tuple[list[Row], list[Result]]:
    """AP of hazard diamonds (never class 9) as ``other_hazard``, boxes against boxes."""
    results = []
    for sample in track(photos.samples, "hazard diamonds"):
        marks = [m for m in detector.detect(sample.path) if m.label == "other_hazard"]
        results.append(as_result(sample, marks, _scale(detector, sample.size)))
    figures = metrics.evaluate(results) | told_error(detector, results)
    data = f"real, {HAZMAT}, {len(photos)} photos"
    rows = [
        {"data": data, "figure": f"{k}/other_hazard", "value": figures[k]}
        for k in ("AP50", "AP75", "AP", "calibration_error")
    ]
    return rows, results


def false_alarm_rows(
    detector: HazardLabelDetector, photos: Sequence[Path]
) -> tuple[list[Row], list[tuple[Path, list[Mark]]]]:
    """Class 9, 9A and battery marks found where none is, at the default operating point."""
    alarms = []
    for path in track(photos, "false alarms"):
        wrong = [m for m in detector.detect(path) if m.label in LITHIUM]
        if wrong:
            alarms.append((path, wrong))
    counts = {label: sum(m.label == label for _, marks in alarms for m in marks) for label in LITHIUM}
    data = f"real, all of real-dev, {len(photos)} photos"
    rows: list[Row] = [
        {"data": data, "figure": f"false {label} per 1000 photos", "value": 1000 * number / len(photos)}
        for label, number in counts.items()
    ]
    rows.append(
        {
            "data": data,
            "figure": "photos with a false one per 1000",
            "value": 1000 * len(alarms) / len(photos),
        }
    )
    return rows, alarms


def _scale(detector: HazardLabelDetector, size: tuple[int, int]) -> float:
    pre = detector.artifact.card.preprocessing
    return min(pre.width / size[0], pre.height / size[1])


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="marks")
    parser.add_argument("--rendered", type=int, default=300)
    parser.add_argument("--real", type=Path, default=REAL)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of the worst errors")
    options = parser.parse_args()
    cv2.setNumThreads(2)
    artifact = load_artifact(options.artifact)
    everything = HazardLabelDetector(artifact, threshold=LEAST_SCORE)
    default = HazardLabelDetector(artifact)
    rows = rendered_rows(everything, options.rendered)
    diamonds, results = diamond_rows(everything, hazard_diamonds(options.real))
    false, alarms = false_alarm_rows(default, list(all_photos(options.real)))
    publish(
        "marks",
        f"Marks detector {artifact.version}",
        rows + diamonds + false,
        command="python -m benchmarks.marks",
    )
    if options.sheets:
        contact_sheet(worst(results, 30), options.sheets / "diamonds-worst.png")
        drawn = [(path.name, draw_marks(read_image(path), marks)) for path, marks in alarms]
        if drawn:
            contact_sheet(drawn[:40], options.sheets / "false-alarms.png")


if __name__ == "__main__":
    main()
