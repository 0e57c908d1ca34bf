"""``parse(format(x)) == x`` over all four grammars."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from lipack_vision.regulations import (
    CUSTOMS_DISTRICTS,
    IBC_CODES,
    LARGE_PACKAGING_CODES,
    PACKAGING_CODES,
    STATE_SIGNS,
    PackagingCode,
    Reconditioning,
    elements_of,
    format_packaging_code,
    parse_packaging_code,
    read_mark,
)
from lipack_vision.regulations.codes import has_thickness, may_be_reconditioned, may_hold_liquid, needs_month

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ0123456789äöüÜéabcxyz"
_word = st.text(_LETTERS, min_size=1, max_size=6)
# At least four signs with a letter in front, so that no part reads as a state, a thickness or an authority.
_plain = st.builds(
    lambda start, words, joints: start + "".join(j + w for j, w in zip(joints, words, strict=False)),
    st.sampled_from(["MAKER", "+AA1", "Müller", "2176X", "M4251"]),
    st.lists(_word, max_size=3),
    st.lists(st.sampled_from([" ", "-", "/", "+", " – ", "."]), min_size=3, max_size=3),
)
_works_code = st.builds(
    lambda district, serial: f"C{district}{serial:04d}",
    st.sampled_from(sorted(CUSTOMS_DISTRICTS)),
    st.integers(1, 9999),
)
_batch = st.none() | st.text("0123456789", min_size=1, max_size=6) | st.sampled_from(["A12", "2024-01"])
_thickness = st.sampled_from([None, "1.2", "1.0-1.2", "1.0-1.2-1.0"])
_states = st.sampled_from(sorted(set(STATE_SIGNS) - {"CN"}))
_mass = st.decimals(Decimal("0.1"), 1000, places=1) | st.integers(1, 1000).map(Decimal)
_density = st.decimals(Decimal("0.1"), 4, places=1) | st.integers(1, 4).map(Decimal)
_again = st.builds(
    Reconditioning, _states, st.sampled_from(["RB", "Recon GmbH", "X-1"]), st.integers(0, 99), st.booleans()
)


@st.composite
def _origin(draw: st.DrawFn) -> dict[str, object]:
    if draw(st.booleans()):
        return {"state": "CN", "maker": draw(_works_code), "batch": draw(_batch)}
    return {"state": draw(_states), "maker": draw(_plain)}


@st.composite
def _packagings(draw: st.DrawFn) -> PackagingCode:
    code = draw(st.sampled_from([*PACKAGING_CODES, "4H"]))
    liquid = may_hold_liquid(code) and draw(st.booleans())
    return PackagingCode(
        family="packaging",
        code=code,
        suffix="W" if code == "4H" else draw(st.sampled_from(["", "V", "W", "T"])),
        level=draw(st.sampled_from("XYZ")),
        gross_mass=None if liquid else draw(_mass),
        density=draw(st.none() | _density) if liquid else None,
        # 10 kPa may be October of a plastics drum, and is refused there.
        pressure_kpa=draw(st.integers(2, 150)) * 10 if liquid else None,
        month=draw(st.none() | st.integers(1, 12)) if needs_month(code) else None,
        year=draw(st.integers(0, 99)),
        thickness=draw(st.sampled_from([None, "1.2", "1.0-1.2", "1.0-1.2-1.0"]))
        if has_thickness(code)
        else None,
        reconditioned=draw(st.none() | _again) if may_be_reconditioned(code) else None,
        **draw(_origin()),
    )


@st.composite
def _infectious(draw: st.DrawFn) -> PackagingCode:
    return PackagingCode(
        family="infectious",
        code=draw(st.sampled_from(sorted(PACKAGING_CODES))),
        suffix=draw(st.sampled_from(["", "U", "W"])),
        year=draw(st.integers(0, 99)),
        **draw(_origin()),
    )


@st.composite
def _bulk(draw: st.DrawFn) -> PackagingCode:
    large = draw(st.booleans())
    extra = (
        [] if large else draw(st.lists(st.sampled_from(["1060L", "55kg", "100kPa", "1000 L"]), max_size=3))
    )
    return PackagingCode(
        family="large_packaging" if large else "ibc",
        code=draw(st.sampled_from(sorted(LARGE_PACKAGING_CODES if large else IBC_CODES))),
        suffix=draw(st.sampled_from(["", "T", "W"] if large else ["", "W"])),
        level=draw(st.sampled_from("XYZ")),
        month=draw(st.integers(1, 12)),
        year=draw(st.integers(0, 99)),
        stacking_load=draw(st.integers(0, 99_999)),
        gross_mass=Decimal(draw(st.integers(50, 6000))),
        extra=tuple(extra),
        **draw(_origin()),
    )


_any = _packagings() | _infectious() | _bulk()


@settings(max_examples=400, deadline=None)
@given(_any)
def test_format_then_parse(code: PackagingCode) -> None:
    text = format_packaging_code(code)
    again = parse_packaging_code(text)
    assert again == code
    assert str(again) == text


@settings(max_examples=150, deadline=None)
@given(_any)
def test_json_and_back(code: PackagingCode) -> None:
    assert PackagingCode.from_dict(json.loads(json.dumps(code.to_dict()))) == code


@settings(max_examples=150, deadline=None)
@given(_any, st.sampled_from(["UN ", "un\n", "(UN) ", "⊕ "]), st.sampled_from([" / ", "/\n", "/ ", "\n"]))
def test_separators_do_not_matter(code: PackagingCode, symbol: str, separator: str) -> None:
    text = format_packaging_code(code)
    assert parse_packaging_code(symbol + text.replace("/", separator)) == code


@settings(max_examples=300, deadline=None)
@given(_any, st.data())
def test_a_mark_cut_short_never_changes_an_element(code: PackagingCode, data: st.DataObject) -> None:
    """A mark without its end is never complete before the maker, and what is read of it is right."""
    parts = format_packaging_code(code).split("/")
    keep = data.draw(st.integers(1, 4 if code.family == "packaging" else 3))
    reading = read_mark("UN " + "/".join(parts[:keep]))
    assert reading.code is None
    assert reading.elements.get("code", code.code) == code.code
    assert reading.elements.get("year", f"{code.year:02d}") == f"{code.year:02d}"
    assert reading.elements.get("level", code.level) == code.level


@settings(max_examples=400, deadline=None)
@given(_packagings(), st.data())
def test_an_element_hidden_in_the_middle_moves_no_other(code: PackagingCode, data: st.DataObject) -> None:
    right = elements_of(code) | {"gross_mass_or_density": str(code.gross_mass or code.density)}
    parts = format_packaging_code(code).split("/")
    hidden = data.draw(st.integers(0, 4))
    reading = read_mark("UN " + "/".join(parts[:hidden] + parts[hidden + 1 :]))
    assert reading.code is None
    found = dict(reading.elements)
    if hidden == 0:
        # Without the code nothing tells whether a wall thickness or a reconditioner may follow the maker.
        assert found.pop("maker", code.maker).startswith(code.maker)
    assert {name: value for name, value in found.items() if right.get(name) != value} == {}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="4G1AHXYZS/ .,0259DCNUPI:\nÜ+-", max_size=60))
def test_any_text_gets_an_answer(text: str) -> None:
    reading = read_mark(text)
    assert (reading.status == "complete") == (reading.code is not None)
    if reading.code is not None:
        assert not reading.problems
        assert parse_packaging_code(reading.text) == reading.code
    elif reading.status != "none":
        assert reading.missing or reading.problems
