"""Release happens in one situation only; taking away or spoiling any single thing gives review."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipack_vision.codes import TextLine
from lipack_vision.errors import ArtifactError, ConfigError, ImageError
from lipack_vision.inspection import Inspection, Inspector, PhotoEvidence, ReleasePolicy
from lipack_vision.inspection import checks as checks_module
from lipack_vision.inspection import inspector as inspector_module
from lipack_vision.inspection import proof as proof_module
from tests.unit.inspection.fakes import (
    CODE,
    FakeDetector,
    FakeEngine,
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

MARKS = FakeDetector().marks
LINES = FakeEngine().lines


def judge(**parts: Any) -> Inspection:
    facts = parts.pop("facts", declared())
    photos = parts.pop("photos", [photo()])
    all_faces = parts.pop("all_faces", False)
    return inspector(**parts).inspect(photos, facts, all_faces=all_faces)


def test_the_right_package_is_released() -> None:
    answer = judge()
    assert (answer.decision, answer.reasons) == ("release", ())


SPOILT: dict[str, Callable[[], dict[str, Any]]] = {
    "no declaration": lambda: {"facts": None},
    "nothing switched off": lambda: {"skip": ()},
    "integrity open": lambda: {"skip": {"reference"}},
    "reference open": lambda: {"skip": {"integrity"}},
    "one photo unreadable": lambda: {"photos": [photo(), b"no photo"]},
    "no 9A label": lambda: {"detector": FakeDetector(MARKS[1:])},
    "model 9 instead of 9A": lambda: {"detector": FakeDetector((mark("class9"), MARKS[1]))},
    "9A improbable": lambda: {"detector": FakeDetector((mark("class9a", 0.94), MARKS[1]))},
    "9A uncalibrated": lambda: {"detector": FakeDetector((mark("class9a", 1.0, False), MARKS[1]))},
    "9A of probability nan": lambda: {"detector": FakeDetector((mark("class9a", math.nan), MARKS[1]))},
    "another hazard": lambda: {"detector": FakeDetector((*MARKS, mark("other_hazard", 0.6)))},
    "improbable battery mark": lambda: {"detector": FakeDetector((*MARKS, mark("battery_mark", 0.3)))},
    "no code": lambda: {"reader": FakeReader(())},
    "code uncalibrated": lambda: {"reader": FakeReader((reading(calibrated=False),))},
    "code improbable": lambda: {"reader": FakeReader((reading(probability=0.9),))},
    "code repaired": lambda: {"reader": FakeReader((reading(repairs=(("level", "V", "Y"),)),))},
    "code with a problem": lambda: {"reader": FakeReader((reading(problems=(("code", "doubt"),)),))},
    "two codes": lambda: {"reader": FakeReader((reading(), reading("4G/Y30/S/25/CN/C370012 PI:015")))},
    "a second mark not read": lambda: {"reader": FakeReader((reading(), partial("4G/X9/S")))},
    "no text": lambda: {"engine": FakeEngine(())},
    "no UN number": lambda: {"engine": FakeEngine(LINES[1:])},
    "no name": lambda: {"engine": FakeEngine(LINES[:1])},
    "other UN number": lambda: {"engine": FakeEngine((line("UN3481"), LINES[1]))},
    "two UN numbers, one undeclared, only that one": lambda: {
        "engine": FakeEngine((line("UN3090"), *LINES[1:]))
    },
    "text uncalibrated": lambda: {"engine": FakeEngine((TextLine("UN3480", 1.0, box(9, 9)), LINES[1]))},
    "text improbable": lambda: {"engine": FakeEngine((line("UN3480", 0.8), LINES[1]))},
    "detector breaks": lambda: {"detector": FakeDetector(error=RuntimeError("boom"))},
    "reader breaks": lambda: {"reader": FakeReader(error=ValueError("boom"))},
    "engine breaks": lambda: {"engine": FakeEngine(error=MemoryError())},
    "declared too heavy": lambda: {"facts": declared(gross_kg=25.1)},
    "declared batch differs": lambda: {"facts": declared(batch="016", packaging_code="4G/Y25/S/25")},
    "declared works code differs": lambda: {
        "facts": declared(works_code="C370013", packaging_code="4G/Y25/S/25")
    },
    "declared code differs": lambda: {"facts": declared(packaging_code="4G/X25/S/25/CN/C370012 PI:015")},
    "declared first line differs": lambda: {"facts": declared(packaging_code="4G/Y26/S/25")},
    "no declared code": lambda: {"facts": declared(packaging_code=None, works_code=None, batch=None)},
    "no declared mass": lambda: {"facts": declared(gross_kg=None)},
    "no declared mode": lambda: {"facts": declared(mode=None)},
    "no declared state": lambda: {"facts": declared(state=None)},
    "declared for air": lambda: {"facts": declared(mode="air", section="PI965 IA", charge_percent=30)},
    "declared as damaged": lambda: {"facts": declared(state="damaged")},
    "declared as small batteries": lambda: {"facts": declared(section="SP188")},
    "goods outside the rules": lambda: {"facts": declared(un_number=1203)},
    "goods under another number": lambda: {"facts": declared(un_number=3090)},
    "an overpack": lambda: {"facts": declared(overpack=True)},
}


@pytest.mark.parametrize("name", SPOILT)
def test_each_single_change_gives_review_with_a_reason(name: str) -> None:
    answer = judge(**SPOILT[name]())
    assert answer.decision == "review"
    assert answer.reasons


def test_goods_outside_the_rules_are_not_released_for_their_right_number() -> None:
    answer = judge(facts=declared(un_number=1203), engine=FakeEngine((line("UN1203"), LINES[1])))
    assert answer.decision == "review"
    assert any("outside the rules" in reason.message for reason in answer.reasons)


def test_a_un_mark_that_is_read_needs_no_certainty_of_its_own() -> None:
    detector = FakeDetector((MARKS[0], mark("un_mark", 0.3)))
    assert judge(detector=detector).decision == "release"
    assert judge(detector=detector, reader=FakeReader(())).decision == "review"


def test_a_label_on_one_photo_counts_for_the_package() -> None:
    marks = iter([MARKS, ()])

    class Detector:
        def detect(self, image: np.ndarray) -> list[Any]:
            return list(next(marks))

    assert judge(detector=Detector(), photos=[photo(1), photo(2)]).decision == "release"


def test_a_mark_covered_on_one_photo_and_whole_on_another_is_explained() -> None:
    covered = partial("4G/Y25/S", ("year", "hidden"))
    answer = judge(reader=FakeReader((reading(), covered)))
    assert answer.decision == "release"
    (said,) = [finding for finding in answer.findings if finding.rule == "code.whole"]
    assert "year: hidden" in said.message
    assert not said.blocks


def test_contradicting_codes_are_named() -> None:
    other = "4G/Y30/S/25/CN/C370012 PI:015"
    reasons = judge(reader=FakeReader((reading(), reading(other)))).reasons
    assert any(CODE in reason.message and other in reason.message for reason in reasons)


def test_missing_only_when_every_face_is_vouched_for() -> None:
    def verdict(**parts: Any) -> str:
        answer = judge(detector=FakeDetector(MARKS[1:]), **parts)
        return next(one.verdict for one in answer.findings if one.item == "class9a")

    assert verdict() == "not_visible"
    assert verdict(all_faces=True) == "missing"
    # A photo that could not be read may show the face in question.
    assert verdict(all_faces=True, photos=[photo(), b"no photo"]) == "not_visible"


def test_warnings_are_shown_and_block_only_on_demand() -> None:
    odd = FakeReader((reading(warnings=(("gross_mass", "unlikely"),)),))
    calm = judge(reader=odd)
    assert calm.decision == "release"
    assert any(finding.severity == "warn" for finding in calm.findings)
    assert judge(reader=odd, policy=ReleasePolicy(block_on_warnings=True)).decision == "review"


def test_the_least_probability_is_the_policys() -> None:
    strict = ReleasePolicy(min_probability=0.995)
    assert judge(policy=strict).decision == "review"
    lax = ReleasePolicy(min_probability=0.5)
    assert judge(policy=lax, detector=FakeDetector((mark("class9a", 0.6), MARKS[1]))).decision == "release"


def test_switched_off_checks_are_named_in_answer_and_findings() -> None:
    answer = judge()
    assert answer.skipped == ("integrity", "reference")
    assert answer.to_dict()["skipped"] == ["integrity", "reference"]
    skipped = {finding.rule for finding in answer.findings if finding.verdict == "skipped"}
    assert skipped == {"check.integrity", "check.reference"}


@pytest.mark.parametrize("name", ["integrty", "marks", "code", ""])
def test_only_known_checks_can_be_switched_off(name: str) -> None:
    with pytest.raises(ConfigError, match="integrity"):
        Inspector(FakeDetector(), skip={name})


def test_a_near_name_gets_a_hint() -> None:
    with pytest.raises(ConfigError, match="Did you mean integrity"):
        ReleasePolicy(skip=frozenset({"integrty"}))


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_policy_refuses_what_is_no_probability(value: float) -> None:
    with pytest.raises(ConfigError):
        ReleasePolicy(min_probability=value)


CHECKS = [
    (checks_module, "photos_readable"),
    (checks_module, "looked_at"),
    (checks_module, "declared"),
    (checks_module, "switched_off"),
    (inspector_module, "packing_rules"),
    (inspector_module, "qualified_packaging"),
    (proof_module, "codes"),
    (proof_module, "marks_certain"),
    (proof_module, "code_certain"),
    (proof_module, "text_certain"),
]


@pytest.mark.parametrize(("module", "name"), CHECKS, ids=[name for _, name in CHECKS])
def test_a_check_that_raises_is_a_reason_for_review(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(module, name, broken)
    answer = judge()
    assert answer.decision == "review"
    assert any("ZeroDivisionError: boom" in reason.message for reason in answer.reasons)


@pytest.mark.parametrize(("module", "name"), [CHECKS[4]], ids=["packing_rules"])
def test_rules_that_find_nothing_release_nothing(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, lambda case: [])
    assert judge().decision == "review"


@settings(max_examples=40, deadline=None)
@given(
    place=st.sampled_from(["detector", "reader", "engine"]),
    error=st.sampled_from([ValueError, RuntimeError, KeyError, OSError, MemoryError, AssertionError]),
    photos=st.integers(1, 3),
)
def test_an_exception_anywhere_is_review_and_never_escapes(
    place: str, error: type[Exception], photos: int
) -> None:
    parts = {"detector": FakeDetector, "reader": FakeReader, "engine": FakeEngine}
    answer = judge(**{place: parts[place](error=error("boom"))}, photos=[photo(i) for i in range(photos)])
    assert answer.decision == "review"
    assert any(error.__name__ in reason.message for reason in answer.reasons)


@settings(max_examples=60, deadline=None)
@given(
    label_probability=st.floats(0, 1),
    code_probability=st.floats(0, 1),
    label_calibrated=st.booleans(),
    code_calibrated=st.booleans(),
)
def test_release_exactly_when_all_proof_is_calibrated_and_probable(
    label_probability: float, code_probability: float, label_calibrated: bool, code_calibrated: bool
) -> None:
    answer = judge(
        detector=FakeDetector((mark("class9a", label_probability, label_calibrated), MARKS[1])),
        reader=FakeReader((reading(probability=code_probability, calibrated=code_calibrated),)),
    )
    proven = label_calibrated and code_calibrated and min(label_probability, code_probability) >= 0.95
    assert (answer.decision == "release") == proven


def test_a_missing_model_is_a_reason_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    import lipack_vision.labels

    def missing(*_: Any, **__: Any) -> Any:
        raise ArtifactError("weights/marks", expected="a card", found="none", cure="Install it.")

    monkeypatch.setattr(lipack_vision.labels, "HazardLabelDetector", missing)
    answer = Inspector(None, FakeReader(), engine=FakeEngine(), skip={"integrity", "reference"}).inspect(
        [photo(1), photo(2)], declared()
    )
    assert answer.decision == "review"
    about = [finding for finding in answer.findings if finding.rule == "check.marks"]
    assert len(about) == 1  # one cause, not one finding per photo
    assert "2 photos" in about[0].message
    assert answer.versions["marks"] == "none"


def test_no_photo_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one photo"):
        inspector().inspect([], declared())
    assert inspector().judge([], declared()).decision == "review"


def test_a_folder_without_photos_is_refused(tmp_path: Any) -> None:
    with pytest.raises(ImageError, match="without any"):
        inspector().inspect(tmp_path, declared())


def test_one_photo_may_be_given_alone() -> None:
    assert inspector().inspect(photo(), declared()).decision == "release"


def test_evidence_from_elsewhere_is_judged_alike() -> None:
    here = judge()
    there = inspector().judge(here.photos, declared(), versions={"marks": "abc"})
    assert there.decision == "release"
    assert there.versions["marks"] == "abc"
    spoilt = replace(here.photos[0], error={"found": "x", "expected": "y", "cure": "z", "where": "w"})
    assert inspector().judge([spoilt], declared()).decision == "review"
    assert inspector().judge([PhotoEvidence("empty")], declared()).decision == "review"
