"""A user's own annotated photos as a data set: examined first, then read."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache

from lipack_vision.datasets import PhotoDataset, read_parts

log = logging.getLogger(__name__)


def labelled(
    root: str,
    part: str,
    *,
    format: str = "auto",  # noqa: A002 - the users' word
    names: Mapping[str, str | None] | None = None,
    annotated: Sequence[str] | None = None,
    split: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int = 0,
) -> PhotoDataset:
    """One part of a data set in COCO, YOLO or VOC form; see `lipack_vision.datasets.read_parts`.

    Args:
        part: train, validation or test.

    Raises:
        DatasetError: what `lipack doctor` calls an error.
    """
    settings = json.dumps([root, format, dict(names or {}), annotated and list(annotated), list(split), seed])
    return _parts(settings)[part]


@lru_cache(maxsize=4)
def _parts(settings: str) -> dict[str, PhotoDataset]:
    # The three parts of a data set are asked for one by one, but examined together and once.
    root, layout, names, annotated, split, seed = json.loads(settings)
    log.info("examining %s", root)
    return read_parts(root, format=layout, names=names, annotated=annotated, split=split, seed=seed)
