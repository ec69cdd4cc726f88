"""The days of a simulated time: months, working days, holidays; and when in the week and the day a feed delivers.

Moments are whole seconds since 1970 by Shanghai's clock; days and months are numbers as in `streams.moments`.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cached_property, lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from streams.errors import UnusableError
from streams.moments import date_of, day_number

DAY = 86400
_NEW_YEAR = {
    2015: (2, 19), 2016: (2, 8), 2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12),
    2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26),
    2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
    2036: (1, 28), 2037: (2, 15), 2038: (2, 4), 2039: (1, 24), 2040: (2, 12),
}  # fmt: skip
"""The first day of the Spring Festival."""


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[int]:
    """The days on which offices are closed, weekends aside."""
    stretches = [
        (date(year, *_NEW_YEAR[year]) - timedelta(days=1), 8),
        (date(year, 1, 1), 1),
        (date(year, 4, 4), 3),
        (date(year, 5, 1), 5),
        (date(year, 10, 1), 7),
    ]
    return frozenset(day_number(first) + n for first, length in stretches for n in range(length))


@lru_cache(maxsize=8192)
def is_workday(day: int) -> bool:
    """Offices are open."""
    when = date_of(day)
    return when.weekday() < 5 and day not in holidays(when.year)


def next_workday(day: int) -> int:
    """This day, or the first after it on which offices are open."""
    while not is_workday(day):
        day += 1
    return day


@lru_cache(maxsize=8192)
def month_number(day: int) -> int:
    """The month that holds a day."""
    when = date_of(day)
    return when.year * 12 + when.month - 1


@lru_cache(maxsize=1024)
def first_day(month: int) -> int:
    """The first day of a month."""
    return day_number(date(month // 12, month % 12 + 1, 1))


def last_day(month: int) -> int:
    """The last day of a month."""
    return first_day(month + 1) - 1


def is_july(month: int) -> bool:
    """The month in which bases and pensions are adjusted."""
    return month % 12 == 6


class Span:
    """The simulated time: `days` days from `start` on."""

    def __init__(self, start: date, days: int) -> None:
        if days < 1:
            raise UnusableError(f"--days {days}: a county needs at least one day")
        end = start + timedelta(days=days)
        if start.year < min(_NEW_YEAR) + 1 or end.year > max(_NEW_YEAR) - 1:
            raise UnusableError(f"--start {start}, --days {days}: only days from 2016 to 2039 can be simulated")
        self.first = day_number(start)
        self.end = self.first + days
        """The first day after the time."""

    @property
    def days(self) -> int:
        """How many days."""
        return self.end - self.first

    @cached_property
    def months(self) -> range:
        """The months whose first day lies within the time; of a time without any, the month that it begins in."""
        first = month_number(self.first)
        if first_day(first) < self.first and first_day(first + 1) < self.end:
            first += 1
        return range(first, month_number(self.end - 1) + 1)

    def some_day(self, rng: Random, margin: int = 10, after: int = 5) -> int:
        """A day within the time, `after` days from its beginning and `margin` days before its end."""
        low = min(self.first + after, self.end - 1)
        return rng.randint(low, max(low, self.end - 1 - margin))


OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 6, 10, 10, 8, 2, 3, 8, 10, 9, 6, 2, 0.5, 0.2, 0.1, 0, 0)
HOSPITAL_HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 8, 5, 5, 8, 9, 8, 6, 4, 3, 3, 2, 2, 1)
BATCH_HOURS = (0.5, 4, 8, 8, 4, 1, 0.5, 1, 4, 5, 5, 4, 1.5, 2, 4, 5, 4, 3, 1, 0.5, 0.5, 0.5, 0.5, 0.5)


def hour_of_day(weights: Sequence[float], rng: Random) -> int:
    """A second of the day by the weights of its hours."""
    return rng.choices(range(24), weights)[0] * 3600 + rng.randrange(3600)


def rates(span: Span, rhythm: str, monthly: bool) -> NDArray[np.float64]:
    """How much of a feed's records comes in each hour of the time; sums to 1."""
    hours = np.array({"office": OFFICE_HOURS, "hospital": HOSPITAL_HOURS, "batch": BATCH_HOURS}[rhythm], dtype=float)
    weights = np.empty(span.days)
    for n in range(span.days):
        day = span.first + n
        when = date_of(day)
        if rhythm == "hospital":
            weight = 0.45 if day in holidays(when.year) else (1, 1, 1, 1, 1, 0.7, 0.55)[when.weekday()]
        else:
            weight = 1.0 if is_workday(day) else 0.04
        if monthly:
            weight *= 1.0 if 5 <= when.day <= 20 else 0.3
        weights[n] = weight
    by_hour: NDArray[np.float64] = np.outer(weights, hours / (weights.sum() * hours.sum())).ravel()
    return by_hour
