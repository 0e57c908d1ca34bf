from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, PackagingCodeReader, TextLine
from lipack_vision.codes.reader import agree
from lipack_vision.codes.views import close_view
from lipack_vision.errors import ImageError
from lipack_vision.geometry import transform
from lipack_vision.regulations.parser import read_mark
from lipack_vision.types import ImageArray, Mark, as_quad

PHOTO = np.full((400, 600, 3), 180, np.uint8)
QUAD = [[100, 100], [400, 100], [400, 160], [100, 160]]
MARK = Mark("un_mark", 0.9, np.array(QUAD, np.float32))
WHOLE = "4G/Y25/S/25/CN/C370012 PI:015"


def line(text: str, x: float, y: float, confidence: float = 0.99) -> TextLine:
    return TextLine(text, confidence, [[x, y], [x + 250, y], [x + 250, y + 22], [x, y + 22]])


TWO_ROWS = [line("4G/Y25/S/25", 110, 105), line("CN/C370012 PI:015", 110, 135)]


class FakeEngine:
    """Gives what the test prepared for the photo itself, and other lines for crops."""

    def __init__(
        self, photo: list[TextLine], crops: Callable[[int, ImageArray], list[TextLine]] | None = None
    ) -> None:
        self.photo, self.crops = photo, crops
        self.sizes: list[tuple[int, ...]] = []

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        self.sizes.append(image.shape)
        if image.shape == PHOTO.shape:
            return self.photo
        return self.crops(len(self.sizes), image) if self.crops else []


def in_crop(text: str, confidence: float = 0.99) -> Callable[[int, ImageArray], list[TextLine]]:
    def read(_: int, image: ImageArray) -> list[TextLine]:
        height, width = image.shape[:2]
        quad = np.array([[0.2, 0.3], [0.8, 0.3], [0.8, 0.6], [0.2, 0.6]]) * (width, height)
        return [TextLine(text, confidence, quad)]

    return read


def test_without_a_detector_the_text_finds_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipack_vision.codes.reader.shipped_artifacts", list)
    engine = FakeEngine(TWO_ROWS)
    (reading,) = PackagingCodeReader(engine).read(PHOTO)
    assert reading.text == WHOLE
    np.testing.assert_allclose(reading.quad, [[110, 105], [360, 105], [360, 157], [110, 157]], atol=0.1)
    assert len(engine.sizes) == 1


def test_a_found_mark_is_read_from_its_crop_where_the_photo_gives_no_lines() -> None:
    engine = FakeEngine([], in_crop(WHOLE))
    (reading,) = PackagingCodeReader(engine).read(PHOTO, marks=[MARK])
    assert reading.text == WHOLE
    np.testing.assert_array_equal(reading.quad, MARK.quad)
    assert engine.sizes[0] == PHOTO.shape
    assert len(engine.sizes) == 2


def test_what_a_detector_cuts_off_is_read() -> None:
    half = (MARK.quad + MARK.quad[[0, 0, 3, 3]]) / 2
    (reading,) = PackagingCodeReader(FakeEngine(TWO_ROWS)).read(PHOTO, marks=[replace(MARK, quad=half)])
    assert reading.text == WHOLE


@pytest.mark.parametrize("margin", [0.25, 1.0, 3.0])
def test_a_crop_of_a_slanted_mark_ends_before_the_horizon(margin: float) -> None:
    slanted = as_quad([[100, 100], [400, 40], [400, 300], [100, 140]])
    crop, back = close_view(PHOTO, slanted, margin)
    assert max(crop.shape) <= 1600
    corners = transform([[0, 0], [crop.shape[1], 0], [crop.shape[1], crop.shape[0]]], back)
    assert np.isfinite(corners).all()
    assert np.abs(corners).max() < 3000


def test_a_detector_is_asked_when_no_marks_are_given() -> None:
    class Detector:
        def detect(self, image: ImageArray) -> list[Mark]:
            return [MARK]

    engine = FakeEngine([], in_crop(WHOLE))
    (reading,) = PackagingCodeReader(engine, Detector()).read(PHOTO)  # type: ignore[arg-type]
    np.testing.assert_array_equal(reading.quad, MARK.quad)


def test_lines_that_are_given_are_not_read_again() -> None:
    engine = FakeEngine([])
    (reading,) = PackagingCodeReader(engine).read(PHOTO, marks=[MARK], lines=TWO_ROWS)
    assert reading.text == WHOLE
    np.testing.assert_array_equal(reading.quad, MARK.quad)
    assert engine.sizes == []


def test_other_marks_are_not_read() -> None:
    engine = FakeEngine([])
    other = Mark("class9a", 0.9, MARK.quad)
    assert PackagingCodeReader(engine).read(PHOTO, marks=[other], lines=[]) == []
    assert engine.sizes == []


def test_an_unreadable_mark_is_reported() -> None:
    (reading,) = PackagingCodeReader(FakeEngine([])).read(PHOTO, marks=[MARK])
    assert reading.code is None
    assert (reading.text, reading.probability) == ("", 0.0)
    assert reading.problems[0][0] == "code"
    np.testing.assert_array_equal(reading.quad, MARK.quad)


def test_an_unlikely_mark_counts_only_if_it_is_read() -> None:
    unlikely = Mark("un_mark", 0.2, MARK.quad)
    other_print = [line("DOT-SP 16011", 120, 110)]
    assert PackagingCodeReader(FakeEngine([])).read(PHOTO, marks=[unlikely], lines=other_print) == []
    (reading,) = PackagingCodeReader(FakeEngine([])).read(PHOTO, marks=[unlikely], lines=TWO_ROWS)
    assert reading.text == WHOLE
    # Without lines given, a guess that led nowhere must not keep the photo's own text from being read.
    elsewhere = Mark("un_mark", 0.2, MARK.quad + np.float32(250))
    (found,) = PackagingCodeReader(FakeEngine(TWO_ROWS)).read(PHOTO, marks=[elsewhere])
    assert found.text == WHOLE


def test_a_mark_that_the_detector_missed_is_read_too() -> None:
    far = [line("4G/X9/S/24/D/BAM 4711", 300, 300)]
    readings = PackagingCodeReader(FakeEngine([])).read(PHOTO, marks=[MARK], lines=TWO_ROWS + far)
    assert {reading.text for reading in readings} == {WHOLE, "4G/X9/S/24/D/BAM 4711"}


def test_an_unsure_reading_is_confirmed_by_another() -> None:
    unsure = [line(WHOLE, 110, 105, confidence=0.6)]
    reader = PackagingCodeReader(FakeEngine([], in_crop(WHOLE, 0.95)))
    (reading,) = reader.read(PHOTO, marks=[], lines=unsure)
    assert reading.text == WHOLE
    assert reading.probability == pytest.approx(0.95)


def test_readings_that_differ_are_doubted() -> None:
    unsure = [line(WHOLE, 110, 105, confidence=0.8)]
    reader = PackagingCodeReader(FakeEngine([], in_crop(WHOLE.replace("370012", "370013"), 0.7)))
    (reading,) = reader.read(PHOTO, marks=[], lines=unsure)
    assert reading.probability < 0.2
    assert any("differ" in reason for _, reason in reading.problems)


def looks(*texts: tuple[str, float]) -> Callable[[int, ImageArray], list[TextLine]]:
    """Crops that are read one way after the other."""
    left = list(texts)
    return lambda turn, image: in_crop(*left.pop(0))(turn, image)


def test_what_two_of_three_readings_say_is_rather_believed_than_the_surest_one() -> None:
    wrong = WHOLE.replace("370012", "370013")
    unsure = [line(WHOLE, 110, 105, confidence=0.5)]
    reader = PackagingCodeReader(FakeEngine([], looks((wrong, 0.7), (WHOLE, 0.6))))
    (reading,) = reader.read(PHOTO, marks=[], lines=unsure)
    assert reading.text == WHOLE
    assert reading.probability < 0.2
    assert any("differ" in reason for _, reason in reading.problems)


def test_a_surer_reading_that_raises_a_doubt_gives_way() -> None:
    doubtful = WHOLE.replace("C370012", "0370012")  # a form of works codes that marks of 2025 no longer have
    unsure = [line(doubtful, 110, 105, confidence=0.85)]
    reader = PackagingCodeReader(FakeEngine([], in_crop(WHOLE, 0.7)))
    (reading,) = reader.read(PHOTO, marks=[], lines=unsure)
    assert (reading.text, reading.warnings) == (WHOLE, ())
    assert any("differ" in reason for _, reason in reading.problems)


def told(text: str, probability: float, *warnings: str) -> CodeReading:
    code = read_mark(text).code
    assert code is not None
    doubts = tuple(("maker", warning) for warning in warnings)
    return CodeReading(text, text, probability, MARK.quad, code, warnings=doubts)


OTHER_LINE = "its last line, '7250', may be other print"


def test_what_stands_below_a_mark_is_no_reason_to_believe_another_reading() -> None:
    whole, beginning = "4G/Y25/S/25/NL/PA-49/7250", "4G/Y25/S/25/NL/PA-49"
    readings = [told(whole, 0.85, OTHER_LINE), told(whole, 0.85, OTHER_LINE), told(beginning, 0.5)]
    assert agree(readings).text == whole
    assert agree([told(whole, 0.89, OTHER_LINE), told(WHOLE, 0.05)]).text == whole


def test_a_stain_behind_a_mark_that_one_of_three_readings_takes_for_a_sign_is_none() -> None:
    readings = [told("4G/Y25/S/25/NL/PA-49", 0.88), told("4G/Y25/S/25/NL/PA-49", 0.88)]
    best = agree([*readings, told("4G/Y25/S/25/NL/PA-491", 0.3)])
    assert best.text == "4G/Y25/S/25/NL/PA-49"
    assert any("differ" in reason for _, reason in best.problems)


@pytest.mark.parametrize("cut", [WHOLE[:-1], WHOLE[:-2]])
def test_a_reading_that_was_cut_off_in_a_number_gives_way_to_the_whole_one_and_is_told(cut: str) -> None:
    unsure = [line(WHOLE, 110, 105, confidence=0.5)]
    reader = PackagingCodeReader(FakeEngine([], in_crop(cut, 0.8)))
    (reading,) = reader.read(PHOTO, marks=[], lines=unsure)
    assert reading.text == WHOLE
    assert reading.probability < 0.2
    assert [reason for _, reason in reading.problems] == [f"readings of the mark differ: {WHOLE} and {cut}"]


@pytest.mark.parametrize(
    ("beginning", "differs"), [("4G/Y25/S/24", True), ("4G/Y25/S/25", False), ("4G/Y2", True)]
)
def test_a_reading_is_held_against_the_beginning_that_was_read_before(beginning: str, differs: bool) -> None:
    reader = PackagingCodeReader(FakeEngine([], in_crop(WHOLE, 0.95)))
    (reading,) = reader.read(PHOTO, marks=[MARK], lines=[line(beginning, 110, 105)])
    assert reading.text == WHOLE
    assert reading.probability < 0.95
    assert any("differ" in reason for _, reason in reading.problems) == differs


def test_a_beginning_of_a_mark_for_liquids_contradicts_nothing() -> None:
    whole = "1A1/Y1.4/150/25/NL/RB 826"
    reader = PackagingCodeReader(FakeEngine([], in_crop(whole, 0.95)))
    (reading,) = reader.read(PHOTO, marks=[MARK], lines=[line("1A1/Y1.4", 110, 105)])
    assert reading.text == whole
    assert reading.problems == ()


def test_a_repaired_reading_gives_way_to_one_without_repairs() -> None:
    repaired = [line(WHOLE.replace("Y", "V"), 110, 105)]
    reader = PackagingCodeReader(FakeEngine([], in_crop(WHOLE)))
    (reading,) = reader.read(PHOTO, marks=[], lines=repaired)
    assert reading.repairs == ()
    assert reading.probability > 0.9


def test_a_mark_upside_down_is_read() -> None:
    turned = [TextLine(WHOLE, 0.99, [[100, 300], [400, 300], [400, 330], [100, 330]])]

    class Turned(FakeEngine):
        def read_lines(self, image: ImageArray) -> list[TextLine]:
            # The bright corner tells which way up the picture is.
            return turned if image[-1, -1, 0] == 255 else [line("HSINV", 100, 100)]

    photo = PHOTO.copy()
    photo[0, 0] = 255
    (reading,) = PackagingCodeReader(Turned([])).read(photo, marks=[])
    assert reading.text == WHOLE
    np.testing.assert_allclose(reading.quad, [[500, 100], [200, 100], [200, 70], [500, 70]], atol=0.1)


def test_a_mark_that_the_detector_took_upside_down_is_read() -> None:
    photo = PHOTO.copy()
    photo[100:130, 100:400] = 90

    def read(_: int, image: ImageArray) -> list[TextLine]:
        height = image.shape[0]
        dark_below = image[: height // 2].mean() > image[height // 2 :].mean()
        return [] if dark_below else in_crop(WHOLE)(0, image)

    wrong = Mark("un_mark", 0.9, np.roll(MARK.quad, 2, axis=0))
    (reading,) = PackagingCodeReader(FakeEngine([], read)).read(photo, marks=[wrong])
    assert reading.text == WHOLE
    np.testing.assert_array_equal(reading.quad, MARK.quad)


def test_photos_are_checked() -> None:
    with pytest.raises(ImageError):
        PackagingCodeReader(FakeEngine([])).read(b"no photo")
    with pytest.raises(ImageError):
        PackagingCodeReader(FakeEngine([])).read(PHOTO, marks=[], max_pixels=1000)


def test_text_can_be_read_alone() -> None:
    reader = PackagingCodeReader(FakeEngine(TWO_ROWS))
    assert reader.read_text(PHOTO) == TWO_ROWS
