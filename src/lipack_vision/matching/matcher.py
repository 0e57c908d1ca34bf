"""Match photos against qualified packagings: which one is it, how sure, and what changed?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lipack_vision.artifact import Artifact
from lipack_vision.errors import ArtifactError, ConfigError
from lipack_vision.image import MAX_PIXELS, ImageSource
from lipack_vision.matching.change import Comparison
from lipack_vision.matching.encoder import TASK, Floats, SiameseEncoder
from lipack_vision.matching.index import ExactIndex, Index
from lipack_vision.matching.judge import Judge
from lipack_vision.matching.pair import (
    PairResult,
    compare_pictures,
    compared_faces,
    inliers,
    most_different,
    registered_pictures,
)
from lipack_vision.matching.picture import Picture, PictureCache, source_name
from lipack_vision.matching.registration import WEAK, Registered
from lipack_vision.matching.search import Library, Near, Search
from lipack_vision.matching.types import Candidate, Match
from lipack_vision.matching.view import Detector

DEFAULT_POINT = "balanced"
TOP = 5
"""References that a photo is laid on, unless asked otherwise."""
_BATCH = 16
"""Photos that are held at once."""
_RIVAL = 0.5
"""Share of the points of the best candidate that must agree with another for both to be compared."""

NO_REFERENCE = (
    "cannot compare: there is no valid reference "
    "(after a new model, `lipack library refresh` makes the vectors)"
)
NOT_PROBABLE = "cannot compare: no reference is probable enough"
NOT_REGISTERED = "cannot compare: too little print agrees to lay the photo on the reference"
NO_CARTON = "cannot compare: no carton and no label was found on {}, so nothing tells it from the floor"
NOT_ASKED = "not compared: only the packaging was asked for"


class _Tried(NamedTuple):
    """A reference that the photo may show, its photo that is most like it, and how that lies on the photo."""

    candidate: Candidate
    photo: str
    faces: list[Registered]


class ReferenceMatcher:
    """Finds the qualified packaging that a photo shows, and what differs from it.

    Safe to call from several threads. References are embedded once, when they are enrolled.

    Args:
        library: the references; only `compare` works without.
        artifact: folder of a matching artifact, by default the shipped one; or an encoder to share.
        detector: finds cartons; by default the shipped `HazardLabelDetector`.
        point: operating point of the card: from which probabilities a photo counts as the packaging, and it
            as changed.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        threads: threads inside one run of a net; 0 means all cores.
        index: makes an index of the library's vectors; by default exact search.
        max_pixels: larger photos are refused before decoding.

    Raises:
        ArtifactError: the artifact is missing, altered or not one for matching.
    """

    def __init__(
        self,
        library: Library | None = None,
        artifact: str | os.PathLike[str] | Artifact | SiameseEncoder = TASK,
        *,
        detector: Detector | None = None,
        point: str = DEFAULT_POINT,
        provider: str = "cpu",
        threads: int = 0,
        index: Callable[[Floats], Index] = ExactIndex,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        if isinstance(artifact, SiameseEncoder):
            self.encoder = artifact
        else:
            self.encoder = SiameseEncoder(artifact, detector=detector, provider=provider, threads=threads)
        self.artifact = self.encoder.artifact
        self._judge = Judge.of(self.artifact.card, point)
        self._comparison = Comparison(
            self.encoder, hidden_level=self._judge.hidden_level, provider=provider, threads=threads
        )
        self._library = library
        self._search = None if library is None else Search(library, self.encoder.version, index)
        self._cache = PictureCache()
        self._max_pixels = max_pixels

    def match(
        self,
        image: ImageSource,
        among: str | Iterable[str] | None = None,
        *,
        top: int = TOP,
        compare: bool = True,
    ) -> Match:
        """Which qualified packaging a photo shows, and what differs from it.

        Args:
            image: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            among: a packaging type, or ids of references; by default all.
            top: how many candidates are looked at and told.
            compare: also tell what differs.

        Raises:
            ImageError: the photo cannot be used.
            ConfigError: there is no library, or it is one of another encoder.
            LibraryError: the library cannot be read.
        """
        return self.match_many([image], among, top=top, compare=compare)[0]

    def match_many(
        self,
        images: Sequence[ImageSource],
        among: str | Iterable[str] | None = None,
        *,
        top: int = TOP,
        compare: bool = True,
    ) -> list[Match]:
        """As `match`, of several photos, which go through the net together."""
        if self._library is None or self._search is None:
            raise ConfigError(
                "ReferenceMatcher",
                expected="a library of references",
                found="none",
                cure="Pass a QualifiedLibrary, or use compare().",
            )
        if top < 1:
            raise ConfigError("top", expected="at least 1", found=str(top), cure="Pass 5 or so.")
        chosen = among if among is None or isinstance(among, str) else tuple(among)
        matches = []
        for start in range(0, len(images), _BATCH):
            pictures = [self._read(image) for image in images[start : start + _BATCH]]
            for picture, vector in zip(pictures, self._embed(pictures), strict=True):
                near = self._search.nearest(vector, chosen, top)
                matches.append(self._match(self._library, picture, near, compare))
        return matches

    def compare(self, image: ImageSource, reference_image: ImageSource) -> Match:
        """Whether two photos show the same packaging, and what differs, whatever the answer to the first is.

        Args:
            image: path, encoded bytes, or RGB ``uint8`` array ``(H, W, 3)``.
            reference_image: a photo of the qualified packaging.

        Raises:
            ImageError: a photo cannot be used.
        """
        picture, reference = self._read(image), self._read(reference_image)
        vectors = self._embed([picture, reference])
        cosine = float(vectors[0] @ vectors[1])
        faces = registered_pictures(reference, picture, thorough=True)
        name = source_name(reference_image, "reference")
        candidate = Candidate(name, self._judge.identity(cosine, inliers(faces)), cosine)
        bare = self._told(picture, [candidate])
        return self._with_changes(bare, picture, [("", reference, faces)])

    def _match(self, library: Library, picture: Picture, near: Sequence[Near], compare: bool) -> Match:
        tried = self._tried(library, picture, near, thorough=False)
        if tried and not (self._is_sure(tried[0].candidate) and inliers(tried[0].faces) >= WEAK):
            tried = self._tried(library, picture, near, thorough=True)
        tried, alike = self._least_changed_first(library, picture, tried)
        told = replace(self._told(picture, [one.candidate for one in tried]), alike=alike)
        if told.reference_id is None or not compare:
            why = NO_REFERENCE if not tried else NOT_PROBABLE if told.reference_id is None else NOT_ASKED
            return replace(told, reason=why)
        parts, facts = [], library.get(told.reference_id)
        told = replace(told, un_code=facts.un_code)
        for photo in facts.photos:
            reference = self._reference(library, photo)
            known = tried[0].faces if photo == tried[0].photo else []
            parts.append((photo, reference, known or registered_pictures(reference, picture, thorough=True)))
        return self._with_changes(told, picture, parts)

    def _tried(
        self, library: Library, picture: Picture, near: Sequence[Near], *, thorough: bool
    ) -> list[_Tried]:
        """Each of the nearest references laid on the photo, the most probable first."""
        tried = []
        for one in near:
            faces = registered_pictures(self._reference(library, one.photo), picture, thorough=thorough)
            probability = self._judge.identity(one.cosine, inliers(faces))
            candidate = Candidate(one.reference_id, probability, one.cosine)
            tried.append(_Tried(candidate, one.photo, faces))
        return sorted(tried, key=lambda one: -one.candidate.probability)

    def _least_changed_first(
        self, library: Library, picture: Picture, tried: list[_Tried]
    ) -> tuple[list[_Tried], tuple[str, ...]]:
        """Of packagings that are alike but for a label or a brand, the right one first.

        Also the ids of others from which nothing was told to differ.
        """
        most = max((inliers(one.faces) for one in tried), default=0)
        # One sign that two packagings share makes no rivals of them.
        rivals = [
            one
            for one in tried
            if one.faces and self._is_sure(one.candidate) and inliers(one.faces) >= _RIVAL * most
        ]
        if len(rivals) < 2:
            return tried, ()
        differences = [self._difference(library, picture, one) for one in rivals]
        best = rivals[int(np.argmin(differences))]
        alike = [
            one.candidate.reference_id
            for one, difference in zip(rivals, differences, strict=True)
            if one is not best and not self._judge.changed(difference) >= self._judge.changed_threshold
        ]
        return [best, *(one for one in tried if one is not best)], tuple(alike)

    def _difference(self, library: Library, picture: Picture, tried: _Tried) -> float:
        reference = self._reference(library, tried.photo)
        return most_different(compared_faces(self._comparison, reference, picture, tried.faces))

    def _is_sure(self, candidate: Candidate) -> bool:
        # Written so that a probability that is not a number is no match.
        return candidate.probability >= self._judge.identity_threshold

    def _told(self, picture: Picture, candidates: Sequence[Candidate]) -> Match:
        best = candidates[0] if candidates else None
        return Match(
            best.reference_id if best is not None and self._is_sure(best) else None,
            best.probability if best is not None else 0.0,
            self._judge.calibrated,
            picture.size,
            tuple(candidates),
        )

    def _with_changes(
        self, told: Match, picture: Picture, parts: Sequence[tuple[str, Picture, list[Registered]]]
    ) -> Match:
        results = [
            compare_pictures(self._comparison, self._judge, name, reference, picture, faces)
            for name, reference, faces in parts
        ]
        whole = PairResult.joined(results)
        if not whole.pairs:
            reason = _why_not(picture, [reference for _, reference, _ in parts])
            return replace(told, reason=reason, reference_faces=whole.reference_faces)
        probability = self._judge.changed(whole.difference)
        return replace(
            told,
            probability_changed=probability,
            # Written so that a probability that is not a number counts as changed.
            changed=not probability < self._judge.changed_threshold,
            pairs=whole.pairs,
            reference_faces=whole.reference_faces,
            heat=whole.heat,
        )

    def _reference(self, library: Library, sha256: str) -> Picture:
        return self._cache.get(sha256, lambda: self._read(library.photo(sha256)))

    def _read(self, source: ImageSource) -> Picture:
        return Picture.of(source, self.encoder.detector, self._max_pixels)

    def _embed(self, pictures: Sequence[Picture]) -> Floats:
        images, frames = [one.image for one in pictures], [one.frame for one in pictures]
        vectors = self.encoder.embed_frames(images, frames)
        if not np.isfinite(vectors).all():
            raise ArtifactError(
                str(self.artifact.folder),
                expected="embeddings of finite numbers",
                found="some that are none",
                cure="Export the model again.",
            )
        return vectors


def _why_not(picture: Picture, references: Sequence[Picture]) -> str:
    """Why a photo could not be laid on any of the references."""
    if not picture.carton.shows_packaging:
        return NO_CARTON.format("the photo")
    if not any(reference.carton.shows_packaging for reference in references):
        return NO_CARTON.format("the reference")
    return NOT_REGISTERED
