"""Read COCO files with the line of every image, annotation and category."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, TypeAlias

from lipack_vision.datasets.raw import (
    FAULTY,
    Lines,
    RawMark,
    RawPhoto,
    RawSet,
    box_corners,
    inside,
    number,
    numbers,
    part_folders,
    part_named,
    read_text,
)
from lipack_vision.errors import DatasetError

FILES = ("annotations.json", "annotations.coco.json", "_annotations.coco.json")
LOOK_ALIKE = "look-alike without a category"
_LISTS = ("images", "annotations", "categories")
_EXPORT = "Export the data set again as COCO JSON."

_SPACE = re.compile(r"[ \t\n\r]*")

Entries: TypeAlias = list[tuple[str, dict[str, Any]]]
"""Objects of one list of the file, each with its place."""


def find_coco(root: Path) -> dict[Path, str | None]:
    """COCO files of a data set with the part that each one holds; empty when there are none.

    Raises:
        DatasetError: several files could each be the one.
    """
    if root.is_file():
        return {root: None} if root.suffix.lower() == ".json" else {}
    below = {file: part for folder, part in part_folders(root).items() if (file := _file_in(folder))}
    if below:
        return dict(below)
    single = next((root / name for name in FILES if (root / name).is_file()), None)
    if single is not None:
        return {single: None}
    found = [file for folder in (root, root / "annotations") for file in sorted(folder.glob("*.json"))]
    found = [file for file in found if _smells_of_coco(file)]
    parts = [_part_in_name(file.stem) for file in found]
    if len(found) > 1 and (None in parts or len(set(parts)) < len(parts)):
        raise DatasetError(
            str(root),
            expected="one COCO file, or one for each of train, val and test",
            found=", ".join(file.name for file in found),
            cure="Name the file itself, or call the right one annotations.json.",
        )
    return dict(zip(found, parts, strict=True)) if len(found) > 1 else dict.fromkeys(found)


def _file_in(folder: Path) -> Path | None:
    return next((folder / name for name in reversed(FILES) if (folder / name).is_file()), None)


def _smells_of_coco(file: Path) -> bool:
    data = file.read_bytes()
    return b'"images"' in data and b'"annotations"' in data


def _part_in_name(stem: str) -> str | None:
    words = "".join(letter if letter.isalpha() else " " for letter in stem).split()
    return next((part for part in map(part_named, words) if part), None)


def read_coco_files(root: Path, files: dict[Path, str | None]) -> RawSet:
    """All photos of the COCO files of one data set."""
    raw = RawSet(root if root.is_dir() else root.parent, "coco")
    for file, part in files.items():
        read_coco_file(raw, file, part)
    return raw


def read_coco_file(raw: RawSet, file: Path, part: str | None = None) -> None:
    """Add the photos of one COCO file to ``raw``."""
    text = read_text(raw, file)
    if text is None:
        return
    lists = _lists(raw, file, text)
    if lists is None:
        return
    names = _categories(raw, lists["categories"])
    photos = _images(raw, file, part, lists["images"], tuple(names.values()))
    raw.marks_read += len(lists["annotations"])
    seen: dict[Hashable, str] = {}
    for where, entry in lists["annotations"]:
        _annotation(raw, where, entry, photos, names, seen)
    for photo in photos.values():
        raw.folders.setdefault(photo.path.parent, str(file))


def _lists(raw: RawSet, file: Path, text: str) -> dict[str, Entries] | None:
    lines = Lines(file, text)
    try:
        found = _walk(text)
    except json.JSONDecodeError as error:
        raw.error("unreadable", lines.where(error.pos), f"is no JSON: {error.msg}", _EXPORT)
        return None
    except (ValueError, RecursionError) as error:
        raw.error("unreadable", f"{file}:1", f"is no JSON: {error}", _EXPORT)
        return None
    lists: dict[str, Entries] = {}
    for name in _LISTS:
        if not isinstance(found.get(name), list):
            message = f"no COCO file: it has no list {name!r}"
            raw.error("unreadable", f"{file}:1", message, _EXPORT)
            return None
        entries = [(lines.where(offset), entry) for offset, entry in found[name]]
        lists[name] = [(where, entry) for where, entry in entries if isinstance(entry, dict)]
        for where, entry in entries:
            if not isinstance(entry, dict):
                raw.error("unreadable", where, f"{json.dumps(entry)[:60]} in {name!r} is no object", _EXPORT)
    return lists


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _walk(text: str) -> dict[str, Any]:
    """The members of the outermost object; those of `_LISTS` as ``[(offset, element), ...]``."""
    decoder = json.JSONDecoder()

    def expect(at: int, wanted: str) -> int:
        if text[at : at + 1] not in set(wanted):
            raise json.JSONDecodeError(f"Expecting {' or '.join(wanted)}", text, at)
        return at

    found: dict[str, Any] = {}
    at = _after_space(text, expect(_after_space(text, 0), "{") + 1)
    while text[at : at + 1] != "}":
        key, at = decoder.raw_decode(text, expect(at, '"'))
        at = _after_space(text, expect(_after_space(text, at), ":") + 1)
        if key in _LISTS and text[at : at + 1] == "[":
            found[key], at = _elements(decoder, text, at)
        else:
            found[key], at = decoder.raw_decode(text, at)
            # A string or number in the place of a list must not pass for one.
            found[key] = None if key in _LISTS else found[key]
        at = expect(_after_space(text, at), ",}")
        if text[at] == ",":
            at = expect(_after_space(text, at + 1), '"')
    if (end := _after_space(text, at + 1)) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return found


def _elements(decoder: json.JSONDecoder, text: str, at: int) -> tuple[list[tuple[int, Any]], int]:
    found: list[tuple[int, Any]] = []
    at = _after_space(text, at + 1)
    if text[at : at + 1] == "]":
        return found, at + 1
    while True:
        value, end = decoder.raw_decode(text, at)
        found.append((at, value))
        end = _after_space(text, end)
        if text[end : end + 1] == "]":
            return found, end + 1
        if text[end : end + 1] != ",":
            raise json.JSONDecodeError("Expecting , or ]", text, end)
        at = _after_space(text, end + 1)


def _categories(raw: RawSet, entries: Entries) -> dict[Hashable, str]:
    names: dict[Hashable, str] = {}
    for where, entry in entries:
        key, name = entry.get("id"), entry.get("name")
        if not isinstance(key, (int, str)) or not isinstance(name, str):
            raw.error("unreadable", where, "a category without id or name", _EXPORT)
        elif key in names:
            message = f"category id {key} is given to {names[key]!r} and to {name!r}"
            raw.error("duplicate_id", where, message, "Give each category its own id.")
        else:
            names[key] = name
            raw.classes.setdefault(name, where)
    return names


def _images(
    raw: RawSet, file: Path, part: str | None, entries: Entries, asked: tuple[str, ...]
) -> dict[Hashable, RawPhoto]:
    photos: dict[Hashable, RawPhoto] = {}
    first: dict[Hashable, str] = {}
    raw.photos_read += len(entries)
    for where, entry in entries:
        key, name = entry.get("id"), entry.get("file_name")
        if not isinstance(key, (int, str)) or not isinstance(name, str):
            _refuse_photo(raw, "unreadable", where, "an image without id or file_name", _EXPORT)
            continue
        path = _photo_path(raw.root, file, name)
        if key in photos:
            message = f"image id {key} is also that of {raw.short(first[key])}"
            _refuse_photo(raw, "duplicate_id", where, message, "Give each image its own id.")
            raw.refused.update([path] if path is not None else [])
        elif path is None:
            cure = "Copy the photo into the data set and name it relative to the COCO file."
            _refuse_photo(raw, "missing_image", where, f"{name!r} lies outside the data set", cure)
        else:
            first[key] = where
            photos[key] = RawPhoto(path, where, _told(raw, where, entry), part, asked)
            raw.photos.append(photos[key])
    return photos


def _refuse_photo(raw: RawSet, check: str, where: str, message: str, cure: str) -> None:
    raw.error(check, where, message, cure)
    raw.photos_left_out[FAULTY] += 1


def _photo_path(root: Path, file: Path, name: str) -> Path | None:
    first = None
    for base in (file.parent, file.parent / "images", root, root / "images"):
        path = inside(root, base, name)
        if path is not None and path.exists():
            return path
        first = first or path
    return first


def _told(raw: RawSet, where: str, entry: dict[str, Any]) -> tuple[int, int] | None:
    if "width" not in entry and "height" not in entry:
        return None
    width, height = number(entry.get("width")), number(entry.get("height"))
    if width is None or height is None or not (0 < width < 1e6 and 0 < height < 1e6):
        found = f"width {entry.get('width')!r} and height {entry.get('height')!r}"
        raw.error("size", where, f"{found} are no size", "State the photo's size in pixels.")
        return None
    return int(width), int(height)


def _annotation(
    raw: RawSet,
    where: str,
    entry: dict[str, Any],
    photos: dict[Hashable, RawPhoto],
    names: dict[Hashable, str],
    seen: dict[Hashable, str],
) -> None:
    key, image, category = entry.get("id"), entry.get("image_id"), entry.get("category_id")
    if isinstance(key, (int, str)) and seen.setdefault(key, where) != where:
        message = f"annotation id {key} is also that of {raw.short(seen[key])}"
        raw.refuse("duplicate_id", where, message, "Give each annotation its own id.")
    elif not isinstance(image, (int, str)) or image not in photos:
        message = f"the annotation is of image {image!r}, which the file does not list"
        raw.refuse("unknown_image", where, message, "List the image, or remove the annotation.")
    elif category is None:
        # The renderer writes look-alikes so; they are no mark of any class.
        raw.marks_left_out[LOOK_ALIKE] += 1
    elif not isinstance(category, (int, str)) or category not in names:
        message = f"category {category!r} is not listed in the file"
        raw.refuse("unknown_class", where, message, "List the category, or remove the annotation.")
    else:
        visible = 0.0 if entry.get("iscrowd") else number(entry.get("visible", 1.0))
        corners = _corners(entry)
        if corners is None:
            message = "the annotation has neither a quad of 4 corners nor a bbox of 4 numbers"
            raw.refuse("place", where, message, "Draw its box again, or remove the annotation.")
        elif visible is None or not 0 <= visible <= 1 or math.isnan(visible):
            message = f"visible {entry.get('visible')!r} is no fraction"
            raw.refuse("place", where, message, "Give a number from 0 to 1.")
        else:
            ordered = entry.get("quad") is not None
            photos[image].marks.append(RawMark(names[category], where, corners, ordered, visible=visible))


def _corners(entry: dict[str, Any]) -> tuple[float, ...] | None:
    quad = entry.get("quad")
    if quad is not None:
        pairs = isinstance(quad, list) and len(quad) == 4 and all(isinstance(p, list) for p in quad)
        return numbers([value for pair in quad for value in pair] if pairs else quad, 8)
    box = numbers(entry.get("bbox"), 4)
    return None if box is None else box_corners(box[0], box[1], box[2], box[3])
