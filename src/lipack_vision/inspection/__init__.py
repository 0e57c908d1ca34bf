"""Judge a package by its photos and its declaration: evidence, findings, decision, report."""

from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.evidence import CheckFailure, PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.inspector import Inspector
from lipack_vision.inspection.policy import SKIPPABLE, ReleasePolicy
from lipack_vision.inspection.result import Inspection

__all__ = [
    "SKIPPABLE",
    "CheckFailure",
    "Declaration",
    "Finding",
    "Inspection",
    "Inspector",
    "PhotoEvidence",
    "ReleasePolicy",
]
