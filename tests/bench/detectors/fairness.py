"""Whether groups of people bear equal shares of false alarms, standardised by what is watched of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import sqrt

from detectors.signals import Signal
from tests.bench.detectors.county import County, Person

FEW = 10.0
"""With fewer expected false alarms a ratio says nothing."""


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

    def rows(self) -> list[tuple[str, str, int, float, float, float]]:
        """Dimension, group, seen, expected, their ratio, and its standard error."""
        return [
            (*group, self.seen[group], expected, self.seen[group] / expected, sqrt(max(1, self.seen[group])) / expected)
            for group, expected in sorted(self.expected.items())
            if expected >= FEW
        ]


def groups(person: Person, region: str) -> list[tuple[str, str]]:
    """The groups a person belongs to."""
    band = "under 40" if person.age < 40 else "40 to 59" if person.age < 60 else "60 and over"
    return [("sex", person.sex), ("age", band), ("region", region)]


def _kind(feed: str) -> str:
    return feed if feed in ("medical", "pensions", "taxes") else "contributions"
