"""The data of an experiment: its parts train, validation, calibration and test, as configured."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from omegaconf import DictConfig, OmegaConf

from lipack_vision.datasets import PhotoDataset
from lipack_vision.errors import ConfigError
from training.build import build
from training.data.mixture import Mixture

PARTS = ("train", "validation", "calibration", "test")

log = logging.getLogger(__name__)


def source(config: DictConfig, part: str) -> PhotoDataset | Mixture:
    """The part of ``config.data``; rendered on first use, own photos examined first.

    Raises:
        ConfigError: there is no such part.
        DatasetError: `lipack doctor` finds errors in the photos.
    """
    if part not in PARTS:
        raise ConfigError("part", expected=" or ".join(PARTS), found=str(part), cure="Name one of them.")
    made = _made(config, part)
    for dataset in Mixture.of(made).parts:
        log.info("%s: %s, %d photos, %d marks", part, dataset.name, len(dataset), dataset.marks)
    return made


def _made(config: DictConfig, part: str) -> PhotoDataset | Mixture:
    return _build(json.dumps(OmegaConf.to_container(config.data[part], resolve=True)))


# A run asks for its parts again when the card is written: they are to be those that it was trained on.
@lru_cache(maxsize=16)
def _build(node: str) -> PhotoDataset | Mixture:
    made: PhotoDataset | Mixture = build(OmegaConf.create(json.loads(node)))
    return made


def datasets(config: DictConfig, part: str) -> list[PhotoDataset]:
    """The part as data sets to measure on one by one; weights play no part, and an empty part gives none."""
    return list(Mixture.of(source(config, part)).parts)


def described(config: DictConfig, parts: Sequence[str] = PARTS) -> list[dict[str, Any]]:
    """What a card says of the data of these parts: per data set its part, size and manifest."""
    return [
        {
            "part": part,
            "name": dataset.name,
            "photos": len(dataset),
            "marks": dataset.marks,
            "manifest": dataset.manifest,
        }
        for part in parts
        for dataset in Mixture.of(_made(config, part)).parts
    ]
