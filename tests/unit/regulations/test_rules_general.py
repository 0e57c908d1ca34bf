"""The rules as a whole: what passes, what never passes, and wrong declarations."""

from __future__ import annotations

from typing import Any

import pytest
from rule_cases import FRONT, FULL, SEEN

from lipack_vision.errors import DeclarationError
from lipack_vision.regulations import RULES, Observation, RuleFinding, Section, Shipment, check_rules


def test_rules_table() -> None:
    assert list(RULES) == [f"R{number}" for number in range(1, 15)]
    assert all(rule.title and rule.source and rule.id == name for name, rule in RULES.items())


def test_a_right_package_has_nothing_against_it() -> None:
    found = check_rules(FULL, SEEN)
    assert [one for one in found if one.stands_against_release] == []
    assert {one.rule_id for one in found} == {"R1", "R2", "R13"}


def test_nothing_declared_never_passes() -> None:
    found = check_rules(Shipment(), SEEN)
    assert {one.verdict for one in found} == {"not_checked"}
    assert all(one.stands_against_release for one in found)


def test_nothing_judged_never_passes() -> None:
    found = check_rules(FULL, Observation())
    assert {"R1", "R2", "R13"} <= {one.rule_id for one in found if one.stands_against_release}
    assert {one.verdict for one in found} == {"not_checked"}


def test_findings_survive_json() -> None:
    for one in check_rules(Shipment(un_number=3480), Observation()):
        assert RuleFinding.from_dict(one.to_dict()) == one


# Declarations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fully regulated", Section(None, "full")),
        ("SP188", Section(None, "SP188")),
        ("SP 188", Section(None, "SP188")),
        ("PI965 IA", Section(965, "IA")),
        ("pi 966, section ii", Section(966, "II")),
        ("PI967-I", Section(967, "I")),
    ],
)
def test_sections(text: str, expected: Section) -> None:
    assert Section.parse(text) == expected


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"section": "PI965"}, "section"),
        ({"section": "III"}, "section"),
        ({"state": "broken"}, "state"),
        ({"mode": "ship"}, "mode"),
        ({"packing": "bag"}, "packing"),
        ({"gross_kg": -1}, "gross_kg"),
        ({"gross_kg": float("nan")}, "gross_kg"),
        ({"un_number": 0}, "un_number"),
    ],
)
def test_wrong_declarations(facts: dict[str, Any], where: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Shipment(**facts)
    assert caught.value.where == where


def test_unknown_kinds_of_mark_are_refused() -> None:
    assert SEEN.seen("class9a") == (FRONT,)
    with pytest.raises(KeyError):
        SEEN.seen("all_faces_seen")
