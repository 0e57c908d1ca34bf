"""Which lines of text are proof of which words."""

from __future__ import annotations

import pytest

from lipack_vision.inspection import Finding, PhotoEvidence, ReleasePolicy
from lipack_vision.inspection import proof as proof_module
from lipack_vision.inspection.case import Case
from tests.unit.inspection.fakes import FakeEngine, declared, inspector, line, mark, photo

LINES = FakeEngine().lines


def test_a_demand_met_by_words_that_no_line_holds_is_uncertain() -> None:
    """The name may be put together from pieces of lines; then no line vouches for it."""
    pieces = ("LITHI", "UM ION BATTER", "IES")
    case = Case(inspector().inspect(photo(), declared()).photos, declared(), ReleasePolicy())
    met = Finding("R1", "proper_shipping_name", "right", "info", "", expected="ABCDE")
    (found,) = proof_module.text_certain(case, [met])
    assert (found.verdict, found.severity) == ("uncertain", "fail")
    answer = inspector(engine=FakeEngine((LINES[0], *(line(piece) for piece in pieces)))).inspect(
        photo(), declared()
    )
    assert answer.decision == "review"


@pytest.mark.parametrize(
    ("strong", "inside", "proven"),
    [
        ("UN 3480", False, True),
        ("UN No. 3480 LITHIUM", False, True),
        ("TEL 0755-34801234", False, False),
        ("3480", False, False),
        ("3480", True, True),
        ("LOT 3480", True, False),
    ],
)
def test_a_number_is_proven_by_a_line_that_says_un(strong: str, inside: bool, proven: bool) -> None:
    """The line that was read weakly says it; the strong one may only look like it."""
    lines = (line("UN3480", 0.3, at=(300, 300)), line(strong, at=(0, 34) if inside else (300, 200)))
    evidence = PhotoEvidence("p", "00", 640, 480, (mark("battery_mark"),), (), lines)
    met = Finding("R13", "un_number.printed", "right", "info", "", expected="UN 3480")
    case = Case((evidence,), declared(), ReleasePolicy())
    assert (proof_module.text_certain(case, [met]) == []) is proven
