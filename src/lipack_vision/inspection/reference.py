"""Is it the packaging that was qualified, unchanged, and was all of it that the reference shows compared?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2

from lipack_vision.geometry import covered_share
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.condition import around
from lipack_vision.inspection.evidence import ReferenceEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.names import percent
from lipack_vision.inspection.policy import SKIPPABLE
from lipack_vision.integrity.types import Polygon
from lipack_vision.matching.types import FacePair, Match, ReferenceFace
from lipack_vision.regulations import parse_packaging_code, read_mark
from lipack_vision.regulations.compare import differences

RULE, ITEM = "reference", "qualified packaging"
LEAST_COMPARED = 0.8
"""Share of each face of the reference that must be compared: print near its edges may be cut off."""
_OWN_TIME = frozenset({"year", "month", "batch"})
"""Elements of a mark that tell when a packaging was made, not what it is."""
_WHOLE_PLACE = 0.95
"""Share of a hidden place that another photo must show: its outline is known to a cell."""
_ONE_PLACE = 0.5
"""Share from which two hidden places of a photo are one, found beside two photos of the reference."""
LEAST_FACE = 0.1
"""Share of what a photo of the reference shows of the carton from which a part of it is a face to compare."""


class _Seen(NamedTuple):
    photo: int
    match: Match


def qualified_packaging(case: Case) -> list[Finding]:
    """At least one photo shows a valid reference, and nothing on any photo speaks against it."""
    if "reference" in case.policy.skip:
        return []
    out = list(_not_looked(case))
    seen = [_Seen(index, told.match) for index, told in _evidence(case) if told.among == case.packaging_type]
    for index, told in _evidence(case):
        if told.among != case.packaging_type:
            message = f"Compared with references of another packaging type: {told.among or 'any'}."
            out.append(case.finding(RULE, ITEM, "not_checked", "fail", message, photo=index))
    if not seen:
        return out
    proofs = [one for one in seen if _doubt(case, one.match) is None]
    for one in seen:
        out += _changes(case, one)
        doubt = _doubt(case, one.match)
        if doubt is not None:
            # A close-up cannot be told alone; that is no loss where another photo shows the packaging.
            message = f"Not shown to be the qualified packaging: {doubt}."
            severity = "info" if proofs and not _perhaps_changed(case, one.match) else "fail"
            out.append(case.finding(RULE, ITEM, "uncertain", severity, message, photo=one.photo))  # type: ignore[arg-type]
    names = sorted({one.match.reference_id for one in seen if one.match.reference_id is not None})
    if len(names) > 1:
        message = f"The photos show different qualified packagings: {', '.join(names)}."
        out.append(case.finding(RULE, ITEM, "uncertain", "fail", message, found=", ".join(names)))
    out += _other_code(case, seen)
    out += _not_shown(case, [one.match for one in proofs])
    out += _hidden(case, proofs)
    if proofs and not any(case.policy.blocks(one) for one in out):
        best = max(proofs, key=lambda one: one.match.probability)
        message = (
            f"It is the qualified packaging {names[0]} ({percent(best.match.probability)}); nothing differs."
        )
        out.append(case.finding(RULE, ITEM, "right", "info", message, found=names[0], photo=best.photo))
    return out


def _evidence(case: Case) -> Iterator[tuple[int, ReferenceEvidence]]:
    for index, photo in enumerate(case.photos):
        if photo.reference is not None:
            yield index, photo.reference


def _not_looked(case: Case) -> Iterator[Finding]:
    """Photos that nobody compared; one finding where that is all of them."""
    left = [
        index
        for index, photo in enumerate(case.photos)
        if photo.reference is None and photo.readable and photo.failed("reference") is None
    ]
    meaning = SKIPPABLE["reference"]
    if len(left) == len(case.photos):
        message = (
            f"Not checked: {meaning}. No library was given; give one, look yourself, or skip it by name."
        )
        yield case.finding("check.reference", "reference", "not_checked", "fail", message)
        return
    for index in left:
        message = f"Not compared with the qualified packaging: {case.photos[index].name}."
        yield case.finding(RULE, ITEM, "not_checked", "fail", message, photo=index)


def _doubt(case: Case, match: Match) -> str | None:
    """Why a match does not prove that this is the qualified packaging, or None."""
    least = case.policy.min_probability
    if match.reference_id is None:
        best = match.candidates[0] if match.candidates else None
        if best is None:
            return (
                "there is no valid reference of this packaging type "
                "(after a new model, `lipack library refresh` makes the vectors)"
            )
        told = percent(best.probability, match.calibrated)
        return f"no reference is probable enough, the best is {best.reference_id} with {told}"
    if not match.calibrated:
        return f"its certainty is not calibrated (score {match.probability:.2f}), so it proves nothing"
    # Written so that probabilities that are not numbers are doubted too.
    if not match.probability >= least:
        told = percent(match.probability)
        return f"it is {match.reference_id} with {told} only, least for release {percent(least)}"
    if not match.comparable or match.probability_changed is None or match.changed is None:
        return match.reason or "nothing could be compared"
    if not 1 - match.probability_changed >= least and not match.changed:
        told = percent(1 - match.probability_changed)
        return f"it is unchanged with {told} only, least for release {percent(least)}"
    if match.alike:
        return f"it looks like {match.reference_id}, but like {', '.join(match.alike)} as well"
    return None


def _perhaps_changed(case: Case, match: Match) -> bool:
    """Whether something was compared and is not surely unchanged: no other photo makes up for that."""
    return match.comparable and not 1 - (match.probability_changed or 0.0) >= case.policy.min_probability


def _other_code(case: Case, seen: Sequence[_Seen]) -> list[Finding]:
    """References whose UN packaging mark is not the declared one; each packaging has a year of its own."""
    declared = None if case.declaration is None else case.declaration.packaging_code
    mark = read_mark(declared) if declared else None
    codes = {one.match.reference_id: one.match.un_code for one in seen if one.match.un_code is not None}
    out = []
    for name, code in sorted(codes.items(), key=str):
        if mark is None or declared is None:
            break
        differ = [
            one for one in differences(mark, parse_packaging_code(code)) if one.element not in _OWN_TIME
        ]
        if differ:
            message = f"The packaging {name} was qualified with another mark: {', '.join(map(str, differ))}."
            out.append(case.finding(RULE, ITEM, "wrong", "fail", message, expected=declared, found=code))
    return out


def _changes(case: Case, seen: _Seen) -> list[Finding]:
    """What differs from the reference, each place once."""
    match, out = seen.match, []
    for change in match.changes:
        told = percent(change.score, match.calibrated)
        message = f"Differs from the qualified packaging {match.reference_id} here ({told})."
        quad = around(change.polygon)
        out.append(case.finding(RULE, ITEM, "wrong", "fail", message, photo=seen.photo, quad=quad))
    if match.changed and not out:
        told = percent(match.probability_changed or 0.0, match.calibrated)
        message = f"Differs from the qualified packaging {match.reference_id} ({told})."
        out.append(case.finding(RULE, ITEM, "wrong", "fail", message, photo=seen.photo))
    return out


def _not_shown(case: Case, proofs: Sequence[Match]) -> list[Finding]:
    """Faces of the reference of which too little was compared on all photos together."""
    if not proofs:
        return []
    shares: dict[tuple[str, bytes], tuple[ReferenceFace, float]] = {}
    for match in proofs:
        for face in match.reference_faces:
            key = face.reference_photo, face.outline.tobytes()
            before = shares.get(key, (face, 0.0))[1]
            shares[key] = face, max(before, face.compared)
    totals: dict[str, float] = {}
    for face, _ in shares.values():
        totals[face.reference_photo] = totals.get(face.reference_photo, 0.0) + _area(face)
    out = []
    for face, share in shares.values():
        # Written so that a share that is not a number counts as too little.
        if _area(face) >= LEAST_FACE * totals[face.reference_photo] and not share >= LEAST_COMPARED:
            message = (
                f"Only {max(share, 0.0) * 100:.0f} % of a face of the qualified packaging could be compared "
                f"(its photo {face.reference_photo[:12]}), least for release {LEAST_COMPARED * 100:.0f} %."
            )
            out.append(case.finding(RULE, ITEM, "not_visible", "fail", message))
    if not shares:
        message = "It is not told what the reference shows, so nothing says that all of it was compared."
        out.append(case.finding(RULE, ITEM, "not_checked", "fail", message))
    return out


def _hidden(case: Case, proofs: Sequence[_Seen]) -> list[Finding]:
    """Places of the packaging that are hidden on every photo, each once: a label may be missing there."""
    pairs = [(one, pair) for one in proofs for pair in one.match.pairs]
    told: list[tuple[int, Polygon]] = []
    for one, pair in pairs:
        for place in pair.hidden:
            again = [polygon for photo, polygon in told if photo == one.photo]
            if covered_share(place.polygon, again) < _ONE_PLACE and not any(
                _shows(other, pair.reference_photo, place.reference_polygon) for _, other in pairs
            ):
                told.append((one.photo, place.polygon))
    message = (
        "Not compared with the qualified packaging here: something stands before it, or light is mirrored in "
        "it. Take the photo again without, or look whether the photo of the reference shows this place."
    )
    return [
        case.finding(RULE, ITEM, "not_visible", "fail", message, photo=photo, quad=around(place))
        for photo, place in told
    ]


def _shows(pair: FacePair, reference_photo: str, place: Polygon) -> bool:
    """Whether a place on that photo of the reference was compared, and not hidden, on this face."""
    return (
        pair.reference_photo == reference_photo
        and covered_share(place, pair.compared) >= _WHOLE_PLACE
        and covered_share(place, [one.reference_polygon for one in pair.hidden]) <= 1 - _WHOLE_PLACE
    )


def _area(face: ReferenceFace) -> float:
    return abs(float(cv2.contourArea(face.outline.copy())))
