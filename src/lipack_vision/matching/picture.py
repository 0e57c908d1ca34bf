"""A photo made ready to be matched: decoded once, its carton found once, its points found once."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from lipack_vision.geometry import is_convex, quad_cover
from lipack_vision.image import ImageSource, read_reduced
from lipack_vision.labels.closeup import Frame
from lipack_vision.matching.features import Features, Floats, PointSet
from lipack_vision.matching.region import enlarged, hull_of, within
from lipack_vision.matching.tilted import tilted_points
from lipack_vision.matching.view import Carton, Detector, faces_frame, find_carton
from lipack_vision.types import ImageArray, Quad

_SIDE = 1200
"""Longer side in pixels, at least, of a photo that has more: faces are then seen at the size compared."""
_BESIDE = 0.1
"""By which part the carton is enlarged when it is asked what lies on it."""
_SAME = 0.5
"""Share of the smaller of two faces from which they are one, found twice."""


@dataclass(eq=False)
class Picture:
    """A photo and what is known of it.

    Attributes:
        image: RGB ``uint8 (H, W, 3)``, perhaps smaller than the photo.
        factor: by which the photo is larger.
        carton: on it, in pixels of ``image``.
    """

    image: ImageArray
    factor: int
    carton: Carton

    @staticmethod
    def of(source: ImageSource, detector: Detector, max_pixels: int) -> Picture:
        """Read a photo and find its carton.

        Raises:
            ImageError: the photo cannot be used.
        """
        reduced = read_reduced(source, _SIDE, max_pixels=max_pixels)
        return Picture(reduced.image, reduced.factor, find_carton(reduced.image, detector))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photo in pixels."""
        height, width = self.image.shape[:2]
        return width * self.factor, height * self.factor

    @property
    def frame(self) -> Frame:
        """The square around the carton, in pixels of ``image``."""
        return faces_frame(self.carton.faces, (self.image.shape[1], self.image.shape[0]))

    @cached_property
    def features(self) -> Features:
        """Its points, found when they are first asked for."""
        return Features.of(self.image, self.faces)

    @cached_property
    def aslant(self) -> list[PointSet]:
        """Its points as it would look from aslant, found when they are first asked for; takes a second."""
        return tilted_points(self.features)

    @property
    def faces(self) -> list[Quad]:
        """The faces ``(4, 2)`` whose corners can be relied on, in pixels of ``image``."""
        return self.carton.sure

    @property
    def outlines(self) -> list[Floats]:
        """What of ``image`` is the carton, as polygons: its faces, else all found of it, else all."""
        if self.carton.sure:
            sure = self.carton.sure
            # What was found less surely is part of the carton all the same.
            rest = [
                face
                for face in self.carton.faces
                if is_convex(face) and all(quad_cover(face, one) < _SAME for one in sure)
            ]
            return [np.asarray(face) for face in (*sure, *rest)]
        if self.carton.faces:
            return [hull_of(np.concatenate(self.carton.faces))]
        height, width = self.image.shape[:2]
        corners = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        return [np.array(corners, np.float32)]

    def on_carton(self, points: Floats) -> npt.NDArray[np.bool_]:
        """Which points ``(N, 2)`` of ``image`` lie on its carton; all, where none was found."""
        if self._hull is None:
            return np.ones(len(points), bool)
        return within(self._hull, points)

    @cached_property
    def _hull(self) -> Floats | None:
        """The outline of the carton, with room for corners that were found badly."""
        faces = self.carton.faces
        return enlarged(hull_of(np.concatenate(faces)), _BESIDE) if faces else None

    def on_photo(self, points: Floats) -> Floats:
        """Points ``(N, 2)`` of ``image`` in pixels of the photo."""
        return np.asarray((points + 0.5) * self.factor - 0.5, np.float32)


class PictureCache:
    """The pictures that were used last, by name; for several threads.

    Args:
        most: how many are kept; each takes some 15 MB.
    """

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._kept: OrderedDict[str, Picture] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], Picture]) -> Picture:
        """The picture of this name, made if it is not there. Two threads may make the same one at once."""
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        made = make()
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


def source_name(source: ImageSource, otherwise: str) -> str:
    """What a photo is called: its path, or else ``otherwise``."""
    return os.fspath(source) if isinstance(source, (str, os.PathLike)) else otherwise
