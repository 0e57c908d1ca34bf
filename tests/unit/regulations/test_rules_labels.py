"""R1, R9, R10 and R14: hazard labels, UN number and name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rule_cases import (
    BACK,
    FAIL,
    FRONT,
    FULL,
    GOOD,
    HIDDEN,
    LEFT,
    MISSING,
    NOTE,
    OPEN,
    RIGHT,
    SEEN,
    WARN,
    judged,
)

from lipack_vision.regulations import Certainty, SeenMark, Shipment, check_rules

# R1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, GOOD),
        ({"class9a": (), "class9": (FRONT,)}, FAIL),
        ({"class9a": None, "class9": (FRONT,)}, FAIL),
        ({"class9a": ()}, MISSING),
        ({"class9a": (), "all_faces_seen": False}, HIDDEN),
        ({"class9a": None}, OPEN),
    ],
)
def test_r1_label(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert judged("R1", **changes)["class9a"] == expected


def test_r1_model_9_in_place_of_9a_is_wrong_and_not_missing() -> None:
    (found,) = [
        one for one in check_rules(FULL, replace(SEEN, class9a=(), class9=(FRONT,))) if one.item == "class9a"
    ]
    assert (found.verdict, found.severity, found.found) == ("wrong", "fail", "hazard label model 9")
    assert found.certainty is Certainty.VERIFIED


def test_r1_model_9_beside_9a_warns() -> None:
    assert judged("R1", class9=(BACK,))["class9"] == WARN


@pytest.mark.parametrize(
    ("changes", "item", "expected"),
    [
        ({"un_numbers_printed": ()}, "un_number", MISSING),
        ({"un_numbers_printed": (3481,)}, "un_number", MISSING),
        ({"un_numbers_printed": (), "all_faces_seen": False}, "un_number", HIDDEN),
        ({"un_numbers_printed": None}, "un_number", OPEN),
        ({"texts": ("BATTERIES",)}, "proper_shipping_name", MISSING),
        ({"texts": ("BATTERIES",), "all_faces_seen": False}, "proper_shipping_name", HIDDEN),
        ({"texts": None}, "proper_shipping_name", OPEN),
        ({"limited_quantity": (FRONT,)}, "limited_quantity", FAIL),
        ({"limited_quantity": None}, "limited_quantity", NOTE),
    ],
)
def test_r1_texts(changes: dict[str, Any], item: str, expected: tuple[str, str]) -> None:
    assert judged("R1", **changes)[item] == expected


def test_r1_the_name_is_not_due_by_road() -> None:
    assert "proper_shipping_name" not in judged("R1", replace(FULL, mode="road"))
    assert judged("R1", replace(FULL, mode=None))["declaration"] == OPEN


def test_r1_the_name_of_equipment() -> None:
    packed = replace(FULL, un_number=3481, with_equipment=True, in_equipment=False)
    changes: dict[str, Any] = {"un_numbers_printed": (3481,)}
    texts = ("LITHIUM ION BATTERIES PACKED WITH EQUIPMENT",)
    assert judged("R1", packed, texts=texts, **changes)["proper_shipping_name"] == GOOD
    assert (
        judged("R1", packed, texts=("LITHIUM ION BATTERIES",), **changes)["proper_shipping_name"] == MISSING
    )


def test_r1_un_3171_takes_model_9() -> None:
    vehicle = Shipment(un_number=3171)
    assert judged("R1", vehicle)["class9a"] == FAIL
    assert judged("R1", vehicle, class9a=(), class9=(FRONT,))["class9a"] == GOOD
    assert judged("R1", vehicle, class9a=None)["class9a"] == OPEN
    blank: dict[str, Any] = {"class9a": (), "class9": ()}
    assert judged("R1", vehicle, **blank)["class9"] == MISSING
    assert judged("R1", vehicle, class9a=(), class9=None)["class9"] == OPEN
    assert judged("R1", vehicle, class9a=(), class9=(FRONT,))["un_number"] == MISSING
    assert judged("R1", replace(vehicle, vehicle_recognisable=True), **blank) == {"class9a": GOOD}


def test_a_second_number_brings_its_own_rules() -> None:
    both = replace(FULL, other_un_numbers=(3556,), vehicle_recognisable=False)
    assert judged("R9", both, un_numbers_printed=(3480, 3556))["proper_shipping_name"] == MISSING
    assert (
        judged("R1", replace(both, un_number=3556, other_un_numbers=(3480,)), class9a=())["class9a"]
        == MISSING
    )


def test_r1_the_name_of_another_number() -> None:
    texts = ("LITHIUM ION BATTERIES PACKED WITH EQUIPMENT",)
    assert judged("R1", texts=texts)["proper_shipping_name"] == MISSING
    assert judged("R1", texts=(texts[0].replace(" ", ""),))["proper_shipping_name"] == MISSING
    assert judged("R1", texts=(*texts, "LITHIUM ION BATTERIES"))["proper_shipping_name"] == GOOD


def test_r1_small_batteries_and_unknown_goods() -> None:
    assert judged("R1", replace(FULL, section="SP188")) == {}
    assert judged("R1", replace(FULL, section=None)) == {"declaration": OPEN}
    assert judged("R1", replace(FULL, un_number=1203)) == {"un_number": OPEN}
    assert judged("R1", replace(FULL, other_un_numbers=(1203,)))["un_number"] == MISSING


def test_r1_waste_wording() -> None:
    waste = replace(FULL, state="waste")
    assert judged("R1", waste)["wording"] == MISSING
    texts = ("LITHIUM ION BATTERIES", "LITHIUM BATTERIES FOR RECYCLING")
    assert judged("R1", waste, texts=texts)["wording"] == GOOD


# R9, R10

VEHICLE = Shipment(un_number=3556, mode="sea", vehicle_recognisable=False)


def test_r9() -> None:
    bare: dict[str, Any] = {"class9a": (), "un_numbers_printed": (), "texts": ()}
    assert judged("R9", VEHICLE, **bare) == {
        "class9a": MISSING,
        "un_number": MISSING,
        "proper_shipping_name": MISSING,
    }
    texts = ("VEHICLE, LITHIUM ION BATTERY POWERED",)
    assert set(judged("R9", VEHICLE, un_numbers_printed=(3556,), texts=texts).values()) == {GOOD}
    assert judged("R9", VEHICLE, class9a=(), class9=(FRONT,))["class9a"] == FAIL
    assert judged("R9", replace(VEHICLE, vehicle_recognisable=True), **bare) == {"class9a": GOOD}
    assert judged("R9", replace(VEHICLE, vehicle_recognisable=None)) == {"declaration": OPEN}
    assert judged("R9", VEHICLE, **bare, all_faces_seen=False)["class9a"] == HIDDEN


UNIT = Shipment(un_number=3536, mode="road")
BIG = tuple(SeenMark(face, (250, 250)) for face in ("front", "back", "left", "right"))


@pytest.mark.parametrize(
    ("facts", "changes", "item", "expected"),
    [
        ({}, {"class9": BIG[:2]}, "placard9", GOOD),
        ({}, {"class9": BIG[:1]}, "placard9", MISSING),
        ({}, {"class9": BIG[:1], "all_faces_seen": False}, "placard9", HIDDEN),
        ({}, {"class9": ()}, "placard9", MISSING),
        ({}, {"class9": None}, "placard9", OPEN),
        ({}, {"class9": (SeenMark(None, (250, 250)),)}, "placard9", OPEN),
        ({}, {"class9": (), "class9a": BIG}, "placard9", FAIL),
        ({}, {"class9": BIG, "class9a": (FRONT,)}, "class9a", FAIL),
        ({}, {"class9": (SeenMark("front", (240, 250)), BIG[1])}, "placard9.size", FAIL),
        ({}, {"class9": (FRONT, BACK)}, "placard9.size", OPEN),
        ({"mode": "sea"}, {"class9": BIG[:2]}, "placard9", ("missing", "warn")),
        ({"mode": "sea"}, {"class9": BIG}, "placard9", GOOD),
        ({"mode": "air"}, {"class9": BIG}, "mode", FAIL),
        ({"mode": None}, {"class9": BIG}, "declaration", OPEN),
    ],
)
def test_r10(facts: dict[str, Any], changes: dict[str, Any], item: str, expected: tuple[str, str]) -> None:
    changes = {"class9a": (), "un_numbers_printed": (3536,)} | changes
    assert judged("R10", replace(UNIT, **facts), **changes)[item] == expected


@pytest.mark.parametrize(
    ("faces", "all_seen", "expected"),
    [
        ((FRONT, BACK), True, GOOD),
        ((FRONT, BACK), False, GOOD),
        ((FRONT, LEFT), True, MISSING),
        ((FRONT, LEFT), False, HIDDEN),
        ((LEFT, RIGHT), False, GOOD),
        ((FRONT, SeenMark()), True, OPEN),
        ((SeenMark("top"), SeenMark("bottom")), True, MISSING),
        ((), True, MISSING),
        (None, True, OPEN),
    ],
)
def test_r14(faces: Any, all_seen: bool, expected: tuple[str, str]) -> None:
    large = replace(FULL, packing="large")
    item = "class9a.opposite_sides"
    assert judged("R14", large, class9a=faces, all_faces_seen=all_seen)[item] == expected


def test_r14_applies_to_large_packagings_and_large_ibcs_only() -> None:
    assert judged("R14", FULL) == {}
    assert judged("R14", replace(FULL, packing="ibc")) == {"declaration": OPEN}
    assert judged("R14", replace(FULL, packing="ibc", large_ibc=False)) == {}
    assert judged("R14", replace(FULL, packing="ibc", large_ibc=True)) == {"class9a.opposite_sides": MISSING}
