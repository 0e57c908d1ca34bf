"""Fonts: every file is there, choice follows the style, errors say what to install."""

from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.errors import ConfigError, MissingExtraError
from lipack_vision.synth import fonts

FREE = {"Apache-2.0", "OFL-1.1", "Bitstream-Vera"}


@pytest.mark.parametrize("name", fonts.FONTS)
def test_every_font_has_the_letters_of_the_marks(name: str) -> None:
    path = fonts.font_path(name)
    assert path.suffix in {".ttf", ".otf"}
    masks = [fonts.text_mask(name, 24, letter) for letter in "UN3480/9A"]
    assert all(mask.max() > 200 for mask in masks)
    # A missing glyph is drawn as one and the same box.
    assert len({mask.tobytes() for mask in masks}) == len("UN3480/9A")


def test_licences_are_free() -> None:
    assert {font.licence for font in fonts.FONTS.values()} <= FREE


def test_loaded_font_is_kept() -> None:
    assert fonts.load_font("roboto-bold", 31) is fonts.load_font("roboto-bold", 31)


def test_capitals_have_the_stated_height() -> None:
    for name in ("roboto-bold", "fjalla", "dejavu"):
        height = fonts.text_mask(name, 100, "H").shape[0]
        assert height == pytest.approx(100 * fonts.cap_ratio(name), abs=1.5)


def test_choice_follows_style_and_seed() -> None:
    rng = np.random.default_rng(3)
    bold = {fonts.choose_font(rng, "bold") for _ in range(200)}
    assert bold == {name for name, font in fonts.FONTS.items() if font.style == "bold" and not font.held_out}
    mixed = {fonts.FONTS[fonts.choose_font(rng, ("mono", "serif"))].style for _ in range(60)}
    assert mixed == {"mono", "serif"}
    assert fonts.choose_font(np.random.default_rng(5)) == fonts.choose_font(np.random.default_rng(5))


def test_heavier_fonts_come_more_often() -> None:
    rng = np.random.default_rng(0)
    drawn = [fonts.choose_font(rng, "regular") for _ in range(900)]
    assert drawn.count("roboto") > 2 * drawn.count("dejavu")


def test_unknown_names_and_sizes_are_refused() -> None:
    with pytest.raises(ConfigError, match="roboto-bold"):
        fonts.font_path("arial")
    with pytest.raises(ConfigError):
        fonts.load_font("roboto", 0)
    with pytest.raises(ConfigError):
        fonts.choose_font(np.random.default_rng(0), ())


def test_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = fonts.Font("font-absent", "font_absent", "files/x.ttf", "Absent", "OFL-1.1", "bold")
    monkeypatch.setitem(fonts.FONTS, "absent", absent)
    with pytest.raises(MissingExtraError, match=r"font-absent.*pip install \"lipack-vision\[synth\]\""):
        fonts.font_path("absent")


def test_missing_pillow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(MissingExtraError, match="pillow"):
        fonts.load_font("roboto", 1234)


def test_held_out_fonts_come_only_when_asked_for() -> None:
    rng = np.random.default_rng(1)
    held_out = {name for name, font in fonts.FONTS.items() if font.held_out}
    assert {fonts.choose_font(rng, ("bold", "regular"), held_out=True) for _ in range(100)} == held_out
