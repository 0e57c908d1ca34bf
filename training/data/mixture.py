"""Several data sets drawn from by weight, in an order that depends on nothing but seed and draw number."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lipack_vision.datasets import PhotoDataset
from lipack_vision.errors import ConfigError, DatasetError

log = logging.getLogger(__name__)

BLOCK = 1000
"""Draws after which every data set has had its share exactly, to one draw."""


class Mixture:
    """Data sets with weights; a plain data set is a mixture of one.

    Args:
        parts: name -> data set. Without weights, as for measuring, those without a photo are left out.
        weights: name -> share of the draws, in any unit; missing ones count 1. The size of a data set
            plays no part: 30 photos of weight 1 are drawn as often as 6000 of weight 1.
    """

    def __init__(self, parts: Mapping[str, PhotoDataset], weights: Mapping[str, float] | None = None) -> None:
        given = dict(weights or {})
        _check(parts, given)
        for name, part in parts.items():
            if not len(part):
                _empty(part, wanted=weights is not None and given.get(name, 1.0) > 0)
        chosen = {name: part for name, part in parts.items() if len(part) and given.get(name, 1.0) > 0}
        self.parts: tuple[PhotoDataset, ...] = tuple(chosen.values())
        self._counts = tuple(apportion([given.get(name, 1.0) for name in chosen], BLOCK))

    @staticmethod
    def of(source: PhotoDataset | Mixture) -> Mixture:
        """The source itself, or a mixture of that one data set; of none, if it is empty."""
        if isinstance(source, Mixture):
            return source
        return Mixture({source.name: source} if len(source) else {})

    def pick(self, seed: int, number: int) -> tuple[PhotoDataset, int]:
        """Data set and photo of a draw; in each data set every photo comes once before any comes again."""
        block, place = divmod(number, BLOCK)
        which, ranks = _shuffled(self._counts, seed, block)
        part = int(which[place])
        epoch, index = divmod(block * self._counts[part] + int(ranks[place]), len(self.parts[part]))
        return self.parts[part], int(_permuted(len(self.parts[part]), seed, part, epoch)[index])


# The order of a block serves a thousand draws.
@lru_cache(maxsize=8)
def _shuffled(
    counts: tuple[int, ...], seed: int, block: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    which = np.repeat(np.arange(len(counts)), counts)
    which = np.random.default_rng([seed, 3, block]).permutation(which)
    ranks = np.empty(BLOCK, np.int64)
    for part in range(len(counts)):
        own = which == part
        ranks[own] = np.arange(own.sum())
    return which, ranks


@lru_cache(maxsize=32)
def _permuted(length: int, seed: int, part: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng([seed, 1, part, epoch]).permutation(length)


def apportion(weights: Sequence[float], seats: int) -> list[int]:
    """Whole shares of ``seats`` by weight (largest remainders); every weight gets at least one."""
    total = math.fsum(weights)
    exact = [seats * weight / total for weight in weights] if total else []
    shares = [max(1, math.floor(share)) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: exact[i] - shares[i], reverse=True)
    for i in by_remainder * 2:
        shares[i] += sum(shares) < seats
    while sum(shares) > seats:
        shares[shares.index(max(shares))] -= 1
    return shares


def _empty(part: PhotoDataset, wanted: bool) -> None:
    if wanted:
        raise DatasetError(
            part.name,
            expected="photos to draw from, as its weight in data.weights is above 0",
            found="none",
            cure="Give this part photos (data.split, or a folder of its own), or set its weight to 0.",
        )
    log.warning("%s has no photos", part.name)


def _check(parts: Mapping[str, PhotoDataset], weights: Mapping[str, float]) -> None:
    unknown = sorted(set(weights) - set(parts))
    wrong = {name: weight for name, weight in weights.items() if not 0 <= weight < math.inf}
    if unknown or wrong:
        raise ConfigError(
            "data.weights",
            expected=f"a number of at least 0 for some of {', '.join(parts)}",
            found=", ".join(unknown) or str(wrong),
            cure="Name the data sets as in the configuration.",
        )
    if parts and not any(len(part) and weights.get(name, 1.0) > 0 for name, part in parts.items()):
        raise DatasetError(
            " and ".join(part.name for part in parts.values()),
            expected="at least one photo in a data set of weight above 0",
            found="none",
            cure="Check data.root and data.weights.",
        )
