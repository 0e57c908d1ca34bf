"""Look at photos of lithium-battery export packages and say what is true of them.

The public names are loaded on first use, so that importing this package takes milliseconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lipack_vision._version import __version__

if TYPE_CHECKING:
    from lipack_vision.codes import CodeReading, PackagingCodeReader
    from lipack_vision.errors import (
        ArtifactError,
        ConfigError,
        DatasetError,
        DeclarationError,
        ImageError,
        LibraryError,
        LipackError,
        MissingExtraError,
        ShapeError,
    )
    from lipack_vision.inspection import Declaration, Inspection, Inspector, ReleasePolicy
    from lipack_vision.integrity import Integrity, IntegrityDetector
    from lipack_vision.labels import HazardLabelDetector
    from lipack_vision.library import EnrolmentError, QualifiedLibrary
    from lipack_vision.matching import Match, ReferenceMatcher
    from lipack_vision.regulations import PackagingCode, PackagingCodeError, parse_packaging_code
    from lipack_vision.types import LABELS, Mark

_HOME = {
    "ArtifactError": "errors",
    "CodeReading": "codes",
    "ConfigError": "errors",
    "DatasetError": "errors",
    "Declaration": "inspection",
    "DeclarationError": "errors",
    "EnrolmentError": "library",
    "HazardLabelDetector": "labels",
    "ImageError": "errors",
    "Inspection": "inspection",
    "Inspector": "inspection",
    "Integrity": "integrity",
    "IntegrityDetector": "integrity",
    "LABELS": "types",
    "LibraryError": "errors",
    "LipackError": "errors",
    "Mark": "types",
    "Match": "matching",
    "MissingExtraError": "errors",
    "PackagingCode": "regulations",
    "PackagingCodeError": "regulations",
    "PackagingCodeReader": "codes",
    "QualifiedLibrary": "library",
    "ReferenceMatcher": "matching",
    "ReleasePolicy": "inspection",
    "ShapeError": "errors",
    "parse_packaging_code": "regulations",
}

__all__ = [
    "LABELS",
    "ArtifactError",
    "CodeReading",
    "ConfigError",
    "DatasetError",
    "Declaration",
    "DeclarationError",
    "EnrolmentError",
    "HazardLabelDetector",
    "ImageError",
    "Inspection",
    "Inspector",
    "Integrity",
    "IntegrityDetector",
    "LibraryError",
    "LipackError",
    "Mark",
    "Match",
    "MissingExtraError",
    "PackagingCode",
    "PackagingCodeError",
    "PackagingCodeReader",
    "QualifiedLibrary",
    "ReferenceMatcher",
    "ReleasePolicy",
    "ShapeError",
    "__version__",
    "parse_packaging_code",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
