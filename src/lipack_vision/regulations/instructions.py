"""UN numbers of batteries and the packing instructions that name their packagings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lipack_vision.regulations.facts import Certainty

_V, _M, _U = Certainty.VERIFIED, Certainty.MEMORY, Certainty.UNSURE

LabelModel = Literal["9", "9A"]


@dataclass(frozen=True, slots=True)
class Goods:
    """One entry of the dangerous goods list, as far as packages are concerned.

    Attributes:
        un: UN number.
        name: words of the proper shipping name that a package shows.
        kind: cells and batteries, batteries in or with equipment, vehicle, or cargo transport unit.
        chemistry: lithium ion, lithium metal or sodium ion.
        label: hazard label model; None for cargo transport units.
        certainty: of the whole entry.
        source: provision.
    """

    un: int
    name: str
    kind: Literal["batteries", "equipment", "vehicle", "unit"]
    chemistry: str
    label: LabelModel | None
    certainty: Certainty
    source: str


_LIST = "3.2.1 Dangerous Goods List"
_GOODS = (
    Goods(3480, "LITHIUM ION BATTERIES", "batteries", "lithium ion", "9A", _V, _LIST),
    Goods(3481, "LITHIUM ION BATTERIES", "equipment", "lithium ion", "9A", _V, _LIST),
    Goods(3090, "LITHIUM METAL BATTERIES", "batteries", "lithium metal", "9A", _V, _LIST),
    Goods(3091, "LITHIUM METAL BATTERIES", "equipment", "lithium metal", "9A", _V, _LIST),
    Goods(3551, "SODIUM ION BATTERIES", "batteries", "sodium ion", "9A", _M, _LIST),
    Goods(3552, "SODIUM ION BATTERIES", "equipment", "sodium ion", "9A", _M, _LIST),
    Goods(3536, "LITHIUM BATTERIES INSTALLED IN CARGO TRANSPORT UNIT", "unit", "lithium", None, _V, _LIST),
    Goods(3556, "VEHICLE, LITHIUM ION BATTERY POWERED", "vehicle", "lithium ion", "9A", _V, "SP 388, SP 405"),
    Goods(
        3557, "VEHICLE, LITHIUM METAL BATTERY POWERED", "vehicle", "lithium metal", "9A", _V, "SP 388, SP 405"
    ),
    Goods(3558, "VEHICLE, SODIUM ION BATTERY POWERED", "vehicle", "sodium ion", "9A", _V, "SP 388, SP 405"),
    Goods(3171, "BATTERY POWERED", "vehicle", "wet or sodium metal", "9", _V, "SP 388"),
)
GOODS: dict[int, Goods] = {entry.un: entry for entry in _GOODS}

BATTERY_UN = frozenset(un for un, entry in GOODS.items() if entry.kind in ("batteries", "equipment"))
VEHICLE_UN = frozenset((3556, 3557, 3558))
UNIT_UN = 3536
AIRCRAFT_ONLY_UN = frozenset((3480, 3090))


@dataclass(frozen=True, slots=True)
class Instruction:
    """A packing instruction: which packagings, at which level.

    Attributes:
        name: such as ``P903``.
        codes: packaging codes that it names.
        levels: levels of performance that are enough.
        certainty: of the list; an unsure list warns only.
        source: provision.
    """

    name: str
    codes: frozenset[str]
    levels: str
    certainty: Certainty
    source: str


_JERRICANS = frozenset(("3A2", "3B2", "3H2"))
_P903 = _JERRICANS | frozenset(
    ("1A2", "1B2", "1N2", "1H2", "1D", "1G", "4A", "4B", "4N", "4C1", "4C2", "4D", "4F", "4G", "4H1", "4H2")
)
_DAMAGED_50 = frozenset(("50A", "50B", "50N", "50H", "50D"))
_ALL_50 = frozenset(("50A", "50B", "50C", "50D", "50F", "50G", "50H", "50N"))

State = Literal["normal", "damaged", "critical", "waste", "prototype"]

PACKAGING_INSTRUCTIONS: dict[State, Instruction] = {
    "normal": Instruction("P903", _P903, "XY", _V, "4.1.4.1 P903 (1)"),
    "damaged": Instruction("P908", _P903, "XY", _M, "4.1.4.1 P908, SP 376"),
    "waste": Instruction("P909", _P903, "XY", _M, "4.1.4.1 P909, SP 377"),
    "prototype": Instruction("P910", _P903, "XY", _V, "4.1.4.1 P910, SP 310"),
    "critical": Instruction("P911", _P903 - _JERRICANS, "X", _M, "4.1.4.1 P911, SP 376"),
}
LARGE_INSTRUCTIONS: dict[State, Instruction] = {
    "normal": Instruction("LP903", _ALL_50, "XY", _V, "4.1.4.3 LP903"),
    "damaged": Instruction("LP904", _DAMAGED_50, "XY", _V, "4.1.4.3 LP904"),
    # No large packaging is named for waste in what was read; LP903's list serves to warn.
    "waste": Instruction("LP903", _ALL_50, "XY", _U, "4.1.4.3 LP903 for batteries for disposal"),
    "prototype": Instruction("LP905", _ALL_50, "XY", _U, "4.1.4.3 LP905"),
    "critical": Instruction("LP906", _DAMAGED_50 | {"50G"}, "X", _V, "4.1.4.3 LP906"),
}
MAX_61_NET_KG = 400

SP188_MAX_GROSS_KG = 30
STRONG_CASE_MIN_KG = 12  # P903 (2)
AIR_MAX_NET_KG = 35
AIR_PASSENGER_MAX_NET_KG = 5
AIR_IB_MAX_NET_KG: dict[int, tuple[float, Certainty]] = {965: (10.0, _V), 968: (2.5, _M), 976: (10.0, _U)}
AIR_MAX_CHARGE_PERCENT = 30

AIR_INSTRUCTIONS: dict[int, tuple[int, ...]] = {
    3480: (965,),
    3481: (966, 967),
    3090: (968,),
    3091: (969, 970),
    3551: (976,),
    3552: (977, 978),
}
"""UN number -> IATA packing instructions that fit it."""
