from __future__ import annotations

import pickle

from lipack_vision.errors import ImageError, LipackError


def test_message_names_place_expectation_finding_and_cure() -> None:
    error = ImageError("a.jpg", expected="a photo", found="text", cure="Pass a photo.")
    assert str(error) == "a.jpg: expected a photo, found text. Pass a photo."
    assert error.to_dict() == {
        "error": "ImageError",
        "where": "a.jpg",
        "expected": "a photo",
        "found": "text",
        "cure": "Pass a photo.",
    }


def test_errors_survive_the_way_back_from_a_worker_process() -> None:
    error = ImageError("a.jpg", expected="a photo", found="text", cure="Pass a photo.")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes: what a process pool does
    assert isinstance(copy, LipackError)
    assert type(copy) is ImageError
    assert copy.to_dict() == error.to_dict()
    assert str(copy) == str(error)
