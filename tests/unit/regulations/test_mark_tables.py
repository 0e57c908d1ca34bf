from __future__ import annotations

import pytest

from lipack_vision.regulations import china, codes, states
from lipack_vision.regulations.facts import Certainty

LISTED_61 = """
0A1 0A2 1A1 1A2 1B1 1B2 1D 1G 1H1 1H2 1N1 1N2 2C1 2C2 3A1 3A2 3B1 3B2 3H1 3H2
4A 4B 4C1 4C2 4D 4F 4G 4H1 4H2 4N 5H1 5H2 5H3 5H4 5L1 5L2 5L3 5M1 5M2
6HA1 6HA2 6HB1 6HB2 6HC 6HD1 6HD2 6HG1 6HG2 6HH1 6HH2
6PA1 6PA2 6PB1 6PB2 6PC 6PD1 6PD2 6PG1 6PG2 6PH1 6PH2
"""
LISTED_66 = "50A 50B 50C 50D 50F 50G 50H 50N 51H 51M"


def test_every_code_of_the_regulation_and_no_other() -> None:
    assert sorted(codes.PACKAGING_CODES) == LISTED_61.split()
    assert sorted(codes.LARGE_PACKAGING_CODES) == LISTED_66.split()


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("11A", True),
        ("31N", True),
        ("11G", True),
        ("21G", False),
        ("31HA1", True),
        ("31HZ1", False),
        ("13H5", True),
        ("13H6", False),
        ("13M2", True),
        ("13M3", False),
        ("21H1", True),
        ("21H", False),
        ("41A", False),
    ],
)
def test_ibc_codes(code: str, there: bool) -> None:
    assert (code in codes.IBC_CODES) is there


def test_meanings() -> None:
    assert codes.meaning("4G") == "fibreboard box"
    assert codes.meaning("1A2") == "steel drum, removable head"
    assert codes.meaning("50G") == "rigid large packaging of fibreboard"
    assert codes.meaning("31HA1") == (
        "composite IBC, rigid plastics receptacle in an outer casing of steel for liquids"
    )
    assert codes.meaning("4E") is None


@pytest.mark.parametrize(
    ("code", "liquid", "thickness", "month", "remade"),
    [
        ("4G", False, False, False, False),
        ("1A1", True, True, False, True),
        ("1H2", True, True, True, True),
        ("3H1", True, True, True, True),
        ("1D", False, False, False, True),
        ("5H4", False, False, False, False),
        ("6HA1", True, False, False, True),
        ("0A1", True, False, False, False),
    ],
)
def test_what_a_code_allows(code: str, liquid: bool, thickness: bool, month: bool, remade: bool) -> None:
    assert codes.may_hold_liquid(code) is liquid
    assert codes.has_thickness(code) is thickness
    assert codes.needs_month(code) is month
    assert codes.may_be_reconditioned(code) is remade


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "empty"),
        ("4G1", "4G takes no digit"),
        ("4C", "4C needs a digit out of 1, 2"),
        ("1H", "1H needs a digit out of 1, 2"),
        ("1A3", "1A has the digits 1, 2, not 3"),
        ("5H5", "5H has the digits 1, 2, 3, 4, not 5"),
        ("2A1", "kind 2 is reserved"),
        ("31HZ1", "Z must be replaced"),
        ("4E", "not a packaging code"),
        ("52G", "not a packaging code"),
    ],
)
def test_why_a_token_is_no_code(token: str, reason: str) -> None:
    assert reason in codes.explain_code(token)


def test_a_suffix_of_another_family_is_explained() -> None:
    assert "suffix U" in codes.explain_code("4GU", "packaging")
    assert "suffix V" in codes.explain_code("50GV", "large_packaging")


def test_state_signs() -> None:
    assert states.STATE_SIGNS["CN"] == "China"
    assert states.STATE_SIGNS["D"] == "Germany"
    assert states.STATE_SIGNS["ROK"] == "Korea (Republic)"
    assert {"CAN", "CDN", "GB", "UK", "USA", "RC", "HK"} <= states.STATE_SIGNS.keys()
    assert not states.STATE_SIGNS.keys() & {"US", "DE", "JP", "BAM", "SN/T", "RN/Z"}
    assert all(sign.isalpha() and sign.isupper() and len(sign) <= 4 for sign in states.STATE_SIGNS)
    assert set(states.ISO_FORMS.values()) <= states.STATE_SIGNS.keys()
    assert not states.ISO_FORMS.keys() & states.STATE_SIGNS.keys()
    assert states.explain_state("US") == "the sign is USA, not US"


@pytest.mark.parametrize(
    ("maker", "district"),
    [
        ("C330012", "Hefei"),
        ("C370001", "Xiamen"),
        ("C230003", "Nanjing"),
        ("C990001", None),
        ("321638", None),
    ],
)
def test_districts(maker: str, district: str | None) -> None:
    assert china.district(maker) == district


def test_district_table() -> None:
    assert len(china.CUSTOMS_DISTRICTS) == 42
    assert china.district_certainty("22") is Certainty.VERIFIED
    assert china.district_certainty("37") is Certainty.MEMORY


@pytest.mark.parametrize(
    ("maker", "year", "error", "warning"),
    [
        ("C370001", 2024, None, None),
        ("C370001 X", 2024, None, "after the works code"),
        ("C370000", 2024, "0001 to 9999", None),
        ("C990001", 2024, None, "no customs district 99"),
        ("C37001", 2024, "C and six digits", None),
        ("C3700012", 2024, "C and six digits", None),
        ("C37OO01", 2024, "C and six digits", None),
        ("321638", 2018, None, None),
        ("4400 171", 2018, None, None),
        ("33000402", 2020, None, "before 2019"),
        ("CHINA BOX", 2024, None, "no works code"),
    ],
)
def test_chinese_makers(maker: str, year: int, error: str | None, warning: str | None) -> None:
    found = china.check_maker(maker, year)
    for given, expected in zip(found, (error, warning), strict=True):
        assert (given is None) == (expected is None), found
        assert expected is None or expected in (given or "")
