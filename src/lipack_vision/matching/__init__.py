"""Is it the packaging that was qualified, and what changed?"""

from lipack_vision.matching.encoder import Encoder, SiameseEncoder
from lipack_vision.matching.matcher import ReferenceMatcher
from lipack_vision.matching.types import Candidate, Change, FacePair, HiddenPlace, Match, ReferenceFace

__all__ = [
    "Candidate",
    "Change",
    "Encoder",
    "FacePair",
    "HiddenPlace",
    "Match",
    "ReferenceFace",
    "ReferenceMatcher",
    "SiameseEncoder",
]
