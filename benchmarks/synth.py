"""How many photos per second the renderer makes.

python -m benchmarks.synth
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.report import publish
from lipack_vision.synth.dataset import write_dataset


def main(count: int = 400, jobs: int = 2, side: int = 640) -> None:
    """Write ``count`` photos of ``side`` x ``side`` px with ``jobs`` processes, start included."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_dataset(Path(folder), count, seed=0, size=(side, side), jobs=jobs)
        seconds = time.perf_counter() - start
    row = {"photos": count, "side px": side, "jobs": jobs, "photos per s": count / seconds}
    publish("synth", "Rendering", [row], command="python -m benchmarks.synth")


if __name__ == "__main__":
    main()
