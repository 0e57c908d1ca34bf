"""Fit what tells a 9 from other class numbers; the weights stand in `labels.conformity_number`.

python -m benchmarks.conformity_fit
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from benchmarks.conformity import photograph
from lipack_vision.labels.conformity_form import measure_diamond
from lipack_vision.labels.conformity_view import crop, find_border
from lipack_vision.synth.artwork.faults import draw_checked
from lipack_vision.types import as_quad

SEED = 777
Floats = npt.NDArray[np.float64]


def samples(count: int) -> tuple[Floats, Floats]:
    """Number cells ``(N, 54)`` as measured on rendered labels, and whether each is a 9."""
    cells, nine = [], []
    for index in range(count):
        rng = np.random.default_rng([SEED, index])
        kind, fault = ("class9", "class9a")[index % 2], (None, "digit_other")[index // 2 % 2]
        side = float(np.exp(rng.uniform(np.log(75), np.log(330))))
        artwork = draw_checked(kind, fault, rng, 1.25 * side / 100)
        view = photograph(artwork, side, rng, turn=False)
        part, near, _ = crop(view.image, as_quad(view.given))
        seen = measure_diamond(part, find_border(part, near)).number
        if seen.shape is not None and seen.bottom - seen.top >= 700 / side:
            cells.append(seen.shape.ravel())
            nine.append(fault is None)
    return np.array(cells), np.array(nine, float)


def fit(cells: Floats, nine: Floats) -> Floats:
    """Weights and bias ``(55,)`` of a logistic regression."""
    found = LogisticRegression(C=1.0, tol=1e-8, max_iter=10_000).fit(cells, nine)
    return np.asarray(np.concatenate([found.coef_[0], found.intercept_]), np.float64)


def main(count: int = 1600) -> None:
    """Print weights to copy, and how they do on the fifth that was left out."""
    cells, nine = samples(count)
    cut = len(cells) * 4 // 5
    left_out = np.hstack([cells[cut:], np.ones((len(cells) - cut, 1))]) @ fit(cells[:cut], nine[:cut])
    print(f"right on {((left_out > 0) == (nine[cut:] > 0)).mean():.1%} of {len(left_out)} left out")
    weights = np.round(fit(cells, nine), 1)
    for row in weights[:-1].reshape(9, 6):
        print(tuple(float(value) for value in row), end=",\n")
    print(f"bias {weights[-1]:.1f}")


if __name__ == "__main__":
    main()
