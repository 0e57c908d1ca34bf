"""What lines of print say: UN marks, right and broken ones, and the other texts on cartons."""

from __future__ import annotations

import string
from collections.abc import Mapping

import numpy as np

from lipack_vision.synth.un_mark_text import break_lines, random_mark_text

Rng = np.random.Generator

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase + " /.:-+()&,#%'=!?_@$ⓤ"
"""Every sign that the line net knows; the last one is the UN symbol."""
SYMBOL = ALPHABET[-1]

_WORDS = (
    "LITHIUM",
    "ION",
    "BATTERIES",
    "IN",
    "COMPLIANCE",
    "WITH",
    "SECTION",
    "II",
    "OF",
    "PI966",
    "PI967",
    "PI970",
    "CONTAINED",
    "PACKED",
    "EQUIPMENT",
    "METAL",
    "CARGO",
    "AIRCRAFT",
    "ONLY",
    "FORBIDDEN",
    "FOR",
    "TRANSPORT",
    "ABOARD",
    "PASSENGER",
    "OVERPACK",
    "LIMITED",
    "QUANTITY",
    "CLASS",
    "MADE",
    "CHINA",
    "KOREA",
    "JAPAN",
    "GERMANY",
    "USA",
    "PACKAGE",
    "THIS",
    "SIDE",
    "UP",
    "FRAGILE",
    "HANDLE",
    "CARE",
    "KEEP",
    "DRY",
    "AWAY",
    "FROM",
    "HEAT",
    "RECHARGEABLE",
    "LI-ION",
    "BATTERY",
    "CELL",
    "POWER",
    "BANK",
    "DAMAGED",
    "DEFECTIVE",
    "GROUND",
    "AND",
    "VESSEL",
    "SHIPMENT",
    "DO",
    "NOT",
    "LOAD",
    "OR",
    "IF",
    "CALL",
    "TELEPHONE",
    "NUMBER",
    "EMERGENCY",
    "CONTACT",
    "SHIPPER",
    "CONSIGNEE",
    "ADDRESS",
    "NET",
    "GROSS",
    "WEIGHT",
    "CARTON",
    "BOX",
    "CERTIFICATE",
    "EDGE",
    "CRUSH",
    "TEST",
    "BURSTING",
    "SIZE",
    "LIMIT",
    "LBS",
    "KG",
    "PCS",
    "QTY",
    "MODEL",
    "LOT",
    "DATE",
    "ORDER",
    "ITEM",
    "C/NO.",
    "N.W.",
    "G.W.",
    "MEAS",
    "DESCRIPTION",
    "OF",
    "GOODS",
    "PRODUCT",
    "NAME",
    "COLOR",
    "BLACK",
    "WHITE",
    "VOLTAGE",
    "CAPACITY",
    "RATED",
    "ENERGY",
    "Wh",
    "mAh",
    "V",
    "DC",
    "INPUT",
    "OUTPUT",
    "WARNING",
    "CAUTION",
    "DANGER",
    "RECYCLE",
    "STORE",
    "BETWEEN",
    "DEGREES",
    "TEMPERATURE",
    "Battery",
    "Lithium",
    "Handle",
    "with",
    "care",
    "Model",
    "Quantity",
    "Net",
    "Weight",
    "Made",
    "in",
    "China",
    "Ship",
    "to",
    "From",
    "Date",
    "Serial",
    "Caution",
    "fire",
    "explosion",
    "burn",
    "hazard",
    "do",
    "not",
    "crush",
    "puncture",
    "short",
    "circuit",
    "heat",
    "above",
    "Keep",
    "dry",
    "Rev",
    "SPECIAL",
    "PERMIT",
    "DOT-SP",
    "PROVISION",
    "STATE",
    "OF",
    "CHARGE",
    "DANGEROUS",
    "GOODS",
    "MISCELLANEOUS",
)
_FORMS = (
    "UN{a}",
    "UN {a}",
    "UN No. {a}",
    "UN{a}/UN{a}",
    "QTY: {n} PCS",
    "G.W.: {f} KG",
    "N.W. {f}KG",
    "C/NO. {n}",
    "LOT {d}{n}",
    "MODEL {u}-{n}",
    "P/N {u}{n}-{u}",
    "TEL +{n} {n} {n}",
    "+86 {n}-{d}",
    "{d}-{d}-{d}",
    "({n}) {n}-{n}",
    "DOT-SP {d}",
    "{f} x {f} x {f} cm",
    "S/N: {u}{d}{u}{n}",
    "{n} Wh",
    "{f}V {n}mAh",
    "#{n}",
    "{w}: {n}",
    "{w} {w}",
    "{w} {w} {w}",
    "{w}",
    "{u}{n}",
    "{n}{u}",
    "{f} %",
    "{w} & {w}",
    "{w}, {w}",
    "www.{l}.com",
    "{l}@{l}.cn",
)
# Marks weigh most: they are what must be right in every sign.
_SHARES = {"mark": 0.55, "broken": 0.13, "random": 0.10, "other": 0.22}


def weighted(rng: Rng, shares: Mapping[str, float]) -> str:
    """One of some names, each as often as its share of them all."""
    weights = np.array(list(shares.values()), float)
    return str(rng.choice(list(shares), p=weights / weights.sum()))


def random_line(rng: Rng) -> str:
    """One printed line."""
    kind = weighted(rng, _SHARES)
    if kind == "random":
        return _scrambled(rng)
    if kind == "other":
        return _other(rng)
    lines = break_lines(random_mark_text(rng), rng)
    line = " ".join(str(lines[int(rng.integers(len(lines)))]).split())
    return _broken(line, rng) if kind == "broken" else line


def _pick(rng: Rng, values: tuple[str, ...] | str) -> str:
    return values[int(rng.integers(len(values)))]


def _some(rng: Rng, signs: str, low: int, high: int) -> str:
    return "".join(_pick(rng, signs) for _ in range(int(rng.integers(low, high))))


def _other(rng: Rng) -> str:
    text = ""
    for part in _pick(rng, _FORMS).split("{"):
        name, _, rest = part.partition("}")
        if not _:
            text += part
            continue
        text += {
            "a": lambda: _pick(
                rng, ("3480", "3481", "3090", "3091", "3171", "3536", _some(rng, string.digits, 4, 5))
            ),
            "n": lambda: str(int(rng.integers(0, 10 ** int(rng.integers(1, 5))))),
            "f": lambda: f"{rng.uniform(0, 100):.{int(rng.integers(0, 3))}f}",
            "d": lambda: _some(rng, string.digits, 2, 7),
            "u": lambda: _some(rng, string.ascii_uppercase, 1, 4),
            "l": lambda: _some(rng, string.ascii_lowercase, 3, 9),
            "w": lambda: _pick(rng, _WORDS),
        }[name]() + rest
    return text.lower() if rng.random() < 0.08 else text.upper() if rng.random() < 0.1 else text


def _scrambled(rng: Rng) -> str:
    """Signs without any order: what is read must come from the picture alone."""
    signs = _pick(rng, (string.digits + string.ascii_uppercase + "/", ALPHABET[:-1], string.digits + "/.-:"))
    text = " ".join(_some(rng, signs, 3, 14).split())
    return text or "0"


def _broken(line: str, rng: Rng) -> str:
    """A mark printed wrong: one sign changed, lost or doubled."""
    at = int(rng.integers(len(line)))
    other = _pick(rng, string.digits + string.ascii_uppercase + "/")
    change = rng.random()
    if change < 0.6:
        return line[:at] + other + line[at + 1 :]
    return (
        line[:at] + line[at + 1 :] if change < 0.8 and len(line) > 1 else line[:at] + other + line[at:]
    ).strip()
