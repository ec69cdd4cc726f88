"""Intervals for shares and medians."""

import doctest

from monitor import intervals
from monitor.intervals import median_interval, wilson


def test_the_examples() -> None:
    assert doctest.testmod(intervals).failed == 0


def test_shares_stay_within_nothing_and_all() -> None:
    assert wilson(0, 0) is None
    assert wilson(0, 20) == (0.0, 0.1611)
    assert wilson(20, 20) == (0.8389, 1.0)


def test_a_median_of_few_cannot_be_told() -> None:
    assert median_interval([1, 2, 3, 4, 5]) is None
    assert median_interval([6, 1, 5, 2, 4, 3]) == (1, 6)
    assert median_interval(range(101)) == (39, 61)
