from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lipack_vision.errors import MissingExtraError, ShapeError
from lipack_vision.matching import index
from lipack_vision.matching.index import ExactIndex, Index, UsearchIndex

Build = Callable[[np.ndarray], Index]
BOTH = pytest.mark.parametrize("build", [ExactIndex, UsearchIndex])


def unit(count: int, seed: int = 0, dimension: int = 64) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def near(rows: np.ndarray, seed: int = 1) -> np.ndarray:
    moved = rows + 0.3 * unit(len(rows), seed, rows.shape[1])
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def test_the_exact_index_finds_what_sorting_all_cosines_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, queries = unit(500), unit(40, 2)
    # Several blocks of queries.
    monkeypatch.setattr(index, "_MOST_SCORES", 3500)
    positions, cosines = ExactIndex(matrix).search(queries, 7)
    every = queries @ matrix.T
    assert np.array_equal(positions, np.argsort(-every, axis=1)[:, :7])
    assert np.allclose(cosines, -np.sort(-every, axis=1)[:, :7], atol=1e-6)


def test_equally_near_vectors_come_in_order() -> None:
    matrix = np.repeat(unit(3), [5, 1, 4], axis=0)
    positions, _ = ExactIndex(matrix).search(matrix[:1], 3)
    assert positions.tolist() == [[0, 1, 2]]
    positions, _ = ExactIndex(matrix).search(matrix[-1:], 3)
    assert positions.tolist() == [[6, 7, 8]]


@BOTH
def test_a_photo_s_own_vector_is_the_nearest(build: Build) -> None:
    matrix = unit(2000)
    positions, cosines = build(matrix).search(near(matrix[:100]), 3)
    assert positions.shape == cosines.shape == (100, 3)
    assert positions[:, 0].tolist() == list(range(100))
    assert np.allclose(cosines[:, 0], (near(matrix[:100]) * matrix[:100]).sum(axis=1), atol=1e-2)
    assert (np.diff(cosines, axis=1) <= 0).all()


@BOTH
def test_few_vectors_none_and_no_query(build: Build) -> None:
    two = build(unit(2))
    assert len(two) == 2
    assert sorted(two.search(unit(1, 5), 10)[0][0].tolist()) == [0, 1]
    assert two.search(unit(0), 3)[0].shape == (0, 2)
    empty = build(unit(0))
    assert empty.search(unit(3), 5)[0].shape == empty.search(unit(3), 5)[1].shape == (3, 0)


def test_of_a_graph_that_finds_fewer_all_queries_get_as_many() -> None:
    # Where many vectors are the same, the graph does not lead to all of them.
    matrix = np.repeat(unit(5, 1), 400, axis=0)
    found = UsearchIndex(matrix)
    positions, cosines = found.search(matrix[::400], 2000)
    assert positions.shape == cosines.shape
    assert 0 < positions.shape[1] <= 2000
    assert np.isfinite(cosines).all()
    assert np.allclose(cosines, (matrix[positions] @ matrix[::400, :, None])[..., 0], atol=1e-2)
    assert all(len(set(row)) == len(row) for row in positions.tolist())


@BOTH
def test_vectors_of_another_length_are_refused(build: Build) -> None:
    with pytest.raises(ShapeError, match=r"\(N, 64\)"):
        build(unit(5)).search(unit(1, dimension=32), 1)
    with pytest.raises(ShapeError, match=r"\(N, 64\)"):
        build(unit(5)).search(unit(1)[0], 1)
    with pytest.raises(ShapeError, match=r"\(N, D\)"):
        build(unit(5)[0])


@BOTH
def test_32_threads_find_what_one_finds(build: Build) -> None:
    matrix = unit(3000)
    queries = near(matrix[:64])
    built = build(matrix)
    alone = [built.search(queries[i : i + 1], 5) for i in range(64)]
    with ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda i: built.search(queries[i % 64][None], 5), range(640)))
    for i, (positions, cosines) in enumerate(found):
        assert np.array_equal(positions, alone[i % 64][0])
        assert np.array_equal(cosines, alone[i % 64][1])


def test_usearch_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingExtraError, match=r"lipack-vision\[usearch\]"):
        UsearchIndex(unit(2))
