from __future__ import annotations

import pytest

from lipack_vision.regulations import read_mark


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("4G/Y0/S/22/D/X 1", "gross_mass"),
        ("4G/Y1001/S/22/D/X 1", "gross_mass"),
        ("1A1/Y4.1/150/22/D/X 1", "density"),
        ("1A1/Y25/150/22/D/X 1", "density"),
        ("1A1/Y1.4/1510/22/D/X 1", "solid_or_pressure"),
        ("4G/Y1.4/150/22/D/X 1", "solid_or_pressure"),
        ("5H4/Y1.4/150/22/D/X 1", "solid_or_pressure"),
        ("1G/Y1.4/150/22/D/X 1", "solid_or_pressure"),
        ("50A/X/05 05/USA/M9399/2500/49", "gross_mass"),
        ("50A/X/05 05/USA/M9399/2500/6001", "gross_mass"),
        ("4G/Y25/S/22/CN/C370000", "maker"),
    ],
)
def test_what_cannot_be_is_refused(text: str, element: str) -> None:
    reading = read_mark(text)
    assert (reading.status, reading.code) == ("malformed", None)
    assert [name for name, _ in reading.problems] == [element]


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("1A2/Y501/S/22/D/X 1", "gross_mass"),
        ("4H1/Y61/S/22/D/X 1", "gross_mass"),
        ("5H4/Y61/S/22/D/X 1", "gross_mass"),
        ("4G/Y1.2/S/22/D/X 1", "gross_mass"),
        ("1A1/Y2.3/150/22/D/X 1", "density"),
        ("1A1/Y1.4/20/22/D/X 1", "solid_or_pressure"),
        ("31HA1/Y/05 22/D/X 1/0/7000", "gross_mass"),
        ("4GV/Y25/S/22/D/X 1", "level"),
        ("4G/Y25/S/22/DE/X 1", "state"),
        ("4G/Y25/S/22/CN/33000402", "maker"),
        ("4G/Y25/S/22/CN/C990001", "maker"),
    ],
)
def test_what_is_unlikely_warns(text: str, element: str) -> None:
    reading = read_mark(text)
    assert reading.status == "complete"
    assert [name for name, _ in reading.warnings] == [element]


@pytest.mark.parametrize(
    "text",
    [
        "4G/Y25/S/22/D/X 1",
        "4G/Y500/S/22/D/X 1",
        "4H1/Y60/S/22/D/X 1",
        "4G/Y3/S/22/D/X 1",
        "4G/Y2.5/S/22/D/X 1",
        "1A1/Y2.2/30/22/D/X 1",
        "4GV/X25/S/22/D/X 1",
        "50A/X/05 05/USA/M9399/0/6000",
        "4G/Y25/S/19/CN/33000402",
    ],
)
def test_ordinary_values_pass(text: str) -> None:
    reading = read_mark(text)
    assert (reading.status, reading.warnings) == ("complete", ())


@pytest.mark.parametrize(
    ("text", "photo_year", "warned"),
    [
        ("4G/Y25/S/26/D/X 1", 2025, True),
        ("4G/Y25/S/26/D/X 1", 2026, False),
        ("4G/Y25/S/99/D/X 1", 2025, False),
        ("1H2/Y25/S/19/D/X 1", 2025, True),
        ("1H2/Y25/S/20/D/X 1", 2025, False),
        ("4H2/Y25/S/10/D/X 1", 2025, False),
        ("1A2/Y25/S/10/D/X 1", 2025, False),
        ("1H2/Y25/S/10/D/X 1", None, False),
    ],
)
def test_age(text: str, photo_year: int | None, warned: bool) -> None:
    assert ("year" in dict(read_mark(text, photo_year).warnings)) is warned


def test_a_month_is_not_taken_for_a_pressure() -> None:
    """The S before 10 25 is hidden, and 10 kPa would be no pressure for a drum."""
    for text in ("1H1/X25/10 25/D/BAM 1", "3H2/Y1.4/10/25/CN/C370012"):
        reading = read_mark(text)
        assert reading.code is None
        assert "solid_or_pressure" not in reading.elements
    assert read_mark("1H1/Y1.4/10/05 25/D/BAM 1").code is not None
    assert read_mark("1A1/Y1.4/20/25/D/BAM 1").code is not None
