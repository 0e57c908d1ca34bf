"""Deliberately broken data sets: each fault is named with its file and line."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from lipack_vision.datasets import examine
from tests.unit.datasets.builders import (
    adds_up,
    check_one,
    coco_dict,
    found,
    line_of,
    only_error,
    save,
    write_coco,
    write_voc,
    write_yolo,
)


def test_coco_image_that_is_missing(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    (tmp_path / "images/b.png").unlink()
    check_one(tmp_path, "missing_image", line_of(file, "b.png"), "images/b.png")
    assert examine(tmp_path).summary.marks.left_out == {"on a photo that is left out": 1}


@pytest.mark.parametrize("end", [".jpg", ".png"])
def test_photo_that_was_cut_off(tmp_path: Path, end: str) -> None:
    data = coco_dict()
    data["images"][1]["file_name"] = f"images/cut{end}"
    file = write_coco(tmp_path, data)
    (tmp_path / "images/b.png").unlink()
    whole = save(tmp_path / f"images/cut{end}", 5).read_bytes()
    (tmp_path / f"images/cut{end}").write_bytes(whole[: len(whole) * 2 // 3])
    check_one(tmp_path, "corrupt_image", line_of(file, "cut"), "damaged")


def test_photo_that_is_none(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    (tmp_path / "JPEGImages/b.png").write_text("moved to the archive")
    check_one(tmp_path, "corrupt_image", f"{folder / 'b.xml'}:2", "not a JPEG, PNG")


def test_photo_of_another_size(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    save(tmp_path / "images/c.png", 9, (100, 50))
    check_one(tmp_path, "size", line_of(file, "c.png"), "has 100 x 50 px, not 128 x 64 px")


@pytest.mark.parametrize(
    ("place", "about"),
    [
        ({"bbox": [100, 0, 40, 20]}, "reaches 12.0 px out of the photo of 128 x 64 px"),
        ({"bbox": [-9, 0, 40, 20]}, "reaches 9.0 px"),
        ({"bbox": [10, 10, -4, 20]}, "width -4"),
        ({"bbox": [10, 10, 20, 0]}, "height 0"),
        ({"bbox": [10, float("nan"), 20, 20]}, "no finite number"),
        ({"bbox": [10, 10, 20, 10**400]}, "no finite number"),
        ({"bbox": [10, 10, 20]}, "neither a quad"),
        ({"bbox": None}, "neither a quad"),
        ({"bbox": "10 10 20 20"}, "neither a quad"),
        ({"quad": [[10, 10], [20, 10], [20, 20]]}, "neither a quad"),
        ({"quad": [[10, 10], [40, 30], [40, 10], [10, 30]]}, "crossed"),
        ({"quad": [[10, 10], [10, 30], [40, 30], [40, 10]]}, "counter-clockwise"),
        ({"quad": [[10, 10], [20, 20], [30, 30], [40, 40]]}, "covers 0 square pixels"),
        ({"quad": [[200, 10], [240, 10], [240, 30], [200, 30]]}, "outside the photo"),
        ({"visible": 1.5}, "no fraction"),
        ({"visible": float("nan")}, "no fraction"),
    ],
)
def test_mark_at_no_possible_place(tmp_path: Path, place: dict[str, Any], about: str) -> None:
    data = coco_dict()
    data["annotations"][1] |= place
    file = write_coco(tmp_path, data)
    check_one(tmp_path, "place", line_of(file, '"id": 1, "image_id"'), about)
    assert examine(tmp_path).summary.marks.kept == 2


def test_mark_that_the_frame_cuts_and_hidden_mark_are_sound(tmp_path: Path) -> None:
    data = coco_dict()
    data["annotations"][0]["quad"] = [[-30, 10], [20, 10], [20, 40], [-30, 40]]
    data["annotations"][1] |= {"quad": [[200, 10], [210, 30], [220, 10], [200, 30]], "visible": 0}
    data["annotations"][2]["bbox"] = [-0.9, 0, 16, 8]
    write_coco(tmp_path, data)
    assert found(examine(tmp_path)) == []


def test_class_that_is_none_of_ours(tmp_path: Path) -> None:
    data = coco_dict()
    data["categories"][1]["name"] = "batery_mark"
    file = write_coco(tmp_path, data)
    check_one(tmp_path, "unknown_class", line_of(file, "batery_mark"), "did you mean 'battery_mark'?")
    error = only_error(examine(tmp_path))
    assert line_of(file, '"id": 1, "image_id"').removeprefix(f"{tmp_path}/") in error.message
    assert "'data.names={batery_mark: <ours>}'" in error.cure


def test_class_without_marks_that_is_none_of_ours_only_warns(tmp_path: Path) -> None:
    data = coco_dict()
    data["categories"].append({"id": 0, "name": "signs"})
    file = write_coco(tmp_path, data)
    assert ("unknown_class", line_of(file, "signs")) in found(examine(tmp_path), "warning")
    assert found(examine(tmp_path)) == []


@pytest.mark.parametrize(
    ("key", "entry", "check", "about"),
    [
        ("annotations", {"id": 77, "image_id": 99, "category_id": 1}, "unknown_image", "image 99"),
        ("annotations", {"id": 77, "image_id": [], "category_id": 1}, "unknown_image", "image []"),
        ("annotations", {"id": 0, "image_id": 0, "category_id": 1}, "duplicate_id", "annotation id 0"),
        ("annotations", {"id": 77, "image_id": 0, "category_id": 9}, "unknown_class", "category 9"),
        ("images", {"id": 1, "file_name": "images/77.png"}, "duplicate_id", "image id 1"),
        ("images", {"id": 77, "file_name": "images/a.png"}, "duplicate_image", "listed at"),
        ("images", {"id": 77, "file_name": "../../77.png"}, "missing_image", "outside the data set"),
        ("images", {"id": 77, "file_name": "/77.png"}, "missing_image", "outside the data set"),
        ("images", {"id": 77}, "unreadable", "without id or file_name"),
        ("images", {"id": 77, "file_name": "c.png", "width": "x", "height": 64}, "size", "no size"),
        ("categories", {"id": 1, "name": "77"}, "duplicate_id", "'class9' and to '77'"),
    ],
)
def test_entry_that_fits_no_other(
    tmp_path: Path, key: str, entry: dict[str, Any], check: str, about: str
) -> None:
    data = coco_dict()
    if entry.get("file_name") == "c.png":
        data["images"].pop()
    data[key].append(entry)
    file = write_coco(tmp_path, data)
    check_one(tmp_path, check, line_of(file, json.dumps(entry)), about)


def test_json_with_a_missing_comma(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    text = file.read_text().replace('"images/b.png",', '"images/b.png"')
    file.write_text(text)
    report = examine(tmp_path)
    assert re.fullmatch(rf"{re.escape(line_of(file, 'b.png'))}:\d+", only_error(report).where)
    assert "delimiter" in report.errors[0].message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[]", 1),
        ('{"images": [],\n"annotations": {}, "categories": []}', 1),
        ('{"images": [\n1\n], "annotations": [], "categories": []}', 2),
        ('{"images": [\n', 2),
        ('{"images": [], \n"annotations": [], "categories": []}\nx', 3),
        ("[" * 100_000, 1),
        ('{"images": ' + "9" * 5000 + "}", 1),
    ],
)
def test_file_that_is_no_coco(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "annotations.json"
    file.write_text(text)
    error = only_error(examine(tmp_path))
    assert error.check == "unreadable"
    assert re.fullmatch(rf"{re.escape(str(file))}:{line}(:\d+)?", error.where)


def test_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "annotations.json"
    file.write_bytes(b'{\n\n"info": "\xff"}')
    assert found(examine(tmp_path)) == [("unreadable", f"{file}:3")]


@pytest.mark.parametrize(
    ("row", "check", "about"),
    [
        ("7 0.5 0.5 0.1 0.1", "unknown_class", "class number 7"),
        ("nan 0.5 0.5 0.1 0.1", "unknown_class", "class number nan"),
        ("0 0.5 0.5 0.1", "unreadable", "has 4 numbers instead of 5"),
        ("0 0.5 0.5 0.1 0.1 0.9", "unreadable", "has 6 numbers instead of 5"),
        ("class9 0.5 0.5 0.1 0.1", "unreadable", "are not numbers"),
        ("0 0.5 0.5 0.1 nan", "place", "no finite number"),
        ("0 64 32 10 10", "place", "out of the photo"),
        ("0 0.1 0.1 0.9 nan 0.9 0.9", "place", "no finite number"),
    ],
)
def test_yolo_row_that_is_wrong(tmp_path: Path, row: str, check: str, about: str) -> None:
    write_yolo(tmp_path)
    file = tmp_path / "train/labels/a.txt"
    file.write_text(f"{file.read_text()}\n{row}\n")
    check_one(tmp_path, check, f"{file}:4", about)


def test_yolo_rows_without_a_photo(tmp_path: Path) -> None:
    write_yolo(tmp_path)
    (tmp_path / "train/images/b.png").unlink()
    check_one(tmp_path, "missing_image", f"{tmp_path}/train/labels/b.txt:1", "no photo")


def test_yolo_photo_without_rows_counts_as_negative(tmp_path: Path) -> None:
    write_yolo(tmp_path)
    (tmp_path / "train/labels/c.txt").unlink()
    report = examine(tmp_path)
    assert ("missing_labels", f"{tmp_path}/train/images/c.png") in found(report, "warning")
    assert report.summary.parts["train"].negatives == 1


def test_yolo_parts_in_one_folder(tmp_path: Path) -> None:
    file = write_yolo(tmp_path)
    file.write_text(f"val: train/images\n{file.read_text()}")
    report = examine(tmp_path)
    labels = tmp_path / "train/labels"
    assert found(report) == [("duplicate_image", f"{labels}/{name}.txt:1") for name in "abc"]
    assert "for the train part already" in report.errors[0].message
    adds_up(report)


def test_yolo_without_any_rows(tmp_path: Path) -> None:
    file = write_yolo(tmp_path)
    shutil.rmtree(tmp_path / "train/labels")
    check_one(tmp_path, "missing_labels", f"{file}:1", "none of the 3 photos")


@pytest.mark.parametrize(
    ("text", "line", "about"),
    [
        ("names:\n- class9\n- [", 3, "is no YAML"),
        ("train: train/images\nnames: class9\n", 1, "no list or mapping 'names'"),
        ("names:\n  0: class9\n  one: battery_mark\n", 3, "no name of a class"),
        ("names: [class9, battery_mark]\ntest: images/test\n", 2, "which is no folder"),
        ("names: []\n", 1, "names no class"),
        ("? [a]\n: b\nnames: {? [b] : c}\n", 1, "names no class"),
    ],
)
def test_yolo_file_that_is_wrong(tmp_path: Path, text: str, line: int, about: str) -> None:
    file = write_yolo(tmp_path)
    file.write_text(text)
    errors = examine(tmp_path).errors
    assert errors[0].where == f"{file}:{line}"
    assert about in errors[0].message


def test_voc_class_that_is_none_of_ours(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    file = folder / "a.xml"
    file.write_text(file.read_text().replace("<name>class9<", "<name>klass9<"))
    where = line_of(file, "klass9").replace(":5", ":4")
    check_one(tmp_path, "unknown_class", where, "'klass9' is none of ours")


@pytest.mark.parametrize(
    ("old", "new", "line", "check", "about"),
    [
        ("</object>", "</objekt>", 7, "unreadable", "mismatched tag"),
        ("<xmin>33</xmin>", "", 4, "place", "no bndbox"),
        ("<xmin>33</xmin>", "<xmin>x</xmin>", 4, "place", "no finite number"),
        ("<xmax>64</xmax>", "<xmax>20</xmax>", 4, "place", "width -12"),
        ("<xmax>128</xmax>", "<xmax>140</xmax>", 8, "place", "out of the photo"),
        ("<name>class9</name>", "", 4, "unreadable", "no name"),
        ("<width>128</width>", "<width>-1</width>", 3, "size", "no size"),
        ("a.png", "a.png</filename><filename>", 2, "missing_image", "is missing"),
        ("<annotation>", '<!DOCTYPE a [<!ENTITY b SYSTEM "c">]>\n<annotation>', 1, "unreadable", "refused"),
    ],
)
def test_voc_file_that_is_wrong(
    tmp_path: Path, old: str, new: str, line: int, check: str, about: str
) -> None:
    folder = write_voc(tmp_path)
    file = folder / "a.xml"
    if check == "missing_image":
        (tmp_path / "JPEGImages/a.png").unlink()
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    check_one(tmp_path, check, f"{file}:{line}", about)


def test_voc_list_with_an_unknown_photo_and_one_twice(tmp_path: Path) -> None:
    write_voc(tmp_path)
    lists = tmp_path / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\nzz\n")
    (lists / "val.txt").write_text("b\na\n")
    report = examine(tmp_path)
    assert set(found(report)) == {
        ("missing_labels", f"{lists}/train.txt:2"),
        ("duplicate_image", f"{lists}/val.txt:2"),
    }
    assert ("unlisted", f"{tmp_path}/Annotations/c.xml:1") in found(report, "warning")
    assert report.summary.photos.left_out == {"in no list of ImageSets/Main": 1}
    adds_up(report)
