"""Plausibility limits: values that cannot be, and values that are unlikely.

A limit is a hard error only where no packaging of that family can carry the value.
"""

from __future__ import annotations

from decimal import Decimal

from lipack_vision.regulations import china
from lipack_vision.regulations.codes import may_hold_liquid
from lipack_vision.regulations.model import Note, PackagingCode
from lipack_vision.regulations.states import ISO_FORMS

MAX_GROSS_KG = 1000
LIKELY_GROSS_KG = 500  # a 6.1 packaging holds at most 400 kg net
LIKELY_GROSS_KG_BY_CODE = {"4H1": 60, "5": 60}
MAX_DENSITY, LIKELY_DENSITY = Decimal("4"), Decimal("2.2")
MAX_PRESSURE_KPA, LIKELY_MIN_PRESSURE_KPA = 1500, 30
LARGE_GROSS_KG = (50, 6000)
PLASTICS_LIFE_YEARS = 5  # 4.1.1.15


def check_limits(code: PackagingCode, photo_year: int | None = None) -> tuple[list[Note], list[Note]]:
    """Check the values of a mark against each other and against what can be.

    Args:
        code: a mark that follows the grammar.
        photo_year: full year in which the package was seen; None leaves out the checks of age.

    Returns:
        ``(errors, warnings)``, each a list of ``(element, reason)``.
    """
    errors: list[Note] = []
    warnings: list[Note] = []
    if code.family == "packaging":
        _check_packaging(code, errors, warnings)
    elif code.family in ("large_packaging", "ibc"):
        _check_bulk(code, errors, warnings)
    if code.suffix == "V" and code.level != "X":
        warnings.append(("level", f"suffix V is tested at the drop height of level X, found {code.level}"))
    if code.state in ISO_FORMS:
        warnings.append(("state", f"the sign is {ISO_FORMS[code.state]}, not {code.state}"))
    if code.state == "CN":
        error, warning = china.check_maker(code.maker, code.full_year)
        errors += [("maker", error)] if error else []
        warnings += [("maker", warning)] if warning else []
    if photo_year is not None:
        _check_age(code, photo_year, warnings)
    return errors, warnings


def _check_packaging(code: PackagingCode, errors: list[Note], warnings: list[Note]) -> None:
    if code.pressure_kpa is not None:
        _check_liquid(code, errors, warnings)
        return
    mass = code.gross_mass
    if mass is None:
        errors.append(("gross_mass", f"missing after level {code.level}: S needs the maximum gross mass"))
        return
    likely = next(
        (limit for start, limit in LIKELY_GROSS_KG_BY_CODE.items() if code.code.startswith(start)),
        LIKELY_GROSS_KG,
    )
    if mass <= 0 or mass > MAX_GROSS_KG:
        errors.append(("gross_mass", f"{mass} kg is outside 0 to {MAX_GROSS_KG} kg"))
    elif mass > likely:
        warnings.append(("gross_mass", f"{mass} kg is more than {likely} kg, unlikely for {code.code}"))
    elif mass < 2 and "." in str(mass):
        warnings.append(("gross_mass", f"{mass} looks like a relative density where a mass in kg is due"))


def _check_liquid(code: PackagingCode, errors: list[Note], warnings: list[Note]) -> None:
    pressure, density = code.pressure_kpa or 0, code.density
    if not may_hold_liquid(code.code):
        errors.append(("solid_or_pressure", f"{code.code} cannot be marked for liquids; S is due"))
    if pressure % 10 or pressure > MAX_PRESSURE_KPA or pressure <= 0:
        errors.append(
            ("solid_or_pressure", f"{pressure} kPa is not a multiple of 10 up to {MAX_PRESSURE_KPA}")
        )
    elif pressure < LIKELY_MIN_PRESSURE_KPA:
        warnings.append(("solid_or_pressure", f"{pressure} kPa is unlikely low"))
    if density is not None and (density > MAX_DENSITY or density <= 0):
        errors.append(("density", f"{density} is outside 0 to {MAX_DENSITY}"))
    elif density is not None and density > LIKELY_DENSITY:
        warnings.append(("density", f"{density} is more than {LIKELY_DENSITY}"))


def _check_bulk(code: PackagingCode, errors: list[Note], warnings: list[Note]) -> None:
    low, high = LARGE_GROSS_KG
    mass = code.gross_mass or Decimal(0)
    if mass <= 0:
        errors.append(("gross_mass", f"{mass} kg is not a mass"))
    elif not low <= mass <= high:
        note = ("gross_mass", f"{mass} kg is outside {low} to {high} kg")
        # IBCs have no such limit of their own in 6.5; beyond it the figures are only unlikely.
        (errors if code.family == "large_packaging" else warnings).append(note)


def _check_age(code: PackagingCode, photo_year: int, warnings: list[Note]) -> None:
    if code.full_year > photo_year:
        warnings.append(("year", f"made in {code.full_year}, after the photo of {photo_year}"))
    plastics = code.family == "packaging" and code.code.startswith(("1H", "3H", "6H"))
    if plastics and photo_year - code.full_year > PLASTICS_LIFE_YEARS:
        warnings.append(
            ("year", f"plastics packaging of {code.full_year}: older than {PLASTICS_LIFE_YEARS} years")
        )
