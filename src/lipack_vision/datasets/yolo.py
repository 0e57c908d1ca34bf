"""Read YOLO data sets with the line of every row."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import yaml

from lipack_vision.datasets.raw import (
    FAULTY,
    RawMark,
    RawPhoto,
    RawSet,
    box_corners,
    part_folders,
    part_named,
    photos_in,
    read_text,
)

YAML_FILES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
NAME_FILES = ("classes.txt", "obj.names", "labels/classes.txt")
_PART_KEYS = ("train", "val", "valid", "validation", "test")
_NOT_LABELS = frozenset({"classes.txt", "labels.txt", "README.txt"})
_ROWS = "Write rows of: class x-centre y-centre width height, as fractions of the photo."


@dataclass(frozen=True, slots=True)
class _Folder:
    """Photos of one part: where they lie, which part they are, and the place that says so."""

    photos: Path
    part: str | None
    where: str


def find_yolo(root: Path) -> Path | None:
    """The file that names the classes of a YOLO data set; None when there is none."""
    if root.is_file():
        return root if root.suffix.lower() in {".yaml", ".yml"} or root.name in NAME_FILES else None
    named = next((root / name for name in (*YAML_FILES, *NAME_FILES) if (root / name).is_file()), None)
    if named is not None:
        return named
    others = [file for end in ("*.yaml", "*.yml") for file in sorted(root.glob(end))]
    return next((file for file in others if b"names" in file.read_bytes()), None)


def read_yolo(file: Path) -> RawSet:
    """All photos of a data set, from the file that names its classes."""
    root = file.parent.parent if file.parent.name == "labels" else file.parent
    raw = RawSet(root, "yolo")
    if file.suffix.lower() in {".yaml", ".yml"}:
        names, folders = _read_yaml(raw, file)
    else:
        names, folders = _read_names(raw, file), []
    if not names:
        if not raw.findings:
            raw.error("unreadable", f"{file}:1", "names no class", "List the classes, one a line.")
        return raw
    for folder in folders or _usual_folders(root):
        _read_folder(raw, folder, names)
    return raw


def _read_names(raw: RawSet, file: Path) -> dict[int, str]:
    names: dict[int, str] = {}
    for number, line in enumerate((read_text(raw, file) or "").splitlines(), start=1):
        if line.strip():
            names[len(names)] = line.strip()
            raw.classes.setdefault(line.strip(), f"{file}:{number}")
    return names


def _read_yaml(raw: RawSet, file: Path) -> tuple[dict[int, str], list[_Folder]]:
    text = read_text(raw, file)
    if text is None:
        return {}, []
    try:
        # Nodes instead of values: they know their lines, and no tag can make anything but text of them.
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raw.error("unreadable", f"{file}:{line}", f"is no YAML: {error.problem}", "Correct this line.")
        return {}, []
    except (yaml.YAMLError, RecursionError) as error:
        raw.error("unreadable", f"{file}:1", f"is no YAML: {error}", "Save it as plain YAML.")
        return {}, []
    members = dict(_members(top)) if isinstance(top, yaml.MappingNode) else {}
    names = _yaml_names(raw, file, members.get("names"))
    base = _yaml_base(raw, file, members.get("path"))
    folders = [
        folder
        for key in _PART_KEYS
        for node in _texts(members.get(key))
        for folder in _yaml_folder(raw, file, base, str(part_named(key)), node)
    ]
    return names, folders


def _members(node: yaml.MappingNode) -> list[tuple[str, yaml.Node]]:
    return [(str(key.value), value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _texts(node: yaml.Node | None) -> list[yaml.ScalarNode]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [one for one in nodes if isinstance(one, yaml.ScalarNode) and one.value.strip()]


def _line(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"


def _yaml_names(raw: RawSet, file: Path, node: yaml.Node | None) -> dict[int, str]:
    names: dict[int, str] = {}
    if isinstance(node, yaml.MappingNode):
        pairs = _members(node)
    elif isinstance(node, yaml.SequenceNode):
        pairs = [(str(index), value) for index, value in enumerate(node.value)]
    else:
        message = "no YOLO data set: it has no list or mapping 'names'"
        raw.error("unreadable", f"{file}:1", message, "List the classes under names.")
        return names
    for key, value in pairs:
        if not isinstance(value, yaml.ScalarNode) or not key.isdecimal():
            raw.error("unreadable", _line(file, value), "no name of a class", "Write number: name.")
        else:
            names[int(key)] = value.value
            raw.classes.setdefault(value.value, _line(file, value))
    return names


def _yaml_base(raw: RawSet, file: Path, node: yaml.Node | None) -> Path:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
        return file.parent
    base = file.parent / str(node.value)
    if base.is_dir():
        return base
    # Files travel between machines and keep the path of the one they were written on.
    message = f"path {node.value!r} does not exist here; the file's own folder is taken instead"
    raw.note("yolo", _line(file, node), message, "Remove the line, or correct it.")
    return file.parent


def _yaml_folder(raw: RawSet, file: Path, base: Path, part: str, node: yaml.ScalarNode) -> list[_Folder]:
    told = node.value.strip().replace("\\", "/")
    # Roboflow writes ../train/images for the folder beside the file.
    places = [base / told, *([base / told.removeprefix("../")] if told.startswith("../") else [])]
    place = next((place for place in places if place.is_dir()), None)
    if place is None:
        message = f"the {part} photos should be in {told!r}, which is no folder"
        cure = "Put the folder back, or remove this line."
        raw.error("missing_image", _line(file, node), message, cure)
        return []
    # Some name the folder above.
    if not photos_in(place) and (place / "images").is_dir():
        place = place / "images"
    return [_Folder(place, part, _line(file, node))]


def _usual_folders(root: Path) -> list[_Folder]:
    images = root / "images"
    in_images = [_Folder(folder, part, str(folder)) for folder, part in part_folders(images).items()]
    in_parts = [
        _Folder(folder / "images", part, str(folder / "images"))
        for folder, part in part_folders(root).items()
        if (folder / "images").is_dir()
    ]
    single = images if images.is_dir() else root
    return in_images or in_parts or [_Folder(single, None, str(single))]


def label_folder(photos: Path) -> Path:
    """Where the rows of a folder's photos lie: ``labels`` instead of the last ``images`` of its path."""
    parts = list(photos.parts)
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].lower() == "images":
            return Path(*parts[:index], "labels", *parts[index + 1 :])
    return photos


def _read_folder(raw: RawSet, folder: _Folder, names: dict[int, str]) -> None:
    labels = label_folder(folder.photos)
    photos = photos_in(folder.photos)
    raw.photos_read += len(photos)
    files = sorted(labels.glob("*.txt")) if labels.is_dir() else []
    rows = {file.stem: file for file in files if file.name not in _NOT_LABELS}
    if photos and not rows:
        message = f"none of the {len(photos)} photos here has a file of rows in {raw.short(labels)}"
        raw.error("missing_labels", folder.where, message, "Put the folder of rows back.")
        raw.photos_left_out[FAULTY] += len(photos)
        return
    asked = tuple(names.values())
    for path in photos:
        photo = RawPhoto(path, str(path), None, folder.part, asked)
        raw.photos.append(photo)
        file = rows.pop(path.stem, None)
        if file is None:
            message = (
                f"has no file of rows ({raw.short(labels / path.stem)}.txt), so it counts as showing nothing"
            )
            cure = "Write an empty file for a photo without marks."
            raw.warning("missing_labels", str(path), message, cure)
        else:
            photo.where = f"{file}:1"
            _read_rows(raw, file, photo, names)
    for file in rows.values():
        message = f"there is no photo {raw.short(folder.photos / file.stem)}.* for these rows"
        raw.error("missing_image", f"{file}:1", message, "Put the photo back, or remove the file.")
        count = sum(bool(line.strip()) for line in (read_text(raw, file) or "").splitlines())
        raw.marks_read += count
        raw.marks_left_out[FAULTY] += count


def _read_rows(raw: RawSet, file: Path, photo: RawPhoto, names: dict[int, str]) -> None:
    for number, line in enumerate((read_text(raw, file) or "").splitlines(), start=1):
        if not line.strip():
            continue
        raw.marks_read += 1
        where = f"{file}:{number}"
        try:
            values = [float(word) for word in line.split()]
        except ValueError:
            raw.refuse("unreadable", where, f"{line.strip()[:60]!r} are not numbers", _ROWS)
            continue
        polygon = len(values) >= 7 and len(values) % 2 == 1
        if len(values) != 5 and not polygon:
            raw.refuse("unreadable", where, f"has {len(values)} numbers instead of 5", _ROWS)
        elif values[0] not in names:
            found = f"class number {values[0]:g} is not among the {len(names)} that are named"
            raw.refuse("unknown_class", where, found, "Name the class, or remove the row.")
        else:
            corners = _polygon_box(values[1:]) if polygon else _row_box(values[1:])
            if polygon:
                raw.boxed[str(file)] += 1
            photo.marks.append(RawMark(names[int(values[0])], where, corners, relative=True))


def _row_box(values: list[float]) -> tuple[float, ...]:
    x, y, width, height = values
    return box_corners(x - width / 2, y - height / 2, width, height)


def _polygon_box(values: list[float]) -> tuple[float, ...]:
    if not all(map(math.isfinite, values)):
        return box_corners(math.nan, math.nan, math.nan, math.nan)
    x, y = values[0::2], values[1::2]
    return box_corners(min(x), min(y), max(x) - min(x), max(y) - min(y))
