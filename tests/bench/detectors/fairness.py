"""Whether groups of people bear equal shares of false alarms, standardised by what is watched of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from detectors.signals import Signal
from tests.bench.detectors.county import County, Person

FEW = 10.0
"""With fewer expected false alarms a ratio says nothing."""
LEAST, MOST = 0.8, 1.25
"""A group's share of false alarms may lie between these, the whole being 1."""


class Row(NamedTuple):
    """A group's false alarms beside what is watched of it; `low` and `high` bound the ratio's 95 % interval."""

    dimension: str
    group: str
    seen: int
    expected: float
    ratio: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """What the counts allow to say."""
        if self.high < LEAST or self.low > MOST:
            return "outside"
        return "within" if self.low >= LEAST and self.high <= MOST else "too few to say"


@dataclass
class Shares:
    """False alarms about persons by group, seen and expected."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    expected: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, county: County, wrong: list[Signal]) -> None:
        """Take a run in: of each kind of record, false alarms are expected where such records are."""
        watched: Counter[tuple[str, str]] = Counter()
        region = {}
        for _, household, change in county.arrivals:
            watched[change.person, _kind(change.feed)] += 1
            region[change.person] = county.lines[household][0].county
        totals: Counter[str] = Counter()
        for (_, kind), count in watched.items():
            totals[kind] += count
        alarms = Counter(_kind(signal.feeds[0]) for signal in wrong if signal.person)
        for (name, kind), count in watched.items():
            for group in groups(county.people[name], region[name]):
                self.expected[group] += alarms[kind] * count / totals[kind]
        for signal in wrong:
            if signal.person:
                self.seen.update(groups(county.people[signal.person], region[signal.person]))

    def rows(self) -> list[Row]:
        """The groups of which enough is expected."""
        return [
            Row(*group, self.seen[group], expected, self.seen[group] / expected, *_interval(self.seen[group], expected))
            for group, expected in sorted(self.expected.items())
            if expected >= FEW
        ]


def _interval(seen: int, expected: float) -> tuple[float, float]:
    """The 95 % interval of a ratio of counts to what is expected, the counts taken as Poisson's, by Byar's formula."""
    more = seen + 1
    low = seen * (1 - 1 / (9 * seen) - 1.96 / (3 * sqrt(seen))) ** 3 if seen else 0.0
    high = more * (1 - 1 / (9 * more) + 1.96 / (3 * sqrt(more))) ** 3
    return low / expected, high / expected


def groups(person: Person, region: str) -> list[tuple[str, str]]:
    """The groups a person belongs to."""
    band = "under 40" if person.age < 40 else "40 to 59" if person.age < 60 else "60 and over"
    return [("sex", person.sex), ("age", band), ("region", region)]


def _kind(feed: str) -> str:
    return feed if feed in ("medical", "pensions", "taxes") else "contributions"
