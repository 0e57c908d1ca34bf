"""Real UN marks, look-alikes and real misreadings in ``../shared/data/un_marks``."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lipack_vision.regulations import ELEMENT_LETTERS, PackagingCodeError, parse_packaging_code, read_mark

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "un_marks"

# Elements of every row with valid=yes, written by hand:
# code and suffix | level | mass or density | S, pressure, or load and mass | date | state | maker | rest
EXPECTED = {
    "UN4G/Y25/S/04/USA/M5586": "4G|Y|25|S|04|USA|M5586",
    "UN 4G / X3 / S / 19 / USA / LM0000": "4G|X|3|S|19|USA|LM0000",
    "UN 1A1 / X1.5 / 250 / 19 / USA / LM0000": "1A1|X|1.5|250|19|USA|LM0000",
    "4GV / X12 / S / 15 / GB / 97949": "4GV|X|12|S|15|GB|97949",
    "4G/Y25/S/25/USA/M4321": "4G|Y|25|S|25|USA|M4321",
    "UN 4G/Y145/S/83/USA/RA": "4G|Y|145|S|83|USA|RA",
    "UN 1A1/Y1.4/150/83/USA/VL82": "1A1|Y|1.4|150|83|USA|VL82",
    "UN1A1/Y1.4/150/83/USA/VL824": "1A1|Y|1.4|150|83|USA|VL824",
    "UN 4H2 / Y439 / S / 20 / D / BAM 15393 – CR": "4H2|Y|439|S|20|D|BAM 15393 – CR",
    "UN 31HA1/Y/0623/USA/M-1234/Schütz/2500/1250": "31HA1|Y||2500 1250|06 23|USA|M-1234/Schütz",
    "13H3 / Y / 10 18 / TR / SESAN / 12345 / 4000 / 1005": "13H3|Y||4000 1005|10 18|TR|SESAN/12345",
    "1H1/Y1.5/150/25\nCN/C421222\nPI:008": "1H1|Y|1.5|150|25|CN|C421222|008",
    "31HA1/Y/0925/CN/C231211/4038/2027/1060L/55kg/100kPa": (
        "31HA1|Y||4038 2027|09 25|CN|C231211|1060L 55kg 100kPa"
    ),
    "1A2/X400/S/26/ USA/GBC4 47 26": "1A2|X|400|S|26|USA|GBC4 47 26",
    "4G/Y25/S/26/USA/+D02390": "4G|Y|25|S|26|USA|+D02390",
    "UN 4G/Y30/S/25/USA/M4460": "4G|Y|30|S|25|USA|M4460",
    "UN 4G/Y145/S/99/IND/B9000": "4G|Y|145|S|99|IND|B9000",
    "4G/X10/S/23/D/BAM/1234": "4G|X|10|S|23|D|BAM/1234",
    "4G/Y30/S/23/UA/123456": "4G|Y|30|S|23|UA|123456",
    "4G/Y30/S/13/CH/2176/CG": "4G|Y|30|S|13|CH|2176/CG",
    "4G/Y1.2/S/01/USA/+AA123": "4G|Y|1.2|S|01|USA|+AA123",
    "3H1/Y1.8/100/01/USA/+AA456": "3H1|Y|1.8|100|01|USA|+AA456",
    "UN 4G / X 25 / S / 22 / USA / DOD": "4G|X|25|S|22|USA|DOD",
    "UN / 50A / X / 05 05 / USA / M9399 / 2500 / 800": "50A|X||2500 800|05 05|USA|M9399",
    "UN / 50A/X/05 05/USA/M9399/2500/800": "50A|X||2500 800|05 05|USA|M9399",
    "50A / X / 05/05 / USA / M9399 / 2500 / 800": "50A|X||2500 800|05 05|USA|M9399",
    "UN / 50H / Y / 03/23 / CAN / MFG / 0 / 500": "50H|Y||0 500|03 23|CAN|MFG",
    "UN / 51H / Y / 03/23 / CAN / MFG / 0 / 500": "51H|Y||0 500|03 23|CAN|MFG",
    "UN/4G/Y 25/S/23/USA/DOD": "4G|Y|25|S|23|USA|DOD",
    "(UN) 4G / Y 25 / S / 23 / USA / DOD": "4G|Y|25|S|23|USA|DOD",
    "UN) 4G / Y 25 / S / 23 / USA / DOD": "4G|Y|25|S|23|USA|DOD",
    "U N / 4G / Y 25 / S / 23 / USA / DOD": "4G|Y|25|S|23|USA|DOD",
    "UN / 4G / Y 25 / S / 99 / USA / D-O-D": "4G|Y|25|S|99|USA|D-O-D",
    "UN / 4G / X 50 / S / 23 / USA / ABC": "4G|X|50|S|23|USA|ABC",
    "4G/Y30/S/22/D/BAM 5860-WEBI": "4G|Y|30|S|22|D|BAM 5860-WEBI",
    "4G/Y145/S/02/NL/VL823": "4G|Y|145|S|02|NL|VL823",
    "1A1/Y1.4/150/98/NL/VL824": "1A1|Y|1.4|150|98|NL|VL824",
    "1A2/Y150/S/01/NL/VL825": "1A2|Y|150|S|01|NL|VL825",
    "4HW/Y136/S/98/NL/VL826": "4HW|Y|136|S|98|NL|VL826",
    "1A2T/Y300/S/01/USA/abc": "1A2T|Y|300|S|01|USA|abc",
    "11A/Y/02 99/NL/Mulder 007/5500/1500": "11A|Y||5500 1500|02 99|NL|Mulder 007",
    "50H/Y/04 02/D/ABCD 987/0/800": "50H|Y||0 800|04 02|D|ABCD 987",
}

# Element at which rows without valid=yes are refused; the others only have to name some element.
REFUSED = {
    "1H2 / Y1.8 / 100 / YR / USA / +AC": "year",
    "1A1/X1.8/300/25": "state",
    "1A2/X60/S": "year",
    "X 1.2/250": "code",
    "1H2 / Y1.8 / 100 / 2012 / D / DB / 1195": "year",
    "UN3H1/Y1,9/170/2017/D/XY/1234": "gross_mass_or_density",
    "4G/Y25.5/S/19/US/LM825": "state",
    "UN/4G/Y30/": "solid_or_pressure",
    "⊕ 31HA1/Y/0824/USA/A4444 1500/3000": "stacking_load",
    "UN 31HA1/Y/0822/USA/SCHÜTZ/10 000/1680/1405": "stacking_load",
    "UN 13H4/Y/2500/22/USA/MFG1234": "month",
    "UN/DOT-1A1. 2/100/08/USA/M4990/0.6mm": "code",
    "UN/4G/Class, 6.2": "class",
    "CN/321638": "code",
    "UN/4G/Y30/S/13/CH": "maker",
    "31HA1/Y/100": "year",
    "UN 4G/Y25/S/USA/2025": "year",
    "UN 4G/Y": "gross_mass",
    "UN / 4G / Y 25 / $ / 99 / USA / DOD": "solid_or_pressure",
    "UN / 4G / Y 2.3 / 80 / 99 / USA / DOD": "solid_or_pressure",
    "UN / 4G / Y 25 / SI 23 / USA / DOD": "solid_or_pressure",
    "UN / 4G / Y 25 / S / 2023 / USA / DOD": "year",
    "4G/Y30/S/22/D/BAM": "maker",
    "W 4G/Y30/S/22/D/BAM 5860-WEBI": "symbol",
    "S/22/D/BAM 4679-AE2": "code",
    "4G /X25/S/22/D/,BAM 15879-WEBI": "maker",
    "4G/X25/S/22/D/,BAM 15879-WEBI": "maker",
    "G4G/X25/S/22/D/,3,B -": "code",
    "4G/X3/3/23": "solid_or_pressure",
    "4G/Y30/S/22/0/BAM": "state",
    "AG/Y30/S/22/D/BAM": "code",
    "4G/YI0/S/22/D/BAM": "gross_mass",
    "4G/Y30/S/22/D0/BAM": "state",
    "4G/V30/S/22/0/BAM": "level",
    "4G/V30/S/22/CN/C370001": "level",
    "4G1/Y30/S/22/CN/C370001": "code",
    "1A3/Y100/S/22/CN/C370001": "code",
    "4C/Y30/S/22/CN/C370001": "code",
    "4H/Y30/S/22/CN/C370001": "code",
    "1H/Y30/S/22/CN/C370001": "code",
    "5H5/Y25/S/22/CN/C370001": "code",
    "2A1/Y30/S/22/CN/C370001": "code",
    "4G/Y/S/22/CN/C370001": "gross_mass",
    "4G/Y30//22/CN/C370001": "solid_or_pressure",
    "4G/Y30/L/22/CN/C370001": "solid_or_pressure",
    "4G/Y30/S/2022/CN/C370001": "year",
    "4G/Y30/S/2/CN/C370001": "year",
    "4G/Y30/S/22/CN": "maker",
    "4G/30Y/S/22/CN/C370001": "level",
    "4G/Y0/S/22/CN/C370001": "gross_mass",
    "4G/Y3000/S/22/CN/C370001": "gross_mass",
    "50G/Y/13 22/CN/C370001/1200/500": "month",
    "50G/Y/05 22/CN/C370001/500": "stacking_load",
    "52G/Y/05 22/CN/C370001/1200/500": "code",
    "13H3/Y250/S/22/CN/C370001": "level",
    "4G/Y30/S/22/CN/C37001": "maker",
}

# Rows of the constructed negatives that follow the grammar: what they break depends on a list of customs
# districts that is from memory, so reading warns and rule R12 judges.
WARNED = {"4G/Y30/S/22/CN/C990001": "maker"}


def _rows(name: str) -> list[dict[str, str]]:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{path} is not there: the real marks lie beside the repository in ../shared")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _summary(text: str) -> str:
    """The elements of a mark in the form of `EXPECTED`."""
    code = parse_packaging_code(text)
    date = f"{code.year:02d}" if code.month is None else f"{code.month:02d} {code.year:02d}"
    if code.stacking_load is None:
        value = str(code.density if code.gross_mass is None else code.gross_mass)
        form = "S" if code.pressure_kpa is None else str(code.pressure_kpa)
    else:
        value, form = "", f"{code.stacking_load} {code.gross_mass}"
    rest = code.batch or " ".join(code.extra)
    parts = [code.code + code.suffix, code.level or "", value, form, date, code.state, code.maker]
    return "|".join(parts + ([rest] if rest else []))


def test_valid_marks_give_the_right_elements() -> None:
    marks = [row["mark"] for row in _rows("un_marks.csv") if row["valid"] == "yes"]
    assert len(marks) == len(EXPECTED) == 42
    assert {mark: _summary(mark) for mark in marks} == EXPECTED


def test_valid_marks_are_complete_and_stable() -> None:
    for mark in EXPECTED:
        reading = read_mark(mark)
        assert (reading.status, reading.problems, reading.missing) == ("complete", (), ()), mark
        assert str(parse_packaging_code(reading.text)) == reading.text
    doubtful = read_mark("4G/Y1.2/S/01/USA/+AA123")
    assert [element for element, _ in doubtful.warnings] == ["gross_mass"]


def _refusal(text: str) -> tuple[str, str]:
    with pytest.raises(PackagingCodeError) as caught:
        parse_packaging_code(text)
    return caught.value.element, caught.value.reason


def test_every_other_mark_is_refused() -> None:
    texts = [row["mark"] for row in _rows("un_marks.csv") if row["valid"] != "yes"]
    texts += [row["text"] for row in _rows("un_marks_negative.csv")]
    assert len(texts) == 96 + 101
    warned = {text: read_mark(text) for text in texts if text in WARNED}
    assert {text: [name for name, _ in one.warnings] for text, one in warned.items()} == {
        text: [name] for text, name in WARNED.items()
    }
    refused = {text: _refusal(text) for text in texts if text not in WARNED}
    for text, (element, reason) in refused.items():
        assert element in ELEMENT_LETTERS, text
        assert reason, text
    assert {text: refused[text][0] for text in REFUSED} == REFUSED


def test_ratings_are_partial() -> None:
    ratings = [
        "1A2/X60/S",
        "UN1H2/Y1.5/30",
        "UN 1A2/X400/S",
        "4G/X10/S",
        "UN 4G/Y10/S/…",
        "4G/Y12/S...",
        "3H1/X35",
    ]
    known = {row["mark"] for row in _rows("un_marks.csv")}
    assert set(ratings) <= known
    for text in ratings:
        reading = read_mark(text)
        assert reading.status == "partial", text
        assert reading.missing[-3:] == ("year", "state", "maker"), text
        assert not reading.problems, text


def test_lookalikes_are_no_marks() -> None:
    rows = _rows("un_marks_negative.csv")
    lookalikes = [row["text"] for row in rows if row["class"] in ("lookalike", "ocr_garbage")]
    marks = {text: read_mark(text).status for text in lookalikes if read_mark(text).status != "none"}
    # Symbol, code and level: the beginning of a large packaging's mark.
    assert marks == {"UN 50A / X": "partial"}


def test_real_misreadings_are_never_taken_for_another_mark() -> None:
    rows = _rows("un_marks_ocr_readings.csv")
    assert len(rows) == 88
    for row in rows:
        reading = read_mark(row["read_text"])
        assert reading.code is None, row["read_text"]
