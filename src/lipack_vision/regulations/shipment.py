"""What is declared about a package (`Shipment`) and what was seen of it (`Observation`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from typing import Literal, get_args

from lipack_vision.errors import DeclarationError
from lipack_vision.regulations.instructions import State
from lipack_vision.regulations.model import MarkReading, PackagingCode

Mode = Literal["sea", "road", "rail", "air"]
Packing = Literal["box", "drum", "jerrican", "large", "ibc", "crate", "pallet", "unpacked"]
Face = Literal["front", "back", "left", "right", "top", "bottom"]

OPPOSITE: dict[str, str] = {
    "front": "back",
    "back": "front",
    "left": "right",
    "right": "left",
    "top": "bottom",
    "bottom": "top",
}

_SECTION = re.compile(r"(?:PI ?)?(?P<pi>9[0-9]{2})[ ,-]*(?:SECTION ?)?(?P<part>IA|IB|II|I)")


@dataclass(frozen=True, slots=True)
class Section:
    """Under which rules a package goes.

    Attributes:
        pi: IATA packing instruction, or None for surface transport.
        part: ``IA``, ``IB``, ``I``, ``II``; ``SP188``; or ``full`` for fully regulated.
    """

    pi: int | None
    part: str

    @classmethod
    def parse(cls, text: str) -> Section:
        """Read ``fully regulated``, ``SP188``, ``PI965 IA`` or ``PI 966 Section II``.

        Raises:
            DeclarationError: none of these.
        """
        wanted = " ".join(text.upper().split())
        found = _SECTION.fullmatch(wanted)
        if found:
            return cls(int(found["pi"]), found["part"])
        if re.fullmatch(r"SP ?188", wanted):
            return cls(None, "SP188")
        if wanted in ("FULLY", "FULL", "FULLY REGULATED"):
            return cls(None, "full")
        raise DeclarationError(
            "section",
            expected="'fully regulated', 'SP188' or an IATA section such as 'PI965 IA'",
            found=repr(text),
            cure="Declare the rules under which the package goes.",
        )

    @property
    def fully_regulated(self) -> bool:
        """Whether hazard label and UN number are due (everything but SP 188 and Section II)."""
        return self.part in ("full", "IA", "IB", "I")

    @property
    def needs_un_mark(self) -> bool:
        """Whether type-tested packagings are due; Section IB asks for strong rigid outer packagings only."""
        return self.part in ("full", "IA", "I")


@dataclass(frozen=True, slots=True)
class Shipment:
    """Declared facts of one package. None means not declared; a rule that needs it then is not checked.

    Attributes:
        un_number: UN number of the goods, 3480 for UN 3480.
        other_un_numbers: further UN numbers in the same package.
        state: of the batteries.
        section: such as ``fully regulated``, ``SP188``, ``PI965 IA``; see `Section.parse`.
        mode: of transport; a PI section implies air.
        packing: outer packaging.
        gross_kg: gross mass of the package.
        net_kg: net mass of the batteries in the package.
        item_gross_kg: gross mass of one battery or of one assembly.
        impact_resistant_case: whether the batteries have a strong, impact-resistant outer case (P903 (2)).
        in_equipment: batteries contained in equipment.
        with_equipment: batteries packed with equipment.
        batteries_in_marked_inner: batteries stand in their own type-tested packaging inside (P903 (3)).
        button_cells_only: only button cells installed in equipment.
        n_cells, n_batteries: in the package; 0 says as much as None.
        n_packages: in the consignment.
        charge_percent: state of charge.
        mark: declared UN packaging mark.
        works_code: declared works code of the packaging's maker.
        batch: declared production batch.
        sheet_mark: mark on the packaging performance sheet.
        sheet_valid_until: last day of validity of the sheet.
        inspection_date: day on which the package was packed or photographed.
        chinese_export: whether the package leaves China under Chinese packaging inspection.
        overpack: whether the photos show an overpack.
        contents_visible: whether marks and labels of its contents are visible from outside.
        vehicle_recognisable: whether a vehicle can be recognised as one.
        large_ibc: whether an IBC holds more than 450 L.
    """

    un_number: int | None = None
    other_un_numbers: tuple[int, ...] = ()
    state: State | None = None
    section: str | None = None
    mode: Mode | None = None
    packing: Packing | None = None
    gross_kg: float | None = None
    net_kg: float | None = None
    item_gross_kg: float | None = None
    impact_resistant_case: bool | None = None
    in_equipment: bool | None = None
    with_equipment: bool | None = None
    batteries_in_marked_inner: bool | None = None
    button_cells_only: bool | None = None
    n_cells: int | None = None
    n_batteries: int | None = None
    n_packages: int | None = None
    charge_percent: float | None = None
    mark: str | None = None
    works_code: str | None = None
    batch: str | None = None
    sheet_mark: str | None = None
    sheet_valid_until: date | None = None
    inspection_date: date | None = None
    chinese_export: bool | None = None
    overpack: bool | None = None
    contents_visible: bool | None = None
    vehicle_recognisable: bool | None = None
    large_ibc: bool | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("state", State), ("mode", Mode), ("packing", Packing)):
            value = getattr(self, name)
            if value is not None and value not in get_args(allowed):
                raise _wrong(name, f"one of {', '.join(get_args(allowed))}", value)
        for name in ("gross_kg", "net_kg", "item_gross_kg", "charge_percent"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise _wrong(name, "a number from 0", value)
        for un in (self.un_number, *self.other_un_numbers):
            if un is not None and not 1 <= un <= 9999:
                raise _wrong("un_number", "a UN number from 1 to 9999", un)
        if self.section is not None:
            Section.parse(self.section)

    @property
    def rules(self) -> Section | None:
        """The declared section, read."""
        return None if self.section is None else Section.parse(self.section)

    @property
    def by_air(self) -> bool | None:
        """Whether the package flies; None when neither mode nor a PI section says so."""
        section = self.rules
        if section is not None and section.pi is not None:
            return True
        return None if self.mode is None else self.mode == "air"

    @property
    def un_numbers(self) -> tuple[int, ...]:
        """All declared UN numbers, the main one first."""
        return (() if self.un_number is None else (self.un_number,)) + self.other_un_numbers

    @property
    def photo_year(self) -> int | None:
        """Full year of the inspection."""
        return None if self.inspection_date is None else self.inspection_date.year


def _wrong(name: str, expected: str, found: object) -> DeclarationError:
    return DeclarationError(name, expected=expected, found=repr(found), cure="Correct the declaration.")


@dataclass(frozen=True, slots=True)
class SeenMark:
    """One label or mark that was seen.

    Attributes:
        face: of the package, or None when unknown.
        size_mm: width and height (diamonds: side, side), or None when there was no scale.
    """

    face: Face | None = None
    size_mm: tuple[float, float] | None = None


Seen = tuple[SeenMark, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen on all photos of one package. None means not judged; an empty tuple means none was found.

    Attributes:
        class9, class9a, other_hazard: hazard labels.
        battery_mark, cargo_aircraft_only, orientation_arrows: marks and handling labels.
        limited_quantity: limited or excepted quantity marks.
        stacking_pictogram: stacking pictograms.
        un_mark: places that look like a UN packaging mark, read or not.
        packaging_codes: the marks that were read completely.
        incomplete_marks: readings of UN packaging marks that are not complete.
        un_symbol: how the UN symbol is drawn: ``circle``, ``letters``, ``rid_adr`` for the letters RID/ADR in
            its place, or None when not judged.
        un_numbers_printed: UN numbers of the goods read outside the battery mark.
        un_numbers_battery_mark: UN numbers read inside battery marks.
        texts: texts read on the package.
        stacked: whether the package stands under or on another one.
        all_faces_seen: whether every face that can carry marks was photographed.
    """

    class9: Seen | None = None
    class9a: Seen | None = None
    battery_mark: Seen | None = None
    cargo_aircraft_only: Seen | None = None
    orientation_arrows: Seen | None = None
    other_hazard: Seen | None = None
    limited_quantity: Seen | None = None
    stacking_pictogram: Seen | None = None
    un_mark: Seen | None = None
    packaging_codes: tuple[PackagingCode, ...] | None = None
    incomplete_marks: tuple[MarkReading, ...] = ()
    un_symbol: Literal["circle", "letters", "rid_adr"] | None = None
    un_numbers_printed: tuple[int, ...] | None = None
    un_numbers_battery_mark: tuple[int, ...] | None = None
    texts: tuple[str, ...] | None = None
    stacked: bool | None = None
    all_faces_seen: bool = False

    def seen(self, item: str) -> Seen | None:
        """Marks of one kind by name, or None when they were not judged.

        Raises:
            KeyError: no such kind of mark.
        """
        if item not in MARK_KINDS:
            raise KeyError(item)
        found: Seen | None = getattr(self, item)
        return found

    def shows(self, pattern: str) -> bool | None:
        """Whether a text matches a regular expression, blanks and case aside; None when no text was read."""
        if self.texts is None:
            return None
        joined = re.sub(r"\s+", " ", " ".join(self.texts)).upper()
        return re.search(pattern, joined) is not None


MARK_KINDS: tuple[str, ...] = tuple(item.name for item in fields(Observation))[:9]
"""Names of the kinds of mark in an `Observation`."""
