"""The search over a library's vectors."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import numpy as np

from lipack_vision.library import Vectors
from lipack_vision.matching.search import Search
from tests.helpers.library import ColourEncoder, carton
from tests.helpers.memory_library import MemoryLibrary


class SlowLibrary(MemoryLibrary):
    def vectors(self, among: str | Iterable[str] | None = None, on: date | str | None = None) -> Vectors:
        time.sleep(0.05)
        return super().vectors(among, on)


def test_threads_that_ask_first_load_the_vectors_once() -> None:
    encoder = ColourEncoder()
    library = SlowLibrary(encoder)
    for design in range(4):
        library.add(f"box {design}", [carton(design)])
    search = Search(library, encoder.version)
    vector = encoder.embed([carton(2, 1)])[0]
    start = Barrier(8)

    def ask(_: int) -> str:
        start.wait()
        return search.nearest(np.asarray(vector, np.float32), None, 2)[0].reference_id

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"box 2"}
    assert library.reads == 1
    library.add("box 9", [carton(9)])
    assert search.nearest(encoder.embed([carton(9, 1)])[0], None, 1)[0].reference_id == "box 9"
    assert library.reads == 2
