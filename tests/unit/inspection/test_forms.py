"""What the form of labels does to an inspection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lipack_vision.inspection import PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.forms import check_forms
from lipack_vision.labels.conformity_types import Conformity, Element
from lipack_vision.regulations import Certainty
from lipack_vision.types import as_quad
from tests.unit.inspection.fakes import box, mark, photo
from tests.unit.inspection.packages import BOX, GERMAN, facts, judge, seen

DECLARED = facts(packaging_code=GERMAN)


def element(verdict: str, certainty: Certainty = Certainty.VERIFIED) -> Element:
    fault = "underline_missing" if verdict == "wrong" else None
    required, source = "the 9 is underlined", "5.2.2.2.2"
    return Element("underline", verdict, required, source, certainty, fault=fault, reason="why")  # type: ignore[arg-type]


def form(answer: str, *elements: Element) -> Conformity:
    return Conformity("class9a", answer, elements, box(20, 20), 200.0)  # type: ignore[arg-type]


def with_form(evidence: PhotoEvidence, found: Conformity, **of_mark: object) -> PhotoEvidence:
    first = replace(evidence.marks[0], **of_mark)  # type: ignore[arg-type]
    return replace(evidence, marks=(first, *evidence.marks[1:]), forms=(found, None))


def about_form(findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in findings if one.item in ("class9a.underline", "class9a.form")]


def test_a_conforming_label_changes_nothing() -> None:
    decision, findings = judge(with_form(BOX, form("conforming", element("right"))), DECLARED)
    assert decision == "release"
    assert not about_form(findings)


def test_a_faulty_label_is_a_reason_by_rule() -> None:
    decision, findings = judge(with_form(BOX, form("faulty", element("wrong"))), DECLARED)
    (found,) = about_form(findings)
    assert decision == "review"
    assert (found.rule, found.verdict, found.severity, found.blocks) == ("R1", "wrong", "fail", True)
    assert "not underlined" in found.message
    assert found.quad is not None


def test_what_cannot_be_told_is_said_and_blocks_nothing() -> None:
    decision, findings = judge(with_form(BOX, form("cannot_tell", element("cannot_tell"))), DECLARED)
    (found,) = about_form(findings)
    assert decision == "release"
    assert (found.verdict, found.severity, found.blocks) == ("not_checked", "info", False)


def test_an_inference_warns_only() -> None:
    wrong = form("faulty", element("wrong", Certainty.INFERENCE))
    decision, findings = judge(with_form(BOX, wrong), DECLARED)
    (found,) = about_form(findings)
    assert decision == "release"
    assert (found.severity, found.blocks) == ("warn", False)


def test_faults_of_an_uncertain_mark_are_uncertain() -> None:
    _, findings = judge(with_form(BOX, form("faulty", element("wrong")), probability=0.5), DECLARED)
    (found,) = about_form(findings)
    assert (found.verdict, found.severity, found.blocks) == ("uncertain", "warn", False)
    assert any(one.blocks and one.rule == "certainty" for one in findings)


def test_battery_marks_are_judged_by_their_rule() -> None:
    evidence = seen("battery_mark", (("UN3480", 0),))
    found = replace(form("faulty", element("wrong")), label="battery_mark")
    for section, rule in (("SP188", "R6"), ("PI 965 IB", "R7")):
        _, findings = judge(replace(evidence, forms=(found,)), facts(section=section))
        assert rule in {one.rule for one in findings if one.item == "battery_mark.underline"}


def test_forms_are_looked_at_with_the_photo() -> None:
    odd = replace(mark("class9"), quad=as_quad([[0, 0], [50, 50], [50, 0], [0, 50]]))
    away = replace(mark("class9a"), quad=box(5000, 5000))
    forms = check_forms(photo(), [mark("class9a"), mark("carton"), odd, away])
    assert [one is None for one in forms] == [False, True, True, True]
    assert forms[0] is not None
    assert forms[0].answer == "cannot_tell"


def test_evidence_with_forms_survives_json() -> None:
    evidence = with_form(BOX, form("faulty", element("wrong")))
    assert PhotoEvidence.from_dict(evidence.to_dict()) == evidence
    without = {name: value for name, value in evidence.to_dict().items() if name != "forms"}
    assert PhotoEvidence.from_dict(without).forms == ()
    assert np.allclose(evidence.forms[0].quad, box(20, 20)) if evidence.forms[0] else False
