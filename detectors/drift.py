"""income-drift: a slow steady rise that no single month shows."""

from itertools import pairwise
from typing import NamedTuple

from detectors.income import Values
from detectors.own_past import FLOOR
from detectors.series import WARM_UP

LONGEST = 10
_PAST = 4
"""So many values before the line show where it began to rise from."""


class Drift(NamedTuple):
    """A line through the latest values. `rise` is its height from end to end on the logarithmic scale."""

    onset: int
    confirmed: int
    rise: float
    score: float
    """The rise, in standard errors of the line."""


def drift(values: Values, resets: tuple[int, ...], first: int, least_periods: int, steady_share: float) -> Drift | None:
    """The line through the last values, if it explains them better than any single step does.

    At least `steady_share` of the single steps must go up, or else a few steps are only spread over the window.
    The end must also lie above the past before the line. None in the first six months, with too few values, and where
    a step explains more.
    """
    begin = max(resets, default=0)
    known = [pair for pair in values if pair[0] >= begin]
    best: Drift | None = None
    if not known or known[-1][0] - first < WARM_UP:
        return None
    for size in range(least_periods, min(LONGEST, len(known) - _PAST) + 1):
        past, window = known[:-size], known[-size:]
        if window[-1][1] <= window[0][1]:
            continue
        found = _line(window, steady_share, past)
        if found is None or (best is not None and found.score <= best.score):
            continue
        before = sorted(level for _, level in past[-LONGEST:])
        above = (window[-1][1] + window[-2][1]) / 2 - before[-1 - len(before) // 5]
        best = found._replace(rise=min(found.rise, above))
    return best


def _line(window: Values, steady_share: float, past: Values) -> Drift | None:
    count = len(window)
    levels = [level for _, level in window]
    mean = sum(levels) / count
    middle = (count - 1) / 2
    spread = count * (count * count - 1) / 12
    slope = sum((index - middle) * level for index, level in enumerate(levels)) / spread
    if slope <= 0:
        return None
    steady = sum(after - before > slope / 4 for before, after in pairwise(levels))
    if steady < steady_share * (count - 1):
        return None
    around = sum((level - mean) ** 2 for level in levels)
    rest = max(0.0, around - slope * slope * spread)
    if rest > 0.8 * _single_step(levels, around, mean):
        return None
    error = ((max(rest / (count - 2), _noise(past)) + FLOOR * FLOOR / 4) / spread) ** 0.5
    return Drift(window[0][0], window[-1][0], slope * (count - 1), slope / error)


def _single_step(levels: list[float], around: float, mean: float) -> float:
    """What the best single step leaves unexplained."""
    count, before, least = len(levels), 0.0, around
    for index, level in enumerate(levels[:-1], start=1):
        before += level - mean
        least = min(least, around - before * before * count / (index * (count - index)))
    return least


def _noise(past: Values) -> float:
    """The variance around the level in the past, from step to step; the greatest step is left out."""
    steps = sorted((after[1] - before[1]) ** 2 for before, after in pairwise(past[-LONGEST:]))[:-1]
    return sum(steps) / (2 * len(steps)) if steps else 0.0
