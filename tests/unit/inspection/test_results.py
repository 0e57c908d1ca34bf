from __future__ import annotations

import json

import numpy as np
import pytest

from lipack_vision.errors import ShapeError
from lipack_vision.inspection import CheckFailure, Finding, Inspection, PhotoEvidence, ReleasePolicy
from tests.unit.inspection.fakes import (
    FakeReader,
    box,
    declared,
    inspector,
    line,
    mark,
    partial,
    photo,
    reading,
)


def test_an_inspection_survives_json() -> None:
    answer = inspector(reader=FakeReader((reading(), partial("4G/Y25/S", ("year", "hidden"))))).inspect(
        [photo(), b"no photo"], declared()
    )
    again = Inspection.from_dict(json.loads(json.dumps(answer.to_dict())))
    # Lines of the fakes know that they are calibrated; a TextLine from JSON does not.
    assert again.to_dict() == answer.to_dict()
    assert again.id == answer.id


def test_an_inspection_without_declaration_survives_json() -> None:
    answer = inspector().inspect([photo()])
    assert Inspection.from_dict(json.loads(json.dumps(answer.to_dict()))).to_dict() == answer.to_dict()


def test_id_names_photos_declaration_and_policy() -> None:
    first = inspector().inspect([photo(1)], declared())
    assert inspector().inspect([photo(1)], declared()).id == first.id
    others = [
        inspector().inspect([photo(2)], declared()),
        inspector().inspect([photo(1)], declared(gross_kg=23)),
        inspector(policy=ReleasePolicy(0.5)).inspect([photo(1)], declared()),
        inspector().inspect([photo(1)], declared(), all_faces=True),
    ]
    assert len({first.id, *(one.id for one in others)}) == 5


def test_reasons_begin_with_what_is_wrong() -> None:
    answer = inspector(skip=()).inspect([photo()], declared(gross_kg=99))
    verdicts = [reason.verdict for reason in answer.reasons]
    assert verdicts[0] == "wrong"
    assert verdicts[-1] == "not_checked"


def test_evidence_survives_json() -> None:
    evidence = PhotoEvidence(
        "a", "00", 4, 3, (mark("carton"),), (reading(),), (), None, (CheckFailure("text", "why"),)
    )
    assert PhotoEvidence.from_dict(json.loads(json.dumps(evidence.to_dict()))) == evidence
    assert evidence.failed("text") == "why"
    assert evidence.failed("marks") is None
    assert line("UN3480").to_dict()["text"] == "UN3480"


def test_findings_compare_by_value_and_refuse_other_words() -> None:
    finding = Finding("R1", "class9a", "right", "info", "There.", quad=box(1, 2))
    assert Finding.from_dict(finding.to_dict()) == finding
    assert finding != finding.with_blocks(False)
    assert finding != "R1"
    with pytest.raises(ShapeError, match="verdict"):
        Finding("R1", "class9a", "fine", "info", "")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="severity"):
        Finding("R1", "class9a", "right", "grave", "")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="quad"):
        Finding("R1", "class9a", "right", "info", "", quad=np.zeros((3, 2), np.float32))


def finding(verdict: str, severity: str, certainty: str | None = None) -> Finding:
    return Finding("R1", "x", verdict, severity, "", certainty=certainty)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "blocks", "blocks_when_strict"),
    [
        (finding("right", "info"), False, False),
        (finding("skipped", "info"), False, False),
        (finding("not_checked", "info"), False, False),
        (finding("wrong", "fail", "verified"), True, True),
        (finding("uncertain", "fail"), True, True),
        (finding("wrong", "warn", "verified"), True, True),
        (finding("wrong", "warn", "memory"), True, True),
        (finding("wrong", "warn", "inference"), False, True),
        (finding("wrong", "warn", "unsure"), False, True),
        (finding("not_visible", "warn", "verified"), True, True),
        (finding("not_checked", "warn", "memory"), True, True),
        (finding("missing", "warn", "unsure"), False, True),
        (finding("uncertain", "warn"), False, True),
    ],
    ids=str,
)
def test_what_asks_for_a_person(one: Finding, blocks: bool, blocks_when_strict: bool) -> None:
    assert ReleasePolicy().blocks(one) is blocks
    assert ReleasePolicy(block_on_warnings=True).blocks(one) is blocks_when_strict


def test_policy_survives_json() -> None:
    policy = ReleasePolicy(0.9, True, frozenset({"integrity"}))
    assert ReleasePolicy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy
