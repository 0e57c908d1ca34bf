from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from lipack_vision.codes.lattice import Lattice, joined, of_probabilities, of_text

ALPHABET = "AB/"


def lattice(*rows: tuple[float, ...]) -> Lattice:
    return of_probabilities(ALPHABET, rows)


def collapsed(path: tuple[int, ...]) -> str:
    """What a path of columns reads in CTC: repetitions joined, blanks dropped."""
    signs = [column for column, _ in itertools.groupby(path)]
    return "".join(ALPHABET[column - 1] for column in signs if column)


def test_the_free_reading_joins_repetitions_and_drops_blanks() -> None:
    seen = lattice(
        (0.1, 0.8, 0.1, 0.0),
        (0.1, 0.9, 0.0, 0.0),
        (0.9, 0.1, 0.0, 0.0),
        (0.2, 0.7, 0.1, 0.0),
        (0.1, 0.1, 0.1, 0.7),
    )
    assert seen.text == "AA/"
    assert [(run.sign, run.start, run.end) for run in seen.runs] == [("A", 0, 2), ("A", 3, 4), ("/", 4, 5)]
    assert [run.confidence for run in seen.runs] == pytest.approx([0.9, 0.7, 0.7])


def test_the_probability_of_a_text_is_the_sum_over_all_its_paths() -> None:
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(4), 4)
    seen = of_probabilities(ALPHABET, rows)
    for text in ("", "A", "AB", "AA", "B/A", "ABAB"):
        paths = [path for path in itertools.product(range(4), repeat=4) if collapsed(path) == text]
        total = sum(math.prod(rows[step, column] for step, column in enumerate(path)) for path in paths)
        assert math.exp(seen.log_probability(text)) == pytest.approx(total, abs=1e-9)


def test_a_text_with_an_unknown_sign_is_impossible() -> None:
    assert lattice((0.1, 0.8, 0.1, 0.0)).log_probability("Q") == -math.inf


def test_a_text_gives_a_lattice_that_reads_it() -> None:
    seen = of_text("4G/Y30\nPI:", (0.99, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9, 0.2, 0.9, 0.9))
    assert seen.text == "4G/Y30\nPI:"
    assert np.exp(seen.log).sum(axis=1) == pytest.approx(1.0, abs=0.03)
    step = seen.log[1 + 2 * 3]
    assert step[seen.index("V")] > step[seen.index("G")]


def test_lattices_are_joined_by_signs_that_are_certain() -> None:
    both = joined([lattice((0.0, 1.0, 0.0, 0.0)), of_text("12")], ["\n"])
    assert both.text == "A\n12"
    assert both.index("Q") > 0  # from the second alphabet


def test_steps_that_surely_show_nothing_are_joined_and_places_stay() -> None:
    nothing, a, slash = (1.0, 0.0, 0.0, 0.0), (0.1, 0.9, 0.0, 0.0), (0.1, 0.0, 0.0, 0.9)
    seen = lattice(nothing, nothing, a, nothing, nothing, nothing, nothing, slash, nothing, nothing)
    assert len(seen) == 5
    assert seen.text == "A/"
    assert [seen.place(run.start, run.end) for run in seen.runs] == [(0.2, 0.3), (0.7, 0.8)]
    whole = Lattice(
        ALPHABET, np.log(np.maximum([nothing] * 2 + [a] + [nothing] * 4 + [slash] + [nothing] * 2, 1e-7))
    )
    assert seen.log_probability("A/") == pytest.approx(whole.log_probability("A/"), abs=1e-3)
    assert of_text("4G").place(1, 2) == (0.2, 0.4)
