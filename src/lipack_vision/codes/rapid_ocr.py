"""Read printed text with RapidOCR, whose PP-OCR networks come inside the ``rapidocr`` package.

An optional extra, for scripts that our own nets do not know, and the peer that they are measured beside.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lipack_vision.codes.text import TextLine
from lipack_vision.errors import MissingExtraError
from lipack_vision.types import ImageArray, Quad, as_quad

_UPRIGHT = 1.5
"""Height of a box as a multiple of its width from which RapidOCR turns it by a quarter."""


class RapidOcrEngine:
    """RapidOCR behind the protocol `TextEngine`; safe to call from several threads, which take turns.

    Args:
        threads: threads inside one run of a net; 0 means all cores.
        least_confidence: lines with a lower mean confidence are dropped.

    Its nets are loaded at the first use. Its probabilities are raw, so nothing that it read is released.
    """

    def __init__(self, *, threads: int = 0, least_confidence: float = 0.4) -> None:
        self.threads, self.least_confidence = threads, least_confidence
        self._lock = threading.Lock()
        self._engine: Any = None

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        """Every line of text, from the top of the picture down.

        Args:
            image: RGB ``uint8 (H, W, 3)``.

        Returns:
            Lines with quads in pixels of ``image``. Print that stands on its head is read, but its quad
            begins at the wrong end.

        Raises:
            MissingExtraError: rapidocr is not installed.
        """
        with self._lock:
            engine = self._load()
            bgr = np.ascontiguousarray(image[..., ::-1])
            found = engine(bgr, return_word_box=True, return_single_char_box=True)
        if found.boxes is None:
            return []
        lines = [
            TextLine(text, float(score), _as_read(box), confidences=_confidences(text, signs))
            for box, text, score, signs in zip(
                found.boxes, found.txts, found.scores, found.word_results, strict=True
            )
            if text.strip()
        ]
        return sorted(lines, key=lambda line: (float(line.quad[:, 1].mean()), float(line.quad[0, 0])))

    def _load(self) -> Any:
        if self._engine is None:
            try:
                from rapidocr import RapidOCR
            except ImportError as error:
                raise MissingExtraError(
                    "text reading",
                    expected="package rapidocr, which carries the networks",
                    found="it is not installed",
                    cure="Run: pip install 'lipack-vision[rapidocr]'",
                ) from error
            self._engine = RapidOCR(
                params={
                    "Global.log_level": "error",
                    "Global.text_score": self.least_confidence,
                    "EngineConfig.onnxruntime.intra_op_num_threads": self.threads or -1,
                }
            )
        return self._engine


def _as_read(box: npt.NDArray[np.float32]) -> Quad:
    """The corners from the first letter on; RapidOCR reads boxes that stand upright from the top down."""
    width = max(np.linalg.norm(box[1] - box[0]), np.linalg.norm(box[2] - box[3]))
    height = max(np.linalg.norm(box[3] - box[0]), np.linalg.norm(box[2] - box[1]))
    return as_quad(np.roll(box, -1, axis=0) if height >= _UPRIGHT * width else box)


def _confidences(text: str, signs: Sequence[tuple[str, float, Any]]) -> tuple[float, ...]:
    """Confidence of each character; RapidOCR tells none for blanks."""
    told = iter(signs)
    values = tuple(1.0 if sign.isspace() else float(next(told, ("", -1.0))[1]) for sign in text)
    return () if min(values) < 0 else values
