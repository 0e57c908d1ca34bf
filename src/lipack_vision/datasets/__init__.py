"""Annotated photos from COCO, YOLO or Pascal VOC files, examined before they are trained on."""

from lipack_vision.datasets.doctor import Report, Summary, examine
from lipack_vision.datasets.parts import read_parts
from lipack_vision.datasets.raw import Finding
from lipack_vision.datasets.single import read_coco
from lipack_vision.datasets.types import PhotoDataset, Sample, Truth

__all__ = [
    "Finding",
    "PhotoDataset",
    "Report",
    "Sample",
    "Summary",
    "Truth",
    "examine",
    "read_coco",
    "read_parts",
]
