"""Read UN packaging codes and other print from photos."""

from lipack_vision.codes.line_engine import LineEngine
from lipack_vision.codes.rapid_ocr import RapidOcrEngine
from lipack_vision.codes.reader import PackagingCodeReader
from lipack_vision.codes.reading import CodeReading, ReadElement
from lipack_vision.codes.text import TextEngine, TextLine

__all__ = [
    "CodeReading",
    "LineEngine",
    "PackagingCodeReader",
    "RapidOcrEngine",
    "ReadElement",
    "TextEngine",
    "TextLine",
]
