"""The notebooks run from top to bottom, on tiny settings."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from lipack_vision.artifact import load_artifact
from tests.helpers.marks_pictures import write_pictures
from training.parts import PARTS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def run(name: str, parameters: dict[str, object]) -> nbformat.NotebookNode:
    """Execute a notebook with other values in its cell tagged ``parameters``."""
    notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
    (cell,) = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert all(f"{key} =" in cell.source for key in parameters)
    cell.source = "\n".join(f"{key} = {value!r}" for key, value in parameters.items())
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS)}}).execute()
    return notebook


def test_the_detector_is_adapted_to_a_folder_of_photos(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "photos", count=12, seed=1, side=128)
    tiny = ["model=tiny", "init=random", "trainer.steps=2", "trainer.evaluate_steps=1", "trainer.batch=2"]
    rendered = [f"data.rendered.{part}.folder={pictures}" for part in PARTS]
    settings = {
        "PHOTOS": str(pictures),
        "NAMES": {"class9a": "class9a"},
        "RUN": str(tmp_path / "run"),
        "OVERRIDES": [*tiny, "trainer.workers=0", "trainer.threads=1", *rendered],
    }
    notebook = run("adapt_detector.ipynb", settings)
    card = load_artifact(tmp_path / "run" / "artifact").card
    assert card.training["steps"] == 2
    assert any(row["name"].startswith("photos") for row in card.training["data"])
    pictures_shown = [
        o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})
    ]
    assert len(pictures_shown) >= 2


def test_photos_are_matched_against_references(tmp_path: Path) -> None:
    notebook = run(
        "match_against_references.ipynb", {"WORK": str(tmp_path), "DESIGNS": (12, 9), "SIZE": (640, 480)}
    )
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    assert sum("image/png" in o.get("data", {}) for o in outputs) == 3
    told = "".join(o.get("text", "") for o in outputs)
    assert "packaging-12 4G 2 photos" in told
    assert "cosine" in told


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.name)
def test_notebooks_are_committed_without_results(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook.cells)
