"""Sizes of hazard labels and marks in millimetres, and minimum letter heights, each with its source.

Section numbers are those of the UN Model Regulations and ADR; they agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lipack_vision.regulations.facts import Certainty, Fact

_V, _M, _U = Certainty.VERIFIED, Certainty.MEMORY, Certainty.UNSURE
_LABEL = "5.2.2.2.1.1"

Size = tuple[float, float]
"""Width and height in mm."""

HAZARD_LABEL_SIDE_MM = Fact(100.0, f"{_LABEL}.2: side of the square on its corner, at least", _V)
HAZARD_LABEL_INNER_LINE_OFFSET_MM = Fact(5.0, f"{_LABEL}.2: edge to the outer side of the inner line", _V)
HAZARD_LABEL_INNER_LINE_WIDTH_MM = Fact(2.0, f"{_LABEL}.2: width of the inner line, at least", _V)
HAZARD_LABEL_AIR_MIN_SIDE_MM = Fact(30.0, "trade guide of 2025 on reduced labels by air", _U)
CLASS9_STRIPES = Fact(7, "5.2.2.2.2 models 9 and 9A: vertical stripes in the upper half", _V)
CLASS9A_TEXT_ALLOWED = Fact(False, "5.2.2.2.1.3: no text but the class number on model 9A", _V)
CLASS9A_COMPULSORY_SINCE = Fact(
    2019, "1.6.1 with ADR 2017: model 9A on lithium packages from 1 January 2019", _V
)

PLACARD_SIDE_MM = Fact(250.0, "5.3.1.7.1: side, at least", _V)
PLACARD_INNER_LINE_OFFSET_MM = Fact(12.5, "5.3.1.7.1", _M)
PLACARD_DIGIT_HEIGHT_MM = Fact(25.0, "5.3.1.7.1", _M)
UNIT_UN_NUMBER_HEIGHT_MM = Fact(65.0, "IMDG 5.3.2.1 for UN 3536", _M)

CARGO_AIRCRAFT_ONLY_MM: Fact[Size] = Fact((120.0, 110.0), "IATA DGR 7.2.4.2, at least", _V)
BATTERY_MARK_BORDER_MM = Fact(5.0, "5.2.1.9.2: width of the hatched border, at least", _V)
BATTERY_MARK_DIGIT_HEIGHT_MM = Fact(12.0, "IATA DGR 7.1.5.5 for the UN number", _V)
OVERPACK_LETTER_HEIGHT_MM = Fact(12.0, "5.1.2.1 (a): at least", _V)
SPECIAL_WORDING_HEIGHT_MM = Fact(12.0, "SP 376 and SP 377: at least", _V)
STACKING_PICTOGRAM_SIDE_MM = Fact(100.0, "6.5.2.2.2 and 6.6.3.3: side, at least", _V)
STACKING_DIGIT_HEIGHT_MM = Fact(12.0, "6.5.2.2.2: load above the pictogram, at least", _V)
STACKING_TEST_FACTOR = Fact(1.8, "6.5.2.2.2: stacking test load over the load shown, at least", _V)
STACKING_PICTOGRAM_SINCE: dict[str, Fact[int]] = {
    "large_packaging": Fact(2015, "6.6.3.3: made from 1 January 2015", _V),
    "ibc": Fact(2011, "6.5.2.2.2: made from 1 January 2011", _V),
}


@dataclass(frozen=True, slots=True)
class BatteryMarkEdition:
    """Rules of the battery mark (5.2.1.9) of one edition.

    Attributes:
        year: first year of the edition.
        size_mm: smallest width and height.
        reduced_mm: smallest size where the package is too small.
        phone_number: whether a telephone number is due.
        source: provision.
        certainty: how well it is founded.
    """

    year: int
    size_mm: Size
    reduced_mm: Size
    phone_number: bool
    source: str
    certainty: Certainty


BATTERY_MARK_EDITIONS: tuple[BatteryMarkEdition, ...] = (
    BatteryMarkEdition(2017, (120.0, 110.0), (105.0, 74.0), True, "5.2.1.9.2, 2017 and 2019", _V),
    BatteryMarkEdition(2021, (100.0, 100.0), (100.0, 70.0), True, "5.2.1.9.2, 2021", _V),
    BatteryMarkEdition(2023, (100.0, 100.0), (100.0, 70.0), False, "5.2.1.9.2, 2023 (UN Rev. 22)", _V),
    BatteryMarkEdition(2025, (100.0, 100.0), (100.0, 70.0), False, "5.2.1.9.2, 2025 (battery mark)", _V),
)
BATTERY_MARK_ASPECT: Fact[Size] = Fact(
    (0.7, 1.0), "height over width that follows from 5.2.1.9.2", Certainty.INFERENCE
)
PHONE_NUMBER_TOLERATED_UNTIL = Fact(2026, "1.6.1: marks with a telephone number until 31 December", _V)

UN_MARK_HEIGHT_SOURCE = "6.1.3.1 and 6.3.4.1: letters, digits and symbol"
UN_NUMBER_HEIGHT_SOURCE = "5.2.1.1: letters and digits of the UN number"

Bulk = Literal["packaging", "infectious", "large_packaging", "ibc"]


def battery_mark_edition(year: int) -> BatteryMarkEdition:
    """The battery mark's rules in force in a year; the earliest known edition before 2017."""
    return max(
        (e for e in BATTERY_MARK_EDITIONS if e.year <= year),
        default=BATTERY_MARK_EDITIONS[0],
        key=lambda e: e.year,
    )


def min_mark_height_mm(
    family: Bulk = "packaging", *, gross_kg: float | None = None, litres: float | None = None
) -> Fact[float | None]:
    """Smallest height of letters, digits and symbol of a UN packaging mark.

    Args:
        family: 6.5 and 6.6 marks are 12 mm always.
        gross_kg: maximum gross mass of the packaging for solids, kg.
        litres: capacity for liquids; used when no mass is given.

    Returns:
        Millimetres, or None where only "an appropriate size" is asked for (up to 5 kg or 5 L).
        Without mass and capacity the strictest height, 12 mm.
    """
    if family in ("large_packaging", "ibc"):
        return Fact(12.0, "6.5.2.1.1 and 6.6.3.1", _V)
    certainty = _V if family == "infectious" else _M
    return Fact(_stepped(gross_kg, litres), UN_MARK_HEIGHT_SOURCE, certainty)


def min_un_number_height_mm(
    *, gross_kg: float | None = None, litres: float | None = None
) -> Fact[float | None]:
    """Smallest height of ``UN 3480`` on a package; the same steps as `min_mark_height_mm`."""
    return Fact(_stepped(gross_kg, litres), UN_NUMBER_HEIGHT_SOURCE, _V)


def _stepped(gross_kg: float | None, litres: float | None) -> float | None:
    amount = gross_kg if gross_kg is not None else litres
    if amount is None or amount > 30:
        return 12.0
    return 6.0 if amount > 5 else None


def inner_line_offset_mm(side_mm: float) -> float:
    """Distance of the inner line from the edge on a label of another size, in proportion."""
    return HAZARD_LABEL_INNER_LINE_OFFSET_MM.value * side_mm / HAZARD_LABEL_SIDE_MM.value


def max_stacking_load_kg(test_load_kg: float) -> float:
    """Largest load that the pictogram may show for a stacking test load (6.5.2.2.2)."""
    return test_load_kg / STACKING_TEST_FACTOR.value
