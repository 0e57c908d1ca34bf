"""How long a library takes to enrol, to be read and to be searched beside the embedding, and in what memory.

    python -m benchmarks.library [--sizes 100000 1000000] [--graph 1000000] [--folder FOLDER]

The references are made up: unit vectors of 256 random numbers, which lie as evenly as vectors can and so are
the hardest for usearch's graph, and photos without bytes, since matching does not read them. Queries are
stored vectors moved to a cosine of about 0.9 by noise. Each row is measured in a process of its own, whose
greatest memory is told. Photos of 1024 x 768 px and of 12 megapixels are enrolled one by one, by an
encoder that takes no time.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from sqlalchemy import insert

from benchmarks.report import publish
from lipack_vision.library import QualifiedLibrary
from lipack_vision.library.database import Database
from lipack_vision.library.tables import EmbeddingRow, PhotoRow, ReferencePhotoRow, ReferenceRow
from lipack_vision.matching.index import ExactIndex, Index, UsearchIndex
from lipack_vision.types import ImageArray

DIMENSION = 256
SIZES = (100_000, 1_000_000)
QUERIES = 200
TOP = 5
_BATCH = 10_000

Floats = npt.NDArray[np.float32]
Row = dict[str, Any]


class NoEncoder:
    """Gives each photo the same vector at once."""

    version = "none"
    dimension = DIMENSION

    def embed(self, images: Sequence[ImageArray]) -> Floats:
        """Rows ``(N, 256)``."""
        return np.repeat(np.eye(1, DIMENSION, dtype=np.float32), len(images), axis=0)


def unit(count: int, seed: int) -> Floats:
    """Random unit rows ``(count, 256)``."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def fill(path: Path, count: int) -> None:
    """Make a library of ``count`` references with a photo each, past the checks of `enroll`."""
    database = Database(path)
    rng = np.random.default_rng(0)
    for start in range(0, count, _BATCH):
        number = min(_BATCH, count - start)
        vectors = unit(number, start)
        names = [f"{start + i:064x}" for i in range(number)]
        hashes = rng.bytes(32 * number)
        photos = [
            {
                "sha256": name,
                "width": 1,
                "height": 1,
                "hash": hashes[32 * i : 32 * i + 32],
                "thumb": b"",
                "data": b"",
            }
            for i, name in enumerate(names)
        ]
        ids = [f"reference {start + i}" for i in range(number)]
        with database.writing() as session:
            session.execute(
                insert(ReferenceRow),
                [{"reference_id": i, "status": "qualified", "packaging_type": "4G"} for i in ids],
            )
            session.execute(insert(PhotoRow), photos)
            links = [{"reference_id": i, "photo": name} for i, name in zip(ids, names, strict=True)]
            session.execute(insert(ReferencePhotoRow), links)
            rows = [
                {"photo": name, "version": "none", "vector": vector.tobytes()}
                for name, vector in zip(names, vectors, strict=True)
            ]
            session.execute(insert(EmbeddingRow), rows)


def read(path: Path) -> Row:
    """Read all vectors of a library, as a matcher does when it starts."""
    start = time.perf_counter()
    vectors = QualifiedLibrary(path, encoder=NoEncoder()).vectors("4G")
    return {
        "measured": "read all vectors",
        "references": len(vectors),
        "s": time.perf_counter() - start,
    } | memory()


def search(count: int, graph: bool) -> Row:
    """Search an index ``QUERIES`` times, one query after the other."""
    matrix = unit(count, 0)
    chosen = np.random.default_rng(1).integers(0, count, QUERIES)
    queries = matrix[chosen] + 0.5 * unit(QUERIES, 2)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    start = time.perf_counter()
    index: Index = UsearchIndex(matrix) if graph else ExactIndex(matrix)
    row: Row = {
        "measured": "query, usearch" if graph else "query, exact",
        "references": count,
        "s": time.perf_counter() - start,
    }
    seconds, right = [], 0
    for place, query in zip(chosen, queries, strict=True):
        start = time.perf_counter()
        positions, _ = index.search(query[None], TOP)
        seconds.append(time.perf_counter() - start)
        right += int(positions[0, 0] == place)
    median, slow = (1000 * float(value) for value in np.quantile(seconds, (0.5, 0.95)))
    return row | {"median ms": median, "95 % ms": slow, "nearest found": right / QUERIES} | memory()


def enrol(path: Path, side: int, count: int, photos: int = 40) -> Row:
    """Enrol references with one photo each, into a library of ``count``."""
    kept = QualifiedLibrary(path, encoder=NoEncoder())
    rng = np.random.default_rng(side)
    files = []
    for _ in range(photos):
        cells = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
        picture = cv2.resize(cells, (side, side * 3 // 4), interpolation=cv2.INTER_NEAREST)
        files.append(cv2.imencode(".jpg", picture)[1].tobytes())
    kept.enroll(f"first {side}", files.pop())
    start = time.perf_counter()
    for number, file in enumerate(files):
        kept.enroll(f"new {side} {number}", file)
    rate = len(files) / (time.perf_counter() - start)
    row = {"measured": f"enrol, {side} x {side * 3 // 4} px", "references": count, "per s": rate}
    return row | memory()


def memory() -> Row:
    """The greatest memory of this process so far."""
    return {"peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def apart(measure: Any, *given: Any) -> Any:
    """The answer of a function that runs in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *given).result()


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--graph", type=int, default=SIZES[-1], help="largest size that a graph is built of")
    parser.add_argument(
        "--folder", type=Path, help="where libraries are made for the time of the measurement"
    )
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for count in options.sizes:
            path = Path(folder) / f"{count}.db"
            apart(fill, path, count)
            rows.append(apart(read, path))
            rows.append(apart(search, count, False))
            if count <= options.graph:
                rows.append(apart(search, count, True))
            rows += [apart(enrol, path, side, count) for side in (1024, 4000)]
            path.unlink()
    publish("library", "The library beside the embedding", rows, command="python -m benchmarks.library")


if __name__ == "__main__":
    main()
