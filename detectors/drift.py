"""income-drift: a slow steady rise that no single month shows."""

from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

from detectors.own_past import FLOOR
from detectors.series import WARM_UP, Values

LONGEST = 10
"""Periods of a line at most."""
_PAST = 4
"""So many values before the line show where it began to rise from,"""
_LONGEST_PAST = 12
"""and so many are enough."""
_STEP_SLACK = 2.0
"""How much worse than a step a line may explain unsteady values, in variances of the past."""


class Drift(NamedTuple):
    """A level that begins to rise. `rise` is its height above the past on the logarithmic scale."""

    onset: int
    confirmed: int
    rise: float
    score: float
    """The rise, in its standard errors."""


def drift(values: Values, resets: tuple[int, ...], first: int, least_periods: int, steady_share: float) -> Drift | None:
    """The line that rises out of a level up to the latest value, if it explains the values better than a single step.

    At least `steady_share` of the line's steps must go up, or else a few steps are only spread over it. None in the
    first six months, with too few values, and where a step explains more.
    """
    count = len(values.periods)
    since = bisect_left(values.periods, max(resets)) if resets else 0
    if count - since < least_periods + _PAST or values.periods[-1] - first < WARM_UP:
        return None
    since = max(since, count - LONGEST - _LONGEST_PAST)
    periods, levels = values.periods[since:], values.levels[since:]
    past = levels[:-least_periods]
    if (levels[-1] + levels[-2]) / 2 - _middle(past) < FLOOR:
        return None
    noise, best = _noise(past), None
    for size in range(least_periods, min(LONGEST, len(levels) - _PAST) + 1):
        found = _hinge(periods, levels, size, noise, steady_share)
        if found is not None and (best is None or found.score > best.score):
            best = found
    return best


def _hinge(periods: list[int], levels: list[float], size: int, noise: float, steady_share: float) -> Drift | None:
    """Level, then a line: fitted at once, for where the level was tells as much as the line itself."""
    count = len(levels)
    before = count - size
    mean = sum(levels) / count
    weight = size * (size + 1) / 2
    spread = size * (size + 1) * (2 * size + 1) / 6 - weight * weight / count
    slope = (sum(index * level for index, level in enumerate(levels[before:], start=1)) - weight * mean) / spread
    if slope <= 0 or not _steady(levels[before:], slope, steady_share, noise):
        return None
    around = sum((level - mean) ** 2 for level in levels)
    rest = max(0.0, around - slope * slope * spread)
    if rest > 0.8 * _single_step(levels, around, mean) + _STEP_SLACK * noise:
        return None
    error = (max(rest / (count - 2), noise, FLOOR * FLOOR / 4) / spread) ** 0.5
    past = sorted(levels[:before])
    above = (levels[-1] + levels[-2]) / 2 - past[-1 - len(past) // 5]
    return Drift(periods[before], periods[-1], min(slope * size, above), slope / error)


def _steady(line: list[float], slope: float, share: float, noise: float) -> bool:
    """The steps go up: single ones where they can be seen, those from third to third in unsteady values."""
    if noise < slope * slope:
        return sum(after - before > slope / 4 for before, after in pairwise(line)) >= share * (len(line) - 1)
    third = len(line) // 3
    low, high = sum(line[:third]) / third, sum(line[-third:]) / third
    middle = line[third:-third]
    return low < sum(middle) / len(middle) < high


def _single_step(levels: list[float], around: float, mean: float) -> float:
    """What the best single step leaves unexplained."""
    count, before, least = len(levels), 0.0, around
    for index, level in enumerate(levels[:-1], start=1):
        before += level - mean
        least = min(least, around - before * before * count / (index * (count - index)))
    return least


def _middle(levels: list[float]) -> float:
    return sorted(levels)[len(levels) // 2]


def _noise(levels: list[float]) -> float:
    """The variance around the level in the past, from step to step; the greatest step is left out."""
    steps = sorted([(after - before) ** 2 for before, after in pairwise(levels)])[:-1]
    return sum(steps) / (2 * len(steps)) if steps else 0.0
