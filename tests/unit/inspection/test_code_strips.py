"""The line of a packaging code in the report: each element under its own signs."""

from __future__ import annotations

import numpy as np
import pytest

from lipack_vision.codes import CodeReading, ReadElement
from lipack_vision.inspection.code_table import code_view, strips
from lipack_vision.types import as_quad

IMAGE = np.full((200, 400, 3), 180, np.uint8)


def element(
    name: str, text: str, left: float, right: float, line: int = 0, probability: float = 0.99
) -> ReadElement:
    top = 40.0 + 40 * line
    quad = as_quad([[left, top], [right, top], [right, top + 20], [left, top + 20]])
    return ReadElement(name, text, probability, quad, line)


def reading(*elements: ReadElement, suggestion: str = "") -> CodeReading:
    quad = as_quad([[50, 40], [350, 40], [350, 100], [50, 100]])
    return CodeReading("4G/Y25", "4G/Y25", 0.0, quad, None, suggestion=suggestion, elements=elements)


def test_each_line_is_one_strip_and_elements_stand_where_they_were_read() -> None:
    shown = strips(
        reading(
            element("code", "4G", 100, 140),
            element("year", "25", 260, 300, probability=0.5),
            element("state", "CN", 100, 150, 1),
        ),
        IMAGE,
    )
    first, second = shown
    assert [one["text"] for one in first["elements"]] == ["4G", "25"]
    assert [one["tone"] for one in first["elements"]] == ["good", "warn"]
    code, year = first["elements"]
    assert code["left"] == pytest.approx(0, abs=4)
    assert code["width"] == pytest.approx(20, abs=2)
    assert year["left"] + year["width"] == pytest.approx(100, abs=4)
    assert year["probability"] == "50%"
    assert second["elements"][0]["letter"] == "f"
    assert first["uri"].startswith("data:image/jpeg;base64,")


def test_without_a_photo_or_elements_there_are_no_strips() -> None:
    assert code_view(reading(element("code", "4G", 100, 140)), None)["strips"] == []
    assert code_view(reading(suggestion="4G/Y30"), IMAGE) | {"uri": None, "rows": []} == {
        "text": "4G/Y25",
        "raw": "4G/Y25",
        "summary": "Not read completely",
        "uri": None,
        "strips": [],
        "suggestion": "4G/Y30",
        "rows": [],
    }
