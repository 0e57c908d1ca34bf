"""What a matching artifact tells of rendered photos of cartons, beside the truth."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.image import MAX_PIXELS
from lipack_vision.matching.change import Comparison
from lipack_vision.matching.compared import ComparedFace
from lipack_vision.matching.encoder import SiameseEncoder
from lipack_vision.matching.judge import hidden_level, identity_logit
from lipack_vision.matching.pair import compared_faces, inliers, most_different, registered_pictures
from lipack_vision.matching.picture import Picture
from lipack_vision.matching.registration import Registered
from lipack_vision.synth.designs.dataset import CHANGED, DesignFolder
from training.matching.figures import Cells, overlaps

log = logging.getLogger(__name__)

Compared = tuple[Registered, ComparedFace]

NEAREST = 3
"""Photos of other designs, the most similar ones, that a photo is registered with, as in a search."""
_SHOWN = 0.5
"""Share of a changed region that must have been compared to be asked for."""


@dataclass(slots=True)
class Evidence:
    """Raw answers.

    Attributes:
        identity: logits of pairs of photos, a photo and that of its own near-twin not among them.
        same: whether each shows one design, changed or not.
        near: whether each was registered: the own design, and the most similar others.
        changed: logits of pairs of photos that were compared.
        edits: what was changed in each, empty for nothing.
        hidden: whether any place was told hidden in each.
        regions: of each changed region its kind of edit and the IoU of what was told there.
        incomparable: pairs of one design, or of a changed twin, that could not be registered.
        ranks: of each photo, how many other references, but its twin, are nearer to it by their vectors.
        ahead: of each photo that a near-twin was compared with, whether it differs less from its own design.
    """

    identity: list[float] = field(default_factory=list)
    same: list[bool] = field(default_factory=list)
    near: list[bool] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    regions: list[tuple[str, float]] = field(default_factory=list)
    incomparable: int = 0
    ranks: list[int] = field(default_factory=list)
    ahead: list[bool] = field(default_factory=list)

    def add_identity(self, logit: float, *, same: bool, near: bool) -> None:
        """Note one pair."""
        self.identity.append(logit)
        self.same.append(same)
        self.near.append(near)

    def add_changed(self, logit: float, edit: str, *, hidden: bool = False) -> None:
        """Note one pair that was compared."""
        self.changed.append(logit)
        self.edits.append(edit)
        self.hidden.append(hidden)


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A photo, the design that it shows, what is changed on it, and what its design's twin differs in."""

    picture: Picture
    design: int
    edit: str
    regions: tuple[npt.NDArray[np.float32], ...]
    twin: str | None = None


def gather(encoder: SiameseEncoder, folder: DesignFolder, level: float = 0.0) -> Evidence:
    """Look at all photos of a folder as the matcher does.

    The first photo of each design and of each twin is its reference. Every other one is compared with its
    own, with that of its twin, and laid on those of other designs that look most alike.

    Args:
        encoder: of the artifact.
        folder: designs with photos of changed fronts.
        level: logit from which a cell counts as changed.
    """
    references, shots = _shots(encoder, folder)
    cosines = _vectors(encoder, shots) @ _vectors(encoder, references).T
    comparison = Comparison(encoder, hidden_level=hidden_level(encoder.artifact.card, "balanced"))
    told = Evidence()
    places = {one.design: index for index, one in enumerate(references)}
    for number, (shot, row) in enumerate(zip(shots, cosines, strict=True), 1):
        own, twin = places[shot.design], places.get(shot.design ^ 1)
        faces = _laid(references[own], shot)
        told.add_identity(identity_logit(float(row[own]), inliers(faces)), same=True, near=True)
        _add_others(told, references, shot, row, (own, twin))
        found = compared_faces(comparison, references[own].picture, shot.picture, faces)
        _add_changes(told, shot, found, level)
        if twin is not None and not shot.edit:
            _add_twin(told, comparison, references[twin], shot, found)
        if number % 50 == 0 or number == len(shots):
            log.info("matched: %d of %d photos", number, len(shots))
    return told


def _laid(reference: Shot, shot: Shot) -> list[Registered]:
    return registered_pictures(reference.picture, shot.picture, thorough=True)


def _add_others(
    told: Evidence,
    references: Sequence[Shot],
    shot: Shot,
    row: npt.NDArray[np.float32],
    own: tuple[int, int | None],
) -> None:
    others = [int(index) for index in np.argsort(-row) if index not in own]
    told.ranks.append(int((row[others] > row[own[0]]).sum()))
    for rank, index in enumerate(others):
        near = rank < NEAREST
        found = _laid(references[index], shot) if near else []
        told.add_identity(identity_logit(float(row[index]), inliers(found)), same=False, near=near)


def _add_changes(told: Evidence, shot: Shot, found: Sequence[Compared], level: float) -> None:
    if not found:
        told.incomparable += 1
        return
    compared = [one for _, one in found]
    seen = [shown_share(one, shot) for one in compared]
    if shot.edit and max(seen) < _SHOWN:
        return
    told.add_changed(most_different(found), shot.edit, hidden=_hides(found))
    for one, share in zip(compared, seen, strict=True):
        if share >= _SHOWN:
            values = overlaps((one.logits > level) & one.cells, truth_cells(one, shot))
            told.regions += [(shot.edit, value) for value in values]


def _add_twin(
    told: Evidence, comparison: Comparison, twin: Shot, shot: Shot, own: Sequence[Compared]
) -> None:
    found = compared_faces(comparison, twin.picture, shot.picture, _laid(twin, shot))
    if found:
        different = most_different(found)
        told.add_changed(different, shot.twin or "", hidden=_hides(found))
        told.ahead.append(most_different(own) < different)


def _hides(found: Sequence[Compared]) -> bool:
    return any(face.hidden.any() for _, face in found)


def _shots(encoder: SiameseEncoder, folder: DesignFolder) -> tuple[list[Shot], list[Shot]]:
    references: list[Shot] = []
    others: list[Shot] = []
    for index, entry in enumerate(folder.designs):
        for part, hulls in enumerate((entry.hulls, entry.twin_hulls)):
            for view in range(len(hulls)):
                shot = _shot(encoder, folder, (index, part, view), 2 * index + part)
                (others if view else references).append(shot)
        for view in range(len(entry.changed)):
            others.append(_shot(encoder, folder, (index, CHANGED, view), 2 * index))
    return references, others


def _shot(encoder: SiameseEncoder, folder: DesignFolder, name: tuple[int, int, int], design: int) -> Shot:
    index, part, view = name
    image, _ = folder.photo(index, part, view)
    picture = Picture.of(image, encoder.detector, MAX_PIXELS)
    entry = folder.designs[index]
    if part != CHANGED:
        return Shot(picture, design, "", (), entry.twin)
    changed = entry.changed[view]
    regions = tuple(np.array(region, np.float32) for region in changed.regions)
    return Shot(picture, design, changed.edit, regions)


def _vectors(encoder: SiameseEncoder, shots: Sequence[Shot]) -> npt.NDArray[np.float32]:
    pictures = [shot.picture for shot in shots]
    return encoder.embed_frames([one.image for one in pictures], [one.frame for one in pictures])


def truth_cells(compared: ComparedFace, shot: Shot) -> Cells:
    """The cells ``(h, w)`` of a compared face in which a region of the photo lies.

    Those count that were not compared, too: a net must not hide what it cannot find.
    """
    back = np.linalg.inv(compared.to_photo)
    mask = np.zeros(compared.shown.shape, np.uint8)
    for region in shot.regions:
        points = cv2.perspectiveTransform(region[None].astype(np.float64), back)[0]
        cv2.fillPoly(mask, [np.rint(np.clip(points, -500, 5000) * 8).astype(np.int32)], 1, cv2.LINE_8, 3)
    return np.asarray((mask > 0) & compared.shown, bool)


def shown_share(compared: ComparedFace, shot: Shot) -> float:
    """Share of the area of the changed regions that a compared face shows."""
    if not shot.regions:
        return 0.0
    back = np.linalg.inv(compared.to_photo)
    area = 0.0
    for region in shot.regions:
        points = cv2.perspectiveTransform(region[None].astype(np.float64), back)[0]
        area += abs(float(cv2.contourArea(points.astype(np.float32))))
    found = float(truth_cells(compared, shot).sum())
    return found / area if area > 0 and math.isfinite(area) else 0.0
