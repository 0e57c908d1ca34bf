"""A library of references in memory, for tests of what only reads one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import cv2
import numpy as np

from lipack_vision.library import Reference, Vectors
from lipack_vision.matching import Encoder
from lipack_vision.types import ImageArray


@dataclass
class MemoryLibrary:
    """References with PNG photos; counts how often its vectors are read."""

    encoder: Encoder
    revision: int = 0
    reads: int = 0

    def __post_init__(self) -> None:
        self.references: dict[str, Reference] = {}
        self.files: dict[str, bytes] = {}
        self.rows: dict[str, np.ndarray] = {}

    def add(self, name: str, images: Sequence[ImageArray], **facts: object) -> None:
        names = []
        for number, image in enumerate(images):
            key = f"{name}-{number}".ljust(64, "0")
            self.files[key] = cv2.imencode(".png", image[..., ::-1])[1].tobytes()
            self.rows[key] = self.encoder.embed([image])[0]
            names.append(key)
        self.references[name] = Reference(name, photos=tuple(names), **facts)  # type: ignore[arg-type]
        self.revision += 1

    def vectors(self, among: str | Iterable[str] | None = None, on: date | str | None = None) -> Vectors:
        self.reads += 1
        assert isinstance(on, date)
        chosen = [
            one
            for one in self.references.values()
            if one.valid_on(on)
            and (
                among is None
                or (one.packaging_type == among if isinstance(among, str) else one.reference_id in among)
            )
        ]
        photos = [(one.reference_id, photo) for one in chosen for photo in one.photos]
        matrix = np.array([self.rows[photo] for _, photo in photos], np.float32)
        names, keys = tuple(name for name, _ in photos), tuple(photo for _, photo in photos)
        return Vectors(
            names,
            keys,
            matrix.reshape(len(photos), self.encoder.dimension),
            self.encoder.version,
            self.revision,
        )

    def get(self, reference_id: str) -> Reference:
        return self.references[reference_id]

    def photo(self, sha256: str) -> bytes:
        return self.files[sha256]
