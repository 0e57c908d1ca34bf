"""The comparison with the qualified packaging: only a sure, whole and unchanged one releases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from lipack_vision.inspection import inspector as inspector_module
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.report import render_report
from lipack_vision.inspection.result import Inspection
from lipack_vision.integrity.types import as_polygon
from lipack_vision.matching import Candidate, Change, FacePair, HiddenPlace, Match, ReferenceFace
from tests.unit.inspection.fakes import declared, inspector, photo

FACE = as_polygon([[10, 10], [200, 10], [200, 150], [10, 150]])
SIDE = as_polygon([[200, 10], [300, 10], [300, 150], [200, 150]])
SHA = "a" * 64


def match(*shares: float, changes: Sequence[float] = (), **options: Any) -> Match:
    """A match that is right in everything but for what is given."""
    told = tuple(Change(FACE, score) for score in changes)
    pair = FacePair(SHA, FACE, FACE, np.zeros((20, 4), np.float32), told, (), (FACE,))
    faces = tuple(
        ReferenceFace(SHA, outline, share)
        for outline, share in zip((FACE, SIDE), shares or (1.0, 0.9), strict=False)
    )
    whole = Match(
        "box 1", 0.99, True, (320, 240), (Candidate("box 1", 0.99, 0.9),), None, 0.01, False, (pair,), faces
    )
    return replace(whole, **options)


GOOD = match()
UNKNOWN = Match(
    None, 0.2, True, (320, 240), (Candidate("box 1", 0.2, 0.3),), "no reference is probable enough"
)


@dataclass
class FakeMatcher:
    answers: Sequence[Match]
    error: Exception | None = None
    calls: int = 0
    among: str | None = ""

    def match(self, image: np.ndarray, among: str | None = None) -> Match:
        if self.error:
            raise self.error
        self.among = among
        self.calls += 1
        return self.answers[(self.calls - 1) % len(self.answers)]


def judge(*answers: Match, **options: Any) -> Inspection:
    matcher = FakeMatcher(answers, **options)
    pictures = [photo(seed) for seed in range(len(answers))]
    return inspector(matcher=matcher, skip={"integrity"}).inspect(pictures, declared())


def test_the_qualified_packaging_is_released() -> None:
    answer = judge(GOOD)
    assert (answer.decision, answer.reasons) == ("release", ())
    assert any(one.rule == "reference" and one.verdict == "right" for one in answer.findings)


def test_a_photo_that_is_perhaps_changed_is_not_made_up_for_by_another() -> None:
    assert judge(GOOD, UNKNOWN).decision == "release"
    assert judge(GOOD, match(probability_changed=0.45)).decision == "review"


def with_hidden(*places: list[list[float]]) -> Match:
    """A good match on which these places, the same on the photo and on the reference, were not seen."""
    polygons = [as_polygon(place) for place in places]
    hidden = tuple(HiddenPlace(one, one) for one in polygons)
    return replace(GOOD, pairs=(replace(GOOD.pairs[0], hidden=hidden),))


HAND = [[50.0, 50.0], [90.0, 50.0], [90.0, 90.0], [50.0, 90.0]]
BESIDE = [[120.0, 50.0], [160.0, 50.0], [160.0, 90.0], [120.0, 90.0]]


def test_a_place_that_something_hides_is_not_released() -> None:
    answer = judge(with_hidden(HAND))
    assert answer.decision == "review"
    (told,) = [one for one in answer.findings if one.verdict == "not_visible"]
    assert told.severity == "fail"
    assert told.photo == 0
    assert np.allclose(np.min(told.quad, axis=0), 50, atol=2)
    assert "again" in told.message


def test_a_hidden_place_that_another_photo_shows_is_no_loss() -> None:
    assert judge(with_hidden(HAND), GOOD).decision == "release"
    assert judge(with_hidden(HAND), with_hidden(BESIDE)).decision == "release"
    assert judge(with_hidden(HAND), with_hidden(BESIDE, HAND)).decision == "review"


def test_a_photo_that_ends_before_a_hidden_place_does_not_show_it() -> None:
    """Its face is the whole one, of which it shows the right half."""
    half = as_polygon([[105, 10], [200, 10], [200, 150], [105, 150]])
    close = replace(GOOD, pairs=(replace(GOOD.pairs[0], compared=(half,)),))
    assert judge(with_hidden(HAND), close).decision == "review"
    assert judge(with_hidden(BESIDE), close).decision == "release"


def test_a_place_that_is_hidden_beside_two_photos_of_the_reference_is_told_once() -> None:
    pair = with_hidden(HAND).pairs[0]
    answer = judge(replace(GOOD, pairs=(pair, replace(pair, reference_photo="b" * 64))))
    assert [one.verdict for one in answer.findings].count("not_visible") == 1


def test_another_photo_of_the_reference_shows_another_place() -> None:
    other = replace(GOOD, pairs=(replace(GOOD.pairs[0], reference_photo="b" * 64),))
    assert judge(with_hidden(HAND), other).decision == "review"


def test_a_reference_qualified_with_another_mark_is_told() -> None:
    code = str(declared().packaging_code)
    assert judge(match(un_code=code)).decision == "release"
    later = code.replace("/25/", "/24/")
    assert later != code
    assert judge(match(un_code=later)).decision == "release"
    weaker = code.replace("4G/Y", "4G/Z")
    assert weaker != code
    assert judge(match(un_code=weaker)).decision == "review"


def test_photos_are_matched_among_the_declared_type() -> None:
    matcher = FakeMatcher([GOOD])
    inspector(matcher=matcher, skip={"integrity"}).inspect([photo()], declared())
    assert matcher.among == "4G"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (UNKNOWN, "no reference is probable enough"),
        (Match(None, 0.0, True, (320, 240)), "no valid reference"),
        (Match(None, 0.0, True, (320, 240)), "lipack library refresh"),
        (match(calibrated=False), "not calibrated"),
        (match(probability=0.9), "90.0 % only"),
        (match(probability=float("nan")), "only"),
        (
            match(pairs=(), probability_changed=None, changed=None, reason="cannot compare: x"),
            "cannot compare",
        ),
        (match(pairs=()), "nothing could be compared"),
        (match(changed=None), "nothing could be compared"),
        (match(probability_changed=0.2), "unchanged with 80.0 % only"),
        (match(alike=("B", "C")), "but like B, C as well"),
        (match(probability_changed=float("nan")), "only"),
        (match(changes=(0.8,)), "Differs from the qualified packaging box 1 here (80.0 %)"),
        (match(changed=True, probability_changed=0.9), "Differs from the qualified packaging box 1 (90.0 %)"),
        (match(1.0, 0.3), "Only 30 % of a face"),
        (match(1.0, float("nan")), "of a face"),
        (match(reference_faces=()), "nothing says that all of it was compared"),
    ],
)
def test_everything_else_asks_for_a_person(answer: Match, words: str) -> None:
    told = judge(answer)
    assert told.decision == "review"
    assert any(words in reason.message for reason in told.reasons), [one.message for one in told.reasons]


def test_a_failed_match_is_a_reason() -> None:
    told = judge(GOOD, error=ValueError("broken"))
    assert told.decision == "review"
    assert any("broken" in reason.message for reason in told.reasons)


def test_a_check_that_forgets_to_report_does_not_release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspector_module, "qualified_packaging", lambda case: [])
    assert judge(GOOD).decision == "review"


def test_without_a_matcher_nothing_is_released() -> None:
    told = inspector(skip={"integrity"}).inspect([photo()], declared())
    assert told.decision == "review"
    assert any("No library was given" in reason.message for reason in told.reasons)


def test_a_close_up_beside_a_whole_view_is_no_reason() -> None:
    assert judge(GOOD, UNKNOWN).decision == "release"
    assert judge(UNKNOWN, UNKNOWN).decision == "review"


def test_photos_together_show_all_faces() -> None:
    assert judge(match(1.0, 0.0), match(0.0, 0.9)).decision == "release"
    assert judge(match(1.0, 0.0), match(0.9, 0.1)).decision == "review"
    # What an unsure match compared counts for nothing.
    assert judge(match(1.0, 0.0), match(0.0, 0.9, calibrated=False)).decision == "review"


def test_a_change_on_one_of_many_photos_counts() -> None:
    told = judge(GOOD, GOOD, match(changes=(0.9,)))
    assert told.decision == "review"
    (reason,) = told.reasons
    assert reason.photo == 2
    assert reason.quad is not None
    assert np.array_equal(reason.quad[0], (10, 10))


def test_photos_of_different_packagings_are_a_reason() -> None:
    told = judge(GOOD, match(reference_id="box 2"))
    assert any("different qualified packagings: box 1, box 2" in reason.message for reason in told.reasons)


def test_evidence_for_another_packaging_type_counts_for_nothing() -> None:
    seen = judge(GOOD).photos
    other = declared(packaging_code="4D/Y25/S/25/CN/C370012 PI:015")
    told = inspector(skip={"integrity"}).judge(seen, other)
    assert any("another packaging type: 4G" in reason.message for reason in told.reasons)


def test_evidence_of_before_the_check_is_a_reason() -> None:
    seen = judge(GOOD, GOOD).photos
    data = seen[0].to_dict()
    del data["reference"]
    told = inspector(skip={"integrity"}).judge([PhotoEvidence.from_dict(data), seen[1]], declared())
    assert told.decision == "review"
    assert any("Not compared" in reason.message for reason in told.reasons)


def test_evidence_keeps_the_match() -> None:
    (seen,) = judge(match(changes=(0.9,))).photos
    assert PhotoEvidence.from_dict(seen.to_dict()) == seen


def test_the_inspection_s_id_names_what_the_photo_was_matched_with() -> None:
    first = judge(GOOD)
    assert judge(GOOD).id == first.id == Inspection.from_dict(json.loads(json.dumps(first.to_dict()))).id
    other = match(reference_id="box 2"), match(probability=0.98), match(probability_changed=0.02)
    without = inspector(skip={"integrity"}).inspect([photo(0)], declared())
    assert len({first.id, without.id, *(judge(one).id for one in other)}) == 5


def test_switched_off_nothing_is_compared() -> None:
    matcher = FakeMatcher([UNKNOWN])
    told = inspector(matcher=matcher).inspect([photo()], declared())
    assert (told.decision, matcher.calls) == ("release", 0)


def test_the_report_shows_the_reference_and_what_differs() -> None:
    class Store:
        def photo(self, sha256: str) -> bytes:
            import cv2

            assert sha256 == SHA
            return bytes(cv2.imencode(".png", photo(5))[1].tobytes())

    told = judge(match(changes=(0.9,)))
    html = render_report(told, [photo(0)], library=Store())
    assert 'class="change"' in html
    assert "differs 90.0 %" in html
    assert "Reference box 1" in html
    assert html.count("data:image/jpeg") >= 2
    bare = render_report(told, [photo(0)])
    assert "no library was given to the report" in bare
