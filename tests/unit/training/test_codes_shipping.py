"""From trained nets to an artifact that reads lines; tiny nets, so what is read means nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lipack_vision.artifact import Artifact, load_artifact
from lipack_vision.codes import LineEngine
from lipack_vision.codes.line_engine import FINDER_FILE, READER_FILE
from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import unit_quad
from lipack_vision.nets.lines import LineNet
from lipack_vision.nets.text_map import TextMapNet
from training.codes.line_text import ALPHABET
from training.codes.shipping import export_codes

HALF = (0.5, 0.5, 0.5)


def tiny_reader() -> LineNet:
    torch.manual_seed(0)
    return LineNet(len(ALPHABET), widths=(8, 8, 8, 8), depths=(0, 1, 1, 0), context=1)


def write(folder: Path, nets: dict[str, torch.nn.Module], other: Artifact | None = None) -> Artifact:
    return export_codes(folder, nets, other, mean=HALF, std=HALF, training={}, licences={})


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    folder = tmp_path_factory.mktemp("codes")
    finder = TextMapNet(width=8)
    # An untrained net finds print everywhere or nowhere; this one everywhere.
    torch.nn.init.constant_(finder.out.bias[:1].data, 3.0)
    first = write(folder / "finder", {"finder": finder})
    assert first.card.alphabet is None
    return write(folder / "both", {"reader": tiny_reader()}, first)


def test_both_nets_are_in_the_artifact(artifact: Artifact) -> None:
    assert {FINDER_FILE, READER_FILE} < artifact.card.files.keys()
    assert artifact.card.alphabet == ALPHABET
    assert artifact.path(READER_FILE).stat().st_size < 5e6


def test_lines_are_read_as_the_net_reads_them(artifact: Artifact) -> None:
    engine = LineEngine(artifact, threads=1)
    photo = np.random.default_rng(0).integers(0, 256, (90, 700, 3), np.uint8)
    wide, narrow = unit_quad(700, 40), unit_quad(120, 40)
    both = engine.read_quads(photo, [wide, narrow])
    (alone,) = engine.read_quads(photo, [narrow])
    assert [len(line.confidences) == len(line.text) for line in both] == [True, True]
    # Beside a longer line, one is read as alone: what fills up the batch is no print.
    assert both[1].text[:8] == alone.text[:8]
    assert alone.lattice is not None
    assert np.exp(alone.lattice.log).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_a_photo_is_searched_and_read(artifact: Artifact) -> None:
    engine = LineEngine(artifact, threads=1, least_confidence=0.0)
    photo = np.full((200, 300, 3), 150, np.uint8)
    for line in engine.read_lines(photo):
        assert line.quad.shape == (4, 2)
        assert not line.calibrated
    assert engine.find(photo)


def test_an_artifact_without_a_reader_is_refused(artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="alphabet"):
        LineEngine(artifact.folder.parent / "finder")
    with pytest.raises(ArtifactError, match="preprocessing"):
        export_codes(
            artifact.folder.parent / "other",
            {},
            load_artifact(artifact.folder),
            mean=(0, 0, 0),
            std=HALF,
            training={},
            licences={},
        )
