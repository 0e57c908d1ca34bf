"""Hazard labels and marks on photos."""

from lipack_vision.labels.detector import HazardLabelDetector

__all__ = ["HazardLabelDetector"]
