from __future__ import annotations

import itertools

import numpy as np
import pytest

from lipack_vision.codes.automaton import ANY, Automaton, Builder
from lipack_vision.codes.lattice import Lattice, of_probabilities, of_text

ALPHABET = "AB1"


def words(*allowed: str) -> Automaton:
    made = Builder()
    made.end(made.words(made.state(), allowed, "word"))
    return Automaton(made)


def best_by_trying(lattice: Lattice, allowed: tuple[str, ...]) -> tuple[float, str]:
    """The likeliest single path of any of the words, from all paths there are."""
    found = []
    for path in itertools.product(range(1 + len(lattice.alphabet)), repeat=len(lattice)):
        text = "".join(lattice.alphabet[c - 1] for c, _ in itertools.groupby(path) if c)
        if text in allowed:
            found.append((float(sum(lattice.log[step, column] for step, column in enumerate(path))), text))
    return max(found)


@pytest.mark.parametrize("seed", range(20))
def test_the_likeliest_word_is_found(seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(4, 0.7), 5)
    lattice = of_probabilities(ALPHABET, rows)
    allowed = ("AA", "AB", "B1A", "1", "11", "ABA")
    path = words(*allowed).best(lattice)
    score, text = best_by_trying(lattice, allowed)
    assert path is not None
    assert (path.text, path.score) == (text, pytest.approx(score))


def test_steps_tell_their_element_and_place() -> None:
    made = Builder()
    level = made.arc(made.state(), made.state(), "XY", "level")
    made.end(made.chain(level, ["0123456789"], "mass", "digit"))
    path = Automaton(made).best(of_text("V3"))
    assert path is not None
    assert [(step.sign, step.element) for step in path.steps] == [("Y", "level"), ("3", "mass")]
    assert path.steps[0].end <= path.steps[1].start


def test_a_digit_that_was_read_stays_that_digit() -> None:
    made = Builder()
    made.end(made.words(made.state(), ["12"], "word"))
    assert Automaton(made).best(of_text("13")) is not None
    strict = Builder()
    strict.end(strict.chain(strict.state(), ["1", "2"], "word", "digit"))
    assert Automaton(strict).best(of_text("13")) is None
    assert Automaton(strict).best(of_text("1Z")) is not None


def test_what_must_be_exact_is_nothing_but_what_was_read() -> None:
    made = Builder()
    end = made.arc(made.state(), made.state(), [ANY], "text", "exact")
    made.arc(end, end, [ANY], "text", "exact")
    made.end(end)
    path = Automaton(made).best(of_text("O0 x7"))
    assert path is not None
    assert path.text == "O0 x7"


def test_costs_are_told_and_decide() -> None:
    made = Builder()
    start, end = made.state(), made.state()
    dear = made.state()
    made.jump(start, dear, -3.0)
    made.words(start, ["B"], "word", end)
    made.words(dear, ["A"], "word", end)
    made.end(end)
    sure = Automaton(made).best(of_text("A"))
    assert sure is not None
    assert (sure.text, sure.cost) == ("A", pytest.approx(3.0))
    unsure = Automaton(made).best(of_probabilities("AB", [(0.1, 0.46, 0.44)]))
    assert unsure is not None
    assert unsure.text == "B"


def test_nothing_is_found_where_nothing_fits() -> None:
    assert words("Q").best(of_probabilities(ALPHABET, [(0.1, 0.9, 0.0, 0.0)])) is None
