"""Fit what the probabilities of a codes artifact are worth, and write them into its card.

    python -m training.calibrate_codes [--artifact codes] [--count 2500] [--jobs 2] [--keep FILE] [--out
    FOLDER]

They are fitted on rendered pictures alone, in fonts that no net was trained on and of seeds that
`benchmarks.codes` does not use.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from sklearn.metrics import roc_auc_score  # type: ignore[import-untyped]

from lipack_vision.artifact import Artifact, Calibration, load_artifact
from lipack_vision.codes.calibration import CODE, LINE, logit
from training.codes.evidence import CodeEvidence, Evidence, LineEvidence, gather
from training.platt import Floats, platt

FIRST_SEED = 41_000_000
ENOUGH = 50
"""Least findings from which anything is calibrated."""
DATA_LICENCE = "rendered by lipack_vision.synth (Apache-2.0); no photograph was used"


def fit(raw: npt.ArrayLike, right: npt.ArrayLike) -> Calibration | None:
    """Platt scaling of raw probabilities, held back to what the sample supports.

    Targets are drawn in by one count on each side (Platt 1999), so that a sample without errors does not give
    certainty. Beyond that no probability may exceed ``(k + 1) / (n + 2)``, Laplace's estimate for the surer
    half of the sample with ``k`` right of ``n``: the curve can rise above what its best findings show.

    Args:
        raw: probabilities ``(N,)``, 0..1.
        right: whether each finding was right, ``(N,)``.

    Returns:
        The numbers, or None with too few findings or where higher probabilities are not righter.
    """
    told, truth = np.asarray(raw, np.float64), np.asarray(right, bool)
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if len(told) < ENOUGH:
        return None
    a, b = platt(np.array([logit(value) for value in told]), truth)
    if not a > 0:
        return None
    return Calibration(a=a, b=b, positives=positives, negatives=negatives, most=most_supported(told, truth))


def most_supported(told: Floats, right: npt.NDArray[np.bool_]) -> float:
    """Laplace's estimate for the surer half of the findings, all of an equal probability included."""
    sure = told >= np.median(told)
    return float((right[sure].sum() + 1) / (sure.sum() + 2))


def calibrations(evidence: Evidence) -> dict[str, Calibration]:
    """The fits that the evidence allows: plain whole codes, and lines by their weakest character."""
    plain = [code for code in evidence.codes if code.plain]
    fits = {
        CODE: fit([code.probability for code in plain], [code.right for code in plain]),
        LINE: fit([line.weakest for line in evidence.lines], [line.right for line in evidence.lines]),
    }
    return {name: numbers for name, numbers in fits.items() if numbers is not None}


def separation(lines: Sequence[LineEvidence]) -> dict[str, float]:
    """How well mean and weakest confidence tell right lines from wrong ones: area under the ROC curve."""
    right = [line.right for line in lines]
    if len(set(right)) < 2:
        return {}
    return {
        "mean": float(roc_auc_score(right, [line.mean for line in lines])),
        "weakest": float(roc_auc_score(right, [line.weakest for line in lines])),
    }


def recalibrate(
    artifact: Artifact, folder: Path, count: int, jobs: int = 2, keep: Path | None = None
) -> Artifact:
    """A copy of an artifact whose probabilities were fitted on so many rendered pictures.

    Args:
        artifact: stays as it is, unless it lies in ``folder``.
        folder: of the copy.
        keep: file of evidence: read if it is there, else written.
    """
    if keep and keep.is_file():
        evidence = load_evidence(keep)
    else:
        seeds = range(FIRST_SEED, FIRST_SEED + count)
        # Readers are surer of fonts that they were trained on than they are of those on cartons.
        evidence = gather(seeds, jobs, artifact=artifact.folder, held_out=True)
        if keep:
            save_evidence(evidence, keep)
    auc = {name: round(value, 4) for name, value in separation(evidence.lines).items()}
    told = {
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "data": f"rendered, {len({code.seed for code in evidence.codes})} pictures in held-out fonts, "
        f"seeds from {FIRST_SEED}",
        "text_line": {"score": "weakest character", "auc": auc},
    }
    training = {**artifact.card.training, "calibrated": told}
    return artifact.rewritten(folder, {"calibration": calibrations(evidence), "training": training})


def save_evidence(evidence: Evidence, path: Path) -> None:
    """Keep evidence as JSON, to fit again without reading again."""
    path.write_text(json.dumps(asdict(evidence), ensure_ascii=False), encoding="utf-8")


def load_evidence(path: Path) -> Evidence:
    """Evidence that `save_evidence` kept."""
    data = json.loads(path.read_text(encoding="utf-8"))
    codes = tuple(CodeEvidence(**row) for row in data["codes"])
    return Evidence(codes, tuple(LineEvidence(**row) for row in data["lines"]), data["printed"])


def main() -> None:
    """Read, fit, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--artifact", default="codes", help="folder of the artifact, or codes for the shipped one"
    )
    parser.add_argument("--count", type=int, default=2500, help="pictures")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--keep", type=Path, help="file of evidence: read if it is there, else written")
    parser.add_argument("--out", type=Path, help="folder of the copy; by default the artifact itself")
    options = parser.parse_args()
    artifact = load_artifact(options.artifact)
    written = recalibrate(artifact, options.out or artifact.folder, options.count, options.jobs, options.keep)
    Console().print(written.card.model_dump(mode="json"))


if __name__ == "__main__":
    main()
