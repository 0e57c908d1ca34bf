from __future__ import annotations

import pytest

from lipack_vision.codes.spotting import begins_batch, begins_mark


@pytest.mark.parametrize("text", ["4G/Y25/S", "un 4G Y25", "Q 1A2/X400/S", "4H2", "50A/X/05 05"])
def test_beginnings_are_known(text: str) -> None:
    assert begins_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "N4G / Yahoo Finance",
        "4G / Yahoo Finance",
        "y_4G / y_5G",
        "UN3480",
        "CN/C370012 PI:015",
        "1G/10G/25G",
        "",
    ],
)
def test_other_print_begins_no_mark(text: str) -> None:
    assert not begins_mark(text)


def test_batches_are_known() -> None:
    assert begins_batch("PI:006")
    assert begins_batch("P1 : 006")
    assert not begins_batch("PICK UP")
