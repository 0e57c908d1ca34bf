"""Packaging codes of the UN Model Regulations: what exists and what it means.

Source: 6.1.2.7, 6.5.1.4.3, 6.6.2 and the suffixes of 6.1.2.4, 6.3.2, 6.5.1.4.4, 6.6.2.2.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Family = Literal["packaging", "infectious", "large_packaging", "ibc"]
FAMILIES: tuple[str, ...] = get_args(Family)

LEVELS: dict[str, str] = {
    "X": "tested for packing groups I, II and III",
    "Y": "tested for packing groups II and III",
    "Z": "tested for packing group III only",
}

KINDS: dict[str, str] = {
    "0": "light-gauge metal packaging (RID/ADR only)",
    "1": "drum",
    "2": "wooden barrel (reserved)",
    "3": "jerrican",
    "4": "box",
    "5": "bag",
    "6": "composite packaging",
}

MATERIALS: dict[str, str] = {
    "A": "steel",
    "B": "aluminium",
    "C": "natural wood",
    "D": "plywood",
    "F": "reconstituted wood",
    "G": "fibreboard",
    "H": "plastics",
    "L": "textile",
    "M": "multiwall paper",
    "N": "metal other than steel and aluminium",
    "P": "glass, porcelain or stoneware",
}

SUFFIXES: dict[str, str] = {
    "V": "special packaging of 6.1.5.1.7: any inner packaging or article",
    "W": "same type, other construction, recognised as equivalent",
    "T": "salvage packaging",
    "U": "special packaging for infectious substances",
}
FAMILY_SUFFIXES: dict[Family, str] = {
    "packaging": "VWT",
    "infectious": "UW",
    "large_packaging": "TW",
    "ibc": "W",
}

_HEADS = {"1": "non-removable head", "2": "removable head"}


def _headed(code: str, what: str) -> dict[str, str]:
    return {code + digit: f"{what}, {head}" for digit, head in _HEADS.items()}


PACKAGING_CODES: dict[str, str] = {
    **_headed("0A", "light-gauge steel packaging"),
    **_headed("1A", "steel drum"),
    **_headed("1B", "aluminium drum"),
    "1D": "plywood drum",
    "1G": "fibre drum",
    **_headed("1H", "plastics drum"),
    **_headed("1N", "drum of other metal"),
    "2C1": "wooden barrel, bung type",
    "2C2": "wooden barrel, removable head",
    **_headed("3A", "steel jerrican"),
    **_headed("3B", "aluminium jerrican"),
    **_headed("3H", "plastics jerrican"),
    "4A": "steel box",
    "4B": "aluminium box",
    "4C1": "natural wood box, ordinary",
    "4C2": "natural wood box, sift-proof walls",
    "4D": "plywood box",
    "4F": "reconstituted wood box",
    "4G": "fibreboard box",
    "4H1": "expanded plastics box",
    "4H2": "solid plastics box",
    "4N": "box of other metal",
    "5H1": "woven plastics bag, no liner or coating",
    "5H2": "woven plastics bag, sift-proof",
    "5H3": "woven plastics bag, water-resistant",
    "5H4": "plastics film bag",
    "5L1": "textile bag, no liner or coating",
    "5L2": "textile bag, sift-proof",
    "5L3": "textile bag, water-resistant",
    "5M1": "multiwall paper bag",
    "5M2": "multiwall paper bag, water-resistant",
    "6HA1": "plastics receptacle in steel drum",
    "6HA2": "plastics receptacle in steel crate or box",
    "6HB1": "plastics receptacle in aluminium drum",
    "6HB2": "plastics receptacle in aluminium crate or box",
    "6HC": "plastics receptacle in wooden box",
    "6HD1": "plastics receptacle in plywood drum",
    "6HD2": "plastics receptacle in plywood box",
    "6HG1": "plastics receptacle in fibre drum",
    "6HG2": "plastics receptacle in fibreboard box",
    "6HH1": "plastics receptacle in plastics drum",
    "6HH2": "plastics receptacle in solid plastics box",
    "6PA1": "glass receptacle in steel drum",
    "6PA2": "glass receptacle in steel crate or box",
    "6PB1": "glass receptacle in aluminium drum",
    "6PB2": "glass receptacle in aluminium crate or box",
    "6PC": "glass receptacle in wooden box",
    "6PD1": "glass receptacle in plywood drum",
    "6PD2": "glass receptacle in wickerwork hamper",
    "6PG1": "glass receptacle in fibre drum",
    "6PG2": "glass receptacle in fibreboard box",
    "6PH1": "glass receptacle in expanded plastics packaging",
    "6PH2": "glass receptacle in solid plastics packaging",
}

# The regulation's own example 6.1.3.11 shows 4HW although 4H alone needs a digit.
EQUIVALENT_ONLY: dict[str, str] = {"4H": "plastics box (only as the equivalent type 4HW)"}

_IBC_DUTY = {
    "11": "for solids, filled or emptied by gravity",
    "21": "for solids, filled or emptied under more than 10 kPa",
    "31": "for liquids",
}


def _ibc_codes() -> dict[str, str]:
    table: dict[str, str] = {}
    for duty, use in _IBC_DUTY.items():
        for letter in "ABN":
            table[duty + letter] = f"{MATERIALS[letter]} IBC {use}"
        table[duty + "H1"] = f"rigid plastics IBC with structural equipment {use}"
        table[duty + "H2"] = f"rigid plastics IBC, freestanding, {use}"
        for outer in "ABCDFGHN":
            where = f"in an outer casing of {MATERIALS[outer]} {use}"
            table[f"{duty}H{outer}1"] = f"composite IBC, rigid plastics receptacle {where}"
            table[f"{duty}H{outer}2"] = f"composite IBC, flexible plastics receptacle {where}"
    for letter in "CDFG":
        table["11" + letter] = f"{MATERIALS[letter]} IBC {_IBC_DUTY['11']}"
    plain, coated, liner, both = "no coating or liner", "coated", "with liner", "coated and with liner"
    for digit, how in zip("1234", (plain, coated, liner, both), strict=True):
        table[f"13H{digit}"] = f"flexible IBC of woven plastics, {how}"
        table[f"13L{digit}"] = f"flexible textile IBC, {how}"
    table["13H5"] = "flexible IBC of plastics film"
    table["13M1"] = "flexible IBC of multiwall paper"
    table["13M2"] = "flexible IBC of multiwall paper, water-resistant"
    return table


IBC_CODES: dict[str, str] = _ibc_codes()

LARGE_PACKAGING_CODES: dict[str, str] = {
    **{f"50{letter}": f"rigid large packaging of {MATERIALS[letter]}" for letter in "ABCDFGHN"},
    "51H": "flexible large packaging of plastics",
    "51M": "flexible large packaging of paper",
}

FAMILY_CODES: dict[Family, dict[str, str]] = {
    "packaging": {**PACKAGING_CODES, **EQUIVALENT_ONLY},
    "infectious": {**PACKAGING_CODES, **EQUIVALENT_ONLY},
    "large_packaging": LARGE_PACKAGING_CODES,
    "ibc": IBC_CODES,
}


def meaning(code: str) -> str | None:
    """What a packaging code without its suffix means, or None when there is no such code."""
    for table in FAMILY_CODES.values():
        if code in table:
            return table[code]
    return None


def may_hold_liquid(code: str) -> bool:
    """Whether a 6.1 code may be marked for liquids: metal and plastics drums, jerricans, composites."""
    return code[0] in "036" or (code[0] == "1" and code[1] in "ABHN")


def may_be_reconditioned(code: str) -> bool:
    """Whether a 6.1 code may carry the mark of a reconditioner (6.1.3.8)."""
    return code[0] in "1236"


def has_thickness(code: str) -> bool:
    """Whether a 6.1 code may end with the wall thickness: metal and plastics drums and jerricans."""
    return code[0] == "3" or (code[0] == "1" and code[1] in "ABHN")


def needs_month(code: str) -> bool:
    """Whether the month of manufacture is due too: plastics drums and jerricans (6.1.3.1 (e))."""
    return code[:2] in ("1H", "3H")


def explain_code(token: str, family: Family | None = None) -> str:
    """Why a text is not a packaging code with a suffix that its family allows."""
    if not token:
        return "empty"
    base, suffix = (token[:-1], token[-1]) if token[-1:] in SUFFIXES else (token, "")
    for name, table in FAMILY_CODES.items():
        if (family or name) == name and base in table and suffix:
            return f"suffix {suffix} ({SUFFIXES[suffix]}) is not for {name} marks"
    known = {**PACKAGING_CODES, **IBC_CODES, **LARGE_PACKAGING_CODES}
    if base[:-1] in known and base[-1].isdigit():
        return f"{base[:-1]} takes no digit, found {token!r}"
    digits = sorted(code[-1] for code in known if code[:-1] in (base, base[:-1]) and code[-1].isdigit())
    if digits and not base[-1].isdigit():
        return f"{base} needs a digit out of {', '.join(digits)}"
    if digits and base[-1].isdigit():
        return f"{base[:-1]} has the digits {', '.join(digits)}, not {base[-1]}"
    if re.fullmatch(r"(11|21|31)HZ[12]", base):
        return "Z must be replaced by the letter of the outer casing's material, as in 31HA1"
    if re.fullmatch(r"2[A-Z]\d?", base):
        return "kind 2 is reserved"
    return f"{token!r} is not a packaging code"
