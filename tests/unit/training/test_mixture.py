"""Drawing from several data sets by weight."""

from __future__ import annotations

from collections import Counter
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.datasets import PhotoDataset, Sample, Truth
from lipack_vision.errors import ConfigError, DatasetError
from training.data.mixture import BLOCK, Mixture, apportion

NOTHING = Truth(
    np.zeros((0, 4, 2), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, bool)
)


def photos(name: str, count: int) -> PhotoDataset:
    samples = [Sample(Path(f"{name}/{i}.png"), (8, 8), NOTHING, np.ones(8, bool)) for i in range(count)]
    return PhotoDataset(name, samples, "")


def test_weights_are_shares_of_the_draws_whatever_the_sizes() -> None:
    mixture = Mixture({"few": photos("few", 3), "many": photos("many", 700)}, {"few": 1, "many": 3})
    drawn = Counter(mixture.pick(5, n)[0].name for n in range(2 * BLOCK))
    assert drawn == {"few": BLOCK // 2, "many": 3 * BLOCK // 2}


def test_every_photo_comes_once_before_any_comes_again() -> None:
    mixture = Mixture({"a": photos("a", 7), "b": photos("b", 40)}, {"a": 1.0, "b": 1.0})
    drawn: dict[str, list[int]] = {"a": [], "b": []}
    # Across the border of two blocks too.
    for number in range(BLOCK + 400):
        part, index = mixture.pick(1, number)
        drawn[part.name].append(index)
    for name, count in (("a", 7), ("b", 40)):
        whole = len(drawn[name]) // count
        for epoch in range(whole):
            assert sorted(drawn[name][epoch * count : (epoch + 1) * count]) == list(range(count))
    assert drawn["b"][:40] != drawn["b"][40:80]


def test_the_order_depends_on_seed_and_number_alone() -> None:
    def order(seed: int, numbers: range) -> list[tuple[str, int]]:
        mixture = Mixture({"a": photos("a", 5), "b": photos("b", 9)})
        return [(part.name, index) for part, index in (mixture.pick(seed, n) for n in numbers)]

    assert order(1, range(60))[30:] == order(1, range(30, 60))
    assert order(1, range(60)) != order(2, range(60))


def test_empty_and_weightless_data_sets_are_left_out_but_not_all() -> None:
    assert [p.name for p in Mixture({"a": photos("a", 0), "b": photos("b", 2)}).parts] == ["b"]
    assert [p.name for p in Mixture({"b": photos("b", 2), "c": photos("c", 0)}, {"c": 0}).parts] == ["b"]
    with pytest.raises(DatasetError, match="to draw from"):
        Mixture({"a": photos("a", 0), "b": photos("b", 2)}, {"b": 1.0})
    with pytest.raises(DatasetError, match="at least one photo"):
        Mixture({"a": photos("a", 0)})
    assert Mixture.of(photos("a", 0)).parts == ()


@pytest.mark.parametrize("weights", [{"typo": 1.0}, {"a": -1.0}, {"a": float("nan")}, {"a": float("inf")}])
def test_wrong_weights_are_named(weights: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"data\.weights"):
        Mixture({"a": photos("a", 2)}, weights)


def test_shares_add_up_and_none_is_lost() -> None:
    assert apportion([1, 1, 1], 1000) == [334, 333, 333]
    assert apportion([1, 1e-9], 1000) == [999, 1]
    assert sum(apportion([0.1, 0.7, 5, 3.3], 1000)) == 1000


def test_a_mixture_can_be_sent_to_another_process() -> None:
    mixture = Mixture({"a": photos("a", 5), "b": photos("b", 9)})
    again = ForkingPickler.loads(ForkingPickler.dumps(mixture))
    assert [mixture.pick(1, n)[1] for n in range(30)] == [again.pick(1, n)[1] for n in range(30)]
