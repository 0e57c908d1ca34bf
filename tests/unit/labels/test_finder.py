"""The finder with nets made by hand: one that supposes squares, one that looks at colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.artifact import Preprocessing, load_artifact
from lipack_vision.errors import ArtifactError
from lipack_vision.image import ReducedPhoto
from lipack_vision.labels.closeup import CLOSEUP_LABELS, LOOK
from lipack_vision.labels.decode import Detection
from lipack_vision.labels.finder import MOST_FACES, Closeups, Finder, load_closeups, load_finder
from lipack_vision.types import LABELS

PRE = Preprocessing(width=256, height=256, mean=(0, 0, 0), std=(1, 1, 1), pad=0)
SIZE = 64
NOTHING = len(CLOSEUP_LABELS)


def square(x: float, y: float, side: float) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float32) - 0.5


def supposing(*found: tuple[str, float, np.ndarray]):
    """A marks net that supposes the given marks on every photo, in pixels of its input."""

    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert images.shape == (1, 3, 256, 256)
        logits = np.full((1, len(found), len(LABELS)), -20, np.float32)
        for i, (label, logit, _) in enumerate(found):
            logits[0, i, LABELS.index(label)] = logit
        return logits, np.array([[quad.reshape(-1) for *_, quad in found]], np.float32)

    return network


def colours(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Red in the middle is a battery mark, green a UN mark, all else nothing; corners of what is bright."""
    logits = np.full((len(images), NOTHING + 1), -4, np.float32)
    heat = np.full((len(images), 4, SIZE // 4, SIZE // 4), -9, np.float32)
    for i, image in enumerate(images):
        red, green, _ = image[:, 28:36, 28:36].mean(axis=(1, 2))
        label = CLOSEUP_LABELS.index("battery_mark") if red > 0.5 else CLOSEUP_LABELS.index("un_mark")
        logits[i, label if max(red, green) > 0.5 else NOTHING] = 4
        bright = np.argwhere(image[:, 2::4, 2::4].max(axis=0) > 0.3)
        if len(bright):
            (y0, x0), (y1, x1) = bright.min(axis=0), bright.max(axis=0)
            for corner, (x, y) in enumerate([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]):
                heat[i, corner, y, x] = 9
    return logits, heat


def bright(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is bright is a face of a carton."""
    _, heat = colours(images)
    seen = 8 * (heat.max(axis=(1, 2, 3)) > 0) - 4
    return np.stack([seen / 2, -seen / 2], axis=1).astype(np.float32), heat


def photo(colour: tuple[int, int, int], side: int = 512) -> np.ndarray:
    """A square of one colour from (100, 120) to (180, 200) on a photo of 512 x 512 pixels."""
    image = np.zeros((side, side, 3), np.uint8)
    image[120:200, 100:180] = colour
    return image


def find(image: np.ndarray, *supposed: tuple[str, float, np.ndarray], close: bool = True) -> list[Detection]:
    nets = (Closeups(colours, SIZE), Closeups(bright, SIZE)) if close else (None, None)
    return Finder(supposing(*supposed), PRE, *nets)(image)


def test_without_closeups_the_supposed_marks_are_told() -> None:
    (found,) = find(photo((255, 0, 0)), ("class9a", 2.0, square(50, 60, 40)), close=False)
    assert (LABELS[found.index], found.logit) == ("class9a", 2.0)
    np.testing.assert_allclose(found.quad, square(100, 120, 80), atol=0.01)


def test_a_closer_look_corrects_class_and_corners() -> None:
    (found,) = find(photo((255, 0, 0)), ("class9a", -1.2, square(47, 64, 44)))
    assert LABELS[found.index] == "battery_mark"
    assert found.score > 0.9
    np.testing.assert_allclose(found.quad, square(100, 120, 80), atol=8)


def test_a_closer_look_dismisses_what_is_nothing() -> None:
    assert find(photo((0, 0, 255)), ("class9", 5.0, square(50, 60, 40))) == []


def test_one_mark_supposed_twice_is_told_once() -> None:
    supposed = [("class9", 1.0, square(50, 60, 40)), ("other_hazard", 0.0, square(53, 62, 40))]
    (found,) = find(photo((0, 255, 0)), *supposed)
    assert LABELS[found.index] == "un_mark"


def test_a_closer_look_places_the_corners_of_a_face() -> None:
    (found,) = find(photo((0, 0, 255)), ("carton", 3.0, square(46, 66, 52)))
    assert LABELS[found.index] == "carton"
    np.testing.assert_allclose(found.quad, square(100, 120, 80), atol=8)


def test_a_face_that_is_none_on_a_closer_look_is_less_likely_one() -> None:
    supposed = ("carton", 3.0, square(46, 66, 52))
    (told,), (none,) = find(photo((0, 0, 255)), supposed), find(photo((0, 0, 0)), supposed)
    assert none.score < 0.4 < 0.9 < told.score
    np.testing.assert_allclose(none.quad, square(92, 132, 104), atol=0.01)  # as it was supposed


def test_without_a_net_for_faces_they_are_told_as_supposed() -> None:
    network = supposing(("carton", 3.0, square(46, 66, 52)))
    (found,) = Finder(network, PRE, Closeups(colours, SIZE))(photo((0, 0, 255)))
    assert found.logit == pytest.approx(3.0)
    np.testing.assert_allclose(found.quad, square(92, 132, 104), atol=0.01)


def test_what_is_hardly_a_face_is_not_told() -> None:
    supposed = ("carton", -2.5, square(46, 66, 52))
    assert len(find(photo((0, 0, 0)), supposed, close=False)) == 1
    assert find(photo((0, 0, 0)), supposed) == []


def test_only_likely_faces_are_looked_at_again_and_not_all_of_them() -> None:
    looks: list[int] = []

    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        looks.append(len(images))
        return bright(images)

    image = np.zeros((512, 512, 3), np.uint8)
    places = [(x, y) for y in (30, 220) for x in (20, 180, 340)]
    for x, y in places[1:]:  # the first one shows nothing
        image[y : y + 80, x : x + 80] = 255
    supposed = [("carton", 1.0 + n / 10, square(x / 2, y / 2, 40)) for n, (x, y) in enumerate(places)]
    found = Finder(supposing(*supposed), PRE, None, Closeups(network, SIZE))(image)
    assert looks == [6, 4]
    assert [found[-1].score < 0.5, *(face.score > 0.8 for face in found[:-1])] == [True] * 6


def test_one_face_supposed_twice_is_told_once() -> None:
    supposed = [("carton", 2.0, square(46, 66, 52)), ("carton", 1.0, square(66, 52, 44))]
    assert len(find(photo((0, 0, 255)), *supposed, close=False)) == 2
    assert len(find(photo((0, 0, 255)), *supposed)) == 1


def test_hardly_anything_supposed_is_looked_at_nonetheless() -> None:
    (found,) = find(photo((255, 0, 0)), ("class9", -1.3, square(50, 60, 40)))
    assert LABELS[found.index] == "battery_mark"


def test_marks_are_told_in_order_of_their_score() -> None:
    image = photo((255, 0, 0))
    image[300:400, 300:400] = (0, 255, 0)
    found = find(
        image,
        ("class9", 1.0, square(50, 60, 40)),
        ("un_mark", 2.0, square(150, 150, 50)),
        ("carton", 1.0, square(0, 0, 250)),
    )
    assert [LABELS[d.index] for d in found][-1] == "carton"
    assert {LABELS[d.index] for d in found} == {"battery_mark", "un_mark", "carton"}


def test_what_is_small_on_a_reduced_photo_is_judged_on_the_whole_one() -> None:
    whole, decoded = photo((255, 0, 0)), []

    def decode() -> np.ndarray:
        decoded.append(True)
        return whole

    def look(side: float) -> list[Detection]:
        image = np.ascontiguousarray(whole[::4, ::4])
        finder = Finder(supposing(("class9", 1.0, square(50, 60, side))), PRE, Closeups(colours, SIZE))
        return finder.find(ReducedPhoto(image, 4, decode))

    (found,) = look(40)
    assert LABELS[found.index] == "battery_mark"
    np.testing.assert_allclose(found.quad, square(100, 120, 80), atol=8)
    assert decoded


def test_the_whole_photo_is_not_decoded_for_what_is_large_enough() -> None:
    def decode() -> np.ndarray:
        raise AssertionError("decoded")

    image = np.zeros((512, 512, 3), np.uint8)
    image[120:200, 100:180] = 255, 0, 0
    finder = Finder(supposing(("class9", 1.0, square(50, 60, 40))), PRE, Closeups(colours, SIZE))
    (found,) = finder.find(ReducedPhoto(image, 2, decode))
    np.testing.assert_allclose(found.quad, square(200, 240, 160), atol=16)


def test_only_labels_that_are_looked_for_are_looked_at_and_told() -> None:
    looks: list[int] = []

    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        looks.append(len(images))
        return colours(images)

    def find_only(*labels: str) -> list[str]:
        looks.clear()
        nets = Closeups(network, SIZE), Closeups(bright, SIZE)
        found = Finder(supposing(*supposed), PRE, *nets, frozenset(labels))(image)
        return [LABELS[one.index] for one in found]

    image = photo((255, 0, 0))
    image[300:400, 300:400] = (0, 255, 0)
    supposed = [
        ("battery_mark", 1.0, square(50, 60, 40)),
        ("un_mark", 2.0, square(150, 150, 50)),
        ("carton", 1.0, square(0, 0, 250)),
    ]
    assert find_only("un_mark") == ["un_mark"]
    assert looks == [1, 1]
    assert find_only("carton") == ["carton"]
    assert looks == []


@pytest.mark.parametrize(("logit", "looks"), [(-2.5, True), (-4.0, False)])
def test_what_may_be_looked_for_is_judged_though_it_is_rather_taken_for_something_else(
    logit: float, looks: bool
) -> None:
    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, corners = supposing(("battery_mark", 3.0, square(150, 150, 50)))(images)
        logits[0, 0, LABELS.index("un_mark")] = logit
        return logits, corners

    image = photo((255, 0, 0))
    image[300:400, 300:400] = (0, 255, 0)
    found = Finder(network, PRE, Closeups(colours, SIZE), None, frozenset({"un_mark"}))(image)
    assert [LABELS[one.index] for one in found] == ["un_mark"] * looks


def test_the_likeliest_of_what_is_looked_for_are_looked_at_and_no_more() -> None:
    places = [square(40 * (i % 6), 40 * (i // 6), 24) for i in range(18)]

    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        supposed = [("battery_mark", 4.0 if i else 1.0, quad) for i, quad in enumerate(places)]
        logits, corners = supposing(*supposed)(images)
        logits[0, :, LABELS.index("un_mark")] = -2.0
        # Looked at first among UN marks though it is the least likely mark of all.
        logits[0, 0, LABELS.index("un_mark")] = 0.0
        return logits, corners

    looks: list[int] = []

    def looking(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        looks.append(len(images))
        return colours(images)

    image = np.zeros((256, 256, 3), np.uint8)
    image[:24, :24] = (0, 255, 0)
    for labels, count in ((frozenset({"un_mark"}), 8), (frozenset(LABELS), 18)):
        looks.clear()
        found = Finder(network, PRE, Closeups(looking, SIZE), None, labels)(image)
        assert looks[0] == count
        assert [LABELS[one.index] for one in found if one.logit > 0 and one.quad[2, 0] < 40] == ["un_mark"]


def test_every_likely_mark_of_those_looked_for_is_looked_at() -> None:
    places = [square(40 * (i % 6), 40 * (i // 6), 24) for i in range(14)]
    image = np.zeros((256, 256, 3), np.uint8)
    for quad in places:
        (left, top), (right, bottom) = np.rint(quad[[0, 2]] + 0.5).astype(int)
        image[top:bottom, left:right] = (0, 255, 0)
    supposed = [("un_mark", 0.0, quad) for quad in places]
    nets = supposing(*supposed), PRE, Closeups(colours, SIZE), None
    assert len(Finder(*nets, frozenset({"un_mark"}))(image)) == 14


def test_a_mark_counts_where_another_one_is_rather_supposed_at_its_place() -> None:
    """Of two suppositions of one place the first is of a battery mark, the second of the UN mark it is."""
    places = [square(40 * (i % 6), 40 * (i // 6), 24) for i in range(10)]

    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        supposed = [("battery_mark", 1.0, quad) for quad in places]
        logits, corners = supposing(*supposed, ("battery_mark", 2.0, places[0]))(images)
        logits[0, :, LABELS.index("un_mark")] = -2.0
        logits[0, 0, LABELS.index("un_mark")] = 0.0
        logits[0, -1, LABELS.index("un_mark")] = -2.9
        return logits, corners

    image = np.zeros((256, 256, 3), np.uint8)
    image[:24, :24] = (0, 255, 0)
    found = Finder(network, PRE, Closeups(colours, SIZE), None, frozenset({"un_mark"}))(image)
    assert [one.quad[2, 0] < 40 for one in found if one.logit > 0] == [True]


def test_without_closeups_a_rival_that_is_not_looked_for_still_counts() -> None:
    supposed = supposing(("class9a", 3.0, square(50, 60, 40)), ("class9", 0.5, square(50, 60, 40)))
    assert Finder(supposed, PRE, labels=frozenset({"class9"}))(photo((255, 0, 0))) == []


def test_a_face_whose_corners_run_the_wrong_way_round_is_left_out() -> None:
    def network(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, heat = bright(images)
        return logits, np.full_like(heat, -9)  # corners stay where they were supposed

    wrong = square(50, 60, 40)[::-1]
    supposed = supposing(("carton", 3.0, wrong), ("carton", 2.0, square(151, 60, 40)))
    image = np.full((512, 512, 3), 255, np.uint8)
    (found,) = Finder(supposed, PRE, None, Closeups(network, SIZE))(image)
    np.testing.assert_allclose(found.quad, square(302, 120, 80), atol=0.01)


def test_faces_beyond_the_most_that_are_looked_at_are_told_as_supposed() -> None:
    places = [square(24 * (n % 10), 24 * (n // 10), 20) for n in range(MOST_FACES + 3)]
    supposed = supposing(*(("carton", 2.0 - n / 10, place) for n, place in enumerate(places)))
    found = Finder(supposed, PRE, None, Closeups(bright, SIZE))(np.full((512, 512, 3), 255, np.uint8))
    told = {round(face.logit, 3) for face in found}
    assert {round(2.0 - n / 10, 3) for n in range(MOST_FACES, MOST_FACES + 3)} <= told
    assert len(found) == MOST_FACES + 3


def test_a_finding_on_a_part_of_a_better_one_is_not_told() -> None:
    image = photo((0, 255, 0))
    supposed = [("un_mark", 1.0, square(50, 60, 40)), ("un_mark", 0.5, square(56, 66, 26))]
    assert len(find(image, *supposed)) == 1


def test_a_mark_whose_corners_are_unsure_is_less_likely_one() -> None:
    def unsure(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        logits, heat = colours(images)
        return logits, heat / 6

    def score(network) -> float:
        supposed = supposing(("un_mark", 1.0, square(50, 60, 40)))
        (found,) = Finder(supposed, PRE, Closeups(network, SIZE))(photo((0, 255, 0)))
        return found.score

    assert score(unsure) < score(colours) - 0.1


def test_a_close_up_net_for_another_look_is_refused_with_what_to_do(tmp_path: Path) -> None:
    shipped = load_artifact("marks")
    assert load_closeups(shipped) is not None
    other = shipped.rewritten(tmp_path / "other", {"closeup_look": LOOK - 1})
    with pytest.raises(ArtifactError, match="experiment=closeups") as told:
        load_finder(other)
    assert told.value.found == f"one for look {LOOK - 1}"
    # The marks net alone fits as before.
    assert load_closeups(shipped.rewritten(tmp_path / "alone", {"closeup_size": None})) is None
