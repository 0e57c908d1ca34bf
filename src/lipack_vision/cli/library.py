"""`lipack library`: the references of qualified packagings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipack_vision.cli.options import Library, MatchingArtifact, Provider
from lipack_vision.cli.output import Exit, counting, guarded, say_error, write_json

if TYPE_CHECKING:
    from lipack_vision.library import Problem, QualifiedLibrary, Reference

commands = typer.Typer(name="library", no_args_is_help=True, rich_markup_mode=None)

Json = Annotated[bool, typer.Option("--json", help="One JSON object per line.")]
Author = Annotated[
    str | None, typer.Option(help="Who does this, for the history [the user of this process].")
]

_URL = "sqlite:///library.db"


class Ground(StrEnum):
    """Refusals that may be passed over."""

    TINY = "tiny"
    BLURRED = "blurred"
    EMPTY = "empty"
    SIMILAR = "similar"
    CONTRADICTING = "contradicting"


class Status(StrEnum):
    """What a reference may be."""

    QUALIFIED = "qualified"
    WITHDRAWN = "withdrawn"


@commands.callback()
def _library() -> None:
    """Keep the references of qualified packagings (合格库) that photos are matched with."""


@commands.command()
@guarded
def enroll(
    reference_id: Annotated[str, typer.Argument(help="Your own name of the packaging.")],
    photos: Annotated[
        list[Path] | None, typer.Argument(metavar="[PHOTO_OR_FOLDER]...", help="Photos of it.")
    ] = None,
    url: Library = _URL,
    maker: Annotated[str | None, typer.Option(help="Who makes it.")] = None,
    packaging_type: Annotated[str | None, typer.Option(help="Such as 4G [that of --un-code].")] = None,
    un_code: Annotated[str | None, typer.Option(help="Its UN packaging mark.")] = None,
    performance_sheet: Annotated[str | None, typer.Option(help="Number of its performance sheet.")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="First valid day.")] = None,
    valid_to: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last valid day.")] = None,
    status: Annotated[Status | None, typer.Option(help="Withdrawn ones never match [qualified].")] = None,
    allow: Annotated[list[Ground] | None, typer.Option(help="A refusal to pass over.")] = None,
    author: Author = None,
    artifact: MatchingArtifact = "matching",
    provider: Provider = "cpu",
    json: Json = False,
) -> None:
    """Add a reference, or photos and facts to one; an empty fact ("") is taken away. All of it or nothing."""
    from lipack_vision.image import find_photos
    from lipack_vision.library import EnrolmentError

    given = {
        "maker": maker,
        "packaging_type": packaging_type,
        "un_code": un_code,
        "performance_sheet": performance_sheet,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "status": status and status.value,
    }
    facts = {name: value or None for name, value in given.items() if value is not None}
    # Facts alone belong to a reference that is there, so that its library is there too.
    opened = open_library(url, artifact if photos else None, provider, create=bool(photos))
    allowed = [ground.value for ground in allow or ()]
    try:
        reference = opened.enroll(
            reference_id, find_photos(photos or ()), author=author, allow=allowed, **facts
        )
    except EnrolmentError as error:
        if json:
            write_json({"reference_id": reference_id, "error": error.to_dict()})
        for refusal in error.refusals:
            say_error(
                f"{refusal.photo} is refused: {refusal.found}; expected {refusal.expected}. {refusal.cure}"
            )
            if refusal.ground in {ground.value for ground in Ground}:
                say_error(f"  --allow {refusal.ground} takes it all the same")
        raise typer.Exit(Exit.BAD_INPUT) from None
    _show(reference, json)


@commands.command(name="list")
@guarded
def list_references(
    url: Library = _URL,
    packaging_type: Annotated[str | None, typer.Option(help="Only of this type, such as 4G.")] = None,
    on: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Valid on this day [today].")] = None,
    all: Annotated[bool, typer.Option("--all", help="Withdrawn and expired ones as well.")] = False,  # noqa: A002
    json: Json = False,
) -> None:
    """List the references that are valid."""
    from lipack_vision.library.facts import day_told

    day = day_told(on)
    for reference in open_library(url).list(packaging_type, day, include_invalid=all):
        _show(reference, json)


@commands.command()
@guarded
def remove(
    reference_ids: Annotated[list[str], typer.Argument(metavar="REFERENCE_ID...")],
    url: Library = _URL,
    author: Author = None,
    json: Json = False,
) -> None:
    """Take references and their photos out; their history stays. To keep them, enroll --status withdrawn."""
    opened = open_library(url)
    for reference_id in reference_ids:
        opened.remove(reference_id, author=author)
        if json:
            write_json({"reference_id": reference_id, "removed": True})
        else:
            _say(f"{reference_id}: removed")


@commands.command()
@guarded
def verify(
    url: Library = _URL,
    artifact: MatchingArtifact = "matching",
    provider: Provider = "cpu",
    json: Json = False,
) -> None:
    """Find wrong, stale, duplicate and tampered entries.

    Exit codes: 0 none; 1 there are some; 2 bad usage, or the library cannot be read.
    """
    with counting("verifying photos") as progress:
        problems = open_library(url, artifact, provider).verify(progress)
    _show_problems(problems, json)
    if not problems and not json:
        _say("nothing is the matter")
    raise typer.Exit(Exit.REVIEW if problems else Exit.DONE)


@commands.command()
@guarded
def refresh(
    url: Library = _URL,
    artifact: MatchingArtifact = "matching",
    provider: Provider = "cpu",
    json: Json = False,
) -> None:
    """Make the vectors anew that a new matching model lacks.

    Exit codes: 0 done; 1 some photos are no longer photos; 2 bad usage, or the library cannot be read.
    """
    with counting("embedding photos") as progress:
        made, problems = open_library(url, artifact, provider).refresh(progress)
    _show_problems(problems, json)
    if json:
        write_json({"made": made, "failed": len(problems)})
    else:
        _say(f"{made} vectors made")
    raise typer.Exit(Exit.REVIEW if problems else Exit.DONE)


def open_library(
    url: str, artifact: str | None = None, provider: str = "cpu", *, create: bool = False
) -> QualifiedLibrary:
    """The library of a command, with the encoder of an artifact where one is needed.

    Raises:
        ConfigError: not a URL of a library.
        ArtifactError: not a matching artifact.
    """
    from lipack_vision.library import QualifiedLibrary

    if artifact is None:
        return QualifiedLibrary(url, create=create)
    from lipack_vision.matching.encoder import SiameseEncoder

    return QualifiedLibrary(url, encoder=SiameseEncoder(artifact, provider=provider), create=create)


def _show(reference: Reference, json: bool) -> None:
    if json:
        write_json(reference.to_dict())
        return
    told: Mapping[str, Any] = reference.to_dict()
    left_out = {"reference_id", "photos"}
    facts = [f"{name} {value}" for name, value in told.items() if value is not None and name not in left_out]
    _say(f"{reference.reference_id}: {len(reference.photos)} photos, {', '.join(facts)}")


def _show_problems(problems: Sequence[Problem], json: bool) -> None:
    for problem in problems:
        if json:
            write_json(problem.to_dict())
        else:
            photo = f", photo {problem.photo[:12]}" if problem.photo else ""
            _say(f"{problem.kind}: {problem.reference_id}{photo}: {problem.message}")


def _say(line: str) -> None:
    from lipack_vision.inspection.look import printable

    typer.echo(printable(line))
