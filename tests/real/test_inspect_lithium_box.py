"""The one real lithium-battery export carton at hand: what can be read is read, what is missing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipack_vision import Declaration, Inspection, Inspector

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "real-dev" / "un_mark_lithium_box" / "images"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"real photos not there: {FOLDER}")


@pytest.fixture(scope="module")
def answer() -> Inspection:
    facts = Declaration(
        un_number="UN3480",
        section="fully regulated",
        mode="road",
        state="damaged",
        packing="box",
        packaging_code="4G/X1.5/S/16/USA/+M6229",
        gross_kg=1.4,
        overpack=False,
        chinese_export=False,
    )
    return Inspector(skip={"integrity", "reference"}).inspect(FOLDER, facts)


def test_the_whole_code_is_read_where_it_is_fully_visible(answer: Inspection) -> None:
    whole, covered = answer.photos
    assert whole.name.endswith("_a.jpg")
    assert [reading.text for reading in whole.readings if reading.code] == ["4G/X1.5/S/16/USA/+M6229"]
    assert not any(reading.code for reading in covered.readings)


def test_the_covered_year_is_named_on_its_photo(answer: Inspection) -> None:
    said = [one for one in answer.findings if one.rule == "code.whole" and one.photo == 1]
    assert said
    assert all("year" in one.message for one in said)
    assert all("Another photo shows it whole" in one.message for one in said)


def test_the_declared_code_is_confirmed(answer: Inspection) -> None:
    verdicts = [one.verdict for one in answer.findings if one.rule == "declaration.packaging_code"]
    assert verdicts == ["right"]


def test_what_the_carton_does_not_show_is_a_reason(answer: Inspection) -> None:
    assert answer.decision == "review"
    open_items = {
        one.item for one in answer.reasons if one.verdict in {"missing", "not_visible", "not_checked"}
    }
    assert "un_number" in open_items
    assert open_items & {"class9a", "Marks"}
    assert not any(one.verdict == "right" and one.item == "class9a" for one in answer.findings)
