"""A packaging code element by element: what was read, what it means, what is wrong with it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np

from lipack_vision.codes import CodeReading, ReadElement
from lipack_vision.geometry import expand
from lipack_vision.inspection.names import percent
from lipack_vision.inspection.observe import what_it_says
from lipack_vision.inspection.pictures import crop_uri, strip_uri
from lipack_vision.regulations import CUSTOMS_DISTRICTS, ELEMENT_LETTERS, elements_of, meaning
from lipack_vision.types import ImageArray, Quad, as_quad

_CLEAR = 0.9
"""Probability of its weakest sign from which an element counts as clearly read."""
_BESIDE = 0.06
"""Border that a line of print is shown with, as a part of its shorter side."""
_LEVELS = {
    "X": "tested for packing groups I, II and III",
    "Y": "tested for packing groups II and III",
    "Z": "tested for packing group III",
}
_SUFFIXES = {
    "V": "special packaging",
    "W": "equivalent packaging of another construction",
    "T": "salvage packaging",
    "U": "special packaging for infectious substances",
}
_MEANINGS = {
    "gross_mass": "maximum gross mass in kg",
    "density": "relative density",
    "maker": "maker",
    "batch": "production batch",
    "stacking_load": "stacking test load in kg",
    "month": "month of manufacture",
    "thickness": "wall thickness in mm",
    "reconditioned": "reconditioned",
    "symbol": "United Nations packaging symbol",
}


def code_view(reading: CodeReading, image: ImageArray | None) -> dict[str, Any]:
    """What a report shows of one reading."""
    if reading.code is None:
        summary = "Not read completely"
    else:
        summary = f"Read completely, {percent(reading.probability, reading.calibrated)}"
    return {
        "text": reading.text or "not legible",
        "raw": reading.raw.replace("\n", " ⏎ "),
        "summary": summary,
        "uri": None if image is None else crop_uri(image, reading.quad, diamond=False),
        "strips": [] if image is None else strips(reading, image),
        "suggestion": reading.suggestion,
        "rows": rows(reading),
    }


def strips(reading: CodeReading, image: ImageArray) -> list[dict[str, Any]]:
    """Each line of the mark, rectified, and its elements with their places in percent of the width."""
    made = []
    for _, group in groupby(reading.elements, key=lambda element: element.line):
        elements = list(group)
        first, last = elements[0].quad, elements[-1].quad
        whole = expand(as_quad([first[0], last[1], last[2], first[3]]), _BESIDE)
        uri = strip_uri(image, whole)
        if uri:
            made.append({"uri": uri, "elements": [_under(element, whole) for element in elements]})
    return made


def _under(element: ReadElement, whole: Quad) -> dict[str, Any]:
    along = (whole[1] + whole[2] - whole[0] - whole[3]) / 2
    length = max(float(np.linalg.norm(along)), 1e-6)
    begin, end = (whole[0] + whole[3]) / 2, along / length
    start, stop = (
        float((corner - begin) @ end) / length
        for corner in (element.quad[[0, 3]].mean(0), element.quad[[1, 2]].mean(0))
    )
    return {
        "letter": ELEMENT_LETTERS.get(element.name, ""),
        "name": element.name.replace("_", " "),
        "text": element.text,
        "left": round(100 * start, 2),
        "width": round(100 * (stop - start), 2),
        "probability": f"{100 * element.probability:.0f}%",
        "tone": "good" if element.probability >= _CLEAR else "warn",
    }


def rows(reading: CodeReading) -> list[dict[str, str]]:
    """One row per element that was read, is missing, has a problem, or was repaired."""
    read = what_it_says(reading).elements if reading.code is None else elements_of(reading.code)
    notes: dict[str, tuple[str, str, list[str]]] = {}
    for element, reason in reading.warnings:
        notes.setdefault(element, ("warn", "unlikely", []))[2].append(reason)
    repaired: dict[str, list[str]] = {}
    for element, before, after in reading.repairs:
        repaired.setdefault(element, []).append(f"{before!r} read, {after!r} taken")
    for element, changes in repaired.items():
        notes[element] = ("warn", "repaired", [*notes.get(element, ("", "", []))[2], *changes])
    for element, reason in reading.problems:
        notes[element] = ("bad", "problem", [*notes.get(element, ("", "", []))[2], reason])
    named = [*read, *(element for element in notes if element not in read)]
    order = list(ELEMENT_LETTERS)
    named.sort(key=lambda name: order.index(name) if name in order else len(order))
    return [_row(name, read.get(name), notes.get(name)) for name in named]


def _row(name: str, text: str | None, note: tuple[str, str, list[str]] | None) -> dict[str, str]:
    tone, status, reasons = note or ("good", "right form", [])
    return {
        "letter": ELEMENT_LETTERS.get(name, ""),
        "name": name.replace("_", " "),
        "text": "not read" if text is None else text,
        "meaning": "" if text is None else _meaning(name, text),
        "tone": tone,
        "status": status,
        "note": "; ".join(reasons),
    }


def _meaning(name: str, text: str) -> str:
    if name == "code":
        return meaning(text) or ""
    if name == "level":
        return _LEVELS.get(text, "")
    if name == "suffix":
        return _SUFFIXES.get(text, "")
    if name == "solid_or_pressure":
        return "for solids or inner packagings" if text == "S" else "hydraulic test pressure in kPa"
    if name == "year":
        return f"year of manufacture, {_century(text)}"
    if name == "state":
        return "state that authorised the mark"
    if name == "maker" and text[:1] == "C" and text[1:3] in CUSTOMS_DISTRICTS:
        return f"works code, {CUSTOMS_DISTRICTS[text[1:3]]} customs district"
    return _MEANINGS.get(name, "")


def _century(two_digits: str) -> str:
    return ("19" if int(two_digits) >= 70 else "20") + two_digits if two_digits.isdigit() else two_digits
