"""Set the threshold of an integrity artifact by good photos alone:

    python -m training.conform --good photos/good --alarm 0.05 --out artifact

Split conformal prediction (Vovk et al. 2005; Bates et al. 2023): of photos of good cartons that are taken
like these, no more than the given share will be called damaged, on average over the choice of these photos.
How many damaged cartons are caught it does not say: that takes photos of damaged ones.
"""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.errors import ArtifactError, ConfigError, DatasetError, LipackError
from lipack_vision.image import find_photos
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.integrity.detector import CLASS, DEFAULT_POINT
from training.damage.evidence import photo_logit

log = logging.getLogger(__name__)


def least_photos(alarm: float) -> int:
    """How many good photos it takes to promise a share of false alarms.

    Raises:
        ConfigError: ``alarm`` is not between 0 and 1.
    """
    if not 0 < alarm < 1:
        raise ConfigError(
            "alarm", expected="a share above 0 and below 1", found=repr(alarm), cure="Pass 0.05 or so."
        )
    return math.ceil(1 / alarm) - 1


def conformal_level(logits: Sequence[float], alarm: float) -> float:
    """The logit above which a share of at most ``alarm`` of further good photos lies.

    The k-th smallest of n, k = ceil((n + 1) (1 - alarm)).

    Raises:
        DatasetError: too few photos for that share.
    """
    least = least_photos(alarm)
    if len(logits) < least:
        raise DatasetError(
            "good photos",
            expected=f"at least {least} for a share of {alarm:g}",
            found=str(len(logits)),
            cure="Take more photos, or allow more false alarms.",
        )
    # Rounded first: 20 * 0.95 is a little more than 19 to a computer.
    rank = math.ceil(round((len(logits) + 1) * (1 - alarm), 9))
    return sorted(logits)[rank - 1]


def conform(artifact: Artifact, good: Path, alarm: float, out: Path) -> Artifact:
    """A copy of an artifact in ``out`` whose default threshold keeps that share of false alarms.

    Raises:
        ArtifactError: its probabilities are not calibrated.
    """
    detector = IntegrityDetector(artifact)
    fit = artifact.card.calibration.get(CLASS)
    if fit is None:
        raise ArtifactError(
            str(artifact.folder),
            expected="calibrated probabilities",
            found="raw scores",
            cure="Train with data.calibration.",
        )
    least_photos(alarm)
    logits = [photo_logit(detector, path) for path in track(find_photos([good]), "good photos")]
    # Just above the level itself, which still counts as good.
    threshold = math.nextafter(fit.probability(conformal_level(logits, alarm)), 1.0)
    points = {**artifact.card.operating_points, DEFAULT_POINT: {CLASS: threshold}}
    told = {"good_photos": len(logits), "share_of_false_alarms": alarm, "from": artifact.version}
    training = {**artifact.card.training, "conformal_threshold": told}
    return artifact.rewritten(out, {"operating_points": points, "training": training})


def main() -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--artifact", default="integrity", help="name or folder of the artifact")
    parser.add_argument("--good", type=Path, required=True, help="folder with photos of good cartons")
    parser.add_argument("--alarm", type=float, default=0.05, help="share of false alarms to allow")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new artifact")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        made = conform(load_artifact(options.artifact), options.good, options.alarm, options.out)
    except LipackError as error:
        parser.exit(2, f"{error}\n")
    threshold = made.card.operating_points[DEFAULT_POINT][CLASS]
    log.info("threshold %.4f, %s, version %s", threshold, made.folder, made.version)


if __name__ == "__main__":
    main()
