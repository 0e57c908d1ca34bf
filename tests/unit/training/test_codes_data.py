"""Rendered lines and scenes of print, and what the nets of the codes artifact are taught by them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from lipack_vision.codes.line_image import LINE_HEIGHT, STEP
from lipack_vision.codes.text_boxes import END_ROOM, ROOM, STRIDE, kernel, text_quads
from lipack_vision.geometry import quad_iou
from tests.helpers.marks_pictures import write_pictures
from training.codes.line_text import ALPHABET, SYMBOL, random_line
from training.codes.text_scenes import _artwork, _block, _stamp, text_scene
from training.data.lines import LineDraws, LineSettings, collate
from training.data.rendered import rendered_marks
from training.data.text_maps import TextDraws, TextSettings, text_picture
from training.tasks.codes import CodesTask, compare, edits
from training.tasks.text import TextTask, measure

HALF = (0.5, 0.5, 0.5)


def test_lines_hold_signs_of_the_alphabet_alone() -> None:
    rng = np.random.default_rng(0)
    lines = [random_line(rng) for _ in range(400)]
    assert set("".join(lines)) <= set(ALPHABET)
    assert all(line == " ".join(line.split()) for line in lines)
    assert any(line.startswith("4G") for line in lines)
    assert len(ALPHABET) == len(set(ALPHABET))


def test_drawn_lines_are_fixed_by_their_number_and_can_be_taught() -> None:
    draws, again = LineDraws(3, LineSettings(each=4)), LineDraws(3, LineSettings(each=4))
    batch = LineDraws.collate([draws[number] for number in range(6)])
    for one, other in zip(draws[2], again[2], strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        assert one.text == other.text
    assert batch.images.shape[1:3] == (3, LINE_HEIGHT)
    assert batch.images.shape[3] % STEP == 0
    assert len(batch) == 24
    assert (batch.lengths <= batch.steps).all()
    assert int(batch.lengths.sum()) == len(batch.signs)
    assert batch.signs.min() >= 1
    assert batch.signs.max() <= len(ALPHABET)


def test_the_symbol_in_front_is_a_sign() -> None:
    draws = LineDraws(0, LineSettings(each=8))
    texts = [line.text for number in range(12) for line in draws[number]]
    assert any(text.startswith(SYMBOL) for text in texts)


def test_a_net_that_reads_nothing_is_told_so() -> None:
    lines = LineDraws(1, LineSettings(each=4))[0]
    assert compare(lines, [line.text for line in lines]) == {"exact": 1.0, "sign_error": 0.0}
    assert compare(lines, [""] * 4) == {"exact": 0.0, "sign_error": 1.0}


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [("4G", "4G", 0), ("4G", "AG", 1), ("4G/Y", "4GY", 1), ("", "abc", 3), ("ab", "ba", 2)],
)
def test_edits(first: str, second: str, count: int) -> None:
    assert edits(first, second) == edits(second, first) == count


def test_reading_is_learnt() -> None:
    """A tiny net tells lines apart after some seconds."""
    from lipack_vision.nets.lines import LineNet

    torch.manual_seed(0)
    batch = collate(LineDraws(5, LineSettings(each=8))[0])
    task = CodesTask("codes", "codes", HALF, HALF)
    net = LineNet(len(ALPHABET), widths=(8, 16, 24, 32), depths=(0, 1, 1, 1), context=1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
    values = []
    for _ in range(30):
        loss = task.losses(net, batch)["ctc"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(float(loss.detach()))
    assert values[-1] < 0.5 * values[0]


@pytest.mark.parametrize("shift", [(60, 40), (-30, -20), (150, 110), (400, 0)])
def test_print_is_stamped_where_it_is_placed_and_nowhere_else(shift: tuple[int, int]) -> None:
    rgba = np.zeros((40, 80, 4), np.uint8)
    rgba[..., 3] = 255
    turn = cv2.getRotationMatrix2D((40, 20), 30, 1.0) + np.array([[0, 0, shift[0]], [0, 0, shift[1]]])
    picture = np.full((128, 192, 3), 200, np.uint8)
    _stamp(picture, rgba, np.vstack([turn, [0, 0, 1]]))
    wanted = cv2.warpAffine(rgba[..., 3], turn, (192, 128))
    np.testing.assert_allclose(picture[..., 0], 200 * (1 - wanted / 255.0), atol=16)


def test_scenes_have_lines_inside_and_are_fixed_by_their_seed() -> None:
    image, lines, hidden = text_scene(np.random.default_rng(4), 256)
    again = text_scene(np.random.default_rng(4), 256)
    np.testing.assert_array_equal(image, again[0])
    np.testing.assert_array_equal(lines, again[1])
    assert image.shape == (256, 256, 3)
    assert lines.shape[1:] == hidden.shape[1:] == (4, 2)
    counts = [len(text_scene(np.random.default_rng(seed), 256)[1]) for seed in range(8)]
    assert np.mean(counts) > 1


def test_each_line_of_a_block_stands_in_its_box_wherever_it_is_set() -> None:
    starts: set[str] = set()
    for seed in range(30):
        rgba, boxes = _block(np.random.default_rng(seed))
        if (rgba[..., 3] == 255).mean() > 0.9:  # a sticker covers all
            continue
        for box in boxes:
            left, top, right, bottom = (round(float(v)) for v in (*box[0], *box[2]))
            ink = rgba[max(top, 0) : bottom, max(left, 0) : right, 3].max(axis=0)
            third = max(1, len(ink) // 3)
            assert ink[:third].any()
            assert ink[-third:].any()
        left, middle = (np.ptp(edge) < 1.5 for edge in (boxes[:, 0, 0], boxes[:, :, 0].mean(axis=1)))
        if len(boxes) > 1 and np.ptp(boxes[:, 1, 0] - boxes[:, 0, 0]) > 3:
            starts.add("left" if left else "middle" if middle else "neither")
    assert starts == {"left", "middle"}


def test_words_on_artwork_are_taught_and_its_single_signs_are_left_open() -> None:
    words = signs = 0
    for seed in range(40):
        rgba, lines, unknown = _artwork(np.random.default_rng(seed))
        words, signs = words + len(lines), signs + len(unknown)
        for quad in (*lines, *unknown):
            (left, top), (right, bottom) = quad[0], quad[2]
            assert 0 <= left < right <= rgba.shape[1] + 1
            assert 0 <= top < bottom <= rgba.shape[0] + 1
    assert words > 40
    assert signs > 2


def test_enlarged_scenes_are_smaller_ones_with_their_lines(tmp_path: Path) -> None:
    source = rendered_marks(1, 1, folder=str(write_pictures(tmp_path / "pictures", count=1, seed=1, side=64)))
    settings = TextSettings(photos=0, enlarged=1, most_enlarged=2.0)
    draws = TextDraws(source, 128, 7, settings)
    rng, same = np.random.default_rng(11), np.random.default_rng(11)
    image, lines, _ = draws._scene(rng)
    same.random()
    times = np.exp(same.uniform(0, np.log(2.0)))
    small, placed, _ = text_scene(same, round(128 / times), 90.0 / times)
    assert image.shape == (128, 128, 3)
    assert len(small) < 128
    back = cv2.resize(image, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(int) - small.astype(int)).mean() < 8
    assert len(lines) == len(placed) > 0
    np.testing.assert_allclose((lines + 0.5) * len(small) / 128 - 0.5, placed, atol=0.01)


def found_of(lines: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """What is made of the map of true lines on a picture of 256 px."""
    picture = text_picture(np.zeros((256, 256, 3), np.uint8), lines, lines[:0])
    shares = np.clip(picture.middle, 0.01, 0.99)
    return text_quads(np.log(shares / (1 - shares)).astype(np.float32), picture.direction)


@pytest.mark.parametrize("turn", [0, 30, 90, 180, 250])
def test_maps_of_true_lines_give_the_lines_back(turn: float) -> None:
    angle = np.radians(turn)
    along, down = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    shape = np.array([(-60, -8), (60, -8), (60, 8), (-60, 8)])
    lines = np.stack(
        [np.array([128, 128]) + shape @ np.stack([along, down]) + 30 * step * down for step in (-1, 1)]
    )
    found = found_of(lines.astype(np.float32))
    assert len(found) == 2
    for line in lines:
        grown = (line - line.mean(axis=0)) @ np.stack([along, down], axis=1)
        grown = (grown + np.sign(grown) * (END_ROOM * 16, ROOM * 16)) @ np.stack([along, down]) + line.mean(
            axis=0
        )
        quad, sure = max(found, key=lambda pair: quad_iou(pair[0], grown))
        assert quad_iou(quad, grown) > 0.85
        assert sure > 0.8
        # The same corner comes first: the text is not read upside down.
        assert np.linalg.norm(quad - grown, axis=1).max() < 10


def box(x: float, y: float, width: float, height: float = 16.0, turn: float = 0.0) -> np.ndarray:
    """A line that begins at a point of the middle of its height, turned about the picture's middle."""
    corners = np.array([(0, -0.5), (1, -0.5), (1, 0.5), (0, 0.5)]) * (width, height) + (x, y) - 128
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return (corners @ np.array([[c, s], [-s, c]]) + 128).astype(np.float32)


@pytest.mark.parametrize("turn", [0, 30, 180])
@pytest.mark.parametrize(
    ("second", "count"),
    [
        ((118, 128, 80), 1),  # two thirds of a letter's height behind the first
        ((118, 128, 13), 1),  # a letter, higher than it is wide
        ((118, 131, 14), 1),  # another, a little lower
        ((8, 128, 13), 1),  # in front
        ((118, 128, 16, 12), 1),  # a letter of which the middle alone was found
        ((150, 128, 80), 2),  # too far away
        ((118, 138, 80), 2),  # lower
        ((118, 128, 80, 32), 2),  # twice as large
        ((28, 150, 80), 2),  # the line below
    ],
)
def test_pieces_of_one_line_are_put_together(second: tuple[float, ...], count: int, turn: float) -> None:
    lines = np.stack([box(28, 128, 80, turn=turn), box(*second, turn=turn)])
    found = found_of(lines)
    assert len(found) == count
    if count == 1:
        (quad, _) = found[0]
        whole = np.concatenate(lines)
        assert all(
            cv2.pointPolygonTest(quad.reshape(4, 1, 2), tuple(map(float, p)), False) > 0 for p in whole
        )
        first = min(lines, key=lambda line: float(line[0] @ (quad[1] - quad[0])))
        assert np.linalg.norm(quad[0] - first[0]) < 16
        # Along the print: its letters would be cut off else.
        assert abs(float((quad[1] - quad[0]) @ (lines[0][3] - lines[0][0]))) < 0.02 * 16 * 200


@pytest.mark.parametrize(("turn", "count"), [(3, 1), (12, 2)])
def test_pieces_that_bend_too_much_stay_apart(turn: float, count: int) -> None:
    angle = np.radians(turn)
    bent = (box(118, 128, 90) - (118, 128)) @ np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    ) + (118, 128)
    lines = np.stack([box(18, 128, 90), bent.astype(np.float32)])
    found = found_of(lines)
    assert len(found) == count


def test_of_several_pieces_the_nearest_is_joined_first() -> None:
    lines = np.stack([box(20, 128, 70), box(96, 128, 11), box(112, 128, 60)])
    ((quad, _),) = found_of(lines)
    assert quad[1, 0] - quad[0, 0] == pytest.approx(152 + 2 * END_ROOM * 16, abs=8)


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize(("y", "between"), [(100, True), (52, False)])
def test_a_letter_alone_between_rows_is_as_high_as_they_are(y: float, between: bool, turn: float) -> None:
    lines = np.stack([box(28, 76, 120, turn=turn), box(28, 124, 90, turn=turn), box(28, y, 12, turn=turn)])
    found = [quad for quad, _ in found_of(lines)]
    assert len(found) == 3
    letter = min(found, key=lambda quad: np.linalg.norm(quad.mean(axis=0) - lines[2].mean(axis=0)))
    assert np.linalg.norm(letter.mean(axis=0) - lines[2].mean(axis=0)) < 3
    heights = sorted(float(np.linalg.norm(quad[3] - quad[0])) for quad in found)
    assert (heights[0] > 0.9 * heights[2]) == between


def test_the_map_shows_the_middle_of_a_line_and_nothing_of_what_nobody_knows() -> None:
    line = np.array([[20, 40], [100, 40], [100, 60], [20, 60]], np.float32)
    part = kernel(line)
    np.testing.assert_allclose(part.mean(axis=0), line.mean(axis=0))
    np.testing.assert_allclose(np.ptp(part, axis=0), [80 - 2 * 0.2 * 20, 0.6 * 20])
    other = line + np.float32([0, 50])
    picture = text_picture(np.zeros((128, 128, 3), np.uint8), line[None], other[None])
    assert picture.middle[50 // STRIDE, 60 // STRIDE] == pytest.approx(1)
    assert np.isnan(picture.middle[100 // STRIDE, 60 // STRIDE])
    assert picture.middle[0, 0] == 0
    np.testing.assert_allclose(picture.direction[:, 50 // STRIDE, 60 // STRIDE], [1, 0])


def test_text_draws_and_their_loss(tmp_path_factory: pytest.TempPathFactory) -> None:
    from lipack_vision.nets.text_map import TextMapNet

    folder = write_pictures(tmp_path_factory.mktemp("pictures"), count=4, seed=1, side=128)
    source = rendered_marks(1, 1, folder=str(folder))
    draws = TextDraws(source, 128, 7, TextSettings(photos=0.5))
    pictures = [draws[number] for number in range(6)]
    batch = TextDraws.collate(pictures)
    assert batch.images.shape == (6, 3, 128, 128)
    np.testing.assert_array_equal(draws[3].image, pictures[3].image)
    task = TextTask("text", "codes", HALF, HALF)
    net = TextMapNet(width=8)
    losses = task.losses(net, batch)
    assert set(losses) == {"middle", "overlap", "direction"}
    assert all(torch.isfinite(value) for value in losses.values())
    sum(losses.values()).backward()
    figures = measure(net, pictures, HALF, HALF)
    assert set(figures) == {"precision", "recall", "f1", "upright"}
