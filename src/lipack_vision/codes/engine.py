"""Read printed text with the PP-OCR networks that come inside the ``rapidocr`` package.

Only its two ONNX files are used, through this package's own runtime: nothing is downloaded, no font is
drawn, and every character keeps its own confidence. The finder is a differentiable-binarisation (DB) net,
the reader a CTC net over lines 48 pixels high.
"""

from __future__ import annotations

import importlib.util
import threading
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lipack_vision.codes.calibration import ReaderCalibration, calibration_for
from lipack_vision.codes.text import TextLine
from lipack_vision.errors import ArtifactError, LipackError, MissingExtraError
from lipack_vision.geometry import rectify
from lipack_vision.runtime import OnnxModel
from lipack_vision.types import ImageArray, Quad, as_quad

_LINE_HEIGHT = 48
_SHORTEST_LINE = 320
_LONGEST_LINE = 3200
# As the nets were trained and are run by their makers (PaddleOCR's DBPostProcess).
_INK, _BOX_SCORE, _GROW = 0.3, 0.5, 1.6
_MOST_LINES = 300


class PpOcrEngine:
    """The PP-OCR text finder and reader; safe to call from several threads.

    Args:
        threads: threads inside one run of a net; 0 means all cores.
        provider: ONNX Runtime provider: ``cpu``, ``cuda``, ``openvino``, ...
        longest_side: photos are shrunk to this before lines are looked for. They are read at full size.
        shortest_side: smaller pictures are enlarged, at most twice, before lines are looked for.
        least_confidence: lines with a lower mean confidence are dropped.
        models: folder with the two ONNX files; by default rapidocr's own.
        calibrated: whether probabilities are calibrated where the shipped calibration was fitted for these
            very files; with other files they are raw either way.

    Nets are loaded at the first use.
    """

    def __init__(
        self,
        *,
        threads: int = 0,
        provider: str = "cpu",
        longest_side: int = 1280,
        shortest_side: int = 736,
        least_confidence: float = 0.4,
        models: Path | None = None,
        calibrated: bool = True,
    ) -> None:
        self.threads, self.provider = threads, provider
        self.longest_side, self.shortest_side = longest_side, shortest_side
        self.least_confidence = least_confidence
        self._models, self._calibrated = models, calibrated
        self._lock = threading.Lock()
        self._nets: tuple[OnnxModel, _LineNet] | None = None

    @cached_property
    def calibration(self) -> ReaderCalibration | None:
        """What this engine's probabilities are worth; None where that is not known."""
        if not self._calibrated:
            return None
        try:
            return calibration_for(self.files())
        except (LipackError, OSError):
            # Without its files the engine reads nothing, and says so when it is asked to.
            return None

    def read_lines(self, image: ImageArray) -> list[TextLine]:
        """Every line of text, from the top of the picture down.

        Args:
            image: RGB ``uint8 (H, W, 3)``.

        Returns:
            Lines with quads in pixels of ``image``.

        Raises:
            MissingExtraError: rapidocr is not installed.
            ArtifactError: its files are not there or cannot be loaded.
        """
        finder, reader = self._load()
        lines = []
        for quad in self._find(finder, image):
            text, confidences = reader.read(rectify(image, quad))
            mean = float(np.mean(confidences)) if confidences else 0.0
            if text.strip() and mean >= self.least_confidence:
                line = TextLine(text, mean, quad, confidences=tuple(confidences))
                lines.append(self.calibration.of_line(line) if self.calibration else line)
        return sorted(lines, key=lambda line: (float(line.quad[:, 1].mean()), float(line.quad[0, 0])))

    def _load(self) -> tuple[OnnxModel, _LineNet]:
        with self._lock:
            if self._nets is None:
                found, read = self.files()
                finder = OnnxModel(found, provider=self.provider, threads=self.threads)
                self._nets = finder, _LineNet(read, provider=self.provider, threads=self.threads)
            return self._nets

    def files(self) -> tuple[Path, Path]:
        """The ONNX files of the finder and the reader."""
        folder = self._models or _rapidocr_models()
        return _only(folder, "*_det_*.onnx"), _only(folder, "*_rec_*.onnx")

    def _find(self, net: OnnxModel, image: ImageArray) -> list[Quad]:
        height, width = image.shape[:2]
        scale = min(self.longest_side / max(height, width), 1.0)
        if min(height, width) < self.shortest_side:
            wanted = min(2.0, self.shortest_side / min(height, width))
            scale = min(wanted, self.longest_side / max(height, width))
        size = tuple(max(32, round(side * scale / 32) * 32) for side in (width, height))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        (ink,) = net.run(_to_input(np.asarray(small, dtype=np.uint8)))
        boxes = _boxes(np.asarray(ink[0, 0], dtype=np.float32))
        return [_reading_quad(box * (width / size[0], height / size[1])) for box in boxes]


class _LineNet(OnnxModel):
    """The CTC reader; its alphabet lies in the ONNX file."""

    def __init__(self, path: Path, *, provider: str, threads: int) -> None:
        super().__init__(path, provider=provider, threads=threads)
        alphabet = self.metadata.get("character")
        if not alphabet:
            raise ArtifactError(
                str(path),
                expected="a text reader with its alphabet in the metadata",
                found="no metadata 'character'",
                cure="Install rapidocr again.",
            )
        # Index 0 is CTC's blank; the space comes last and is not in the list.
        self._alphabet = ["", *alphabet.splitlines(), " "]

    def read(self, line: ImageArray) -> tuple[str, list[float]]:
        """Text of one upright line and the confidence of each character."""
        height, width = line.shape[:2]
        wide = int(np.clip(np.ceil(width * _LINE_HEIGHT / height), 8, _LONGEST_LINE))
        shrinks = height > _LINE_HEIGHT
        resized = cv2.resize(
            line, (wide, _LINE_HEIGHT), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        )
        blob = np.zeros((1, 3, _LINE_HEIGHT, max(wide, _SHORTEST_LINE)), dtype=np.float32)
        blob[..., :wide] = _to_input(np.asarray(resized, dtype=np.uint8))
        (steps,) = self.run(blob)
        best = steps[0].argmax(axis=1)
        fresh = np.r_[True, best[1:] != best[:-1]] & (best != 0)
        text = "".join(self._alphabet[index] for index in best[fresh])
        confidences = steps[0].max(axis=1)[fresh]
        return text, [float(value) for value in confidences]


def _rapidocr_models() -> Path:
    # find_spec runs none of the package's code, which would load much that is not used here.
    spec = importlib.util.find_spec("rapidocr")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        return Path(folder) / "models"
    raise MissingExtraError(
        "text reading",
        expected="package rapidocr, which carries the networks",
        found="it is not installed",
        cure="Run: pip install 'rapidocr>=3.8,<4'",
    )


def _only(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ArtifactError(
            str(folder),
            expected=f"one file {pattern}",
            found=", ".join(path.name for path in found) or "none",
            cure="Install rapidocr again, or pass models= with a folder that holds one of each.",
        )
    return found[0]


def _to_input(image: ImageArray) -> npt.NDArray[np.float32]:
    """RGB ``(H, W, 3)`` to the nets' BGR ``(1, 3, H, W)`` in -1..1."""
    return np.ascontiguousarray((image[..., ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None])


def _boxes(ink: npt.NDArray[np.float32]) -> list[npt.NDArray[np.float32]]:
    """Rotated boxes ``(4, 2)`` around connected ink, grown to the letters' outline as DB prescribes."""
    mask = cv2.dilate((ink > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < 3:
            continue
        corners = np.asarray(cv2.boxPoints((centre, (width, height), angle)), dtype=np.float32)
        if _mean_inside(ink, corners) < _BOX_SCORE:
            continue
        grow = 2 * _GROW * width * height / (2 * (width + height))
        boxes.append(cv2.boxPoints((centre, (width + grow, height + grow), angle)).astype(np.float32))
    return boxes[:_MOST_LINES]


def _mean_inside(ink: npt.NDArray[np.float32], corners: npt.NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(np.floor(corners).astype(np.int32))
    x0, y0 = max(x, 0), max(y, 0)
    part = ink[y0 : y + height, x0 : x + width]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (x0, y0)).astype(np.int32)], (1,))
    return float(part[inside > 0].mean()) if inside.any() else 0.0


def _reading_quad(box: npt.NDArray[np.float32]) -> Quad:
    """Order a box's corners so that the text runs along its long side, to the right or else downwards."""
    along, across = box[1] - box[0], box[2] - box[1]
    long, wide = float(np.hypot(*along)), float(np.hypot(*across))
    squarish = max(long, wide) < 1.5 * min(long, wide)
    lies = abs(along[0]) >= abs(along[1])
    if (squarish and not lies) or (not squarish and wide > long):
        along = across
    length = max(float(np.hypot(*along)), 1e-6)
    along = along / length
    steep = abs(along[0]) < 0.17
    if (along[1] if steep else along[0]) < 0:
        along = -along
    down = np.array([-along[1], along[0]])
    centre = box.mean(axis=0)
    reach = (box - centre) @ np.stack([along, down], axis=1)
    half_along, half_down = np.abs(reach).max(axis=0)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return as_quad([centre + a * half_along * along + d * half_down * down for a, d in signs])
