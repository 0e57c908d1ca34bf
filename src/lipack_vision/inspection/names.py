"""Words for people: what labels, elements and verdicts are called in reports and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipack_vision.matching.types import Match

LABEL_NAMES: dict[str, str] = {
    "class9": "Class 9 label",
    "class9a": "Class 9A label (lithium)",
    "battery_mark": "Battery mark",
    "other_hazard": "Other hazard label",
    "cargo_aircraft_only": "Cargo Aircraft Only",
    "orientation_arrows": "Orientation arrows",
    "un_mark": "UN packaging mark",
    "carton": "Carton",
}
"""Label of `lipack_vision.types.LABELS` -> its name."""

DAMAGE_NAMES: dict[str, str] = {
    "dent": "dent",
    "crush": "crushed place",
    "tear": "tear",
    "hole": "hole",
    "wet": "wet place",
    "open_flap": "open flap",
}
"""Type of `lipack_vision.types.DAMAGE_TYPES` -> its name."""

CONDITION_WORDS: dict[str, str] = {
    "sound": "no damage seen",
    "damaged": "damaged",
    "cannot_judge": "cannot be judged",
}
"""Verdict on a carton -> how it is written."""

VERDICT_WORDS: dict[str, str] = {
    "right": "right",
    "wrong": "wrong",
    "missing": "missing",
    "not_visible": "not visible",
    "not_checked": "not checked",
    "uncertain": "uncertain",
    "skipped": "switched off",
}
"""Verdict of a finding -> how it is written."""


VERDICT_ORDER = ("wrong", "missing", "uncertain", "not_visible", "not_checked", "skipped", "right")
"""Verdicts in the order in which a person wants to read them."""


def percent(probability: float, calibrated: bool = True) -> str:
    """A probability such as ``98.7 %``; a raw score says that it is one.

    Never rounds up to 100 %, which no evidence is worth.
    """
    shown = "over 99.9 %" if probability >= 0.9995 else f"{probability * 100:.1f} %"
    return shown if calibrated else f"score {probability:.2f}, uncalibrated"


def match_words(match: Match) -> str:
    """Which qualified packaging a photo shows, and whether anything differs, in one line."""
    told = percent(match.probability, match.calibrated)
    if match.reference_id is None:
        return f"no qualified packaging (the best {told})" if match.candidates else "no reference"
    if not match.comparable or match.probability_changed is None:
        return f"{match.reference_id} ({told}); {match.reason or 'not compared'}"
    word = "changed" if match.changed or match.changes else "unchanged"
    probability = match.probability_changed if word == "changed" else 1 - match.probability_changed
    hidden = f", {len(match.hidden)} places hidden" if len(match.hidden) > 1 else ", a place hidden"
    return (
        f"{match.reference_id} ({told}); {word} ({percent(probability, match.calibrated)}), "
        f"{match.compared * 100:.0f} % compared{hidden if match.hidden else ''}"
    )


def tone(verdict: str, severity: str) -> str:
    """``good``, ``warn``, ``bad`` or ``plain``: how strongly a finding speaks against the package."""
    if verdict == "right":
        return "good"
    if verdict == "skipped":
        return "warn"
    return {"fail": "bad", "warn": "warn"}.get(severity, "plain")
