"""Arguments and options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Photos = Annotated[
    list[Path], typer.Argument(metavar="PHOTO_OR_FOLDER...", help="Photos, or folders of them.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object per photo and line.")]
Provider = Annotated[str, typer.Option(help="ONNX Runtime provider: cpu, cuda, openvino, ...")]
MaxMegapixels = Annotated[float, typer.Option(help="Refuse larger photos before decoding.")]
MarksArtifact = Annotated[
    Path | None, typer.Option("--artifact", help="Folder of a marks artifact instead of the shipped one.")
]
MatchingArtifact = Annotated[
    str, typer.Option("--artifact", help="Matching artifact: a folder, or the name of a shipped one.")
]
Library = Annotated[
    str, typer.Option("--library", metavar="URL", help="sqlite:///FILE, a file, or postgresql+psycopg://...")
]
Works = Annotated[
    Path | None, typer.Option(help="Known works codes, one per line; marks that name another are told.")
]
