"""`lipack doctor` as a user calls it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from lipack_vision.cli import app
from tests.unit.datasets.builders import coco_dict, line_of, write_coco, write_voc, write_yolo


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["doctor", *map(str, args)])


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_sound_data_set(tmp_path: Path) -> None:
    write_yolo(tmp_path)
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "3 read = 3 kept + 0 left out" in result.stdout
    assert re.search(r"battery_mark +2\n", result.stdout)
    assert re.search(r"carton +0 +\(not asked for\)\n", result.stdout)
    assert re.search(r"manifest [0-9a-f]{64}\n", result.stdout)


def test_errors_come_first_with_file_line_and_cure(tmp_path: Path) -> None:
    file = write_coco(tmp_path)
    (tmp_path / "images/a.png").unlink()
    result = run(tmp_path, "--format", "coco")
    assert result.exit_code == 1
    assert result.stdout.startswith(f"1 error\n  {line_of(file, 'a.png')}: photo images/a.png is missing")
    assert "Put the file back" in result.stdout
    assert "none while there are errors" in result.stdout


def test_json_lines_end_with_the_summary(tmp_path: Path) -> None:
    folder = write_voc(tmp_path)
    file = folder / "b.xml"
    file.write_text(file.read_text().replace("battery_mark", "lithium"))
    result = run(tmp_path, "--json")
    assert result.exit_code == 1
    *findings, summary = objects(result)
    assert findings[0].keys() == {"type", "check", "severity", "where", "message", "cure"}
    assert (findings[0]["check"], findings[0]["where"]) == ("unknown_class", f"{file}:4")
    assert summary["type"] == "summary"
    assert summary["findings"] == {"error": 1, "warning": 0, "note": len(findings) - 1}
    assert summary["photos"] == {"read": 3, "kept": 3, "left_out": {}}
    assert summary["manifest"] is None


def test_names_mend_unknown_classes_or_leave_them_out(tmp_path: Path) -> None:
    data = coco_dict()
    data["categories"] = [{"id": 1, "name": "logo=x"}, {"id": 2, "name": "lithium"}]
    write_coco(tmp_path, data)
    assert run(tmp_path).exit_code == 1
    result = run(tmp_path, "--name", "lithium=battery_mark", "--name", "logo=x=", "--json")
    assert result.exit_code == 0
    summary = objects(result)[-1]
    assert summary["marks"] == {"read": 3, "kept": 2, "left_out": {"class 'logo=x', left out by names": 1}}
    assert summary["asked"] == ["battery_mark"]
    assert summary["parts"]["all"]["negatives"] == 1


def test_annotated(tmp_path: Path) -> None:
    write_coco(tmp_path)
    options = ("--annotated", "class9", "--annotated", "battery_mark", "--annotated", "carton")
    assert objects(run(tmp_path, *options, "--json"))[-1]["asked"] == ["class9", "battery_mark", "carton"]


def test_many_findings_of_one_kind_are_cut_short(tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(30)]
    write_coco(tmp_path, coco_dict({name: [] for name in names}))
    result = run(tmp_path)
    assert result.stdout.count("is missing") == 20
    assert "and 10 more of this kind" in result.stdout
    assert sum(one.get("check") == "missing_image" for one in objects(run(tmp_path, "--json"))) == 30


def test_bad_usage_and_nothing_readable(tmp_path: Path) -> None:
    assert run(tmp_path / "none").exit_code == 2
    result = run(tmp_path)
    assert result.exit_code == 2
    assert "COCO: annotations.json" in result.stderr
    (tmp_path / "annotations.json").write_text("{\n\n oops")
    broken = run(tmp_path)
    assert broken.exit_code == 2
    assert f"{tmp_path}/annotations.json:3" in broken.stdout
    write_coco(tmp_path)
    for option in ("logo", "=carton", "logo=cartn"):
        assert run(tmp_path, "--name", option).exit_code == 2
    assert run(tmp_path, "--format", "csv").exit_code == 2


def test_names_of_strangers_cannot_steer_the_terminal(tmp_path: Path) -> None:
    data = coco_dict()
    data["categories"][0]["name"] = "\x1b[2Jclear"
    write_coco(tmp_path, data)
    assert "\x1b" not in run(tmp_path).stdout
