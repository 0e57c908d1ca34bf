"""Look at many photos, in this process or in several."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from lipack_vision.codes.works import read_works
from lipack_vision.errors import ConfigError, ImageError
from lipack_vision.image import MAX_PIXELS
from lipack_vision.inspection.evidence import PhotoEvidence
from lipack_vision.inspection.look import Detector, Looker, printable
from lipack_vision.runtime import resolve_provider

if TYPE_CHECKING:
    from lipack_vision.matching import ReferenceMatcher

Done = Callable[[PhotoEvidence], None]


@dataclass(frozen=True, slots=True)
class LookerSettings:
    """How each process makes its own `Looker`; models themselves cannot be sent to another process.

    Attributes:
        artifact: folder of the marks artifact; None for the shipped one.
        provider: ONNX Runtime provider.
        max_pixels: larger photos are refused before decoding.
        threads: threads inside one run of a net; 0 means all cores.
        works: file of known works codes, see `codes.works.read_works`; None: any will do.
        skip: checks that are switched off; nothing is looked for on their account.
        library: URL of the library of qualified packagings; None: photos are not compared.
        among: packaging type of the references that photos are compared with; None: all.
    """

    artifact: str | None = None
    provider: str = "cpu"
    max_pixels: int = MAX_PIXELS
    threads: int = 0
    works: str | None = None
    skip: frozenset[str] = frozenset()
    library: str | None = None
    among: str | None = None

    def build(self) -> Looker:
        """A looker with these settings.

        Raises:
            ConfigError: the provider is not available, or the file of works codes cannot be used.
            ArtifactError: the named artifact, or that of a library, is missing, altered or of another kind.
            LibraryError: there is no such library, or it cannot be read.
        """
        resolve_provider(self.provider)
        detector = None
        if self.artifact is not None:
            from lipack_vision.labels import HazardLabelDetector

            detector = HazardLabelDetector(self.artifact, provider=self.provider, threads=self.threads)
        return Looker(
            detector,
            provider=self.provider,
            threads=self.threads,
            max_pixels=self.max_pixels,
            works=None if self.works is None else read_works(self.works),
            skip=self.skip,
            matcher=self._matcher(detector),
        )

    def _matcher(self, detector: Detector | None) -> ReferenceMatcher | None:
        if self.library is None or "reference" in self.skip:
            return None
        from lipack_vision.library import QualifiedLibrary
        from lipack_vision.matching import ReferenceMatcher, SiameseEncoder

        encoder = SiameseEncoder(detector=detector, provider=self.provider, threads=self.threads)
        library = QualifiedLibrary(self.library, encoder=encoder, create=False)
        # A wrong library is an error now, not a failure of each photo.
        _ = library.revision
        return ReferenceMatcher(
            library, encoder, provider=self.provider, threads=self.threads, max_pixels=self.max_pixels
        )


def look_at(
    photos: Sequence[Path],
    settings: LookerSettings,
    *,
    jobs: int = 1,
    done: Done | None = None,
) -> tuple[list[PhotoEvidence], dict[str, str]]:
    """Look at every photo.

    Args:
        photos: paths.
        settings: how lookers are made.
        jobs: processes; 1 looks in this one.
        done: called in this process after each photo, in the order in which they end.

    Returns:
        Evidence in the order of the photos, and the versions of what looked.

    Raises:
        ConfigError: fewer than one job, or an unknown provider.
        ArtifactError: the named artifact cannot be used.
        LibraryError: there is no such library, or it cannot be read.
    """
    if jobs < 1:
        raise ConfigError("jobs", expected="at least 1", found=str(jobs), cure="Pass --jobs 2 or so.")
    looker = settings.build()
    jobs = min(jobs, len(photos))
    done = done or _nothing
    if jobs > 1:
        return _look_in_processes(photos, settings, jobs, done), looker.versions()
    seen = []
    for path in photos:
        seen.append(looker.look(path, among=settings.among))
        done(seen[-1])
    return seen, looker.versions()


def _nothing(evidence: PhotoEvidence) -> None:
    del evidence


def _look_in_processes(
    photos: Sequence[Path], settings: LookerSettings, jobs: int, done: Done
) -> list[PhotoEvidence]:
    threads = settings.threads or max(1, (os.cpu_count() or 1) // jobs)
    shared = replace(settings, threads=threads)
    seen: dict[int, PhotoEvidence] = {}
    with _pool(shared, jobs) as pool:
        futures: dict[Future[PhotoEvidence], int] = {}
        # A worker may die while photos are still handed out; those are looked at again below.
        with contextlib.suppress(BrokenProcessPool):
            for index, path in enumerate(photos):
                futures[pool.submit(_look, path)] = index
        for future in as_completed(futures):
            try:
                seen[futures[future]] = future.result()
            except BrokenProcessPool:
                continue
            done(seen[futures[future]])
    for index, path in enumerate(photos):
        if index not in seen:
            seen[index] = _look_alone(path, shared)
            done(seen[index])
    return [seen[index] for index in range(len(photos))]


def _look_alone(path: Path, settings: LookerSettings) -> PhotoEvidence:
    """One photo in a process of its own, so that one that kills its process is known by name."""
    try:
        with _pool(settings, 1) as pool:
            return pool.submit(_look, path).result()
    except BrokenProcessPool:
        name = printable(str(path))
        error = ImageError(
            name,
            expected="a photo that can be looked at",
            found="the process that looked at it was killed, probably for want of memory",
            cure="Use fewer --jobs or a smaller photo.",
        )
        return PhotoEvidence(name, error=error.to_dict())


_looker: Looker | None = None
_among: str | None = None


def _pool(settings: LookerSettings, jobs: int) -> ProcessPoolExecutor:
    # Forking a process with ONNX Runtime's threads in it can hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(settings,))


def _start(settings: LookerSettings) -> None:
    global _looker, _among
    cv2.setNumThreads(settings.threads)
    _looker, _among = settings.build(), settings.among


def _look(path: Path) -> PhotoEvidence:
    if _looker is None:
        raise RuntimeError("the worker was not started by _start")
    return _looker.look(path, among=_among)
