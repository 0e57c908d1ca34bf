from __future__ import annotations

import pytest

from lipack_vision.regulations import label_geometry as geometry
from lipack_vision.regulations.facts import Certainty, Fact


def test_hazard_label() -> None:
    assert geometry.HAZARD_LABEL_SIDE_MM.value == 100
    assert geometry.HAZARD_LABEL_INNER_LINE_OFFSET_MM.value == 5
    assert geometry.HAZARD_LABEL_INNER_LINE_WIDTH_MM.value == 2
    assert geometry.CLASS9_STRIPES.value == 7
    assert geometry.CARGO_AIRCRAFT_ONLY_MM.value == (120, 110)
    assert geometry.inner_line_offset_mm(50) == 2.5


@pytest.mark.parametrize(
    ("year", "size", "reduced", "phone"),
    [
        (2016, (120, 110), (105, 74), True),
        (2020, (120, 110), (105, 74), True),
        (2021, (100, 100), (100, 70), True),
        (2022, (100, 100), (100, 70), True),
        (2023, (100, 100), (100, 70), False),
        (2030, (100, 100), (100, 70), False),
    ],
)
def test_battery_mark_by_edition(
    year: int, size: tuple[int, int], reduced: tuple[int, int], phone: bool
) -> None:
    edition = geometry.battery_mark_edition(year)
    assert (edition.size_mm, edition.reduced_mm, edition.phone_number) == (size, reduced, phone)


@pytest.mark.parametrize(
    ("gross", "height"), [(31, 12), (30, 6), (5.1, 6), (5, None), (0.5, None), (None, 12)]
)
def test_letter_heights(gross: float | None, height: float | None) -> None:
    assert geometry.min_mark_height_mm(gross_kg=gross).value == height
    assert geometry.min_un_number_height_mm(litres=gross).value == height
    assert geometry.min_mark_height_mm("ibc", gross_kg=gross).value == 12


def test_stacking_load() -> None:
    assert geometry.max_stacking_load_kg(1800) == pytest.approx(1000)
    assert geometry.STACKING_PICTOGRAM_SINCE["large_packaging"].value == 2015


def test_every_fact_names_its_source() -> None:
    facts = [value for value in vars(geometry).values() if isinstance(value, Fact)]
    assert len(facts) > 15
    assert all(fact.source and isinstance(fact.certainty, Certainty) for fact in facts)
    assert geometry.HAZARD_LABEL_AIR_MIN_SIDE_MM.certainty is Certainty.UNSURE
