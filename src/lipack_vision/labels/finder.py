"""Coarse to fine: one pass over the whole photo supposes marks and faces of cartons, close-ups judge them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lipack_vision.artifact import Artifact, Preprocessing
from lipack_vision.errors import ArtifactError
from lipack_vision.geometry import is_clockwise, quad_cover
from lipack_vision.image import ReducedPhoto
from lipack_vision.labels.closeup import (
    CLOSEUP_LABELS,
    FACE_LABELS,
    LOOK,
    ROOM,
    Frame,
    to_photo,
)
from lipack_vision.labels.corners import corner_pixels
from lipack_vision.labels.decode import (
    Detection,
    FloatArray,
    Letterbox,
    decode,
    letterbox,
    normalise,
    overlapping,
    rivals_of,
    suppress,
    without_doubles,
)
from lipack_vision.labels.sizes import Sizes
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import DIAMONDS, LABELS, ImageArray, Quad

Network = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""The marks net: ``(1, 3, H, W)`` -> ``logits (1, A, K)``, ``corners (1, A, 8)``. Or the close-up net:
``(N, 3, S, S)`` -> ``logits (N, C)``, ``heat (N, 4, S / 4, S / 4)``; see `CloseupNet`."""

CLOSEUP_FILE, FACES_FILE = "closeup.onnx", "faces.onnx"
LEAST_SCORE = 0.05
"""Least score of a finding that is told."""
_LEAST_LOGIT = float(np.log(LEAST_SCORE / (1 - LEAST_SCORE)))
SUPPOSED = 0.2
"""Least score of being any mark from which a place is looked at closely."""
_PERHAPS = 0.05
"""Least score of being one of the marks that are looked for, where not all are: the marks net confuses them
at times."""
MOST_LOOKS, _UNLIKELY_LOOKS = 40, 8
"""Supposed marks of one photo that are looked at closely, most likely first: at most, and for each label that
is looked for even if they are less likely than `SUPPOSED` to be any of these."""
MOST_FACES = 8
"""Supposed faces of cartons of one photo that are looked at closely, most likely first; others are told as
they were supposed."""
_FACES_AGAIN, _LIKELY_FACE = 4, float(np.log(0.4 / 0.6))
"""Faces that are looked at a second time, and their least logit after the first: more looks place corners
hardly better."""
_MOST_CELLS = 400
_SAME_PLACE = 0.55
"""Supposed marks whose boxes overlap more, as intersection over union, are one place."""
_ONE_MARK = 0.7
"""Places whose corners, once found, make boxes that overlap more are of one mark."""
SURE = 0.1
"""Where a corner map is less certain than this, the corners stay where they were supposed."""
_DOUBT = 2.0
"""How much unsure corners count against a finding: so many times the logarithm of the least certain one. A
mark whose corners cannot be placed is mostly a part of one."""
_SAME_FACE, _ONE_FACE = 0.5, 0.6
"""Faces that overlap more, as intersection over union, are one: of those that are told; after the first look,
whose corners are less sure."""
_COVERED = 0.3
"""Real labels are not stuck over each other by more than this share of the smaller one."""
_CARTON = LABELS.index("carton")
_NOTHING = len(CLOSEUP_LABELS)
_DISMISSED = 0.9
"""What is nothing by this probability at the first look is not looked at again."""
_CLOSER = 1.25
"""Room of the second look, whose frame is known better."""


@dataclass(frozen=True, slots=True)
class Closeups:
    """A close-up net, of marks or of faces, and the side of its pictures in pixels."""

    network: Network
    size: int


@dataclass(frozen=True, slots=True)
class Finder:
    """Marks of a photo with raw logits.

    Attributes:
        network: the marks net.
        pre: how it is fed.
        closeups: the close-up net of marks, or None: what the marks net supposes is told as it is.
        faces: the same of faces of cartons.
        labels: those that are looked for.
    """

    network: Network
    pre: Preprocessing
    closeups: Closeups | None = None
    faces: Closeups | None = None
    labels: frozenset[str] = frozenset(LABELS)

    def __call__(self, image: ImageArray) -> list[Detection]:
        """All findings of at least `LEAST_SCORE` on an RGB ``uint8`` photo, in its pixels, best first."""
        return self.find(ReducedPhoto(image, 1, lambda: image))

    @property
    def least_side(self) -> int:
        """Photos may be decoded smaller, but not below so many pixels along their longer side."""
        return 2 * max(self.pre.width, self.pre.height)

    def find(self, photo: ReducedPhoto) -> list[Detection]:
        """As calling it, in pixels of the whole photo, which is decoded only for what is small on it."""
        canvas, box = letterbox(photo.image, self.pre)
        sizes = Sizes(photo, canvas, box.scale)
        logits, corners = self.network(normalise(canvas, self.pre))
        # Without close-ups all are decoded: what is a 9A must not be told as the class 9 it may be too.
        told = LABELS if self.closeups is None else [label for label in FACE_LABELS if label in self.labels]
        found = decode(_only(told, logits[0]), corners[0], threshold=LEAST_SCORE)
        supposed = [Detection(d.index, d.logit, box.to_photo(d.quad)) for d in found]
        if self.faces is not None:
            cartons = [d for d in supposed if d.index == _CARTON]
            others = [d for d in supposed if d.index != _CARTON]
            supposed = [*_judge_faces(sizes, cartons, self.faces, self.pre), *others]
        if self.closeups is not None:
            places = [box.to_photo(quad) for quad in _places(logits[0], corners[0], self.labels)]
            supposed = [*_apart(_judge(sizes, places, self.closeups, self.pre)), *supposed]
        supposed.sort(key=lambda d: -d.logit)
        reduced = Letterbox(1 / photo.factor)
        return [
            Detection(d.index, d.logit, reduced.to_photo(d.quad))
            for d in supposed
            if LABELS[d.index] in self.labels
        ]


def load_finder(
    artifact: Artifact,
    *,
    labels: frozenset[str] = frozenset(LABELS),
    provider: str = "cpu",
    threads: int = 0,
) -> Finder:
    """The nets of a marks artifact, run by ONNX Runtime; see `Finder.labels`.

    Raises:
        ArtifactError: a file is missing or cannot be loaded, or the close-up net is for another look.
        ConfigError: the provider is not available.
    """

    network = load_network(artifact, provider=provider, threads=threads)
    closeups = load_closeups(artifact, provider=provider, threads=threads)
    faces = None
    if labels & set(FACE_LABELS):
        faces = load_closeups(artifact, FACES_FILE, provider=provider, threads=threads)
    return Finder(network, artifact.card.preprocessing, closeups, faces, labels)


def load_closeups(
    artifact: Artifact, file: str = CLOSEUP_FILE, *, provider: str = "cpu", threads: int = 0
) -> Closeups | None:
    """A close-up net of a marks artifact, or None if it has none; see `load_finder`.

    Raises:
        ArtifactError: the net was trained for another look.
    """
    card = artifact.card
    if card.closeup_size is None or file not in card.files:
        return None
    if card.closeup_look != LOOK:
        raise ArtifactError(
            str(artifact.folder),
            expected=f"a close-up net for look {LOOK}",
            found=f"one for look {card.closeup_look}",
            cure="Train it again: python -m training.train experiment=closeups marks=FOLDER.",
        )
    return Closeups(_network(artifact, file, provider, threads), card.closeup_size)


def load_network(artifact: Artifact, *, provider: str = "cpu", threads: int = 0) -> Network:
    """The marks net alone; see `load_finder`."""
    return _network(artifact, "model.onnx", provider, threads)


def _network(artifact: Artifact, name: str, provider: str, threads: int) -> Network:
    session = OnnxModel(artifact.path(name), provider=provider, threads=threads, arena=True)

    def run(images: FloatArray) -> tuple[FloatArray, FloatArray]:
        first, second = session.run(images)
        return first, second

    return run


def _only(labels: Collection[str], logits: FloatArray) -> FloatArray:
    """Logits ``(A, K)`` as if no other classes were supposed."""
    return np.where([label in labels for label in LABELS], logits, np.float32(-np.inf))


def _places(logits: FloatArray, corners: FloatArray, labels: Set[str]) -> list[Quad]:
    """One quad ``(4, 2)`` for each place where any mark is supposed, if it may be one of the given.

    In pixels of the net's input.
    """
    score = _any_of(logits, CLOSEUP_LABELS)
    cells = np.flatnonzero(score > SUPPOSED)
    cells = cells[np.argsort(-score[cells], kind="stable")]
    given = [label for label in CLOSEUP_LABELS if label in labels]
    own = _any_of(logits[cells], given)
    perhaps = np.flatnonzero(own > _PERHAPS)[:_MOST_CELLS]
    own, quads = own[perhaps], corners[cells[perhaps]].reshape(-1, 4, 2)
    large = np.ptp(quads, axis=1).min(axis=1) > 1
    own, quads = own[large], quads[large]
    near = _near(quads, _SAME_PLACE)
    places = np.array(_first_of_each(near), np.int64)
    # What is supposed at a place belongs to the first one near it; the surest may be another mark than those
    # looked for.
    likely = np.zeros(len(places))
    if len(places):
        np.maximum.at(likely, near[places].argmax(axis=0), own)
    order = np.argsort(-likely, kind="stable")
    least = _UNLIKELY_LOOKS * len(given)
    return [quads[places[i]] for n, i in enumerate(order[:MOST_LOOKS]) if n < least or likely[i] > SUPPOSED]


def _any_of(logits: FloatArray, labels: Sequence[str]) -> npt.NDArray[np.float64]:
    """Score ``(A,)`` of being any of them: a 9 or a 9A is as likely a mark as both together."""
    chosen = logits[:, [LABELS.index(label) for label in labels]].astype(np.float64)
    return np.asarray(-np.expm1(-np.logaddexp(0, chosen).sum(axis=1)))


def _near(quads: FloatArray, least: float) -> npt.NDArray[np.bool_]:
    """Which quads ``(N, 4, 2)`` overlap more than ``least``, box by box: ``(N, N)``."""
    return overlapping(quads.min(axis=1), quads.max(axis=1), least)


def _first_of_each(near: npt.NDArray[np.bool_]) -> list[int]:
    """Which are near none of those before them that were taken; ``near (N, N)``."""
    kept: list[int] = []
    for i in range(len(near)):
        if not near[i, kept].any():
            kept.append(i)
    return kept


def _judge(sizes: Sizes, places: Sequence[Quad], closeups: Closeups, pre: Preprocessing) -> list[Detection]:
    """Look twice: at the supposed frame, then at the upright frame of the corners that were found."""
    if not places:
        return []
    size = closeups.size
    frames = [Frame.around(quad, ROOM) for quad in places]
    pictures = [sizes.cut(frame, size) for frame in frames]
    first, quads, _ = _look(pictures, frames, places, closeups, pre)
    again = _worth(first, quads)
    if not len(again):
        return []
    best = first[again, :_NOTHING].argmax(axis=1)
    frames = [
        Frame.upright(quads[i], CLOSEUP_LABELS[label] in DIAMONDS, _CLOSER)
        for i, label in zip(again, best, strict=True)
    ]
    pictures = [sizes.cut_finely(frame, size) for frame in frames]
    second, quads, sure = _look(pictures, frames, [quads[i] for i in again], closeups, pre)
    told = []
    for row, quad, certain in zip((first[again] + second) / 2, quads, sure, strict=True):
        label = int(row[:_NOTHING].argmax())
        logit = float(row[label] - np.logaddexp.reduce(np.delete(row, label)))
        logit += _DOUBT * float(np.log(max(certain, 1e-3)))
        if is_clockwise(quad) and logit >= _LEAST_LOGIT:
            told.append(Detection(LABELS.index(CLOSEUP_LABELS[label]), logit, quad))
    return sorted(told, key=lambda d: -d.logit)


def _worth(first: npt.NDArray[np.float64], quads: Sequence[Quad]) -> npt.NDArray[np.int64]:
    """Which places to look at again: not what is surely nothing, and each mark that was found only once."""
    likely = np.flatnonzero(first[:, _NOTHING] < np.log(_DISMISSED))
    likely = likely[np.argsort(first[likely, _NOTHING], kind="stable")]
    corners = np.array([quads[i] for i in likely], np.float32).reshape(-1, 4, 2)
    return likely[_first_of_each(_near(corners, _ONE_MARK))]


def _apart(found: Sequence[Detection]) -> list[Detection]:
    """The findings, best first, without those that lie on a better one of the same or a rival class."""
    kept: list[Detection] = []
    for one in found:
        rivals = [other for other in kept if rivals_of(other.index) == rivals_of(one.index)]
        if not any(quad_cover(one.quad, other.quad) > _COVERED for other in rivals):
            kept.append(one)
    return kept


def _look(
    pictures: Sequence[ImageArray],
    frames: Sequence[Frame],
    quads: Sequence[Quad],
    closeups: Closeups,
    pre: Preprocessing,
) -> tuple[npt.NDArray[np.float64], list[Quad], npt.NDArray[np.float32]]:
    """What the pictures show.

    Returns:
        Log probabilities ``(N, C)`` of the classes, the corners, as given where they are unsure, and how sure
        the least sure corner is ``(N,)``, 0..1.
    """
    logits, heat = closeups.network(np.concatenate([normalise(picture, pre) for picture in pictures]))
    corners, sure = corner_pixels(heat, closeups.size)
    told = []
    for frame, given, found, certain in zip(frames, quads, corners, sure, strict=True):
        quad = to_photo(found, frame, closeups.size)
        told.append(quad if certain.min() >= SURE and is_clockwise(quad) else given)
    values = logits.astype(np.float64)
    return values - np.logaddexp.reduce(values, axis=1, keepdims=True), told, sure.min(axis=1)


def _judge_faces(
    sizes: Sizes, supposed: Sequence[Detection], net: Closeups, pre: Preprocessing
) -> list[Detection]:
    """Carton faces, looked at twice if likely, the second time in the frame of the corners that were found.

    Both nets judge them: what a face belongs to is seen better on the whole photo. A face is large, so the
    reduced photo, or what the marks net is fed, shows enough of it.
    """
    faces, rest = supposed[:MOST_FACES], supposed[MOST_FACES:]
    if not faces:
        return []
    first, quads = _look_at_faces(sizes, [face.quad for face in faces], ROOM, net, pre)
    logits = (np.array([face.logit for face in faces]) + first) / 2
    best = np.array([i for i in np.argsort(-logits, kind="stable") if is_clockwise(quads[i])], np.int64)
    best = best[without_doubles(np.array(quads, np.float32)[best], _ONE_FACE)]
    again = best[logits[best] > _LIKELY_FACE][:_FACES_AGAIN]
    if len(again):
        second, closer = _look_at_faces(sizes, [quads[i] for i in again], _CLOSER, net, pre)
        logits[again] += (second - first[again]) / 4  # the mean of both looks weighs as much as the marks net
        for i, quad in zip(again, closer, strict=True):
            quads[i] = quad
    found = [Detection(_CARTON, float(logits[i]), quads[i]) for i in best if is_clockwise(quads[i])]
    found = [face for face in found if face.logit >= _LEAST_LOGIT]
    return suppress(sorted([*found, *rest], key=lambda d: -d.logit), _SAME_FACE)


def _look_at_faces(
    sizes: Sizes, quads: Sequence[Quad], room: float, net: Closeups, pre: Preprocessing
) -> tuple[npt.NDArray[np.float64], list[Quad]]:
    """Logits ``(N,)`` of being the face of a carton, and its corners; see `_look`."""
    frames = [Frame.level(quad, room) for quad in quads]
    told, found, _ = _look([sizes.cut(frame, net.size) for frame in frames], frames, quads, net, pre)
    return told[:, 0] - told[:, 1], found
