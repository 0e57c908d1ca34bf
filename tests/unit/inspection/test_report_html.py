from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lipack_vision.errors import ConfigError
from lipack_vision.inspection import Inspection
from lipack_vision.inspection.code_table import rows
from lipack_vision.inspection.look import Looker
from lipack_vision.inspection.names import percent, tone
from lipack_vision.inspection.overlay import shapes
from lipack_vision.inspection.pictures import crop_uri, draw_marks, photo_sha256, save_picture
from lipack_vision.inspection.report import render_report, write_report
from tests.unit.inspection.fakes import (
    FakeAssessor,
    FakeDetector,
    FakeEngine,
    FakeReader,
    carton,
    declared,
    inspector,
    mark,
    partial,
    photo,
    reading,
)


class Page(HTMLParser):
    """Collects tags with their attributes, and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += " ".join(data.split()) + " "

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def report(answer: Inspection, sources: list[Any]) -> Page:
    return Page(render_report(answer, sources))


def test_the_decision_stands_in_title_attribute_and_words() -> None:
    sources = [photo()]
    released = report(inspector().inspect(sources, declared()), sources)
    assert released.all("html")[0]["data-decision"] == "release"
    assert "RELEASE" in released.text
    reviewed = report(inspector().inspect(sources), sources)
    assert reviewed.all("html")[0]["data-decision"] == "review"
    assert reviewed.all("main")[0]["data-decision"] == "review"
    assert "No declaration was given" in reviewed.text


def test_nothing_is_loaded_from_anywhere_and_no_script_runs() -> None:
    sources = [photo()]
    html = render_report(inspector().inspect(sources, declared()), sources)
    page = Page(html)
    assert not page.all("script")
    assert not page.all("link")
    assert all((attrs["src"] or "").startswith("data:image/jpeg;base64,") for attrs in page.all("img"))
    assert not re.search(r"https?://|url\(|@import", html)
    policy = next(attrs for attrs in page.all("meta") if attrs.get("http-equiv"))
    assert "default-src 'none'" in (policy["content"] or "")


def test_every_finding_quad_crop_and_element_is_shown() -> None:
    sources = [photo()]
    answer = inspector().inspect(sources, declared())
    page = report(answer, sources)
    for finding in answer.findings:
        assert finding.message in page.text
    assert len(page.all("polygon")) == 2 * 3  # two marks and the code, each with a white ground
    assert len(page.all("img")) == 1 + 2 + 1  # photo, two marks, code
    assert page.all("svg")[0]["viewbox"] == "0 0 320 240"
    assert all(part in page.text for part in ("fibreboard box", "Xiamen customs district", "C370012"))
    assert "integrity (condition of the box" in page.text
    assert answer.id in page.text


def test_names_and_readings_are_escaped() -> None:
    evil = '<img src=x onerror="alert(1)">'
    sources = [photo()]
    reader = FakeReader((reading(), partial(evil, ("year", evil))))
    looker = Looker(FakeDetector(), reader, FakeEngine(), assessor=FakeAssessor())
    answer = inspector().judge([looker.look(sources[0], f"{evil}.jpg")], declared(product=evil))
    page = report(answer, sources)
    assert all((attrs.get("src") or "").startswith("data:") for attrs in page.all("img"))
    assert "onerror" in page.text


def test_an_unreadable_photo_is_shown_as_such() -> None:
    sources = [photo(), b"no photo"]
    page = report(inspector().inspect(sources, declared()), sources)
    assert "This photo could not be read." in page.text


def test_a_file_that_changed_since_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(photo(1)).save(path)
    answer = inspector().inspect(path, declared())
    Image.fromarray(photo(2)).save(path)
    page = report(answer, [path])
    assert "has changed since it was inspected" in page.text
    assert not page.all("svg")
    path.unlink()
    assert "The picture is not shown" in report(answer, [path]).text


def test_large_photos_are_shrunk() -> None:
    small, large = [photo(size=(320, 240))], [np.full((3000, 4000, 3), 200, np.uint8)]
    html = render_report(inspector().inspect(large, declared()), large)
    assert len(html) < 300_000
    assert Page(html).all("svg")[0]["viewbox"] == "0 0 4000 3000"
    assert render_report(inspector().inspect(small, declared()), small)


def test_several_packages_share_a_report_and_release_needs_all() -> None:
    good, bad = inspector().inspect(photo(1), declared(reference="A-1")), inspector().inspect(photo(2))
    page = Page(render_report([good, bad], [[photo(1)], [photo(2)]]))
    assert page.all("html")[0]["data-decision"] == "review"
    assert [attrs["data-decision"] for attrs in page.all("main")] == ["release", "review"]
    assert "1 of 2 packages may be released" in page.text
    assert "A-1" in page.text


def test_write_report_makes_the_folder_or_says_why_not(tmp_path: Path) -> None:
    answer = inspector().inspect(photo(), declared())
    path = write_report(tmp_path / "new" / "r.html", answer, [photo()])
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="report"):
        write_report(tmp_path / "file" / "r.html", answer, [photo()])


def test_rows_of_a_code_name_problem_repair_and_warning() -> None:
    shown = {
        row["name"]: row
        for row in rows(
            reading(repairs=(("level", "V", "Y"),), warnings=(("gross mass", "odd"), ("gross_mass", "odd")))
        )
    }
    assert shown["code"]["meaning"] == "fibreboard box"
    assert shown["level"]["status"] == "repaired"
    assert shown["level"]["note"] == "'V' read, 'Y' taken"
    assert shown["gross mass"]["status"] == "unlikely"
    assert (shown["batch"]["text"], shown["batch"]["letter"]) == ("015", "g")
    hidden = {row["name"]: row for row in rows(partial("4G/Y25/S", ("year", "hidden by a finger")))}
    assert hidden["year"] == {
        "letter": "e",
        "name": "year",
        "text": "not read",
        "meaning": "",
        "tone": "bad",
        "status": "problem",
        "note": "hidden by a finger",
    }
    assert hidden["level"]["status"] == "right form"


def test_captions_do_not_cover_each_other() -> None:
    marks = tuple(mark(label, at=(300, 2)) for label in ("class9a", "battery_mark", "un_mark"))
    evidence = inspector(FakeDetector(marks)).inspect(photo(), declared()).photos[0]
    places = [(shape["x"], shape["y"]) for shape in shapes(evidence)]
    assert len({y for _, y in places}) == len(places)
    assert all(0 <= x < 320 and 0 < y <= 240 for x, y in places)


def test_probabilities_never_read_as_certain() -> None:
    assert percent(0.987) == "98.7 %"
    assert percent(0.99999) == "over 99.9 %"
    assert percent(1.0, calibrated=False) == "score 1.00, uncalibrated"
    assert (tone("right", "info"), tone("wrong", "fail"), tone("skipped", "info")) == ("good", "bad", "warn")


def test_a_diamond_is_cropped_standing_on_its_corner() -> None:
    image = np.full((200, 200, 3), 255, np.uint8)
    diamond = np.array([[100, 20], [180, 100], [100, 180], [20, 100]], np.float32)
    assert (crop_uri(image, diamond, diamond=True) or "").startswith("data:image/jpeg")
    folded = np.array([[0, 0], [9, 9], [9, 0], [0, 9]], np.float32)
    assert crop_uri(image, folded, diamond=False) is None


def test_drawing_leaves_the_photo_alone(tmp_path: Path) -> None:
    image = photo()
    before = image.copy()
    drawn = draw_marks(image, [mark("class9a"), mark("carton", at=(100, 90))])
    assert (image == before).all()
    assert (drawn != before).any()
    save_picture(drawn, tmp_path / "x" / "a.jpg")
    assert Image.open(tmp_path / "x" / "a.jpg").size == (320, 240)
    save_picture(drawn, tmp_path / "a.PNG")
    assert (np.asarray(Image.open(tmp_path / "a.PNG")) == drawn).all()
    assert Image.open(tmp_path / "x" / "a.jpg").format == "JPEG"
    with pytest.raises(ConfigError):
        save_picture(drawn, tmp_path / "x" / "a.jpg" / "b.jpg")


def test_the_same_bytes_have_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert photo_sha256(b"abc") == photo_sha256(tmp_path / "a") == photo_sha256(str(tmp_path / "a"))
    assert photo_sha256(photo(1)) != photo_sha256(photo(2))


@pytest.mark.parametrize(
    ("probability", "calibrated", "shade"),
    [(0.01, True, "good"), (0.3, True, "warn"), (0.01, False, "warn"), (0.99, True, "bad")],
)
def test_only_a_carton_that_may_be_released_is_shown_as_good(
    probability: float, calibrated: bool, shade: str
) -> None:
    box = carton(probability, "damaged" if probability > 0.9 else "sound")
    assessor = FakeAssessor([(box,)], calibrated=calibrated)
    sources = [photo()]
    answer = inspector(assessor=assessor, skip={"reference"}).inspect(sources, declared())
    html = render_report(answer, sources)
    words = "damaged" if shade == "bad" else "no damage seen"
    assert f'<span class="chip {shade}">{words}</span> damaged:' in html
