"""Download size of the base install and time to import the package.

python -m benchmarks.install
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import publish

ROOT = Path(__file__).parent.parent


def download_megabytes(folder: Path) -> dict[str, float]:
    """Download this package's wheel and everything that its base install needs; megabytes of each."""
    pip = [sys.executable, "-m", "pip", "-q"]
    subprocess.run([*pip, "wheel", "-w", str(folder), "--no-deps", str(ROOT)], check=True)
    (wheel,) = folder.glob("lipack_vision-*.whl")
    subprocess.run([*pip, "download", "-d", str(folder), str(wheel)], check=True)
    return {path.name.split("-")[0]: path.stat().st_size / 1e6 for path in folder.glob("*.whl")}


def import_seconds(repeats: int = 11) -> float:
    """Median seconds that ``import lipack_vision`` adds to starting Python."""
    return _median_start("import lipack_vision", repeats) - _median_start("pass", repeats)


def _median_start(code: str, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and publish."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = download_megabytes(Path(folder))
    largest = sorted(sizes.items(), key=lambda item: -item[1])
    rows = [{"what": "base install, download", "value": sum(sizes.values()), "unit": "MB"}]
    rows += [{"what": f"  of which {name}", "value": size, "unit": "MB"} for name, size in largest[:6]]
    rows.append({"what": "import lipack_vision", "value": import_seconds(), "unit": "s"})
    publish("install", "Installing and importing", rows, command="python -m benchmarks.install")


if __name__ == "__main__":
    main()
