"""`lipack match`: which qualified packaging photos show, and what differs from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from lipack_vision.cli.options import Json, Library, MatchingArtifact, MaxMegapixels, Photos, Provider
from lipack_vision.cli.output import Exit, expand, guarded, max_pixels, progress, say_error, write_json
from lipack_vision.errors import ImageError

if TYPE_CHECKING:
    from lipack_vision.matching import Match


@guarded
def match(
    photos: Photos,
    library: Library,
    among: Annotated[
        str | None, typer.Option(metavar="TYPE", help="Only references of this packaging type, such as 4G.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Candidates to look at and to tell.")] = 5,
    json: Json = False,
    artifact: MatchingArtifact = "matching",
    provider: Provider = "cpu",
    max_megapixels: MaxMegapixels = 100.0,
) -> None:
    """Tell which qualified packaging each photo shows, how sure that is, and what differs from it."""
    from lipack_vision.library import QualifiedLibrary
    from lipack_vision.matching import ReferenceMatcher, SiameseEncoder

    limit = max_pixels(max_megapixels)
    encoder = SiameseEncoder(artifact, provider=provider)
    kept = QualifiedLibrary(library, encoder=encoder, create=False)
    matcher = ReferenceMatcher(kept, encoder, provider=provider, max_pixels=limit)
    found, unreadable = expand(photos)
    for one in unreadable:
        show_failure(one.name, one.error or {}, json)
    worst = Exit.REVIEW if unreadable else Exit.DONE
    read = 0
    with progress(len(found), "matching") as advance:
        for path in found:
            try:
                answer = matcher.match(path, among, top=top)
            except ImageError as error:
                show_failure(str(path), error.to_dict(), json)
                worst = Exit.REVIEW
            else:
                read += 1
                show_match(str(path), answer, json)
                if needs_a_person(answer):
                    worst = Exit.REVIEW
            advance()
    raise typer.Exit(worst if read else Exit.BAD_INPUT)


def needs_a_person(answer: Match) -> bool:
    """Whether anything but a calibrated, compared and unchanged packaging was found, or a part is hidden.

    How much of it was compared is told, and for `lipack inspect` to judge: other photos may show the rest.
    """
    unchanged = answer.comparable and answer.changed is False and not answer.changes
    return answer.reference_id is None or not answer.calibrated or not unchanged or bool(answer.hidden)


def show_match(name: str, answer: Match, json: bool) -> None:
    """Write the answer for one photo."""
    from lipack_vision.inspection.look import printable
    from lipack_vision.inspection.names import match_words, percent

    name = printable(name)
    if json:
        write_json({"photo": name, **answer.to_dict(), "error": None})
        return
    typer.echo(f"{name}\n  {printable(match_words(answer))}")
    for change in answer.changes:
        x, y = change.polygon.mean(axis=0)
        typer.echo(f"    differs at {x:.0f}, {y:.0f} px: {percent(change.score, answer.calibrated)}")
    for place in answer.hidden:
        x, y = place.polygon.mean(axis=0)
        typer.echo(f"    hidden at {x:.0f}, {y:.0f} px: something may differ there")
    for candidate in answer.candidates:
        told = percent(candidate.probability, answer.calibrated)
        typer.echo(f"    {printable(candidate.reference_id):<30} {told} (cosine {candidate.cosine:.3f})")


def show_failure(name: str, error: dict[str, str], json: bool) -> None:
    """Write why a photo could not be read."""
    from lipack_vision.inspection.look import printable

    if json:
        write_json({"photo": printable(name), "error": error})
    told = f"expected {error.get('expected')}, found {error.get('found')}. {error.get('cure')}"
    say_error(f"{printable(name)}: {told}")
