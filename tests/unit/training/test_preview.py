"""The contact sheet of training views."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from lipack_vision.datasets.types import Truth
from lipack_vision.errors import ConfigError
from lipack_vision.types import LABELS
from tests.helpers.marks_pictures import write_pictures
from training.pictures import contact_sheet, draw_truth, legend
from training.preview import COLUMNS, GAP, SIDE, preview

CONFIGS = Path(__file__).parents[3] / "configs"


def composed(*overrides: str) -> DictConfig:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        return compose("preview", list(overrides))


def test_the_sheet_shows_as_many_views_as_asked_for(tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "pictures", count=3, seed=2, side=128)
    out = tmp_path / "new" / "sheet.png"
    choices = ["experiment=marks", "model=tiny", f"data.train.folder={pictures}"]
    assert preview(composed(*choices, f"out={out}", "count=5")) == out
    sheet = cv2.imread(str(out))
    side = SIDE + 2 * GAP
    head = legend(LABELS, COLUMNS * side).shape[0]
    rows = np.array_split(sheet[head:], 2)
    assert sheet.shape[1] == COLUMNS * side
    cells = [np.array_split(row, COLUMNS, axis=1) for row in rows]
    # Four views in the first row and one in the second; below each view there is room for its name.
    shown = [[cell[GAP : SIDE + GAP].std() > 5 for cell in row] for row in cells]
    assert shown == [[True] * 4, [True] + [False] * 3]
    assert rows[0].shape[0] > side
    again = tmp_path / "again.png"
    preview(composed(*choices, f"out={again}", "count=5"))
    assert again.read_bytes() == out.read_bytes()


def test_24_views_by_default_and_none_is_refused() -> None:
    assert composed().count == 24
    assert composed().out == "preview.png"
    with pytest.raises(ConfigError, match="count"):
        preview(composed("count=0"))


def test_corners_boxes_and_ignored_marks_look_different() -> None:
    blank = np.zeros((100, 100, 3), np.uint8)
    quad = np.array([[[20, 20], [80, 20], [80, 80], [20, 80]]], np.float32)

    def drawn(*, ordered: bool, ignored: bool) -> np.ndarray:
        truth = Truth(quad, np.array([0]), np.ones(1, np.float32), np.array([ordered]))
        return draw_truth(blank, truth, np.array([ignored]), LABELS, 200).astype(int)

    corners = drawn(ordered=True, ignored=False)
    box = drawn(ordered=False, ignored=False)
    grey = drawn(ordered=True, ignored=True)
    assert corners.shape == (200, 200, 3)
    lit = [(picture.max(axis=2) > 60) for picture in (corners, box, grey)]
    # The dot at the first corner, none at the others; a dashed side has gaps.
    dots = [corners[y - 5 : y + 6, x - 5 : x + 6, 0].mean() for x, y in ((40, 40), (161, 40), (161, 161))]
    assert dots[0] > 1.3 * max(dots[1:])
    assert lit[0][160:163, 50:150].any(axis=0).all()
    assert 0.3 < lit[1][160:163, 50:150].any(axis=0).mean() < 0.9
    assert np.ptp(grey, axis=2).max() == 0
    assert np.ptp(corners, axis=2).max() > 100


def test_a_sheet_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"sheet\.png"):
        contact_sheet([("view", np.zeros((8, 8, 3), np.uint8))], tmp_path / "file" / "sheet.png")
