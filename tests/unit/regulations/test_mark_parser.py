from __future__ import annotations

import pickle
from decimal import Decimal

import pytest

from lipack_vision.errors import LipackError
from lipack_vision.regulations import (
    MarkReading,
    PackagingCode,
    PackagingCodeError,
    Reconditioning,
    parse_packaging_code,
    read_mark,
)


def test_a_box() -> None:
    code = parse_packaging_code("4G/Y25/S/25/CN/C370012 PI:015")
    assert code == PackagingCode(
        family="packaging",
        code="4G",
        level="Y",
        gross_mass=Decimal(25),
        year=25,
        state="CN",
        maker="C370012",
        batch="015",
    )
    assert str(code) == "4G/Y25/S/25/CN/C370012 PI:015"
    assert code.for_solids
    assert code.full_year == 2025
    assert (code.works_code, code.customs_district) == ("C370012", "Xiamen")


def test_a_drum_for_liquids() -> None:
    code = parse_packaging_code("1A1/Y1.4/150/98/NL/VL824")
    assert (code.density, code.pressure_kpa, code.gross_mass) == (Decimal("1.4"), 150, None)
    assert not code.for_solids
    assert code.full_year == 1998
    without = parse_packaging_code("1A1/Y/150/98/NL/VL824")
    assert (without.density, without.pressure_kpa) == (None, 150)
    assert not without.for_solids


def test_infectious_substances_with_the_regulations_hyphen() -> None:
    code = parse_packaging_code("4GU/CLASS 6.2/06/S-9989-ERIKSSON")
    assert (code.family, code.suffix, code.year, code.state) == ("infectious", "U", 6, "S")
    assert code.maker == "9989-ERIKSSON"
    assert code.level is None
    assert str(code) == "4GU/CLASS 6.2/06/S/9989-ERIKSSON"


def test_a_large_packaging() -> None:
    code = parse_packaging_code("50A/X/05 05/USA/M9399/2500/1000")
    assert (code.family, code.month, code.year) == ("large_packaging", 5, 5)
    assert (code.maker, code.stacking_load, code.gross_mass) == ("M9399", 2500, Decimal(1000))


@pytest.mark.parametrize("date", ["05 25", "0525", "05/25"])
def test_dates_of_large_packagings(date: str) -> None:
    assert str(parse_packaging_code(f"50G/Y/{date}/D/X/0/800")) == "50G/Y/05 25/D/X/0/800"


def test_an_ibc_with_further_figures() -> None:
    code = parse_packaging_code("31HA1/Y/0925/CN/C231211/4038/2027/1060L/55kg/100kPa")
    assert (code.family, code.month, code.year, code.maker) == ("ibc", 9, 25, "C231211")
    assert (code.stacking_load, code.gross_mass) == (4038, Decimal(2027))
    assert code.extra == ("1060L", "55kg", "100kPa")


def test_month_of_plastics_drums() -> None:
    code = parse_packaging_code("1H1/Y1.5/150/05 25/CN/C421222")
    assert (code.month, code.year) == (5, 25)
    assert str(code) == "1H1/Y1.5/150/05 25/CN/C421222"
    refused = read_mark("4G/Y25/S/0525/CN/C421222")
    assert refused.status == "malformed"
    assert refused.problems[0][0] == "year"


def test_thickness_and_reconditioner() -> None:
    code = parse_packaging_code("1A1/Y1.4/150/98/NL/VL824/1.0-1.2-1.0 NL/RB/01 RL")
    assert (code.maker, code.thickness) == ("VL824", "1.0-1.2-1.0")
    assert str(code) == "1A1/Y1.4/150/98/NL/VL824/1.0-1.2-1.0/NL/RB/01 RL"
    code = parse_packaging_code("1A1/Y1.4/150/98/NL/VL824/1.2/NL/RB/01 RL")
    assert (code.maker, code.thickness) == ("VL824", "1.2")
    assert code.reconditioned == Reconditioning("NL", "RB", 1, leakproof=True)
    assert parse_packaging_code("1A2/Y150/S/98/NL/VL824 NL/RB/01 R").reconditioned == Reconditioning(
        "NL", "RB", 1, leakproof=False
    )


@pytest.mark.parametrize(
    "maker", ["BAM 5860-WEBI", "+M6229", "M-1234/Schütz", "BAM 15393 – CR", "2176/CG", "GBC4 47 26", "D-O-D"]
)
def test_the_makers_text_is_kept(maker: str) -> None:
    assert parse_packaging_code(f"4G/Y25/S/22/D/{maker}").maker == maker


@pytest.mark.parametrize(
    "text",
    [
        "un 4G/Y26/S/24\nCN/C370001   PI:006",
        "UN4G/Y26/S/24/CN/C370001 PI : 006",
        "u\nn\n4G/Y 26/S/24\r\nCN/C370001PI：006",
        "(UN) 4G / Y26 / S / 24 / CN / C370001 / PI:006",
        "4G Y26 S 24 CN C370001 PI:006",
        "4G／Y26／S／24／CN／C370001\u3000PI：006",
        "⊕ 4G/Y26/S/\n24/CN/\nC370001\nPI:006",
        "4G/Y26/S/24/\n\n/CN/C370001\nPI:006",
    ],
)
def test_separators_and_symbols(text: str) -> None:
    assert str(parse_packaging_code(text)) == "4G/Y26/S/24/CN/C370001 PI:006"


def test_a_symbol_that_is_a_guess_warns() -> None:
    assert [element for element, _ in read_mark("Q 4G/Y26/S/24/D/BAM 1").warnings] == ["symbol"]
    assert read_mark("UN 4G/Y26/S/24/D/BAM 1").warnings == ()
    rail = read_mark("RID/ADR 4G/Y26/S/24/D/BAM 1")
    assert (rail.status, rail.warnings[0][0]) == ("complete", "symbol")
    assert read_mark("RID/ADR 0A1/Y1.4/150/24/D/BAM 1").warnings == ()


def test_a_hidden_year_in_the_middle_of_a_mark() -> None:
    reading = read_mark("4G/X1.5/S/\nUSA/+M6229")
    assert reading.status == "malformed"
    assert reading.code is None
    assert reading.missing == ("year",)
    assert [element for element, _ in reading.problems] == ["year"]
    assert reading.elements == {
        "code": "4G",
        "level": "X",
        "gross_mass": "1.5",
        "solid_or_pressure": "S",
        "state": "USA",
        "maker": "+M6229",
    }
    assert read_mark("4G/X1.5/S/16\nUSA/+M6229").text == "4G/X1.5/S/16/USA/+M6229"


@pytest.mark.parametrize(
    ("text", "elements", "missing"),
    [
        ("4G/Y25/S", "code=4G level=Y gross_mass=25 solid_or_pressure=S", "year state maker"),
        ("1A1/Y1.4/150", "code=1A1 level=Y density=1.4 solid_or_pressure=150", "year state maker"),
        ("3H1/X35", "code=3H1 level=X gross_mass_or_density=35", "solid_or_pressure year state maker"),
        ("4GV/X9", "code=4G suffix=V level=X gross_mass=9", "solid_or_pressure year state maker"),
        (
            "4G/Y25/S/24/CN",
            "code=4G level=Y gross_mass=25 solid_or_pressure=S year=24 state=CN",
            "maker",
        ),
        (
            "50A/X/05 05/USA",
            "code=50A level=X month=05 year=05 state=USA",
            "maker stacking_load gross_mass",
        ),
        (
            "50A/X/05 05/USA/M9399",
            "code=50A level=X month=05 year=05 state=USA maker=M9399",
            "stacking_load gross_mass",
        ),
    ],
)
def test_a_right_beginning_is_partial(text: str, elements: str, missing: str) -> None:
    reading = read_mark(text)
    assert reading.status == "partial"
    assert reading.elements == dict(pair.split("=") for pair in elements.split())
    assert reading.missing == tuple(missing.split())


def test_dots_at_the_end_say_that_the_maker_was_cut() -> None:
    reading = read_mark("4G/Y25/S/24/D/BAM 58...")
    assert (reading.status, reading.missing, reading.elements["maker"]) == ("partial", ("maker",), "BAM 58")


@pytest.mark.parametrize(
    ("text", "right", "absent"),
    [
        # The lost element leaves the others under their own names.
        ("Y25/S/24/CN/C370012", {"level": "Y", "year": "24", "maker": "C370012"}, {"code"}),
        (
            "4G/S/24/CN/C370012",
            {"code": "4G", "solid_or_pressure": "S", "year": "24"},
            {"level", "gross_mass"},
        ),
        ("4G/Y25/24/CN/C370012", {"gross_mass": "25", "year": "24", "state": "CN"}, {"solid_or_pressure"}),
        ("4G/Y25/S/24/C370012 PI:015", {"maker": "C370012", "batch": "015"}, {"state"}),
        ("4G/Y25/S/24/+M6229", {"maker": "+M6229"}, {"state"}),
        ("S/22/D/BAM 4679-AE2", {"state": "D", "maker": "BAM 4679-AE2"}, {"code", "level"}),
        ("CN/C370001 PI:006", {"state": "CN", "maker": "C370001", "batch": "006"}, {"code", "year"}),
        # 20 may be a year or a misread pressure only where liquids are allowed.
        ("4G/Y30IS/20/D/BAM 1", {"year": "20"}, {"level", "solid_or_pressure"}),
        ("1A1/Y1.4/90/NL/X", {"state": "NL"}, {"year", "solid_or_pressure"}),
        # The state is lost: the authority must not become the state nor the number the maker.
        ("4G/Y30/S/22/BAM/1234", {"year": "22"}, {"state", "maker"}),
        ("4G/Y30/S/22/0/D/BAM 1", {"year": "22"}, {"state", "maker"}),
        ("1A1/Y30/S/22/MAKER/NL/RB/01 R", {"year": "22"}, {"state", "maker"}),
        ("13H3/Y250/S/22/CN/C370001", {"code": "13H3"}, {"state", "year", "level", "maker"}),
        ("Y1.4/150/05 25/CN/C421222", {"density": "1.4", "year": "25"}, {"month"}),
    ],
)
def test_elements_are_never_mixed_up(text: str, right: dict[str, str], absent: set[str]) -> None:
    reading = read_mark(text)
    assert reading.status == "malformed"
    assert right.items() <= reading.elements.items()
    assert not absent & reading.elements.keys()
    assert reading.problems


@pytest.mark.parametrize(
    ("text", "element", "reason"),
    [
        ("4G1/Y30/S/22/CN/C370001", "code", "takes no digit"),
        ("4GU/Y30/S/22/CN/C370001", "code", "suffix U"),
        ("4G/V30/S/22/CN/C370001", "level", "'V30'"),
        ("4G/y30/S/22/CN/C370001", "level", "capital letter"),
        ("4G/30Y/S/22/CN/C370001", "level", "letter stands before"),
        ("4G/X3-Y5/S/22/CN/C370001", "level", "one level"),
        ("50G/Y500/05 22/CN/C370001/0/500", "level", "stands alone"),
        ("4G/Y/S/22/CN/C370001", "gross_mass", "missing"),
        ("4G/Y25,5/S/22/CN/C370001", "gross_mass", "decimal point"),
        ("4G/Y25.55/S/22/CN/C370001", "gross_mass", "one decimal"),
        ("4G/Y30//22/CN/C370001", "solid_or_pressure", "empty"),
        ("1A1/Y1.4/155/22/CN/C370001", "solid_or_pressure", "multiple of 10"),
        ("4G/Y30/L/22/CN/C370001", "solid_or_pressure", "neither S"),
        ("4G/Y2.3/80/22/CN/C370001", "solid_or_pressure", "cannot be marked for liquids"),
        ("4G/Y30/S/2022/CN/C370001", "year", "last two digits"),
        ("4G/Y30/S/2/CN/C370001", "year", "not two digits"),
        ("50G/Y/13 22/CN/C370001/1200/500", "month", "no month 13"),
        ("4G/Y30/S/22/US/C370001", "state", "USA"),
        ("4G/Y30/S/22/0/BAM 1", "state", "'0'"),
        ("4G/Y30/S/22/CN/C37001", "maker", "six digits"),
        ("4G/Y30/S/22/D/,BAM 1", "maker", "begins with ','"),
        ("4G/Y30/S/22/D/BAM", "maker", "approval number"),
        ("50G/Y/05 22/CN/C370001/500", "stacking_load", "only one figure"),
        ("4G/CLASS 6,2/06/S/X", "class", "CLASS 6.2"),
        ("W 4G/Y30/S/22/D/BAM 1", "symbol", "'W'"),
        ("no mark here", "code", "no packaging code"),
        ("", "code", "no packaging code"),
    ],
)
def test_errors_name_the_element_and_the_reason(text: str, element: str, reason: str) -> None:
    with pytest.raises(PackagingCodeError) as caught:
        parse_packaging_code(text)
    assert caught.value.element == element
    assert reason in caught.value.reason
    assert reason in str(caught.value)
    assert isinstance(caught.value, LipackError)


def test_errors_cross_process_borders() -> None:
    error = PackagingCodeError("year", "'2' is not two digits", text="4G/Y30/S/2")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (again.element, again.reason, str(again)) == (error.element, error.reason, str(error))


@pytest.mark.parametrize(
    "text",
    [
        "4G / Y30",
        "UN 4G/Y",
        "4G/Y25/S/25/CN/C370012 PI:015",
        "4G/X1.5/S/USA/+M6229",
        "hello",
        "1A1/Y1.4/90/NL/X",
    ],
)
def test_readings_survive_json(text: str) -> None:
    reading = read_mark(text, photo_year=2026)
    assert MarkReading.from_dict(reading.to_dict()) == reading


@pytest.mark.parametrize(
    "text", ["S " * 300, "4G/" * 300, "UN " * 300, " / " * 300, "05 " * 300, "1H1 Y 12 34 " * 60]
)
def test_long_nonsense_is_no_complete_mark(text: str) -> None:
    assert read_mark(text).code is None


def test_a_batch_without_digits_warns() -> None:
    reading = read_mark("4G/Y25/S/25/CN/C370012 PI:")
    assert reading.status == "complete"
    assert ("batch", "PI: without a batch") in reading.warnings
    assert reading.code is not None
    assert reading.code.batch is None
