"""RapidOCR on rendered marks; nothing may reach for the network."""

from __future__ import annotations

import importlib.util
import socket
import sys

import numpy as np
import pytest

from lipack_vision.codes import PackagingCodeReader, RapidOcrEngine
from lipack_vision.errors import MissingExtraError
from lipack_vision.types import Mark
from tests.helpers.printed_mark import TEXT, printed_mark, read_in_two_threads

needs_rapidocr = pytest.mark.skipif(
    importlib.util.find_spec("rapidocr") is None, reason="package rapidocr is not installed"
)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the text engine reached for the network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def engine() -> RapidOcrEngine:
    return RapidOcrEngine(threads=1)


@needs_rapidocr
@pytest.mark.usefixtures("no_network")
def test_a_rendered_mark_is_read_end_to_end(engine: RapidOcrEngine) -> None:
    photo, quad = printed_mark(3, height_mm=9.0, lines=2, print_kind="flexo", layout="left")
    reader = PackagingCodeReader(engine)
    (by_text,) = reader.read(photo, marks=[])
    (by_quad,) = reader.read(photo, marks=[Mark("un_mark", 0.9, quad)])
    assert by_text.text == by_quad.text == TEXT
    assert by_text.probability > 0.5
    inside = by_text.quad.mean(axis=0)
    assert (quad.min(axis=0) < inside).all()
    assert (inside < quad.max(axis=0)).all()


@needs_rapidocr
def test_quarter_turns_give_quads_that_follow_the_text(engine: RapidOcrEngine) -> None:
    photo, _ = printed_mark(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    upright = engine.read_lines(photo)
    turned = engine.read_lines(np.ascontiguousarray(np.rot90(photo, -1)))
    text = "4G/Y25/S/25"
    (flat,) = [line for line in upright if line.text == text]
    (steep,) = [line for line in turned if line.text == text]
    assert flat.quad[1, 0] - flat.quad[0, 0] > 80
    assert steep.quad[1, 1] - steep.quad[0, 1] > 80


@needs_rapidocr
def test_threads_share_an_engine() -> None:
    first, second = read_in_two_threads(RapidOcrEngine(threads=1))
    assert first == second != []


@needs_rapidocr
def test_an_empty_wall_has_no_text(engine: RapidOcrEngine) -> None:
    assert engine.read_lines(np.full((100, 160, 3), 128, np.uint8)) == []


@needs_rapidocr
def test_each_character_has_its_confidence(engine: RapidOcrEngine) -> None:
    photo, _ = printed_mark(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    lines = engine.read_lines(photo)
    assert lines
    for line in lines:
        assert len(line.confidences) == len(line.text)
        assert 0 < line.weakest <= line.probability <= 1
        assert not line.calibrated


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(MissingExtraError, match=r"lipack-vision\[rapidocr\]"):
        RapidOcrEngine().read_lines(np.zeros((64, 64, 3), np.uint8))
