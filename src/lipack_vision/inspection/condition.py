"""Is every carton on the photos sound, and seen well enough to say so?"""

from __future__ import annotations

from lipack_vision.geometry import bounding_box
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.names import DAMAGE_NAMES, percent
from lipack_vision.integrity import BoxCondition
from lipack_vision.integrity.types import DOUBTS, Polygon
from lipack_vision.types import Quad, as_quad

RULE, ITEM = "integrity", "condition of the box"


def box_condition(case: Case) -> list[Finding]:
    """Damage on any photo, cartons that cannot be judged, and photos that nobody judged."""
    if "integrity" in case.policy.skip:
        return []
    out = []
    seen_whole = any(_sound(case, index) for index in range(len(case.photos)))
    for index, photo in enumerate(case.photos):
        if photo.integrity is None:
            if photo.readable and photo.failed("integrity") is None:
                message = f"The condition of the box was not looked at on {photo.name}."
                out.append(case.finding(RULE, ITEM, "not_checked", "fail", message, photo=index))
            continue
        for box in photo.integrity.boxes:
            out += _of_box(case, index, box, photo.integrity.calibrated, seen_whole)
    if seen_whole and not out:
        out.append(case.finding(RULE, ITEM, "right", "info", "No damage is seen on any carton."))
    return out


def _sound(case: Case, index: int) -> bool:
    condition = case.photos[index].integrity
    least = case.policy.min_probability
    return condition is not None and all(
        is_surely_sound(box, condition.calibrated, least) for box in condition.boxes
    )


def is_surely_sound(box: BoxCondition, calibrated: bool, least: float) -> bool:
    """Whether a carton may be released, where at least the probability ``least`` of being sound is asked."""
    return box.verdict == "sound" and _doubt(box, calibrated, least) is None


def _of_box(case: Case, photo: int, box: BoxCondition, calibrated: bool, seen_whole: bool) -> list[Finding]:
    quad = around(box.outline)
    if box.verdict == "damaged":
        kinds = dict.fromkeys(DAMAGE_NAMES[region.type] for region in box.regions)
        what = ", ".join(kinds) or "damage"
        told = percent(box.probability_damaged, calibrated)
        message = f"The carton looks damaged ({told}): {what}."
        return [case.finding(RULE, ITEM, "wrong", "fail", message, found=what, photo=photo, quad=quad)]
    if box.verdict == "cannot_judge":
        why = "; ".join(DOUBTS[doubt] for doubt in box.doubts)
        message = f"The condition cannot be judged: {why}."
        # A close-up cuts the carton off; that is no loss where another photo shows it whole.
        harmless = seen_whole and set(box.doubts) == {"cut_off"}
        severity = "info" if harmless else "fail"
        return [
            case.finding(RULE, ITEM, "not_visible", severity, message, photo=photo, quad=quad)  # type: ignore[arg-type]
        ]
    doubt = _doubt(box, calibrated, case.policy.min_probability)
    if doubt is None:
        return []
    message = f"No damage is seen, but {doubt}."
    return [case.finding(RULE, ITEM, "uncertain", "fail", message, photo=photo, quad=quad)]


def _doubt(box: BoxCondition, calibrated: bool, least: float) -> str | None:
    if not calibrated:
        return "its certainty is not calibrated, so it proves nothing"
    # Written so that a probability that is not a number is doubted too.
    if not 1 - box.probability_damaged >= least:
        sound = percent(1 - box.probability_damaged)
        return f"the carton is sound with a probability of {sound} only, least for release {percent(least)}"
    return None


def around(outline: Polygon) -> Quad:
    """The upright rectangle around an outline."""
    left, top, right, bottom = bounding_box(outline)
    return as_quad([[left, top], [right, top], [right, bottom], [left, bottom]])
