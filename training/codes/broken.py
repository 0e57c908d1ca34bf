"""Marks that are printed wrong, so that a reader which repairs them into right ones is found out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lipack_vision.regulations.parser import read_mark
from lipack_vision.synth.un_mark_text import random_mark_text

Rng = np.random.Generator
_TRIES = 200


def broken_mark(rng: Rng) -> str:
    """The text of a mark of which one element is wrong or missing, as its printer might have got it."""
    for _ in range(_TRIES):
        elements = random_mark_text(rng).split("/")
        change = _CHANGES[int(rng.integers(len(_CHANGES)))]
        text = "/".join(change(list(elements), rng))
        if read_mark(text).code is None:
            return text
    raise AssertionError("no change breaks a mark")


def _pick(rng: Rng, values: str) -> str:
    return values[int(rng.integers(len(values)))]


def _level(elements: list[str], rng: Rng) -> list[str]:
    elements[1] = _pick(rng, "VWKABT2") + elements[1][1:]
    return elements


def _code(elements: list[str], rng: Rng) -> list[str]:
    code = elements[0]
    elements[0] = code[:1] + _pick(rng, "EKQRUX") + code[2:] if len(code) > 1 else code
    return elements


def _solid(elements: list[str], rng: Rng) -> list[str]:
    elements[2] = _pick(rng, "3589BLG") if elements[2] == "S" else elements[2] + "5"
    return elements


def _year(elements: list[str], rng: Rng) -> list[str]:
    place = 3 if len(elements[3]) == 2 else 2
    elements[place] = "20" + elements[place] if rng.random() < 0.5 else elements[place][:1]
    return elements


def _state(elements: list[str], rng: Rng) -> list[str]:
    elements[4:5] = [_pick(rng, "QXWY") + _pick(rng, "QXWYJ")]
    return elements


def _mass(elements: list[str], rng: Rng) -> list[str]:
    at = int(rng.integers(1, len(elements[1]) + 1))
    elements[1] = elements[1][:at] + _pick(rng, "OILSBKG") + elements[1][at + 1 :]
    return elements


def _missing(elements: list[str], rng: Rng) -> list[str]:
    del elements[int(rng.integers(1, 5))]
    return elements


_CHANGES: tuple[Callable[[list[str], Rng], list[str]], ...] = (
    _level,
    _code,
    _solid,
    _year,
    _state,
    _mass,
    _missing,
)
