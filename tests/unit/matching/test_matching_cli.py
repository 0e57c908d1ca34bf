"""`lipack match` and `lipack compare`, with nets that know colours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner, Result

from lipack_vision.cli import app
from lipack_vision.cli.match import show_match
from lipack_vision.errors import ImageError
from lipack_vision.inspection.pool import LookerSettings
from lipack_vision.library import QualifiedLibrary
from lipack_vision.matching import Candidate, Match, SiameseEncoder
from lipack_vision.types import ImageArray
from tests.helpers.matching_artifact import matching_artifact
from tests.helpers.matching_pictures import ASLANT, STRAIGHT, Whole, face, label, photo


def held(picture: ImageArray) -> ImageArray:
    """The face with something before it, as the nets of these tests know it."""
    out = picture.copy()
    out[100:180, 200:300] = (255, 0, 255)
    return out


@pytest.fixture(scope="module", autouse=True)
def cartons() -> Iterator[None]:
    """To the shipped detector there is no carton on these pictures, and without one nothing is compared."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lipack_vision.labels.HazardLabelDetector", lambda **_: Whole())
        yield


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact, photos, and a library with one packaging."""
    folder = tmp_path_factory.mktemp("match")
    matching_artifact(folder / "artifact")
    for name, picture, quad in (
        ("reference", face(1), STRAIGHT),
        ("same", face(1), ASLANT),
        ("changed", label(face(1)), ASLANT),
        ("other", face(5), ASLANT),
        ("held", held(face(1)), ASLANT),
    ):
        cv2.imwrite(str(folder / f"{name}.png"), photo([(picture, quad)])[..., ::-1])
    encoder = SiameseEncoder(folder / "artifact", threads=1)
    kept = QualifiedLibrary(folder / "library.db", encoder=encoder)
    kept.enroll("box 1", folder / "reference.png", packaging_type="4G", allow={"blurred", "tiny"})
    return folder


def run(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--artifact", str(place / "artifact")])


def compare(place: Path, name: str, *arguments: str) -> Result:
    """A photo beside that of the reference."""
    return run(place, "compare", str(place / f"{name}.png"), str(place / "reference.png"), *arguments)


def test_photos_are_matched_one_line_each(place: Path) -> None:
    names = [str(place / f"{name}.png") for name in ("same", "changed", "other")]
    result = run(place, "match", *names, "--library", str(place / "library.db"), "--among", "4G", "--json")
    assert result.exit_code == 1, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["photo"] for line in lines] == names
    assert [line["reference_id"] for line in lines] == ["box 1", "box 1", None]
    assert [line["changed"] for line in lines] == [False, True, None]
    same = Match.from_dict(lines[0])
    assert same.comparable
    assert same.changes == []


def test_an_unchanged_packaging_needs_nobody(place: Path) -> None:
    result = run(place, "match", str(place / "same.png"), "--library", str(place / "library.db"))
    assert result.exit_code == 0, result.output
    assert "box 1" in result.stdout
    assert "unchanged" in result.stdout


def test_a_place_that_is_hidden_needs_a_person(place: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.png"
    result = compare(place, "held", "--draw", str(drawn))
    assert result.exit_code == 1, result.output
    assert "a place hidden" in result.stdout
    assert "hidden at" in result.stdout
    assert "differs at" not in result.stdout
    told = Match.from_dict(json.loads(compare(place, "held", "--json").stdout))
    assert told.changed is False
    assert len(told.hidden) == 1
    grey = (cv2.imread(str(drawn)) == 120).all(axis=2)
    assert grey[:, :600].any()
    assert grey[:, 600:].any()


def test_two_photos_are_compared_and_drawn(place: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.png"
    result = compare(place, "changed", "--draw", str(drawn))
    assert result.exit_code == 1, result.output
    assert "changed" in result.stdout
    assert "differs at" in result.stdout
    assert cv2.imread(str(drawn)).shape == (470, 1200, 3)
    assert drawn.read_bytes().startswith(b"\x89PNG")
    again = compare(place, "same", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["changed"] is False


def test_what_a_library_says_cannot_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    told = Match("box\x1b[2J", 0.9, True, (4, 3), (Candidate("box\x1b[2J", 0.9, 0.8),), "why\x1b[0m")
    show_match("a\x1b.jpg", told, json=False)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert shown.count("box?[2J") == 2


@pytest.fixture
def shipped(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The artifact as the one that is used where none is named."""
    encoder = SiameseEncoder(place / "artifact", threads=1)
    monkeypatch.setattr("lipack_vision.matching.SiameseEncoder", lambda **_: encoder)


@pytest.mark.usefixtures("shipped")
def test_an_inspection_with_a_wrong_library_is_an_error_at_once(place: Path, tmp_path: Path) -> None:
    words = ["inspect", str(place / "same.png"), "--library", str(tmp_path / "none.db")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2, result.output
    assert "no such file" in result.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.usefixtures("shipped")
def test_an_inspection_refuses_what_is_too_large_to_match(place: Path) -> None:
    matcher = LookerSettings(library=str(place / "library.db"), max_pixels=1000)._matcher(None)
    assert matcher is not None
    with pytest.raises(ImageError, match=r"at most 0\.001 megapixels"):
        matcher.match(place / "same.png")


def test_what_cannot_be_read_or_is_not_there_is_said(place: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    result = run(place, "match", str(broken), "--library", str(place / "library.db"))
    assert result.exit_code == 2
    assert "broken.jpg" in result.stderr
    beside = run(place, "match", str(broken), str(place / "same.png"), "--library", str(place / "library.db"))
    assert beside.exit_code == 1
    missing = run(place, "match", str(place / "same.png"), "--library", str(tmp_path / "none.db"))
    assert missing.exit_code == 2
    assert not (tmp_path / "none.db").exists()
    assert run(place, "compare", str(broken), str(place / "reference.png")).exit_code == 2
