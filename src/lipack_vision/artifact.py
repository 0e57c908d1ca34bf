"""One shipped model: a folder with its files and ``card.json``, which says what they are and proves it."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lipack_vision.errors import ArtifactError

SCHEMA_VERSION = 1
CARD_NAME = "card.json"
WEIGHTS_FOLDER = Path(__file__).parent / "weights"

_BEYOND = 0.001
"""Share of what is left to 0 or 1 that probabilities beyond the ends of a calibration are told in."""
_Probability = Annotated[float, Field(ge=0.0, le=1.0)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Preprocessing(_Strict):
    """How a photo becomes the net's input; read by training, evaluation and use alike.

    Attributes:
        width, height: of the net's input in pixels, at most.
        mean, std: per channel, of pixel values 0..1.
        pad: grey value beside the photo.
        fixed: the input always has the full size; else it ends with the photo, at a multiple of 32 pixels.
    """

    width: int = Field(gt=0, multiple_of=32)
    height: int = Field(gt=0, multiple_of=32)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    pad: int = Field(default=114, ge=0, le=255)
    fixed: bool = True


class Calibration(_Strict):
    """Platt scaling of one class: ``sigmoid(a * logit + b)``, kept about between ``least`` and ``most``.

    Beyond these ends probabilities go on rising with the logit, but only by a thousandth: hardly more is told
    than the findings support, and of two findings the surer one still comes first.

    Attributes:
        positives, negatives: right and wrong findings that it was fitted on.
        most: the highest probability that those findings can support.
        least: the lowest one; it matters where a low probability speaks for a release.
    """

    a: float = Field(gt=0, allow_inf_nan=False)
    b: float = Field(allow_inf_nan=False)
    positives: int = Field(ge=0)
    negatives: int = Field(ge=0)
    most: float = Field(default=1.0, gt=0.0, le=1.0)
    least: float = Field(default=0.0, ge=0.0, lt=1.0)

    def probability(self, logit: float) -> float:
        """The calibrated probability, 0..1, of a finding with this raw logit."""
        # Beyond 500 the exponential overflows; the answer has been 0 or 1 for long.
        x = min(max(self.a * logit + self.b, -500.0), 500.0)
        told = 1 / (1 + math.exp(-x))
        # Not min() and max(): a logit that is not a number must not come out as a probability.
        if told > self.most:
            return self.most + _BEYOND * (told - self.most)
        return self.least - _BEYOND * (self.least - told) if told < self.least else told


class Metric(_Strict):
    """One measured figure and the data it was measured on."""

    name: str
    value: float
    data: str


class Card(_Strict):
    """What an artifact is, how to use it, and where it came from.

    Attributes:
        preprocessing: how its own net is fed.
        closeup_size: side in pixels of the pictures that its close-up net takes, or None without one.
        closeup_look: how these pictures are cut and its corners are told; see `labels.closeup.LOOK`.
        alphabet: the signs that its line reader tells, in order, after CTC's blank; None without a reader.
        opset: of its ONNX files.
        files: name -> SHA-256 of each file beside the card.
    """

    schema_version: int = SCHEMA_VERSION
    name: str
    task: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    closeup_size: int | None = Field(default=None, gt=0, multiple_of=16)
    closeup_look: int = 1
    alphabet: str | None = None
    calibration: dict[str, Calibration] = {}
    operating_points: dict[str, dict[str, _Probability]] = {}
    metrics: tuple[Metric, ...] = ()
    training: dict[str, Any]
    git_commit: str
    licences: dict[str, str]
    opset: int
    files: dict[str, _Sha256]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A folder whose files were checked against its card."""

    folder: Path
    card: Card

    def path(self, name: str) -> Path:
        """Path of one file of the artifact.

        Raises:
            ArtifactError: the card lists no such file.
        """
        if name not in self.card.files:
            raise ArtifactError(
                str(self.folder),
                expected=f"a file {name}",
                found=", ".join(sorted(self.card.files)),
                cure="Export the model again.",
            )
        return self.folder / name

    def rewritten(self, folder: str | os.PathLike[str], changes: Mapping[str, Any]) -> Artifact:
        """A copy in ``folder``, which may be its own: the same files, and a card with other fields."""
        kept = type(self.card).model_fields.keys() - {"schema_version", "files"}
        fields = {name: getattr(self.card, name) for name in kept} | dict(changes)
        return write_artifact(folder, fields, {name: self.path(name) for name in self.card.files})

    @property
    def version(self) -> str:
        """Short name of exactly this model: from the SHA-256 of its card, which holds those of its files."""
        return sha256(self.folder / CARD_NAME)[:12]


def load_artifact(folder: str | os.PathLike[str]) -> Artifact:
    """Read the card and verify every file that it lists.

    Args:
        folder: the artifact's folder, or the name of a shipped one such as ``"marks"``.
    Raises:
        ArtifactError: no card, a card of another schema, or a missing or altered file.
    """
    place = Path(folder)
    if not place.exists() and place == Path(place.name):
        place = WEIGHTS_FOLDER / place
    card = _read_card(place / CARD_NAME)
    for name, digest in card.files.items():
        _verify(place / name, digest)
    return Artifact(place, card)


def artifact_for(
    task: str, classes: Sequence[str] | None, artifact: str | os.PathLike[str] | Artifact
) -> Artifact:
    """An artifact that must be one for a task, loaded if it is a folder or a name.

    Args:
        task: that its nets were trained for.
        classes: that its outputs must have; None: any.
        artifact: as for `load_artifact`, or one that was loaded.
    Raises:
        ArtifactError: it cannot be loaded, or is one for something else.
    """
    loaded = artifact if isinstance(artifact, Artifact) else load_artifact(artifact)
    card = loaded.card
    if card.task == task and (classes is None or card.classes == tuple(classes)):
        return loaded
    kind = f"{'an' if task[0] in 'aeiou' else 'a'} {task} artifact"
    raise ArtifactError(
        str(loaded.folder),
        expected=kind if classes is None else f"{kind} with the classes {', '.join(classes)}",
        found=f"task {card.task} with {', '.join(card.classes) or 'no classes'}",
        cure=f"Name a folder written by `python -m training.train experiment={task}`.",
    )


def operating_point(card: Card, point: str) -> Mapping[str, float]:
    """Thresholds per class at one of a card's operating points.

    Raises:
        ArtifactError: the card has no such point.
    """
    if point in card.operating_points:
        return card.operating_points[point]
    raise ArtifactError(
        f"card of {card.name}",
        expected=f"one of the operating points {', '.join(sorted(card.operating_points)) or '(none)'}",
        found=point,
        cure="Choose one of them, or pass threshold=.",
    )


def shipped_artifacts() -> list[Path]:
    """Folders of the models that came with this installation."""
    return sorted(path.parent for path in WEIGHTS_FOLDER.glob(f"*/{CARD_NAME}"))


def write_artifact(
    folder: str | os.PathLike[str], fields: Mapping[str, Any], files: Mapping[str, Path]
) -> Artifact:
    """Write files and card as one step: the folder is either the old one or wholly the new one.

    Args:
        folder: where the artifact shall be.
        fields: all fields of `Card` but ``files`` and ``schema_version``.
        files: name in the artifact -> file to copy.
    """
    place = Path(folder)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as scratch:
        fresh = Path(scratch) / place.name
        fresh.mkdir()
        for name, source in files.items():
            shutil.copyfile(source, fresh / name)
        digests = {name: sha256(fresh / name) for name in files}
        card = Card(**fields, files=digests)
        text = json.dumps(card.model_dump(mode="json"), indent=2, ensure_ascii=False)
        (fresh / CARD_NAME).write_text(text + "\n", encoding="utf-8")
        if place.exists():
            place.rename(Path(scratch) / "replaced")
        fresh.rename(place)
    return load_artifact(place)


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_card(path: Path) -> Card:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = data.get("schema_version")
        if found != SCHEMA_VERSION:
            raise ArtifactError(
                str(path),
                expected=f"schema version {SCHEMA_VERSION}",
                found=str(found),
                cure="Use the release of lipack-vision that wrote it, or export the model again.",
            )
        return Card(**data)
    except FileNotFoundError as error:
        raise ArtifactError(
            str(path),
            expected="the card of a model artifact",
            found="no such file",
            cure="Name a folder that training wrote, or a shipped model such as marks.",
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise ArtifactError(
            str(path), expected="JSON", found=str(error), cure="Install or export the model again."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ArtifactError(
            f"{path}: {'.'.join(map(str, first['loc']))}",
            expected=first["msg"],
            found=repr(first["input"]),
            cure="Install or export the model again; cards are not written by hand.",
        ) from error


def _verify(path: Path, digest: str) -> None:
    if not path.is_file():
        raise ArtifactError(
            str(path),
            expected="the file that the card lists",
            found="no such file",
            cure="Install the package again.",
        )
    found = sha256(path)
    if found != digest:
        raise ArtifactError(
            str(path),
            expected=f"SHA-256 {digest}",
            found=found,
            cure="The file was altered after the card was written; install or export it again.",
        )
