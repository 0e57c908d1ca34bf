from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lipack_vision.errors import DeclarationError
from lipack_vision.inspection import Declaration
from tests.unit.inspection.fakes import EXAMPLE

LEAST = {"un_number": 3480, "section": "SP188"}


def write(folder: Path, text: str, name: str = "d.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_says_what_it_shows() -> None:
    facts = Declaration.load(EXAMPLE)
    assert (facts.un_number, facts.gross_kg, facts.packages) == (3480, 22.4, 120)
    assert facts.packaging_code == "4G/Y25/S/25/CN/C370012 PI:015"
    assert facts.chinese_export is True


def test_yaml_text_stays_as_written(tmp_path: Path) -> None:
    # YAML 1.1 would read 015 as 13 and NO as false.
    path = write(tmp_path, "un_number: 3480\nsection: SP188\nbatch: 015\nreference: NO\nproduct: 1_000\n")
    facts = Declaration.load(path)
    assert (facts.batch, facts.reference, facts.product) == ("015", "NO", "1_000")


def test_json_and_yaml_give_the_same(tmp_path: Path) -> None:
    facts = Declaration.load(EXAMPLE)
    path = write(tmp_path, json.dumps(facts.to_dict()), "d.json")
    assert Declaration.load(path) == facts
    assert Declaration.from_dict(facts.to_dict()) == facts


def test_empty_fields_count_as_not_declared(tmp_path: Path) -> None:
    path = write(tmp_path, "un_number: UN 3480\nsection: SP188\nbatch:\nworks_code: null\nmode: ~\n")
    assert Declaration.load(path).to_dict() == LEAST


def test_a_byte_order_mark_is_no_part_of_the_first_field(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_bytes("\ufeffun_number: 3480\nsection: SP188\n".encode())
    assert Declaration.load(path).un_number == 3480


def test_shipment_carries_every_fact() -> None:
    facts = Declaration(**LEAST, packages=2, packaging_code="4G/Y25/S/25/CN/C370012 PI:015", net_kg=3)
    shipment = facts.shipment()
    assert (shipment.n_packages, shipment.mark, shipment.net_kg) == (2, facts.packaging_code, 3)


def test_the_rules_get_a_first_line_too() -> None:
    assert Declaration(**LEAST, packaging_code="4G/Y25/S/25").shipment().mark == "4G/Y25/S/25"


def test_works_code_and_batch_are_capitals() -> None:
    facts = Declaration(
        **LEAST, packaging_code="4G/Y25/S/25/CN/C370012 PI:A15", works_code="c370012", batch="a15"
    )
    assert (facts.works_code, facts.batch) == ("C370012", "A15")


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"gross_kg": 24, "net_kg": 24.5}, "net_kg of at most the gross_kg"),
    ({"gross_kg": 24, "item_gross_kg": 40}, "item_gross_kg of at most the gross_kg"),
    ({"in_equipment": True}, "in_equipment only with"),
    ({"with_equipment": True}, "with_equipment only with"),
    ({"button_cells_only": True, "other_un_numbers": [3090]}, "button_cells_only only with"),
]


@pytest.mark.parametrize(("fields", "says"), CONTRADICTIONS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_true_together_is_refused(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(DeclarationError, match=says) as caught:
        Declaration(**LEAST, **fields)
    assert caught.value.cure == "Correct one of the two."


def test_what_can_be_true_together_is_taken() -> None:
    Declaration(**LEAST, gross_kg=24, net_kg=24, item_gross_kg=24, in_equipment=False)
    Declaration(**LEAST, other_un_numbers=[3481], in_equipment=True)
    Declaration(un_number=3551, section="SP188", other_un_numbers=[3552], with_equipment=True)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"un_numbr": 3480, "section": "SP188"}, "un_numbr", "Did you mean un_number"),
    ({"section": "SP188"}, "un_number", "nothing"),
    (LEAST | {"un_number": "348"}, "un_number", "'348'"),
    (LEAST | {"un_number": "UN 34800"}, "un_number", "34800"),
    (LEAST | {"section": "SP18"}, "section", "'SP18'"),
    (LEAST | {"mode": "ship"}, "mode", "'sea', 'road', 'rail' or 'air'"),
    (LEAST | {"gross_kg": "25,5"}, "gross_kg", "a number such as 22.4"),
    (LEAST | {"gross_kg": "25 kg"}, "gross_kg", "without its unit"),
    (LEAST | {"gross_kg": 0}, "gross_kg", "greater than 0"),
    (LEAST | {"gross_kg": float("nan")}, "gross_kg", "finite"),
    (LEAST | {"batch": 15}, "batch", "in quotes"),
    (LEAST | {"overpack": "perhaps"}, "overpack", "true or false"),
    (LEAST | {"packages": "many"}, "packages", "'many'"),
    (LEAST | {"inspection_date": "1 May"}, "inspection_date", "date"),
    (LEAST | {"packaging_code": "4E/Y25/S/25"}, "packaging_code", "4G/Y25/S/25"),
    (LEAST | {"packaging_code": "4G/Q25/S/25/CN/C370012"}, "packaging_code", "level"),
    (LEAST | {"other_un_numbers": ["UN3481", "x"]}, "other_un_numbers.1", "'x'"),
    (LEAST | {"self": 1}, "self", "unknown field"),
]


@pytest.mark.parametrize(("fields", "where", "says"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_field_is_named_with_a_cure(fields: dict[str, Any], where: str, says: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        Declaration(**fields)
    assert caught.value.where == f"declaration: {where}"
    assert says in str(caught.value)
    assert caught.value.cure


def test_other_wrong_fields_are_named_too() -> None:
    with pytest.raises(DeclarationError, match=r"Also wrong: gross_kg"):
        Declaration(**LEAST, gross_kg="x", mode="y")


def test_works_code_and_batch_must_agree_with_the_code() -> None:
    with pytest.raises(DeclarationError, match=r"batch '015' as in packaging_code, found '016'"):
        Declaration(**LEAST, packaging_code="4G/Y25/S/25/CN/C370012 PI:015", batch="016")


def test_words_may_be_capitals_and_dates_iso() -> None:
    facts = Declaration(**LEAST, mode=" Sea ", inspection_date="2025-08-01")
    assert (facts.mode, facts.inspection_date) == ("sea", date(2025, 8, 1))


BAD_FILES: list[tuple[str, str, str]] = [
    ("d.yaml", "", "nothing"),
    ("d.yaml", "just words", "a str"),
    ("d.yaml", "- a\n- b\n", "a list"),
    ("d.yaml", "a: b: c", "mapping values"),
    ("d.yaml", "un_number: 1\nun_number: 2\n", "'un_number' twice"),
    ("d.yaml", "a: &x 1\nb: *x\n", "alias"),
    ("d.yaml", "a: !!python/object/apply:os.system [ls]\n", "could not determine a constructor"),
    ("d.yaml", "[" * 5000, "nested too deep"),
    ("d.json", '{"a": 1,}', "property name"),
    ("d.json", '{"a": 1, "a": 2}', "'a' twice"),
    ("d.json", "[" * 50_000, "nested too deep"),
    ("d.toml", "a = 1", ".toml"),
    ("d", "a: 1", "no ending"),
    ("d.yaml", "# " + "x" * 100_000, "bytes"),
]


@pytest.mark.parametrize(("name", "text", "found"), BAD_FILES, ids=lambda value: str(value)[:24])
def test_a_bad_file_is_named_with_what_was_found(tmp_path: Path, name: str, text: str, found: str) -> None:
    path = write(tmp_path, text, name)
    with pytest.raises(DeclarationError) as caught:
        Declaration.load(path)
    assert caught.value.where.startswith(str(path))
    assert found in caught.value.found


def test_a_yaml_error_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        Declaration.load(write(tmp_path, "un_number: 3480\nsection: [\n"))
    assert caught.value.where.rpartition(":")[2] in {"2", "3"}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="no such file"):
        Declaration.load(tmp_path / "none.yaml")
    with pytest.raises(DeclarationError):
        Declaration.load(tmp_path)
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DeclarationError, match="UTF-8"):
        Declaration.load(tmp_path / "d.yaml")


def test_a_wrong_field_in_a_file_names_file_and_field(tmp_path: Path) -> None:
    path = write(tmp_path, "un_number: 3480\nsection: SP188\ngross_kgs: 3\n")
    with pytest.raises(DeclarationError) as caught:
        Declaration.load(path)
    assert caught.value.where == f"{path}: gross_kgs"
    assert "gross_kg" in caught.value.cure


def test_every_field_is_described() -> None:
    for name in Declaration.model_fields:
        assert f"    {name}:" in (Declaration.__doc__ or "")
