"""Which stored vectors lie nearest to a query's: exactly, or above a million approximately."""

from __future__ import annotations

import threading
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from lipack_vision.errors import MissingExtraError, ShapeError

Floats = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]

_MOST_SCORES = 1 << 24
"""Cosines that are held at once: 64 MB."""


class Index(Protocol):
    """Anything that finds the nearest of its vectors."""

    def __len__(self) -> int:
        """How many vectors it holds."""
        ...

    def search(self, vectors: Floats, k: int) -> tuple[Positions, Floats]:
        """The nearest vectors of each query.

        Args:
            vectors: unit rows ``float32 (Q, D)``.
            k: how many to find; there are fewer where the index holds or finds fewer.

        Returns:
            Positions ``(Q, k)`` and cosines ``(Q, k)``, the nearest first.

        Raises:
            ShapeError: the vectors have another length than those of the index.
        """
        ...


class ExactIndex:
    """One matrix product for all. Safe to use from several threads; it copies nothing.

    Args:
        matrix: unit rows ``float32 (N, D)``.
    """

    def __init__(self, matrix: Floats) -> None:
        self._matrix = _checked(matrix, None)

    def __len__(self) -> int:
        return len(self._matrix)

    def search(self, vectors: Floats, k: int) -> tuple[Positions, Floats]:
        """See `Index.search`; equally near vectors come in the order of their positions."""
        queries = _checked(vectors, self._matrix.shape[1])
        k = min(k, len(self))
        positions, cosines = np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
        step = max(1, _MOST_SCORES // max(1, len(self)))
        for start in range(0, len(queries), step) if k else ():
            scores = queries[start : start + step] @ self._matrix.T
            for row, found in enumerate(scores, start):
                positions[row] = _best(found, k)
                cosines[row] = found[positions[row]]
        return positions, cosines


class UsearchIndex:
    """A graph of near vectors by usearch: finds most of the nearest. Safe to use from several threads.

    Args:
        matrix: unit rows ``float32 (N, D)``; the index keeps its own copy.
        dtype: of that copy: ``bf16`` takes half the memory of ``f32``; cosines are exact to 0.001 then.
        threads: for building; 0 means all cores.

    Raises:
        MissingExtraError: the extra ``usearch`` is not installed.
    """

    def __init__(self, matrix: Floats, *, dtype: str = "bf16", threads: int = 0) -> None:
        vectors = _checked(matrix, None)
        self._dimension = vectors.shape[1]
        self._index = _graph(self._dimension, dtype)
        # Releases of usearch differ in whether searches may share scratch memory; one takes a millisecond.
        self._turn = threading.Lock()
        if len(vectors):
            self._index.add(np.arange(len(vectors)), vectors, threads=threads)

    def __len__(self) -> int:
        return len(self._index)

    def search(self, vectors: Floats, k: int) -> tuple[Positions, Floats]:
        """See `Index.search`; as many of each query as are found of all."""
        queries = _checked(vectors, self._dimension)
        k = min(k, len(self))
        if not k or not len(queries):
            return np.zeros((len(queries), k), np.int64), np.zeros((len(queries), k), np.float32)
        with self._turn:
            # Asked together, queries get rows that are filled up where the graph finds fewer.
            found = [self._index.search(query, k, threads=1) for query in queries]
        k = min(len(one.keys) for one in found)
        keys = np.stack([np.asarray(one.keys[:k]).astype(np.int64) for one in found])
        distances = np.stack([np.asarray(one.distances[:k], np.float32) for one in found])
        return keys, np.float32(1) - distances


def _graph(dimension: int, dtype: str) -> Any:
    try:
        from usearch.index import Index as Graph
    except ImportError as error:
        raise MissingExtraError(
            "UsearchIndex",
            expected="the extra usearch",
            found="no module usearch",
            cure="Install it: pip install 'lipack-vision[usearch]'",
        ) from error
    return Graph(ndim=dimension, metric="ip", dtype=dtype)


def _best(scores: Floats, k: int) -> Positions:
    """Positions of the ``k`` highest scores, the highest first, equal ones in order."""
    if k < len(scores):
        least = scores[np.argpartition(scores, -k)[-k:]].min()
        chosen = np.flatnonzero(scores >= least)
    else:
        chosen = np.arange(len(scores))
    order = np.lexsort((chosen, -scores[chosen]))[:k]
    return np.asarray(chosen[order], np.int64)


def _checked(vectors: Floats, dimension: int | None) -> Floats:
    rows = np.ascontiguousarray(vectors, np.float32)
    if rows.ndim != 2 or (dimension is not None and rows.shape[1] != dimension):
        raise ShapeError(
            "vectors",
            expected=f"unit rows of shape (N, {'D' if dimension is None else dimension})",
            found=f"shape {rows.shape}",
            cure="Pass a matrix of the encoder's vectors.",
        )
    return rows
