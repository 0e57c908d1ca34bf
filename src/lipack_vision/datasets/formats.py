"""Find out which format a data set has, and read it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from lipack_vision.datasets.coco import FILES, find_coco, read_coco_files
from lipack_vision.datasets.raw import RawSet
from lipack_vision.datasets.voc import find_voc, read_voc
from lipack_vision.datasets.yolo import YAML_FILES, find_yolo, read_yolo
from lipack_vision.errors import ConfigError, DatasetError

Format = Literal["auto", "coco", "yolo", "voc"]
FORMATS: tuple[str, ...] = get_args(Format)

_LOOKED_FOR = {
    "coco": f"COCO: {', '.join(FILES)} or other .json, in the folder, annotations/ or train/, valid/, test/",
    "yolo": f"YOLO: {', '.join(YAML_FILES)} or classes.txt, with images/ and labels/",
    "voc": "VOC: .xml files in Annotations/, beside the photos or in train/, valid/, test/",
}


def read_raw(root: Path, format_: str = "auto") -> RawSet:
    """Read a data set, whatever its format.

    Args:
        root: its folder, or its COCO or YAML file.
        format_: one of `FORMATS`.

    Raises:
        ConfigError: no such format.
        DatasetError: no data set of the format is there, or ``auto`` finds several formats.
    """
    if format_ not in FORMATS:
        raise ConfigError(
            "format", expected=f"one of {', '.join(FORMATS)}", found=repr(format_), cure="Correct the name."
        )
    if not root.exists():
        raise DatasetError(str(root), expected="a data set", found="nothing there", cure="Check the path.")
    try:
        return _read(root, format_)
    except OSError as error:
        raise DatasetError(
            str(error.filename or root),
            expected="a data set that may be read",
            found=error.strerror or str(error),
            cure="Give this user the right to read it.",
        ) from error


def _read(root: Path, format_: str) -> RawSet:
    coco = find_coco(root) if format_ in {"auto", "coco"} else {}
    yolo = find_yolo(root) if format_ in {"auto", "yolo"} else None
    voc = find_voc(root) if format_ in {"auto", "voc"} else {}
    found = [name for name, there in (("coco", coco), ("yolo", yolo), ("voc", voc)) if there]
    if len(found) > 1:
        raise DatasetError(
            str(root),
            expected="a data set of one format",
            found=f"files of {' and of '.join(found)}",
            cure="Say which one to read: format=... (--format).",
        )
    if coco:
        return read_coco_files(root, coco)
    if yolo is not None:
        return read_yolo(yolo)
    if voc:
        return read_voc(root, voc)
    looked = [text for name, text in _LOOKED_FOR.items() if format_ in {"auto", name}]
    raise DatasetError(
        str(root),
        expected=f"a data set ({'; '.join(looked)})",
        found="none of these files",
        cure="Name the data set's own folder.",
    )
