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


@pytest.mark.parametrize(("costs", "element"), [((-3.0, -1.0), "second"), ((-1.0, -3.0), "first")])
def test_of_two_arcs_that_read_one_sign_into_one_state_the_cheaper_is_taken(
    costs: tuple[float, float], element: str
) -> None:
    made = Builder()
    start, first, second, end = (made.state() for _ in range(4))
    made.jump(start, first, costs[0])
    made.jump(start, second, costs[1])
    made.arc(first, end, "A", "first")
    made.arc(second, end, "A", "second")
    made.end(end)
    path = Automaton(made).best(of_text("A"))
    assert path is not None
    assert ([step.element for step in path.steps], path.cost) == ([element], 1.0)


@pytest.mark.parametrize(("printed", "elements"), [("BA", ["before", "after"]), ("A", ["alone"])])
def test_of_two_arcs_that_read_one_sign_into_one_state_what_stands_before_decides(
    printed: str, elements: list[str]
) -> None:
    made = Builder()
    start, middle, end = (made.state() for _ in range(3))
    made.arc(start, middle, "B", "before")
    made.arc(middle, end, "A", "after")
    made.arc(start, end, "A", "alone")
    made.end(end)
    path = Automaton(made).best(of_text(printed))
    assert path is not None
    assert (path.text, [step.element for step in path.steps]) == (printed, elements)


def test_nothing_is_found_where_nothing_fits() -> None:
    assert words("Q").best(of_probabilities(ALPHABET, [(0.1, 0.9, 0.0, 0.0)])) is None
