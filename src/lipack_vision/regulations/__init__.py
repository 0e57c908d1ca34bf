"""UN packaging marks, label geometry and packing rules of lithium batteries. No vision, no models.

``parse_packaging_code`` and ``read_mark`` read marks from text; ``check_rules`` compares what is declared
about a package with what was seen of it. Every fact names its source and how sure it is; an unsure fact only
warns.
"""

from lipack_vision.regulations.china import CUSTOMS_DISTRICTS
from lipack_vision.regulations.codes import (
    FAMILIES,
    IBC_CODES,
    LARGE_PACKAGING_CODES,
    LEVELS,
    PACKAGING_CODES,
    SUFFIXES,
    Family,
    meaning,
)
from lipack_vision.regulations.facts import Certainty, Fact
from lipack_vision.regulations.instructions import BATTERY_UN, GOODS
from lipack_vision.regulations.limits import check_limits
from lipack_vision.regulations.model import (
    ELEMENT_LETTERS,
    MarkReading,
    PackagingCode,
    PackagingCodeError,
    Reconditioning,
    format_packaging_code,
    full_year,
)
from lipack_vision.regulations.parser import elements_of, parse_packaging_code, read_mark
from lipack_vision.regulations.rules import RULES, Rule, RuleFinding, check_rules
from lipack_vision.regulations.shipment import MARK_KINDS, Observation, Section, SeenMark, Shipment
from lipack_vision.regulations.states import ISO_FORMS, STATE_SIGNS

__all__ = [
    "BATTERY_UN",
    "CUSTOMS_DISTRICTS",
    "ELEMENT_LETTERS",
    "FAMILIES",
    "GOODS",
    "IBC_CODES",
    "ISO_FORMS",
    "LARGE_PACKAGING_CODES",
    "LEVELS",
    "MARK_KINDS",
    "PACKAGING_CODES",
    "RULES",
    "STATE_SIGNS",
    "SUFFIXES",
    "Certainty",
    "Fact",
    "Family",
    "MarkReading",
    "Observation",
    "PackagingCode",
    "PackagingCodeError",
    "Reconditioning",
    "Rule",
    "RuleFinding",
    "Section",
    "SeenMark",
    "Shipment",
    "check_limits",
    "check_rules",
    "elements_of",
    "format_packaging_code",
    "full_year",
    "meaning",
    "parse_packaging_code",
    "read_mark",
]
