"""Designs of cartons: made from seeds, twins that differ where they say, photos with their truth."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest

from lipack_vision.errors import DatasetError
from lipack_vision.synth.camera import apply
from lipack_vision.synth.designs.copies import face_sheet
from lipack_vision.synth.designs.dataset import (
    CHANGED,
    DesignFolder,
    DesignSettings,
    pair_name,
    photo_name,
    write_designs,
)
from lipack_vision.synth.designs.pairs import face_pair
from lipack_vision.synth.designs.photos import design_photo
from lipack_vision.synth.designs.plan import FRONT, CartonPlan, random_plan
from lipack_vision.synth.designs.twins import EDITS, MOVED_MM, Twin, other_size, twin

SCALE = 0.6


def first_twin(edit: str) -> tuple[CartonPlan, Twin]:
    for seed in range(40):
        plan = random_plan(seed)
        made = twin(plan, edit, FRONT, seed)
        if made is not None:
            return plan, made
    raise AssertionError(edit)


def calm(plan: CartonPlan) -> CartonPlan:
    """The plan on even board, where only print differs between copies."""
    board = dataclasses.replace(plan.board, fibre=0.0, cloud=0.0, flute=0.0, speck=0.0, wear=0.0)
    return dataclasses.replace(plan, board=board)


def test_a_seed_gives_the_same_design_and_another_seed_another_one() -> None:
    assert random_plan(5) == random_plan(5)
    assert random_plan(5) != random_plan(6)


def test_on_a_clear_photo_nothing_stands_before_the_carton() -> None:
    plan = random_plan(5)
    photos = [
        [design_photo(plan, seed, (96, 96), clear=clear).jpeg for clear in (False, True)]
        for seed in range(40)
    ]
    covered = sum(one != clear for one, clear in photos)
    assert 2 <= covered <= 16


@pytest.mark.parametrize("edit", EDITS)
def test_a_twin_differs_where_it_says(edit: str) -> None:
    plan, made = first_twin(edit)
    both = [face_sheet(calm(one), FRONT, 2 * SCALE, 3).rgb.astype(int) for one in (plan, made.plan)]
    apart = np.abs(both[0] - both[1]).max(axis=2)
    mask = np.zeros(apart.shape, np.uint8)
    for region in made.regions:
        cv2.fillPoly(mask, [np.rint(region * 2 * SCALE - 0.5).astype(np.int32)], 1)
    near = cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0
    assert made.regions
    assert (apart[mask > 0] > 25).mean() > 0.02
    assert (apart[mask > 0] > 25).mean() > 3 * (apart[~near] > 25).mean()


def test_a_moved_label_is_moved_by_about_four_centimetres() -> None:
    plan, made = first_twin("moved")
    old, new = (one.faces[FRONT] for one in (plan, made.plan))
    (moved,) = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
    way = np.linalg.norm(np.subtract(moved[0].place, moved[1].place))
    assert 0.7 * MOVED_MM <= way <= 1.4 * MOVED_MM
    assert len(made.regions) == 2


def test_one_character_changes_and_no_more() -> None:
    plan, made = first_twin("character")
    (texts,) = [
        (a.text, b.text) for a, b in zip(plan.faces[FRONT], made.plan.faces[FRONT], strict=True) if a != b
    ]
    old, new = texts
    assert old is not None
    assert new is not None
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1


def test_a_carton_of_another_size_keeps_its_print() -> None:
    plan = random_plan(1)
    other = other_size(plan, 2).plan
    assert max(np.divide(other.size, plan.size)) >= 1.2
    assert [one.seed for one in other.faces[FRONT]] == [one.seed for one in plan.faces[FRONT]]


def test_a_pair_tells_what_is_changed_and_only_where_both_show_the_face() -> None:
    plan, made = first_twin("missing")
    changed = [face_pair(plan, made, FRONT, seed, 128) for seed in range(6)]
    same = face_pair(plan, None, FRONT, 0, 128)
    assert any(pair.changed.any() for pair in changed)
    assert all((pair.compared[pair.changed > 0] == 1).all() for pair in changed)
    assert not any((pair.hidden[pair.changed > 0] == 1).any() for pair in changed)
    assert not same.changed.any()
    assert same.edit == ""
    assert all(side % 16 == 0 for side in same.photo.shape[:2])
    again = face_pair(plan, made, FRONT, 3, 128)
    assert np.array_equal(again.photo, changed[3].photo)


def test_what_a_pair_calls_hidden_shows_something_else_than_the_face() -> None:
    pairs = [face_pair(random_plan(seed), None, FRONT, seed, 128) for seed in range(24)]
    assert all((pair.compared[pair.hidden > 0] == 1).all() for pair in pairs)
    many = [pair for pair in pairs if pair.hidden.mean() > 0.05]
    assert 4 <= len(many) <= 20
    ratios = []
    for pair in many:
        apart = np.abs(pair.photo.astype(int) - pair.reference).mean(axis=2)
        seen = apart[(pair.compared > 0) & (pair.hidden == 0)].mean()
        ratios.append(apart[pair.hidden > 0].mean() / seen)
    assert np.median(ratios) > 1.3


def test_a_photo_knows_its_carton_and_its_faces() -> None:
    plan = random_plan(2)
    photo = design_photo(plan, 1, (160, 128))
    assert photo.image.shape == (128, 160, 3)
    decoded = cv2.imdecode(np.frombuffer(photo.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(decoded, photo.image)
    width, height = plan.face_size(FRONT)
    corners = apply(photo.faces[FRONT], [[0, 0], [width, 0], [width, height], [0, height]])
    assert all(cv2.pointPolygonTest(photo.hull, (float(x), float(y)), True) > -0.5 for x, y in corners)
    assert np.array_equal(design_photo(plan, 1, (160, 128)).image, photo.image)


def test_designs_are_read_as_they_were_written(tmp_path: Path) -> None:
    settings = DesignSettings(views=1, pairs=1, changed=1, size=(96, 96), side=96)
    write_designs(tmp_path, 2, 10, settings)
    folder = DesignFolder.read(tmp_path)
    assert len(folder) == 2
    image, hull = folder.photo(0, 0, 0)
    assert np.array_equal(image, design_photo(random_plan(10), 0, (96, 96)).image)
    assert hull.shape[1] == 2
    pair = folder.pair(1, 0)
    assert pair.reference.shape == pair.photo.shape == (*pair.changed.shape, 3)
    shown = [(i, one) for i, entry in enumerate(folder.designs) for one in entry.changed]
    assert shown
    assert shown[0][1].edit in EDITS
    assert folder.photo(shown[0][0], CHANGED, 0)[0].shape == (96, 96, 3)
    before = folder.manifest
    (tmp_path / photo_name(0, 0, 0)).write_bytes(b"no picture")
    assert folder.manifest != before
    with pytest.raises(DatasetError):
        folder.photo(0, 0, 0)
    (tmp_path / f"{pair_name(1, 0)}.png").unlink()
    with pytest.raises(DatasetError):
        folder.pair(1, 0)


def test_an_unfinished_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError):
        DesignFolder.read(tmp_path)
