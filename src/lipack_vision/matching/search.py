"""Which references of a library lie nearest to a photo. Their vectors are read once, not at each query."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lipack_vision.errors import ConfigError
from lipack_vision.matching.index import ExactIndex, Index

Floats = npt.NDArray[np.float32]
Among = str | Iterable[str] | None
_MOST_KEPT = 4
"""Choices of references whose vectors are kept."""


class StoredVectors(Protocol):
    """Vectors as `lipack_vision.library.Vectors` gives them."""

    @property
    def reference_ids(self) -> tuple[str, ...]:
        """Of each row."""
        ...

    @property
    def photo_sha256(self) -> tuple[str, ...]:
        """Of each row."""
        ...

    @property
    def matrix(self) -> Floats:
        """Unit rows ``float32 (N, D)``."""
        ...

    @property
    def version(self) -> str:
        """Of the encoder that made them."""
        ...


class StoredReference(Protocol):
    """A reference as `lipack_vision.library.Reference` is one."""

    @property
    def photos(self) -> tuple[str, ...]:
        """SHA-256 of each of its photos."""
        ...

    @property
    def un_code(self) -> str | None:
        """Its UN packaging mark."""
        ...


class Library(Protocol):
    """Anything that holds references, such as `lipack_vision.library.QualifiedLibrary`."""

    @property
    def revision(self) -> int:
        """A number that changes with every change of the library."""
        ...

    def vectors(
        self, among: str | Iterable[str] | None = None, on: date | str | None = None
    ) -> StoredVectors:
        """The vectors of references that are valid on a day."""
        ...

    def get(self, reference_id: str) -> StoredReference:
        """The reference with this id."""
        ...

    def photo(self, sha256: str) -> bytes:
        """The file of one photo."""
        ...


@dataclass(frozen=True, slots=True)
class Near:
    """A reference near to a photo: its id, the SHA-256 of its nearest photo, and their cosine."""

    reference_id: str
    photo: str
    cosine: float


class Search:
    """Finds the nearest valid references. For several threads.

    Args:
        library: where they are.
        version: of the encoder that makes the queries' vectors.
        index: makes an index of unit rows; by default exact search.
    """

    def __init__(self, library: Library, version: str, index: Callable[[Floats], Index] = ExactIndex) -> None:
        self._library, self._version, self._index = library, version, index
        self._kept: dict[tuple[object, ...], tuple[StoredVectors, Index]] = {}
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def nearest(self, vector: Floats, among: Among, top: int) -> list[Near]:
        """The nearest references of a unit vector ``(D,)``, the nearest first; empty where none is valid.

        Raises:
            ConfigError: the library's vectors are of another encoder.
            LibraryError: the library cannot be read.
        """
        stored, index = self._vectors(among)
        rows = len(stored.reference_ids)
        number = min(rows, 4 * top)
        while True:
            positions, cosines = index.search(vector[None], number)
            found: dict[str, Near] = {}
            for row, cosine in zip(positions[0].tolist(), cosines[0].tolist(), strict=True):
                name = stored.reference_ids[row]
                found.setdefault(name, Near(name, stored.photo_sha256[row], float(cosine)))
            # A reference with many photos must not push others out.
            if len(found) >= top or number >= rows:
                return list(found.values())[:top]
            number = min(rows, 4 * number)

    def _vectors(self, among: Among) -> tuple[StoredVectors, Index]:
        choice = among if among is None or isinstance(among, str) else tuple(sorted(set(among)))
        today = date.today()
        key = (choice, today, self._library.revision)
        made = self._known(key)
        if made is not None:
            return made
        with self._loading:
            # Another thread may have loaded them meanwhile.
            made = self._known(key)
            return self._load(choice, today, key) if made is None else made

    def _known(self, key: tuple[object, ...]) -> tuple[StoredVectors, Index] | None:
        with self._lock:
            return self._kept.get(key)

    def _load(self, choice: Among, today: date, key: tuple[object, ...]) -> tuple[StoredVectors, Index]:
        stored = self._library.vectors(choice, today)
        if stored.version != self._version:
            raise ConfigError(
                "library",
                expected=f"vectors of the matcher's encoder {self._version}",
                found=f"those of {stored.version}",
                cure="Give library and matcher the same artifact and detector.",
            )
        made = stored, self._index(stored.matrix)
        with self._lock:
            # What belongs to an older revision or day is never asked for again.
            self._kept = {old: kept for old, kept in self._kept.items() if old[1:] == key[1:]}
            while len(self._kept) >= _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = made
        return made
