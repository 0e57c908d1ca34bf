"""Cartons' faces with print of their own, and photos of them from aslant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from lipack_vision.types import ImageArray, Mark, Quad, as_quad

FACE = (600, 400)
PHOTO = (600, 470)
STICKER = (150, 105)
STRAIGHT = as_quad([[70, 70], [530, 65], [540, 390], [60, 395]])
ASLANT = as_quad([[110, 50], [520, 105], [490, 410], [90, 360]])


def face(seed: int, colour: tuple[int, int, int] = (190, 150, 105)) -> ImageArray:
    """A carton's face ``(400, 600, 3)`` with patches, words and lines of its own."""
    rng = np.random.default_rng([seed, 5])
    out = np.full((FACE[1], FACE[0], 3), colour, np.uint8)
    for _ in range(7):
        x, y = rng.integers(20, 480), rng.integers(20, 320)
        w, h = rng.integers(40, 120), rng.integers(30, 80)
        ink = tuple(int(v) for v in rng.integers(0, 255, 3))
        cv2.rectangle(out, (int(x), int(y)), (int(x + w), int(y + h)), ink, -1)
    letters = "ABCDEFGHKLMNPRSTUVXYZ0123456789"
    for _ in range(16):
        text = "".join(rng.choice(list(letters), 6))
        place = int(rng.integers(5, 430)), int(rng.integers(30, 390))
        dark = tuple(int(v) for v in rng.integers(0, 90, 3))
        cv2.putText(out, text, place, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.7, 1.4)), dark, 2)
    return out


def label(on: ImageArray, at: tuple[int, int] = (400, 250), side: int = 90) -> ImageArray:
    """The face with a white and red label stuck on it."""
    out = on.copy()
    x, y = at
    cv2.rectangle(out, (x, y), (x + side, y + side), (255, 255, 255), -1)
    cv2.rectangle(out, (x + 10, y + 10), (x + side - 10, y + side - 10), (220, 0, 0), -1)
    return out


def stuck(at: tuple[int, int]) -> ImageArray:
    """A face ``(400, 600, 3)`` with print above, and a sticker somewhere below."""
    whole = np.full((FACE[1], FACE[0], 3), (190, 150, 105), np.uint8)
    whole[:200] = face(1)[:200]
    x, y = at
    whole[y : y + STICKER[1], x : x + STICKER[0]] = cv2.resize(face(9), STICKER, interpolation=cv2.INTER_AREA)
    return whole


def photo(faces: Sequence[tuple[ImageArray, Quad]], light: float = 1.0, grey: int = 90) -> ImageArray:
    """Faces laid into quads on a plain background."""
    out = np.full((PHOTO[1], PHOTO[0], 3), grey, np.uint8)
    for picture, quad in faces:
        height, width = picture.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, np.array(quad, np.float32))
        laid = cv2.warpPerspective(picture, matrix, PHOTO, flags=cv2.INTER_AREA)
        mask = cv2.warpPerspective(np.full(picture.shape[:2], 255, np.uint8), matrix, PHOTO) > 127
        out[mask] = laid[mask]
    return np.clip(out * light, 0, 255).astype(np.uint8)


@dataclass
class KnownFaces:
    """A detector that was told where the faces of each photo lie."""

    faces: dict[bytes, list[Quad]] = field(default_factory=dict)
    probability: float = 0.9

    def tell(self, image: ImageArray, *quads: Quad) -> ImageArray:
        self.faces[image.tobytes()] = list(quads)
        return image

    def detect(self, image: ImageArray) -> list[Mark]:
        quads = self.faces.get(image.tobytes(), [])
        return [Mark("carton", self.probability, quad, calibrated=True) for quad in quads]


class Whole:
    """A detector to which the whole photo is one face of a carton, with corners that it is not sure of."""

    def detect(self, image: ImageArray) -> list[Mark]:
        height, width = image.shape[:2]
        corners = as_quad([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
        return [Mark("carton", 0.4, corners, calibrated=True)]
