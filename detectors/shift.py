"""feed-shift: values, matches or refusals of another scale: yuan became fen, a code changed, half is refused."""

import math
from collections import deque
from typing import NamedTuple

import msgspec
from river import stats

WINDOW = 24
"""Hours that are judged together,"""
LONGEST = 72
"""and how many more of them where a day brings too few records."""
_FADING = 0.1
_FLOOR = 1e-3
_LEAST_DAYS = 20


class Level(msgspec.Struct, array_like=True):
    """A quantity's level day by day: River's exponentially weighted means, kept as plain numbers."""

    mean: float = 0.0
    between: float = 0.0
    """The variance of the days' means, beyond what so few records bring by chance."""
    within: float = 0.0
    """The variance of single values around their day's mean."""
    days: int = 0

    def learn_one(self, value: float, within: float, records: int) -> None:
        """Take a day in, with the variance of its single values and their number."""
        strayed = max(0.0, (value - self.mean) ** 2 - within / records) if self.days else 0.0
        self.between = self._faded(self.between, strayed)
        self.within = self._faded(self.within, within)
        self.mean = self._faded(self.mean, value)
        self.days += 1

    def _faded(self, known: float, latest: float) -> float:
        mean = stats.EWMean(_FADING)
        if self.days:
            mean.update(known)
        mean.update(latest)
        faded: float = mean.get()
        return faded


class Hour(msgspec.Struct, array_like=True, frozen=True):
    """What an hour brought: number of values with their log sums, of records, matches and refusals."""

    hour: int
    values: int
    logs: float
    squares: float
    deliveries: int
    matched: int
    refused: int


class Judged(NamedTuple):
    """A quantity's last day against its level. Levels are logarithms of values, or logits of shares."""

    quantity: str
    expected: float
    came: float
    deviations: float
    records: int


def judge(name: str, level: Level, hours: "deque[Hour] | list[Hour]", least: float, ratio: float) -> Judged | None:
    """The quantity of these hours against its level; None if too little is known or too few came.

    `ratio` is the smallest that counts, for values; shares must move as far on the logit scale.
    """
    found = measure(name, hours) if level.days >= _LEAST_DAYS else None
    if found is None:
        return None
    came, variance, records = found
    if records < least:
        return None
    if name == "values":
        variance = max(variance, level.within) / records
    error = math.sqrt(variance + level.between + _FLOOR)
    distance = came - level.mean
    deviations = distance / error if abs(distance) >= math.log(ratio) else 0.0
    return Judged(name, level.mean, came, deviations, records)


def measure(name: str, hours: "deque[Hour] | list[Hour]") -> tuple[float, float, int] | None:
    """Level, variance and number of records of a quantity: `values`, `matches` or `refusals`."""
    if name == "values":
        count = sum(hour.values for hour in hours)
        if not count:
            return None
        mean = sum(hour.logs for hour in hours) / count
        return mean, max(0.0, sum(hour.squares for hour in hours) / count - mean * mean), count
    total = sum(hour.deliveries for hour in hours)
    if not total:
        return None
    part = sum(hour.matched if name == "matches" else hour.refused for hour in hours)
    yes, no = part + 0.5, total - part + 0.5
    return math.log(yes / no), 1 / yes + 1 / no, total


def latest(hours: list[Hour], now: int, least: float) -> list[Hour]:
    """The hours to judge: the last day, and those before it while they hold too few records."""
    count, kept = 0, 0
    for past in reversed(hours):
        if past.hour <= now - LONGEST or (past.hour <= now - WINDOW and count >= least):
            break
        count += past.deliveries
        kept += 1
    return hours[len(hours) - kept :]


def began(name: str, hours: "deque[Hour] | list[Hour]", expected: float) -> int:
    """Since which hour, without a break up to the last one, the hours were nearer to the last than to the expected."""
    begin, latest = hours[-1].hour, measure(name, [hours[-1]])
    if latest is None:
        return begin
    for past in reversed(hours):
        found = measure(name, [past])
        if found is not None:
            if abs(found[0] - expected) < abs(found[0] - latest[0]):
                break
            begin = past.hour
    return begin


def shown(name: str, level: float) -> str:
    """A level as people read it: an amount, or a share."""
    if name == "values":
        return f"{math.exp(level):,.4g}"
    return f"{100 / (1 + math.exp(-level)):.1f} %"
