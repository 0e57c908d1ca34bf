"""`lipack models`: the models that came with this installation."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lipack_vision.cli.output import Exit, guarded, write_json


@guarded
def models(
    json: Annotated[bool, typer.Option("--json", help="One JSON object per model and line.")] = False,
) -> None:
    """List the shipped models with their version and measured figures, after verifying their files."""
    from lipack_vision.artifact import shipped_artifacts

    rows = [_describe(folder.name, str(folder)) for folder in shipped_artifacts()]
    for row in rows:
        write_json(row) if json else _show(row)
    if not rows and not json:
        typer.echo("No models are installed.")
    raise typer.Exit(Exit.DONE if all(row["verified"] for row in rows) else Exit.BAD_INPUT)


def _describe(name: str, folder: str) -> dict[str, Any]:
    from lipack_vision.artifact import load_artifact
    from lipack_vision.errors import ArtifactError

    try:
        artifact = load_artifact(folder)
    except ArtifactError as error:
        return {"model": name, "folder": folder, "verified": False, "error": error.to_dict()}
    card = artifact.card
    return {
        "model": name,
        "folder": folder,
        "verified": True,
        "version": artifact.version,
        "task": card.task,
        "classes": list(card.classes),
        "calibrated": sorted(card.calibration),
        "operating_points": card.operating_points,
        "metrics": [metric.model_dump() for metric in card.metrics],
        "licences": card.licences,
        "git_commit": card.git_commit,
        "files": card.files,
    }


def _show(row: dict[str, Any]) -> None:
    if not row["verified"]:
        error = row["error"]
        typer.echo(f"{row['model']}: NOT USABLE. {error['where']}: found {error['found']}. {error['cure']}")
        return
    typer.echo(f"{row['model']} {row['version']} ({row['task']}), files verified")
    typer.echo(f"  folder      {row['folder']}")
    typer.echo(f"  classes     {', '.join(row['classes'])}")
    typer.echo(f"  calibrated  {', '.join(row['calibrated']) or 'none'}")
    for metric in row["metrics"]:
        typer.echo(f"  {metric['name']:<24} {metric['value']:<10.4g} on {metric['data']}")
