"""The condition of cartons as a reason for review; what is not seen well never releases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.result import Inspection
from lipack_vision.integrity import BoxCondition
from tests.unit.inspection.fakes import FakeAssessor, carton, declared, inspector, photo

SOUND = carton()
DAMAGED = carton(0.97, "damaged", types=("dent", "hole", "dent"))


def judge(*photos: tuple[BoxCondition, ...], **options: Any) -> Inspection:
    assessor = FakeAssessor(list(photos), **options)
    pictures = [photo(seed) for seed in range(max(len(photos), 1))]
    return inspector(assessor=assessor, skip={"reference"}).inspect(pictures, declared())


def test_a_sound_carton_is_released() -> None:
    answer = judge((SOUND,))
    assert (answer.decision, answer.reasons) == ("release", ())
    assert any(one.rule == "integrity" and one.verdict == "right" for one in answer.findings)


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        ((DAMAGED,), "dent, hole"),
        ((SOUND, DAMAGED), "looks damaged"),
        ((carton(0.5, "cannot_judge", "too_dark"),), "too dark"),
        ((carton(0.5, "cannot_judge", "wrapped"),), "film"),
        ((carton(0.5, "cannot_judge", "no_box"),), "no carton"),
        ((carton(0.5, "cannot_judge", "cut_off"),), "cuts the carton off"),
        ((carton(0.2),), "80.0 % only"),
        ((carton(float("nan")),), "only"),
    ],
)
def test_everything_else_asks_for_a_person(boxes: tuple[BoxCondition, ...], words: str) -> None:
    answer = judge(boxes)
    assert answer.decision == "review"
    assert any(words in reason.message and reason.rule == "integrity" for reason in answer.reasons)


def test_uncalibrated_scores_prove_nothing() -> None:
    assert judge((SOUND,), calibrated=False).decision == "review"


def test_a_failed_look_is_a_reason() -> None:
    answer = judge((SOUND,), error=ValueError("broken"))
    assert answer.decision == "review"
    assert any("broken" in reason.message for reason in answer.reasons)


def test_evidence_without_a_look_is_a_reason() -> None:
    whole = judge((SOUND,))
    photos = [replace(one, integrity=None) for one in whole.photos]
    again = inspector(skip={"reference"}).judge(photos, declared())
    assert any(reason.rule == "integrity" and reason.verdict == "not_checked" for reason in again.reasons)


def test_a_close_up_beside_a_whole_view_is_no_reason() -> None:
    close = carton(0.5, "cannot_judge", "cut_off")
    assert judge((SOUND,), (close,)).decision == "release"
    assert judge((close,), (close,)).decision == "review"
    assert judge((SOUND,), (carton(0.5, "cannot_judge", "cut_off", "too_dark"),)).decision == "review"


def test_damage_on_one_of_many_photos_counts() -> None:
    answer = judge((SOUND,), (SOUND,), (DAMAGED,))
    assert answer.decision == "review"
    assert [reason.photo for reason in answer.reasons] == [2]


def test_evidence_keeps_the_condition() -> None:
    (seen,) = judge((DAMAGED, SOUND)).photos
    assert PhotoEvidence.from_dict(seen.to_dict()) == seen
    assert seen.integrity is not None
    assert seen.integrity.probability_damaged == 0.97
    assert seen.integrity.verdict == "damaged"


def test_switched_off_nothing_is_looked_at() -> None:
    assessor = FakeAssessor([(DAMAGED,)])
    answer = inspector(assessor=assessor).inspect([photo()], declared())
    assert answer.decision == "release"
    assert assessor.calls == 0
