"""From photos of a package to ``release`` or ``review``. Fails closed: no error ever releases a package."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from lipack_vision._version import __version__
from lipack_vision.codes import TextEngine
from lipack_vision.errors import ConfigError
from lipack_vision.image import MAX_PIXELS, ImageSource, find_photos
from lipack_vision.inspection import checks, proof
from lipack_vision.inspection.case import Case
from lipack_vision.inspection.condition import box_condition
from lipack_vision.inspection.declaration import Declaration
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.finding import Finding
from lipack_vision.inspection.forms import label_forms
from lipack_vision.inspection.look import Assessor, Detector, Looker, Matcher, Reader
from lipack_vision.inspection.policy import ReleasePolicy
from lipack_vision.inspection.reference import qualified_packaging
from lipack_vision.inspection.result import Decision, Inspection
from lipack_vision.inspection.rules import packing_rules
from lipack_vision.runtime import resolve_provider


class Inspector:
    """Looks at the photos of a package and answers ``release`` or ``review`` with reasons.

    Args:
        detector: finds marks; by default the shipped `HazardLabelDetector`.
        reader: reads packaging codes; by default `PackagingCodeReader`.
        engine: reads lines of text; by default that of the reader, else the installed one.
        policy: what is asked of the evidence before release.
        skip: checks to switch off by name, ``integrity`` or ``reference``; added to the policy's.
        assessor: judges the condition of cartons; by default the shipped `IntegrityDetector`.
        matcher: tells which qualified packaging a photo shows, such as `ReferenceMatcher`; without one
            nothing is released unless ``reference`` is skipped.
        provider: ONNX Runtime provider of the default models: ``cpu``, ``cuda``, ``openvino``, ...
        max_pixels: larger photos are refused before decoding.
    Raises:
        ConfigError: an unknown check in ``skip``, or a provider that is not available.
    """

    def __init__(
        self,
        detector: Detector | None = None,
        reader: Reader | None = None,
        *,
        engine: TextEngine | None = None,
        policy: ReleasePolicy | None = None,
        skip: Collection[str] = (),
        assessor: Assessor | None = None,
        matcher: Matcher | None = None,
        provider: str = "cpu",
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        resolve_provider(provider)
        self.policy = (policy or ReleasePolicy()).with_skip(skip)
        engine = engine if engine is not None else getattr(reader, "engine", None)
        self._looker = Looker(
            detector,
            reader,
            engine,
            provider=provider,
            max_pixels=max_pixels,
            assessor=assessor,
            matcher=matcher,
            skip=self.policy.skip,
        )

    def inspect(
        self,
        images: ImageSource | Iterable[ImageSource],
        declaration: Declaration | None = None,
        *,
        all_faces: bool = False,
    ) -> Inspection:
        """Judge one package by its photos.

        Args:
            images: one photo or several views of the same package; a folder stands for the photos in it.
            declaration: what was declared; without it the answer is ``review``.
            all_faces: every face of the package is on some photo, so what is not seen is missing.
        Raises:
            ImageError: a folder without photos.
            ConfigError: no photo at all.
        """
        sources = _flatten(images)
        if not sources:
            raise ConfigError("images", expected="at least one photo", found="none", cure="Pass a photo.")
        names = _names(sources)
        among = None if declaration is None else declaration.packaging_type
        photos = [
            self._looker.look(source, name, among=among) for source, name in zip(sources, names, strict=True)
        ]
        return self.judge(photos, declaration, all_faces=all_faces)

    def judge(
        self,
        photos: Sequence[PhotoEvidence],
        declaration: Declaration | None = None,
        *,
        all_faces: bool = False,
        versions: dict[str, str] | None = None,
    ) -> Inspection:
        """Judge one package by evidence that was gathered before, in this process or in others.

        Args:
            photos: the evidence of all photos of the package.
            declaration: what was declared.
            all_faces: every face of the package is on some photo.
            versions: of the models that gathered the evidence; by default those of this inspector.
        """
        case = Case(tuple(photos), declaration, self.policy, all_faces)
        decision, findings = decide(case)
        return Inspection(
            decision=decision,
            findings=findings,
            photos=case.photos,
            declaration=declaration,
            policy=self.policy,
            all_faces=all_faces,
            versions={"lipack-vision": __version__}
            | (self._looker.versions() if versions is None else versions),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def decide(case: Case) -> tuple[Decision, tuple[Finding, ...]]:
    """All findings, and ``release`` only if every check was done and none of them asks for a person."""
    findings: list[Finding] = []
    done = True

    def run(name: str, check: Callable[[], list[Finding]]) -> list[Finding]:
        nonlocal done
        try:
            found = check()
        except Exception as error:  # fail closed: a check that breaks is a reason for review
            done = False
            message = f"The check failed with {type(error).__name__}: {error}. Please report this."
            found = [Finding(f"check.{name}", name, "not_checked", "fail", message)]
        findings.extend(found)
        return found

    run("photos", lambda: checks.photos_readable(case))
    run("looked", lambda: checks.looked_at(case))
    run("declaration", lambda: checks.declared(case))
    by_rule = run("rules", lambda: packing_rules(case))
    run("forms", lambda: label_forms(case))
    run("codes", lambda: proof.codes(case))
    run("marks_certain", lambda: proof.marks_certain(case))
    run("code_certain", lambda: proof.code_certain(case))
    run("text_certain", lambda: proof.text_certain(case, by_rule))
    run("condition", lambda: box_condition(case))
    compared = run("reference", lambda: qualified_packaging(case))
    run("switched_off", lambda: checks.switched_off(case))
    judged = tuple(finding.with_blocks(case.policy.blocks(finding)) for finding in findings)
    # Said once more without the findings, so that a check that forgets to report cannot release.
    whole = bool(case.photos) and all(photo.readable and not photo.failures for photo in case.photos)
    proven = any(finding.verdict == "right" for finding in by_rule)
    qualified = "reference" in case.policy.skip or any(one.verdict == "right" for one in compared)
    free = not any(finding.blocks for finding in judged)
    released = done and whole and proven and qualified and free and case.declaration is not None
    return ("release" if released else "review"), judged


def _flatten(images: ImageSource | Iterable[ImageSource]) -> list[ImageSource]:
    if isinstance(images, (str, os.PathLike, bytes, np.ndarray)):
        images = [images]
    sources: list[ImageSource] = []
    for image in images:
        if isinstance(image, (str, os.PathLike)):
            sources.extend(find_photos([image]))
        else:
            sources.append(image)
    return sources


def _names(sources: Sequence[ImageSource]) -> list[str]:
    """Paths name themselves; photos in memory are numbered."""
    return [
        os.fspath(source) if isinstance(source, (str, os.PathLike)) else f"photo {index + 1}"
        for index, source in enumerate(sources)
    ]
