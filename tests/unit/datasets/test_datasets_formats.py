"""Sound data sets of each format give the same truth, and places in files are right."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from lipack_vision.datasets import PhotoDataset, examine, read_coco, read_parts
from lipack_vision.errors import ConfigError, DatasetError
from lipack_vision.synth.dataset import write_dataset
from lipack_vision.types import LABELS
from tests.unit.datasets.builders import (
    MARKS,
    NAMES,
    SIZE,
    coco_dict,
    dump,
    found,
    line_of,
    only_error,
    write_coco,
    write_photos,
    write_voc,
    write_yolo,
    yolo_rows,
)

ALL_TRAIN = {"split": (1, 0, 0)}


def check_truth(dataset: PhotoDataset) -> None:
    assert [sample.path.stem for sample in dataset.samples] == list(MARKS)
    for sample, boxes in zip(dataset.samples, MARKS.values(), strict=True):
        quads = [[[x, y], [x + w, y], [x + w, y + h], [x, y + h]] for _, x, y, w, h in boxes]
        np.testing.assert_array_equal(sample.truth.quads, np.array(quads, np.float32).reshape(-1, 4, 2))
        assert sample.truth.labels.tolist() == [LABELS.index(box[0]) for box in boxes]
        assert sample.truth.visible.tolist() == [1.0] * len(boxes)
        assert not sample.truth.ordered.any()
        types = [getattr(sample.truth, field).dtype for field in ("quads", "labels", "visible", "ordered")]
        assert types == [np.float32, np.int64, np.float32, np.bool_]
        assert [label for label, asked in zip(LABELS, sample.asked, strict=True) if asked] == list(NAMES)
        assert sample.size == SIZE
        assert not sample.turned
        assert sample.image().shape == (SIZE[1], SIZE[0], 3)
    assert dataset.marks == 3
    assert not dataset.ordered


def test_coco(tmp_path: Path) -> None:
    write_coco(tmp_path)
    check_truth(read_parts(tmp_path, **ALL_TRAIN)["train"])
    check_truth(read_coco(tmp_path / "annotations.json"))
    assert read_coco(tmp_path).manifest == read_parts(tmp_path, **ALL_TRAIN)["train"].manifest


def test_yolo(tmp_path: Path) -> None:
    write_yolo(tmp_path)
    check_truth(read_parts(tmp_path)["train"])


def test_voc(tmp_path: Path) -> None:
    write_voc(tmp_path)
    check_truth(read_parts(tmp_path, **ALL_TRAIN)["train"])
    assert examine(tmp_path).summary.asked == NAMES


@pytest.mark.parametrize("folder", ["valid", "val", "validation"])
def test_roboflow_folders_are_parts(tmp_path: Path, folder: str) -> None:
    names = {"train": "ab", folder: "c", "test": "d"}
    for part, photos in names.items():
        write_photos(tmp_path / part, list(photos))
        data = coco_dict({photo: [("class9", 1, 2, 30, 40)] for photo in photos}, folder="")
        (tmp_path / part / "_annotations.coco.json").write_text(json.dumps(data))
    parts = read_parts(tmp_path)
    assert {key: [s.path.stem for s in part.samples] for key, part in parts.items()} == {
        "train": ["a", "b"],
        "validation": ["c"],
        "test": ["d"],
    }
    assert parts["validation"].name == f"{tmp_path.name}/validation"


def test_coco_files_named_after_parts_in_a_folder(tmp_path: Path) -> None:
    write_photos(tmp_path / "images", ["a", "b"])
    (tmp_path / "annotations").mkdir()
    for name, part in (("a", "train2017"), ("b", "val2017")):
        text = json.dumps(coco_dict({name: []}, folder=""))
        (tmp_path / f"annotations/instances_{part}.json").write_text(text)
    parts = read_parts(tmp_path)
    assert [len(parts[key]) for key in ("train", "validation", "test")] == [1, 1, 0]


def test_yolo_with_folders_of_parts_below_images(tmp_path: Path) -> None:
    for part, name in (("train", "a"), ("val", "b")):
        write_photos(tmp_path / "images" / part, [name])
        labels = tmp_path / "labels" / part
        labels.mkdir(parents=True)
        (labels / f"{name}.txt").write_text(yolo_rows(MARKS[name]))
    (tmp_path / "dataset.yaml").write_text(
        f"path: /not/here\ntrain: images/train\nval: [images/val]\nnames: {{0: {NAMES[0]}, 1: {NAMES[1]}}}\n"
    )
    parts = read_parts(tmp_path)
    assert {key: part.marks for key, part in parts.items()} == {"train": 2, "validation": 1, "test": 0}
    assert ("yolo", f"{tmp_path}/dataset.yaml:1") in found(examine(tmp_path), "note")


def test_yolo_without_parts_and_with_a_list_of_names(tmp_path: Path) -> None:
    write_photos(tmp_path / "images")
    (tmp_path / "labels").mkdir()
    for name, boxes in MARKS.items():
        (tmp_path / f"labels/{name}.txt").write_text(yolo_rows(boxes))
    (tmp_path / "labels/classes.txt").write_text("\n".join(NAMES))
    check_truth(read_parts(tmp_path, **ALL_TRAIN)["train"])


def test_yolo_polygon_counts_as_its_box_and_the_doctor_says_so(tmp_path: Path) -> None:
    write_yolo(tmp_path)
    file = tmp_path / "train/labels/c.txt"
    file.write_text("0 0.25 0.5 0.5 0.25 0.75 0.5 0.5 0.75\n")
    truth = read_parts(tmp_path)["train"].samples[2].truth
    np.testing.assert_array_equal(truth.quads, [[[32, 16], [96, 16], [96, 48], [32, 48]]])
    assert not truth.ordered.any()
    assert ("boxed", str(file)) in found(examine(tmp_path), "note")


def test_voc_beside_the_photos_and_with_lists(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    beside = tmp_path / "beside"
    for path in (*folder.iterdir(), *(tmp_path / "JPEGImages").iterdir()):
        save_to = beside / path.name
        save_to.parent.mkdir(exist_ok=True)
        save_to.write_bytes(path.read_bytes())
    check_truth(read_parts(beside, **ALL_TRAIN)["train"])
    lists = tmp_path / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a\nc\n")
    (lists / "val.txt").write_text("b\n")
    (lists / "class9_train.txt").write_text("a 1\n")
    assert {k: len(v) for k, v in read_parts(tmp_path).items()} == {"train": 2, "validation": 1, "test": 0}


def test_voc_object_that_is_difficult_or_has_parts(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    part = "<part><name>corner</name><bndbox><xmin>1</xmin></bndbox></part><difficult>1</difficult>"
    file = folder / "b.xml"
    file.write_text(file.read_text().replace("</bndbox>", f"</bndbox>{part}"))
    truth = read_parts(tmp_path, **ALL_TRAIN)["train"].samples[1].truth
    assert truth.visible.tolist() == [0.0]
    assert truth.quads[0, 2].tolist() == [16, 8]


def test_rendered_data_set(tmp_path: Path) -> None:
    file = write_dataset(tmp_path / "rendered", 2, seed=3, size=(96, 96))
    data = json.loads(file.read_text())
    dataset = read_coco(file)
    assert dataset.marks == len(data["annotations"]) > 0
    assert dataset.ordered
    assert all(sample.asked.all() for sample in dataset.samples)
    first = data["annotations"][0]
    mine = dataset.samples[first["image_id"]].truth
    np.testing.assert_array_equal(mine.quads[0], np.array(first["quad"], np.float32))
    assert mine.visible[0] == np.float32(first["visible"])


def test_look_alikes_and_crowds(tmp_path: Path) -> None:
    data = coco_dict()
    data["annotations"][0]["category_id"] = None
    data["annotations"][1]["iscrowd"] = 1
    data["annotations"][2]["visible"] = 0.25
    write_coco(tmp_path, data)
    samples = read_coco(tmp_path).samples
    assert [sample.truth.visible.tolist() for sample in samples] == [[0.0], [0.25], []]
    summary = examine(tmp_path).summary
    assert summary.marks.left_out == {"look-alike without a category": 1}
    assert summary.marks.read == 3
    assert summary.marks.kept == 2


@pytest.mark.parametrize("tell", [True, False])
def test_names_map_classes_or_leave_them_out(tmp_path: Path, tell: bool) -> None:
    data = coco_dict()
    data["categories"] = [{"id": 1, "name": "logo"}, {"id": 2, "name": "lithium"}]
    file = write_coco(tmp_path, data)
    names = {"lithium": "battery_mark", "logo": None}
    dataset = read_coco(file, names=names, annotated=["battery_mark", "carton"] if tell else None)
    assert [s.truth.labels.tolist() for s in dataset.samples] == [[2], [2], []]
    asked = [LABELS[i] for i in np.flatnonzero(dataset.samples[2].asked)]
    assert asked == (["battery_mark", "carton"] if tell else ["battery_mark"])
    report = examine(tmp_path, names=names)
    assert report.summary.marks.left_out == {"class 'logo', left out by names": 1}
    assert ("left_out", line_of(file, '"id": 0, "image_id"')) in found(report, "note")


def test_settings_that_fit_nothing(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    with pytest.raises(ConfigError, match=r"data\.names\.logo.*did you mean 'carton'"):
        read_coco(file, names={"logo": "cartn"})
    with pytest.raises(ConfigError, match=r"data\.annotated"):
        examine(tmp_path, annotated=["logo"])
    with pytest.raises(ConfigError, match="one of auto, coco"):
        examine(tmp_path, format="csv")
    warnings = found(examine(tmp_path, names={"clas9": None}, annotated=["class9"]), "warning")
    assert ("unknown_name", "data.names.clas9") in warnings
    assert ("annotated", line_of(file, '"id": 1, "image_id"')) in warnings


def test_own_classes(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    dataset = read_coco(file, names={"class9": "diamond"}, classes=("battery_mark", "diamond", "tape"))
    assert dataset.samples[0].truth.labels.tolist() == [1, 0]
    assert dataset.samples[0].asked.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("indent", "place"),
    [(None, r":1:\d+"), (1, r":\d+")],
    ids=["one line", "pretty"],
)
def test_places_in_json(tmp_path: Path, indent: int | None, place: str) -> None:
    data = coco_dict()
    data["annotations"][1]["bbox"] = [0, 0, 999, 1]
    file = write_coco(tmp_path)
    text = json.dumps(data, indent=indent)
    file.write_text(text)
    offset = text.index('"id": 1', text.index('"annotations"'))
    offset = text.rindex("{", 0, offset)
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    where = f"{file}:{line}" if indent else f"{file}:{line}:{column}"
    assert only_error(examine(tmp_path)).where == where


def test_auto_finds_nothing_or_too_much(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nothing there"):
        examine(tmp_path / "none")
    with pytest.raises(DatasetError, match=r"COCO: annotations\.json.*YOLO: data\.yaml.*VOC: \.xml"):
        examine(tmp_path)
    write_coco(tmp_path)
    with pytest.raises(DatasetError, match=r"VOC: \.xml"):
        examine(tmp_path, format="voc")
    write_yolo(tmp_path)
    with pytest.raises(DatasetError, match="coco and of yolo"):
        examine(tmp_path)
    assert examine(tmp_path, format="yolo").summary.format == "yolo"
    assert examine(tmp_path / "annotations.json").summary.format == "coco"


def test_several_coco_files_that_could_be_meant(tmp_path: Path) -> None:
    for name in ("first.json", "second.json"):
        (tmp_path / name).write_text(dump(coco_dict()))
    with pytest.raises(DatasetError, match=r"first\.json, second\.json"):
        examine(tmp_path)


def test_read_coco_is_strict(tmp_path: Path) -> None:
    data = coco_dict()
    data["annotations"][0]["bbox"] = [0, 0, -3, 4]
    data["images"][2]["width"] = 640
    file = write_coco(tmp_path, data)
    (tmp_path / "images/b.png").unlink()
    with pytest.raises(DatasetError, match=r"and 2 more errors\)") as stop:
        read_coco(file)
    assert stop.value.where == line_of(file, '"id": 0, "image_id"')
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_coco(tmp_path / "none.json")
    with pytest.raises(DatasetError, match="a COCO file"):
        read_coco(tmp_path / "images")


@pytest.mark.skipif(os.name == "nt", reason="Windows paths are backslashes anyway")
def test_windows_paths(tmp_path: Path) -> None:
    data = coco_dict(folder="images\\")
    check_truth(read_coco(write_coco(tmp_path, data)))


def test_progress_counts_all_photos(tmp_path: Path) -> None:
    write_coco(tmp_path)
    seen: list[tuple[int, int]] = []
    examine(tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
