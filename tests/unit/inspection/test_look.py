from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lipack_vision.codes import TextLine
from lipack_vision.inspection import pool
from lipack_vision.inspection.look import Looker, contains, printable
from lipack_vision.types import Mark
from tests.unit.inspection.fakes import (
    FakeAssessor,
    FakeDetector,
    FakeEngine,
    FakeReader,
    box,
    line,
    mark,
    photo,
)


def looker(**parts: Any) -> Looker:
    fakes = {
        "detector": FakeDetector(),
        "reader": FakeReader(),
        "engine": FakeEngine(),
        "assessor": FakeAssessor(),
    } | parts
    return Looker(**fakes)


def test_everything_seen_is_in_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(photo()).save(path)
    evidence = looker().look(path)
    assert (evidence.name, evidence.width, evidence.height) == (str(path), 320, 240)
    assert len(evidence.sha256) == 64
    assert len(evidence.marks) == 2
    assert len(evidence.readings) == 1
    assert len(evidence.lines) == 2
    assert evidence.failures == ()


def test_one_failed_check_leaves_the_others() -> None:
    evidence = looker(detector=FakeDetector(error=RuntimeError("boom"))).look(photo())
    assert [failure.check for failure in evidence.failures] == ["marks"]
    assert evidence.failures[0].message == "RuntimeError: boom"
    assert evidence.readings
    assert evidence.lines


def test_find_and_read_do_only_that() -> None:
    evidence = looker(engine=FakeEngine(error=ValueError())).find(photo())
    assert evidence.marks
    assert not evidence.failures
    evidence = looker(detector=FakeDetector(error=ValueError())).read(photo())
    assert evidence.readings
    assert not evidence.failures


def test_an_unreadable_photo_is_evidence_too() -> None:
    for look in (looker().look, looker().find, looker().read):
        evidence = look(b"no photo", "dock 7")
        assert evidence.error is not None
        assert evidence.error["where"] == "dock 7"
        assert not evidence.readable


def test_a_decoder_that_breaks_is_an_unreadable_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise MemoryError("too big")

    monkeypatch.setattr("lipack_vision.inspection.look.read_image", broken)
    error = looker().look(photo()).error
    assert error is not None
    assert "MemoryError: too big" in error["found"]


def test_a_battery_mark_without_text_is_read_again_enlarged() -> None:
    battery = mark("battery_mark", at=(20, 20))

    class Engine:
        def __init__(self) -> None:
            self.sizes: list[tuple[int, ...]] = []

        def read_lines(self, image: np.ndarray) -> list[TextLine]:
            self.sizes.append(image.shape[:2])
            whole = image.shape[:2] == (240, 320)
            return [] if whole else [TextLine("UN3480", 0.9, box(0, 0, image.shape[1], image.shape[0]))]

    engine = Engine()
    evidence = looker(detector=FakeDetector((battery,)), engine=engine).look(photo())
    assert len(engine.sizes) == 2
    assert engine.sizes[1][0] > 40
    (found,) = evidence.lines
    assert contains(battery, found)
    assert abs(found.quad.mean(axis=0) - battery.quad.mean(axis=0)).max() < 1


def test_a_battery_mark_whose_text_was_read_is_not_read_again() -> None:
    battery = mark("battery_mark", at=(20, 20))
    engine = FakeEngine((TextLine("UN3480", 0.9, battery.quad),))
    evidence = looker(detector=FakeDetector((battery,)), engine=engine).look(photo())
    assert len(evidence.lines) == 1


def test_a_folded_mark_contains_nothing() -> None:
    folded = Mark("battery_mark", 0.9, np.array([[0, 0], [9, 9], [9, 0], [0, 9]], np.float32))
    assert not contains(folded, line("x", at=(0, 0)))


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a.jpg", "a.jpg"), ("包装 1.jpg", "包装 1.jpg"), ("a\x1b[31m\n.jpg", "a?[31m?.jpg"), ("a\udcff", "a?")],
)
def test_names_are_made_printable(name: str, shown: str) -> None:
    assert printable(name) == shown


def test_processes_look_with_all_that_was_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    works = tmp_path / "works.csv"
    works.write_text("C370012\n")
    given: list[pool.LookerSettings] = []

    def stop(settings: pool.LookerSettings, jobs: int) -> None:
        given.append(settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(pool, "_pool", stop)
    asked = pool.LookerSettings(max_pixels=12345, works=str(works), skip=frozenset({"integrity"}))
    with pytest.raises(KeyboardInterrupt):
        pool.look_at([Path("a.jpg"), Path("b.jpg")], asked, jobs=2)
    assert given == [dataclasses.replace(asked, threads=given[0].threads)]
