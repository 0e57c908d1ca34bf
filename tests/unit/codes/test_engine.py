"""The real text networks on rendered marks; nothing may reach for the network."""

from __future__ import annotations

import importlib.util
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.codes import PackagingCodeReader, PpOcrEngine
from lipack_vision.codes.engine import _boxes, _reading_quad
from lipack_vision.errors import ArtifactError
from lipack_vision.synth.un_mark import draw_un_mark_text
from lipack_vision.types import Mark

TEXT = "4G/Y25/S/25/CN/C370012 PI:015"
needs_rapidocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="package rapidocr is not installed"
)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the text engine reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def engine() -> PpOcrEngine:
    return PpOcrEngine(threads=1)


def carton(seed: int, **how: object) -> tuple[np.ndarray, np.ndarray]:
    """A mark on plain board ``(360, 640, 3)`` and its quad."""
    art = draw_un_mark_text(TEXT, np.random.default_rng(seed), 2.5, **how)  # type: ignore[arg-type]
    photo = np.full((360, 640, 3), (186, 150, 110), np.uint8)
    height, width = art.rgba.shape[:2]
    alpha = art.rgba[..., 3:] / 255
    part = photo[40 : 40 + height, 30 : 30 + width]
    part[:] = part * (1 - alpha) + art.rgba[..., :3] * alpha
    return photo, art.quad + (30, 40)


@needs_rapidocr
@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("seed", "lines", "print_kind", "layout"), [(3, 2, "flexo", "left"), (5, 3, "stencil", "above")]
)
def test_a_rendered_mark_is_read_end_to_end(
    engine: PpOcrEngine, seed: int, lines: int, print_kind: str, layout: str
) -> None:
    photo, quad = carton(seed, height_mm=9.0, lines=lines, print_kind=print_kind, layout=layout)
    reader = PackagingCodeReader(engine)
    (by_text,) = reader.read(photo, marks=[])
    (by_quad,) = reader.read(photo, marks=[Mark("un_mark", 0.9, quad)])
    assert by_text.text == by_quad.text == TEXT
    assert by_text.probability > 0.5
    inside = by_text.quad.mean(axis=0)
    assert (quad.min(axis=0) < inside).all()
    assert (inside < quad.max(axis=0)).all()


@needs_rapidocr
def test_quarter_turns_give_quads_that_follow_the_text(engine: PpOcrEngine) -> None:
    photo, _ = carton(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    upright = engine.read_lines(photo)
    turned = engine.read_lines(np.ascontiguousarray(np.rot90(photo, -1)))
    text = "4G/Y25/S/25"
    (flat,) = [line for line in upright if line.text == text]
    (steep,) = [line for line in turned if line.text == text]
    assert flat.quad[1, 0] - flat.quad[0, 0] > 80
    assert steep.quad[1, 1] - steep.quad[0, 1] > 80


@needs_rapidocr
def test_threads_share_an_engine() -> None:
    shared = PpOcrEngine(threads=1)
    photo, _ = carton(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(shared.read_lines, [photo, photo])
    assert first == second != []


@needs_rapidocr
def test_an_empty_wall_has_no_text(engine: PpOcrEngine) -> None:
    assert engine.read_lines(np.full((100, 160, 3), 128, np.uint8)) == []


def test_missing_networks_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="_det_"):
        PpOcrEngine(models=tmp_path).read_lines(np.zeros((64, 64, 3), np.uint8))


def test_boxes_grow_to_the_letters() -> None:
    ink = np.zeros((64, 128), np.float32)
    ink[30:36, 20:100] = 0.9
    ink[5:7, 5:7] = 0.9  # too small for a letter
    ink[50:56, 20:60] = 0.35  # too faint
    (box,) = _boxes(ink)
    x0, y0 = box.min(axis=0)
    x1, y1 = box.max(axis=0)
    assert x0 < 18 < 102 < x1
    assert y0 < 28 < 38 < y1
    assert y1 - y0 < 25


@pytest.mark.parametrize("turn", [0, 20, -20, 70, 88])
def test_reading_quads_begin_at_the_texts_top_left(turn: float) -> None:
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    upright = np.array([[0, 0], [100, 0], [100, 20], [0, 20]], np.float32)
    corners = (upright @ np.array([[c, s], [-s, c]])).astype(np.float32)
    for shift in range(4):
        np.testing.assert_allclose(_reading_quad(np.roll(corners, shift, axis=0)), corners, atol=1e-3)
