"""Rendered damage: the truth says what the picture shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.errors import DatasetError
from lipack_vision.synth.camera import look_at
from lipack_vision.synth.canvas import Canvas
from lipack_vision.synth.carton import Box
from lipack_vision.synth.damage import plan
from lipack_vision.synth.damage.bend import Blunt, Buckle, Crumple, Press, Settle
from lipack_vision.synth.damage.dataset import DamageFolder, write_damage
from lipack_vision.synth.damage.furniture import put_furniture
from lipack_vision.synth.damage.plan import Damage, Stage
from lipack_vision.synth.damage.scene import DamageSettings, render_damage
from lipack_vision.synth.damage.shell import own_faces, seen_faces
from lipack_vision.types import DAMAGE_TYPES

SIZE = (400.0, 300.0, 250.0)
SMALL = (160, 160)


def test_the_same_seed_gives_the_same_photo() -> None:
    first, second = render_damage(5, SMALL), render_damage(5, SMALL)
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.damage, second.damage)
    assert first.boxes == second.boxes
    assert not np.array_equal(first.image, render_damage(6, SMALL).image)


def test_sound_cartons_have_no_damage_in_the_truth() -> None:
    for seed in range(8):
        photo = render_damage(seed, SMALL, DamageSettings(damaged=0.0))
        assert not photo.damage.any()
        assert all(not box.types for box in photo.boxes)


def test_calm_photos_are_sound_throughout() -> None:
    for seed in range(6):
        assert not render_damage(seed, SMALL, DamageSettings(damaged=1.0, calm=1.0)).damage.any()


def test_furniture_stands_behind_and_is_not_seen_from_above() -> None:
    for position, seen in (((0.0, -1500, 900), True), ((0.0, -1, 2500), False)):
        canvas = Canvas.blank((120, 120))
        camera = look_at(np.array(position), np.array([0.0, 0, 100]), canvas.size, 1.0)
        put_furniture(canvas, camera, np.random.default_rng(0), 1500.0, 2500.0)
        assert bool(canvas.rgb.any()) == seen
        assert not canvas.marks


def test_damage_lies_on_cartons_and_boxes_name_it() -> None:
    seen: set[str] = set()
    for seed in range(28):
        photo = render_damage(seed, SMALL, DamageSettings(damaged=1.0, calm=0.0))
        for box in photo.boxes:
            own = photo.owner == box.number
            assert box.pixels == own.sum()
            for name in box.types:
                assert (photo.damage[own] >> DAMAGE_TYPES.index(name) & 1).any()
            seen |= set(box.types)
        assert not photo.damage[photo.owner == 0].any()
    assert seen == set(DAMAGE_TYPES)


@pytest.mark.parametrize("maker", [maker for maker, _ in plan.MAKERS], ids=lambda m: m.__name__)
def test_each_kind_of_damage_leaves_a_trace(maker: plan.Maker) -> None:
    faces = own_faces(Box(np.zeros(3), SIZE, 0.0))[:1]
    for seed in range(5):
        rng = np.random.default_rng(seed)
        damage = Damage(Settle.random(rng, SIZE))
        maker(Stage(SIZE, faces, rng), damage)
        assert damage.bends or damage.wounds or damage.opening is not None


def test_faces_stay_joined_where_they_are_bent() -> None:
    rng = np.random.default_rng(1)
    edge = np.array([[x, -SIZE[1] / 2, SIZE[2]] for x in np.linspace(-200, 200, 41)])
    front = np.stack([edge, edge - (0, 0, 5)])
    top = np.stack([edge + (0, 5, 0), edge])
    for bend in (
        Press(Blunt.random(rng, edge[20], np.full(3, 90.0)), np.array([0, 0.6, -0.8]), 40.0),
        Crumple.random(rng, SIZE, 12.0, 60.0),
        Buckle.random(rng, SIZE),
        Settle.random(rng, SIZE),
    ):
        assert np.allclose(bend.move(front)[0], bend.move(top)[1])


def test_a_press_pushes_its_middle_in_and_nothing_far_away() -> None:
    rng = np.random.default_rng(2)
    press = Press(Blunt.random(rng, np.zeros(3), np.full(3, 50.0)), np.array([0.0, 1.0, 0.0]), 30.0)
    moved = press.move(np.array([[0.0, 0, 0], [500.0, 0, 0]]))
    assert np.allclose(moved, [[0, 30, 0], [0, 0, 0]])
    assert press.hurt(np.array([[0.0, 0, 0], [500.0, 0, 0]])).tolist() == [True, False]


def test_only_faces_towards_the_camera_are_seen() -> None:
    camera = look_at(np.array([0.0, -2000, 900]), np.zeros(3), (200, 200), 1.0)
    names = {face.name for face in seen_faces(Box(np.zeros(3), SIZE, 0.0), camera)}
    assert names == {"front", "top"}


def test_a_folder_gives_its_photos_back(tmp_path: Path) -> None:
    steps: list[int] = []
    write_damage(tmp_path / "a", 3, 40, SMALL, jobs=2, progress=lambda done, _: steps.append(done))
    assert steps == [1, 2, 3]
    folder = DamageFolder.read(tmp_path / "a")
    photo, again = folder[1], render_damage(41, SMALL)
    assert len(folder) == 3
    assert photo.seed == 41
    assert photo.boxes == again.boxes
    assert np.array_equal(photo.damage, again.damage)
    assert np.array_equal(photo.owner, again.owner)
    assert np.array_equal(photo.image, again.image)


def test_an_unfinished_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"boxes\.json"):
        DamageFolder.read(tmp_path)
