"""Draws of designs: the same by number, squares around cartons, cuts around what is changed."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lipack_vision.synth.designs.dataset import DesignFolder, DesignSettings, write_designs
from lipack_vision.synth.designs.pairs import FacePair
from training.data.designs import DesignBatch, DesignDrawing, DesignDraws, true_frame, whole_pair

SIZE = 64


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> DesignFolder:
    place = tmp_path_factory.mktemp("designs")
    write_designs(place, 4, 30, DesignSettings(views=2, pairs=3, size=(128, 128), side=128))
    return DesignFolder.read(place)


def test_a_draw_is_the_same_by_its_number(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing())
    one, two, other = draws[5], draws[5], draws[6]
    assert all(np.array_equal(a, b) for a, b in zip(one.cartons, two.cartons, strict=True))
    assert not np.array_equal(one.cartons[0], other.cartons[0])


def test_every_design_is_drawn_once_before_one_is_drawn_again(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing())
    assert sorted(draws[number].designs[0] // 2 for number in range(4)) == [0, 1, 2, 3]


def test_views_of_a_design_share_its_number_and_a_twin_has_its_own(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing())
    seen = [draws[number].designs for number in range(4)]
    twins = [entry.twin is not None for entry in folder.designs]
    assert sum(len(set(numbers)) for numbers in seen) == 4 + sum(twins)
    assert all(numbers.count(number) == 2 for numbers in seen for number in numbers)


def test_a_batch_holds_cartons_then_references_then_photos(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing())
    drawn = [draws[number] for number in range(2)]
    batch = draws.collate(drawn)
    assert isinstance(batch, DesignBatch)
    cartons = len(batch.designs)
    assert batch.images.shape == (cartons + 2 * 4, 3, SIZE, SIZE)
    assert batch.changed.shape == batch.compared.shape == (4, SIZE // 4, SIZE // 4)
    assert torch.equal(batch.images[cartons], torch.from_numpy(drawn[0].pairs[0].reference))
    assert torch.equal(batch.images[cartons + 4], torch.from_numpy(drawn[0].pairs[0].photo))
    assert (batch.changed <= batch.compared).all()
    assert batch.hidden.shape == batch.changed.shape
    assert (batch.hidden <= batch.compared).all()


def test_cuts_of_changed_faces_mostly_show_the_change(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing(pairs=3, changed=1.0))
    source = [folder.pair(i, k).changed.any() for i in range(4) for k in range(3)]
    shown = [pair.changed.sum() > 0 for number in range(4) for pair in draws[number].pairs]
    assert sum(source) >= 4
    assert sum(shown) >= 0.7 * sum(source)


def test_a_whole_pair_is_grey_where_only_one_picture_shows_the_face(folder: DesignFolder) -> None:
    pair = folder.pair(0, 0)
    whole = whole_pair(pair)
    outside = np.kron(whole.compared, np.ones((4, 4))) == 0
    hidden = (pair.compared == 0) & outside[: pair.compared.shape[0], : pair.compared.shape[1]]
    assert (whole.photo[:, : hidden.shape[0], : hidden.shape[1]][:, hidden] == 114).all()
    assert np.array_equal(
        whole.reference[:, pair.compared > 0], pair.reference.transpose(2, 0, 1)[:, pair.compared > 0]
    )


def test_a_cell_that_is_hidden_in_part_teaches_nothing() -> None:
    shown, none = np.ones((32, 48), np.uint8), np.zeros((32, 48), np.uint8)
    hidden, changed = none.copy(), none.copy()
    hidden[8:12, 8:10] = 1  # half of a cell
    hidden[16:20, 16:20] = changed[16:24, 16:20] = 1
    picture = np.full((32, 48, 3), 120, np.uint8)
    whole = whole_pair(FacePair(picture, picture, shown, changed, "nine", hidden))
    assert whole.compared[2, 2] == whole.changed[2, 2] == whole.hidden[2, 2] == 0
    assert (whole.compared[4, 4], whole.hidden[4, 4], whole.changed[4, 4]) == (1, 1, 0)
    assert (whole.compared[5, 4], whole.hidden[5, 4], whole.changed[5, 4]) == (1, 0, 1)
    assert whole.compared.sum() == 8 * 12 - 1


def test_the_square_of_a_carton_holds_it_with_room(folder: DesignFolder) -> None:
    image, hull = folder.photo(0, 0, 0)
    frame = true_frame(image, hull)
    seen = np.clip(hull, 0, 127)
    assert frame.width == pytest.approx(1.1 * np.ptp(seen, axis=0).max(), rel=1e-3)


def test_every_picture_can_be_shown(folder: DesignFolder) -> None:
    draws = DesignDraws(folder, SIZE, 7, DesignDrawing())
    views = draws.shown(0)
    assert len(views) == len(draws[0].cartons) + 2 * len(draws[0].pairs)
    assert all(view[1].shape == (3, SIZE, SIZE) for view in views)
