"""Random valid UN packaging marks: the text and the ways it is broken into lines.

The texts follow the four grammars of ADR/IMDG 6.1.3, 6.3.4, 6.5.2 and 6.6.3, in the canonical form that
`lipack_vision.regulations` prints, so that a rendered photo carries its exact transcription.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

Rng = np.random.Generator

_BOXES = (
    "4G",
    "4GV",
    "4D",
    "4DV",
    "4A",
    "4B",
    "4N",
    "4F",
    "4C1",
    "4H1",
    "4H2",
    "1A2",
    "1H2",
    "1G",
    "1D",
    "3H2",
    "3A2",
    "1A2V",
    "5H4",
    "6HG2",
)
_BOX_WEIGHTS = (46, 12, 4, 1, 4, 2, 1, 2, 3, 1, 6, 6, 3, 2, 1, 2, 1, 1, 1, 1)
_LIQUIDS = ("1A1", "1A2", "1B1", "1H1", "1H2", "3A1", "3H1", "6HA1")
_LARGE = ("50A", "50C", "50D", "50F", "50G", "50H", "51H", "50AT")
_IBCS = ("31HA1", "31H1", "31A", "11G", "13H3", "21H2", "11A")
_INFECTIOUS = ("4G", "4GU", "4H2", "1A2", "1H2", "4H1")

# Customs districts whose works are likeliest to print a battery carton.
_DISTRICTS = (
    "22",
    "23",
    "29",
    "31",
    "33",
    "35",
    "37",
    "40",
    "42",
    "47",
    "49",
    "51",
    "52",
    "53",
    "57",
    "79",
    "80",
    "90",
)


def _pick(rng: Rng, values: Sequence[str], weights: Sequence[float] | None = None) -> str:
    probabilities = None if weights is None else np.asarray(weights, dtype=float) / sum(weights)
    return str(values[int(rng.choice(len(values), p=probabilities))])


def _digits(rng: Rng, count: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, count))


def _letters(rng: Rng, count: int) -> str:
    return "".join(chr(65 + int(i)) for i in rng.integers(0, 26, count))


def _chinese_maker(rng: Rng) -> str:
    return f"C{_pick(rng, _DISTRICTS)}{int(rng.integers(1, 400)):04d} PI:{int(rng.integers(1, 200)):03d}"


def _origin(rng: Rng) -> tuple[str, str]:
    """A state's sign and a maker's identification in a form seen in that state."""
    if rng.random() < 0.55:
        return "CN", _chinese_maker(rng)
    number = str(int(rng.integers(10, 10000)))
    forms = (
        ("D", f"BAM {number}"),
        ("D", f"BAM {number}-{_letters(rng, 3)}"),
        ("NL", f"PA-{_digits(rng, 2)}/{number}"),
        ("NL", f"{_letters(rng, 2)} {number}"),
        ("USA", f"+M{_digits(rng, 4)}"),
        ("USA", f"M{_digits(rng, 4)}"),
        ("USA", f"+{_letters(rng, 2)}{_digits(rng, 4)}"),
        ("GB", _digits(rng, 4)),
        ("GB", f"{_letters(rng, 3)}-{_digits(rng, 3)}"),
        ("J", _letters(rng, 3)),
        ("J", f"{_letters(rng, 2)}-{_digits(rng, 2)}"),
        ("F", f"BVT{_digits(rng, 6)}"),
        ("I", f"{_letters(rng, 3)} {_digits(rng, 3)}"),
        ("ROK", f"{_letters(rng, 2)}{_digits(rng, 3)}"),
        ("S", f"SP {number}"),
        ("DK", f"EMB {number}"),
        ("A", f"OFI {number}"),
        ("CH", f"{_digits(rng, 4)}"),
        ("PL", f"COBRO {number}"),
        ("TR", f"TSE {number}"),
        ("IND", f"IIP/{number}"),
        ("VN", f"{_letters(rng, 3)} {_digits(rng, 3)}"),
        ("CAN", f"{_digits(rng, 1)}-{number}"),
    )
    return forms[int(rng.integers(len(forms)))]


def _mass(rng: Rng, code: str) -> str:
    top = 400 if code[0] in "13" else 60 if code[0] == "5" or code.startswith("4H1") else 150
    value = float(np.exp(rng.uniform(np.log(2.0), np.log(top))))
    if value < 60 and rng.random() < 0.3:
        tenths = max(20, round(value * 10))
        return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else str(tenths // 10)
    return str(max(2, round(value)))


def _elements(rng: Rng) -> list[str]:
    grammar = rng.random()
    state, maker = _origin(rng)
    year = f"{int(rng.integers(17, 27)):02d}"
    if grammar < 0.82:
        code = _pick(rng, _BOXES, _BOX_WEIGHTS)
        level = "X" if code.endswith("V") else _pick(rng, "XYZ", (35, 60, 5))
        return [code, level + _mass(rng, code), "S", year, state, maker]
    if grammar < 0.88:
        density = f"1.{int(rng.integers(2, 10))}"
        pressure = str(10 * int(rng.integers(10, 31)))
        return [
            _pick(rng, _LIQUIDS),
            _pick(rng, "XYZ", (35, 60, 5)) + density,
            pressure,
            year,
            state,
            maker,
        ]
    if grammar < 0.92:
        return [_pick(rng, _INFECTIOUS), "CLASS 6.2", year, state, maker]
    code = _pick(rng, _LARGE) if grammar < 0.97 else _pick(rng, _IBCS)
    date = f"{int(rng.integers(1, 13)):02d} {year}"
    stack = str(0 if rng.random() < 0.15 else 10 * int(rng.integers(50, 500)))
    gross = str(int(rng.integers(8, 200)) * 10 + 320)
    works, _, batch = maker.partition(" PI:")
    # On Chinese large packagings and IBCs the batch follows the last figure.
    last = f"{gross} PI:{batch}" if batch else gross
    return [code, _pick(rng, "XYZ", (40, 55, 5)), date, state, works, stack, last]


def random_mark_text(rng: Rng) -> str:
    """One valid mark in canonical form, such as ``4G/Y25/S/25/CN/C370012 PI:015``."""
    return "/".join(_elements(rng))


def _split_points(elements: Sequence[str]) -> int:
    """Index of the state's element, where nearly every printer breaks the line."""
    for index in range(len(elements) - 1, 0, -1):
        if elements[index].isalpha() and elements[index] != "S" and len(elements[index]) <= 3:
            return index
    # Sweden's sign is the letter that also stands for solids; the later one is the state.
    last_s = max((i for i, e in enumerate(elements) if e == "S"), default=0)
    return last_s if last_s > 2 else max(1, len(elements) - 2)


def break_lines(text: str, rng: Rng, lines: int | None = None) -> list[str]:
    """Break a canonical mark into one to four printed lines.

    Breaks fall between elements, or before ``PI:``; a slash at a break is mostly left out, since a line
    break separates as well as a slash does (6.1.3.7).

    Args:
        text: canonical mark.
        rng: source of chance.
        lines: how many lines, 1 to 4, or by chance. Short texts may give fewer.
    """
    count = lines if lines is not None else 1 + int(rng.choice(4, p=(0.16, 0.56, 0.2, 0.08)))
    elements = text.split("/")
    state = _split_points(elements)
    groups = [elements[:state], elements[state:]] if count > 1 and len(elements) > 1 else [elements]
    while len(groups) < count:
        index = max(range(len(groups)), key=lambda i: sum(map(len, groups[i])))
        group = groups[index]
        if index == len(groups) - 1 and " PI:" in group[-1]:
            works, batch = group[-1].split(" PI:")
            groups[index : index + 1] = [[*group[:-1], works], [f"PI:{batch}"]]
            continue
        if len(group) < 2:
            break
        middle = (len(group) + 1) // 2
        groups[index : index + 1] = [group[:middle], group[middle:]]
    separator = " / " if rng.random() < 0.08 else "/"
    dangling = separator.rstrip() if rng.random() < 0.12 else ""
    printed = [separator.join(group) for group in groups]
    printed = [
        line + (dangling if not follower.startswith("PI:") else "") for line, follower in pairwise(printed)
    ] + printed[-1:]
    if rng.random() < 0.5:
        printed[-1] = printed[-1].replace(" PI:", "  PI:" if rng.random() < 0.6 else " PI: ")
    return printed
