"""Turn a trained matching net into an artifact: exported, calibrated, with its thresholds."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
from omegaconf import DictConfig
from safetensors.torch import save_file
from torch import nn

from lipack_vision.artifact import Artifact, Calibration, Metric, Preprocessing, load_artifact, write_artifact
from lipack_vision.matching.encoder import CLASSES, TASK, SiameseEncoder
from lipack_vision.matching.judge import HIDDEN, Judge
from lipack_vision.matching.matcher import TOP
from lipack_vision.matching.view import Detector
from lipack_vision.nets.siamese import SiameseNet
from lipack_vision.synth.designs.dataset import DesignFolder
from lipack_vision.synth.designs.twins import DEPTH
from training import calibration, onnx_export, shipping
from training.build import build
from training.infer import Floats
from training.matching.discriminant import fit_embedding
from training.matching.evidence import Evidence, gather
from training.matching.figures import FALSE_RATE, accepted, auroc, found_share
from training.parts import PARTS

COMPARE = "compare.onnx"
ENOUGH = 10
"""Least right and least wrong pairs for a calibration."""
Doubles = npt.NDArray[np.float64]
log = logging.getLogger(__name__)


class Fed(Protocol):
    """What shipping asks of a task: how its net is fed."""

    @property
    def mean(self) -> tuple[float, float, float]:
        """Per channel, of pixel values 0..1."""

    @property
    def std(self) -> tuple[float, float, float]:
        """Per channel."""

    @property
    def discriminant(self) -> int:
        """Designs that the last layer of vectors is fitted to, 0 for none."""

    @property
    def hidden(self) -> float:
        """Score from which a cell counts as hidden."""


def ship(config: DictConfig, net: nn.Module, task: Fed, training: dict[str, Any]) -> Artifact:
    """Export the net, calibrate it on the calibration part and choose thresholds there."""
    size: int = config.model.train_size
    if task.discriminant:
        designs: DesignFolder = build(config.data.train)
        fit_embedding(cast("SiameseNet", net), designs, size, task.mean, task.std, task.discriminant)
        shipping.round_weights(net)
    pre = Preprocessing(width=size, height=size, mean=task.mean, std=task.std)
    folder = Path(config.artifact)
    with tempfile.TemporaryDirectory() as scratch:
        files, parity = export(net, Path(scratch), size, config.model.net.channels)
        card = {
            "name": TASK,
            "task": TASK,
            "classes": CLASSES,
            "preprocessing": pre,
            # Replaced below; without calibration nothing matches.
            "operating_points": {"balanced": {"identity": 1.0, "changed": 0.0, HIDDEN: task.hidden}},
            "training": {
                **training,
                **_lent(config, training),
                "data": described(config),
                **shipping.circumstances(parity),
            },
            "git_commit": shipping.git_commit(),
            "licences": shipping.licences(training["started_from"], str(config.data.licence)),
            "opset": onnx_export.OPSET,
        }
        artifact = write_artifact(folder, card, files)
    return calibrated(artifact, folder, build(config.data.calibration), build(config.data.test))


def described(config: DictConfig) -> list[dict[str, Any]]:
    """What a card says of the data of a run: per part its name, size and manifest."""
    parts = ((part, build(config.data[part])) for part in PARTS)
    return [
        {"part": part, "name": name_of(made), "designs": len(made), "manifest": made.manifest}
        for part, made in parts
    ]


def _lent(config: DictConfig, training: Mapping[str, Any]) -> dict[str, Any]:
    """The artifact that lent a part of the net, if one did."""
    name = config.task.path if training["started_from"]["init"] == "imagenet" else None
    return {} if name is None else {"path_from": {"artifact": name, "version": load_artifact(name).version}}


def name_of(folder: DesignFolder) -> str:
    """A figure in a card must say that it was measured on rendered photos."""
    return f"rendered/{folder.folder.name}"


def calibrated(
    artifact: Artifact,
    folder: str | Path,
    held_out: DesignFolder,
    test: DesignFolder,
    detector: Detector | None = None,
) -> Artifact:
    """A copy with probabilities and thresholds fitted on one part, and figures measured on another.

    Both are measured on whole photos, through the runtime's detector, registration and comparison.
    """
    evidence = gather(SiameseEncoder(artifact, detector=detector), held_out)
    fits = fitted(evidence)
    for name in set(CLASSES) - set(fits):
        log.warning("too few pairs to calibrate %s on: probabilities stay raw scores", name)
    chosen = artifact.card.operating_points.get("balanced", {})
    points = {"balanced": {**chosen, **thresholds(evidence, fits)}}
    tested = artifact.rewritten(folder, {"calibration": fits, "operating_points": points})
    told = gather(SiameseEncoder(tested, detector=detector), test, level_of(tested))
    rows = figures(told, fits, points["balanced"])
    metrics = tuple(Metric(name=name, value=value, data=name_of(test)) for name, value in rows.items())
    return tested.rewritten(folder, {"metrics": metrics})


def level_of(artifact: Artifact) -> float:
    """Logit from which the runtime draws a cell as changed."""
    return Judge.of(artifact.card, "balanced").level


def fitted(evidence: Evidence) -> dict[str, Calibration]:
    """Platt numbers of identity, on the pairs that a search registers, and of change."""
    pairs = zip(evidence.identity, evidence.same, evidence.near, strict=True)
    near = [(logit, same) for logit, same, registered in pairs if registered]
    logits, changed = _visible(evidence)
    fits = {
        "identity": calibration.fitted([one for one, _ in near], [same for _, same in near], ENOUGH),
        "changed": calibration.fitted(logits.tolist(), changed.tolist(), ENOUGH),
    }
    return {name: fit for name, fit in fits.items() if fit is not None}


def _visible(evidence: Evidence) -> tuple[Doubles, npt.NDArray[np.bool_]]:
    """Logits of change, and whether anything is; without cartons that are only deeper: no front shows it."""
    edits = np.array(evidence.edits)
    kept = edits != DEPTH
    return np.array(evidence.changed, np.float64)[kept], (edits != "")[kept]


def thresholds(evidence: Evidence, fits: Mapping[str, Calibration]) -> dict[str, float]:
    """Probabilities from which a photo counts as the packaging, and as changed.

    The first accepts as many as it can while it takes at most `FALSE_RATE` of other designs for one; the
    second has the best sum of changed and of unchanged pairs that are told rightly.
    """
    points = {"identity": 1.0, "changed": 0.0}
    if "identity" in fits:
        told = _probabilities(evidence.identity, fits["identity"])
        points["identity"] = _threshold(told, np.array(evidence.same, bool), FALSE_RATE)
    if "changed" in fits:
        logits, changed = _visible(evidence)
        points["changed"] = _threshold(_probabilities(logits, fits["changed"]), changed, 1.0)
    return points


def _probabilities(logits: Sequence[float] | Doubles, fit: Calibration) -> Doubles:
    return np.array([fit.probability(logit) for logit in logits])


def _threshold(told: Doubles, right: npt.NDArray[np.bool_], most_false: float) -> float:
    tried = np.arange(0.01, 0.991, 0.01)
    caught = (told[right][None] >= tried[:, None]).mean(1)
    false = (told[~right][None] >= tried[:, None]).mean(1)
    score = np.where(false <= most_false, caught - false, -1.0)
    # The middle of equally good thresholds is the least touched by chance.
    return round(float(tried[score >= score.max() - 1e-9].mean()), 3)


def figures(
    evidence: Evidence, fits: Mapping[str, Calibration], point: Mapping[str, float]
) -> dict[str, float]:
    """What the card tells of evidence."""
    identity, same = np.array(evidence.identity), np.array(evidence.same, bool)
    changed, edits = np.array(evidence.changed), np.array(evidence.edits)
    hidden = np.array(evidence.hidden, bool)
    logits, wrong = _visible(evidence)
    out = {
        "pairs_of_one_design": float(same.sum()),
        "accepted_at_false_0.001": accepted(identity[same], identity[~same]),
        "identity_auroc": auroc(identity, same),
        f"own_among_{TOP}_nearest": _share([rank < TOP for rank in evidence.ranks]),
        "compared_pairs": float(len(changed)),
        "incomparable_pairs": float(evidence.incomparable),
        "changed_auroc": auroc(logits, wrong),
        "own_design_ahead_of_twin": _share(evidence.ahead),
        "regions_found": found_share([value for _, value in evidence.regions]),
        "unchanged_with_hidden_place": _share(hidden[edits == ""].tolist()),
    }
    for edit in sorted(set(evidence.edits) - {""}):
        chosen = (edits == edit) | (edits == "")
        out[f"changed_auroc/{edit}"] = auroc(changed[chosen], edits[chosen] != "")
    if set(CLASSES) <= set(fits):
        told = _probabilities(evidence.identity, fits["identity"]) >= point["identity"]
        changes = _probabilities(logits, fits["changed"])
        alarm = changes >= point["changed"]
        out |= {
            "accepted": float(told[same].mean()),
            "falsely_accepted": float(told[~same].mean()),
            "changed_told": float(alarm[wrong].mean()),
            "changed_told_or_hidden": float((alarm | hidden[edits != DEPTH])[wrong].mean()),
            "unchanged_told": float((~alarm[~wrong]).mean()),
            "changed_called_unchanged_at_0.95": float((changes[wrong] <= 0.05).mean()),
            "unchanged_called_so_at_0.95": float((changes[~wrong] <= 0.05).mean()),
        }
    return out


def _share(answers: Sequence[bool]) -> float:
    return float(np.mean(answers)) if answers else float("nan")


def recalibrated(artifact: Artifact, config: DictConfig) -> Artifact:
    """A copy of an artifact in ``config.out``, fitted to the calibration part, measured on the test part."""
    held_out: DesignFolder = build(config.data.calibration)
    made = calibrated(artifact, config.out, held_out, build(config.data.test))
    data = {name_of(held_out): held_out.manifest}
    return made.rewritten(config.out, shipping.calibrated_again(artifact, data, str(config.data.licence)))


def export(
    net: nn.Module, folder: Path, size: int, channels: int
) -> tuple[dict[str, Path], dict[str, float]]:
    """Write both ONNX files and the weights; how near ONNX Runtime comes to torch.

    Raises:
        ArtifactError: it does not come near.
    """
    files = {name: folder / name for name in (shipping.MODEL, COMPARE, shipping.WEIGHTS)}
    comparison: Any = net.comparison
    onnx_export.export_siamese_net(net, files[shipping.MODEL])
    onnx_export.export_comparison(comparison, files[COMPARE], channels)
    rng = np.random.default_rng(0)
    shapes = ((1, size, size), (2, 2 * size, size), (3, 48, 64))
    pictures = [rng.uniform(-1, 1, (n, 3, h, w)).astype(np.float32) for n, h, w in shapes]
    cells = [(1, 128, 128), (2, 36, 20), (1, 5, 8)]
    maps = [(_unit(rng, n, channels, h, w), _unit(rng, n, channels, h, w)) for n, h, w in cells]
    parity = {
        "net": onnx_export.check_codes_net(net, files[shipping.MODEL], pictures),
        "comparison": onnx_export.check_codes_net(comparison, files[COMPARE], maps),
    }
    log.info("ONNX Runtime agrees with torch: %s", parity)
    save_file(shipping.half_precision(net), files[shipping.WEIGHTS])
    return files, parity


def _unit(rng: np.random.Generator, count: int, channels: int, rows: int, columns: int) -> Floats:
    maps = rng.normal(size=(count, channels, rows, columns)).astype(np.float32)
    return np.asarray(maps / np.linalg.norm(maps, axis=1, keepdims=True), np.float32)
