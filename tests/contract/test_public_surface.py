"""The public names are promises: adding one is free, removing one fails here until the list is edited."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import lipack_vision

SURFACE = json.loads((Path(__file__).parent / "api_surface.json").read_text())


def test_no_promised_name_is_gone() -> None:
    assert set(SURFACE["names"]) <= set(lipack_vision.__all__)


@pytest.mark.parametrize("name", lipack_vision.__all__)
def test_every_name_loads(name: str) -> None:
    assert getattr(lipack_vision, name) is not None
    assert name in dir(lipack_vision)


def test_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="HazardLabelDetectr"):
        lipack_vision.HazardLabelDetectr  # noqa: B018


def loaded_modules(code: str) -> set[str]:
    script = f"import sys; {code}; print(' '.join(sorted(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_importing_the_package_loads_almost_nothing() -> None:
    loaded = loaded_modules("import lipack_vision")
    heavy = {
        "torch",
        "numpy",
        "cv2",
        "onnxruntime",
        "pydantic",
        "sqlalchemy",
        "rapidocr",
        "typer",
        "rich",
        "PIL",
    }
    assert not loaded & heavy


def test_the_whole_surface_works_where_torch_cannot_be_imported() -> None:
    blocked = "['torch','torchvision','timm','albumentations','hydra','sklearn','lightning_fabric']"
    code = (
        f"sys.modules.update(dict.fromkeys({blocked})); import lipack_vision; "
        "[getattr(lipack_vision, n) for n in lipack_vision.__all__]; import lipack_vision.cli"
    )
    assert "lipack_vision.inspection" in loaded_modules(code)
