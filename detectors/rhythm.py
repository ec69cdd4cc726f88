"""A cell's rhythm: how many records an hour of the week and a day of the month use to bring."""

import msgspec

HOURS = 168
_DAYS = 32
_WEEKLY = 0.15
_MONTHLY = 0.35
_NEAR_HOURS = 3
_NEAR_DAYS = 2
_KNOWN = 4
"""After so many weeks a single great count is learned only in part."""
_MOST = 2
_SHANGHAI = 8
_THURSDAY = 3


def hour_of_week(hour: int) -> int:
    """0 is Monday's first hour in Shanghai, of an hour counted from 1970-01-01T00:00Z."""
    return (hour + _SHANGHAI + _THURSDAY * 24) % HOURS


class Rhythm(msgspec.Struct, array_like=True):
    """Expected counts by hour of the week, and how much more or less the days of the month bring."""

    weekly: list[float] = msgspec.field(default_factory=lambda: [0.0] * HOURS)
    seen: list[int] = msgspec.field(default_factory=lambda: [0] * HOURS)
    empty: list[float] = msgspec.field(default_factory=lambda: [1.0] * HOURS)
    """How often the hour of the week brought nothing: a single great count does not make silence remarkable."""
    monthly: list[float] = msgspec.field(default_factory=lambda: [1.0] * _DAYS)
    day: int = 0
    came: float = 0.0
    awaited: float = 0.0

    def expected(self, hour: int, day: int) -> float:
        """The count of this hour, on this day of the month."""
        return self.weekly[hour_of_week(hour)] * self.monthly[day]

    def emptiness(self, hour: int) -> float:
        """How often this hour of the week brings nothing."""
        return self.empty[hour_of_week(hour)]

    def most(self, hour: int, day: int) -> float:
        """The greatest count that is usual about this hour and day: a batch may come a little early or late."""
        at = hour_of_week(hour)
        weekly = max(self.weekly[(at + shift) % HOURS] for shift in range(-_NEAR_HOURS, _NEAR_HOURS + 1))
        weekly = max(weekly, self.weekly[(at - 24) % HOURS], self.weekly[(at + 24) % HOURS])
        near = range(max(1, day - _NEAR_DAYS), min(31, day + _NEAR_DAYS) + 1)
        return weekly * max(self.monthly[other] for other in near)

    def learn_one(self, hour: int, day: int, count: float) -> None:
        """Take an hour's count in."""
        at = hour_of_week(hour)
        factor = max(self.monthly[day], 0.05)
        seen = self.seen[at]
        if count and seen >= _KNOWN:
            count = min(count, _MOST * self.most(hour, day) + _KNOWN)
        weight = max(_WEEKLY, 1 / (seen + 1))
        trust = min(1.0, factor)  # a day that brings little says little about its hour
        self.weekly[at] += weight * trust * (count / factor - self.weekly[at])
        self.empty[at] += weight * ((count == 0) - self.empty[at])
        self.seen[at] = min(seen + 1, 255)
        if day != self.day:
            self._end_day()
            self.day = day
        self.came += count
        self.awaited += self.weekly[at]

    def _end_day(self) -> None:
        """A day is over: how much it brought, compared with its weekday."""
        if self.awaited > 1 and self.day:
            ratio = min(20.0, self.came / self.awaited)
            self.monthly[self.day] += _MONTHLY * (ratio - self.monthly[self.day])
        self.came = self.awaited = 0.0
