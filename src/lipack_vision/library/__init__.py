"""The library of qualified packagings (合格库): references, their photos, facts and history, in SQL."""

from lipack_vision.library.library import QualifiedLibrary
from lipack_vision.library.refreshing import Refreshed
from lipack_vision.library.types import EnrolmentError, HistoryEntry, Problem, Reference, Refusal, Vectors

__all__ = [
    "EnrolmentError",
    "HistoryEntry",
    "Problem",
    "QualifiedLibrary",
    "Reference",
    "Refreshed",
    "Refusal",
    "Vectors",
]
