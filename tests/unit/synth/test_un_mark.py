from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from lipack_vision.regulations.parser import parse_packaging_code, read_mark
from lipack_vision.synth.un_mark import LAYOUTS, PRINTS, draw_un_mark, draw_un_mark_text
from lipack_vision.synth.un_mark_dots import DOT_CHARACTERS, dot_grid
from lipack_vision.synth.un_mark_text import break_lines, random_mark_text

CHINESE = "4G/Y25/S/25/CN/C370012 PI:015"


def test_random_texts_are_valid_and_canonical() -> None:
    rng = np.random.default_rng(1)
    families = set()
    for _ in range(500):
        text = random_mark_text(rng)
        code = parse_packaging_code(text)
        assert str(code) == text
        families.add(code.family)
    assert families == {"packaging", "infectious", "large_packaging", "ibc"}


def test_lines_keep_the_mark_whole() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        text = random_mark_text(rng)
        for lines in (1, 2, 3, 4):
            printed = break_lines(text, rng, lines)
            assert 1 <= len(printed) <= lines
            assert read_mark("\n".join(printed)).text == text


def test_a_chinese_mark_breaks_before_its_state() -> None:
    for seed in range(20):
        first, second = break_lines(CHINESE, np.random.default_rng(seed), 2)
        assert first.strip(" /").endswith("25")
        assert second.startswith("CN")


@pytest.mark.parametrize("print_kind", PRINTS)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("px_per_mm", [0.7, 3.0])
def test_every_way_of_printing(print_kind: str, layout: str, px_per_mm: float) -> None:
    rng = np.random.default_rng(3)
    art = draw_un_mark_text(CHINESE, rng, px_per_mm, print_kind=print_kind, layout=layout)
    height, width = art.rgba.shape[:2]
    assert art.rgba.dtype == np.uint8
    assert art.rgba.shape[2] == 4
    assert art.rgba[..., 3].max() > 40
    assert (art.label, art.kind, art.text) == ("un_mark", "un_mark", CHINESE)
    (x0, y0), (x1, y1) = art.quad[0], art.quad[2]
    np.testing.assert_allclose(art.quad, [[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height
    assert art.size_mm == pytest.approx(((x1 - x0) / px_per_mm, (y1 - y0) / px_per_mm))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_quad_is_tight(layout: str) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        art = draw_un_mark_text(CHINESE, rng, 3.0, print_kind="clean", layout=layout)
        x, y, width, height = cv2.boundingRect((art.rgba[..., 3] > 8).astype(np.uint8))
        drawn = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
        np.testing.assert_allclose(art.quad, drawn, atol=3)


def test_a_sticker_covers_its_ground_and_the_quad_stays_with_the_mark() -> None:
    art = draw_un_mark_text(CHINESE, np.random.default_rng(4), 3.0, print_kind="sticker")
    assert (art.rgba[..., 3] == 255).all()
    assert art.quad[0].min() >= 4


def test_letters_have_the_wished_height() -> None:
    art = draw_un_mark_text(
        "4G", np.random.default_rng(5), 4.0, height_mm=12, print_kind="clean", layout="letters"
    )
    assert art.size_mm[1] == pytest.approx(12, abs=1.5)


def test_equal_seeds_draw_equal_marks() -> None:
    first, second = (draw_un_mark(np.random.default_rng(6), 2.0) for _ in range(2))
    assert first.text == second.text
    np.testing.assert_array_equal(first.rgba, second.rgba)


def test_marks_differ() -> None:
    texts = {draw_un_mark(np.random.default_rng(seed), 1.0).text for seed in range(20)}
    assert len(texts) > 15


def test_dot_glyphs_are_all_different() -> None:
    drawn = {dot_grid(character).tobytes() for character in DOT_CHARACTERS}
    assert len(drawn) == len(DOT_CHARACTERS)
    assert dot_grid("4G").shape == (7, 11)


def test_a_mark_is_drawn_in_milliseconds() -> None:
    draw_un_mark(np.random.default_rng(0), 2.5)
    begin = time.process_time()
    for seed in range(20):
        draw_un_mark(np.random.default_rng(seed), 2.5)
    # Measured 2 ms; the bound leaves room for a slow, busy machine.
    assert (time.process_time() - begin) / 20 < 0.03
