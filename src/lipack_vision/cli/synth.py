"""`lipack synth`: photos with known truth, rendered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from lipack_vision.cli.output import guarded, progress, write_json


@guarded
def synth(
    out: Annotated[Path, typer.Argument(help="Folder for the photos and their COCO file.")],
    count: Annotated[int, typer.Option(min=1, help="How many photos.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same photos.")] = 0,
    size: Annotated[str, typer.Option(metavar="WxH", help="Width and height in pixels.")] = "640x640",
    jobs: Annotated[int, typer.Option(min=1, help="Processes that render.")] = 1,
    backgrounds: Annotated[
        Path | None, typer.Option(help="Folder of photos of your own to use as backgrounds.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")] = False,
) -> None:
    """Render photos of packages with their marks, for training and tests."""
    from lipack_vision.synth.dataset import write_dataset
    from lipack_vision.synth.settings import SynthSettings

    settings = SynthSettings(backgrounds=backgrounds)
    width_height = parse_size(size)
    with progress(count, "rendering") as advance:
        coco = write_dataset(
            out,
            count,
            seed=seed,
            size=width_height,
            jobs=jobs,
            progress=lambda _done, _total: advance(),
            settings=settings,
        )
    if json:
        write_json({"annotations": str(coco), "photos": count, "seed": seed, "size": list(width_height)})
    else:
        typer.echo(f"{count} photos: {coco}")


def parse_size(text: str) -> tuple[int, int]:
    """``(640, 480)`` from ``640x480``.

    Raises:
        ConfigError: not two numbers from 64 to 8192 with an x between them.
    """
    from lipack_vision.errors import ConfigError

    found = re.fullmatch(r"(\d{1,5})[xX](\d{1,5})", text.strip())
    numbers = tuple(int(part) for part in found.groups()) if found else ()
    if len(numbers) != 2 or not all(64 <= number <= 8192 for number in numbers):
        raise ConfigError(
            "--size",
            expected="width x height in pixels, each from 64 to 8192",
            found=repr(text),
            cure="Pass 640x480 or so.",
        )
    return numbers[0], numbers[1]
