"""Metrics and calibration on findings made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lipack_vision.artifact import Calibration
from lipack_vision.datasets import Sample, Truth
from lipack_vision.labels.decode import Detection, sigmoid
from lipack_vision.types import LABELS
from training import calibration
from training.infer import Result
from training.metrics import evaluate, show
from training.platt import platt
from training.worst import mistakes

CLASS9, CLASS9A = LABELS.index("class9"), LABELS.index("class9a")


def square(x: float, y: float, side: float = 40) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float32)


def result(
    marks: list[tuple[int, np.ndarray, float]],
    found: list[tuple[int, float, np.ndarray]],
    *,
    ordered: bool = True,
    asked: tuple[str, ...] = LABELS,
) -> Result:
    truth = Truth(
        np.array([q for _, q, _ in marks], np.float32).reshape(-1, 4, 2),
        np.array([label for label, _, _ in marks], np.int64),
        np.array([v for _, _, v in marks], np.float32),
        np.full(len(marks), ordered),
    )
    detections = sorted((Detection(*f) for f in found), key=lambda d: -d.logit)
    return Result(
        Sample(Path("none.png"), (200, 200), truth, np.array([label in asked for label in LABELS])),
        detections,
        1.0,
    )


def test_perfect_findings_score_one() -> None:
    figures = evaluate(
        [
            result(
                [(0, square(10, 10), 1), (3, square(80, 80), 1)],
                [(0, 3, square(10, 10)), (3, 3, square(80, 80))],
            )
        ]
    )
    assert figures["AP"] == pytest.approx(1)
    assert figures["AP50/class9"] == pytest.approx(1)
    assert figures["corner_error"] == 0
    assert "AP/carton" not in figures


def test_no_findings_score_zero_and_no_marks_score_nothing() -> None:
    assert evaluate([result([(0, square(10, 10), 1)], [])])["AP"] == 0
    assert evaluate([result([], [])]) == {}


def test_polygons_are_compared_not_boxes() -> None:
    diamond = np.array([[60, 20], [100, 60], [60, 100], [20, 60]], np.float32)
    box = square(20, 20, 80)
    marks, found = [(0, diamond, 1.0)], [(0, 3.0, box)]
    assert evaluate([result(marks, found)])["AP50"] < 0.5 or evaluate([result(marks, found)])["AP75"] == 0
    assert evaluate([result(marks, found)], boxes=True)["AP"] == pytest.approx(1)


def test_boxes_of_findings_end_where_the_photo_ends() -> None:
    # Half of the mark is beyond the edge: people draw the box of what is to be seen.
    seen = np.array([[0, 50], [40, 50], [40, 130], [0, 130]], np.float32)
    cut = [result([(3, seen, 1.0)], [(3, 3.0, square(-40, 50, 80))], ordered=False)]
    assert evaluate(cut)["AP"] == pytest.approx(1)
    assert mistakes(cut[0]) == 0
    # Where the whole mark is known it is clipped alike.
    whole = result([(3, square(-40, 50, 80), 1.0)], [(3, 3.0, square(-40, 50, 80))])
    assert evaluate([whole], boxes=True)["AP"] == pytest.approx(1)
    assert calibration.gather(cut)["other_hazard"].right == [True]


def test_hidden_marks_are_neither_missed_nor_wrong() -> None:
    marks = [(0, square(10, 10), 1.0), (0, square(100, 100), 0.2)]
    assert evaluate([result(marks, [(0, 3, square(10, 10))])])["AP"] == pytest.approx(1)
    assert evaluate([result(marks, [(0, 2, square(10, 10)), (0, 3, square(100, 100))])])[
        "AP"
    ] == pytest.approx(1)


def test_corner_error_counts_order_and_is_relative_to_the_side() -> None:
    shifted = evaluate([result([(0, square(10, 10), 1)], [(0, 3, square(12, 10))])])
    assert shifted["corner_error/class9"] == pytest.approx(2 / 40)
    turned = evaluate([result([(0, square(10, 10), 1)], [(0, 3, np.roll(square(10, 10), 1, axis=0))])])
    assert turned["corner_error"] == pytest.approx(1)


def test_mix_up_of_class_9_and_9a_is_counted() -> None:
    marks = [(CLASS9, square(10, 10), 1.0), (CLASS9, square(100, 100), 1.0)]
    found = [(CLASS9A, 3.0, square(10, 10)), (CLASS9, 1.0, square(10, 10)), (CLASS9, 2.0, square(100, 100))]
    assert evaluate([result(marks, found)])["class9_as_class9a"] == 0.5


def test_each_mark_is_found_once_and_hidden_ones_do_not_count() -> None:
    marks = [(0, square(10, 10), 1.0), (0, square(100, 100), 0.1)]
    found = [
        (0, 2.0, square(10, 10)),
        (0, 1.0, square(11, 10)),
        (0, 0.5, square(100, 100)),
        (0, 0.1, square(150, 10)),
    ]
    seen = calibration.gather([result(marks, found)])["class9"]
    assert seen.logits == [2.0, 1.0, pytest.approx(0.1)]
    assert seen.right == [True, False, False]
    assert seen.marks == 1


def test_platt_scaling_recovers_the_numbers_that_made_the_data() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 20000)
    right = rng.random(20000) < sigmoid(1.7 * logits - 0.6)
    a, b = platt(logits, right)
    assert a == pytest.approx(1.7, abs=0.1)
    assert b == pytest.approx(-0.6, abs=0.1)
    assert calibration.calibration_error(sigmoid(a * logits + b), right) < 0.02


def test_platt_scaling_reaches_the_optimum_on_overconfident_data() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 8, 4000)
    right = rng.random(4000) < sigmoid(0.2 * logits - 0.8)
    assert platt(logits, right) == pytest.approx((0.2, -0.8), abs=0.06)


def test_platt_scaling_stays_finite_on_clean_data_and_tells_a_falling_curve() -> None:
    logits = np.r_[np.full(50, 3.0), np.full(50, -3.0)]
    assert np.isfinite(platt(logits, logits > 0)).all()
    assert platt(logits, logits < 0)[0] < 0


def evidence(**seen: calibration.Evidence) -> dict[str, calibration.Evidence]:
    return {label: calibration.Evidence() for label in LABELS} | seen


def drawn(seed: int, count: int = 400) -> calibration.Evidence:
    """Findings that are as often right as their raw score says."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, count)
    return calibration.Evidence(logits.tolist(), (rng.random(count) < sigmoid(logits)).tolist(), count // 2)


def test_only_classes_with_enough_findings_of_both_kinds_are_calibrated() -> None:
    sure = calibration.Evidence([2.0] * 400, [True] * 400, 400)
    fitted = calibration.calibrations([evidence(class9=drawn(1), carton=sure)])
    assert set(fitted) == {"class9"}
    assert fitted["class9"].positives + fitted["class9"].negatives == 400


def test_no_probability_is_above_what_the_sure_findings_support() -> None:
    # 20 right ones and much junk just above the lowest score: the curve alone would promise 0.999.
    few = calibration.Evidence([3.0] * 20 + [-2.5] * 150, [True] * 20 + [False] * 150, 25)
    fit = calibration.calibrations([evidence(class9=few)])["class9"]
    assert fit.most == pytest.approx(21 / 22, abs=1e-3)
    assert fit.probability(9.0) == pytest.approx(fit.most, abs=5e-5)
    half = calibration.Evidence([3.0] * 10 + [4.0] * 10 + [-2.5] * 150, [True] * 20 + [False] * 150, 25)
    assert calibration.calibrations([evidence(class9=half)])["class9"].most == pytest.approx(
        21 / 22, abs=0.05
    )


def test_many_rendered_photos_do_not_outvote_the_few_real_ones() -> None:
    rendered = calibration.Evidence([3.0] * 130 + [-2.5] * 950, [True] * 130 + [False] * 950, 130)
    own = calibration.Evidence([4.0] * 12, [True, False] * 6, 6)
    alone = calibration.calibrations([evidence(class9=rendered)])["class9"]
    both = calibration.calibrations([evidence(class9=rendered), evidence(class9=own)])["class9"]
    assert alone.probability(5.0) > 0.95
    assert both.probability(5.0) <= 7 / 13 + 1e-3
    right = calibration.Evidence([4.0] * 12, [True] * 12, 12)
    good = calibration.calibrations([evidence(class9=rendered), evidence(class9=right)])["class9"]
    assert good.probability(5.0) > 0.95


def test_operating_points_stay_in_bounds_and_strict_is_not_below_sensitive() -> None:
    parts = [evidence(class9=drawn(2))]
    points = calibration.operating_points(parts, calibration.calibrations(parts))
    assert points["sensitive"]["class9"] <= points["balanced"]["class9"] <= points["strict"]["class9"]
    for name, (_, highest) in calibration.POINTS.items():
        assert all(0.1 <= threshold <= highest + 1e-9 for threshold in points[name].values())


def test_thresholds_of_classes_with_too_little_evidence_stay_as_they_were() -> None:
    parts = [evidence(other_hazard=calibration.Evidence([3.0, 2.0], [True, False], 1))]
    assert calibration.operating_points(parts, {})["balanced"]["other_hazard"] == 0.5
    former = {"balanced": {"other_hazard": 0.2}}
    assert calibration.operating_points(parts, {}, former)["balanced"]["other_hazard"] == 0.2


def test_boxes_are_compared_with_boxes_and_only_where_nothing_else_is_known() -> None:
    diamond = np.array([[60, 20], [100, 60], [60, 100], [20, 60]], np.float32)
    boxed = result([(0, square(20, 20, 80), 1.0)], [(0, 3.0, diamond)], ordered=False)
    assert evaluate([boxed])["AP"] == pytest.approx(1)
    assert "corner_error" not in evaluate([boxed])
    assert calibration.gather([boxed])["class9"].right == [True]
    assert mistakes(boxed) == 0


def test_findings_of_classes_that_were_not_asked_count_neither_way() -> None:
    carton = LABELS.index("carton")
    seen = result(
        [(0, square(10, 10), 1)], [(0, 3, square(10, 10)), (carton, 4, square(90, 90))], asked=("class9",)
    )
    assert evaluate([seen])["AP"] == pytest.approx(1)
    assert calibration.gather([seen])["carton"].logits == []
    assert mistakes(seen) == 0
    drawn_all_the_same = result(
        [(0, square(10, 10), 1), (carton, square(90, 90), 1)], [(0, 3, square(10, 10))], asked=("class9",)
    )
    assert evaluate([drawn_all_the_same])["AP"] == pytest.approx(1)
    assert mistakes(drawn_all_the_same) == 0


def test_mistakes_are_missed_marks_and_false_findings() -> None:
    marks = [(0, square(10, 10), 1.0), (3, square(100, 100), 1.0), (0, square(150, 10), 0.1)]
    assert mistakes(result(marks, [(0, 3.0, square(10, 10))])) == 1
    assert mistakes(result(marks, [(0, 3.0, square(10, 10)), (1, 2.0, square(100, 100))])) == 2
    assert mistakes(result(marks, [(0, -3.0, square(10, 10)), (0, 3.0, square(150, 10))])) == 2


def test_carried_thresholds_find_the_same_marks() -> None:
    former = {"class9": Calibration(a=2.0, b=-0.5, positives=30, negatives=30)}
    fitted = {"class9": Calibration(a=1.2, b=0.1, positives=60, negatives=60)}
    points = calibration.carried_points({"balanced": {"class9": 0.4, "carton": 0.3}}, former, fitted)[
        "balanced"
    ]
    assert points["carton"] == 0.3
    for logit in np.linspace(-3, 3, 41):
        before = former["class9"].probability(logit) >= 0.4
        assert (fitted["class9"].probability(logit) >= points["class9"]) == before


def test_a_carried_threshold_can_be_reached() -> None:
    former = {"un_mark": Calibration(a=1.0, b=0.0, positives=30, negatives=30)}
    fitted = {"un_mark": Calibration(a=1.0, b=0.0, positives=30, negatives=30, most=0.923)}
    points = calibration.carried_points({"strict": {"un_mark": 0.99}}, former, fitted)
    assert fitted["un_mark"].probability(5.0) >= points["strict"]["un_mark"]


def test_both_ends_of_a_probability_rest_on_the_findings_there() -> None:
    logits = [float(value) for value in range(100)]
    clear = calibration.supported(logits, [value >= 50 for value in logits])
    # Half of fifty findings on each side, all of them right, and one more that may be wrong.
    assert clear["most"] == pytest.approx(26 / 27, abs=1e-3)
    assert clear["least"] == pytest.approx(1 / 27, abs=1e-3)
    # A damaged carton among the surest sound ones: nothing below may be promised.
    missed = calibration.supported(logits, [value >= 50 or value in (3, 13, 23) for value in logits])
    assert missed["least"] > 0.1


def test_what_is_no_figure_of_a_mark_is_printed_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    show("twins", {"compared_pairs": 2.0, "changed_auroc/nine": 0.25, "AP/class9": 0.5})
    told = capsys.readouterr().out
    assert "changed_auroc/nine" in told
    assert "0.2500" in told
    assert "class9" in told
    show("twins", {"changed_auroc/nine": 0.25})
    assert "corner_error" not in capsys.readouterr().out
