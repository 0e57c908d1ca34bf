"""`lipack inspect`: release or review, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from lipack_vision.cli.options import Json, MarksArtifact, MaxMegapixels, Provider, Works
from lipack_vision.cli.output import (
    exit_code,
    expand,
    guarded,
    max_pixels,
    progress,
    say_problems,
    write_json,
)

if TYPE_CHECKING:
    from lipack_vision.codes import CodeReading
    from lipack_vision.inspection import Inspection
    from lipack_vision.inspection.evidence import PhotoEvidence
    from lipack_vision.library import QualifiedLibrary

T = TypeVar("T")


@guarded
def inspect(
    photos: Annotated[
        list[Path],
        typer.Argument(metavar="PHOTO_OR_FOLDER...", help="Views of one package, or folders of them."),
    ],
    declaration: Annotated[
        Path | None, typer.Option(help="What was declared: YAML or JSON. Without it nothing is released.")
    ] = None,
    library: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Qualified packagings to compare with: sqlite:///FILE, a file, or postgresql+psycopg://...",
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report to this file.")] = None,
    json: Json = False,
    each: Annotated[bool, typer.Option("--each", help="Judge each photo as a package of its own.")] = False,
    all_faces: Annotated[
        bool,
        typer.Option("--assume-all-faces", help="The photos show every face: what is not seen is missing."),
    ] = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Switch off a check: integrity or reference. May be repeated."),
    ] = None,
    artifact: MarksArtifact = None,
    works: Works = None,
    provider: Provider = "cpu",
    jobs: Annotated[int, typer.Option(min=1, help="Processes that look at photos.")] = 1,
    max_megapixels: MaxMegapixels = 100.0,
) -> None:
    """Judge a package by its photos: release, or review by a person, with the reasons."""
    from lipack_vision.inspection import Declaration, Inspector
    from lipack_vision.inspection.pool import LookerSettings, look_at
    from lipack_vision.inspection.report import write_report

    limit = max_pixels(max_megapixels)
    facts = None if declaration is None else Declaration.load(declaration)
    inspector = Inspector(skip=skip or (), provider=provider, max_pixels=limit)
    found, unreadable = expand(photos)
    settings = LookerSettings(
        None if artifact is None else str(artifact),
        provider,
        limit,
        works=None if works is None else str(works),
        skip=inspector.policy.skip,
        library=library,
        among=None if facts is None else facts.packaging_type,
    )
    with progress(len(found), "inspecting") as advance:
        seen, versions = look_at(found, settings, jobs=jobs, done=lambda _: advance())
    seen += unreadable
    answers = [
        inspector.judge(package, facts, all_faces=all_faces, versions=versions)
        for package in _packages(seen, each)
    ]
    if report is not None:
        sources = found + [Path(one.name) for one in unreadable]
        write_report(report, answers, _packages(sources, each), max_pixels=limit, library=_opened(library))
    for answer in answers:
        _write_lines(answer) if json else _show(answer)
    for one in seen:
        if not one.readable and not json:
            say_problems(one)
    raise typer.Exit(exit_code(seen, any(answer.decision != "release" for answer in answers)))


def _opened(url: str | None) -> QualifiedLibrary | None:
    """The library whose photos a report shows."""
    if url is None:
        return None
    from lipack_vision.library import QualifiedLibrary

    return QualifiedLibrary(url, create=False)


def _packages(items: Sequence[T], each: bool) -> Sequence[Sequence[T]]:
    return [[item] for item in items] if each else [items]


def _write_lines(answer: Inspection) -> None:
    """One line per photo; what concerns the whole package stands in each of them."""
    whole = answer.to_dict()
    package = [finding.to_dict() for finding in answer.findings if finding.photo is None]
    for index, photo in enumerate(answer.photos):
        line: dict[str, Any] = {
            "schema_version": whole["schema_version"],
            "inspection": answer.id,
            "photo": photo.name,
            "decision": answer.decision,
            "reasons": whole["reasons"],
            "size": [photo.width, photo.height] if photo.readable else None,
            "sha256": photo.sha256,
            "error": photo.error,
            "failures": [failure.to_dict() for failure in photo.failures],
            "marks": [mark.to_dict() for mark in photo.marks],
            "readings": [reading.to_dict() for reading in photo.readings],
            "lines": [text.to_dict() for text in photo.lines],
            "integrity": None if photo.integrity is None else photo.integrity.to_dict(),
            "reference": None if photo.reference is None else photo.reference.to_dict(),
            "findings": [finding.to_dict() for finding in answer.findings if finding.photo == index],
            "package_findings": package,
            "skipped": list(answer.skipped),
            "versions": whole["versions"],
        }
        write_json(line)


def _show(answer: Inspection) -> None:
    """The answer for people: decision, reasons, then what was seen on each photo."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from lipack_vision.inspection.names import LABEL_NAMES, VERDICT_WORDS, percent

    console = Console(highlight=False)
    style = "bold green" if answer.decision == "release" else "bold red"
    console.print(Text(answer.decision.upper(), style), f"inspection {answer.id}")
    for finding in answer.reasons:
        # Text, not markup: file names and print on the package may hold brackets.
        line = f"  {VERDICT_WORDS[finding.verdict]:<12} {finding.rule:<16} {finding.message}"
        console.print(Text(line), soft_wrap=True)
    if answer.skipped:
        console.print(Text(f"  Switched off by the caller: {', '.join(answer.skipped)}."))
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in ("Photo", "Marks", "Packaging code", "Cartons", "Reference"):
        table.add_column(column, overflow="fold")
    for photo in answer.photos:
        if photo.error is not None:
            table.add_row(Text(photo.name), Text(f"unreadable: {photo.error['found']}"), "", "", "")
            continue
        marks = [
            f"{LABEL_NAMES[one.label]} {percent(one.probability, one.calibrated)}" for one in photo.marks
        ]
        codes = [_code_line(reading) for reading in photo.readings]
        marks_text = "not checked" if photo.failed("marks") else "\n".join(marks) or "none"
        codes_text = "not checked" if photo.failed("code") else "\n".join(codes) or "none"
        condition, reference = Text(_condition(photo)), Text(_reference(photo))
        table.add_row(Text(photo.name), Text(marks_text), Text(codes_text), condition, reference)
    console.print(table)


def _condition(photo: PhotoEvidence) -> str:
    """The condition of each carton, a line each."""
    from lipack_vision.inspection.names import CONDITION_WORDS, percent

    if photo.integrity is None:
        return "not checked"
    calibrated = photo.integrity.calibrated
    return "\n".join(
        f"{CONDITION_WORDS[box.verdict]} (damaged {percent(box.seen_probability, calibrated)})"
        for box in photo.integrity.boxes
    )


def _reference(photo: PhotoEvidence) -> str:
    """Which qualified packaging a photo shows, and whether it differs."""
    from lipack_vision.inspection.names import match_words

    return "not checked" if photo.reference is None else match_words(photo.reference.match)


def _code_line(reading: CodeReading) -> str:
    if reading.code is not None:
        return reading.text
    open_elements = ", ".join(element.replace("_", " ") for element, _ in reading.problems)
    return f"{reading.text or 'not legible'} (not read: {open_elements or 'all of it'})"
