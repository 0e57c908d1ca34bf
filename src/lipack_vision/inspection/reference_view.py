"""What the report shows of the qualified packaging beside a photo."""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np

from lipack_vision.errors import LipackError
from lipack_vision.image import read_image
from lipack_vision.inspection.evidence import ReferenceEvidence
from lipack_vision.inspection.names import match_words
from lipack_vision.inspection.pictures import CROP_SIDE, data_uri
from lipack_vision.matching.types import Match

_GREEN, _GREY = (0, 120, 60), (110, 110, 110)


class PhotoStore(Protocol):
    """Anything that holds photos of references, such as `lipack_vision.library.QualifiedLibrary`."""

    def photo(self, sha256: str) -> bytes:
        """The file of one photo."""
        ...


def reference_view(
    evidence: ReferenceEvidence | None, library: PhotoStore | None, max_pixels: int
) -> dict[str, Any] | None:
    """Words, and the photos of the reference with what was compared outlined; None where nothing was."""
    if evidence is None:
        return None
    match = evidence.match
    pictures: list[dict[str, str]] = []
    trouble = None
    names = dict.fromkeys(pair.reference_photo for pair in match.pairs)
    for name in names:
        if library is None:
            trouble = "The photos of the reference are not shown: no library was given to the report."
            break
        try:
            pictures.append(
                {"uri": _outlined(library.photo(name), match, name, max_pixels), "sha256": name[:16]}
            )
        except LipackError as error:
            trouble = f"A photo of the reference is not shown: {error}"
    word, tone = _verdict(match)
    return {
        "name": match.reference_id or "",
        "word": word,
        "tone": tone,
        "text": match_words(match),
        "pictures": pictures,
        "trouble": trouble,
    }


def _verdict(match: Match) -> tuple[str, str]:
    if match.changed or match.changes:
        return "changed", "bad"
    if match.reference_id is None or not match.comparable or not match.calibrated:
        return "cannot be told", "warn"
    return ("unchanged where it is seen", "warn") if match.hidden else ("unchanged", "good")


def _outlined(data: bytes, match: Match, name: str, max_pixels: int) -> str:
    canvas = read_image(data, max_pixels=max_pixels, name=name).copy()
    thick = max(2, round(max(canvas.shape[:2]) / 250))
    for pair in match.pairs:
        if pair.reference_photo == name:
            hidden = [(place.reference_polygon, _GREY) for place in pair.hidden]
            for outline, colour in [(pair.reference_outline, _GREEN), *hidden]:
                corners = np.rint(outline).astype(np.int32).reshape(-1, 1, 2)
                cv2.polylines(canvas, [corners], True, colour, thick, cv2.LINE_AA)
    return data_uri(canvas, 2 * CROP_SIDE)
