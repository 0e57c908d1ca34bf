"""One photo in up to three sizes, and pictures cut from the one that shows enough."""

from __future__ import annotations

from dataclasses import dataclass

from lipack_vision.image import ReducedPhoto
from lipack_vision.labels.closeup import Frame, cut
from lipack_vision.types import ImageArray

_FINE = 0.6
"""The whole photo is decoded for a second look whose frame on the reduced one is smaller than so many sides
of the picture. Decoding twelve megapixels takes as long as all nets together, and for what is hardly enlarged
it shows no more."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """A photo and what the marks net is fed. Frames are in pixels of the reduced photo.

    Attributes:
        photo: the reduced photo, and the way to the whole one.
        small: what the marks net is fed, RGB ``uint8 (H, W, 3)``, padded beyond the photo's right and lower
            end.
        scale: pixels of ``small`` per pixel of the reduced photo.
    """

    photo: ReducedPhoto
    small: ImageArray
    scale: float

    def cut(self, frame: Frame, size: int) -> ImageArray:
        """The picture ``uint8 (size, size, 3)`` in a frame.

        It is cut from the small picture where the frame has that many pixels there, else from the reduced
        photo: averaging that one down once more would take three times as long.
        """
        if self.scale < 1 and min(frame.width, frame.height) * self.scale >= size:
            return cut(self.small, frame.enlarged(self.scale), size)
        return cut(self.photo.image, frame, size)

    def cut_finely(self, frame: Frame, size: int) -> ImageArray:
        """The same; cut from the whole photo if that shows more."""
        if self.photo.factor == 1 or min(frame.width, frame.height) >= _FINE * size:
            return self.cut(frame, size)
        return cut(self.photo.whole(), frame.enlarged(self.photo.factor), size)
