"""What agrees on two photos counts only where it is a part of the carton."""

from __future__ import annotations

from lipack_vision.matching.pair import registered_pictures
from lipack_vision.matching.picture import Picture
from lipack_vision.matching.view import Carton
from lipack_vision.types import Quad, as_quad
from tests.helpers.matching_pictures import face, photo

LEFT = as_quad([[30, 90], [280, 90], [280, 360], [30, 360]])
RIGHT = as_quad([[320, 90], [570, 90], [570, 360], [320, 360]])
MARK = as_quad([[420, 200], [460, 200], [460, 240], [420, 240]])


def picture(left: int, right: int, faces: list[Quad], marks: list[Quad] | None = None) -> Picture:
    """Two printed squares side by side; which of them is a carton is for the caller to say."""
    image = photo([(face(left), LEFT), (face(right), RIGHT)])
    return Picture(image, 1, Carton(faces, [], marks or []))


def on_the_left(one: Picture, other: Picture) -> list[bool]:
    found = registered_pictures(one, other)
    return [bool(plane.pairs[:, side, 0].mean() < 300) for plane in found for side in (0, 1)]


def test_the_floor_that_two_cartons_stand_on_tells_nothing() -> None:
    # Different print on the cartons at the left, the same print at the right.
    for sides in ([LEFT], [LEFT]), ([LEFT], [RIGHT]), ([RIGHT], [LEFT]):
        one, other = picture(1, 3, sides[0]), picture(2, 3, sides[1])
        assert on_the_left(one, other) == []
    assert on_the_left(picture(1, 3, [LEFT]), picture(1, 3, [LEFT])) == [True, True]


def test_faces_that_are_not_sure_are_cartons_all_the_same() -> None:
    one, other = picture(1, 3, [RIGHT]), picture(2, 3, [RIGHT])
    assert on_the_left(one, other) == [False, False]


def test_without_a_carton_only_what_surrounds_a_mark_counts() -> None:
    bare, marked = picture(1, 3, []), picture(1, 3, [], [MARK])
    assert on_the_left(bare, picture(2, 3, [])) == []
    assert on_the_left(marked, picture(2, 3, [])) == []
    assert on_the_left(marked, picture(2, 3, [], [MARK])) == [False, False]
    assert on_the_left(picture(1, 3, [], [MARK]), picture(1, 4, [], [MARK])) == []
