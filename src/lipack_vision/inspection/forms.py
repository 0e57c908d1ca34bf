"""Do the labels and marks have the form that the rules give them?"""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from lipack_vision.errors import ShapeError
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.finding import Finding, Severity, Verdict
from lipack_vision.inspection.names import LABEL_NAMES
from lipack_vision.labels.conformity import CHECKED, FAULTS, check_label
from lipack_vision.labels.conformity_types import Conformity, Element
from lipack_vision.regulations import Certainty
from lipack_vision.types import ImageArray, Mark, Quad

_SURE_FACE = 0.95
"""Least probability of a carton face against which a label's stance is judged."""


def check_forms(photo: ImageArray, marks: Sequence[Mark]) -> list[Conformity | None]:
    """The form of each mark on a photo; None for those whose form is not checked."""
    return [_form(photo, mark, marks) for mark in marks]


def _form(photo: ImageArray, mark: Mark, marks: Sequence[Mark]) -> Conformity | None:
    if mark.label not in CHECKED:
        return None
    try:
        return check_label(photo, mark, face=_face(mark, marks))
    except ShapeError:
        # Crossed corners or ones off the photo: what such a mark proves is judged by its probability.
        return None


def _face(mark: Mark, marks: Sequence[Mark]) -> Quad | None:
    """The carton face that the whole of a mark lies on, if one is sure enough."""
    for face in marks:
        if face.label == "carton" and face.calibrated and face.probability >= _SURE_FACE:
            corners = [(float(x), float(y)) for x, y in mark.quad]
            if all(cv2.pointPolygonTest(face.quad.copy(), corner, False) >= 0 for corner in corners):
                return face.quad
    return None


def label_forms(case: Case) -> list[Finding]:
    """One finding for each element that is wrong, and one for each label whose form cannot be told.

    A label that cannot be told is no reason for review: its form was looked at as far as the photo allows,
    and whether it is there is judged elsewhere. What is wrong with a mark that is itself uncertain does not
    ask for a person either; the mark does, when it has to prove something.
    """
    out = []
    for index, photo in enumerate(case.photos):
        for mark, form in zip(photo.marks, photo.forms, strict=False):
            if form is None or form.answer == "conforming":
                continue
            if form.answer == "cannot_tell":
                out.append(_untold(case, index, mark, form))
                continue
            for element in form.elements:
                if element.verdict == "wrong":
                    out.append(_fault(case, index, mark, form, element))
    return out


def _rule(case: Case, label: str) -> str:
    """The packing rule that asks for the label."""
    if label != "battery_mark":
        return "R1"
    section = None if case.declaration is None else case.declaration.shipment().rules
    return "R7" if section is not None and section.part == "IB" else "R6"


def _untold(case: Case, index: int, mark: Mark, form: Conformity) -> Finding:
    open_ones = [element for element in form.elements if element.verdict == "cannot_tell" and element.counts]
    why = "; ".join(dict.fromkeys(element.reason for element in open_ones))
    message = f"{LABEL_NAMES[mark.label]}: its form cannot be told whole: {why}."
    item = f"{mark.label}.form"
    return case.finding(
        _rule(case, mark.label), item, "not_checked", "info", message, photo=index, quad=form.quad
    )


def _fault(case: Case, index: int, mark: Mark, form: Conformity, element: Element) -> Finding:
    certain = mark.calibrated and mark.probability >= case.policy.min_probability
    sure = element.certainty in (Certainty.VERIFIED, Certainty.MEMORY)
    severity: Severity = "fail" if certain and sure else "warn"
    verdict: Verdict = "wrong" if certain else "uncertain"
    meaning = FAULTS[element.fault] if element.fault else element.required
    message = f"{LABEL_NAMES[mark.label]}: {meaning} ({element.reason})."
    return case.finding(
        _rule(case, mark.label),
        f"{mark.label}.{element.name}",
        verdict,
        severity,
        message,
        expected=element.required,
        found=element.found or None,
        source=element.source,
        certainty=element.certainty.value,
        photo=index,
        quad=form.quad,
    )
