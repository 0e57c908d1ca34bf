"""What the packer declares about a package, read from YAML or JSON and checked field by field."""

from __future__ import annotations

import difflib
import os
from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from lipack_vision.errors import DeclarationError
from lipack_vision.inspection.declaration_file import read_fields
from lipack_vision.regulations import GOODS, read_mark
from lipack_vision.regulations.instructions import State
from lipack_vision.regulations.shipment import Mode, Packing, Section, Shipment

_Mass = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, le=1_000_000)]


def _un_number(value: Any) -> Any:
    """``3480`` from ``UN3480``, ``UN 3480`` or ``3480``."""
    if not isinstance(value, str):
        return value
    digits = value.upper().removeprefix("UN").strip()
    if len(digits) != 4 or not digits.isascii() or not digits.isdigit():
        raise _wrong("a UN number such as UN3480", repr(value), "Give UN and its four digits.")
    return int(digits)


def _word(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


_UnNumber = Annotated[int, BeforeValidator(_un_number), Field(ge=1, le=9999)]


class Declaration(BaseModel):
    """Facts that were declared about one package. What is left out is not known, and is not checked.

    Attributes:
        un_number: UN number of the goods: 3480, ``"UN3480"``.
        section: rules under which it goes: ``fully regulated``, ``SP188``, or an IATA section: ``PI965 IA``.
        other_un_numbers: further UN numbers in the same package.
        mode: ``sea``, ``road``, ``rail`` or ``air``.
        state: of the batteries: ``normal``, ``damaged``, ``critical``, ``waste`` or ``prototype``.
        packing: ``box``, ``drum``, ``jerrican``, ``large``, ``ibc``, ``crate``, ``pallet`` or ``unpacked``.
        packaging_code: UN packaging mark, whole or its first line: ``4G/Y25/S/25/CN/C370012 PI:015``.
        works_code: of the packaging's maker: ``C370012``.
        batch: production batch of the packaging, the digits after ``PI:``.
        gross_kg: gross mass of the package in kg.
        net_kg: net mass of the batteries in it in kg.
        item_gross_kg: gross mass of one battery in kg.
        packages: number of packages of the consignment.
        n_cells: cells in the package.
        n_batteries: batteries in the package.
        charge_percent: state of charge, 0 to 100.
        in_equipment: batteries are contained in equipment.
        with_equipment: batteries are packed with equipment.
        button_cells_only: only button cells installed in equipment.
        impact_resistant_case: batteries have a strong, impact-resistant case (P903 (2)).
        batteries_in_marked_inner: batteries stand in a type-tested packaging of their own inside (P903 (3)).
        sheet_mark: UN packaging mark on the packaging performance sheet (性能单).
        sheet_valid_until: last day on which that sheet is valid.
        inspection_date: day on which the package was packed or photographed.
        chinese_export: whether it leaves China under Chinese packaging inspection.
        overpack: whether the photos show an overpack.
        contents_visible: whether marks and labels of the overpack's contents are visible from outside.
        vehicle_recognisable: whether a packed vehicle can be recognised as one.
        large_ibc: whether an IBC holds more than 450 L.
        product: name of the goods, for the report only.
        reference: the declarer's own number of this declaration, for the report only.

    Raises:
        DeclarationError: a field is missing, unknown or wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=200)

    un_number: _UnNumber
    section: str
    other_un_numbers: tuple[_UnNumber, ...] = ()
    mode: Annotated[Mode | None, BeforeValidator(_word)] = None
    state: Annotated[State | None, BeforeValidator(_word)] = None
    packing: Annotated[Packing | None, BeforeValidator(_word)] = None
    packaging_code: str | None = None
    works_code: str | None = None
    batch: str | None = None
    gross_kg: _Mass | None = None
    net_kg: _Mass | None = None
    item_gross_kg: _Mass | None = None
    packages: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    n_cells: _Count | None = None
    n_batteries: _Count | None = None
    charge_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    in_equipment: bool | None = None
    with_equipment: bool | None = None
    button_cells_only: bool | None = None
    impact_resistant_case: bool | None = None
    batteries_in_marked_inner: bool | None = None
    sheet_mark: str | None = None
    sheet_valid_until: date | None = None
    inspection_date: date | None = None
    chinese_export: bool | None = None
    overpack: bool | None = None
    contents_visible: bool | None = None
    vehicle_recognisable: bool | None = None
    large_ibc: bool | None = None
    product: str | None = None
    reference: str | None = None

    def __init__(self, /, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise _explain(error) from error

    @property
    def packaging_type(self) -> str | None:
        """Packaging type of the declared packaging code, such as ``4G``; None without one."""
        mark = read_mark(self.packaging_code) if self.packaging_code else None
        return None if mark is None else mark.elements.get("code")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Declaration:
        """Read a declaration file: YAML (``.yaml``, ``.yml``) or JSON (``.json``).

        Raises:
            DeclarationError: the file cannot be read, or a field is missing, unknown or wrong.
        """
        fields = read_fields(path)
        try:
            return cls(**fields)
        except DeclarationError as error:
            raise DeclarationError(
                os.fspath(path) + error.where.removeprefix("declaration"),
                expected=error.expected,
                found=error.found,
                cure=error.cure,
            ) from error

    def shipment(self) -> Shipment:
        """The facts in the form that the packing rules take."""
        facts = self.model_dump(exclude={"packaging_code", "packages", "product", "reference"})
        return Shipment(**facts, mark=self.packaging_code, n_packages=self.packages)

    def to_dict(self) -> dict[str, Any]:
        """The declared fields as plain JSON values; what was not declared is left out."""
        return self.model_dump(mode="json", exclude_unset=True, exclude_none=True)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Declaration:
        """The declaration that `to_dict` wrote."""
        return cls(**data)

    @field_validator("section")
    @classmethod
    def _section(cls, value: str) -> str:
        try:
            Section.parse(value)
        except DeclarationError as error:
            raise _wrong(error.expected, error.found, error.cure) from error
        return value

    @field_validator("works_code", "batch")
    @classmethod
    def _capitals(cls, value: str | None) -> str | None:
        return None if value is None else value.upper()

    @field_validator("packaging_code", "sheet_mark")
    @classmethod
    def _mark(cls, value: str | None) -> str | None:
        reading = read_mark(value) if value else None
        if reading is None or reading.status == "complete":
            return value
        problems = [note for note in reading.problems if note[0] not in reading.missing]
        if reading.status == "partial" and not problems:
            return value
        reason = "; ".join(f"{element}: {why}" for element, why in reading.problems) or "no packaging code"
        raise _wrong(
            "a UN packaging mark such as 4G/Y25/S/25/CN/C370012 PI:015, or its first line 4G/Y25/S/25",
            f"{value!r} ({reason})",
            "Copy it from the packaging performance sheet.",
        )

    @model_validator(mode="after")
    def _agree(self) -> Declaration:
        """Facts that cannot all be true; a rule must not choose the one that frees it."""
        code = read_mark(self.packaging_code).code if self.packaging_code else None
        if code is not None:
            for name, inside, beside in (
                ("works_code", code.works_code, self.works_code),
                ("batch", code.batch, self.batch),
            ):
                if inside and beside and inside != beside:
                    expected = f"{name} {inside!r} as in packaging_code"
                    raise _wrong(expected, repr(beside), "Correct one of the two.")
        for name in ("net_kg", "item_gross_kg"):
            part = getattr(self, name)
            if part is not None and self.gross_kg is not None and part > self.gross_kg:
                expected = f"{name} of at most the gross_kg of the package, {self.gross_kg:g}"
                raise _wrong(expected, f"{part:g}", "Correct one of the two.")
        numbers = (self.un_number, *self.other_un_numbers)
        if all(un in GOODS and GOODS[un].kind == "batteries" for un in numbers):
            for name in ("in_equipment", "with_equipment", "button_cells_only"):
                if getattr(self, name):
                    expected = f"{name} only with a UN number of batteries in or with equipment"
                    raise _wrong(expected, f"UN {self.un_number}", "Correct one of the two.")
        return self


def _wrong(expected: str, found: str, cure: str) -> PydanticCustomError:
    return PydanticCustomError(
        "declaration", "{expected}", {"expected": expected, "found": found, "cure": cure}
    )


def _explain(error: ValidationError) -> DeclarationError:
    """The first thing that is wrong, and the names of the other wrong fields."""
    # An unknown field explains a missing one, so it is named first.
    details = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
    names = [".".join(str(part) for part in detail["loc"]) for detail in details]
    expected, found, cure = _describe(names[0], details[0])
    if len(names) > 1:
        cure += f" Also wrong: {', '.join(names[1:])}."
    where = f"declaration: {names[0]}" if names[0] else "declaration"
    return DeclarationError(where, expected=expected, found=found, cure=cure)


def _describe(name: str, detail: ErrorDetails) -> tuple[str, str, str]:
    """What was expected, what was found, and the cure."""
    kind, context = detail["type"], detail.get("ctx", {})
    found = _short(detail["input"])
    if kind == "declaration":
        return str(context["expected"]), str(context["found"]), str(context["cure"])
    if kind == "extra_forbidden":
        known = list(Declaration.model_fields)
        near = difflib.get_close_matches(name, known, n=1)
        cure = f"Did you mean {near[0]}?" if near else f"Known fields: {', '.join(known)}."
        return "a known field", f"the unknown field {name!r}", cure
    if kind == "missing":
        return "a value", "nothing", f"Add a line `{name}: ...`; see examples/declaration.yaml."
    if kind == "string_type":
        return "text", found, "Put it in quotes; as a number, 015 would lose its zero."
    if kind.startswith("bool"):
        return "true or false", found, "Write true or false."
    if kind == "literal_error":
        return str(context["expected"]), found, "Choose one of these words."
    if kind in {"float_parsing", "float_type"}:
        return "a number such as 22.4", found, "Write it with a decimal point and without its unit."
    message = detail["msg"].removeprefix("Input should be ")
    return message[:1].lower() + message[1:], found, "Correct this field."


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
