"""Photos of cartons as unit vectors: the same packaging lies near itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from lipack_vision.artifact import Artifact, artifact_for
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.labels.decode import normalise
from lipack_vision.matching.view import Carton, Detector, faces_frame, find_carton
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray

Floats = npt.NDArray[np.float32]

TASK, CLASSES = "matching", ("identity", "changed")
_BATCH = 16
"""Pictures that go through the net at once; more only take more memory."""


class Encoder(Protocol):
    """Anything that makes unit vectors of photos, such as `SiameseEncoder`.

    Attributes:
        version: of what makes the vectors; those of two versions cannot be compared.
        dimension: length of a vector.
    """

    @property
    def version(self) -> str:
        """Of what makes the vectors; those of two versions cannot be compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, images: Sequence[ImageArray]) -> Floats:
        """Unit rows ``float32 (N, dimension)`` of RGB ``uint8 (H, W, 3)`` photos of cartons."""
        ...


class SiameseEncoder:
    """The matching artifact's net. Safe to call from several threads.

    Args:
        artifact: folder of a matching artifact; by default the shipped one.
        detector: finds cartons; by default the shipped `HazardLabelDetector`.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        threads: threads inside one run; 0 means all cores.

    Raises:
        ArtifactError: the artifact is missing, altered or not one for matching.
    """

    def __init__(
        self,
        artifact: str | os.PathLike[str] | Artifact = TASK,
        *,
        detector: Detector | None = None,
        provider: str = "cpu",
        threads: int = 0,
    ) -> None:
        self.artifact = artifact_for(TASK, CLASSES, artifact)
        self._model = OnnxModel(self.artifact.path("model.onnx"), provider=provider, threads=threads)
        if detector is None:
            from lipack_vision.labels import HazardLabelDetector

            detector = HazardLabelDetector(provider=provider, threads=threads)
        self.detector = detector
        self.size = self.artifact.card.preprocessing.width
        blank = np.zeros((1, self.size, self.size, 3), np.uint8)
        self._dimension = int(self.run(blank)[0].shape[1])

    @property
    def version(self) -> str:
        """Of the artifact, and of the marks artifact, whose cartons decide what is embedded."""
        marks = getattr(getattr(self.detector, "artifact", None), "version", "own")
        return f"{self.artifact.version}-{marks}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def embed(self, images: Sequence[ImageArray]) -> Floats:
        """Unit rows ``float32 (N, dimension)`` of RGB ``uint8 (H, W, 3)`` photos, each cut to its carton."""
        return self.embed_cartons(images, self.find_cartons(images))

    def find_cartons(self, images: Sequence[ImageArray]) -> list[Carton]:
        """The largest carton of each RGB ``uint8 (H, W, 3)`` photo, its quads in pixels of it."""
        return [find_carton(image, self.detector) for image in images]

    def embed_cartons(self, images: Sequence[ImageArray], cartons: Sequence[Carton]) -> Floats:
        """As `embed`, of cartons that are known."""
        sizes = [(image.shape[1], image.shape[0]) for image in images]
        frames = [faces_frame(carton.faces, size) for carton, size in zip(cartons, sizes, strict=True)]
        return self.embed_frames(images, frames)

    def embed_frames(self, images: Sequence[ImageArray], frames: Sequence[Frame]) -> Floats:
        """As `embed`, of squares that are known."""
        rows = []
        for start in range(0, len(images), _BATCH):
            part = slice(start, start + _BATCH)
            squares = [cut(*pair, self.size) for pair in zip(images[part], frames[part], strict=True)]
            rows.append(self.run(np.stack(squares))[0])
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.float32)

    def run(self, pictures: npt.NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Embeddings ``(N, dimension)`` and dense features ``(N, C, H/4, W/4)`` of pictures.

        Args:
            pictures: RGB ``uint8 (N, H, W, 3)``, sides multiples of 16.
        """
        inputs = np.concatenate([normalise(one, self.artifact.card.preprocessing) for one in pictures])
        out = dict(zip(self._model.outputs, self._model.run(inputs), strict=True))
        return np.asarray(out["embedding"], np.float32), np.asarray(out["features"], np.float32)
