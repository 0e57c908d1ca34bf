"""Read Pascal VOC data sets with the line of every object."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from lipack_vision.datasets.raw import (
    FAULTY,
    RawMark,
    RawPhoto,
    RawSet,
    box_corners,
    part_folders,
    part_named,
    photos_in,
    read_bytes,
    read_text,
)
from lipack_vision.image import PHOTO_SUFFIXES

UNLISTED = "in no list of ImageSets/Main"
_SIDES = ("xmin", "ymin", "xmax", "ymax")
_EXPORT = "Export the data set again as Pascal VOC."


@dataclass(slots=True)
class _Object:
    line: int
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _File:
    """What one XML file says."""

    texts: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    objects: list[_Object] = field(default_factory=list)


class _RefusedError(ValueError):
    """A document type or an entity: annotations need neither, and entities can read files and fill memory."""


def find_voc(root: Path) -> dict[Path, str | None]:
    """Folders with XML files, and the part that each one holds; empty when there are none."""
    if not root.is_dir():
        return {}
    for name in ("Annotations", "annotations", "."):
        if any((root / name).glob("*.xml")):
            return {root / name: None}
    parts = part_folders(root)
    below = {
        folder / name: part
        for folder, part in parts.items()
        for name in ("Annotations", "annotations", ".")
        if any((folder / name).glob("*.xml"))
    }
    if below:
        return dict(below)
    images = root / "images"
    return {images: None} if any(images.glob("*.xml")) else {}


def read_voc(root: Path, folders: dict[Path, str | None]) -> RawSet:
    """All photos of a data set."""
    raw = RawSet(root, "voc")
    listed = _read_lists(raw, root / "ImageSets" / "Main")
    for folder, part in folders.items():
        base = folder.parent if folder.name.lower() == "annotations" else folder
        places = [folder, *(base / name for name in ("JPEGImages", "images", "Images")), base]
        for file in sorted(folder.glob("*.xml")):
            _read_file(raw, file, part, listed, places)
        for place in places:
            if photos_in(place):
                raw.folders.setdefault(place, str(folder))
    names = {photo.path.stem for photo in raw.photos} | {
        file.stem for one in folders for file in one.glob("*.xml")
    }
    for stem, (_, where) in listed.items():
        if stem not in names:
            message = f"there are no annotations for the listed photo {stem!r}"
            raw.error("missing_labels", where, message, "Put the XML file back, or remove the line.")
    return raw


def _read_lists(raw: RawSet, folder: Path) -> dict[str, tuple[str, str]]:
    """Name of each listed photo with its part and the place that lists it."""
    listed: dict[str, tuple[str, str]] = {}
    # Lists of other names, such as trainval.txt or those of single classes, repeat these.
    for file in sorted(folder.glob("*.txt")) if folder.is_dir() else []:
        part = part_named(file.stem)
        if part is None:
            continue
        for number, line in enumerate((read_text(raw, file) or "").splitlines(), start=1):
            stem = line.split()[0] if line.strip() else ""
            where = f"{file}:{number}"
            if stem in listed:
                message = f"photo {stem!r} is listed in {raw.short(listed[stem][1])} already"
                raw.error("duplicate_image", where, message, "Keep each photo in one list.")
            elif stem:
                listed[stem] = (part, where)
    return listed


def _read_file(
    raw: RawSet, file: Path, part: str | None, listed: dict[str, tuple[str, str]], places: list[Path]
) -> None:
    raw.photos_read += 1
    found = _parse(raw, file)
    if found is None:
        raw.photos_left_out[FAULTY] += 1
        return
    raw.marks_read += len(found.objects)
    if listed and file.stem not in listed:
        raw.photos_left_out[UNLISTED] += 1
        raw.marks_left_out[UNLISTED] += len(found.objects)
        message = "the photo is in none of the lists of ImageSets/Main, so it is left out"
        raw.warning("unlisted", f"{file}:1", message, "List it, or remove its files.")
        return
    path = _photo_path(file, found, places)
    line = found.lines.get("annotation/filename", 1)
    part = listed[file.stem][0] if listed else part
    photo = RawPhoto(path, f"{file}:{line}", _told(raw, file, found), part)
    raw.photos.append(photo)
    for one in found.objects:
        _add(raw, photo, f"{file}:{one.line}", one)


def _parse(raw: RawSet, file: Path) -> _File | None:
    data = read_bytes(raw, file)
    if data is None:
        return None
    parser = expat.ParserCreate()
    found = _File()
    path: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        path.append(name)
        found.lines.setdefault("/".join(path), parser.CurrentLineNumber)
        if path == ["annotation", "object"]:
            found.objects.append(_Object(parser.CurrentLineNumber))

    def text(data: str) -> None:
        # Of an object only its own fields: parts of it, such as a head, have names and boxes as well.
        into = found.objects[-1].texts if path[:2] == ["annotation", "object"] else found.texts
        key = "/".join(path[2:] if into is not found.texts else path)
        into[key] = into.get(key, "") + data

    def refuse(*_: object) -> None:
        raise _RefusedError("it declares a document type, which annotations have no need of")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = f"is no XML: {expat.ErrorString(error.code)}"
        raw.error("unreadable", f"{file}:{error.lineno}", message, _EXPORT)
        return None
    except (_RefusedError, ValueError) as error:
        raw.error("unreadable", f"{file}:{parser.CurrentLineNumber}", f"is refused: {error}", _EXPORT)
        return None
    if not any(key == "annotation" for key in found.lines):
        raw.error("unreadable", f"{file}:1", "no VOC file: it has no element 'annotation'", _EXPORT)
        return None
    return found


def _photo_path(file: Path, found: _File, places: list[Path]) -> Path:
    # Only the last part: other tools write whole paths of the machine that they ran on.
    told = found.texts.get("annotation/filename", "").strip().replace("\\", "/").split("/")[-1]
    if told:
        there = next((place / told for place in places if (place / told).is_file()), None)
        if there is not None:
            return there
    stems = (place / f"{file.stem}{suffix}" for place in places for suffix in sorted(PHOTO_SUFFIXES))
    named = next((path for path in stems if path.is_file()), None)
    fallback = next((place for place in places[1:] if place.is_dir()), places[0])
    return named or fallback / (told or f"{file.stem}.jpg")


def _told(raw: RawSet, file: Path, found: _File) -> tuple[int, int] | None:
    texts = [found.texts.get(f"annotation/size/{side}", "").strip() for side in ("width", "height")]
    # Some tools write 0 for a size that they do not know.
    if all(text in {"", "0"} for text in texts):
        return None
    width, height = (_float(text) for text in texts)
    if not (0 < width < 1e6 and 0 < height < 1e6):
        line = found.lines.get("annotation/size", 1)
        message = f"width {texts[0]!r} and height {texts[1]!r} are no size"
        raw.error("size", f"{file}:{line}", message, "State the photo's size in pixels.")
        return None
    return int(width), int(height)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _add(raw: RawSet, photo: RawPhoto, where: str, one: _Object) -> None:
    name = one.texts.get("name", "").strip()
    sides = [one.texts.get(f"bndbox/{side}", "").strip() for side in _SIDES]
    if not name:
        raw.refuse("unreadable", where, "the object has no name", "Name its class, or remove it.")
    elif not all(sides):
        raw.refuse("place", where, "the object has no bndbox with xmin, ymin, xmax and ymax", _EXPORT)
    else:
        x0, y0, x1, y1 = map(_float, sides)
        # The first pixel is 1, and xmax is the last pixel of the box: the box ends where that pixel does.
        corners = box_corners(x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1)
        visible = 0.0 if one.texts.get("difficult", "").strip() == "1" else 1.0
        photo.marks.append(RawMark(name, where, corners, visible=visible))
