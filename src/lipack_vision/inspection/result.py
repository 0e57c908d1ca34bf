"""The answer of an inspection, with everything it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.names import VERDICT_ORDER
from lipack_vision.inspection.policy import ReleasePolicy

SCHEMA_VERSION = 1

Decision = Literal["release", "review"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is true of one package as far as its photos show it.

    Attributes:
        decision: ``release``, or ``review``: a person must look.
        findings: everything that was found out; those with ``blocks`` are the reasons for ``review``.
        photos: the evidence, in the order of the photos.
        declaration: what was declared, or None.
        policy: what was asked of the evidence, and which checks were switched off.
        all_faces: whether the caller vouches that every face of the package was photographed.
        versions: release of this library and of each model that took part.
        created: when, in UTC, ISO 8601.
    """

    decision: Decision
    findings: tuple[Finding, ...]
    photos: tuple[PhotoEvidence, ...]
    declaration: Declaration | None
    policy: ReleasePolicy
    all_faces: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """The findings that ask for a person, what is wrong first; empty for ``release``."""
        blocking = [finding for finding in self.findings if finding.blocks]
        return tuple(sorted(blocking, key=lambda finding: VERDICT_ORDER.index(finding.verdict)))

    @property
    def skipped(self) -> tuple[str, ...]:
        """Checks that the caller switched off by name."""
        return tuple(sorted(self.policy.skip))

    @property
    def id(self) -> str:
        """Its name: the same photos, matches, declaration, policy and versions give the same one."""
        basis = {
            "photos": [[photo.name, photo.sha256] for photo in self.photos],
            # What a photo is compared with stands in a library, which changes.
            "references": [_matched(photo) for photo in self.photos],
            "declaration": None if self.declaration is None else self.declaration.to_dict(),
            "policy": self.policy.to_dict(),
            "all_faces": self.all_faces,
            "versions": dict(self.versions),
        }
        text = json.dumps(basis, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """The inspection as plain JSON values."""
        return {
            "schema_version": SCHEMA_VERSION,
            "inspection": self.id,
            "decision": self.decision,
            "reasons": [finding.message for finding in self.reasons],
            "skipped": list(self.skipped),
            "findings": [finding.to_dict() for finding in self.findings],
            "photos": [photo.to_dict() for photo in self.photos],
            "declaration": None if self.declaration is None else self.declaration.to_dict(),
            "policy": self.policy.to_dict(),
            "all_faces": self.all_faces,
            "versions": dict(self.versions),
            "created": self.created,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Inspection:
        """The inspection that `to_dict` wrote."""
        declared = data["declaration"]
        return cls(
            decision=data["decision"],
            findings=tuple(Finding.from_dict(item) for item in data["findings"]),
            photos=tuple(PhotoEvidence.from_dict(item) for item in data["photos"]),
            declaration=None if declared is None else Declaration.from_dict(declared),
            policy=ReleasePolicy.from_dict(data["policy"]),
            all_faces=data["all_faces"],
            versions=dict(data["versions"]),
            created=data["created"],
        )


def _matched(photo: PhotoEvidence) -> list[Any] | None:
    if photo.reference is None:
        return None
    among, match = photo.reference.among, photo.reference.match
    return [among, match.reference_id, match.probability, match.probability_changed]
