from __future__ import annotations

from datetime import date, datetime

import pytest

from lipack_vision.errors import ConfigError
from lipack_vision.library.facts import agreed, as_date, checked_facts, day_told, plain_name, plain_type

CODE = "4G/Y25/S/25/CN/C370012 PI:015"


def test_facts_are_brought_to_one_form() -> None:
    given = {
        "maker": "  Boxes & Co ",
        "un_code": "4G/Y25/S/25/CN/C370012\nPI:015",
        "valid_from": date(2026, 1, 31),
        "valid_to": " 2027-01-30 ",
        "packaging_type": "4gv",
        "status": "withdrawn",
        "performance_sheet": None,
    }
    assert checked_facts(given) == {
        "maker": "Boxes & Co",
        "un_code": CODE,
        "valid_from": "2026-01-31",
        "valid_to": "2027-01-30",
        "packaging_type": "4G",
        "status": "withdrawn",
        "performance_sheet": None,
    }


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("un_code", "4G/Y25/S/25/CN", "maker"),
        ("un_code", "5Q/Y25/S/25/CN/C370012 PI:015", "un_code"),
        ("valid_to", "31.12.2026", "a day such as 2026-05-31"),
        ("valid_to", "20261231", "a day such as 2026-05-31"),
        ("valid_to", "2026-02-30", "a day such as 2026-05-31"),
        ("valid_from", datetime(2026, 1, 1, 12), "a day such as 2026-05-31"),
        ("valid_from", 20260101, "a day such as 2026-05-31"),
        ("status", "expired", "qualified or withdrawn"),
        ("status", None, "qualified or withdrawn"),
        ("maker", "", "1 to 200 printable characters"),
        ("maker", "a\0b", "1 to 200 printable characters"),
        ("maker", "x" * 201, "201|203 characters"),
        ("maker", 7, "1 to 200 printable characters"),
    ],
)
def test_wrong_values_are_named(name: str, value: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as error:
        checked_facts({name: value})
    assert error.value.where == f"fact {name}"


def test_an_unknown_fact_is_told_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean performance_sheet"):
        checked_facts({"performace_sheet": "1"})


def test_facts_must_agree() -> None:
    with pytest.raises(ConfigError, match="not before valid_from"):
        agreed({"valid_from": "2026-05-02", "valid_to": "2026-05-01"})
    with pytest.raises(ConfigError, match="4G as in un_code"):
        agreed({"un_code": CODE, "packaging_type": "4D"})
    assert agreed({"valid_from": "2026-05-01", "valid_to": "2026-05-01"})["valid_to"] == "2026-05-01"


def test_the_packaging_type_is_that_of_the_un_code_unless_it_has_a_name_of_its_own() -> None:
    assert agreed({"un_code": CODE})["packaging_type"] == "4G"
    assert agreed({"un_code": CODE, "packaging_type": "line 3 cartons"})["packaging_type"] == "line 3 cartons"


@pytest.mark.parametrize(("given", "plain"), [("4g", "4G"), ("4GV", "4G"), ("50a", "50A"), ("Box", "Box")])
def test_packaging_types_in_one_form(given: str, plain: str) -> None:
    assert plain_type(given) == plain


def test_names_are_the_same_however_their_letters_are_composed() -> None:
    assert plain_name(" Schachtel gro\u0308\u00dfe ") == "Schachtel gr\u00f6\u00dfe"
    for wrong in ("", " ", "\n", None, 3, "\ud800"):
        with pytest.raises(ConfigError, match="reference_id"):
            plain_name(wrong)


def test_days() -> None:
    assert day_told(None) == date.today().isoformat()
    assert day_told(date(2026, 2, 3)) == "2026-02-03"
    assert as_date("2026-02-03", "valid_to") == date(2026, 2, 3)
    with pytest.raises(ConfigError, match="on: expected a day"):
        day_told(datetime(2026, 1, 1))
