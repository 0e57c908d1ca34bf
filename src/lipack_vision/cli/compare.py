"""`lipack compare`: what differs between a photo and a photo of the qualified packaging."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lipack_vision.cli.match import needs_a_person, show_match
from lipack_vision.cli.options import MatchingArtifact, MaxMegapixels, Provider
from lipack_vision.cli.output import Exit, guarded, max_pixels


@guarded
def compare(
    photo: Annotated[Path, typer.Argument(help="Photo of the package.")],
    reference: Annotated[Path, typer.Argument(help="Photo of the qualified packaging.")],
    draw: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write both photos side by side, with what differs outlined: .png or .jpg."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    artifact: MatchingArtifact = "matching",
    provider: Provider = "cpu",
    max_megapixels: MaxMegapixels = 100.0,
) -> None:
    """Tell whether two photos show the same packaging, and what differs."""
    from lipack_vision.matching import ReferenceMatcher

    limit = max_pixels(max_megapixels)
    matcher = ReferenceMatcher(artifact=artifact, provider=provider, max_pixels=limit)
    answer = matcher.compare(photo, reference)
    show_match(str(photo), answer, json)
    if draw is not None:
        from lipack_vision.image import read_image
        from lipack_vision.inspection.pictures import save_picture
        from lipack_vision.matching.drawing import side_by_side

        pictures = [read_image(one, max_pixels=limit) for one in (photo, reference)]
        save_picture(side_by_side(pictures[0], pictures[1], answer), draw)
    raise typer.Exit(Exit.REVIEW if needs_a_person(answer) else Exit.DONE)
