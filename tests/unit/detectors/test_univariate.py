"""The general detector keeps the promises of the others."""

import math

import pytest

from detectors.faded import MOST, Faded
from detectors.univariate import Univariate
from tests.bench.nab.scoring import FALSE_ALARM, points, position_worth, score


def wave(row: int) -> float:
    """A number with a rhythm of the day, unsteady in a way that is the same every time."""
    return 100 + 20 * math.sin(row % 24 / 24 * 2 * math.pi) + (row * 7919 % 101) / 25


def run(values: list[float], detector: Univariate | None = None, first: int = 0) -> list[float]:
    detector = detector or Univariate()
    scores = []
    for row, value in enumerate(values, start=first):
        scores.append(detector.score_one(value, row % 24))
        detector.learn_one(value, row % 24)
    return scores


USUAL = [wave(row) for row in range(900)]


@pytest.mark.parametrize(
    "values",
    [
        [*USUAL[:700], 400.0, *USUAL[701:]],
        [*USUAL[:700], *(value + 60 for value in USUAL[700:])],
        [*USUAL[:700], *[USUAL[700]] * 200],
    ],
    ids=["spike", "level", "flat"],
)
def test_what_is_unusual_scores_higher_than_anything_usual(values: list[float]) -> None:
    usual, unusual = run(USUAL), run(values)
    assert unusual[:700] == usual[:700]
    assert max(unusual[700:]) > 1.1 * max(usual[400:])


def test_is_the_same_after_saving_and_loading_at_any_point() -> None:
    whole, parts, detector = run(USUAL), [], Univariate()
    for begin in range(0, 900, 37):
        parts += run(USUAL[begin : begin + 37], detector, begin)
        detector = Univariate.decode(detector.encode())
    assert parts == whole


def test_does_not_depend_on_the_unit() -> None:
    assert run([value * 128 for value in USUAL]) == pytest.approx(run(USUAL), rel=0.05)
    assert run([value / 128 for value in USUAL]) == pytest.approx(run(USUAL), rel=0.05)


def test_scoring_learns_nothing() -> None:
    detector = Univariate()
    run(USUAL[:300], detector)
    packed = detector.encode()
    assert detector.score_one(1e6, 3) > 1
    assert detector.encode() == packed


def test_a_constant_series_never_alarms_and_the_beginning_is_silent() -> None:
    assert set(run([5.0] * 500)) == {0.0}
    assert set(run([0.0] * 500)) == {0.0}
    assert set(run([1.0, 900.0, -3.0, 70.0])) == {0.0}


def test_memory_is_bounded() -> None:
    short, long = Univariate(), Univariate()
    run(USUAL, short)
    run([wave(row) for row in range(9000)], long)
    assert len(long.encode()) < 1.2 * len(short.encode()) < 6000


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    for method in (Univariate().score_one, Univariate().learn_one):
        with pytest.raises(ValueError, match="finite"):
            method(value)


def test_an_old_version_is_learned_anew() -> None:
    assert Univariate.decode(None) == Univariate.decode(b"\x90\x00") == Univariate()


def test_after_a_constant_stretch_a_change_is_far_but_not_infinitely() -> None:
    level = Faded()
    for _ in range(50):
        level.learn_one(0.0, 0.01)
    assert level.score_one(0.0) == 0
    assert level.score_one(-1e-9) == -MOST


def test_the_benchmarks_scoring() -> None:
    """A window of ten rows in the middle of two hundred."""
    assert position_worth(-1) == pytest.approx(0.98661, abs=1e-5)
    assert position_worth(0) == 0
    windows = [(100, 109)]
    at = [0.0] * 200
    at[100] = 1.0
    assert score(points(at, windows, 0)).score == pytest.approx(100)
    at[50] = 1.0  # a false alarm far from any window
    assert score(points(at, windows, 0)).score == pytest.approx(100 - 50 * FALSE_ALARM)
    late = [float(row == 109) for row in range(200)]
    assert 50 < score(points(late, windows, 0)).score < 75
    learning = [float(row == 10) for row in range(200)]  # within the first 15 %, which does not count
    assert score(points(learning, windows, 0)).score == 0
    assert score(points([0.5] * 200, windows, 0)).score == 0
