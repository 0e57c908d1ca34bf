"""`lipack read`: UN packaging codes on photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from lipack_vision.cli.options import Json, MaxMegapixels, Photos, Provider, Works
from lipack_vision.cli.output import (
    begin_text,
    exit_code,
    expand,
    guarded,
    max_pixels,
    progress,
    write_evidence,
)

if TYPE_CHECKING:
    from lipack_vision.inspection.evidence import PhotoEvidence


@guarded
def read(
    photos: Photos,
    json: Json = False,
    provider: Provider = "cpu",
    works: Works = None,
    max_megapixels: MaxMegapixels = 100.0,
) -> None:
    """Read the UN packaging codes and say which elements are wrong, missing or repaired."""
    from lipack_vision.inspection.pool import LookerSettings

    known = None if works is None else str(works)
    settings = LookerSettings(provider=provider, max_pixels=max_pixels(max_megapixels), works=known)
    looker = settings.build()
    found, seen = expand(photos)
    for one in seen:
        _show(one, json)
    with progress(len(found), "reading") as advance:
        for path in found:
            seen.append(looker.read(path))
            _show(seen[-1], json)
            advance()
    raise typer.Exit(exit_code(seen))


def _show(evidence: PhotoEvidence, json: bool) -> None:
    from lipack_vision.inspection.names import percent

    if json:
        write_evidence(evidence, readings=[reading.to_dict() for reading in evidence.readings])
        return
    if not begin_text(evidence):
        return
    for reading in evidence.readings:
        shown = percent(reading.probability, reading.calibrated)
        typer.echo(f"  {reading.text or '(nothing certain)'}  {shown}")
        for element, reason in reading.problems:
            typer.echo(f"    problem in {element}: {reason}")
        for element, before, after in reading.repairs:
            typer.echo(f"    repaired {element}: {before!r} to {after!r}")
        for element, reason in reading.warnings:
            typer.echo(f"    unlikely {element}: {reason}")
        if reading.suggestion:
            typer.echo(f"    the nearest right mark: {reading.suggestion}")
    if not evidence.readings:
        typer.echo("  no UN packaging code")
