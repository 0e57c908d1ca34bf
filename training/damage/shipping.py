"""Turn a trained damage net into an artifact: exported, calibrated, with its thresholds."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import DictConfig
from safetensors.torch import save_file
from torch import nn

from lipack_vision.artifact import Artifact, Calibration, Metric, Preprocessing, write_artifact
from lipack_vision.integrity import IntegrityDetector
from lipack_vision.integrity.detector import CLASS, TASK
from lipack_vision.integrity.maps import CHANNELS
from lipack_vision.synth.damage.dataset import DamageFolder
from training import calibration, onnx_export, shipping
from training.build import build
from training.codes.shipping import Fed
from training.damage.evidence import Evidence, gather
from training.damage.measures import measures
from training.data.own_cartons import PARTS, OwnCartons, WithOwn
from training.infer import Floats

Truth = DamageFolder | OwnCartons

log = logging.getLogger(__name__)

ENOUGH = 10
"""Least right and least wrong findings for a calibration."""
MOST_MISSED = 0.02
"""Share of damaged cartons below the threshold of the point ``sensitive``."""


def ship(config: DictConfig, net: nn.Module, task: Fed, training: dict[str, Any]) -> Artifact:
    """Export the net, calibrate it on the calibration part and choose thresholds there."""
    size: int = config.model.train_size
    pre = Preprocessing(width=size, height=size, mean=task.mean, std=task.std)
    folder = Path(config.artifact)
    with tempfile.TemporaryDirectory() as scratch:
        files = {name: Path(scratch) / name for name in (shipping.MODEL, shipping.WEIGHTS)}
        onnx_export.export_damage_net(net, files[shipping.MODEL], size)
        rng = np.random.default_rng(0)
        batches: list[Floats] = [rng.uniform(-1, 1, (2, 3, size, size)).astype(np.float32) for _ in range(3)]
        worst = onnx_export.check_codes_net(net, files[shipping.MODEL], batches)
        save_file(shipping.half_precision(net), files[shipping.WEIGHTS])
        card = {
            "name": TASK,
            "task": TASK,
            "classes": CHANNELS,
            "preprocessing": pre,
            # Replaced below; without calibration every carton is one to look at.
            "operating_points": {"balanced": {CLASS: 0.0}},
            "training": {
                **training,
                "data": described(config),
                **shipping.circumstances({"logits": worst}),
            },
            "git_commit": shipping.git_commit(),
            "licences": shipping.licences(training["started_from"], str(config.data.licence)),
            "opset": onnx_export.OPSET,
        }
        artifact = write_artifact(folder, card, files)
    return calibrated(artifact, folder, build(config.data.calibration), build(config.data.test))


def described(config: DictConfig) -> list[dict[str, Any]]:
    """What a card says of the data of a run: per data set its part, size and manifest."""
    rows = []
    for part in PARTS:
        made = build(config.data[part])
        for one in (made.rendered, made.own) if isinstance(made, WithOwn) else (made,):
            rows.append({"part": part, "name": name_of(one), "photos": len(one), "manifest": one.manifest})
    return rows


def name_of(photos: Truth) -> str:
    """A figure in a card must say whether it was measured on rendered or on real photos."""
    return photos.folder.name if isinstance(photos, OwnCartons) else f"rendered/{photos.folder.name}"


def calibrated(artifact: Artifact, folder: str | Path, held_out: Truth, test: Truth) -> Artifact:
    """A copy with probabilities and thresholds fitted on one part, and figures measured on another."""
    evidence = gather(IntegrityDetector(artifact), held_out)
    fits = fitted(evidence)
    if CLASS not in fits:
        log.warning("too few cartons to calibrate on: probabilities stay raw scores")
    points = {"balanced": {CLASS: 0.5}, "sensitive": {CLASS: 0.2}}
    if CLASS in fits:
        told = np.array([fits[CLASS].probability(logit) for logit in evidence.logits])
        points = thresholds(told, np.array(evidence.damaged, bool))
    changes = {"calibration": fits, "operating_points": points}
    tested = artifact.rewritten(folder, changes)
    return tested.rewritten(folder, {"metrics": tuple(figures(tested, test))})


def fitted(evidence: Evidence) -> dict[str, Calibration]:
    """Platt numbers of whole cartons, and of the damaged places of each type with enough evidence."""
    fits = {CLASS: calibration.fitted(evidence.logits, evidence.damaged, ENOUGH)}
    for name, (scores, right) in evidence.places.items():
        safe = np.clip(np.array(scores, np.float64), 1e-6, 1 - 1e-6)
        fits[name] = calibration.fitted(np.log(safe / (1 - safe)).tolist(), right, ENOUGH)
    return {name: fit for name, fit in fits.items() if fit is not None}


def thresholds(told: Floats, damaged: Any) -> dict[str, dict[str, float]]:
    """``balanced``: the best sum of the shares of damaged and of sound cartons that are told rightly;
    ``sensitive``: hardly any damaged carton is missed.
    """
    tried = np.arange(0.02, 0.981, 0.01)
    caught = (told[damaged][None] >= tried[:, None]).mean(1)
    passed = (told[~damaged][None] < tried[:, None]).mean(1)
    score = caught + passed
    # The middle of equally good thresholds is the least touched by chance.
    best = tried[score >= score.max() - 1e-9].mean()
    safe = tried[caught >= 1 - MOST_MISSED]
    sensitive = float(safe.max()) if len(safe) else float(tried[0])
    return {
        "balanced": {CLASS: round(float(best), 3)},
        "sensitive": {CLASS: round(min(sensitive, float(best)), 3)},
    }


def recalibrated(artifact: Artifact, config: DictConfig) -> Artifact:
    """A copy of an artifact in ``config.out``, fitted to the calibration part, measured on the test part."""
    held_out: Truth = build(config.data.calibration)
    made = calibrated(artifact, config.out, held_out, build(config.data.test))
    data = {name_of(held_out): held_out.manifest}
    return made.rewritten(config.out, shipping.calibrated_again(artifact, data, str(config.data.licence)))


def figures(artifact: Artifact, test: Truth) -> list[Metric]:
    """What the card tells of the test part."""
    told: Mapping[str, float] = measures(IntegrityDetector(artifact), test)
    return [Metric(name=name, value=value, data=name_of(test)) for name, value in told.items()]
