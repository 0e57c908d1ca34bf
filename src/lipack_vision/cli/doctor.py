"""`lipack doctor`: what is wrong with a data set, before it is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipack_vision.cli.output import Exit, counting, guarded, write_json

if TYPE_CHECKING:
    from lipack_vision.datasets import Finding, Report, Summary
    from lipack_vision.datasets.doctor import Count

SHOWN = 20
"""Findings of one check that are written out unless ``--json`` asks for all."""


class Format(StrEnum):
    """Formats of data sets."""

    AUTO = "auto"
    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"


@guarded
def doctor(
    dataset: Annotated[Path, typer.Argument(help="Folder of the data set, or its COCO or YAML file.")],
    format: Annotated[Format, typer.Option(help="How it is annotated.")] = Format.AUTO,  # noqa: A002
    name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="THEIRS=OURS", help="Their name of a class and ours; nothing after = leaves it out."
        ),
    ] = None,
    annotated: Annotated[
        list[str] | None,
        typer.Option(metavar="OURS", help="A class that the annotators were asked to draw [those listed]."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object per finding; the last one sums up.")
    ] = False,
) -> None:
    """Examine a data set: missing and damaged photos, wrong places and classes, copies across parts, balance.

    Exit codes: 0 no errors; 1 errors, which also stop training; 2 bad usage, or nothing could be read.
    """
    from lipack_vision.datasets import examine

    with counting("looking at photos") as progress:
        report = examine(
            dataset,
            format=format.value,
            names=parse_names(name or []),
            annotated=annotated,
            progress=progress,
        )
    if json:
        for finding in report.findings:
            write_json({"type": "finding", **finding.to_dict()})
        write_json({"type": "summary", **report.to_dict()})
    else:
        _show(report)
    unread = report.errors and not report.summary.photos.read
    raise typer.Exit(Exit.BAD_INPUT if unread else Exit.REVIEW if report.errors else Exit.DONE)


def parse_names(given: Sequence[str]) -> dict[str, str | None]:
    """``{"lithium": "battery_mark", "logo": None}`` from ``lithium=battery_mark`` and ``logo=``.

    Raises:
        ConfigError: without ``=``, or one class twice.
    """
    from lipack_vision.errors import ConfigError

    names: dict[str, str | None] = {}
    for text in given:
        theirs, equals, ours = text.rpartition("=")
        if not equals or not theirs or theirs in names:
            raise ConfigError(
                "--name",
                expected="THEIRS=OURS, each of theirs once",
                found=repr(text),
                cure="Pass --name lithium=battery_mark, or --name logo= to leave such marks out.",
            )
        names[theirs] = None if ours in {"", "null"} else ours
    return names


def _show(report: Report) -> None:
    for severity in ("error", "warning", "note"):
        found = report.of(severity)
        if found:
            typer.echo(f"{len(found)} {severity}{'s' if len(found) > 1 else ''}")
            _show_findings(found)
            typer.echo("")
    _show_summary(report.summary)


def _show_findings(found: Sequence[Finding]) -> None:
    from lipack_vision.inspection.look import printable

    by_check: dict[str, list[Finding]] = {}
    for finding in found:
        by_check.setdefault(finding.check, []).append(finding)
    for check, findings in by_check.items():
        cure = None
        for finding in findings[:SHOWN]:
            typer.echo(printable(f"  {finding.where}: {finding.message} [{check}]"))
            # A hundred faults of one kind have one cure; it is said where it changes.
            if finding.cure != cure:
                cure = finding.cure
                typer.echo(printable(f"      {cure}"))
        if len(findings) > SHOWN:
            typer.echo(f"  and {len(findings) - SHOWN} more of this kind (--json lists all)")


def _show_summary(summary: Summary) -> None:
    from lipack_vision.inspection.look import printable

    typer.echo(printable(f"{summary.root} ({summary.format})"))
    typer.echo(printable(f"  photos  {_counted(summary.photos)}"))
    typer.echo(printable(f"  marks   {_counted(summary.marks)}"))
    for line in _table(summary):
        typer.echo(f"  {line}")
    typer.echo(f"  groups of near-duplicates: {summary.near_groups}")
    typer.echo(f"  manifest {summary.manifest or 'none while there are errors'}")


def _counted(count: Count) -> str:
    left = "; ".join(f"{number} {reason}" for reason, number in count.left_out.items())
    return f"{count.read} read = {count.kept} kept + {sum(count.left_out.values())} left out" + (
        f" ({left})" if left else ""
    )


def _table(summary: Summary) -> list[str]:
    """Marks of each class in each part, as lines of aligned text."""
    parts = summary.parts
    if not parts:
        return []
    labels = list(next(iter(parts.values())).marks)
    rows: list[tuple[str, Mapping[str, int]]] = [
        (label, {name: part.marks[label] for name, part in parts.items()}) for label in labels
    ]
    rows.append(("photos", {name: part.photos for name, part in parts.items()}))
    rows.append(("photos without marks", {name: part.negatives for name, part in parts.items()}))
    lines = [" " * 22 + "".join(f"{name:>12}" for name in parts)]
    for label, counts in rows:
        note = "" if label not in labels or label in summary.asked else "  (not asked for)"
        lines.append(f"{label:<22}" + "".join(f"{counts[name]:>12}" for name in parts) + note)
    return lines
