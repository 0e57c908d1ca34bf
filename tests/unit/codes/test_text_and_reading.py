from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, TextLine
from lipack_vision.errors import ShapeError
from lipack_vision.regulations.parser import parse_packaging_code

QUAD = np.array([[0, 0], [100, 0], [100, 20], [0, 20]], np.float32)


def test_a_line_survives_json() -> None:
    line = TextLine("4G Y25", 0.9, QUAD, confidences=(0.9, 0.8, 0.1, 0.5, 0.9, 1.0))
    sure = replace(line, calibrated=True)
    assert [TextLine.from_dict(json.loads(json.dumps(one.to_dict()))) for one in (line, sure)] == [line, sure]
    assert sure != line
    assert not TextLine.from_dict({k: v for k, v in sure.to_dict().items() if k != "calibrated"}).calibrated


def test_a_line_without_character_confidences_is_as_weak_as_its_mean() -> None:
    assert TextLine("4G", 0.7, QUAD).weakest == 0.7


def test_the_weakest_character_is_no_blank_and_none_of_those_skipped() -> None:
    line = TextLine("Q 4G", 0.7, QUAD, confidences=(0.2, 0.1, 0.8, 0.9))
    assert line.weakest == 0.2
    assert line.weakest_after(1) == 0.8


def test_confidences_belong_to_characters() -> None:
    with pytest.raises(ShapeError, match="confidences"):
        TextLine("4G", 0.7, QUAD, confidences=(0.7,))


def test_a_line_needs_four_corners() -> None:
    with pytest.raises(ShapeError):
        TextLine("4G", 0.7, QUAD[:3])


@pytest.mark.parametrize("mark", ["4G/Y25/S/25/CN/C370012 PI:015", None])
def test_a_reading_survives_json(mark: str | None) -> None:
    reading = CodeReading(
        text=mark or "4G/Y25/S",
        raw="8 4G/V25/S\nCN",
        probability=0.4 if mark else 0.0,
        quad=QUAD,
        code=parse_packaging_code(mark) if mark else None,
        problems=() if mark else (("year", "not readable: nothing was read where it is due"),),
        repairs=(("level", "V", "Y"),),
        warnings=(("gross_mass", "unlikely"),),
    )
    again = CodeReading.from_dict(json.loads(json.dumps(reading.to_dict())))
    assert again == reading
    assert again.code == reading.code
    assert not again.calibrated
    assert CodeReading.from_dict(replace(reading, calibrated=True).to_dict()).calibrated
