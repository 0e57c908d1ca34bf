"""The shipped finder and reader of lines on rendered marks."""

from __future__ import annotations

import socket

import cv2
import numpy as np
import pytest

from lipack_vision.artifact import load_artifact
from lipack_vision.codes import LineEngine, PackagingCodeReader
from lipack_vision.codes.line_engine import READER_FILE
from lipack_vision.synth.artwork import draw
from lipack_vision.types import Mark, Quad
from tests.helpers.printed_mark import TEXT, printed_mark, read_in_two_threads
from training.codes.line_pictures import bare_board, printed_on

LARGEST_READER = 5_000_000
"""Bytes."""


@pytest.fixture(scope="module")
def engine() -> LineEngine:
    return LineEngine(threads=1)


@pytest.mark.parametrize(
    ("seed", "lines", "print_kind", "layout"),
    [(3, 2, "flexo", "left"), (5, 3, "stencil", "above"), (7, 2, "dots", "left"), (8, 2, "sticker", "left")],
)
def test_a_rendered_mark_is_read_end_to_end(
    engine: LineEngine,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    lines: int,
    print_kind: str,
    layout: str,
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the text engine reached for the network")

    monkeypatch.setattr(socket, "socket", refuse)
    photo, quad = printed_mark(seed, height_mm=9.0, lines=lines, print_kind=print_kind, layout=layout)
    reader = PackagingCodeReader(engine)
    (by_text,) = reader.read(photo, marks=[])
    (by_quad,) = reader.read(photo, marks=[Mark("un_mark", 0.9, quad)])
    assert by_text.text == by_quad.text == TEXT
    assert by_text.calibrated
    assert by_text.probability > 0.5
    assert _lies_in(by_text.quad, quad)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_quads_follow_the_print_whichever_way_it_stands(engine: LineEngine, quarters: int) -> None:
    photo, _ = printed_mark(3, height_mm=9.0, lines=2, print_kind="clean", layout="left")
    lines = engine.read_lines(np.ascontiguousarray(np.rot90(photo, -quarters)))
    (line,) = [line for line in lines if line.text == "4G/Y25/S/25"]
    along = line.quad[1] - line.quad[0]
    wanted = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarters]
    assert along @ wanted > 80


def test_threads_share_an_engine() -> None:
    first, second = read_in_two_threads(LineEngine(threads=1))
    assert first == second != []


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_empty_wall_has_no_text(engine: LineEngine, grey: int) -> None:
    assert engine.read_lines(np.full((100, 160, 3), grey, np.uint8)) == []


def test_the_reader_stays_small() -> None:
    assert load_artifact("codes").path(READER_FILE).stat().st_size < LARGEST_READER


def _lies_in(inner: Quad, outer: Quad) -> bool:
    middle = inner.mean(axis=0)
    return bool((outer.min(axis=0) < middle).all() and (middle < outer.max(axis=0)).all())


def test_un_numbers_on_battery_marks_are_read_whole(engine: LineEngine) -> None:
    """Training knows nothing of the print on marks; a finder that learns other print may forget it."""
    read = 0
    for seed in range(12):
        rng = np.random.default_rng([9, seed])
        art = draw("battery_mark", rng, float(rng.uniform(1, 2.5)))
        rgba = np.pad(art.rgba, ((80, 80), (80, 80), (0, 0)))
        photo = cv2.GaussianBlur(printed_on(bare_board(rng, *rgba.shape[:2]), rgba), (0, 0), 0.7)
        read += any("UN3" in line.text.replace(" ", "") for line in engine.read_lines(photo))
    assert read >= 11
