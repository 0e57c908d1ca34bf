"""The condition of cartons: dents, crushed places, tears, holes, wetness, open flaps."""

from lipack_vision.integrity.detector import IntegrityDetector
from lipack_vision.integrity.types import BoxCondition, DamageRegion, Integrity

__all__ = ["BoxCondition", "DamageRegion", "Integrity", "IntegrityDetector"]
