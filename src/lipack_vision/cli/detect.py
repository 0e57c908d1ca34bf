"""`lipack detect`: marks on photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipack_vision.cli.options import Json, MarksArtifact, MaxMegapixels, Photos, Provider
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
def detect(
    photos: Photos,
    json: Json = False,
    artifact: MarksArtifact = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Least probability for all marks, instead of the artifact's own."
        ),
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option(metavar="OUT_DIR", help="Write each photo with its marks drawn into this folder."),
    ] = None,
    provider: Provider = "cpu",
    max_megapixels: MaxMegapixels = 100.0,
) -> None:
    """Find hazard labels, battery marks, handling marks, UN marks and cartons."""
    from lipack_vision.inspection.look import Looker
    from lipack_vision.labels import HazardLabelDetector

    limit = max_pixels(max_megapixels)
    detector = HazardLabelDetector(artifact or "marks", threshold=threshold, provider=provider)
    looker = Looker(detector, max_pixels=limit)
    found, seen = expand(photos)
    for one in seen:
        _show(one, json)
    with progress(len(found), "looking") as advance:
        for index, path in enumerate(found):
            seen.append(looker.find(path))
            _show(seen[-1], json)
            if draw is not None and seen[-1].readable:
                _draw(path, seen[-1], draw / f"{index:04d}-{path.stem}.jpg", limit)
            advance()
    raise typer.Exit(exit_code(seen))


def _show(evidence: PhotoEvidence, json: bool) -> None:
    from lipack_vision.inspection.names import LABEL_NAMES, percent

    if json:
        write_evidence(evidence, marks=[mark.to_dict() for mark in evidence.marks])
        return
    if not begin_text(evidence):
        return
    for mark in evidence.marks:
        x, y = mark.quad.mean(axis=0)
        shown = percent(mark.probability, mark.calibrated)
        typer.echo(f"  {LABEL_NAMES[mark.label]:<26} {shown:<28} centre {x:.0f}, {y:.0f} px")
    if not evidence.marks:
        typer.echo("  no marks")


def _draw(photo: Path, evidence: PhotoEvidence, target: Path, limit: int) -> None:
    from lipack_vision.image import read_image
    from lipack_vision.inspection.pictures import draw_marks, save_picture

    save_picture(draw_marks(read_image(photo, max_pixels=limit), evidence.marks), target)
